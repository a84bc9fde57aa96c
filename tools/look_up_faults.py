"""Faults seeded in what a writer is told of the language, and in series that stand beside the bars."""

from __future__ import annotations

from tools.fault import Fault

LOOK_UP_FAULTS: tuple[Fault, ...] = (
    Fault(
        "no-version-is-an-old-one", "a card without a version is of the newest, and is called so",
        "compiler/parse/card.py",
        "VERSION if written == VERSION else NEWEST", "NEWEST if written == NEWEST else VERSION",
        ("tests/compiler/check/test_clock_words.py",),
    ),
    Fault(
        "funding-before-it-is-settled", "an indicator reads no funding rate before the close that settles it",
        "runtime/rules/clocks.py",
        "bisect_right(series.ts, frame.close_time(row))",
        "bisect_right(series.ts, frame.close_time(row) + frame.interval_ms)",
        ("tests/runtime/rules/test_market_stage.py", "tests/validation/test_validation_cards.py"),
    ),
    Fault(
        "unknown-counts-as-none", "an indicator of what the data do not have is unknown",
        "runtime/rules/feature_runner.py", 'and feature.source in _MAY_BE_UNKNOWN', "and False",
        ("tests/runtime/rules/test_market_stage.py",),
    ),
    Fault(
        "funding-never-negative", "an average of funding rates may be below zero",
        "compiler/lints/reasoning/signs.py", 'feature.source == "funding_rate" or ', "",
        ("tests/compiler/resolve/test_sources.py",),
    ),
    Fault(
        "a-session-reads-funding", "a card whose indicator reads funding rates is not started live",
        "runtime/rules/data_fit.py", "    reads |= {feature.source for feature in graph.features}\n", "",
        ("tests/tools/live/test_preflight.py", "tests/runtime/rules/test_data_fit.py"),
    ),    Fault(
        "every-rung-tells-its-exit", "what follows the fill of each rung of a ladder is told once",
        "compiler/graph/read_back.py", "is_alike and _all(graph, action) == _all(graph, before)", "False",
        ("tests/compiler/graph/test_read_back_3_2.py",),
    ),
    Fault(
        "timeframe-before-the-field", "a field of a higher timeframe is told as a card reads it",
        "compiler/graph/describe.py", "if at and timeframe in TIMEFRAMES else", "if not at else",
        ("tests/compiler/graph/test_read_back_3_2.py",),
    ),
    Fault(
        "a-path-of-every-timeframe", "two timeframes of one made-up market are bars of one path",
        "tools/made_market.py", "if times == 1:", "if True:", ("tests/tools/test_made_market.py",),
    ),
    Fault(
        "words-of-ladders-elsewhere", "keys of a ladder have the names that others give them",
        "compiler/parse/first_attempts.py", '"ladder": Place.LADDER, ', "",
        ("tests/compiler/findings/test_words_of_sections.py",),
    ),
    Fault(
        "no-dotted-look-up", "a field of a name is looked up by itself",
        "tools/reference_text.py", "return instead(field, among) if of_something else None", "return None",
        ("tests/tools/test_looked_up.py",),
    ),
    Fault(
        "one-of-two-lengths", "one length by its place is that of all that are alike",
        "compiler/resolve/inline.py", "if spec.like in given:", "if False:",
        ("tests/compiler/resolve/test_calls_by_place.py",),
    ),
    Fault(
        "the-place-of-another-parameter", "a number that is another parameter elsewhere is refused",
        "compiler/resolve/inline.py", "if place < 0 or not entry.params[place].not_last:", "if True:",
        ("tests/compiler/resolve/test_calls_by_place.py",),
    ),
    Fault(
        "a-name-that-others-follow", "a length by its name is its own",
        "compiler/parse/worded.py", "if spec.name in found or spec.like in found", "if spec.name in found",
        ("tests/compiler/resolve/test_calls_by_place.py",),
    ),
    Fault(
        "the-finest-marks", "mark prices of the run's own timeframe come first",
        "runtime/market/store.py", "return length != own, length > own,", "return False, length > own,",
        ("tests/runtime/market/test_marks_beside.py",),
    ),
    Fault(
        "the-first-marks", "mark prices that cover the run are taken before those that do not",
        "runtime/market/sides.py", "if best is None or read.outside < best.outside:", "if best is None:",
        ("tests/runtime/market/test_marks_beside.py",),
    ),
    Fault(
        "marks-of-others-passed-over-in-silence", "a result says which mark prices it passed over, and why",
        "runtime/market/sides.py", "for path, why in refused]", "for path, why in refused[:0]]",
        ("tests/runtime/market/test_marks_beside.py",),
    ),
    Fault(
        "one-market-of-every-symbol", "each symbol of one seed is a market of its own",
        "tools/made_market.py", "return spec.seed + zlib.crc32(spec.symbol.encode())", "return spec.seed",
        ("tests/tools/test_made_market.py",),
    ),
    Fault(
        "funding-of-the-last-market", "a shorter market beside a longer one keeps its funding",
        "tools/made_market.py", "sorted({**before, **new}.items())", "sorted(new.items())",
        ("tests/tools/test_made_market.py",),
    ),
    Fault(
        "a-made-low-is-no-open", "an extreme may be equal to what it is an extreme of",
        "compiler/check/equality.py", "or (reached is not None and is_bound)", "",
        ("tests/compiler/check/test_equality.py",),
    ),
    Fault(
        "an-extreme-of-another-column", "an extreme is equal to the column it reaches, no other",
        "compiler/check/equality.py", "return theirs.builtin.name == (", "return bool(",
        ("tests/compiler/check/test_equality.py",),
    ),
    Fault(
        "one-value-is-no-setting", "one value in the place of settings is told once",
        "compiler/resolve/settings.py", 'if any(path.startswith(f"{setting.path}.") for path in SPECS):', "if False:",
        ("tests/compiler/resolve/test_lone_values.py",),
    ),
    Fault(
        "a-bet-after-losses", "what grows after wins is told as such",
        "compiler/findings/recipes_trading.py", "min(win_streak, 3)", "min(loss_streak, 3)",
        ("tests/tools/test_looked_up.py",),
    ),
    Fault(
        "funding-told-as-fills", "a bar on which only funding hung on the path is told as such",
        "runtime/reports/result.py", "and bar not in filled and is_due(bar)", "and bar in filled and is_due(bar)",
        ("tests/runtime/reports/test_summary.py",),
    ),
    Fault(
        "two-ladders-in-one", "an order that comes again at the close at which its ladder is laid anew is told",
        "compiler/lints/order_ref_reuse.py", "ends = action.text(OptionName.ON_FLAT) == OnFlat.CANCEL", "ends = False",
        ("tests/compiler/lints/test_order_ref_reuse.py",),
    ),
    Fault(
        "a-key-nobody-set", "a size that leverage cut is not told as cut by a maximum that the card does not set",
        "runtime/decide/refusals.py", "    if limit is not None:\n", "    if True:\n",
        ("tests/runtime/decide/test_largest_position.py",),
    ),
    Fault(
        "own-exit-comes-again", "a part that is closed after so many others is closed once",
        "compiler/lints/exit_fraction_repeats.py", "at_least(_EXITS, first + 1)", "at_least(_EXITS, 1)",
        ("tests/compiler/lints/test_exit_guards.py",),
    ),
    Fault(
        "cleared-and-counted", "what a case cancels before it places it anew does not wait beside it",
        "compiler/lints/entry_without_flat_or_scale_guard.py", " or cleared(view, action)", "",
        ("tests/compiler/lints/test_cleared_orders.py",),
    ),
    Fault(
        "cancels-any-side", "a cancel of the sales leaves the buys", "compiler/lints/cancels.py",
        "action.text(OptionName.SIDE) in (None, order.spec.order_side)", "True",
        ("tests/compiler/lints/test_cleared_orders.py",),
    ),
    Fault(
        "priced-by-itself", "an order whose price is its own is never placed, and is told",
        "compiler/lints/own_prices.py", "context.possible(view, none_works, *", "context.possible(view, *",
        ("tests/compiler/lints/test_own_prices.py",),
    ),
    Fault(
        "session-left-out", "a session with a fault is known to the rules", "compiler/parse/sessions.py",
        "return tuple(_session(reader, entry, minutes) for entry in entries_of(section))",
        "made = tuple(_session(reader, entry, minutes) for entry in entries_of(section))\n    return () if len(reader.findings) else made",
        ("tests/compiler/parse/test_meant_values.py",),
    ),
    Fault(
        "city-is-no-zone", "a city leads to its zone", "compiler/catalog/zones.py",
        'name.lower().rpartition("/")[2] == plain', "name.lower() == plain", ("tests/compiler/parse/test_meant_values.py",),
    ),
    Fault(
        "third-for-a-percent", "a third is told as 33.3333 %", "compiler/expressions/shares.py",
        "if is_fraction else float(before.value)\n", "if not is_fraction else float(before.value)\n",
        ("tests/compiler/parse/test_meant_values.py",),
    ),
    Fault(
        "list-of-structures-lost", "structures in a list are known to the rules", "compiler/parse/first_attempts.py",
        'KeyValue(given("exec", node.span), node),', 'KeyValue(given("htf", node.span), node),',
        ("tests/compiler/parse/test_meant_values.py",),
    ),
    Fault(
        "options-of-nobody", "a message that names an option of another command says which", "tools/whose_option.py",
        "if name not in known)", "if name in known)", ("tests/tools/test_whose_option.py",),
    ),
    Fault(
        "jumped-inside-the-bar", "a limit is jumped over by the open of a bar alone", "runtime/reports/result.py",
        "count += gap > 0 and before >= 0", "count += gap > 0", ("tests/runtime/reports/test_trust_orders.py",),
    ),
    Fault(
        "refused-and-never-asked", "where no order was ever asked for it is said", "runtime/reports/trust.py",
        'if counts["refusals"]:', "if True:", ("tests/runtime/reports/test_trust_orders.py",),
    ),
    Fault(
        "days-of-nowhere", "a key that another word leads to is told under its part of a card", "tools/reference_text.py",
        "found = found or owner", "found = found", ("tests/tools/test_looked_up_beside.py",),
    ),
    Fault(
        "weekends-are-trading-days", "what is left of a month is counted without weekends",
        "compiler/findings/recipes_trading.py", "- floor((weekday_utc + days_left_in_month + 2) / 7)", "- floor((weekday_utc + days_left_in_month) / 7)",
        ("tests/tools/test_looked_up_beside.py",),
    ),
    Fault(
        "multiples-of-any-order", "a larger multiple of what is above zero is the larger one",
        "compiler/lints/reasoning/logic.py", "and self._multiples()", "", ("tests/compiler/lints/test_multiples.py",),
    ),
    Fault(
        "multiples-below-zero", "of what may be below zero nothing is said", "compiler/lints/reasoning/logic.py",
        "or not closure.is_positive(one)", "", ("tests/compiler/lints/test_multiples.py",),
    ),
    Fault(
        "figures-nobody-finds", "a figure of a result is told by its name", "tools/looked_up.py",
        "(*METRICS, *LIMIT_METRICS)", "METRICS", ("tests/tools/test_looked_up_beside.py",),
    ),
    Fault(
        "head-of-nothing", "the head of a chapter shows its words", "tools/looked_up.py",
        "if words:\n", "if not words:\n", ("tests/tools/test_looked_up_beside.py",),
    ),
    Fault(
        "two-fills-one-exit", "an exit that the fills of two entries ask for is told", "compiler/lints/context.py",
        "for one in every) > 1:\n", "for one in every) > 9:\n", ("tests/compiler/lints/test_cleared_orders.py",),
    ),
    Fault(
        "friday-for-itself", "a weekday by its whole name is told as ours", "compiler/findings/words.py",
        "Meant(day[:3], is_alias=True)", "Meant(day, is_alias=True)", ("tests/compiler/parse/test_meant_values.py",),
    ),
)  # fmt: skip
