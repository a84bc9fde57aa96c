"""Faults seeded in what becomes of an entry at market that turns the position: it is the way out of what is held."""

from __future__ import annotations

from tools.fault import Fault

_OWED = "tests/runtime/live/test_turns_owed.py"
_TOO_SHORT = "tests/runtime/live/test_turned_too_short.py"
_TOO_FAR = "tests/runtime/live/test_turned_too_far.py"
_TURNING = "runtime/account/turning.py"
_PIECES = "tests/runtime/live/test_turns_in_pieces.py"
_IN_DOUBT = "tests/runtime/live/test_turns_in_doubt.py"
_TOGETHER = "tests/runtime/live/test_turns_refused_together.py"
_LEVELS = "tests/runtime/live/test_levels_of_entries.py"
_GROWN = "tests/runtime/live/test_turns_grown.py"
_EXITS = "runtime/live/exits.py"
_AFTER = "tests/runtime/live/test_turns_after_entries.py"
_HELD = "runtime/live/held.py"

TURN_FAULTS: tuple[Fault, ...] = (
    Fault(
        "turn-owes-nothing", "what a turn was to close is owed as an exit where the turn was refused", _TURNING,
        "lots = lots_to_close(order, ledger) if owes(order) else 0", "lots = 0", (_OWED,),
    ),
    Fault(
        "turn-owes-all-of-it", "of a turn that filled in part what it was still to close is owed", _TURNING,
        "order.quantity - order.opens, order.filled - order.done", "order.quantity, 0", (_OWED,),
    ),
    Fault(
        "turn-owed-later", "what a turn closes leaves at once where entries are held back", "runtime/live/desk.py",
        "        return demanded + self._give(self.exits.due(self.ledger, self._ts))  # what it owes leaves",
        "        return demanded", (_OWED,),
    ),
    Fault(
        "turn-lost-in-silence", "what a lost turn was to open is told", "runtime/live/losses.py",
        "return owes(order) and order.to_open > 0", "return False", (_OWED,),
    ),
    Fault(
        "turn-given-up-early", "a turn in doubt is sought for as long as an exit is", "runtime/backends/bybit/questions.py",
        "if not (is_lost and lots_to_close(order, self._ledger)):", "if True:", (_OWED,),
    ),
    Fault(
        "turn-not-sent-again", "a turn in doubt leaves again under its own name", "runtime/backends/bybit/router.py",
        "return turns(spec) and is_as_large(order, self._ledger)", "return False", (_OWED,),
    ),
    Fault(
        "turn-too-large-again", "a turn in doubt does not leave again where less is held", _TURNING,
        "return is_the_same and order.quantity - order.opens == position.quantity", "return is_the_same", (_OWED,),
    ),
    Fault(
        "turn-taken-back-and-owed", "a turn that a person took back owes nothing", _TURNING,
        "return order.leaving is None or order.leaving.reason in _BY_THE_SESSION", "return True", (_OWED,),
    ),
    Fault(
        "resting-turn-owes", "a turn that rests at a price owes nothing", _TURNING,
        "spec.effect is Effect.OPEN and spec.order_type is OrderType.MARKET and spec.carries", "spec.effect is Effect.OPEN and spec.carries",
        (_OWED,),
    ),
    Fault(
        "turn-of-the-next-position", "what a turn was to close is of the position that it was asked for beside", _EXITS,
        "        self.owed = {name: one for name, one in self.owed.items() if one.last.position == number}\n", "",
        (_OWED,),
    ),
    Fault(
        "turn-beside-itself", "a turn in doubt is waited for by a turn of a later close", "runtime/live/owed.py",
        "        return lots_to_close(order, ledger)\n", "        return 0\n", (_OWED,),
    ),
    Fault(
        "uncertain-holds-the-way-out", "the fate of another request holds no closing half of a turn", "runtime/decide/enter.py",
        "closes=_closes_first(context, side, kind)", "closes=False", (_OWED,),
    ),
    Fault(
        "turn-beside-the-uncertain", "a turn opens nothing while the fate of another request is unknown", _EXITS,
        "if turns(command.spec) and ledger.book.is_unsure", "if False and ledger.book.is_unsure", (_OWED,),
    ),
    Fault(
        "paper-turn-owes-nothing", "what a turn was to close leaves in a paper session that is paused", "runtime/live/paper.py",
        "        spec = left_to_close(order, self.ledger)\n", "        spec = None\n", (_OWED,),
    ),
    Fault(
        "surplus-kept", "what a turn has opened too much is taken back", "runtime/live/desk.py",
        "            self.lost += self.exits.turned(event, self.ledger, self._ts)\n", "", (_TOO_FAR,),
    ),
    Fault(
        "surplus-later", "what a turn has opened too much leaves at once", "runtime/live/desk.py",
        "            elif self.lost:", "            elif False:", (_TOO_FAR,),
    ),
    Fault(
        "surplus-beside-a-target", "a target size takes over what was to be given back", _EXITS,
        "is_over = is_target and is_older", "is_over = is_target and is_older and one.spec.reason != TOO_FAR", (_TOO_FAR,),
    ),
    Fault(
        "surplus-in-silence", "what a turn has opened too much is told", _EXITS,
        "        return [notice]\n", "        return []\n", (_TOO_FAR,),
    ),
    Fault(
        "surplus-of-each-alone", "two turns of one close open together what both were to open", _TURNING,
        "            lots -= order.netted\n", "            lots -= 0\n", (_TOO_FAR,),
    ),
    Fault(
        "surplus-told-late", "what closed beside a turn and is told after it is seen", _TURNING,
        "return order.opened if order.spec.reduce_only else 0", "return 0", (_TOO_FAR,),
    ),
    Fault(
        "surplus-of-any-layer", "a surplus leaves the layer that it came to", _TURNING,
        "layer=booking.opened)", "layer=None)", (_TOO_FAR,),
    ),
    Fault(
        "surplus-followed", "what follows a turn is of what it was to open", "runtime/decide/late_fills.py",
        "max(0, order.opened - surplus(order, ledger))", "order.opened", (_TOO_FAR,),
    ),
    Fault(
        "surplus-counted-as-exit", "the card sees no exit of its own in what is taken back", "runtime/account/ledger.py",
        "order.spec.reason != TOO_FAR and ", "", (_TOO_FAR,),
    ),
    Fault(
        "surplus-as-last-exit", "what is taken back is not why the card last exited", "runtime/account/results.py",
        "if order.spec.reason != TOO_FAR:", "if order is not None:", (_TOO_FAR,),
    ),
    Fault(
        "surplus-at-risk", "what a turn was to open is what it risked", "runtime/account/results.py",
        "            lots = min(lots, order.opens)\n", "", (_TOO_FAR,),
    ),
    Fault(
        "rest-of-a-turn-stays", "what a turn leaves that did not grow with the position is closed", "runtime/live/turned.py",
        "    if spec := to_close_now(order, ledger):\n", "    if spec := None:\n", (_TOO_SHORT,),
    ),
    Fault(
        "rest-of-a-turn-taken-back", "of a turn that the card has taken back nothing is owed", _TURNING,
        "is_filled = order.status is OrderStatus.FILLED and order.leaving is None", "is_filled = order.status is OrderStatus.FILLED",
        (_TOO_SHORT,),
    ),
    Fault(
        "surplus-without-turns", "only cards that may turn give back", _TURNING,
        "may_turn = ledger.settings.policy.allow_flip and ", "may_turn = ", (_TOO_FAR,),
    ),
    Fault(
        "turn-above-the-largest-refused", "of a turn at market what it opens is held against the largest order",
        "runtime/decide/checks.py", "0 if room.order_type is OrderType.MARKET else room.carries", "room.carries",
        (_PIECES, "tests/runtime/decide/test_flips.py"),
    ),
    Fault(
        "turn-above-the-largest-refused-by-the-kernel", "the account kernel holds a turn against the largest order as the engine",
        "runtime/batch/room.py", "most - (0 if kind == MARKET else z[CARRIED])", "most - z[CARRIED]",
        ("tests/runtime/batch/test_resize.py",),
    ),
    Fault(
        "turn-above-the-largest-as-one", "a turn above the venue's largest order leaves as exit and entry", _TURNING,
        "return ledger.in_pieces and turns(spec)", "return False and turns(spec)", (_PIECES,),
    ),
    Fault(
        "turn-in-pieces-beside-an-unknown-fate", "a turn's entry does not leave by itself while a request's fate is unknown", _TURNING,
        "and is_large and not ledger.book.is_unsure", "and is_large", (_PIECES,),
    ),
    Fault(
        "closed-in-place-untold", "an entry that closed in place of a lost turn of its close is told", _TURNING,
        "    if not is_over or not any(_was_to_close_more(other) for other in beside):", "    if True:", (_TOGETHER,),
    ),
    Fault(
        "refused-turn-closes-nothing", "what a turn refused beside an older exit was to close is closed",
        "runtime/live/unturned.py", "    exits.owed[name] = Owed(spec, lots, Attempt(name, name, one.position), 0)\n", "",
        (_IN_DOUBT,),
    ),
    Fault(
        "closed-in-place-of-an-exit-untold", "an entry that closed in place of an exit of its close is told", _TURNING,
        "        if (turns(other.spec) and other is not order) or _exits_beside(other, order)\n",
        "        if turns(other.spec) and other is not order\n", (_IN_DOUBT,),
    ),
    Fault(
        "waited-in-vain-closes-nothing", "what a turn that waited in vain for an answer was to close is closed",
        "runtime/live/desk.py", "self.lost.append(given_up(told, intent, outcome, self.ledger, self.exits))",
        "self.lost.append(told)", (_IN_DOUBT,),
    ),
    Fault(
        "refused-turn-beside-a-target", "a later target size ends what a refused turn was to close",
        "runtime/live/unturned.py", "if any(not isinstance(o, Refused) and", "if any(False and", (_IN_DOUBT,),
    ),
    Fault(
        "turn-refused-by-facts-untold", "a turn that the facts of the contract refuse is told", "runtime/live/missed.py",
        "elif outcome.kind in _OF_FACTS and", "elif False and", (_PIECES,),
    ),
    Fault(
        "levels-of-an-entry-asked-of-the-venue", "stop and target of a resting entry alone are changed without a request",
        "runtime/orders/changes.py", "return stop is not None or command.take_profit is not None", "return False", (_LEVELS,),
    ),
    Fault(
        "levels-of-an-entry-left-behind", "stop and target of a resting entry change with its price or size",
        "runtime/backends/bybit/outside.py", "return asked.stop_loss, asked.take_profit", "return None, asked.take_profit", (_LEVELS,),
    ),
    Fault(
        "levels-of-a-change-not-done", "stop and target of a change wait until the venue has the rest of it",
        "runtime/backends/bybit/outside.py", "        or asked.limit_price not in (None, row.limit_price)\n", "", (_LEVELS,),
    ),
    Fault(
        "half-a-proven-change", "an execution that proves a change proves all of it",
        "runtime/backends/bybit/proofs.py", "yield amended(asked, bar, ts)",
        "yield __import__('dataclasses').replace(amended(asked, bar, ts), stop_loss=None)", (_LEVELS,),
    ),
    Fault(
        "turn-grown-once", "the total by which a resting entry turns what is held is asked for again where it was refused",
        "runtime/consequences.py", "    return _is_due(now, order, order.refusals)", "    return order.spec.role is Role.EXIT and _is_due(now, order, order.refusals)",
        (_GROWN,),
    ),
    Fault(
        "exit-cut-once", "what makes an exit of the card no larger than what is held is asked for again where it was lost or refused",
        "runtime/consequences.py", "    return _is_due(now, order, order.refusals)", "    return order.spec.role is not Role.EXIT and _is_due(now, order, order.refusals)",
        ("tests/runtime/live/test_lost_in_a_row.py",),
    ),
    Fault(
        "exit-too-large-in-silence", "an exit that is not made smaller again and again is told",
        "runtime/live/losses.py", "if order.spec.role is Role.EXIT and order.is_uncut:", "if False:",
        ("tests/runtime/live/test_lost_in_a_row.py",),
    ),
    Fault(
        "turn-grown-in-silence", "a resting entry that is refused the total by which it turns is told",
        "runtime/live/losses.py", "if lots := refused_to_turn(order):", "if lots := 0:", (_GROWN,),
    ),
    Fault(
        "turn-lost-at-an-end", "what a refused turn was to close is closed before a session ends", "runtime/live/desk.py",
        "            self.lost += self.missed.ending(self.ledger, self.exits, self._ts)\n", "            pass\n",
        ("tests/tools/live/test_turns_at_an_end.py",),
    ),
    Fault(
        "turn-unsaid-at-an-end", "who ends a session is told what a refused turn was to close", "runtime/live/unfinished.py",
        " + self.missed.lots(self.ledger, self.exits)", "",
        ("tests/tools/live/test_turns_at_an_end.py",),
    ),
    Fault(
        "turn-not-cancelled", "a person may cancel what a refused turn was to close", "runtime/live/unfinished.py",
        "        self.missed.dismiss(name)\n", "",
        ("tests/tools/live/test_turns_at_an_end.py",),
    ),
    Fault(
        "handed-over-under-one-name", "turns handed over between two closes have names of their own", "runtime/live/unturned.py",
        'while name in taken or f"{name}r0" in ledger.orders:', "while False:", ("tests/runtime/live/test_turns_handed_over.py",),
    ),
    Fault(
        "handed-over-twice", "turns of one close were to close the same lots", "runtime/live/unturned.py",
        "one.spec.quantity - handed", "one.spec.quantity", ("tests/runtime/live/test_turns_handed_over.py",),
    ),
    Fault(
        "turn-overtakes-an-entry", "what a close decides after an entry at market that waits, of the other side, waits for it", _HELD,
        "if not waiting.rests and ledger.orders", "if False and ledger.orders", (_AFTER,),
    ),
    Fault(
        "waited-and-as-large-as-it-was", "a turn that has waited closes what is held by then", _HELD,
        "order.is_terminal or not order.spec.carries or", "True or", (_AFTER,),
    ),
    Fault(
        "way-out-waits", "what closes what is held waits for no entry while entries are held back", _HELD,
        "is_way_out = is_closed and _closes_now(spec, ledger)", "is_way_out = False", (_AFTER,),
    ),
    Fault(
        "of-the-first-position-alone", "a turn owes to close what an entry of its own close has opened",
        "runtime/live/turned.py", " and not is_of_its_close:", ":", (_AFTER,),
    ),
    Fault(
        "two-before-it-is-there", "what an entry has still to open no exit of its close can close", _TURNING,
        "if ledger.position is None or ledger.position.side is spec.side:", "if False:", (_AFTER,),
    ),
)  # fmt: skip
