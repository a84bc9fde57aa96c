"""Faults of the live rooms that are seeded on purpose."""

from __future__ import annotations

from tools.fault import Fault

LIVE_FAULTS: tuple[Fault, ...] = (
    Fault(
        "full-disk-told-again", "a journal that takes nothing is told once, whatever is fetched meanwhile",
        "runtime/live/session.py", "            self._is_asking_bars = False\n            wait", "            self._is_asking_bars = self._is_deaf = False\n            wait",
        ("tests/runtime/live/test_process.py",),
    ),
    Fault(
        "wish-lost-without-a-journal", "a stop that moves while the disk is full moves",
        "runtime/live/decider.py",
        "return ledger.orders[order_id].spec.effect is Effect.REDUCE", "return False",
        ("tests/runtime/live/test_process.py",),
    ),
    Fault(
        "closes-more-than-the-largest", "a close is no larger than the largest market order",
        "runtime/live/coverage.py", "enumerate(pieces(lots, max(1, ledger.instrument.max_market_lots)))",
        "enumerate([lots])",
        ("tests/runtime/live/test_protection.py",),
    ),
    Fault(
        "pieces-uncounted", "an entry whose stop in pieces finds no room does not leave",
        "runtime/account/room.py", "max(0, len(pieces(need.lots, most)) - len(stand))", "max(0, bool(need.lots) - len(stand))",
        ("tests/runtime/live/test_protection.py",),
    ),
    Fault(
        "bars-before-their-rates", "a bar with a funding time in it waits for the rate",
        "runtime/live/paper.py", "            self._funding.let(row.start, end, lambda: self._hooks.bar(row))",
        "            self._hooks.bar(row)",
        ("tests/runtime/live/test_paper.py",),
    ),
    Fault(
        "paper-forgets-what-was-sent", "a paper desk that was restored is the one that lived",
        "runtime/live/snapshot.py", '"_queue", "_before", ', '"_before", ',
        ("tests/runtime/live/test_paper.py",),
    ),
    Fault(
        "replaced-margin-at-once", "an entry waits for the margin of an order that is being cancelled",
        "runtime/live/held.py", "    return going if _is_short(ledger, order) else ()", "    return ()",
        ("tests/tools/live/test_agreement.py",),
    ),
    Fault(
        "turn-pays-twice", "the larger side of a contract counts, not both",
        "tools/fakebybit/account.py", "    return with_it[side] <= without[side] or free_with(state, order) >= 0",
        "    return available(state, order) >= 0",
        ("tests/tools/fakebybit/test_money.py",),
    ),
    Fault(
        "fee-to-open-unreserved", "a resting entry reserves the fee to open",
        "runtime/account/margin.py", "+ notional * ledger.taker_rate", "+ 0 * ledger.taker_rate",
        ("tests/runtime/decide/test_what_fits.py",),
    ),
    Fault(
        "late-funding-charged-to-the-next", "funding told after the exit belongs to the trade that was open at its time",
        "runtime/account/results.py", "            if trade.began <= event.ts <= trade.at:", "            if False:",
        ("tests/runtime/live/test_late_funding.py", "tests/runtime/account/test_late_funding.py"),
    ),
    Fault(
        "funding-told-before-its-turn", "funding told before the turn that it comes after belongs to the trade of the turn",
        "runtime/account/results.py", "for one in before.fundings if one[0] > at)", "for one in before.fundings if False)",
        ("tests/runtime/account/test_late_funding.py",),
    ),
    Fault(
        "first-transfer-lost", "money that came before the first look was not there before",
        "runtime/backends/bybit/transfers.py", "self._base, self._from = gap - moved, asked_at", "self._base, self._from = gap, asked_at",
        ("tests/runtime/live/test_account.py",),
    ),
    Fault(
        "eleventh-stop", "an entry that could not be protected does not leave",
        "runtime/account/room.py", "    return own + pair + layers\n", "    return pair + layers\n",
        ("tests/runtime/live/test_protection.py",),
    ),
    Fault(
        "lost-stop-waits", "a stop that may not have arrived is there as soon as the session is",
        "runtime/backends/bybit/backend.py", "        self.router.protect_again(self._now())\n", "",
        ("tests/runtime/live/test_process.py",),
    ),
    Fault(
        "change-unguarded", "a limit and a pause hold for a change of an entry",
        "runtime/live/decider.py", "        elif isinstance(command, AmendOrder):", "        elif False:",
        ("tests/runtime/live/test_words_that_hold.py",),
    ),
    Fault(
        "entry-left-behind", "a session that ends leaves no entry that could fill without a stop",
        "runtime/live/decider.py", '            return give(cancels(ledger, "stop"))\n',
        "            return []\n", ("tests/runtime/live/test_words_that_hold.py",),
    ),
    Fault(
        "flatten-forgets", "what was on its way at the word is closed, too",
        "runtime/live/close_out.py", "ledger.position is None and not own_entries(ledger)",
        "ledger.position is None", ("tests/runtime/live/test_words_that_hold.py",),
    ),
    Fault(
        "trades-the-past", "a close that waited in the socket decides nothing",
        "runtime/live/bars.py", '"stream", now, decides=is_newest', '"stream", now, decides=True',
        ("tests/runtime/live/test_words_that_hold.py",),
    ),
    Fault(
        "unread-is-flat", "a position that nobody can read is not flat",
        "runtime/backends/bybit/intake.py", "return tuple(read) if read and len(read) == len(told) else None",
        "return tuple(read)", ("tests/runtime/live/test_what_nobody_can_read.py",),
    ),
    Fault(
        "exit-rests", "refusals never suspend an exit", "runtime/backends/bybit/router.py",
        "return role is Role.ENTRY", "return role in (Role.ENTRY, Role.EXIT)",
        ("tests/runtime/live/test_what_nobody_can_read.py",),
    ),
    Fault(
        "loss-waits-for-a-close", "a loss limit holds between closes", "runtime/live/desk.py",
        "self.guard.look(self.ledger, self._ts, price)", "pass",
        ("tests/runtime/live/test_what_nobody_can_read.py",),
    ),
    Fault(
        "waits-for-ever", "a bar that the venue does not have is passed over", "runtime/live/bars.py",
        "self.interval_ms and not self._is_lacking(now):", "self.interval_ms:",
        ("tests/runtime/live/test_links_and_bars.py",),
    ),
    Fault(
        "tightened-in-words", "a tighter limit takes away what is beyond it", "runtime/live/decider.py",
        "            if guard.is_over(ledger):", "            if False:",
        ("tests/runtime/live/test_words_that_hold.py",),
    ),
    Fault(
        "fill-waits-for-executions", "a fill whose executions never come is protected, and a position",
        "runtime/backends/bybit/questions.py", "            self._sync.stand_in(order_id, self._bar, now)\n",
        "            pass\n", ("tests/runtime/live/test_fills_nobody_tells.py",),
    ),
    Fault(
        "late-execution-twice", "an execution whose lots a row stood in for counts once",
        "runtime/backends/bybit/stand_ins.py", "return row.quantity - came[row.execution_id]",
        "return row.quantity",
        ("tests/runtime/live/test_fills_nobody_tells.py",),
    ),
    Fault(
        "silence-is-agreement", "what was not compared for long holds entries",
        "runtime/backends/bybit/hooks.py", "        if now - since <= pace.unheard_ms", "        if True or now - since <= pace.unheard_ms",
        ("tests/runtime/live/test_fills_nobody_tells.py",),
    ),
    Fault(
        "exit-given-up", "an exit that came to nothing is asked again", "runtime/live/desk.py",
        "                commands += self._give(self.exits.due(self.ledger, self._ts))\n                commands += self._asked_later() + self._changed_again()",
        "                commands += self._asked_later() + self._changed_again()", ("tests/runtime/live/test_given_up_silently.py",),
    ),
    Fault(
        "exit-lost-untold", "an exit that came to nothing is told", "runtime/live/session.py",
        "            if lost is not None and lost.reason not in DETOURS:\n", "            if False:\n",
        ("tests/runtime/live/test_given_up_silently.py",),
    ),
    Fault(
        "any-stop-covers", "a layer's stop that is too large covers no other layer", "runtime/live/coverage.py",
        "    return {scope: left for scope, left in lots.items() if left > 0}",
        "    return {scope: left for scope, left in lots.items() if left > 0 and whole(lots.values()) > 0}",
        ("tests/runtime/live/test_stops_of_layers.py",),
    ),
    Fault(
        "large-stop-given-up", "a stop that is not made smaller is asked for on, and replaced", "runtime/account/uncut.py",
        "o.uncut >= ATTEMPTS and (o.is_uncut or o.leaving is not None)", "False",
        ("tests/runtime/live/test_stops_of_layers.py",),
    ),
    Fault(
        "large-stop-asked-for-always", "what would make a stop smaller is asked for ever less often", "runtime/consequences.py",
        "return _is_due(now, order, order.uncut)", "return now.again",
        ("tests/runtime/live/test_stops_of_layers.py",),
    ),
    Fault(
        "large-stop-untold", "a stop that stays too large is told", "runtime/live/desk.py",
        "        self.lost += self.coverage.news(self.ledger, self._ts)\n", "",
        ("tests/runtime/live/test_stops_of_layers.py",),
    ),
    Fault(
        "large-stop-is-borne", "a stop that would close lots of another layer halts", "runtime/live/desk.py",
        "if self.coverage.closes_others(self.ledger, self._ts):", "if False:",
        ("tests/runtime/live/test_stops_of_layers.py",),
    ),
    Fault(
        "old-refusals-count", "what was refused before more was held is no failure to protect that", "runtime/live/coverage.py",
        "one.silences + refusals(ledger.absences, scope) - one.before", "one.silences + refusals(ledger.absences, scope)",
        ("tests/runtime/live/test_stops_of_layers.py",),
    ),
    Fault(
        "stop-anywhere", "a stop covers where it should stand, not anywhere", "runtime/live/coverage.py",
        "order.is_armed_stop and order.trigger_price != target.price", "False",
        ("tests/runtime/live/test_given_up_silently.py",),
    ),
    Fault(
        "passed-where-it-should-be", "past the price where a stop should stand the position is closed",
        "runtime/live/desk.py", "if (is_open or self.coverage", "if (self.coverage",
        ("tests/runtime/live/test_given_up_silently.py",),
    ),
    Fault(
        "panic-unseen", "a panic from anywhere halts the session that sees its close",
        "runtime/backends/bybit/outside.py", "    elif is_of_panic(link):", "    elif False:",
        ("tests/runtime/live/test_watchdog.py",),
    ),
    Fault(
        "flatten-is-the-ledger's", "flatten closes what the venue holds",
        "runtime/backends/bybit/backend.py",
        "how = self._on_mismatch if self._closes_since is None else OnMismatch.FLATTEN", "how = self._on_mismatch",
        ("tests/runtime/live/test_fills_nobody_tells.py",),
    ),
    Fault(
        "late-fill-untold", "an order that was given up and fills is held to the limit",
        "runtime/backends/bybit/synchronizer.py", "        if late is not None:\n", "        if False:\n",
        ("tests/runtime/live/test_fills_nobody_tells.py",),
    ),
    Fault(
        "absence-blamed", "the time without a session is no failure to protect",
        "runtime/live/coverage.py", "max(since, self.counted_from)", "since",
        ("tests/runtime/live/test_process.py",),
    ),
    Fault(
        "panic-believes-one-look", "panic calls it flat after two looks",
        "runtime/backends/bybit/panic.py", "if looks == 2:", "if looks == 1:",
        ("tests/runtime/backends/bybit/test_panic.py",),
    ),
    Fault(
        "panic-drops-stops-first", "stops stand until the position is closed",
        "runtime/backends/bybit/panic.py",
        'return not row.get("reduceOnly") and not row.get("closeOnTrigger")', "return True",
        ("tests/runtime/backends/bybit/test_panic.py",),
    ),
    Fault(
        "unknown-closes", "missing data never closes a position", "runtime/live/watchdog.py",
        "return VenuePosition(size, None)", "return VenuePosition(size, abs(size))",
        ("tests/runtime/live/test_watchdog.py",),
    ),
    Fault(
        "secret-in-locals", "no traceback with locals shows a key", "runtime/backends/bybit/pybit_http.py",
        '    def __repr__(self) -> str:\n        return "hidden"\n\n    def __add__', "    def __add__",
        ("tests/runtime/live/test_secrets.py",),
    ),
    Fault(
        "pybit-frames-kept", "what pybit raised stays behind", "runtime/backends/bybit/pybit_http.py",
        "            failed = _sorted(error)\n", "            raise _sorted(error)\n",
        ("tests/runtime/live/test_secrets.py",),
    ),
    Fault(
        "snapshot-forgets-windows", "a restored desk is the one that lived through everything",
        "runtime/live/snapshot.py", "        _give(window, held)\n", "        pass\n",
        ("tests/runtime/live/test_snapshot.py",),
    ),
    Fault(
        "snapshot-runs-code", "a snapshot makes plain values and runs nothing",
        "runtime/live/snapshot.py",
        "found in _STATES or is_dataclass(found) or issubclass(found, Enum)", "True",
        ("tests/runtime/live/test_snapshot.py",),
    ),
    Fault(
        "snapshot-of-other-code", "a snapshot is taken up only by the code that wrote it",
        "runtime/live/resume.py", "if kept.code != code_digest():", "if False:",
        ("tests/runtime/live/test_snapshot.py",),
    ),
    Fault(
        "funding-forgotten-by-snapshot", "an execution is booked once, over restarts too",
        "runtime/live/resume.py", "side.sync.remember(execution_id)", "pass",
        ("tests/runtime/live/test_snapshot.py",),
    ),
    Fault(
        "resumed-on-another-grid", "another grid halts again at a resume", "runtime/live/session.py",
        "self._facts(*self._told_facts, is_again=True)", "pass", ("tests/runtime/live/test_facts.py",),
    ),
    Fault(
        "unknown-notional-passes", "what cannot be judged is held back", "runtime/live/guard.py",
        "not notional <= most", "notional > most", ("tests/runtime/live/test_limits.py",),
    ),
    Fault(
        "orders-stay-for-ever", "what is over leaves memory", "runtime/live/desk.py",
        "if self._ts - self._tidied_at >= _TIDY_MS:", "if False:", ("tests/tools/live/test_day.py",),
    ),
    Fault(
        "two-writers", "one process writes a journal", "runtime/live/lock.py",
        "fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.LOCK_SH | fcntl.LOCK_NB",
        ("tests/runtime/live/test_lock.py",),
    ),
    Fault(
        "passed-target-stands", "a target at market stands at no price", "runtime/orders/book.py",
        "        if order.spec.order_type is OrderType.MARKET:\n            return None", "        if False:\n            return None",
        ("tests/runtime/live/test_protection.py",),
    ),
    Fault(
        "window-of-a-week", "executions of any age are found", "runtime/backends/bybit/rest.py",
        "            if end > now:\n", "            if True:\n",
        ("tests/runtime/live/test_history.py",),
    ),
    Fault(
        "transfer-is-profit", "a transfer is no profit", "runtime/live/guard.py",
        "        self.day.equity += amount\n", "",
        ("tests/runtime/live/test_account.py",),
    ),
    Fault(
        "blind-and-slow", "without the private stream the venue is asked every two seconds",
        "runtime/backends/bybit/backend.py",
        "self.pace.blind_ms if self._is_blind else self.pace.reconcile_ms", "self.pace.reconcile_ms",
        ("tests/runtime/live/test_going_on.py",),
    ),
    Fault(
        "archived-comes-back", "an execution of an archived order is told once",
        "runtime/backends/bybit/synchronizer.py",
        "        for execution_id in self._fills.pop(order_id, ()):\n            self.remember(execution_id)\n", "",
        ("tests/runtime/live/test_going_on.py",),
    ),
    Fault(
        "notices-of-1970", "what is shown of a notice has its time", "runtime/live/session.py",
        "        self.notices.append(told)", "        self.notices.append(notice)",
        ("tests/runtime/live/test_links_and_bars.py",),
    ),
    Fault(
        "halts-untold", "every halt says what to do", "runtime/live/states.py",
        '"max_drawdown_pct", "the equity', '"drawdown", "the equity',
        ("tests/runtime/live/test_states.py",),
    ),
    Fault(
        "requests-not-flushed", "what a request rests on is flushed before it leaves",
        "runtime/live/session.py", "may_be_lost=not self._must_last", "may_be_lost=True",
        ("tests/runtime/live/test_process.py",),
    ),
    Fault(
        "log-grows-at-a-request", "the log of a journal grows when nothing waits",
        "runtime/live/journal.py", "                self._make_room()\n", "                pass\n",
        ("tests/runtime/live/test_process.py",),
    ),
    Fault(
        "connection-idles", "the connection for requests is used now and then",
        "runtime/backends/bybit/warmth.py", "if sent == self._sent:", "if False:",
        ("tests/runtime/live/test_links_and_bars.py",),
    ),
    Fault(
        "fills-asked-last", "fills that nobody heard of are asked for before all else",
        "runtime/backends/bybit/backend.py", "        self._ask_fills()\n", "",
        ("tests/runtime/live/test_process.py",),
    ),
    Fault(
        "bars-in-a-storm", "bars that do not come are asked for with patience",
        "runtime/live/session.py", " or now < self._bars_at:", ":",
        ("tests/runtime/live/test_links_and_bars.py",),
    ),
    Fault(
        "lost-stop-unrepeated", "a lost stop is sent again though no question is answered",
        "runtime/backends/bybit/questions.py", "            self._unanswered(order, now)\n", "            pass\n",
        ("tests/runtime/live/test_unanswered.py",),
    ),
    Fault(
        "stops-behind-entries", "a stop leaves before the entries that wait",
        "runtime/backends/bybit/router.py", "if self._must_wait(one) or self.limits.take(", "if self.limits.take(",
        ("tests/runtime/live/test_unanswered.py",),
    ),
    Fault(
        "asking-through-a-ban", "a banned address asks nothing",
        "runtime/backends/bybit/backend.py", "now() < self.router.limits.stopped_until", "False",
        ("tests/runtime/live/test_unanswered.py",),
    ),
    Fault(
        "posting-through-a-ban", "a banned address is sent nothing, an exit neither",
        "runtime/backends/bybit/limits.py", "if now < self.stopped_until:", "if now < 0:",
        ("tests/runtime/live/test_links_and_bars.py",),
    ),
    Fault(
        "rows-of-tomorrow", "a row of the future does not stop the clock of a session",
        "runtime/backends/bybit/intake.py", "return cast(T, replace(row, updated_at=now))", "return row",
        ("tests/runtime/live/test_unanswered.py",),
    ),
    Fault(
        "waits-for-a-lock", "a journal that another process holds makes no stop wait",
        "runtime/live/journal.py", "_PATIENCE_S = 0.1", "_PATIENCE_S = 5.0",
        ("tests/runtime/live/test_unanswered.py",),
    ),
    Fault(
        "old-beat-is-silence", "a beat that is old after a sleep is no silence",
        "runtime/live/watchdog.py", "if now - self._silent_since[0] < self._settle_ms:", "if False:",
        ("tests/runtime/live/test_watchdog.py",),
    ),
    Fault(
        "open-bars-decide", "an open bar never decides, whatever our clock says",
        "runtime/live/session.py", "self.gate.fetched(told.rows, told.at)", "self.gate.fetched(told.rows, self._now())",
        ("tests/runtime/live/test_clocks.py",),
    ),
    Fault(
        "ahead-for-good", "a step ahead of the wall clock that was none is made good",
        "runtime/live/clock.py", "self._owed = max(0, ahead) * 1_000_000", "self._owed = 0",
        ("tests/runtime/live/test_clocks.py",),
    ),
    Fault(
        "signed-by-our-clock", "requests are signed by the venue's clock",
        "runtime/backends/bybit/rest.py", "            road.ahead_ms = ahead\n", "            pass\n",
        ("tests/runtime/live/test_clocks.py",),
    ),
)  # fmt: skip
