"""Faults of what a person has at hand of a session, seeded on purpose: pre-flight, words, notices, pictures."""

from __future__ import annotations

from tools.fault import Fault

_REFUSED = "tests/tools/live/test_refused_starts.py"
_SOUGHT = "tests/tools/live/test_sought_at_an_end.py"
_STARTS = "tests/tools/live/test_starts.py"
_CLOSE_OUT = "tests/runtime/live/test_close_out.py"
_WORDS = "tests/runtime/live/test_words_that_hold.py"
_CANCELS = "tests/tools/live/test_cancels.py"
_PATIENCE = "tests/tools/live/test_patience.py"

AT_HAND_FAULTS: tuple[Fault, ...] = (
    Fault(
        "limits-of-a-restart-dropped", "a restart holds to the limits it is given",
        "tools/live/wire.py", "for limit, value in asdict(limits).items():",
        "for limit, value in asdict(SessionLimits()).items():",
        ("tests/tools/live/test_limits_at_a_restart.py",),
    ),
    Fault(
        "restart-loosens-what-was-tightened", "the same command again leaves a limit that a person has tightened",
        "tools/live/wire.py", "if value != getattr(guard.given, limit):", "if value != held:",
        ("tests/tools/live/test_limits_at_a_restart.py",),
    ),
    Fault(
        "killed-at-once", "a session that a service stops ends as by a word", "tools/commands/live_run.py",
        "            interruptible(*ENDS) as stops,\n            at_hand", "            interruptible() as stops,\n            at_hand",
        ("tests/tools/live/test_signals.py",),
    ),
    Fault(
        "left-entries-unseen", "a new session does not start beside orders of another",
        "tools/live/preflight.py", "    if ours and not is_taken_up:", "    if False:",
        ("tests/tools/live/test_preflight.py",),
    ),
    Fault(
        "page-without-token", "the page tells nothing without its token", "tools/live/page.py",
        "if not hmac.compare_digest(said.encode(), server.token.encode()):", "if False:",
        ("tests/tools/live/test_at_hand.py",),
    ),
    Fault(
        "page-for-any-name", "the page is for this machine's own names", "tools/live/page.py",
        "if host[0] not in _HOSTS or host[2] != str(server.server_address[1]):", "if False:",
        ("tests/tools/live/test_at_hand.py",),
    ),
    Fault(
        "anybody-commands", "a word needs the session's secret", "tools/live/control.py",
        'if not hmac.compare_digest(str(row.pop("token", "")), self.token):',
        'if row.pop("token", "") is None:', ("tests/tools/live/test_at_hand.py",),
    ),
    Fault(
        "stop-leaves-naked", "a stop waits until what it leaves is covered", "tools/live/cockpit.py",
        "if is_closed and is_settled and is_covered:", "if True:",
        ("tests/tools/live/test_local.py",),
    ),
    Fault(
        "resume-forgets-the-close", "`resume` takes back the pause of a flatten and not its close",
        "runtime/live/desk.py", "            self._look_at_closing()\n            if self.close_out.why:  # the word",
        "            self.close_out.why = \"\"\n            if self.close_out.why:  # the word", (_WORDS,),
    ),
    Fault(
        "flatten-is-over-too-soon", "what fills after a flatten of an entry that was given up is closed",
        "runtime/live/close_out.py", "FLATTEN if self.is_flat_wanted else self.why", "self.why", (_CLOSE_OUT,),
    ),
    Fault(
        "flatten-for-ever", "after a `resume` what fills stays", "runtime/live/desk.py",
        "            self.close_out.is_flat_wanted = False\n", "", (_CLOSE_OUT,),
    ),
    Fault(
        "vanished-is-over", "an entry that was at the venue and is nowhere to be found may fill yet",
        "runtime/live/close_out.py", "if reason == VANISHED", "if False", (_CLOSE_OUT,),
    ),
    Fault(
        "opens-before-it-is-closed", "after a `resume` nothing opens until what was to be closed is",
        "runtime/live/desk.py", '                self.guard.block(CLOSING, f"not closed yet: {self.close_out.why}")\n',
        "                pass\n", (_WORDS,),
    ),
    Fault(
        "ends-beside-a-close", "a run that is told to stop waits for a close of everything that was said before",
        "runtime/live/unfinished.py", "        if self.close_out.why and position is not None:\n            return position.quantity\n",
        "", (_PATIENCE,),
    ),
    Fault(
        "ends-before-what-follows", "a session that ends waits for what follows a fill at its close", "tools/live/cockpit.py",
        " and not desk.engine.to_follow\n", "\n", ("tests/tools/live/test_fills_at_an_end.py",),
    ),
    Fault(
        "left-unfollowed-unsaid", "a session that ends says which fill nothing has followed", "tools/live/cockpit.py",
        "if desk.engine.to_follow and ledger", "if False and ledger", ("tests/tools/live/test_fills_at_an_end.py",),
    ),
    Fault(
        "stop-leaves-no-target", "a stop waits until what it leaves has its target, or says that it has none",
        "tools/live/cockpit.py", " and not desk.coverage.targets.missing\n", "\n",
        (_PATIENCE,),
    ),
    Fault(
        "stop-forgets-what-may-fill", "a stop waits for an entry that was not found", "tools/live/cockpit.py",
        "not desk.to_close and not desk.in_doubt", "not desk.to_close", (_PATIENCE,),
    ),
    Fault(
        "stop-hides-what-may-fill", "a stop says which entries may fill yet", "tools/live/cockpit.py",
        "        if desk.in_doubt:\n", "        if False:\n", (_PATIENCE,),
    ),
    Fault(
        "stop-forgets-a-change", "a stop waits for a change of an exit that is asked for again", "tools/live/cockpit.py",
        "is_settled and not desk.to_ask and", "is_settled and", (_PATIENCE,),
    ),
    Fault(
        "stop-forgets-where-a-stop-stands", "a stop waits until the stop of what it leaves stands where it should",
        "tools/live/cockpit.py", "is_covered and not desk.coverage.misplaced", "is_covered", (_PATIENCE,),
    ),
    Fault(
        "stop-forgets-how-large-a-stop-is", "a stop waits until the stop of what it leaves is no larger than it is to be",
        "tools/live/cockpit.py", " and not oversized(ledger)\n", "\n", ("tests/tools/live/test_stops_at_an_end.py",),
    ),
    Fault(
        "large-stop-left-unsaid", "a session that ends says which stop is too large", "tools/live/cockpit.py",
        "            found.append(f\"a {_WORDS[role]} for", "            str(f\"a {_WORDS[role]} for", ("tests/tools/live/test_stops_at_an_end.py",),
    ),
    Fault(
        "stop-forgets-what-waits", "a stop waits for an exit that waits for an answer", "runtime/live/unfinished.py",
        "{*self.changes.of_exits(self.ledger), *self.later.exits(self.ledger)}",
        "{*self.changes.of_exits(self.ledger)}", ("tests/runtime/live/test_asked_later.py",),
    ),
    Fault(
        "stop-hides-a-change", "a stop says which exits are not as they were to be", "tools/live/cockpit.py",
        "        if desk.to_ask:\n", "        if False:\n", (_PATIENCE,),
    ),
    Fault(
        "cancel-knows-working-orders-alone", "a person may cancel an exit that is owed", "tools/live/words.py",
        "comes = watch.desk.comes(asked.name)", "comes = False", (_CANCELS,),
    ),
    Fault(
        "cancelled-and-still-owed", "an exit that a person cancels while it is owed comes no more", "runtime/live/desk.py",
        "            self.dismiss(item.name)\n", "            pass\n", (_CANCELS,),
    ),
    Fault(
        "cancelled-and-still-waits", "what waits to change an exit goes with a person's cancel", "runtime/live/unfinished.py",
        "        self.later.dismiss(name, self.ledger)\n", "", (_CANCELS,),
    ),
    Fault(
        "close-ends-with-a-stop-on-its-way", "a stop that closes waits until its orders are gone", "tools/live/cockpit.py",
        "_CLOSING_MS if self.wish.closes else _SETTLING_MS", "_SETTLING_MS", (_PATIENCE,),
    ),
    Fault(
        "warm-up-decides", "nothing is decided on the bars before a session",
        "tools/live/warm_up.py", "replace(bar, decides=False)", "bar",
        ("tests/tools/live/test_local.py",),
    ),
    Fault(
        "preflight-starts-held", "a new session starts flat", "tools/live/preflight.py",
        '"position",\n            is_flat or is_taken_up,', '"position",\n            True,',
        ("tests/tools/live/test_preflight.py",),
    ),
    Fault(
        "notices-hand-keys-on", "a command that is told of a notice is handed no keys", "tools/live/notify.py",
        "                env=without_keys(os.environ),\n", "",
        ("tests/tools/live/test_after.py",),
    ),
    Fault(
        "used-is-held-alone", "what is used of a limit is what it is judged by", "tools/live/view.py",
        "at_stake(ledger)", "0.0 if ledger.position is None else ledger.position.total_size_usdt",
        ("tests/tools/live/test_at_hand.py",),
    ),
    Fault(
        "stay-says-and-does-not", "what is said to a session that stays after its last bar is done",
        "tools/live/local.py", "        while not self.cockpit.may_end:\n            if stops()",
        "        while not self.cockpit.wish.stops:\n            if stops()",
        ("tests/tools/live/test_at_hand.py",),
    ),
    Fault(
        "preflight-unanswered-flat", "a line that nobody answered is no pass", "tools/live/preflight.py",
        '    if account.position is None:\n        yield failed("position", "no answer", "try again")\n    else:',
        "    if True:",
        ("tests/tools/live/test_preflight.py",),
    ),
    Fault(
        "preflight-without-facts", "facts nobody told are not those of another day", "tools/live/preflight.py",
        '        yield failed("instrument", "no answer", "try again; the facts of another day may be wrong")',
        '        yield passed("instrument", "those of another day")',
        ("tests/tools/live/test_preflight.py",),
    ),
    Fault(
        "preflight-swallows-prepare", "what could not be set is said in the venue's words", "tools/live/preflight.py",
        "    if refusal:\n", "    if not refusal and False:\n",
        ("tests/tools/live/test_preflight.py",),
    ),
    Fault(
        "preflight-closed-contract", "a session does not begin on a contract that opens nothing",
        "tools/live/preflight.py", "        not closed or is_taken_up,", "        True,",
        ("tests/tools/live/test_preflight.py",),
    ),
    Fault(
        "keys-of-any-venue", "where keys are missing the venue's own variables are named",
        "runtime/backends/bybit/keys.py", 'own = f"{_PLAIN}_{venue.upper()}"', "own = _PLAIN",
        ("tests/tools/live/test_preflight.py",),
    ),
    Fault(
        "bundle-with-secrets", "a bundle holds no secret", "tools/live/bundle.py",
        "if holds_secret(data):", "if False:", ("tests/tools/live/test_after.py",),
    ),
    Fault(
        "report-before-stops", "a session that has lived protects before anything else is looked at",
        "tools/live/start.py", "    taken = _taken_up(plan, door, folder) if starts and door.keys is not None else None\n", "    taken = None\n",
        ("tests/tools/live/test_wire.py",),
    ),
    Fault(
        "refused-start-leaves-naked", "a start that is refused protects what is held first", "tools/live/start.py",
        "        line = _stood_down(self.taken_up)\n", '        self.taken_up.close()\n        line = passed("stands", "")\n',
        (_REFUSED,),
    ),
    Fault(
        "report-before-fills", "fills that nobody heard of have their stop before pre-flight", "tools/live/start.py",
        "            taken.hear()\n", "            pass\n", (_REFUSED,),
    ),
    Fault(
        "unseen-start-leaves-naked", "a start that cannot look leaves no entry to fill where nobody is", "tools/live/start.py",
        "            fault.add_note(check_text(_stood_down(taken)))\n", "            taken.close()\n", (_REFUSED,),
    ),
    Fault(
        "paper-heard-as-a-venue", "a paper session goes on by the command that began it", "tools/live/start.py",
        "if starts and door.keys is not None else", "if starts else", ("tests/tools/live/test_wire.py",),
    ),
    Fault(
        "edited-card-leaves-naked", "another card over a journal protects what that holds before it is refused", "tools/live/start.py",
        "            taken.hear()\n        program = compile_on(plan.source, plan.overrides, plan.feeds)\n",
        "            program = compile_on(plan.source, plan.overrides, plan.feeds)\n            taken.hear()\n", (_REFUSED,),
    ),
    Fault(
        "stop-forgets-what-is-sought", "a stop waits for orders that are asked about", "tools/live/cockpit.py",
        " and not around.sought and", " and", (_SOUGHT,),
    ),
    Fault(
        "stop-before-a-look", "a stop waits for the first look after a start", "tools/live/cockpit.py",
        " and not _is_uncompared(around)\n", "\n", (_SOUGHT,),
    ),
    Fault(
        "stop-hides-what-came-back", "a stop says what came back and works", "tools/live/cockpit.py",
        "        if around.came_back:\n", "        if False:\n", (_SOUGHT,),
    ),
    Fault(
        "open-sessions-put-away", "a session that holds something is not put away",
        "tools/live/archive.py", "    if held is not None or working:", "    if False:",
        ("tests/tools/live/test_archive.py",),
    ),
    Fault(
        "queue-of-nothing-seen", "the queue is what explains the fills that were", "tools/live/fitted.py",
        " - one.got)\n", " - one.waiting)\n", ("tests/tools/live/test_fitted.py",),
    ),
    Fault(
        "persons-unsaid", "an order of a person is said to be one", "tools/live/compare.py",
        "return self._said(mine) or self._only_session(key)", "return self._only_session(key)",
        ("tests/tools/live/test_fitted.py",),
    ),
    Fault(
        "ended-is-dead", "a session that was ended in order is no silence", "runtime/live/watchdog.py",
        "if beat is not None and beat.ended:", "if False:", ("tests/runtime/live/test_watchdog.py",),
    ),
    Fault(
        "ended-unsaid", "a run that ends in order says so in its last beat", "tools/live/wire.py",
        "        self._pulse.end(self.cockpit.wish.by)\n", "", ("tests/tools/live/test_signals.py",),
    ),
    Fault(
        "ended-alarms", "notices tell an end in order once", "tools/live/notify.py",
        "        if beat.ended:\n", "        if False:\n", ("tests/tools/live/test_after.py",),
    ),
    Fault(
        "end-looked-at-once", "what fills after an end in order is told", "runtime/live/watchdog.py",
        "if is_told and not position.is_more_than(self._over):", "if is_told:", ("tests/runtime/live/test_watchdog.py",),
    ),
    Fault(
        "refused-start-leaves-a-folder", "a start that is refused leaves no folder", "tools/live/start.py",
        "        lock = None\n        if door", "        lock = kept_folder(folder.parent, folder.name) and None\n        if door",
        (_STARTS,),
    ),
    Fault(
        "summary-counts-all", "the summary of a session that goes on says since when it counts", "tools/live/watch.py",
        "self.goes_on = desk.ledger.bar >= 0", "self.goes_on = False", (_STARTS,),
    ),
    Fault(
        "cancel-of-one-piece", "a cancel reaches all pieces of an exit", "tools/live/words.py",
        "if order.order_id in parts\n        or (order.is_own", "if (order.is_own", ("tests/tools/live/test_cancels.py",),
    ),
    Fault(
        "reduce-cannot-be-cancelled", "a `reduce` that was asked again is cancelled by its first name", "runtime/live/decider.py",
        "and (order.is_own or is_exit(order.spec))", "and order.is_own", ("tests/tools/live/test_cancels.py",),
    ),
)  # fmt: skip
