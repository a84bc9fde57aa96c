"""Faults seeded in words that read what has been: windows in order, sessions, the last trades, lines that trail."""

from __future__ import annotations

from tools.fault import Fault

WORD_FAULTS: tuple[Fault, ...] = (
    Fault(
        "part-of-a-bar", "a time that is no whole number of bars is an error", "compiler/resolve/windows.py",
        "    if length % bar:\n", "    if False:\n", ("tests/compiler/parse/test_in_bars.py",),
    ),
    Fault(
        "own-bars-are-others", "`@tf` of the card's own timeframe is the value without it", "compiler/resolve/names.py",
        "return own and found.stage is Stage.MARKET", "return False", ("tests/compiler/resolve/test_own_timeframe.py",),
    ),
    Fault(
        "blames-the-whole", "what a variable says is told in the variable", "compiler/lints/context.py",
        "= places(self.graph, view.case.when, view.when, variables)", "= places(self.graph, view.case.when, view.when)",
        ("tests/compiler/lints/test_standing.py",),
    ),
    Fault(
        "width-below-zero", "a level less a width is not above the level only where the width is not below zero", "compiler/lints/reasoning/sums.py",
        "        if node.op is Op.SUB and not self.may_be_negative(node.args[1]):\n", "        if node.op is Op.SUB:\n",
        ("tests/compiler/lints/test_sums.py",),
    ),
    Fault(
        "begins-anew-anywhere", "a count begins anew only where its begin is so on the bar of asking", "compiler/lints/count_begins_here.py",
        "if view.when is not None and context.reasoner.implies(view.when, begin):", "if view.when is not None:",
        ("tests/compiler/lints/test_counts.py",),
    ),
    Fault(
        "named-otherwise-and-lost", "what has no word is told by its formula", "compiler/findings/recipes.py",
        "for name in plainer(word) if name in _BY_NAME", "for name in () if name in _BY_NAME", ("tests/tools/test_looked_up.py",),
    ),
    Fault(
        "same-thing-a-guess", "another name for the same indicator is mended by a safe fix", "compiler/expressions/calls.py",
        "        return theirs.word if theirs.is_alias else None\n", "        return None\n", ("tests/tools/test_looked_up.py",),
    ),
    Fault(
        "closed-at-the-next-close", "what is opened outside of a session is not advised to leave while it is over",
        "compiler/lints/exit_on_last_bar.py", "stays = not opens and _may_open_outside(context, name)", "stays = False",
        ("tests/compiler/lints/test_last_bar.py",),
    ),
    Fault(
        "inside-is-outside", "an entry that asks for a session is made inside of it",
        "compiler/lints/exit_on_last_bar.py", "context.possible(view, *outside)", "context.possible(view)",
        ("tests/compiler/lints/test_last_bar.py",),
    ),
    Fault(
        "written-out-in-full", "a read-back calls calculations by the names their card gives them",
        "compiler/graph/read_back.py", "graph = with_names(graph)", "pass", ("tests/compiler/graph/test_names.py",),
    ),
    Fault(
        "names-lost-on-the-way", "the names of calculations outlive every pass of the compiler",
        "compiler/optimize/remap.py", "variables=_variables(graph, moved),", "variables=(),",
        ("tests/compiler/graph/test_names.py",),
    ),
    Fault(
        "named-by-chance", "a calculation that no rule names is written out",
        "compiler/lower/expressions.py", "if pair[0] in wanted)", ")", ("tests/compiler/graph/test_names.py",),
    ),
    Fault(
        "unrolled", "a value of several times ago is written as it was", "compiler/graph/describe.py",
        'back = f", {times}" if times else ""', 'back = ""', ("tests/compiler/graph/test_names.py",),
    ),
    Fault(
        "infinite-and-known", "an exponential that is no finite number is unknown", "runtime/features/functions.py",
        "return finite(exp(x), x, x)", "return exp(x)", ("tests/runtime/rules/test_semantics.py",),
    ),
    Fault(
        "early-is-refused", "what asks for values while they warm up is no refused entry", "runtime/reports/result.py",
        "return row.bar < cold and row.code in _NOT_KNOWN_YET", "return False",
        ("tests/runtime/reports/test_trust_refused.py",),
    ),
    Fault(
        "exits-among-entries", "refused exits do not stand among the refused entries", "runtime/reports/trust_refused.py",
        '_reasons((row, row["entries"]) for', '_reasons((row, row["count"]) for',
        ("tests/runtime/reports/test_trust_refused.py",),
    ),
    Fault(
        "nothing-of-lots", "a size is told as it was asked for, not as whole lots", "runtime/batch/entering.py",
        "            f[WHY_A] = base\n", "            f[WHY_B] = base\n", ("tests/runtime/batch/test_builtins.py",),
    ),
    Fault(
        "quoted-in-part", "an expression that YAML cuts is quoted whole", "compiler/text/cut_expressions.py",
        "    start = _start_of_expression(source.text, begin.start)\n", "    start = begin.start\n",
        ("tests/compiler/text/test_load.py",),
    ),
    Fault(
        "mends-nothing", "a fix whose error is still there is not kept", "tools/fixes.py",
        " and not _is_still_there(some, after)", "", ("tests/tools/test_fixes.py",),
    ),
    Fault(
        "guard-holds-back", "a guard for an exit holds back nothing else", "compiler/lints/exit_without_position_guard.py",
        " if is_alone else None", "", ("tests/compiler/lints/test_exit_guards.py",),
    ),
    Fault(
        "advice-not-heard", "ladders of which each fill cancels the other are apart",
        "compiler/lints/opposite_entries_same_bar.py",
        "    return _ends(context, one, two) and _ends(context, two, one)\n", "    return False\n",
        ("tests/compiler/lints/test_opposite_ladders.py",),
    ),
    Fault(
        "counts-and-lasts", "a count of news that has grown is news", "compiler/lints/events.py",
        "node.op is Op.NE or _counts(context, node.args[0])", "node.op is Op.NE", ("tests/compiler/lints/test_events.py",),
    ),
    Fault(
        "every-one-the-first", "one number of the times that a condition was true is no state that lasts",
        "compiler/lints/events.py", " or _is_nth(context, i, parts)", "", ("tests/compiler/lints/test_events.py",),
    ),
    Fault(
        "values-written-out", "values at a close are called by the names of the card", "runtime/explain/close.py",
        "    graph = with_names(program.graph)\n", "    graph = program.graph\n", ("tests/runtime/explain/test_explain.py",),
    ),
    Fault(
        "time-of-another", "a value of the time before is not told at the last time", "runtime/explain/close.py",
        "if node.op is Op.LATCH and of_times_before(graph, node)[0]:", "if False:",
        ("tests/runtime/explain/test_explain.py",),
    ),
    Fault(
        "less-than-a-lot", "a target of less than a lot is refused, not passed over", "runtime/decide/adjust_size.py",
        "if held is None and base > 0.0 and not target and not coming:", "if False:", ("tests/runtime/batch/test_resize.py",),
    ),
    Fault(
        "mistakes-of-a-mistake", "a mistake of a ladder makes none of what names its rung", "compiler/resolve/ladders.py",
        "plan = _FIRST_ALONE if _is_an_order(action) else None", "plan = None", ("tests/compiler/resolve/test_ladders.py",),
    ),
    Fault(
        "times-without-bars", "a span of time in place of a count is told in bars", "compiler/expressions/habits.py",
        "    _duration,\n", "", ("tests/compiler/expressions/test_expressions_errors.py",),
    ),
    Fault(
        "e-to-the-price", "e is raised to pure numbers alone", "compiler/catalog/typing_rules.py",
        "number(power(Unit.PLAIN, operand.unit), low=0.0)", "number(Unit.PLAIN, low=0.0)",
        ("tests/compiler/check/test_check.py",),
    ),
    Fault(
        "inside-of-a-not", "a `not` blocks as one thing, which is false", "runtime/explain/why_not.py",
        "        yield _as_leaf(at)\n", "        yield from at.parts[0].leaves()\n",
        ("tests/runtime/explain/test_explain.py",),
    ),
    Fault(
        "advice-that-is-refused", "two ladders are not advised what a ladder does not take",
        "compiler/lints/opposite_entries_same_bar.py", "if not (one.written.rung or two.written.rung):", "if True:",
        ("tests/compiler/lints/test_opposite_ladders.py",),
    ),
    Fault(
        "words-of-the-code", "no text calls a set of words by its name in the code", "compiler/catalog/orders.py",
        'f"a mapping of {_listed(TRAIL_KEYS)}"', '"a mapping of `TRAIL_KEYS`"', ("tests/test_names_of_the_code.py",),
    ),
    Fault(
        "from-the-fill", "what the risk model gives is counted from the average entry", "compiler/graph/risk_in_words.py",
        "if rule.type in _AT_A_LEVEL else", "if True else", ("tests/compiler/graph/test_names.py",),
    ),
    Fault(
        "vacuous-and-clean", "a search in which no entry was placed is no clean bill", "tools/check_text.py",
        "    if done.entered:\n", "    if True:\n", ("tests/tools/test_cli_check.py",),
    ),
    Fault(
        "before-the-first-day", "made-up paths begin where the levels of the day before are known",
        "runtime/testing/by_the_clock.py", "_SPANS if timed else ()", "()", ("tests/runtime/testing/test_by_the_clock.py",),
    ),
    Fault(
        "always-at-midnight", "made-up paths also begin where the clock changes something",
        "runtime/testing/by_the_clock.py", "later=tuple(later[::step])", "later=()",
        ("tests/runtime/testing/test_by_the_clock.py",),
    ),
    Fault(
        "median-of-the-upper", "the median of an even number is the mean of the two in the middle",
        "runtime/features/median.py", "upper if length % 2 == 1 else state[half]", "upper",
        ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "nearest-rank", "a level between two ranks lies between them in proportion",
        "runtime/features/percentile_level.py", "lower + (upper - lower) * part", "lower",
        ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "window-that-keeps", "what leaves the window leaves its order", "runtime/features/sorted_window.py",
        "place_of(leaving, count, state)", "0",
        ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "figures-of-fewer", "a figure of so many trades is unknown before there were so many",
        "runtime/account/trade_figures.py", "math.nan if len(results) < count else read", "read",
        ("tests/runtime/account/test_results.py",),
    ),
    Fault(
        "figures-of-all", "a figure of so many trades is of the newest of them",
        "runtime/account/trade_figures.py", "results[len(results) - count :]", "results",
        ("tests/runtime/account/test_results.py",),
    ),
    Fault(
        "nothing-is-a-win", "a trade of exactly nothing is not won", "runtime/account/trade_figures.py",
        "sum(1 for x in last if x > 0)", "sum(1 for x in last if x >= 0)", ("tests/runtime/account/test_results.py",),
    ),
    Fault(
        "count-taken-for-a-ref", "how many trades are asked for is no name of an order",
        "compiler/lints/unknown_order_ref.py", "leaf.attr[0] in ORDER_BUILTINS", "leaf.attr[1]",
        ("tests/compiler/resolve/test_last_trades.py",),
    ),
    Fault(
        "trades-taken-for-bars", "a window of trades is told the figures of the last ones",
        "compiler/expressions/habits.py", '("trade", "trades")', '("trade",)',
        ("tests/compiler/expressions/test_expressions_errors.py",),
    ),
    Fault(
        "line-that-slips", "a trailing line only rises while two closes are above it",
        "runtime/features/atr_trailing_stop.py", "value = max(last, value)", "value = value",
        ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "line-after-one-close", "a trailing line starts anew where the close crosses it",
        "runtime/features/atr_trailing_stop.py", "if close[i] < last and close[i - 1] < last:", "if close[i] < last:",
        ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "bands-that-slip", "a trailing band does not move away from the series before it is crossed",
        "runtime/features/trailing_bands.py", "below = max(below, floor)", "below = below + 0.0 * floor",
        ("tests/runtime/features/test_expression.py",),
    ),
    Fault(
        "chandelier-that-slips", "a chandelier stop only tightens while the close before is on its side",
        "runtime/features/chandelier.py", "below = max(below, floor)", "below = below + 0.0 * floor",
        ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "chandelier-of-the-wicks", "`extremes: close` hangs the chandelier from the closes",
        "runtime/features/chandelier.py", "max_step(close[i] if extremes == 1 else high[i],", "max_step(high[i],",
        ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "session-over-by-its-bars", "a session is over by the clock, though its last bar is missing",
        "runtime/features/session.py", "1.0 if not inside or passed", "1.0 if inside and passed",
        ("tests/runtime/features/test_session.py",),
    ),
    Fault(
        "last-bar-that-nobody-doubts", "an exit that waits for a session's last bar alone is told of the day without it",
        "compiler/lints/exit_on_last_bar.py", "read[0] in known", "known",
        ("tests/compiler/lints/test_last_bar.py",),
    ),
    Fault(
        "fundings-of-the-trade-before", "in the kernel a new position has paid no funding yet",
        "runtime/batch/booking.py", "        z[EXITS] = 0\n        z[FUNDINGS] = 0\n    if opened", "        z[EXITS] = 0\n    if opened",
        ("tests/runtime/batch/test_builtins.py",),
    ),
    Fault(
        "fundings-that-nobody-counts", "a funding time settled with a position open is one more since its entry",
        "runtime/account/ledger.py", "self.counters.fundings += self.position is not None", "self.counters.fundings += 0",
        ("tests/runtime/batch/test_builtins.py", "tests/validation/test_validation_cards.py"),
    ),
    Fault(
        "oco-entries-that-may-all-wait", "entries of one oco group under a cap of one layer are told that one waits at a time",
        "compiler/lints/oco_entries_over_layers.py", "if policy.max_layers == 1:", "if policy.max_layers == 0:",
        ("tests/compiler/lints/test_oco_layers.py",),
    ),
    Fault(
        "reward-of-the-fill", "a target of so many times the risk is laid at the entry by the distance from where it was decided",
        "runtime/decide/levels.py", "distance = ratio * abs(reference - stop.value)", "distance = ratio * abs(reference * 1.02 - stop.value)",
        ("tests/validation/test_validation_cards.py",),
    ),
    Fault(
        "average-of-one-trade", "who averages the last trade is told the average of the last ones",
        "compiler/resolve/sources.py", "        return _OF_TRADES\n", "        return _READS\n",
        ("tests/compiler/resolve/test_last_trades.py",),
    ),
    Fault(
        "call-that-nobody-refuses", "a function that no indicator can read is told before the graph is built",
        "compiler/resolve/sources.py", "            raise _of_function(named)\n", "            raise _Refused\n",
        ("tests/compiler/resolve/test_sources.py",),
    ),
    Fault(
        "day-for-a-session", "prices of a session on bars longer than it are told",
        "compiler/check/sessions.py", "needed = step if whole else 1", "needed = 1",
        ("tests/compiler/check/test_sessions.py",),
    ),
    Fault(
        "session-in-a-source-unseen", "a session inside what an indicator reads is looked at too",
        "compiler/check/sessions.py", "is_price = role == ROLE or output_of(role) in _PRICES", "is_price = False",
        ("tests/compiler/check/test_sessions.py",),
    ),
    Fault(
        "order-of-one-bar-told", "an order that ends before the next close is not placed twice",
        "compiler/lints/context.py", "        if self.ends_before_next(action):\n            return False\n", "",
        ("tests/compiler/lints/test_lives.py",),
    ),
    Fault(
        "life-that-grows", "an order of one bar whose life the card lengthens may be working",
        "compiler/lints/context.py", "life <= 1 and not self._lives_may_grow", "life <= 1",
        ("tests/compiler/lints/test_lives.py",),
    ),
    Fault(
        "order-of-one-bar-never-adds", "an order of one bar is told where it adds to what it filled",
        "compiler/lints/entry_without_flat_or_scale_guard.py", "return not context.ends_before_next(action)", "return True",
        ("tests/compiler/lints/test_lives.py",),
    ),
    Fault(
        "trail-is-no-stop", "a trail that begins with the fill protects its entry",
        "compiler/lints/certain_refusals.py", "trails = brings_trail(action) and not begins_later(action)", "trails = False",
        ("tests/compiler/lints/test_lives.py",),
    ),
    Fault(
        "exit-outlives-its-position", "an exit is said to go with the position", "compiler/catalog/actions.py",
        "        return OnFlat.CANCEL.value\n    unsaid", "        return OnFlat.KEEP.value\n    unsaid",
        ("tests/compiler/lints/test_lives.py",),
    ),
    Fault(
        "defaults-nobody-tells", "the reference tells what holds where an option is not said", "tools/language_words.py",
        "    if unsaid is not None:\n", "    if False:\n", ("tests/tools/test_reference.py",),
    ),
    Fault(
        "days-are-nothing", "a span of time where bars are counted is told in bars", "compiler/expressions/habits.py",
        "    _span_of_time,\n", "", ("tests/compiler/expressions/test_expressions_errors.py",),
    ),
    Fault(
        "unit-behind-a-sum", "a unit behind a calculation is told not to be needed", "compiler/expressions/habits.py",
        "    _unit_behind,\n", "", ("tests/compiler/expressions/test_expressions_errors.py",),
    ),
    Fault(
        "run-for-runs", "a command that others call so is told by its name here", "tools/cli.py",
        "if name in _MEANT else", "if False else", ("tests/tools/test_cli.py",),
    ),
    Fault(
        "divided-percent-untold", "a percentage that is divided is told as the number it is", "compiler/check/percents.py",
        "        help = f\"what it is divided by", "        f\"what it is divided by", ("tests/compiler/check/test_percents.py",),
    ),
    Fault(
        "variable-not-written-out", "an indicator that reads a variable is told what to write out", "compiler/resolve/sources.py",
        "    if not isinstance(symbol, VariableSymbol):\n        return _READS\n", "    return _READS\n",
        ("tests/compiler/resolve/test_sources.py",),
    ),
    Fault(
        "exit-of-a-fill-replaced", "an exit of a fill is told to go without a ref, not to replace the one before",
        "compiler/lints/order_ref_reuse.py", "_OF_A_FILL if action", "_HELP if action", ("tests/compiler/lints/test_rules.py",),
    ),
    Fault(
        "one-branch-told", "every branch of a choice among percentages of nothing is told", "compiler/check/choices.py",
        "    if chosen_alone(expr, checker):\n        return None\n", "", ("tests/compiler/check/test_percents.py",),
    ),
    Fault(
        "text-not-looked-back", "an indicator that looks back at a variable looks back at all that it says",
        "compiler/resolve/sources.py", "self.back += expr.bars", "self.back += 0",
        ("tests/compiler/resolve/test_sources.py",),
    ),
    Fault(
        "variable-of-the-card-s-clock", "an indicator reads the text of a variable on its own bars",
        "compiler/resolve/sources.py", "            named = replace(named, timeframe=self.written)\n", "            pass\n",
        ("tests/compiler/resolve/test_sources.py",),
    ),
    Fault(
        "owned-by-layers-untold", "what moves the position's stop where every layer has its own is told",
        "compiler/lints/__init__.py", "    adjust_without_layer.check,\n", "", ("tests/compiler/lints/test_adjust_without_layer.py",),
    ),
    Fault(
        "one-owner-is-enough", "a layer without a stop of its own has the position's to move",
        "compiler/lints/adjust_without_layer.py", "not all(_owns(", "not any(_owns(",
        ("tests/compiler/lints/test_adjust_without_layer.py",),
    ),
    Fault(
        "missing-card-guessed", "a card file that is not there names the one that is meant",
        "tools/unreadable.py", "    return same or (by_stem[near] if near else None)", "    return None",
        ("tests/tools/test_unreadable.py",),
    ),
    Fault(
        "circle-without-a-way-out", "names in a circle are told a line to type that leads out of it",
        "compiler/resolve/own_past.py", "kept = tuple(p for p in value.items if not any(_reads(name, (p,)) for name in names))",
        "kept = value.items", ("tests/compiler/resolve/test_own_past.py",),
    ),
    Fault(
        "price-of-no-order", "an order that waits has a price: who asks that there is none asks whether it works",
        "compiler/lints/context.py", "assume.append(Known(account(ORDER_PRICE, ref), True, -1))", "pass",
        ("tests/compiler/lints/test_lives.py",),
    ),
)  # fmt: skip
