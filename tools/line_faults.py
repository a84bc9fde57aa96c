"""Faults of what leaves to the venue, by which line, and of what stands there, seeded on purpose."""

from __future__ import annotations

from tools.fault import Fault

LINE_FAULTS: tuple[Fault, ...] = (
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
)  # fmt: skip
