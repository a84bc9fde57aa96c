"""Faults seeded in what follows a fill in a live session: what waits, and what fills late."""

from __future__ import annotations

from tools.fault import Fault

_TURNS_IN_DOUBT = "tests/runtime/live/test_turns_in_doubt.py"
_SHARES = "tests/runtime/live/test_shares_in_doubt.py"
_DOUBT = "tests/runtime/live/test_exits_in_doubt.py"
_OWN = "tests/runtime/live/test_exits_of_their_own.py"
_HELD = "tests/runtime/live/test_held_entries.py"
_RACED = "tests/runtime/live/test_late_fills.py"
_PASSED = "tests/runtime/live/test_passed_meanwhile.py"
_CHANGED = "tests/runtime/live/test_changes_again.py"
_LATER = "tests/runtime/live/test_asked_later.py"
_MISSED = "tests/runtime/live/test_missed.py"
_STAND = "tests/runtime/live/test_owed_exits_stand.py"

FOLLOW_UP_FAULTS: tuple[Fault, ...] = (
    Fault(
        "turns-twice", "an entry at a price that turns a position does not leave again: it is as large as that was",
        "runtime/backends/bybit/router.py", "        if spec.carries:\n", "        if turns(spec):\n",
        ("tests/runtime/live/test_turns_once.py",),
    ),
    Fault(
        "change-held-back-and-lost", "a change that follows a fill and is held back leaves when entries are held back no more",
        "runtime/live/changes.py", "if change is None or not change.is_once or", "if change is None or change.is_once or",
        (_CHANGED,),
    ),
    Fault(
        "rules-change-kept", "a change of a rule that is held back is the rule's to ask for again",
        "runtime/live/changes.py", "if change is None or not change.is_once or", "if change is None or",
        (_CHANGED,),
    ),
    Fault(
        "exit-waits-for-entries", "a change of an exit waits for nothing that holds entries back",
        "runtime/orders/changes.py", "    if order.spec.effect is not Effect.OPEN:\n        return False\n", "",
        (_CHANGED,),
    ),
    Fault(
        "leaves-past-its-stop", "an entry that has waited does not leave where the market has passed its own stop or target",
        "runtime/live/held.py", "        check_levels(order, seen.price, ledger.instrument)\n", "        pass\n",
        (_PASSED,),
    ),
    Fault(
        "passed-between-closes", "what an entry that waits may have passed is seen between closes, too",
        "runtime/live/session.py", "        self._marked(row.close, is_traded=True)\n", "",
        (_PASSED,),
    ),
    Fault(
        "leaves-blind", "an entry that was held back leaves when somebody has seen the market again",
        "runtime/live/held.py", "self.is_held and (is_held or is_blind)", "self.is_held and is_held",
        (_PASSED,),
    ),
    Fault(
        "again-past-its-stop", "an entry whose request was lost does not leave again past its own stop",
        "runtime/backends/bybit/router.py", "if not is_open or is_passed(order, self._ledger):", "if not is_open:",
        (_PASSED,),
    ),
    Fault(
        "kept-and-not-changed", "a change of an entry that has still to leave is done at once",
        "runtime/decide/amend.py", ' and order.order_id not in context.capacity.ledger.kept', "",
        (_HELD,),
    ),
    Fault(
        "leaves-as-it-was", "an entry that waits leaves as it was changed meanwhile",
        "runtime/live/held.py", "spec=as_changed(order)", "spec=order.spec",
        (_HELD,),
    ),
    Fault(
        "again-as-it-was", "an entry whose request was lost leaves again as it was changed before it left",
        "runtime/backends/bybit/router.py", "self._plan(SubmitOrder(spec=as_changed(order)), now)", "self._plan(SubmitOrder(spec=order.spec), now)",
        (_HELD,),
    ),
    Fault(
        "there-before-it-left", "that an entry was changed before it left proves nothing of its arrival",
        "runtime/orders/order.py", "if not event.before_leaving:", "if True:",
        (_HELD,),
    ),
    Fault(
        "turn-as-large-as-it-was", "an entry that turns a position does not wait: it is as large as that was",
        "runtime/live/desk.py", "is_asked_once and not spec.carries", "is_asked_once",
        (_HELD,),
    ),
    Fault(
        "asked-once-and-not-kept",
        "an entry that nothing asks for again waits for what passes by itself",
        "runtime/live/guard.py",
        "        return is_soon and bool(self.why_no_entries(ts))\n",
        "        return False\n",
        (_HELD,),
    ),
    Fault(
        "kept-through-a-pause",
        "what a person holds back does not pass by itself",
        "runtime/live/guard.py",
        "not self.halted and self.blocked.keys() <= _PASSING",
        "not self.halted",
        (_HELD,),
    ),
    Fault(
        "kept-and-asked-about",
        "what waits to leave is looked for at no venue",
        "runtime/backends/bybit/router.py",
        ".union(self._kept())",
        "",
        (_HELD,),
    ),
    Fault(
        "kept-on-another-market",
        "an entry at market does not wait until the market is another",
        "runtime/live/held.py",
        "if self.is_held and self.rests else STALE_MS",
        "if self.is_held else STALE_MS",
        (_HELD,),
    ),
    Fault(
        "unfollowed-in-silence",
        "lots that fill after their on_fill was asked for, and are refused theirs, are told",
        "runtime/live/decider.py",
        "        if one.bar == bar and (late",
        "        if one.bar < 0 and (late",
        (_RACED,),
    ),
    Fault(
        "late-lots-unheard",
        "lots that fill after their on_fill was asked for are followed",
        "runtime/engine.py",
        " or self._late.has_asked(order):",
        ":",
        (_RACED,),
    ),
    Fault(
        "followed-twice",
        "each lot is followed once",
        "runtime/decide/late_fills.py",
        "Asking(order, lots - before.lots, before.since",
        "Asking(order, lots, before.since",
        (_RACED,),
    ),
    Fault(
        "amounts-asked-twice",
        "an order asks once for what does not depend on its fill",
        "runtime/decide/late_fills.py",
        "    if verb is not Verb.EXIT or size is None or value is None:\n        return None\n",
        "    if verb is not Verb.EXIT or size is None or value is None:\n        return intent\n",
        (_RACED,),
    ),
    Fault(
        "joined-in-vain",
        "late lots whose exit has filled before they joined it are asked for anew",
        "runtime/engine.py",
        "for order_id in self._late.missed(self.ledger):",
        "for order_id in ():",
        (_RACED,),
    ),
    Fault(
        "raced-is-not-whole",
        "an entry that fills whole while its cancel flies comes again",
        "runtime/decide/rearm.py",
        "        if not ledger.in_pieces:\n            return list(intents)\n",
        "        return list(intents)\n",
        (_RACED,),
    ),
    Fault(
        "comes-before-late-lots-leave",
        "an entry comes again when its late lots have left, too",
        "runtime/decide/rearm.py",
        "entry in asking or ",
        "",
        (_RACED,),
    ),
    Fault(
        "raced-past-its-cancel",
        "an entry that a cancel names does not come again though it fills before that",
        "runtime/decide/rearm.py",
        " or _is_over(ledger, order) or _is_named(order):",
        " or _is_over(ledger, order):",
        (_RACED,),
    ),
    Fault(
        "changed-once",
        "a change of the card whose request is lost leaves again",
        "runtime/live/changes.py",
        "asked=asked, is_unsent=True)",
        "asked=asked)",
        (_CHANGED,),
    ),
    Fault(
        "changed-through-a-pause",
        "a change that reaches further waits while entries are held back",
        "runtime/live/changes.py",
        "            elif not is_held:\n",
        "            else:\n",
        (_CHANGED,),
    ),
    Fault(
        "changed-for-ever",
        "a change that waits too long is given up, and that is told",
        "runtime/live/changes.py",
        "            elif ts - change.since > HELD_MS:\n",
        "            elif ts < 0:\n",
        (_CHANGED,),
    ),
    Fault(
        "joined-at-market",
        "late lots have an order of their own beside one that cannot be changed",
        "runtime/decide/late_fills.py",
        "    if follower.spec.order_type is OrderType.MARKET:\n",
        "    if follower.remaining < 0:\n",
        (_RACED,),
    ),
    Fault(
        "asked-once-and-sent-once",
        "an entry that nothing asks for again and that is not found leaves again under its name",
        "runtime/backends/bybit/questions.py",
        "(self._closes_once(order) or self._router.enters_once(order, now))",
        "self._closes_once(order)",
        (_HELD,),
    ),
    Fault(
        "asked-once-and-no-room",
        "an entry that nothing asks for again waits where the venue has no room for it",
        "runtime/backends/bybit/router.py",
        "one.is_urgent or self._waits_again(one)",
        "one.is_urgent",
        (_HELD,),
    ),
    Fault(
        "over-in-silence",
        "an entry that nothing asks for again and that comes to nothing is told",
        "runtime/live/losses.py",
        "            if is_entry and engine.is_asked_once(order):\n",
        "            if is_entry and engine.is_asked_once(order) and code == 'held_back':\n",
        (_HELD,),
    ),
    Fault(
        "another-action-in-doubt", "an exit of another action takes the place of none in doubt", "runtime/live/exits.py",
        "if is_same(spec, order.spec) and (", "if (", (_OWN,),
    ),
    Fault(
        "another-action-owed", "an exit of another action is another", "runtime/live/same_exit.py",
        " and (is_named or older.origin == spec.origin)", "", (_OWN,),
    ),
    Fault(
        "fill-as-repetition", "the exit that follows a fill takes the place of none", "runtime/live/exits.py",
        "is_once=is_asked_once(order),", "is_once=False,", (_OWN,),
    ),
    Fault(
        "turns-beside-the-doubtful", "an entry that turns the position leaves beside no exit of an older close",
        "runtime/decide/enter.py", "    if older is not None:", "    if False:", (_TURNS_IN_DOUBT,),
    ),
    Fault(
        "turns-beside-the-owed", "an entry that turns the position leaves beside no exit that is owed",
        "runtime/live/exits.py", "            if lots > 0:\n", "            if lots < 0:\n", (_TURNS_IN_DOUBT,),
    ),
    Fault(
        "share-of-what-leaves", "a share is one of what exits of older closes leave", "runtime/decide/older_exits.py",
        "left = max(0, held - others)", "left = held", (_SHARES,),
    ),
    Fault(
        "share-asked-again", "a share that its action asks for again is the same where that fits beside it",
        "runtime/decide/exit_lots.py", "if mine and not mine <= lots <= of - mine:", "if mine > of:", (_SHARES,),
    ),
    Fault(
        "fill-shares-as-one", "each fill of one rule exits with a share of its own", "runtime/decide/older_exits.py",
        " and not self.is_once", "", (_SHARES,),
    ),
    Fault(
        "patience-of-another-pace", "what is to leave after an exit waits for as long as that is sought", "runtime/live/exits.py",
        "if waits(one, ledger, ts, self.patience_ms) or", "if waits(one, ledger, ts, 90_000) or", (_DOUBT,),
    ),
    Fault(
        "two-under-a-ref", "an exit at a limit that is owed waits while another works under its ref", "runtime/live/owed.py",
        "    if named is not None and named.spec", "    if False and named.spec", (_OWN,),
    ),
    Fault(
        "owed-takes-no-lots", "an exit at a limit that is owed has its lots for what a close decides", "runtime/decide/capacity.py",
        "            + whole(one.lots for one in owed),", "            + 0,", (_STAND,),
    ),
    Fault(
        "owed-takes-no-place", "an exit that is owed has its place among the orders", "runtime/decide/capacity.py",
        "open_orders=len(own) + len(owed)", "open_orders=len(own)", (_STAND,),
    ),
    Fault(
        "owed-ref-is-free", "the ref of an exit that is owed is taken", "runtime/decide/cancel.py",
        "    if ref is None or not (owed or ref in", "    if ref is None or not (ref in", (_STAND,),
    ),
    Fault(
        "cancel-of-the-owed", "a cancel of an exit that is owed gives back its lots at its close", "runtime/decide/cancel.py",
        "    has_ended |= context.capacity.let_go(partial(names, intent))\n", "", (_STAND,),
    ),
    Fault(
        "replaced-and-owed", "an entry that replaces an exit that is owed ends it", "runtime/live/exits.py",
        " or is_replaced(outcome, one.spec)", "", (_STAND,),
    ),
    Fault(
        "owed-waits-for-an-entry", "an exit that is owed waits for no entry under its ref", "runtime/live/owed.py",
        "named is not None and named.spec.effect is Effect.REDUCE", "named is not None", (_STAND,),
    ),
    Fault(
        "unnamed-as-one", "exits at a limit without a ref are as many as were asked for", "runtime/live/same_exit.py",
        "    if spec.order_type is not OrderType.MARKET and not is_named:", "    if False:", (_STAND,),
    ),
    Fault(
        "given-up-target-ends-exits", "a target size that is given up ends no exit", "runtime/live/desk.py",
        "            if isinstance(outcome, Refused):  # for good", "            if isinstance(outcome, Refused):\n"
        "                self._decided([(intent, [])], self._ts)  # for good", (_LATER,),
    ),
    Fault(
        "refused-target-ends-exits", "a target size that is refused ends no exit", "runtime/live/exits.py",
        "is_target = not isinstance(outcome, Refused) and is_of", "is_target = is_of", (_OWN,),
    ),
    Fault(
        "target-of-the-other-side", "a target size of the other side ends no exit", "runtime/live/same_exit.py",
        "is_known and intent.spec.order_side in (None, ledger.position.side)", "is_known", (_OWN,),
    ),
    Fault(
        "refused-for-an-answer", "an entry that follows a fill is decided while the fate of a request is unknown",
        "runtime/decide/checks.py", "is_unsure and not (closes or capacity.is_patient):", "is_unsure and not closes:", (_LATER,),
    ),
    Fault(
        "leaves-unsure", "an entry that follows a fill leaves when the fate of every request is known",
        "runtime/live/held.py", "is_held=is_held or ledger.book.is_unsure)", "is_held=is_held)", (_LATER,),
    ),
    Fault(
        "target-size-as-it-was", "a target size that follows a fill is asked for again, not decided in doubt",
        "runtime/decide/intent_processor.py", "is_opposite or intent.spec.verb is Verb.ADJUST_SIZE", "is_opposite", (_LATER,),
    ),
    Fault(
        "in-flight-and-lost", "a change that follows a fill and is refused as in flight is asked for again",
        "runtime/live/asked_later.py", "(is_behind or engine.asks_once(intent)) and intent.late", "is_behind and intent.late", (_LATER,),
    ),
    Fault(
        "change-of-an-owed-exit", "a change that follows a fill, of an exit that is owed, waits until that stands",
        "runtime/live/asked_later.py", "RefusalCode.UNKNOWN_REF and intent", "RefusalCode.IN_FLIGHT and intent", (_LATER,),
    ),
    Fault(
        "older-word-last", "what a later close says under a ref takes the place of what waits",
        "runtime/live/asked_later.py", "or _is_of_same(intent, one.intent))", "or False)", (_LATER,),
    ),
    Fault(
        "target-size-for-ever", "a target size that waits for an answer does so for ten seconds",
        "runtime/live/asked_later.py", "return STALE_MS if self", "return HELD_MS if self", (_LATER,),
    ),
    Fault(
        "missed-in-silence", "an entry of a rule that came to nothing and is not asked for again is told",
        "runtime/live/missed.py", "elif event.code != CROSSES:", "elif event.code == CROSSES:", (_MISSED,),
    ),
    Fault(
        "missed-and-asked-again", "an entry that its rule asks for again is not told",
        "runtime/live/missed.py", "if origin not in asked and not has_come:", "if not has_come:", (_MISSED,),
    ),
    Fault(
        "missed-by-a-person", "an entry that a person holds back is not told",
        "runtime/live/missed.py", " or (is_held and not is_passing):", ":", (_MISSED,),
    ),
    Fault(
        "missed-as-in-a-back-test", "what a decision refuses as in a back-test is not told",
        "runtime/live/missed.py", "if outcome.is_passing and not is_once:", "if not is_once:", (_MISSED,),
    ),
    Fault(
        "refused-by-the-venue-untold", "what the venue refuses in words of a back-test is told", "runtime/live/missed.py",
        "elif event.code != CROSSES:", 'elif event.code not in (CROSSES, "no_margin"):', (_MISSED,),
    ),
    Fault(
        "short-of-the-book-untold", "an entry that finds too little in the book, and is not asked for again, is told",
        "runtime/live/missed.py", "            if fell_short(order):", "            if False:", (_MISSED,),
    ),
    Fault(
        "part-of-an-entry-is-all", "an entry that the book has filled in part is told", "runtime/live/missed.py",
        "return not order.remaining if self.is_short else bool(order.filled)", "return bool(order.filled)", (_MISSED,),
    ),
    Fault(
        "short-follow-up-untold", "what follows a fill and finds nobody in the book is told at once",
        "runtime/live/losses.py", "    is_short = fell_short(order) and is_once", "    is_short = False", (_MISSED,),
    ),
    Fault(
        "takes-or-goes-told", "what the card itself lets take at once or go is not told", "runtime/live/owed.py",
        "not _is_taken_back(order) and not is_of_card", "not _is_taken_back(order)", (_MISSED,),
    ),
    Fault(
        "missed-for-an-answer", "an entry of a rule that is refused for want of an answer is told",
        "runtime/live/missed.py", "if outcome.is_passing and not is_once:", "if False:", (_MISSED,),
    ),
)  # fmt: skip
