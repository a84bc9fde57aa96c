"""Faults seeded in what a live session closes, turns and takes away."""

from __future__ import annotations

from tools.fault import Fault
from tools.follow_up_faults import FOLLOW_UP_FAULTS
from tools.turn_faults import TURN_FAULTS

_OWED = "tests/runtime/live/test_exits_owed.py"
_LATE = "tests/runtime/live/test_late_closes.py"
_TURNS = "tests/runtime/live/test_turns.py"
_LINES = "tests/runtime/live/test_lines.py"
_WISHES = "tests/runtime/live/test_wishes.py"
_TRAILS = "tests/runtime/live/test_trails.py"
_REARM = "tests/runtime/live/test_rearm.py"
_ROOM = "tests/runtime/live/test_room.py"
_UNWRITTEN = "tests/runtime/live/test_decided_without_a_journal.py"
_DOUBT = "tests/runtime/live/test_exits_in_doubt.py"
_PIECES = "tests/runtime/live/test_pieces_in_doubt.py"
_PATIENCE = "tests/tools/live/test_patience.py"
_SOUGHT = "tests/runtime/live/test_targets_sought.py"
_RESTING = "tests/runtime/live/test_resting_exits_owed.py"

CLOSING_FAULTS: tuple[Fault, ...] = (
    Fault(
        "cancelled-and-not-sought", "an exit that was cancelled while in doubt is sought for as long as it may act",
        "runtime/backends/bybit/questions.py",
        "is_untouched and (order.leaving is None or at_market)", "is_untouched and order.leaving is None",
        ("tests/runtime/live/test_exits_in_doubt.py",),
    ),
    Fault(
        "stop-of-the-other-side", "what protected a position that is gone is no stop of the one that is held",
        "runtime/live/coverage.py", " and protects(o, ledger.position)", "", (_TURNS,),
    ),
    Fault(
        "room-of-the-other-side", "stops that the venue does not let go take room of the next position",
        "runtime/account/room.py", " and o.side is need.side.opposite", "", (_TURNS,),
    ),
    Fault(
        "sibling-takes-the-place", "an exit of the same close does not take the place of one that failed",
        "runtime/live/exits.py", "        self.owed = {name: one for name, one in self.owed.items() if",
        "        asked = max((o.remaining for o in ledger.book if o.spec.role is Role.EXIT), default=0)\n"
        "        self.owed = {name: one for name, one in self.owed.items() if one.lots > asked and", (_OWED,),
    ),
    Fault(
        "newer-beside-the-owed", "an exit that a later close asks for takes the place of what is owed",
        "runtime/live/exits.py", "if ref is None and whole_lots > lots:", "if ref is None and (whole_lots > lots or not working):", (_OWED,),
    ),
    Fault(
        "one-for-two", "an exit takes the place of no more than it is large",
        "runtime/live/exits.py", "            lots -= whole_lots\n", "", (_OWED,),
    ),
    Fault(
        "newer-beside-the-doubtful", "an exit that a later close asks for takes the place of one in doubt",
        "runtime/live/exits.py", "doubtful = {} if has_counted else self._doubtful(spec, ledger)", "doubtful = dict[str, list[Order]]()", (_DOUBT,),
    ),
    Fault(
        "doubtful-fill-forgotten", "what an exit in doubt fills comes off the one that took its place",
        "runtime/live/exits.py", "            self.done_by(order.order_id, event.quantity)", "            pass", (_DOUBT,),
    ),
    Fault(
        "owed-by-both", "what an exit in doubt leaves is owed by the one that took its place, and by no other",
        "runtime/live/exits.py", "        if self._ended(order.order_id, failed, ts) or tried is None",
        "        self._ended(order.order_id, failed, ts)\n        if tried is None", (_DOUBT,),
    ),
    Fault(
        "counted-and-waiting", "an exit that was cut for one in doubt leaves beside it",
        "runtime/live/exits.py", "has_counted = id(intent) in cut or is_rest(intent)", "has_counted = False", (_DOUBT,),
    ),
    Fault(
        "small-for-large", "an exit takes the place of one in doubt that is no larger", "runtime/live/exits.py",
        "if ref is None and whole_lots > lots:", "if ref is None and whole_lots > lots and not working:", (_PIECES,),
    ),
    Fault(
        "two-for-one-in-doubt", "an exit in doubt is waited for by one of those that repeat it", "runtime/live/exits.py",
        "if order.order_id not in replaced:", "if True:", (_DOUBT,),
    ),
    Fault(
        "each-piece-by-itself", "an exit takes the place of all pieces of an older one or of none", "runtime/live/exits.py",
        "found.setdefault(self.tried[order.order_id].first, [])", "found.setdefault(order.order_id, [])", (_PIECES,),
    ),
    Fault(
        "doubtful-piece-not-counted", "a piece that is owed and one in doubt are one older exit", "runtime/live/exits.py",
        "            whole_lots += whole(still(order, self.tried[order.order_id]) for order in working)\n", "", (_PIECES,),
    ),
    Fault(
        "doubts-counted-anew", "an exit that every close asks for and that is always lost halts", "runtime/live/exits.py",
        "failed=max(one.last.failed, failed)", "failed=one.last.failed", (_DOUBT,),
    ),
    Fault(
        "wait-not-inherited", "what takes the place of an exit that waits, waits", "runtime/live/exits.py",
        "                after += one.last.after\n", "", (_DOUBT,),
    ),
    Fault(
        "beside-a-cancel", "an exit waits for the end of an older one that its close cancels", "runtime/live/exits.py",
        "            if not has_counted or ledger.is_leaving(order)\n", "            if False\n", (_DOUBT,),
    ),
    Fault(
        "waits-for-an-untold-end", "an exit waits no longer than for an answer for the end of a cancelled one",
        "runtime/live/owed.py", "any(is_patient or order.leaving is None for", "any(True for", (_DOUBT,),
    ),
    Fault(
        "detour-is-a-loss", "an exit that waits for one in doubt is no loss", "runtime/live/owed.py",
        "DETOURS = frozenset({OVER_LARGEST, IN_DOUBT})", "DETOURS = frozenset({OVER_LARGEST})", (_DOUBT,),
    ),
    Fault(
        "doubtful-beside-the-target", "a target size ends an exit in doubt that would leave less",
        "runtime/decide/adjust_size.py", "    if target > capacity.bounds()[0]:\n", "    if False:\n", (_DOUBT,),
    ),
    Fault(
        "leaving-is-on-its-way", "a target size does not count an exit that another target has ended",
        "runtime/decide/adjust_size.py", "one for order in doubtful if order.leaving for one", "one for order in doubtful if False for one",
        (_DOUBT,),
    ),
    Fault(
        "target-refused-whole", "a target whose entry is refused ends an exit in doubt all the same",
        "runtime/decide/adjust_size.py", "        if not ended:\n            raise\n", "        if True:\n            raise\n",
        (_DOUBT,),
    ),
    Fault(
        "owed-beside-the-target", "a target size ends what an older close owes",
        "runtime/live/exits.py", "                    is_over = is_target and is_older\n", "                    is_over = False\n",
        (_OWED,),
    ),
    Fault(
        "late-beside-an-entry", "an exit of everything goes by no other name beside an entry that works",
        "runtime/backends/bybit/given_up.py", "    return closes_all(order, ledger) and not own_entries(ledger)\n",
        "    return closes_all(order, ledger)\n", (_LATE,),
    ),
    Fault(
        "whole-ends-by-its-repetition", "a refused repetition ends no exit of everything beside an entry that works",
        "runtime/backends/bybit/given_up.py", "    return not closes_alone(order, ledger) or spec",
        "    return spec", (_LATE,),
    ),
    Fault(
        "open-beside-a-late-close", "entries wait for a close that was given up and may be late",
        "runtime/backends/bybit/synchronizer.py", "            self._tell(given_up.may_close_the_next(order, ts))\n",
        "            pass\n", (_LATE,),
    ),
    Fault(
        "late-close-resumed", "a person's resume does not let entries out beside a close that may be late",
        "runtime/live/guard.py", " if kind == CLOSE_IN_DOUBT}", " if kind is None}", (_LATE,),
    ),
    Fault(
        "owed-by-another-position", "an exit is owed to its own position and to no other",
        "runtime/live/exits.py", "if one.last.position == number}", "if number is not None}", (_OWED,),
    ),
    Fault(
        "pieces-are-an-end", "an entry waits for every piece of its exit",
        "runtime/live/held.py", " and not goes_on(one) for", " for", (_OWED,),
    ),
    Fault(
        "failed-piece-goes-on", "an entry does not leave, and waits no longer, where a piece of its exit fails",
        "runtime/live/exits.py", "part.first == order_id and not part.failed", "part.first == order_id", (_OWED,),
    ),
    Fault(
        "comes-again-by-a-piece", "an entry comes again when all of its exit is done, not each of its orders",
        "runtime/decide/rearm.py", "_is_whole(order) if parts == [order] else _completes(ledger, order, parts)",
        "_is_whole(order)", (_REARM,),
    ),
    Fault(
        "cancel-of-one-attempt", "a cancel ends an entry whatever its exit is asked again as",
        "runtime/decide/rearm.py", "any(_is_over(ledger, part) for part in parts)", "_is_over(ledger, order)", (_REARM,),
    ),
    Fault(
        "cancel-beside-the-owed", "a cancel ends an entry whose exit is owed, no order of it at work",
        "runtime/decide/rearm.py", "(*exits, *_unfinished(ledger))", "exits", (_REARM,),
    ),
    Fault(
        "lost-in-silence", "an entry that nothing asks for again is not held back in silence", "runtime/live/losses.py",
        "            if is_entry and engine.is_asked_once(order):\n", "            if order.number < 0:\n", (_REARM,),
    ),
    Fault(
        "lost-after-a-fill", "an entry of `on_fill` is asked for once", "runtime/decide/blocks.py",
        " or spec.origin in self._asked_once", "", (_REARM,),
    ),
    Fault(
        "comes-despite-a-person", "a person's cancel lets no entry come again", "runtime/live/decider.py",
        ", *engine.coming(item.name)", "", (_REARM,),
    ),
    Fault(
        "comes-despite-a-person-in-time", "a person's cancel ends what has filled and waits for its close",
        "runtime/decide/rearm.py", "(*ledger.book, *awaited, *_unfinished(ledger))", "(*ledger.book, *_unfinished(ledger))",
        (_REARM,),
    ),
    Fault(
        "reduced-twice", "a target size counts what is on its way at market",
        "runtime/decide/capacity.py", "return max(0, self.lots - self.waiting), self.lots + coming",
        "return self.lots, self.lots",
        (_OWED, "tests/runtime/decide/test_intents.py"),
    ),
    Fault(
        "trail-before-its-fill", "a bar that was over before a trail began, and comes late, does not move it",
        "runtime/account/standing.py", "        if ts <= trail.since:\n            continue\n", "", (_TRAILS,),
    ),
    Fault(
        "trail-of-a-whole-bar", "of the bar in which a trail began its close counts alone",
        "runtime/account/standing.py", "best if trail.since <= opened else close", "best", (_TRAILS,),
    ),
    Fault(
        "trail-of-a-late-fill", "a trail whose fill is heard late follows the bars that came between",
        "runtime/live/decider.py", "for bar in range(first, len(frame)):", "for bar in range(0):", (_TRAILS,),
    ),
    Fault(
        "repeated-after-its-cancel", "an entry put back for the clock does not leave once it was cancelled",
        "runtime/backends/bybit/router.py", "order.leaving is not None:\n            self._end",
        "order.leaving is not None and not one.tries:\n            self._end", (_LINES,),
    ),
    Fault(
        "leaves-under-a-pause", "an entry that waits to leave does not leave once entries are held",
        "runtime/live/session.py", "            holds=lambda: self.desk.guard.why_no_entries(self._now(), besides=\"clock\"),\n",
        "", (_LINES,),
    ),
    Fault(
        "wish-without-its-answer", "a kill finds no wish for another stop on the disk without its answer",
        "runtime/live/session.py",
        "            if is_wish(command):\n                self._answer_wish(command)\n",
        "            if is_wish(command):\n                self.flush()\n                self._answer_wish(command)\n",
        (_WISHES,),
    ),
    Fault(
        "names-of-parts-begin-anew", "parts of an exit keep their names over every attempt that is owed",
        "runtime/live/exits.py", "        alive = {one.first for one in self.attempts()}\n",
        "        alive = {one.first for one in self.tried.values()}\n",
        (_OWED,),
    ),
    Fault(
        "two-parts-of-one-name", "parts of an exit that are cut again have names of their own",
        "runtime/live/exits.py", 'f"{last.first}p{self.parts[last.first]}"', 'f"{last.owed_by}p{n}"', (_OWED,),
    ),
    Fault(
        "repetition-proves", "a refused repetition proves nothing of the request before it",
        "runtime/backends/bybit/router.py", "if one.is_repetition and not is_proof:", "if False:", (_OWED,),
    ),
    Fault(
        "reduce-holds-back-flatten", "a reduce in doubt holds back no close of everything",
        "runtime/live/coverage.py", "    return closes_everything(spec) or (spec.role is Role.CLOSE_AT_END and reason == REDUCE)",
        "    return spec.role is Role.CLOSE_AT_END", (_OWED,),
    ),
    Fault(
        "due-for-good", "what was due at a close is due once, over a restart",
        "runtime/engine.py", " or self._ending or self.ledger.due:", " or self._ending:",
        ("tests/runtime/live/test_follow_ups.py",),
    ),
    Fault(
        "waits-for-others", "a close of everything waits for no order of others",
        "runtime/account/margin.py", "for order in entries(ledger) if order.is_own]", "for order in entries(ledger)]",
        ("tests/runtime/live/test_words_that_hold.py",),
    ),
    Fault(
        "moved-while-paused", "a change that waits to leave is held back as a new entry is",
        "runtime/backends/bybit/router.py", "if why and asked is not None and reaches_further(order, asked):", "if False:",
        ("tests/runtime/live/test_words_that_hold.py",),
    ),
    Fault(
        "close-taken-back", "a second stop takes back no close",
        "tools/live/cockpit.py", "closes=closes or was.closes", "closes=closes",
        ("tests/tools/live/test_patience.py",),
    ),
    Fault(
        "missed-closes-forgotten", "a snapshot keeps since when nothing was decided",
        "runtime/live/snapshot.py", '("_issued", "fired", "_undecided", "_late"),', '("_issued", "fired", "_late"),',
        ("tests/runtime/live/test_follow_ups.py",),
    ),
    Fault(
        "closed-twice", "an exit whose effect is late is sent again under its own name, not under another",
        "runtime/backends/bybit/questions.py", "            if not self._sends_again(order, now):\n                self",
        "            if True:\n                self", (_OWED,),
    ),
    Fault(
        "follow-up-of-a-missed-close", "what an order asks for at a close that came late is asked at the next that decides",
        "runtime/live/desk.py", "self.engine.observe(bar, decides=item.decides and self.is_warm)",
        "self.engine.observe(bar)", ("tests/runtime/live/test_follow_ups.py",),
    ),
    Fault(
        "room-without-trails", "an entry whose trail in pieces finds no room does not leave",
        "runtime/account/room.py", " or spec.trail is not None:", ":", (_TRAILS,),
    ),
    Fault(
        "wish-without-room", "a stop or target that is more orders than the venue takes is refused, not closed for",
        "runtime/decide/protect.py", "    if text:\n        raise Refused(RefusalCode.TOO_MANY_ORDERS",
        "    if False:\n        raise Refused(RefusalCode.TOO_MANY_ORDERS", (_ROOM,),
    ),
    Fault(
        "joins-without-room", "an entry that names no stop takes room where its position has one",
        "runtime/account/room.py", "    shared = {scope for scope in held if scope[1] is None}\n",
        "    shared = set[Scope]()\n", (_ROOM,),
    ),
    Fault(
        "wish-beside-an-entry", "an entry counts the stop that its close asks for",
        "runtime/live/guard.py", "crowded = no_room(ledger, asked)", "crowded = no_room(ledger)", (_ROOM,),
    ),
    Fault(
        "change-without-room", "a change after which an entry could not be protected does not leave",
        "runtime/live/guard.py", "if grows or brings else \"\"", "if False else \"\"", (_ROOM,),
    ),
    Fault(
        "resting-exit-given-up", "an exit at a limit whose request came to nothing is asked again",
        "runtime/live/exits.py", "or spec.order_id in self.tried:\n            return  # none,",
        "or spec.order_id in self.tried or spec.order_type is not OrderType.MARKET:\n            return  # none,", (_RESTING,),
    ),
    Fault(
        "target-of-a-part-twice", "the target of a part that is not found is sent again under its own name",
        "runtime/backends/bybit/questions.py", "        if spec.role in PROTECTIVE and not is_of_part:",
        "        if spec.role in PROTECTIVE:", (_SOUGHT,),
    ),
    Fault(
        "target-ends-by-its-repetition", "a refused repetition ends no target of a part",
        "runtime/backends/bybit/given_up.py", "        return is_target_of_part(order, ledger)\n",
        "        return False\n", (_SOUGHT,),
    ),
    Fault(
        "start-repeats-a-target-for-good", "what a start sends again proves nothing of the first",
        "runtime/backends/bybit/router.py", "            self.once_more(order.order_id, Request.SUBMIT, now)\n",
        "            self.take([SubmitOrder(spec=order.spec)], now)\n", (_SOUGHT,),
    ),
    Fault(
        "rests-twice", "an exit at a limit that is not found is sent again under its own name",
        "runtime/backends/bybit/questions.py", "may_be = at_market or spec.order_type is OrderType.LIMIT",
        "may_be = at_market", (_RESTING,),
    ),
    Fault(
        "passed-on-its-way", "a stop entry that the market has passed on its way acts at once",
        "runtime/backends/bybit/router.py", "        if self._acts_at_once(one, verdict):\n", "        if False:\n",
        ("tests/runtime/live/test_facts.py",),
    ),
    Fault(
        "passed-without-a-bound", "a stop entry that was passed pays no more than the band allows",
        "runtime/backends/bybit/bodies.py", "far = trigger * (1 + spec.side.sign * band_pct / 100)",
        "far = trigger * (1 + spec.side.sign * 0.5)", ("tests/runtime/live/test_facts.py",),
    ),
    Fault(
        "decided-twice", "a close that the process before has decided without its journal is not decided again",
        "runtime/live/session.py", "replace(bar, decides=False) if self._is_decided(bar.start) else bar", "bar", (_UNWRITTEN,),
    ),
    Fault(
        "no-answer-is-nothing", "a close before the start waits until the venue has told what was filled",
        "runtime/backends/bybit/lost.py", "return False if is_known else None", "return False", (_UNWRITTEN,),
    ),
    Fault(
        "one-look-is-enough", "nothing has left without a journal where a look a settle time after the start shows nothing",
        "runtime/backends/bybit/lost.py", "self.agreed_at >= self.since + settle_ms", "self.agreed_at >= self.since",
        (_UNWRITTEN,),
    ),
    Fault(
        "found-and-forgotten", "a close stays undecided where the process that found what had left is killed",
        "runtime/live/session.py", "self.desk.guard.halted.startswith(LOST_ORDER) or self._has_lost", "self._has_lost", (_UNWRITTEN,),
    ),
    Fault(
        "told-once-more", "a bar that the stream tells once more after the start is not decided on",
        "runtime/live/session.py", "        if self._is_decided(row.start) is not False:\n", "        if False:\n",
        (_UNWRITTEN,),
    ),
    Fault(
        "began-by-a-clock-behind", "what closed before the start is told by the venue's clock",
        "runtime/live/session.py", "        self.gate.began = max(self.gate.began, self._began - ahead)\n", "", (_UNWRITTEN,),
    ),
    Fault(
        "tightened-and-moved-back", "a stop that was moved without a journal is not moved back",
        "runtime/backends/bybit/synchronizer.py",
        "            self.tell(self.lost.tightened(order, row, self.ledger, bar))\n", "", (_UNWRITTEN,),
    ),
    Fault(
        "ends-beside-the-owed", "a run that is told to stop waits for exits that are owed, and says what it leaves",
        "runtime/live/unfinished.py", "return self.exits.lots(self.ledger) +", "return", (_PATIENCE,),
    ),
    Fault(
        "cancelled-and-owed", "an exit at a limit that a close cancels is not asked again",
        "runtime/live/desk.py", "        self.exits.decided(outcomes, cut, self.ledger, engine.is_asked_once, engine.owed())\n", "",
        (_RESTING,),
    ),
    Fault(
        "owed-past-its-time", "an exit at a limit is not asked again once its time is up",
        "runtime/live/exits.py", "            if is_past(one.spec, ledger):\n                continue\n", "", (_RESTING,),
    ),
    Fault(
        "owed-beside-its-group", "an exit that is owed gives way to what its group has filled",
        "runtime/live/exits.py", "            self._shared(order, event.quantity)", "            pass", (_RESTING,),
    ),
    Fault(
        "owed-beside-its-ref", "an exit at a limit gives way to a later one under its ref, however large",
        "runtime/live/exits.py", "if ref is None and whole_lots > lots:", "if whole_lots > lots:", (_RESTING,),
    ),
    Fault(
        "pieces-refused-thrice", "pieces of a stop that are refused together are one refusal of three",
        "runtime/account/absence.py", "if asked_at <= self.counted_at:", "if False:",
        ("tests/runtime/live/test_refusals_in_a_row.py",),
    ),
    Fault(
        "nobody-says-the-margin", "a margin mode that nobody tells holds entries",
        "runtime/backends/bybit/hooks.py", "        if mode is None:\n            return self._unread(now, pace)\n",
        "        if mode is None:\n            return None\n", ("tests/runtime/live/test_facts.py",),
    ),
    *FOLLOW_UP_FAULTS,
    *TURN_FAULTS,
)  # fmt: skip
