"""Faults of what a session makes of a venue: whose orders they are, what they cost, how large one may be."""

from __future__ import annotations

from tools.fault import Fault

_NAMES = ("tests/runtime/live/test_names.py",)
_REACHED = ("tests/runtime/live/test_reached_by_hand.py",)
_SYNC = ("tests/runtime/backends/bybit/test_synchronizer.py",)

VENUE_FAULTS: tuple[Fault, ...] = (
    Fault(
        "share-closed-whole-in-another-lot", "what closes a share says how much, whatever the venue's lot is",
        "runtime/backends/bybit/given_up.py", "is_share = spec.reason == REDUCE and spec.quantity < held", "is_share = False",
        ("tests/runtime/live/test_another_lot.py",),
    ),
    Fault(
        "share-asked-for-in-another-lot", "a share in the old lot is not asked for in another",
        "runtime/live/decider.py", 'case "reduce" if item.value < 100 and guard.is_regridded:', 'case "reduce" if False:',
        ("tests/runtime/live/test_another_lot.py",),
    ),
    Fault(
        "old-grid-is-no-news", "a lot that is the old one again after a start is news to it", "runtime/live/decider.py",
        "    return desk.guard.is_regridded and told.lot", "    return False and told.lot", ("tests/runtime/live/test_another_lot.py",),
    ),
    Fault(
        "closed-by-hand-and-again", "what a person closes by hand of an exit that is owed is not closed again",
        "runtime/live/protected.py", "if order.spec.role is Role.OUTSIDE and order.side is not position.side:", "if False:",
        ("tests/runtime/live/test_closed_by_hand.py",),
    ),
    Fault(
        "unknown-fate-closed-by-hand-and-again", "nor what is closed by hand of one of unknown fate",
        "runtime/live/protected.py", '("submit" in order.doubts or', "(False or",
        ("tests/runtime/live/test_closed_by_hand.py",),
    ),
    Fault(
        "closed-by-hand-in-a-ban-and-again", "nor what is closed by hand of one that waits out a ban",
        "runtime/live/protected.py", ' or "submit" in order.in_flight)\n', ")\n", ("tests/runtime/live/test_closed_by_hand.py",),
    ),
    Fault(
        "limit-closed-by-hand-and-again", "nor what is closed by hand of one at a limit",
        "runtime/live/protected.py", "and (is_exit(order.spec) or is_way_out(order.spec, position))", "and is_way_out(order.spec, position)",
        ("tests/runtime/live/test_closed_by_hand.py",),
    ),
    Fault(
        "reached-target-closed-by-hand-and-again", "what a person closes by hand of a reached target is not closed again",
        "runtime/live/by_hand.py", "return spec.role is Role.OUTSIDE or is_reduce", "return is_reduce", _REACHED,
    ),
    Fault(
        "reached-target-reduced", "a person's share takes no lots that a reached target is to close",
        "runtime/live/by_hand.py", "return spec.role is Role.OUTSIDE or is_reduce", "return spec.role is Role.OUTSIDE",
        _REACHED,
    ),
    Fault(
        "stop-of-others-closes-what-a-target-owes", "a stop of others is for a layer without one, then for a reached target",
        "runtime/live/by_hand.py", "for layer in ours if layer.layer_id in bare", "for layer in position.layers[:0]", _REACHED,
    ),
    Fault(
        "share-of-what-a-target-owes", "a person's share is one of what a reached target leaves",
        "runtime/live/by_hand.py", "    if position is None or not owed:\n", "    if True:\n", _REACHED,
    ),
    Fault(
        "target-under-way-for-what-was-closed", "a target under way for lots that a person has closed is cancelled",
        "runtime/live/by_hand.py", 'if lots[scope] > most and "submit" in', 'if False and "submit" in', _REACHED,
    ),
    Fault(
        "others-trades-that-nothing-explains", "what other contracts of the account earn and cost explains the wallet",
        "runtime/backends/bybit/transfers.py", "        if is_traded and not _is_elsewhere(row, symbol):", "        if is_traded:",
        ("tests/runtime/live/test_other_contracts.py",),
    ),
    Fault(
        "others-trades-booked-as-transfers", "what other contracts earn is no money of the session",
        "runtime/backends/bybit/transfers.py", "yield _Line(name, kind, amount, ts, is_elsewhere=is_traded)",
        "yield _Line(name, kind, amount, ts, is_elsewhere=False)",
        ("tests/runtime/live/test_other_contracts.py",),
    ),
    Fault(
        "price-by-float-text", "a price leaves as the text of its ticks",
        "runtime/backends/bybit/bodies.py", 'return f"{(Decimal(repr(size)) * steps).normalize():f}"',
        'return f"{steps * size:.12f}".rstrip("0").rstrip(".")', ("tests/runtime/backends/bybit/test_bodies.py",),
    ),
    Fault(
        "runs-counted", "no two runs have one name, whatever became of their files",
        "runtime/backends/bybit/names.py", "    return _by_chance(_RUN)", '    return "1" * _RUN', _NAMES,
    ),
    Fault(
        "starts-unmarked", "names given without a journal are never given again",
        "runtime/live/session.py", "self._fresh_mark() if self.desk.ledger.naming.marks else", '"" if True else', _NAMES,
    ),
    Fault(
        "lost-stop-left", "a stop without a journal line is adopted for what it is",
        "runtime/backends/bybit/backend.py", "            self.sync.adopt_lost(self._bar)\n", "", _NAMES,
    ),
    Fault(
        "lost-stop-outside", "a stop without a journal line is ours again",
        "runtime/backends/bybit/synchronizer.py", "OrderSubmitted(spec=spec or of_row(row)", "OrderSubmitted(spec=of_row(row)",
        _NAMES,
    ),
    Fault(
        "adopted-beside-doubt", "what is adopted too much is never the only stop there is",
        "runtime/backends/bybit/lost.py", "(order.in_flight or order.order_id in asked)", "order.in_flight", _NAMES,
    ),
    Fault(
        "stop-of-a-lost-layer-taken-away", "an adoption takes its stop from no lot that has one",
        "runtime/backends/bybit/lost.py", "if spec is not None and _covers_more(row, spec, found, ledger):", "if False:",
        ("tests/runtime/live/test_lost_layers.py",),
    ),
    Fault(
        "others-close-the-oldest", "what others close is first what others have opened",
        "runtime/account/booking.py", "for layer in position.layers if layer.is_outside]:", "for layer in position.layers if False]:",
        ("tests/runtime/live/test_layers_of_others.py",),
    ),
    Fault(
        "hands-close-their-own-for-an-exit", "a person's own lots are no lots of an exit that is owed",
        "runtime/live/protected.py", "position.quantity) - theirs\n", "position.quantity)\n",
        ("tests/runtime/live/test_layers_of_others.py",),
    ),
    Fault(
        "found-by-our-clock", "a lost order is found by a clock that is behind the venue",
        "runtime/backends/bybit/lost.py", "is_late = self.has_agreed and row", "is_late = row", _NAMES,
    ),
    Fault(
        "late-order-adopted", "an order of the past that comes later is another process'",
        "runtime/backends/bybit/lost.py", "        if not row.reduce_only or is_late:", "        if not row.reduce_only:", _NAMES,
    ),
    Fault(
        "copies-are-ours", "the order of another process with a copy of the journal is not ours",
        "runtime/backends/bybit/outside.py", "(run is None or naming.is_known(order_id))", "True", _NAMES,
    ),
    Fault(
        "coin-is-usdt", "a fee in another coin is never booked as USDT", "runtime/backends/bybit/fees.py",
        'coin in ("", QUOTE):', "True:",
        ("tests/runtime/live/test_fills.py",),
    ),
    Fault(
        "row-fee-is-usdt", "a row that stands in pays in the coin that it says",
        "runtime/backends/bybit/stand_ins.py", "    if row.fee.usdt is not None:", "    if not row.fee.coin:", _SYNC,
    ),
    Fault(
        "no-fee-is-free", "a fee that nobody says is that of a taker", "runtime/backends/bybit/bookings.py",
        "* ledger.taker_rate", "* 0.0", _SYNC,
    ),
    Fault(
        "coin-unheld", "the first fee in another coin halts", "runtime/live/guard.py",
        "        if coin not in self.coin_fees:", "        if False:", ("tests/runtime/live/test_fills.py",),
    ),
    Fault(
        "cost-unjudged", "a limit on costs that nobody can judge halts", "runtime/live/guard.py",
        "        if cost is not None and self.day.coins:", "        if False:", ("tests/runtime/live/test_fills.py",),
    ),
    Fault(
        "funding-in-btc", "funding that is not known in USDT halts", "runtime/backends/bybit/bookings.py",
        "    if row.fee.coin or row.fee.usdt is None:\n", "    if False:\n", _SYNC,
    ),
    Fault(
        "promises-off-the-page", "page and screen show what became of each promise", "tools/live/screen.py",
        'Text(f"promise {promise_words(one)}"', 'Text("promise"',
        ("tests/tools/live/test_at_hand.py",),
    ),
    Fault(
        "margin-of-all", "a margin mode that is not isolated holds entries", "runtime/backends/bybit/hooks.py",
        "if mode == ISOLATED:", "if True:", ("tests/runtime/live/test_facts.py",),
    ),
    Fault(
        "reduce-given-up", "a person's reduce that came to nothing is asked again", "runtime/live/owed.py",
        "(spec.role is Role.CLOSE_AT_END and spec.reason == REDUCE)", "False", ("tests/runtime/live/test_exits_owed.py",),
    ),
    Fault(
        "reduce-for-an-exit", "a card's exit does not take the place of a person's reduce", "runtime/live/same_exit.py",
        "    if older.role is not spec.role or older.order_type is not spec.order_type:\n        return False\n",
        "    if older.order_type is spec.order_type:\n        return True\n", ("tests/runtime/live/test_exits_owed.py",),
    ),
    Fault(
        "impossible-facts-taken", "facts that no contract can have are not taken",
        "runtime/market/download.py", "    if wrong:\n", "    if False:\n",
        ("tests/runtime/market/test_instruments.py", "tests/runtime/live/test_facts.py"),
    ),
    Fault(
        "two-moments-compared", "a fill while a look is out is no difference",
        "runtime/backends/bybit/backend.py", "if has_moved or not unexplained(", "if not unexplained(",
        ("tests/runtime/live/test_pace.py",),
    ),
    Fault(
        "any-difference-twice", "another difference is not the same one seen twice",
        "runtime/backends/bybit/backend.py",
        "if self.seen.differs is None or self.seen.differs[1] != lots:", "if self.seen.differs is None:",
        ("tests/runtime/live/test_pace.py",),
    ),
    Fault(
        "deleveraging-halts", "deleveraging is no liquidation, whichever of its messages comes first",
        "runtime/backends/bybit/outside.py", " or made_by == DELEVERAGING:", " and made_by:",
        ("tests/runtime/live/test_protection.py",),
    ),
    Fault(
        "stop-by-the-sessions-clock", "a stop waits for the wire by the wall's clock",
        "tools/live/cockpit.py", "waited(ms, self._speed)", "ms",
        ("tests/tools/live/test_patience.py",),
    ),
    Fault(
        "waits-by-its-own-time", "a fast session waits for the wire by the wall's clock",
        "runtime/backends/bybit/pace.py", "return round(ms * max(1.0, speed))", "return ms",
        ("tests/runtime/live/test_pace.py",),
    ),
    Fault(
        "sockets-at-no-speed", "a session over sockets knows how fast its time is",
        "tools/live/start.py", ", speed=plan.speed)\n        journal", ", speed=1.0)\n        journal",
        ("tests/runtime/live/test_pace.py",),
    ),
    Fault(
        "price-of-an-execution-unread", "an entry moved to where it trades at once brings the stop it was moved with",
        "runtime/backends/bybit/proofs.py", "row.order_quantity, row.order_price, None,", "row.order_quantity, None, None,",
        ("tests/runtime/live/test_levels_of_entries.py",),
    ),
    Fault(
        "last-row-proves-nothing", "a fill that only its order's row tells brings the stop of what the row shows",
        "runtime/backends/bybit/synchronizer.py", "            self.tell(proofs.by_end(order, row, bar))\n", "",
        ("tests/runtime/live/test_levels_of_entries.py",),
    ),
    Fault(
        "stop-closes-beside-what-is-owed", "lots of an owed exit that their stop has closed are not taken out of another layer",
        "runtime/live/by_hand.py", "    left = note_protected(exits, ledger, event)\n", "    left = event.quantity\n",
        ("tests/runtime/live/test_protected_meanwhile.py",),
    ),
    Fault(
        "needless-exit-sent-again", "an exit in doubt whose lots their stop has closed is not sent again",
        "runtime/live/by_hand.py", "= needless(exits, ledger), wanted(ledger)", "= list[CancelOrder](), wanted(ledger)",
        ("tests/runtime/live/test_protected_meanwhile.py",),
    ),
    Fault(
        "cut-exit-sent-again-whole", "an exit in doubt of which protection has closed a part comes again as what is left",
        "runtime/live/protected.py", '("submit" in order.in_flight or not still(order, tried))', "not still(order, tried)",
        ("tests/runtime/live/test_protected_meanwhile.py",),
    ),
    Fault(
        "rest-of-a-cut-exit-forgotten", "what protection leaves of an exit in doubt is asked for when that has ended",
        "runtime/live/exits.py", "failed, is_cut = 0, comes_again(order)", "failed, is_cut = 0, False",
        ("tests/runtime/live/test_protected_meanwhile.py",),
    ),
    Fault(
        "waiting-exit-closes-others", "an exit that waits for one in doubt is to close the same lots",
        "runtime/live/protected.py", "    exits.done_by(name, lots)\n", "",
        ("tests/runtime/live/test_protected_meanwhile.py",),
    ),
    Fault(
        "rest-of-a-cut-exit-beside-its-repetition", "a later exit takes the place of what is left of the same exit alone",
        "runtime/live/exits.py", "(order.leaving is None or comes_again(order))", "order.leaving is None",
        ("tests/runtime/live/test_protected_meanwhile.py",),
    ),
    Fault(
        "another-exit-for-a-cut-one", "a later exit takes the place of what is left of the same exit alone",
        "runtime/live/exits.py", "if not (comes_again(order) and", "if not (False and",
        ("tests/runtime/live/test_protected_meanwhile.py",),
    ),
    Fault(
        "exit-without-room-untold", "an exit for which the venue has no room has failed, as one that is refused",
        "runtime/backends/bybit/router.py", "one.request is not Request.SUBMIT or is_exit",
        "one.request is not Request.SUBMIT", ("tests/runtime/live/test_lost_in_a_row.py",),
    ),
    Fault(
        "unheard-of-told-again", "the cancel of an exit that nobody has heard of is told once", "runtime/live/losses.py",
        "if code == RefusalCode.UNKNOWN_REF and not order.is_accepted and refusals > 2:", "if False:",
        ("tests/runtime/live/test_lost_in_a_row.py",),
    ),
    Fault(
        "lost-change-untold", "a change of the card that is lost three times in a row is told", "runtime/live/changes.py",
        "if one.is_told or not (is_over or one.is_lost):", "if one.is_told or not is_over:",
        ("tests/runtime/live/test_lost_in_a_row.py",),
    ),
    Fault(
        "lost-change-told-at-once", "a change of the card that is lost twice and done then is not told", "runtime/live/changes.py",
        "order.refused_at == event.ts and order.refusals >= ATTEMPTS", "order.refused_at == event.ts",
        ("tests/runtime/live/test_lost_in_a_row.py",),
    ),
    Fault(
        "lost-in-a-row-uncounted", "a request that is lost again and again is counted as one that is refused",
        "runtime/orders/order.py", "if event.ts - self.wanted_at >= SILENT_MS:", "if False:",
        ("tests/runtime/live/test_lost_in_a_row.py",),
    ),
    Fault(
        "failed-at-once-uncounted", "a request that fails at once, again and again, is counted as one that is refused",
        "runtime/orders/order.py", "if event.ts - self.wanted_at >= SILENT_MS:", "if event.ts - self.asked_at >= SILENT_MS:",
        ("tests/runtime/live/test_lost_in_a_row.py",),
    ),
    Fault(
        "no-room-for-ever", "a change or cancel for which the venue has no room does not wait for it for ever",
        "runtime/backends/bybit/router.py", "if (one.tries > 0 or is_banned) and is_in_vain and now - one.since > _NO_ROOM_MS:", "if False:",
        ("tests/runtime/live/test_lost_in_a_row.py",),
    ),
    Fault(
        "flatten-dies-with-its-process", "what the venue holds is closed by the process that comes after a flatten",
        "runtime/live/resume.py", "if desk.uncompared_since is not None:", "if False:",
        ("tests/runtime/live/test_close_out.py",),
    ),
    Fault(
        "flatten-for-good", "what somebody opens after a flatten was done is not closed by a restart",
        "runtime/live/desk.py", "                self.close_out.agreed(ts)\n", "",
        ("tests/runtime/live/test_close_out.py",),
    ),
    Fault(
        "closed-unlooked", "a stop that closes waits until the venue was found to hold nothing more",
        "tools/live/cockpit.py", "is_closed and desk.uncompared_since is None", "is_closed",
        ("tests/tools/live/test_held_at_an_end.py",),
    ),
    Fault(
        "difference-left-unsaid", "a stop says what the venue holds more than the ledger",
        "tools/live/cockpit.py", "        if around.differs:\n", "        if False:\n",
        ("tests/tools/live/test_held_at_an_end.py",),
    ),
    Fault(
        "market-closed-for-good", "a contract that trades again while no session ran takes entries",
        "runtime/live/session.py", 'desk.guard.blocked.get("market", "")', '""',
        ("tests/runtime/live/test_facts.py",),
    ),
    Fault(
        "rests-past-its-time", "an entry whose time is up by the clock does not rest because bars do not come",
        "runtime/live/desk.py", " + self._give(self.timed_out)", "",
        ("tests/runtime/live/test_timed_out.py",),
    ),
    Fault(
        "clock-ends-exits", "an exit whose time is up rests until its close comes",
        "runtime/live/timed_out.py", "order.is_own and order.spec.effect is Effect.OPEN", "order.is_own",
        ("tests/runtime/live/test_timed_out.py",),
    ),
    Fault(
        "replaced-by-nothing", "what works under a ref stays where its replacement would not leave",
        "runtime/decide/cancel.py", "if context.held is not None and intent.spec.verb is Verb.ENTER:", "if False:",
        ("tests/runtime/live/test_replaced_while_held.py",),
    ),
    Fault(
        "exits-fail-in-a-ban", "an exit waits for the end of a ban",
        "runtime/backends/bybit/router.py", "in _ASKED_ANEW and not is_banned", "in _ASKED_ANEW",
        ("tests/runtime/live/test_links_and_bars.py",),
    ),
)  # fmt: skip
