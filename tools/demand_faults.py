"""Faults seeded in what events demand: protection, groups, requests that fail, a crash between two records.

The law: as in `tools/fault_list.py`.
"""

from __future__ import annotations

from tools.fault import Fault

_DEMANDS = "tests/runtime/test_demands.py"
_FILLS = "tests/runtime/test_demands_of_fills.py"
_CRASH = "tests/properties/test_crash.py"
_WIRE = "tests/properties/test_wire.py"
_VENUE = "tests/runtime/live/test_demands_at_the_venue.py"
_TARGETS = "tests/runtime/live/test_targets_owed.py"
_MOVED = "tests/runtime/live/test_targets_moved.py"
_LATE_CHANGE = "tests/runtime/live/test_late_changes.py"
_CHANGED = "tests/runtime/live/test_changes_again.py"
_SHARES = "tests/runtime/live/test_shares_in_doubt.py"
_ENDED = "tests/runtime/live/test_ended_by_the_venue.py"
_HOME = "runtime/consequences.py"
_ONE_EXIT = "tests/runtime/live/test_one_exit_of_many_orders.py"
_REACHED = "tests/runtime/live/test_targets_reached.py"
_TOO_LARGE = "tests/runtime/live/test_targets_too_large.py"

DEMAND_FAULTS: tuple[Fault, ...] = (
    Fault(
        "cancel-forgotten", "a cancel once decided stays decided until the order has ended", _HOME,
        "if order.leaving is not None and order.order_id not in now.gone:", "if False:",
        (_DEMANDS,),
    ),
    Fault(
        "refused-cancel-given-up", "a cancel that was refused is asked again by a timer", _HOME,
        "is_asked = command != order.refused or _is_due(now, order, order.refusals)", "is_asked = command != order.refused",
        (_DEMANDS, "tests/runtime/live/test_left_over.py"),
    ),
    Fault(
        "refused-cancel-spins", "a cancel that was refused is asked again ever less often", _HOME,
        "now.ts - order.refused_at >= wait_ms(failed)", "True", (_DEMANDS,),
    ),
    Fault(
        "refused-cancel-untold", "entries wait beside an order that the venue does not cancel",
        "runtime/live/session.py", "            if text := refused_again(event, self.desk.ledger):", "            if text := \"\":",
        ("tests/runtime/live/test_left_over.py",),
    ),
    Fault(
        "refused-asked-as-it-was", "what was refused as asked is not asked again as it was", _HOME,
        "    if command != order.refused or _may_ask_as_it_was(now, order):",
        "    if command is not None or _may_ask_as_it_was(now, order):", (_DEMANDS,),
    ),
    Fault(
        "stop-asked-without-limit", "a refused stop is asked for three times", _HOME,
        "        return absence.refusals < ATTEMPTS", "        return True", (_DEMANDS,),
    ),
    Fault(
        "lost-stop-made-by-an-event", "a stop that ended unasked is renewed by a timer", _HOME,
        "    if absence is None or not now.again:", "    if absence is None:", (_DEMANDS,),
    ),
    Fault(
        "dead-link-spins", "what never left is asked again by a timer alone", _HOME,
        'is_waiting = "amend" in order.unsent and not now.again', "is_waiting = False", (_DEMANDS,),
    ),
    Fault(
        "passed-stop-asked-again", "a stop that the market has passed is executed", _HOME,
        "    return absence is not None and absence.is_passed", "    return False",
        (_DEMANDS, _VENUE),
    ),
    Fault(
        "times-up-at-closes-only", "a replay asks for what ended at the last close", _HOME,
        "    yield from _over(now)\n    yield from _protect(now)\n",
        "    yield from _protect(now)\n", (_FILLS, _CRASH),
    ),
    Fault(
        "amend-over-too-early", "an amend is over when the order is as asked",
        "runtime/orders/order.py", "        if self._is_as_asked():", "        if True:", (_DEMANDS,),
    ),
    Fault(
        "exits-of-a-group-go", "exits of a group shrink by what one of them fills",
        "runtime/account/dismissal.py", "member.give_way(booking.event.quantity)",
        'member.leave("oco")', (_FILLS, "tests/validation/test_validation_cards.py"),
    ),
    Fault(
        "scopes-by-text", "scopes go by the numbers of their orders",
        "runtime/account/ledger.py", "key=lambda layer: layer.number)",
        "key=lambda layer: layer.layer_id)", (_FILLS,),
    ),
    Fault(
        "edge-lost-in-a-crash", "the protection a fill brings is a part of it",
        "runtime/account/ledger.py",
        "        if brought is not None:\n            self._protect(brought)\n", "",
        (_FILLS, _CRASH),
    ),
    Fault(
        "end-taken-for-absence", "what gave way to other protection is not missed",
        "runtime/account/absence.py", 'case OrderCancelled(reason="replaced"):',
        'case OrderCancelled(reason=""):',
        ("tests/runtime/backends/sim/test_replaced_protection.py", _WIRE),
    ),
    Fault(
        "refusals-not-in-a-row", "a stop that stands has been refused no time",
        "runtime/account/absence.py", "absences.pop((role, layer), None)", "pass", (_DEMANDS,),
    ),
    Fault(
        "moved-target-stays-absent", "a target that the card moves is another order",
        "runtime/account/ledger.py",
        "            self.absences.pop((Role.TAKE_PROFIT, event.layer), None)", "            pass",
        (_DEMANDS,),
    ),
    Fault(
        "entry-overtakes-its-exit", "an entry of the other side waits for the exit of its close",
        "runtime/live/held.py", "                if waiting.ids or waiting.is_held:", "                if waiting.is_held:", (_VENUE,),
    ),
    Fault(
        "entry-leaves-though-its-exit-failed", "what the exit left refuses the entry",
        "runtime/live/held.py", "    if waiting.exits and position", "    if False and position", (_VENUE,),
    ),
    Fault(
        "stops-shrink-first", "stops are made and grown before others shrink or go",
        "runtime/backends/bybit/router.py", "0 if grows else 1", "1",
        ("tests/runtime/backends/bybit/test_router.py",),
    ),
    Fault(
        "target-given-up", "a target is asked for as long as its position is held", _HOME,
        "    return absence.is_due(now.ts) or now", "    return absence.refusals < ATTEMPTS or now", (_DEMANDS, _TARGETS),
    ),
    Fault(
        "target-asked-without-patience", "a target that was refused waits ever longer",
        "runtime/account/absence.py", "return not self.refusals or ts - self.counted_at >= wait_ms(self.refusals)",
        "return True", (_DEMANDS,),
    ),
    Fault(
        "reached-and-not-closed", "what the market reached while the target was missing is closed at market",
        "runtime/live/targets.py", "            if is_there:", "            if False:", (_TARGETS,),
    ),
    Fault(
        "limit-target-met-by-a-touch", "a price that touches a limit target has not filled it",
        "runtime/live/targets.py", " and not one.short.is_limit)", ")", (_TARGETS,),
    ),
    Fault(
        "target-in-doubt-for-ever", "a target that has no answer is closed where the market reaches it",
        "runtime/live/targets.py", " or _is_in_doubt(ledger, scope) or self._silent(one, ts) >= self.borne_ms", "", (_MOVED,),
    ),
    Fault(
        "target-in-doubt-unwatched", "what is traded is looked at as soon as a target stays away",
        "runtime/live/targets.py", "one.has_failed or silent >= _WATCHED_MS", "refused > 0", (_MOVED,),
    ),
    Fault(
        "owed-until-it-stands", "what was reached while a move was lost is closed though the target stands again",
        "runtime/live/targets.py", "not (met.has_failed or known is not None)", "known is None", (_TARGETS,),
    ),
    Fault(
        "owed-grows-with-the-position", "lots bought after a target was reached are not owed", "runtime/account/short.py",
        "if target is None or lots >= target.lots:", "if True:", (_REACHED,),
    ),
    Fault(
        "owed-for-ever", "what was reached and is closed is owed no more", "runtime/live/targets.py",
        "self._left((spec.role, spec.layer), met, met.short.lots - event.quantity)",
        "self._left((spec.role, spec.layer), met, met.short.lots)", (_REACHED,),
    ),
    Fault(
        "owed-forgotten-at-an-entry", "an entry that brings another target ends nothing that was reached",
        "runtime/live/targets.py", "if met is not None and not is_brought:", "if met is not None:", (_REACHED,),
    ),
    Fault(
        "moved-and-owed", "what was reached is owed no more where the card moves its target",
        "runtime/live/targets.py", "if met is not None and not is_brought:", "if False:", (_REACHED,),
    ),
    Fault(
        "owed-beside-what-an-exit-closed", "what another exit closes of the lots that a target was reached for is owed no more",
        "runtime/live/targets.py", "self._left(scope, met, min(held, met.short.lots))", "pass", (_REACHED,),
    ),
    Fault(
        "too-late-to-be-met", "a target that was not there when the market was is owed", "runtime/live/targets.py",
        "one.has_failed or is_late)", "one.has_failed)", (_REACHED,),
    ),
    Fault(
        "reached-and-left-standing", "a target that stands again and was reached is cancelled and closed at market", _HOME,
        "(rests(order) or rests_elsewhere(order, goal[scope]))", "rests_elsewhere(order, goal[scope])", (_MOVED,),
    ),
    Fault(
        "reached-before-it-was-wanted", "a price that came before a missing target moved there reaches it not",
        "runtime/live/targets.py", "grew = ((ts, short.lots),)  # what came", "grew = one.grew  # what came", (_MOVED,),
    ),
    Fault(
        "reached-at-an-older-price", "a newer move of a target makes what its older price met void",
        "runtime/live/targets.py", "if before is not None and not _is_at(one.short, before.short):", "if False:", (_MOVED,),
    ),
    Fault(
        "lost-move-no-failure", "a move of a target that was not carried out has failed",
        "runtime/account/absence.py", 'outcome="not_sent") if role is Role.TAKE_PROFIT:', 'outcome="not_sent") if False:', (_MOVED,),
    ),
    Fault(
        "reached-known-to-timers-alone", "what follows from an event knows which targets were reached",
        "runtime/engine.py", "reached=self.reached()", "reached=None", (_MOVED,),
    ),
    Fault(
        "reached-lots-closed-twice", "an order that may still fill counts for what a reached target lacks", _HOME,
        "            lacking[scope] -= may_fill(order)\n", "            pass\n", (_DEMANDS, _TARGETS),
    ),
    Fault(
        "part-closed-beside-one-in-doubt", "a part is not closed at market while its target may come true",
        "runtime/live/targets.py", "            ts - order.spec.created_at < self.patience_ms\n", "            False\n", (_TARGETS,),
    ),
    Fault(
        "target-missing-untold", "a target that does not stand is told", "runtime/live/session.py",
        "        for notice in self._targets.news(self.desk.coverage.targets, self.desk.ledger, ts):\n            self.warn(notice)\n",
        "", (_TARGETS,),
    ),
    Fault(
        "target-shown-as-standing", "the screen says of a target that it does not stand",
        "runtime/account/short.py", "        if is_of_it and not is_at_market and", "        if is_of_it or is_at_market or", (_TARGETS,),
    ),
    Fault(
        "changed-twice-at-most", "a change that is lost again and again leaves until it is done", "runtime/live/changes.py",
        "again.is_unsent and asked == again.again:", "again.is_unsent and not asked:", (_CHANGED,),
    ),
    Fault(
        "older-change-wins", "a newer change waits for the answer about an older one that is asked for once more",
        "runtime/live/asked_later.py", "is_behind = order_id in repeated", "is_behind = False", (_CHANGED,),
    ),
    Fault(
        "reduce-of-what-is-leaving", "a person's `reduce` is one of what exits on their way leave", "runtime/live/desk.py",
        "lots = exiting(self.exits, self.coverage.targets, self.ledger, self._ts)", "lots = 0", (_SHARES,),
    ),
    Fault(
        "refused-change-untold", "a change that is refused and that nothing asks for again is told", "runtime/live/changes.py",
        "self.open[order_id] = replace(known, is_unsent=False)", "pass", (_CHANGED,),
    ),
    Fault(
        "refused-change-of-an-exit-given-up", "a change of an exit that is refused is asked for again", "runtime/live/changes.py",
        "            if order.spec.effect is Effect.REDUCE:\n", "            if False:\n", (_CHANGED,),
    ),
    Fault(
        "refused-change-at-once", "a change of an exit that is refused waits longer each time", "runtime/live/changes.py",
        "ts - change.failed_at < wait_ms(change.failed)", "False", (_CHANGED,),
    ),
    Fault(
        "older-size-dropped", "a newer change of the price alone leaves the size that an older one wants", "runtime/live/changes.py",
        "named = _names(asked)", "named = {*_FIELDS, _SIZE}", (_CHANGED,),
    ),
    Fault(
        "moved-after-all", "a change that was lost ends where the card wants its order as it is", "runtime/live/changes.py",
        "            self._said(intent, outcome, engine.ledger)\n", "", (_CHANGED,),
    ),
    Fault(
        "as-it-is-beside-a-move", "an order is not as it should be while a change that makes another of it is on its way",
        "runtime/decide/amend.py", "    if asked is None:\n", "    if asked is None or command == AmendOrder(order_id=order.order_id):\n",
        (_CHANGED, "tests/runtime/decide/test_amendments.py"),
    ),
    Fault(
        "late-carry-opened", "a late amend of an entry that turns leaves what it opens as it was asked", "runtime/orders/order.py",
        "dict(self.totals).get(total, max(0, total - self.quantity + self.opens))", "total", (_LATE_CHANGE,),
    ),
    Fault(
        "carry-drops-a-size", "what an entry carries says nothing of a size that was lost", "runtime/live/changes.py",
        "if order.spec.effect is Effect.OPEN and total == order.opens:", "if False:", (_LATE_CHANGE,),
    ),
    Fault(
        "back-where-it-was-moved-from", "an exit that comes back does so where a change that ended with it was to move it",
        "runtime/live/owed.py", "price = order.limit_price if wanted.limit_price is None else wanted.limit_price", "price = order.limit_price", ("tests/runtime/live/test_moved_exits.py",),
    ),
    Fault(
        "move-of-an-owed-exit-lost", "a rule's move of an exit that is owed waits until that stands", "runtime/live/asked_later.py",
        "repeated or _changes_exit(intent, ledger.orders.get(order_id))", "repeated", (_CHANGED,),
    ),
    Fault(
        "move-of-an-ended-exit-lost", "a change of an exit that the venue has ended waits until that stands", "runtime/live/asked_later.py",
        "(order.status is OrderStatus.REJECTED or ended_by_venue(order))", "order.status is OrderStatus.REJECTED", (_CHANGED,),
    ),
    Fault(
        "refused-beside-a-fill-told", "a change refused because its order has filled is not told", "runtime/live/changes.py",
        "if order is None or order.is_terminal or order.leaving is not None:", "if order is None or order.leaving is not None:",
        (_CHANGED,),
    ),
    Fault(
        "refused-change-told-beside-its-rule", "a refused change that its rule asks for again is not told",
        "runtime/live/changes.py", "bool(one.refused) and not one.asks_again and", "bool(one.refused) and", (_CHANGED,),
    ),
    Fault(
        "exit-ended-by-the-venue-given-up", "an exit at a limit that the venue has ended unasked is asked again",
        "runtime/live/owed.py", "is_at_market or is_refused or ended_by_venue(order)", "is_at_market or is_refused",
        (_ENDED,),
    ),
    Fault(
        "vanished-exit-given-up", "an exit at a limit that stood and is nowhere to be found is asked again",
        "runtime/live/owed.py", '"disconnect", "liquidation", VANISHED', '"disconnect", "liquidation"', (_ENDED,),
    ),
    Fault(
        "new-word-of-the-venue-is-a-persons", "a word for an end that is new is the venue's", "runtime/live/owed.py",
        "order.reason in BY_VENUE or order.reason.startswith(_NEW_WORDS)", "order.reason in BY_VENUE", (_ENDED,),
    ),
    Fault(
        "entry-ended-by-the-venue-untold", "an entry that the venue has ended unasked is told at once",
        "runtime/live/losses.py", "not (is_short or ended_by_venue(order)):", "not is_short:",
        (_ENDED,),
    ),
    Fault(
        "refusal-at-its-end-is-a-persons", "an order that ends with a reason for a refusal was ended by the venue",
        "runtime/live/owed.py", '_NEW_WORDS = ("Cancel", "EC_")', '_NEW_WORDS = ("Cancel",)', (_ENDED,),
    ),
    Fault(
        "moved-exit-back-at-its-first-price", "an exit that was moved comes back where it stood",
        "runtime/live/owed.py", "price = order.limit_price if wanted", "price = order.spec.limit_price if wanted", (_ENDED,),
    ),
    Fault(
        "ends-after-months-in-a-row", "an exit that stood before the venue ended it has not failed in a row",
        "runtime/live/exits.py", "failed = 1 if has_rested else", "failed = 1 if False else", (_ENDED,),
    ),
    Fault(
        "reduce-waits-for-a-turn", "a person's `reduce` closes its share beside a turn in doubt", "runtime/live/exits.py",
        "for spec, lots in asked if spec.role is Role.EXIT)", "for spec, lots in asked if spec.role is not Role.CLOSE_AT_END)",
        ("tests/runtime/live/test_turns_owed.py",),
    ),
    Fault(
        "large-target-stays", "a target that is not made smaller leaves", _HOME,
        "        elif stuck:\n", "        elif False:\n", (_TOO_LARGE,),
    ),
    Fault(
        "two-targets-of-a-layer", "a target stands beside no other of its layer", _HOME,
        "if scope in goal and closes_beside(order, ledger.position):", "if False:", (_TOO_LARGE,),
    ),
    Fault(
        "large-target-untold", "a target that stays too large is told", "runtime/live/coverage.py",
        "    stands = _standing(ledger)\n", "    stands = _stops(ledger)\n", (_TOO_LARGE,),
    ),
    Fault(
        "large-target-is-missing", "a target that is not made smaller is there", "runtime/account/absence.py",
        "not_sent\") if order.is_uncut:", "not_sent\") if order.is_uncut and not order.is_target:",
        (_TOO_LARGE,),
    ),
    Fault(
        "younger-for-a-refusal", "an exit that comes again is as old as its first order", "runtime/account/repeats.py",
        "key=lambda order: (first_of(order, orders).number, order.number)", "key=lambda order: order.number", (_ONE_EXIT,),
    ),
    Fault(
        "filled-anew", "the filled part of an exit that comes again is of the whole", "runtime/account/repeats.py",
        "whole(one.filled for one in _all(first, orders)) if first is not order else order.filled", "order.filled",
        (_ONE_EXIT,),
    ),
    Fault(
        "piece-for-the-whole", "the filled part of an exit in pieces is of the whole", "runtime/account/repeats.py",
        "if order.spec.order_type is not OrderType.MARKET:\n        total", "if True:\n        total", (_ONE_EXIT,),
    ),
    Fault(
        "bars-counted-anew", "an exit that comes again has waited since its first order", "runtime/account/repeats.py",
        "return min(last.bars_pending + max(0, since), bar", "return min(0, bar", (_ONE_EXIT,),
    ),
    Fault(
        "size-of-the-newest-order", "a new size of an exit that comes again is the total of the whole", "runtime/account/repeats.py",
        "    if first is order:\n        return 0\n", "    if first:\n        return 0\n", (_ONE_EXIT,),
    ),
    Fault(
        "cut-for-what-is-given-up", "an exit is not cut for lots that its own close takes from another", _HOME,
        "room -= max(0, min(keeps, order.stands))", "room -= max(0, keeps)", ("tests/runtime/live/test_owed_exits_stand.py",),
    ),
    Fault(
        "owed-as-large-as-before", "the rest is what an owed exit leaves as its close resizes it", "runtime/decide/intent_processor.py",
        "                note_owed(context, intent)\n", "                pass\n", ("tests/runtime/live/test_owed_exits_stand.py",),
    ),
    Fault(
        "rest-goes-on", "the rest of an exit that was to go with a close goes, whichever of its orders has filled",
        "runtime/account/repeats.py", "parts = (order,) if first is order", "parts = (order,) if first", (_ONE_EXIT,),
    ),
    Fault(
        "rest-comes-again", "the rest of an exit that was to go with a close does not come again after it",
        "runtime/live/owed.py", "return is_up or is_partly_over(spec, ledger.orders, ledger.bar)", "return is_up",
        (_ONE_EXIT,),
    ),
    Fault(
        "first-order-forgotten", "what is filled of an exit that comes again is not forgotten", "runtime/account/ledger.py",
        "        named.update(repeats.needed(self.orders, before, named))\n", "", (_ONE_EXIT,),
    ),
    Fault(
        "large-target-forgotten", "a target whose cancel is refused stays too large", "runtime/account/uncut.py",
        "(o.is_uncut or o.leaving is not None)", "o.is_uncut", (_TOO_LARGE,),
    ),
)  # fmt: skip
