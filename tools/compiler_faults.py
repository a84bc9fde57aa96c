"""Faults seeded in the compiler, and in the homes of words and facts that both packages read."""

from __future__ import annotations

from tools.fault import Fault

_IMPORTS = "tests/test_import_rules.py"
_PROVEN = "tests/properties/test_promises_proven.py"
_ONE_HOME = "tests/made_up/test_one_home.py"
_WARM_UP = "tests/compiler/lower/test_warm_up.py"

COMPILER_FAULTS: tuple[Fault, ...] = (
    Fault(
        "key-surer-than-its-value", "a key over a value that is wrong there is a guess",
        "compiler/parse/mended.py",
        "if not all(d.fix is not None and d.fix.safe for d in wrong):", "if False:",
        ("tests/properties/test_fix_laws.py",),
    ),
    Fault(
        "any-gap-is-a-slip", "two pieces of a sign are surely one only a blank apart",
        "compiler/expressions/split_signs.py", "written == spelt and len(gap) == 1", "written == spelt",
        ("tests/properties/test_fix_laws.py",),
    ),
    Fault(
        "order-type-by-name", "an action asks for the order of its row, whatever it is called",
        "runtime/decide/make_spec.py", "    asked = intent.spec.order_type\n",
        "    asked = intent.spec.order_type\n"
        '    if not intent.kind.startswith("place_"):\n        asked = OrderType.MARKET\n',
        (_ONE_HOME,),
    ),
    Fault(
        "sign-of-an-average", "what is said of an output's sign holds where its source is never below zero",
        "compiler/lints/reasoning/facts.py",
        "is_signed = may_be_negative(node, features, self._is_signed)", "is_signed = False",
        ("tests/properties/test_facts.py",),
    ),
    Fault(
        "turning-adds", "an entry that turns the position adds no layer to it",
        "compiler/lints/certain_refusals.py",
        "if side is not None and policy.allow_flip and", "if side is not None and False and",
        ("tests/compiler/lints/test_rules.py",),
    ),
    Fault(
        "layers-of-each-alone", "a cap on layers is one cap for all entries of a side",
        "compiler/lints/size_sum_over_limit.py",
        "left = sum(item.count for item in worst) if most is None else most",
        "left = sum(item.count for item in worst)",
        ("tests/compiler/lints/test_rules.py",),
    ),
    Fault(
        "sign-guessed", "what is not stated of an output is unknown, never a bound",
        "compiler/lints/reasoning/facts.py", "if low is None and self._told(self._kept(base)).never_negative:",
        "if low is None:", (_ONE_HOME,),
    ),
    Fault(
        "words-listed-by-hand", "the choices of a command are the words of the setting",
        "tools/commands/backtest.py", "type=click.Choice([word.value for word in FillModel]),",
        'type=click.Choice(["touch", "through", "volume_weighted", "queue", "conservative"]),',
        (_ONE_HOME,),
    ),
    Fault(
        "word-overlooked", "whoever tells words apart does so to the last",
        "runtime/decide/sizes.py",
        "        case SizingModel.PERCENT_EQUITY:\n"
        "            return min(equity * rule.value / 100 * leverage / basis.price, most)\n"
        "        case _:\n            assert_never(rule.model)\n",
        "        case _:\n"
        "            return min(equity * rule.value / 100 * leverage / basis.price, most)\n",
        (_ONE_HOME,),
    ),
    Fault(
        "words-come-back-as-text", "a graph read from JSON has words where it had words",
        "compiler/graph/serde.py",
        "return hint(value) if isinstance(hint, type) and issubclass(hint, StrEnum) else value",
        "return value", ("tests/compiler/graph/test_serde.py",),
    ),
    Fault(
        "modules-in-a-circle", "no modules import each other in a circle",
        "compiler/check/words.py", "from compiler.catalog.types import Type, Unit\n",
        "import compiler.check.types\nfrom compiler.catalog.types import Type, Unit\n", (_IMPORTS,),
    ),
    Fault(
        "arrow-back-up", "a room of the compiler reads only those before it on the road",
        "compiler/catalog/promises.py", "from enum import StrEnum\n",
        "from enum import StrEnum\n\nfrom compiler.graph.rule_graph import RuleGraph\n", (_IMPORTS,),
    ),
    Fault(
        "arrow-back-up-in-the-runtime", "a room of the runtime reads only those above it",
        "runtime/errors.py", "from __future__ import annotations\n",
        "from __future__ import annotations\n\nimport runtime.formulas.sums\n", (_IMPORTS,),
    ),
    Fault(
        "diff-by-order", "what commutes is no difference",
        "compiler/graph/normal_form.py", "            forms.sort()\n", "            pass\n",
        ("tests/properties/test_diff_laws.py",),
    ),
    Fault(
        "explain-first-place", "a condition has the line of the case it stands in",
        "compiler/lints/places.py", "found = self._found.get((block, case), {})",
        "found = next(iter(self._found.values()), {})", ("tests/runtime/explain/test_explain.py",),
    ),
    Fault(
        "proven-too-soon", "what the card alone proves of a promise no market breaks",
        "compiler/lints/promises.py", "return True if not beyond and _one_by_one(context) else None",
        "return True if not beyond else None", (_PROVEN,),
    ),
    Fault(
        "never-placed-beside-others", "an entry that is never placed stops a card only where it is alone",
        "compiler/lints/entry_never_placed.py", "is_error=not entries and not is_exit",
        "is_error=not is_exit", ("tests/compiler/lints/test_rules.py",),
    ),
    Fault(
        "facts-of-any-market", "facts of another market earn no tick",
        "runtime/reports/trust.py",
        '    if (data["venue"], data["market"]) == (facts["venue"], facts["market"]):\n',
        "    if True:\n", ("tests/runtime/reports/test_trust.py",),
    ),
    Fault(
        "facts-of-any-venue", "bars of one venue are not traded on the facts of another",
        "tools/feeds.py", "stored_instrument(self.data, symbol, identity) or",
        "stored_instrument(self.data, symbol) or", ("tests/tools/test_instrument_file.py",),
    ),
    Fault(
        "session-as-an-anchor", "a session named as an anchor is told what says it instead",
        "compiler/resolve/features.py", "if f.type == SESSION.type)", "if f.type == \"\")",
        ("tests/compiler/resolve/test_session_anchors.py",),
    ),
    Fault(
        "ticks-are-one", "so many ticks are so many steps of the price",
        "compiler/lower/worded.py", "    if count == 1:\n        return step\n", "    if count:\n        return step\n",
        ("tests/compiler/lower/test_worded.py",),
    ),
    Fault(
        "leverage-unheld", "more leverage than the instrument allows is found before a run",
        "compiler/lints/leverage_over_instrument.py", "if asked <= most:", "if asked <= most * 2:",
        ("tests/tools/test_cli_backtest.py",),
    ),
    Fault(
        "computed-amounts-are-stated", "an amount that is computed of amounts is cut, not refused",
        "compiler/optimize/fold.py", "        simpler = None if is_kept else ", "        simpler = ",
        ("tests/runtime/decide/test_size_expressions.py",),
    ),
    Fault(
        "free-margin-times-leverage", "a part of the free margin is notional without leverage",
        "compiler/lower/worded.py", '"free": "free_margin"', '"free": "free_usdt"',
        ("tests/runtime/decide/test_size_expressions.py",),
    ),
    Fault(
        "key-without-its-shape", "a key written anew over a value of another shape is no fix",
        "compiler/parse/first_attempts.py", "    return key not in (OptionName.TRAIL, OptionName.LADDER) or isinstance(value, Mapping)\n",
        "    return True\n", ("tests/compiler/parse/test_validate.py",),
    ),
    Fault(
        "first-letter-slips", "a word that begins with another letter is never safely another",
        "compiler/findings/suggest.py", "        and part[0] == meant[0]\n", "",
        ("tests/compiler/findings/test_suggest.py",),
    ),
    Fault(
        "month-is-a-minute", "`1M` is never safely `1m`",
        "compiler/findings/suggest.py",
        "        return same[0] if len(same) == 1 and not _is_month(word, same[0]) else None\n",
        "        return same[0] if len(same) == 1 else None\n",
        ("tests/compiler/findings/test_suggest.py",),
    ),
    Fault(
        "rule-guessed", "an ignore comment safely names another rule only where a slip lies between",
        "compiler/text/suppressions.py", "safe=near == sure)", "safe=True)",
        ("tests/compiler/text/test_suppress.py",),
    ),
    Fault(
        "link-replaced", "a linked card is written through its link",
        "runtime/market/whole_files.py", "    target = path.resolve()\n", "    target = path\n",
        ("tests/tools/test_write_whole.py",),
    ),
    Fault(
        "mode-forgotten", "a written card keeps its mode",
        "runtime/market/whole_files.py", "    made.chmod(stat.S_IMODE(had.st_mode))\n", "",
        ("tests/tools/test_write_whole.py",),
    ),
    Fault(
        "part-left-behind", "who is interrupted while writing leaves what was there, and nothing beside it",
        "runtime/market/whole_files.py", "    except BaseException:\n", "    except Exception:\n",
        ("tests/tools/test_write_whole.py",),
    ),
    Fault(
        "page-written-by-itself", "whatever a command leaves behind is written in one place",
        "tools/commands/compare.py", "    write_whole(target, page(made))\n",
        "    target.write_text(page(made), encoding='utf-8')\n",
        ("tests/test_whole_files.py",),
    ),
    Fault(
        "deciding-stop-unnamed", "the envelope names stops and targets that decide",
        "runtime/reports/envelope.py",
        "        if order.role not in OWN and order.role not in PROTECTIVE:\n",
        "        if order.role not in OWN:\n", ("tests/runtime/reports/test_envelope.py",),
    ),
    Fault(
        "symbol-unmoved", "a card is explained on the symbol that was asked for",
        "tools/running.py",
        "despite_lint=despite_lint, symbol=feeds.symbol)", "despite_lint=despite_lint)",
        ("tests/tools/test_symbol_option.py",),
    ),
    Fault(
        "nand-is-and", "a word with a meaning of its own is never safely another",
        "compiler/expressions/repair.py",
        "    sure = len(near) == 1 and len(word) > 2 and word.lower() not in OF_THEIR_OWN\n",
        "    sure = len(near) == 1 and len(word) > 2\n", ("tests/properties/test_fix_laws.py",),
    ),
    Fault(
        "usdc-is-usdt", "another coin inside a name is never safely ours",
        "compiler/findings/suggest.py", "        and part not in OF_THEIR_OWN\n", "",
        ("tests/compiler/findings/test_suggest.py",),
    ),
    Fault(
        "bound-out-of-reach", "the reference says the bounds that lint holds a card to", "tools/language_words.py",
        "if spec.low == 0 and _is_above(spec.path)\n", "if False\n", ("tests/tools/test_reference.py",),
    ),
    Fault(
        "symbol-twice-said", "a source that is of a symbol already needs none beside it", "compiler/resolve/sources.py",
        "            if is_its_own\n", "            if not is_its_own\n",
        ("tests/compiler/resolve/test_sources.py",),
    ),
    Fault(
        "chain-half-said", "comparisons in a chain are told once, with all of their pairs", "compiler/expressions/chains.py",
        "        signs.append(at)\n", "        return [*signs, at]\n", ("tests/compiler/expressions/test_expressions_errors.py",),
    ),
    Fault(
        "own-past-without-help", "a name that reads itself is told what has memory", "compiler/resolve/card.py",
        "helps = instead_of_itself(first.name, first.value)", "helps = None", ("tests/compiler/resolve/test_own_past.py",),
    ),
    Fault(
        "month-without-a-word", "there is no month, and a minute is not offered for it", "compiler/parse/validate.py",
        "        return Place.TIMEFRAME\n", "        return None\n", ("tests/compiler/resolve/test_own_past.py",),
    ),
    Fault(
        "past-before-the-field", "`bb[1].lower` is told where the bars back stand", "compiler/expressions/habits.py",
        "    _field_of_the_past,\n", "", ("tests/compiler/expressions/test_expressions_errors.py",),
    ),
    Fault(
        "risen-is-equal", "`is` is safely `==` before a value that something can have alone",
        "compiler/expressions/repair.py", "sure=found.token.value.strip(\"'\\\"\") in _VALUES,", "sure=True,",
        ("tests/compiler/expressions/test_expressions_errors.py",),
    ),
    Fault(
        "scale-of-percent", "what lint offers for a number out of scale is in scale",
        "compiler/check/scales.py", "            written = value * 100 if in_percent else value\n",
        "            written = value\n", ("tests/properties/test_fix_laws.py",),
    ),
    Fault(
        "remark-unsaid", "whatever a run did to a wish of the card is shown with its count",
        "runtime/reports/trust.py", '    for row in made["remarks"]:\n',
        '    for row in made["remarks"][1:]:\n', ("tests/runtime/reports/test_trust.py",),
    ),
    Fault(
        "grid-by-example", "a grid is suggested from the bars' own decimals",
        "runtime/market/plausible.py",
        'options = f"--tick {price_step(frame):g} --lot {volume_step(frame):g}"',
        'options = "--tick 0.01 --lot 0.1"', ("tests/tools/test_cli_backtest.py",),
    ),
    Fault(
        "never-too-soon", "nothing happens that lint says never does",
        "compiler/lints/certain_refusals.py",
        'if context.possible_while(view, ("flat", side.value)) or leaves(',
        'if context.possible_while(view, ("flat",)) or leaves(',
        ("tests/properties/test_never_placed.py",),
    ),
    Fault(
        "room-not-seen", "an entry beside the exit that makes room for it adds no layer",
        "compiler/lints/certain_refusals.py",
        "    if side is not None and leaves(context, view, side):\n        return  # it enters",
        "    if side is None and leaves(context, view, side):\n        return  # it enters",
        ("tests/compiler/lints/test_rules.py",),
    ),
    Fault(
        "second-text-for-a-node", "explain says of a node what describe says",
        "runtime/explain/close.py", "text=shortened(describe(_written_out(graph, index), index)),",
        'text=shortened(f"({describe(_written_out(graph, index), index)})"),', ("tests/runtime/explain/test_explain.py",),
    ),
    Fault(
        "barred-entry-proven", "an entry asked for while the card promises none is refuted",
        "compiler/lints/promises.py", "if is_always or example is not None:", "if False:", (_PROVEN,),
    ),
    Fault(
        "waiting-order-proven", "what waits may fill when the promise bars it",
        "compiler/lints/promises.py",
        'return None if ask([Claim(node, Truth.TRUE)], [holding("flat")]) else True', "return True",
        (_PROVEN,),
    ),
    Fault(
        "price-of-a-fill-guessed", "a notional is proven only where a limit bounds its price",
        "compiler/lints/promises.py", "return True if _buys_at_limits(context) else None",
        "return True", (_PROVEN,),
    ),
    Fault(
        "example-by-a-picked-result", "an example is tried with what its numbers come to, not with a result that was picked",
        "compiler/lints/reasoning/logic.py", "if is_worked_out(node) and (key in state.known or key in state.closure.keys):",
        "if False:", ("tests/compiler/lints/test_examples.py",),
    ),
    Fault(
        "example-of-usual-numbers-alone", "what is worked out of several numbers is tried with others than the usual ones",
        "compiler/lints/reasoning/witness.py", "    for key in free:\n", "    for key in free[:0]:\n",
        ("tests/compiler/lints/test_examples.py",),
    ),
    Fault(
        "one-warm-up-for-all-outputs", "every output is known from its own warm-up on",
        "compiler/catalog/types.py", "(output.warmup or self.warmup)(params)", "self.warmup(params)",
        (_WARM_UP,),
    ),
    Fault(
        "primary-waited-for", "a feature is waited for until the latest output that is read is known",
        "compiler/lower/features.py", "bars[read] = max(bars[read], known[read][output])", "bars[read] = 0",
        (_WARM_UP,),
    ),
    Fault(
        "unread-waited-for", "what no rule reads is not waited for",
        "compiler/lower/card.py", "for node in reached(graph)]", "for node in range(len(graph.nodes))]",
        (_WARM_UP,),
    ),
    Fault(
        "part-of-a-slow-bar", "a session asks for bars until every slow clock has its whole ones",
        "tools/live/warm_up.py", "max(_MORE, slowest // own - 1)", "_MORE", (_WARM_UP,),
    ),
    Fault(
        "session-without-this-bar", "while a session is active the bar at hand is in its prices",
        "compiler/lints/reasoning/sessions.py", 'if name != "low" or is_first:', "if is_first:",
        ("tests/compiler/test_broken_cards.py",),
    ),
    Fault(
        "no-way-past-this-bar", "of a price that has this bar in it the bars before are named",
        "compiler/lints/never_true.py", "of_this_bar(context, core)\n", "None\n",
        ("tests/compiler/lints/test_standing.py",),
    ),
    Fault(
        "gone-with-the-position-and-still-there", "an order that goes with the position does not work while flat",
        "compiler/lints/context.py", "if self._ends_with_its_position(view, action):", "if False:",
        ("tests/compiler/lints/test_order_ref_reuse.py",),
    ),
    Fault(
        "second-entry-asks-too", "each fill of several waiting entries asks for the order",
        "compiler/lints/context.py", "or not self.may_repeat_while_pending(view, one)", "or True",
        ("tests/compiler/lints/test_order_ref_reuse.py",),
    ),
    Fault(
        "comes-again-for-ever-alone", "an order that comes again so many times lives on as one that does for ever",
        "compiler/lints/context.py", "return self.flag(OptionName.REARM) or self.number(OptionName.REARM) is not None",
        "return self.flag(OptionName.REARM)", ("tests/compiler/lints/test_lives.py",),
    ),
    Fault(
        "guard-of-what-warms-up", "a guard is told of values alone that are missing again and again",
        "compiler/lints/unknown_falls_through.py", "if not is_often_unknown(context, context.node(leaf)):", "if False:",
        ("tests/compiler/lints/test_guards.py",),
    ),
    Fault(
        "guard-beside-the-entry", "a guard is told that stands in front of the entry",
        "compiler/lints/unknown_falls_through.py", "if not suffices and ask(", "if False and ask(",
        ("tests/compiler/lints/test_guards.py",),
    ),
    Fault(
        "guard-that-asks-itself", "a guard is told where the entry behind it can be placed",
        "compiler/lints/unknown_falls_through.py", "if ask([*here, Claim(negation, Truth.UNKNOWN), *passed], (missing,)):",
        "if True:", ("tests/compiler/lints/test_guards.py",),
    ),
)  # fmt: skip
