"""Faults of what leaves to the venue, by which line, and of what stands there, seeded on purpose."""

from __future__ import annotations

from tools.fault import Fault

LINE_FAULTS: tuple[Fault, ...] = (
    Fault(
        "bars-for-ever", "a session of any length holds as many rows", "runtime/rules/market_stage.py",
        "if before - self.data.exec.first < recent:", "if before >= 0:", ("tests/runtime/live/test_recent_bars.py",),
    ),
    Fault(
        "leg-let-go-of", "a zigzag's leg is read to its beginning, however long it lasts",
        "runtime/structures/swing.py",
        """return min(state[17], state[19]) if params["mode"] == "atr_zigzag" else inf""", "return inf",
        ("tests/runtime/rules/test_recent_rows.py",),
    ),
    Fault(
        "window-of-the-warm-up", "a kernel may read further back than its first output needs",
        "runtime/rules/rows_needed.py", "return 1 + max((abs(value) for value in whole), default=0)", "return 0",
        ("tests/runtime/rules/test_recent_rows.py",),
    ),
    Fault(
        "rule-of-other-rows", "a rule reads its rows by their numbers, whatever was let go of before them",
        "runtime/rules/column_rules.py", "row = start - first",
        "row = start", ("tests/runtime/rules/test_recent_rows.py",),
    ),
    Fault(
        "rule-of-rows-gone", "a rule that looks back to rows let go of is stopped", "runtime/rules/column_rules.py",
        "assert not first or start - first >= self._lookback", "assert not first or start >= self._lookback",
        ("tests/runtime/rules/test_recent_rows.py",),
    ),
    Fault(
        "bars-nobody-kept", "a bar that no snapshot has is held", "runtime/rules/market_stage.py",
        "before = min(before, self.held_from)", "pass", ("tests/runtime/live/test_recent_bars.py",),
    ),
    Fault(
        "bars-without-patience", "bars whose answer stays out are asked for ever less often",
        "runtime/live/session.py", "0 if told is not None else self._bars_missed + 1", "0",
        ("tests/runtime/live/test_links_and_bars.py",),
    ),
    Fault(
        "fills-behind-bars", "no look for fills waits for bars",
        "runtime/backends/bybit/backend.py",
        "self._market.do(lambda: self._rest.bars(", "self._asking.do(lambda: self._rest.bars(",
        ("tests/runtime/live/test_lines.py",),
    ),
    Fault(
        "stop-behind-an-entry", "a stop does not wait for the answer to an entry",
        "runtime/backends/bybit/router.py", "if not (one.is_urgent and self._has_two):", "if True:",
        ("tests/runtime/live/test_lines.py",),
    ),
    Fault(
        "cancel-overtakes-its-order", "requests about one order leave one after the other",
        "runtime/backends/bybit/router.py", " or out.order_id == one.order_id for out", " for out",
        ("tests/runtime/backends/bybit/test_router.py",),
    ),
    Fault(
        "one-connection-for-all", "what protects leaves by a connection of its own",
        "runtime/backends/bybit/rest.py", "self._protecting = protecting or placing", "self._protecting = placing",
        ("tests/runtime/live/test_lines.py",),
    ),
    Fault(
        "stop-in-one-piece", "a stop above the largest market order stands in pieces",
        "runtime/account/wanted.py", "if target.is_limit or not ledger.in_pieces:", "if True:",
        ("tests/runtime/live/test_pieces.py",),
    ),
    Fault(
        "cut-before-relieved", "a stop is cut only when what relieves it stands", "runtime/orders/pieces.py",
        "            yield order, order.remaining\n", "            yield order, share\n",
        ("tests/runtime/live/test_pieces.py",),
    ),
    Fault(
        "cut-beyond-the-ten", "a stop whose pieces the venue does not take stands whole", "runtime/account/wanted.py",
        "return own + count <= MOST_CONDITIONALS", "return True", ("tests/runtime/live/test_pieces.py",),
    ),
    Fault(
        "whole-stop-untold", "a stop that cannot stand in pieces is told", "runtime/live/session.py",
        "            if whole := stands_whole(self.desk.ledger):\n", "            if whole := \"\":\n", ("tests/runtime/live/test_pieces.py",),
    ),
    Fault(
        "doubt-is-no-stop", "a stop whose change is in doubt still stands", "runtime/orders/order.py",
        "if not self.is_accepted or self.is_going:", "if not self.is_accepted or self.is_going or self.doubts:",
        ("tests/runtime/live/test_what_still_stands.py",),
    ),
    Fault(
        "silence-of-any-layer", "silence about the stop of a layer is no failure of another's", "runtime/live/coverage.py",
        "one.silences + refusals(ledger.absences, scope) - one.before >= ATTEMPTS",
        "max(x.silences for x in self.open.values()) + refusals(ledger.absences, scope) - one.before >= ATTEMPTS",
        ("tests/runtime/live/test_silence_of_layers.py",),
    ),
    Fault(
        "looking-is-failing", "silence is a failure once a timeout", "runtime/live/coverage.py",
        "(one.silences + 1) * self.timeout_ms", "self.timeout_ms",
        ("tests/runtime/live/test_what_still_stands.py",),
    ),
    Fault(
        "exit-in-one-piece", "an exit above the largest market order leaves in pieces",
        "runtime/live/owed.py", "is_of_card and spec.quantity > ledger.instrument.max_market_lots", "False",
        ("tests/runtime/live/test_pieces.py",),
    ),
    Fault(
        "pieces-shuffled", "pieces that cover everything stay as they are",
        "runtime/orders/pieces.py", "if whole(stands) == lots and all(map(le, stands, most)):", "if False:",
        ("tests/runtime/live/test_pieces.py",),
    ),
    Fault(
        "largest-unchecked", "no market order is larger than the largest, whatever it closes",
        "tools/fakebybit/placing.py", "size) <= largest:", "size):",
        ("tests/tools/fakebybit/test_strictness.py",),
    ),
    Fault(
        "leverage-unseen", "a leverage that somebody changes holds entries and is told",
        "runtime/backends/bybit/hooks.py", "if row.leverage == self.leverage:", "if True:",
        ("tests/runtime/live/test_facts.py",),
    ),
    Fault(
        "token-in-a-log", "the page's token stands in no log",
        "tools/live/show.py", "if sys.stderr.isatty():", "if True:",
        ("tests/tools/live/test_secrets_at_hand.py",),
    ),
    Fault(
        "address-repeated", "what a bot API says of a refusal is told without the token",
        "tools/live/notify.py", 'f" {redacted(str(said))}"', 'f" {said}"', ("tests/tools/live/test_telegram.py",),
    ),
    Fault(
        "address-that-ends-it", "an address that is none is said, and ends no notices",
        "tools/live/notify.py", "except (OSError, ValueError, http.client.HTTPException) as error:", "except OSError as error:",
        ("tests/tools/live/test_telegram.py",),
    ),
    Fault(
        "seconds-of-no-file", "a heartbeat that never was is told as no file",
        "runtime/live/watchdog.py", "Alarm(self._without_a_beat())", 'Alarm(f"no heartbeat for {seconds} s:")',
        ("tests/runtime/live/test_watchdog.py",),
    ),
    Fault(
        "bars-cut-off", "a time that is no whole number of bars is not said to be one",
        "compiler/parse/in_bars.py", "    if not rest:\n", "    if True:\n", ("tests/compiler/parse/test_in_bars.py",),
    ),
)  # fmt: skip
