"""The faults that are seeded in what says how far a result stands out."""

from __future__ import annotations

from tools.fault import Fault

SEARCH_FAULTS: tuple[Fault, ...] = (
    Fault(
        "report-of-another-market", "what a report says of luck compares the card with its own mirrors",
        "tools/search/first_step.py", "own = runs.by_kernel(mirrors.data)", "own = runs.by_kernel(mirrors.mirror(0, _SEED))",
        ("tests/tools/search/test_first_step.py",),
    ),
    Fault(
        "dear-first-step", "a report draws no mirrors where that takes longer than the run",
        "tools/search/first_step.py", "if not is_at_hand(count * len(data.exec)) or reasons(program, data):", "if reasons(program, data):",
        ("tests/tools/search/test_first_step.py",),
    ),
    Fault(
        "room-of-another-run", "a run in the room of another finds it empty",
        "runtime/batch/account_run.py", "ctypes.memset(numbers.buffer_info()[0] + start * size, 0, (stop - start) * size)", "pass",
        ("tests/runtime/batch/test_many.py",),
    ),
    Fault(
        "rows-of-another-run", "what a run wrote of its tables is cleared before the next one",
        "runtime/batch/account_run.py", "rows = min(made.z[count] + SLACK, made.z[most])", "rows = 0",
        ("tests/runtime/batch/test_many.py",),
    ),
    Fault(
        "mark-of-other-bars", "bars of the same times have marks of their own",
        "runtime/rules/same_times.py", '"ohlc4", "mark_price"', '"ohlc4"',
        ("tests/runtime/rules/test_same_times.py",),
    ),
    Fault(
        "times-of-other-bars", "only bars of the same times take over what hangs on them",
        "runtime/rules/same_times.py", "own.ts is known.ts", "len(own) == len(known)",
        ("tests/runtime/rules/test_same_times.py",),
    ),
    Fault(
        "high-of-the-first", "a bar built from finer ones has the highest of their highs, by machine code too",
        "runtime/rules/same_times.py", "if highs[row] > high:", "if highs[row] > 2.0 * high:",
        ("tests/runtime/rules/test_same_times.py",),
    ),
    Fault(
        "window-not-stored", "a column that is read on other rows than its own is there where nobody else asks for it",
        "runtime/rules/row_kernel.py", "stored.add(nodes[index].args[0])", "pass",
        ("tests/runtime/rules/test_same_times.py",),
    ),
    Fault(
        "position-of-no-bar", "bars that pass by have their position, where no more than that is kept",
        "runtime/batch/quiet.py", "    for t in range(start, stop):\n        rows[count + t] = held\n", "",
        ("tests/runtime/batch/test_quiet.py",),
    ),
    Fault(
        "one-try-is-a-search", "a card that was tried once is not said to have been searched for",
        "tools/search/words.py", " ** further if further else p", " ** further",
        ("tests/tools/search/test_robust.py",),
    ),
    Fault(
        "search-of-one", "the best of all variants is held against the card, not the card's own mirror",
        "tools/search/searching.py", "for runs in (own, *others)]", "for runs in (own,)]",
        ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "lost-tries-forgotten", "a try that cannot be run again counts",
        "tools/search/ledger.py", "lost + len(tried) - len(others)", "lost",
        ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "comment-is-a-try", "a try is known by what its card means",
        "tools/search/tries.py", "run.made[\"data\"], run.made[\"card\"][\"graph_hash\"], text, said)",
        "run.made[\"data\"], run.made[\"card\"][\"text_hash\"], text, said)",
        ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "searches-are-no-tries", "the sets of sweeps and walks were tried on these bars",
        "tools/search/tries.py", "found += _of_search(path, kept) if fits(kept.data) else []",
        "found += []", ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "set-tried-again-is-new", "a set counts once, in however many searches and runs it was tried",
        "tools/search/ledger.py", "meaning = one.meaning if program is None else program.graph_hash",
        "meaning = one.name if program is None else one.name + program.graph_hash", ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "python-leaves-nothing", "a run in Python whose files are not kept was a try",
        "tools/face.py", "        self._note(Path(runs), made.files)\n", "        pass\n",
        ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "envelope-leaves-nothing", "a card whose envelope was looked at was tried on those bars",
        "tools/commands/envelope.py", "    _note(runs, source, program, data, pairs)\n", "    pass\n",
        ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "deep-run-folders-unseen", "a run is a try in whatever folder under that of the runs it lies",
        "tools/run_folders.py", "sorted({*folder.glob(f\"*/{pattern}\"), *folder.rglob(f\"*/{pattern}\")})",
        "sorted(folder.glob(f\"*/{pattern}\"))", ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "run-elsewhere-forgotten", "a run whose folder was put elsewhere is a try all the same",
        "tools/commands/backtest.py", "    _note(source, tuple(pairs), outcomes)\n", "",
        ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "rest-of-a-search-uncounted", "sets that are too many to be run again count all the same",
        "tools/search/ledger.py", "lost = len(sets) - len(some)", "lost = 0", ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "unread-in-silence", "a file that may tell of further tries and cannot be read is named",
        "tools/search/ledger.py", "        tuple(unread),\n", "        (),\n", ("tests/tools/search/test_ledger.py",),
    ),
    Fault(
        "seal-moves", "the first seal of a series stays where it was put",
        "tools/search/seal.py", "    if name is None:\n        name, rows", "    if True:\n        name, rows",
        ("tests/tools/search/test_pieces.py",),
    ),
    Fault(
        "seal-by-its-name-alone", "the same bars stay sealed whatever they are called",
        "tools/search/seal.py", "if name == marks.name or seal.bars & marks.bars]", "if name == marks.name]",
        ("tests/tools/search/test_pieces.py",),
    ),
    Fault(
        "openings-uncounted", "every card that opens a seal is counted",
        "tools/search/seal.py", "if card not in seal.opened:", "if not seal.opened:",
        ("tests/tools/search/test_pieces.py",),
    ),
    Fault(
        "zero-length", "a whole number of a card never becomes 0",
        "tools/search/fragility.py", "return moved if moved * literal.value > 0 else literal.value", "return moved",
        ("tests/tools/search/test_moves.py",),
    ),
    Fault(
        "p-of-zero", "a run counts itself among its mirrors",
        "tools/search/timing.py", "return (1 + self.as_well) / (self.drawn + 1)", "return self.as_well / self.drawn",
        ("tests/tools/search/test_robust.py",),
    ),
    Fault(
        "first-done-first", "mirrors come in the order of their numbers, however many threads draw them",
        "tools/search/drawing.py", "ahead.popleft().result()", "ahead.pop().result()",
        ("tests/tools/search/test_calibration.py",),
    ),
    Fault(
        "search-alone", "p of the best of many counts the best of all on every mirror",
        "tools/search/calibration.py", "max(_t(one.timing(data)) for one in runs)", "_t(runs[best].timing(data))",
        ("tests/tools/search/test_calibration.py",),
    ),
    Fault(
        "extreme-not-swapped", "a turned mark's top is its bottom turned over",
        "tools/search/kernels.py", "turned_highs[row] * (lows[row] / mark_lows[row])",
        "turned_highs[row] * (highs[row] / mark_highs[row])", ("tests/tools/search/test_mirrors.py",),
    ),
    Fault(
        "holes-filled", "marks are taken as they are only where they are bar by bar",
        "runtime/backends/sim/marks.py", "and mark.ts == bars.ts", "and mark.ts", ("tests/tools/search/test_mirrors.py",),
    ),
    Fault(
        "card-drawn-at-zero", "the card stands in the histogram where its T is",
        "tools/robust_page.py", "own = at(luck.t)", "own = at(0.0)", ("tests/tools/search/test_robust_page.py",),
    ),
)  # fmt: skip
