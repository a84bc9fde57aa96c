"""Faults of market data: bars, marks or rates of one thing that are taken for those of another."""

from __future__ import annotations

from tools.fault import Fault

_ALIKE = "tests/runtime/market/test_alike.py"
_CONTAINERS = "tests/runtime/market/imports/test_containers.py"
_LAYOUTS = "tests/runtime/market/imports/test_layouts.py"
_DOWNLOAD = "tests/runtime/market/test_download.py"
_AGREEMENT = "tests/runtime/market/test_agreement.py"
_NAMES = "tests/runtime/market/test_file_names.py"
_CLAIMS = "tests/runtime/market/imports/test_claims.py"
_PLAIN = "tests/runtime/market/imports/test_plain_text.py"

DATA_FAULTS: tuple[Fault, ...] = (
    Fault(
        "piece-without-its-neighbour", "a row is held against the one before it wherever columns are cut",
        "runtime/market/whole_columns.py", "rows.slice(start, PIECE_ROWS + 1)", "rows.slice(start, PIECE_ROWS)",
        ("tests/runtime/market/test_whole_columns.py",),
    ),
    Fault(
        "arrow-holds-bytes-of-python", "no thread of Arrow holds a Python object while the interpreter ends",
        "runtime/market/imports/arrow_memory.py", "    return pa.BufferReader(copy.getvalue())", "    return pa.BufferReader(data)",
        ("tests/runtime/market/imports/test_arrow_memory.py",),
    ),
    Fault(
        "made-up-price-of-nothing", "a made-up price falls to one tick and no further",
        "runtime/market/synthetic.py", "max(1, round(price / spec.tick))", "round(price / spec.tick)",
        ("tests/runtime/market/test_synthetic.py",),
    ),
    Fault(
        "made-up-price-off-the-tick", "made-up prices lie on the tick, whatever its digits",
        "runtime/market/synthetic.py", "    decimals = decimals_of(spec.tick)\n", "    decimals = max(0, round(-math.log10(spec.tick)))\n",
        ("tests/runtime/market/test_synthetic.py",),
    ),
    Fault(
        "spare-normal-thrown-away", "normal numbers come two at a time and none is lost",
        "runtime/market/synthetic.py", "self.spare = drawn.pop() if len(drawn) > count else None", "del drawn[count:]",
        ("tests/runtime/market/test_synthetic.py",),
    ),
    Fault(
        "more-digits-than-a-double", "a number is read by machine code only where its one division rounds once",
        "runtime/market/imports/plain_rows.py", "if at[_VALUE] > _MOST_EXACT:", "if False:", (_PLAIN,),
    ),
    Fault(
        "text-cut-inside-a-line", "a text is cut into parts where lines begin",
        "runtime/market/imports/plain_text.py", 'text.find(b"\\n", begin) + 1 or end', "begin", (_PLAIN,),
    ),
    Fault(
        "volume-by-its-first-rows", "a column of numbers is one of doubles, also where its first rows have no decimals",
        "runtime/market/imports/sources.py", "elif place not in doubles and", "elif", (_PLAIN,),
    ),
    Fault(
        "bars-stored-by-dictionary", "bars are stored by the bytes of their numbers, times by their steps",
        "runtime/market/bar_files.py", "            use_dictionary=False,\n            column_encoding={name: _ENCODINGS[name] for name in table.column_names},\n",
        "", ("tests/runtime/market/test_store.py",),
    ),
    Fault(
        "quotes-of-no-account", "a text whose cells stand in quotes is read without them",
        "runtime/market/imports/sources.py", 'text.find(b\'"\', first) >= 0', 'text.find(b\'"\', first) >= len(text)',
        ("tests/runtime/market/imports/test_arrow_memory.py",),
    ),
    Fault(
        "pandas-with-every-command", "a command that reads bars starts without pandas",
        "tools/cli.py", "    keep_pandas_out()\n", "",
        ("tests/tools/test_lean_arrow.py",),
    ),
    Fault(
        "arrow-asked-too-early", "a library that loads pandas loads in a command, too",
        "tools/lean_arrow.py", 'if "pandas" in sys.modules:', "if False:",
        ("tests/tools/test_lean_arrow.py",),
    ),
    Fault(
        "feather-read-twice", "whose a feather file is, is read from the columns that say so alone",
        "runtime/market/bar_files.py", "feather.read_table(path, columns=columns) if columns else None",
        "feather.read_table(path)", ("tests/runtime/market/test_store.py",),
    ),
    Fault(
        "bars-inside-themselves", "finer bars are finer than the bars they are looked at through",
        "runtime/market/sides.py", "    if loaded.frame.timeframe == data.exec.timeframe:\n", "    if False:\n",
        ("tests/runtime/market/test_agreement.py",),
    ),
    Fault(
        "any-finer-bars", "the timeframe a card walks through is held against the finer bars given",
        "runtime/market/assemble.py", "    if asked.intrabar is not Intrabar.MAGNIFY or tf is None or fine is None:\n",
        "    if True:\n", ("tests/runtime/market/test_agreement.py",),
    ),
    Fault(
        "traded-prices-for-marks", "what says it holds traded prices is no series of mark prices",
        "runtime/market/agreement.py", "    if price == PriceKind.LAST and _is_told(identity):\n", "    if False:\n",
        ("tests/runtime/market/test_agreement.py",),
    ),
    Fault(
        "close-times-for-open-times", "bars that a program stamps at their close are asked about",
        "runtime/market/imports/read.py", "roles.layout.closes and not asked.closes", "False", (_LAYOUTS,),
    ),
    Fault(
        "contracts-for-coins", "trades counted in contracts are refused unless the size is named",
        "runtime/market/imports/read.py", "    if symbol is not None:\n        size", "    if False:\n        size",
        (_LAYOUTS,),
    ),
    Fault(
        "time-for-volume", "in a file without names an average price lies between low and high: it is no volume, no time",
        "runtime/market/imports/columns.py", "if any(\n            a and not low <= a <= high", "if any(\n            False and not low <= a <= high",
        (_CONTAINERS,),
    ),
    Fault(
        "numbering-for-times", "a data frame's own numbering is no time",
        "runtime/market/imports/json_shapes.py", "{} if numbered else {\"time\": key}", "{\"time\": key}", (_CONTAINERS,),
    ),
    Fault(
        "pickle-for-text", "a file that holds no table is called by what it is",
        "runtime/market/imports/containers.py", "    _refuse_others(name, raw, head)\n", "", (_CONTAINERS,),
    ),
    Fault(
        "turnover-for-volume", "of a volume and an amount that prove nothing neither is taken",
        "runtime/market/imports/columns.py", "if is_bars and role is ColumnRole.SIZE:", "if False:", (_LAYOUTS,),
    ),
    Fault(
        "imported-rates-downloaded", "rates that were imported are never taken for a download",
        "runtime/market/rates.py", "origin=next(origin for origin in _WEAKEST if origin in origins)",
        "origin=DataOrigin.DOWNLOADED", (_CLAIMS, _DOWNLOAD),
    ),
    Fault(
        "download-over-an-import", "a download beside imported bars makes no download of them",
        "runtime/market/download.py", "before if was_imported else _identity(job)", "_identity(job)", (_DOWNLOAD,),
    ),
    Fault(
        "tick-for-imported-rates", "imported rates earn no tick in the result",
        "runtime/reports/trust.py", "if side[\"origin\"] == DataOrigin.IMPORTED:",
        "if side[\"origin\"] == DataOrigin.IMPORTED and what != \"funding\":",
        ("tests/runtime/reports/test_trust.py",),
    ),
    Fault(
        "decimals-off-by-one", "a decimal of Parquet is the number that its digits are as text",
        "runtime/market/imports/cells.py", "pc.cast(pc.cast(column, pa.string()), pa.float64())",
        "pc.cast(column, pa.float64())", ("tests/runtime/market/imports/test_read.py",),
    ),
    Fault(
        "column-of-coins-unheard", "every column that names a coin is heard, by import and by run",
        "runtime/market/symbol_cells.py", "known = (*SYMBOL_NAMES, *MAYBE_NAMES)", "known = SYMBOL_NAMES[:4]", (_CLAIMS,),
    ),
    Fault(
        "two-columns-two-coins", "of two columns that name different coins an import takes neither",
        "runtime/market/imports/columns.py", "    if which is not None:\n", "    if False:\n", (_CLAIMS,),
    ),
    Fault(
        "venue-in-a-symbol", "a venue in a file's name is no part of the symbol",
        "runtime/market/file_names.py", "found is not None and found[1] not in VENUES", "found is not None",
        (_LAYOUTS,),
    ),
    Fault(
        "leap-at-the-seam", "bars of another instrument are never joined to a series",
        "runtime/market/imports/seams.py", "    if not leaps:\n        return", "    if True:\n        return",
        (_CLAIMS,),
    ),
    Fault(
        "basis-at-the-seam", "bars of another market do not go on where every bar opens at the last close",
        "runtime/market/imports/seams.py", "if fault is not None:", "if False:", (_CLAIMS,),
    ),
    Fault(
        "name-unheard", "a file named by another symbol is asked about",
        "runtime/market/imports/claims.py", "    if hinted is not None:\n        yield hinted, \"its name\"\n",
        "", (_CLAIMS,),
    ),
    Fault(
        "thousand-of-a-coin", "a multiple of a coin is another symbol",
        "runtime/market/whose.py", "return word == name or any(word + quote == name for quote in _QUOTES)",
        "return word.endswith(name) or any(word + quote == name for quote in _QUOTES)", (_CLAIMS,),
    ),
    Fault(
        "made-up-by-import-real", "what is made up stays made up wherever it is imported",
        "runtime/market/imports/claims.py", "origin=DataOrigin.MADE_UP if made_up else DataOrigin.IMPORTED",
        "origin=DataOrigin.IMPORTED", (_CLAIMS,),
    ),
    Fault(
        "marks-for-trades", "an import never turns marks into trades",
        "runtime/market/imports/claims.py", "if (part.kind is FileKind.MARK) != (held.price is PriceKind.MARK):",
        "if False:", (_CLAIMS,),
    ),
    Fault(
        "month-for-a-minute", "1M is a month", "compiler/catalog/timeframes.py",
        "if text.strip() == MONTH:", "if False:", (_CLAIMS,),
    ),
    Fault(
        "finer-of-another", "finer bars make the coarser ones, or are refused",
        "runtime/market/alike.py", '    raise DataError(f"{what}. {_why_off(fine, bars, slack)}")',
        "    return (what,)", (_CLAIMS,),
    ),
    Fault(
        "download-goes-on-from-another", "a download never goes on from another series",
        "runtime/market/download.py", "        if rows[ts] != fresh[ts]:", "        if False:", (_DOWNLOAD,),
    ),
    Fault(
        "testnet-for-the-venue", "the test network is a venue of its own",
        "runtime/market/download.py", "return store_path(store, job.venue, job.symbol, name)",
        "return store_path(store, VENUE, job.symbol, name)", (_DOWNLOAD,),
    ),
    Fault(
        "trades-of-two", "trades of two instruments never become bars",
        "runtime/market/imports/trades.py",
        '    check_trades(array("d", table.column("price").to_pylist()), name)\n', "", (_CLAIMS,),
    ),
    Fault(
        "marks-of-another-hour", "mark prices follow the bars on their own clock",
        "runtime/market/alike.py", "    if moved:\n", "    if moved is None:\n", (_ALIKE,),
    ),
    Fault(
        "rates-of-another", "a side series that names another symbol is refused",
        "runtime/market/sides.py", "if held and not is_called(held, symbol):", "if False:", (_ALIKE,),
    ),
    Fault(
        "rates-of-nobody", "where nothing says whose a side series is, the result says so",
        "runtime/market/sides.py", "elif identity.stated is Stated.NOBODY:", "elif False:", (_ALIKE,),
    ),
    Fault(
        "rates-named-by-neighbours", "bars in one folder never say whose the rates beside them are",
        "runtime/market/sides.py", "    if identity.stated is not Stated.PLACE:\n        return identity\n",
        "    if beside and identity.stated is Stated.NOBODY:\n        return beside[0][1]\n", (_ALIKE,),
    ),
    Fault(
        "rates-in-a-folder-of-another", "rates in a folder whose bars are of another symbol are refused",
        "runtime/market/sides.py", "if other.symbol != identity.symbol:", "if False:", (_ALIKE,),
    ),
    Fault(
        "sides-of-another-kind", "a side series counts as of the bars' market where its identity says so",
        "runtime/reports/trust.py", 'for word in ("venue", "market", "symbol"))', 'for word in ("symbol",))',
        ("tests/runtime/reports/test_trust.py",),
    ),
    Fault(
        "sides-called-so", "a name never says that a side series is of the market of the bars",
        "runtime/reports/trust.py", 'is_named = side["stated_by"] in SURE and ', "is_named = ",
        ("tests/runtime/reports/test_trust.py",),
    ),
    Fault(
        "asked-for-another-venue", "a file of another venue than was asked for is refused",
        "runtime/market/agreement.py", "if identity.venue not in UNNAMED_VENUES:", "if False:", (_AGREEMENT,),
    ),
    Fault(
        "asked-for-another-market", "a file of another market than was asked for is refused",
        "runtime/market/agreement.py", "    if _is_assumed(identity):", "    if True:", (_AGREEMENT,),
    ),
    Fault(
        "asked-and-unsaid", "what a person alone says of bars is said as such",
        "runtime/market/agreement.py", "market=market, stated=Stated.PERSON)", "market=market)", (_AGREEMENT,),
    ),
    Fault(
        "marks-traded", "marks are never traded nor walked through as finer bars",
        "runtime/market/agreement.py", "if price == PriceKind.MARK:", "if False:", (_AGREEMENT,),
    ),
    Fault(
        "future-for-the-perpetual", "a dated future is never called the perpetual of its pair",
        "runtime/market/file_names.py", "    if _DAY.match(word):\n", "    if False:\n", (_NAMES,),
    ),
    Fault(
        "odd-word-beside-a-symbol", "a word that is not known to be harmless makes a name say nothing",
        "runtime/market/file_names.py", "    if odd:\n", "    if False:\n", (_NAMES,),
    ),
    Fault(
        "vague-name-of-another-coin", "a vague name still speaks of no other coin",
        "runtime/market/file_names.py", "return None if not self.mentions or any(fits) else self.mentions[0]",
        "return None", (_NAMES, _CLAIMS),
    ),
    Fault(
        "index-for-prices", "an index is told from traded prices by its name",
        "runtime/market/file_names.py", "        if found is not None:\n            return found\n", "", (_NAMES,),
    ),
    Fault(
        "index-imported", "a name that says another price is heard by an import",
        "runtime/market/imports/claims.py", "            _refuse_other_price(part)\n", "            pass\n", (_CLAIMS,),
    ),
    Fault(
        "token-for-a-perpetual", "a leveraged token is never stored as a perpetual",
        "runtime/market/whose.py", " or _LEVERED.match(word) is not None", "", (_NAMES,),
    ),
    Fault(
        "rows-of-nobody", "a row without a symbol beside rows that have one is of nobody",
        "runtime/market/bar_files.py", "if said.first_blank is not None:", "if False:", (_ALIKE,),
    ),
    Fault(
        "rows-of-nobody-imported", "an import never takes rows without a symbol for those that have one",
        "runtime/market/imports/read.py", "if cells.first_blank is not None:", "if False:", (_CLAIMS,),
    ),
    Fault(
        "two-columns-two-symbols", "two columns that name two symbols are no series",
        "runtime/market/bar_files.py", "    if asked is not None:", "    if False:",
        (_ALIKE,),
    ),
    Fault(
        "rates-of-two", "rates of two symbols are never one series",
        "runtime/market/bar_files.py", '        _refuse_two_symbols(path, table, "SYMBOL")\n', "        pass\n", (_ALIKE,),
    ),
    Fault(
        "one-of-two-files", "two files that say they are one series are never chosen between",
        "runtime/market/store.py", "if len(alike) > 1:", "if False:", (_ALIKE,),
    ),
    Fault(
        "in-another-folder", "what lies in another symbol's folder does not take its side series",
        "runtime/market/store.py", "    if wrong:\n", "    if False:\n", (_ALIKE,),
    ),
    Fault(
        "one-file-two-symbols", "one file is never two symbols of a run",
        "runtime/market/assemble.py", "if are_one(frame, data.exec):", "if False:", (_ALIKE,),
    ),
    Fault(
        "two-symbols-in-a-column", "a column that names two symbols is no series",
        "runtime/market/bar_files.py", "if len(words) > 1:", "if False:", (_ALIKE,),
    ),
    Fault(
        "unsaid-leap", "a leap of the price is said in the result",
        "runtime/market/assemble.py", "notes = [str(leap) for leap in leaps[:_SHOWN]]", "notes: list[str] = []",
        (_ALIKE,),
    ),
)  # fmt: skip
