"""Faults seeded in what conditions and values mean: memory, never, clocks, sessions, sources, results."""

from __future__ import annotations

from tools.fault import Fault
from tools.last_times_faults import LAST_TIMES_FAULTS
from tools.look_up_faults import LOOK_UP_FAULTS
from tools.word_faults import WORD_FAULTS

LANGUAGE_FAULTS: tuple[Fault, ...] = (
    *WORD_FAULTS,
    *LAST_TIMES_FAULTS,
    *LOOK_UP_FAULTS,
    Fault(
        "unknown-is-an-event", "only a condition that is true is remembered",
        "runtime/rules/semantics.py", "    return value if condition == TRUE else before\n",
        "    return value if condition != FALSE else before\n",
        ("tests/runtime/rules/test_semantics.py",),
    ),
    Fault(
        "highest-without-this-bar", "the highest since then is not below the value of the bar at hand",
        "compiler/lints/reasoning/facts.py",
        "self._remembered(two, Op.HIGH_SINCE) == one", "self._remembered(two, Op.LOW_SINCE) == one",
        ("tests/compiler/test_broken_cards.py",),
    ),
    Fault(
        "limit-nobody-set", "a limit that the card does not set is never reached",
        "compiler/lints/reasoning/branches.py",
        "        domain &= self._reached.get(key, domain)\n", "",
        ("tests/compiler/test_broken_cards.py",),
    ),
    Fault(
        "risk-of-anything", "a risk is a part of equity and of nothing else",
        "compiler/check/risks.py", "    if expr.of is not None:\n", "    if False:\n",
        ("tests/compiler/test_broken_cards.py",),
    ),
    Fault(
        "memory-of-the-first-time", "a memory was set when its condition was last true",
        "runtime/rules/node_values.py", "range(self.bar, read, -1)", "range(read + 1, self.bar + 1)",
        ("tests/runtime/explain/test_explain.py",),
    ),
    Fault(
        "not-on-some-bars", "`not` of a window and a window of `not` are read back apart",
        "compiler/graph/conditions_in_words.py",
        '    return f"({text})" if in_brackets else text\n', "    return text\n",
        ("tests/compiler/graph/test_read_back.py",),
    ),
    Fault(
        "bars-of-whom", "a bar before of the card is not the bar before of a slower feature",
        "compiler/graph/describe.py",
        "feature.timeframe != graph.timeframe or", "False and", ("tests/compiler/graph/test_read_back.py",),
    ),
    Fault(
        "never-overflows", "infinitely many bars less one are infinitely many",
        "runtime/features/functions.py",
        "    if fabs(value) == inf and fabs(x) != inf and fabs(y) != inf:\n",
        "    if fabs(value) == inf:\n", ("tests/runtime/rules/test_semantics.py",),
    ),
    Fault(
        "sequence-on-one-bar", "the second step of a sequence comes on a later bar",
        "compiler/lower/worded.py",
        "    armed = builder.make(Op.PREV, (occurred,), (1,), expr.span)\n", "    armed = occurred\n",
        ("tests/compiler/lower/test_worded.py",),
    ),
    Fault(
        "clock-of-the-close", "the words of the clock tell a bar's open",
        "runtime/rules/market_stage.py", "told_at(name, frame.ts[t])",
        "told_at(name, frame.close_time(t))", ("tests/runtime/rules/test_market_stage.py",),
    ),
    Fault(
        "month-of-another-year", "how many days are left in a month hangs on the year",
        "compiler/catalog/bar_clock.py", "monthrange(of.year, of.month)", "monthrange(2023, of.month)",
        ("tests/runtime/rules/test_market_stage.py",),
    ),
    Fault(
        "session-without-its-zone", "a session is counted by the clock of its zone",
        "runtime/features/session.py", "offset_at(ts[i], zone, state) * MINUTE_MS",
        "0 * offset_at(ts[i], zone, state)", ("tests/runtime/features/test_session.py",),
    ),
    Fault(
        "unknown-source-counts", "an indicator over an expression passes over bars without a value",
        "runtime/rules/known_rows.py",
        "[row for row in range(start, stop) if self._read[row] == self._read[row]]",
        "list(range(start, stop))", ("tests/runtime/features/test_expression.py",),
    ),
    Fault(
        "cloud-of-this-bar", "the cloud over a bar is the one drawn ahead before",
        "runtime/features/ichimoku.py", "        drawn = i - displacement + 1\n",
        "        drawn = i\n", ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "due-after-the-close", "what on_fill places at a close is known to the blocks of that close",
        "runtime/engine.py", "self.ledger.due = frozenset(refs)", "frozenset(refs)",
        ("tests/validation/test_validation_cards.py",),
    ),
    Fault(
        "pair-of-other-bars", "two sources are paired on the bars that both have",
        "runtime/features/correlation.py", "        if x != x or y != y:\n", "        if x != x:\n",
        ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "transfer-in-the-days-profit", "money put in or taken out is no profit",
        "runtime/account/course.py", "        day_equity=before.day_equity + amount,\n", "",
        ("tests/runtime/account/test_course.py",),
    ),
    Fault(
        "day-of-the-close", "a bar belongs to the day of its open",
        "runtime/account/course.py", "closed.ts - before.interval_ms - starts", "closed.ts - starts",
        ("tests/runtime/account/test_course.py",),
    ),
    Fault(
        "losses-of-every-day", "losses of a day are those that came since it began",
        "runtime/account/course.py", "day_lost = before.lost if is_new else before.day_lost", "day_lost = 0",
        ("tests/validation/test_validation_cards.py",),
    ),
    Fault(
        "extremes-before-the-fill", "a bar tells nothing of its extremes before a fill within it",
        "runtime/account/course.py", "        if not results.at_open:\n", "        if False:\n",
        ("tests/runtime/account/test_course.py",),
    ),
    Fault(
        "quiet-closes-unseen", "closes that pass by are part of the account's course",
        "runtime/engine.py", "if ledger.course is None else None", "", ("tests/runtime/test_quiet_bars.py",),
    ),
    Fault(
        "trade-without-its-fees", "a trade's result is net of its fees",
        "runtime/account/results.py",
        "    share = event.fee / event.quantity if event.quantity else 0.0\n", "    share = 0.0\n",
        ("tests/runtime/account/test_results.py",),
    ),
    Fault(
        "trail-without-a-scale", "the percentages of a trail are held against the scale of percent",
        "compiler/check/scales.py", "        for name, scale in _TRAIL.items():\n",
        "        for name, scale in tuple(_TRAIL.items())[:0]:\n", ("tests/compiler/test_broken_cards.py",),
    ),
    Fault(
        "price-for-a-distance", "a trail stays behind by less than the price of its entry",
        "compiler/lints/wrong_side.py",
        "        if distance is not None and not _fits_at(context, view, action, distance, below=True):\n",
        "        if False:\n", ("tests/compiler/test_broken_cards.py",),
    ),
    Fault(
        "any-trail-is-a-stop", "a trail further away than its price is no stop",
        "compiler/lints/protection.py", "percent.value.value >= 100 and action.is_long", "False",
        ("tests/compiler/lints/test_rules.py",),
    ),
    Fault(
        "percent-beside-a-fraction", "a number with its sign of percent is in percent beside a fraction, too",
        "compiler/check/scales.py",
        "    value = written / 100 if percent and scale.in_fractions else written\n",
        "    value = written\n", ("tests/compiler/test_broken_cards.py",),
    ),
    Fault(
        "names-without-capitals", "a name keeps its capital where a card is read back",
        "compiler/graph/read_back.py", "{entry.title} ({feature.type})",
        "{entry.title.lower()} ({feature.type})", ("tests/compiler/graph/test_read_back.py",),
    ),
    Fault(
        "ladder-steps-do-not-add-up", "the steps of a ladder grow, and each is added to those before",
        "compiler/resolve/ladder_plans.py",
        "return sum(self.step_scale**i for i in range(k - 1))",
        "return (k - 1) * self.step_scale ** max(0, k - 2)",
        ("tests/compiler/resolve/test_ladders.py",),
    ),
    Fault(
        "rung-unknown-in-a-size", "a size that names the rung is another for each order of a ladder",
        "compiler/resolve/ladders.py", "_times(attached(size.value), layout.plan.weight(k))", "_times(size.value, layout.plan.weight(k))",
        ("tests/compiler/resolve/test_ladders.py",),
    ),
    Fault(
        "rung-of-a-price", "what one price is for all orders of a ladder names no rung",
        "compiler/resolve/ladder_plans.py", "yield from ((p.slot.value, p.value) for p in action.prices if p.slot not in ATTACHED)",
        "yield from ()", ("tests/compiler/resolve/test_ladders.py",),
    ),
    Fault(
        "ladder-asked-for-one", "a question for a ladder asks for each of its orders",
        "compiler/resolve/ladders.py", "for one in self._names[ref]),", "for one in self._names[ref][:1]),",
        ("tests/compiler/resolve/test_ladders.py",),
    ),
    Fault(
        "rung-price-of-the-close", "what the fill of a rung places is measured from the rung's own price",
        "runtime/decide/blocks.py", "{PLACED_AT: placed_at, ", "{PLACED_AT: None, ", ("tests/validation/test_validation_cards.py",),
    ),
    Fault(
        "ladder-said-for-each-order", "what holds for each order of a ladder is said once",
        "compiler/pipeline.py", "found += new if card is written else _first_of_each(new)",
        "found += new", ("tests/compiler/resolve/test_ladders.py",),
    ),
    Fault(
        "trail-moves-back", "a trailing stop never moves away from the price", "runtime/orders/trailing.py",
        "if sign * (price - self.best) > 0 else self", "if price != self.best else self", ("tests/runtime/backends/sim/test_trails.py",),
    ),
    Fault(
        "trail-left-behind", "what an entry finds on the way has come along with the price", "runtime/backends/sim/line.py",
        "            _follow(matcher)\n            matcher.turn", "            matcher.turn", ("tests/runtime/backends/sim/test_trails.py",),
    ),
    Fault(
        "trail-brought-by-every-bar", "only what a fill of the bar brings waits for the next", "runtime/backends/sim/matcher.py",
        "trail.bar < scene.bar_index", "trail.since < scene.bar_index", ("tests/runtime/backends/sim/test_trails.py",),
    ),
    Fault(
        "trail-replaced-by-a-looser", "what replaces a trailing stop is never looser",
        "runtime/orders/trailing.py", "replace(new, floor=floor, since=since, bar=bar)", "replace(new, since=since, bar=bar)", ("tests/runtime/backends/sim/test_trails.py",),
    ),
    Fault(
        "trail-waits-for-an-order", "a trailing stop follows bars that reach no order, too",
        "runtime/backends/sim/exchange.py", "or self._waits or has_trail(self.ledger):", "or self._waits:", ("tests/runtime/backends/sim/test_trails.py",),
    ),
    Fault(
        "trail-called-a-stop", "an exit says that a trailing stop made it",
        "runtime/account/results.py", '"trail" if booking.is_trailed else "stop"', '"stop"',
        ("tests/validation/test_validation_cards.py", "tests/runtime/live/test_trails.py"),
    ),
    Fault(
        "trail-live-stands-still", "a session moves a trailing stop at each close",
        "runtime/live/desk.py", "for moved in followed(self.ledger, bar, item.start, ts, **extremes):", "for moved in ():",
        ("tests/runtime/live/test_trails.py",),
    ),
    Fault(
        "trail-with-two-distances", "a trailing stop says its distance once", "compiler/check/trails.py",
        "for more in said[1:] if not is_removed else said:", "for more in said[1:1] if not is_removed else said:",
        ("tests/compiler/check/test_trails.py",),
    ),
    Fault(
        "fill-of-what-was-ordered", "`size: fill` is what has filled", "runtime/engine.py",
        "instrument.base(asking.lots)", "instrument.base(order.quantity + 1)", ("tests/validation/test_validation_cards.py",),
    ),
    Fault(
        "fill-anywhere", "`size: fill` stands in `on_fill` alone", "compiler/check/actions.py",
        "if not follows or verb not in", "if verb not in", ("tests/compiler/test_broken_cards.py",),
    ),
    Fault(
        "rearm-at-a-new-price", "an entry comes again at its first price", "runtime/decide/blocks.py",
        "PriceSlot.PRICE: rearm.limit,", "PriceSlot.PRICE: None,", ("tests/runtime/decide/test_rearm.py",),
    ),
    Fault(
        "rearm-without-end", "an entry comes again as often as the card says",
        "runtime/orders/order_spec.py", "else self.left - 1", "else self.left", ("tests/runtime/decide/test_rearm.py",),
    ),
    Fault(
        "rearm-after-a-stop", "a stop that closes the position lets no entry come again",
        "runtime/account/results.py", "rearms_ended=event.bar - 1", "rearms_ended=-1", ("tests/runtime/decide/test_rearm.py",),
    ),
    Fault(
        "rearm-despite-a-cancel", "a cancel that names an entry lets it not come again", "runtime/decide/rearm.py",
        "if not names(r)]", "]", ("tests/runtime/decide/test_rearm.py",),
    ),
    Fault(
        "rearm-through-a-limit", "a limit that stood lets no entry come again", "runtime/account/course.py",
        "stopped=closed.bar if standing.hit else before.stopped", "stopped=-1", ("tests/runtime/decide/test_rearm.py",),
    ),
    Fault(
        "rearm-after-any-exit", "`rearm` needs one exit that it can follow", "compiler/check/rearms.py",
        "if leaving(placed) is not None:", "if placed:", ("tests/compiler/test_broken_cards.py",),
    ),
    Fault(
        "fill-price-of-the-placing", "an exit in `on_fill` is measured from what its order was filled at",
        "runtime/decide/blocks.py", "FILL_PRICE: filled_at}", "FILL_PRICE: placed_at}", ("tests/runtime/decide/test_fill_price.py",),
    ),
    Fault(
        "fill-price-anywhere", "where no order has filled `fill_price` is a mistake that is told",
        "compiler/resolve/filled.py", "id(part) not in known", "id(part) in ()", ("tests/runtime/decide/test_fill_price.py",),
    ),
    Fault(
        "rearm-by-a-ref-alone", "an exit without a ref lets its entry come again", "compiler/catalog/actions.py",
        "if one[1]] if len(exits) > 1 else exits", "if one[1]]", ("tests/runtime/decide/test_rearm.py",),
    ),
    Fault(
        "target-moves-the-stop", "what a target size brings never touches an open position", "runtime/decide/adjust_size.py",
        "    spec = build_spec(context, _joining(intent), asked, Effect.OPEN, lots)\n    capacity.accept(spec, price)\n    return [*named, SubmitOrder(spec=spec)]",
        "    return opened(context, intent, OrderType.MARKET, lots)",
        ("tests/runtime/decide/test_target_sizes.py",),
    ),
    Fault(
        "target-turns-unasked", "a target of the other side is refused where the policy does not turn positions",
        "runtime/decide/adjust_size.py", "if held is not None and not context.settings.policy.allow_flip:", "if False:",
        ("tests/runtime/decide/test_target_sizes.py",),
    ),
    Fault(
        "target-asked-twice", "a target size counts what is on its way while there is no position",
        "runtime/decide/adjust_size.py", "capacity.side, capacity.coming(side), instrument", "capacity.side, 0, instrument",
        ("tests/runtime/decide/test_target_sizes.py",),
    ),
    Fault(
        "target-of-no-side-brings-a-stop", "a target size that opens nothing says nothing of a stop",
        "compiler/check/target_sizes.py", "if action.option(OptionName.SIDE) is not None:", "if True:",
        ("tests/compiler/test_broken_cards.py",),
    ),
    Fault(
        "target-only-adds", "a target size that takes away is no entry beyond the layers", "compiler/lints/certain_refusals.py",
        "    if action.spec.verb is Verb.ADJUST_SIZE:\n        return\n    policy", "    policy",
        ("tests/compiler/check/test_target_sizes.py",),
    ),
    Fault(
        "session-without-a-name", "a session is told with the name of its zone", "compiler/lower/features.py",
        "tz=instance.tz,", 'tz="",', ("tests/compiler/graph/test_read_back_3_2.py",),
    ),
    Fault(
        "rungs-told-in-full", "what the rungs of a ladder share is told once", "compiler/graph/read_back.py",
        "return len(more) > 1 and more == _action(graph, other)[1:]", "return False", ("tests/compiler/graph/test_read_back_3_2.py",),
    ),
    Fault(
        "outside-is-news", "to be outside of a session lasts", "compiler/lints/events.py",
        "and not _is_none(context, b)", "", ("tests/compiler/graph/test_read_back_3_2.py",),
    ),
    Fault(
        "bar-of-a-session-lasts", "the number of a bar in its session is no state that lasts",
        "compiler/catalog/session.py", "    facts_of=_news,\n", "", ("tests/compiler/graph/test_read_back_3_2.py",),
    ),
    Fault(
        "compared-in-every-block", "a key misspelt in every block is compared once", "compiler/findings/suggest.py",
        "@lru_cache(maxsize=64)", "@lru_cache(maxsize=0)", ("tests/compiler/findings/test_suggest.py",),
    ),
    Fault(
        "two-symbols-and-no-way", "a card that reads two symbols is told how it is checked", "runtime/testing/paths.py",
        "--data FOLDER, a \"\n", "nothing, a \"\n", ("tests/tools/test_cli_check.py",),
    ),
    Fault(
        "vwap-beyond-its-session", "the vwap of a session is of the bars of the session alone",
        "runtime/features/session_vwap.py", "state[0] > 0.0 and active == 1.0:", "state[0] > 0.0:",
        ("tests/runtime/features/test_session_vwap.py",),
    ),
    Fault(
        "session-begun-unseen", "a session whose beginning is not among the bars is none to count from",
        "runtime/features/session.py", "1.0 if i > 0 or passed < minutes else 0.0", "1.0",
        ("tests/runtime/features/test_session_vwap.py",),
    ),
    Fault(
        "session-of-other-bars", "a vwap reads its session on its own bars", "compiler/resolve/features.py",
        "read = session_on(read, timeframe, symbol)", "read = session_on(read, timeframe, None)",
        ("tests/compiler/resolve/test_session_anchors.py",),
    ),
    Fault(
        "session-as-long-as-before", "the last bar of a session on other bars is of the length of those",
        "compiler/catalog/session.py", 'minutes if name == "minutes" else value', "value",
        ("tests/compiler/resolve/test_session_anchors.py",),
    ),
    Fault(
        "asked-of-cards-never-old", "who could not have meant the close is not asked about it",
        "compiler/resolve/names.py", "or self._is_newest()", "", ("tests/compiler/check/test_clock_words.py",),
    ),
    Fault(
        "asked-at-every-clock", "a doubt about the version of a card is one finding",
        "compiler/resolve/names.py", 'if self._findings.has("IC210") or', "if", ("tests/compiler/check/test_clock_words.py",),
    ),
    Fault(
        "two-sizes-of-no-use", "a risk beside its most is told how to say both", "compiler/parse/validate.py",
        "(key and other and attempts.one_size(key, other)) or ", "", ("tests/compiler/parse/test_validate.py",),
    ),
    Fault(
        "unit-said-twice", "a number with the unit of its key is told to stand alone", "compiler/parse/first_attempts.py",
        'key.rpartition("_")[2]', '"" and key', ("tests/compiler/parse/test_validate.py",),
    ),
    Fault(
        "neighbours-by-spelling", "an unknown word leads to the words that speak of it", "tools/reference_text.py",
        "if speaking(word.name)]", "if False]", ("tests/tools/test_reference.py",),
    ),
    Fault(
        "known-and-out-of-range", "what must be known and may be anything is shown as something it can be",
        "compiler/lints/reasoning/facts.py", "in (Type.ENUM, Type.BOOL):\n            return 0.0\n",
        "in (Type.ENUM, Type.BOOL):\n            return USUAL\n", ("tests/compiler/lints/test_witness.py",),
    ),
    Fault(
        "words-that-nobody-tries", "every word of the reference is in made-up inputs", "tools/made_inputs/told.py",
        "    return tuple(piece for word in words() if", "    return tuple(piece for word in words()[:-60] if",
        ("tests/tools/test_fuzz_scripts.py",),
    ),
    Fault(
        "accepted-and-never-run", "what a run of accepted inputs breaks is told", "tests/accepted/lived.py",
        "            return [traceback.format_exc()]\n", "            return []\n",
        ("tests/properties/test_accepted_cards_run.py",),
    ),
    Fault(
        "stop-unknown-on-a-side", "a stop at a level that one side alone knows is asked about",
        "compiler/catalog/shapes.py", "LEVEL_OF_ONE_SIDE = OutputFacts(never_negative=True, one_side=True)",
        "LEVEL_OF_ONE_SIDE = OutputFacts(never_negative=True)", ("tests/compiler/lints/test_rules.py",),
    ),
    Fault(
        "chosen-and-asked-about", "a value that stands beside another one for where it is unknown is asked for",
        "compiler/lints/missing_never_handled.py", "frozenset({Op.DEFAULT, Op.IF})", "frozenset({Op.DEFAULT})",
        ("tests/compiler/lints/test_rules.py",),
    ),
    Fault(
        "losses-of-all-days-in-the-kernel", "the kernel counts the losses of a day from where it began",
        "runtime/batch/course.py", "z[LOST] - z[DAY_LOST] >= z[LIMIT_DAY_LOSSES]", "z[LOST] >= z[LIMIT_DAY_LOSSES]",
        ("tests/runtime/batch/test_batch_equals_engine.py",),
    ),
    Fault(
        "newer-limit-in-every-hash", "a card that does not set a newer limit keeps its hash", "compiler/graph/serde.py",
        "elif settings.limits.max_losses_per_day is None:", "elif False:", ("tests/compiler/graph/test_serde.py",),
    ),
    Fault(
        "places-in-the-wrong-order", "what can never be true inside `a then b` is pointed at where it stands",
        "compiler/lints/places.py", "[(written.second, args[0]),", "[(written.first, args[0]),",
        ("tests/compiler/lints/test_rules.py",),
    ),
)  # fmt: skip
