"""Ask a demo account what no document says, and record what came over the wire.

    python -m tools.live.record --venue demo --out recorded/ --minutes 10

It needs a demo (or testnet) key and spends the smallest order there is. It was never run against a real
account: it was tried against the stand-in venue alone. Mainnet is refused.

The law: the account ends as it began, flat and without orders of this run; nothing written holds the key.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import click

from runtime.backends.bybit.outcomes import Request
from runtime.backends.bybit.pybit_http import PybitTransport
from runtime.backends.bybit.rest import Answered, Rest
from runtime.backends.bybit.streams import Link, LinkChanged, StreamMessage
from runtime.errors import BackendError
from runtime.market.whole_files import write_whole
from tools.live.door import Door, door_of, wall_ms
from tools.live.plan import Place
from tools.live.redact import redacted, secrets_of

_PERSONAL = ("uid", "userID", "apiKey", "note", "ips", "inviterID", "affiliateID", "id")
_WAIT_S = 8.0
Row = dict[str, Any]


@dataclass(slots=True)
class Recorder:
    """What came, in order, and the answers found in it."""

    door: Door
    symbol: str
    out: Path
    came: SimpleQueue[StreamMessage | LinkChanged] = field(default_factory=SimpleQueue)
    lines: list[Row] = field(default_factory=list)
    answers: dict[str, object] = field(default_factory=dict)

    def send(self, method: str, path: str, fields: Row) -> Row:
        """Send one request, record question and answer, return the answer ({} without one)."""
        transport = PybitTransport(self.door.keys, self.door.host, 10.0)
        began = wall_ms()
        try:
            told: Answered | None = transport.send(method, path, fields)
        except BackendError as error:
            self.note("no_answer", {"path": path, "why": str(error)})
            return {}
        answer = {} if told is None else dict(told.answer)
        self.note(
            "answer", {"path": path, "asked": fields, "answer": answer, "ms": wall_ms() - began}
        )
        return answer

    def note(self, kind: str, row: Row) -> None:
        self.lines.append({"at": wall_ms(), "kind": kind, **row})

    def hear(
        self, until: Callable[[StreamMessage], bool], seconds: float = _WAIT_S
    ) -> list[StreamMessage]:
        """Record frames until one is meant, or time is over; return those that came."""
        end, found = time.monotonic() + seconds, list[StreamMessage]()
        while time.monotonic() < end:
            try:
                thing = self.came.get(timeout=0.2)
            except Empty:
                continue
            if isinstance(thing, LinkChanged):
                self.note("link", {"link": thing.link, "is_up": thing.is_up, "why": thing.why})
                continue
            self.note("frame", {"received": thing.received_ms, "message": dict(thing.message)})
            found.append(thing)
            if until(thing):
                return found
        return found

    def write(self) -> None:
        """Write what was recorded, without key, secret and names of the account."""
        self.out.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = self.door.keys
        known = ((keys.secret, keys.key) if keys else ()) + _environment()
        text = "".join(json.dumps(_nameless(line)) + "\n" for line in self.lines)
        write_whole(self.out / "recorded.jsonl", redacted(text, known))
        told = json.dumps(self.answers, indent=2) + "\n"
        write_whole(self.out / "answers.json", redacted(told, known))


def _environment() -> tuple[str, ...]:
    return secrets_of(os.environ)


def _nameless(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: "hidden" if k in _PERSONAL else _nameless(v) for k, v in value.items()}
    return [_nameless(one) for one in value] if isinstance(value, list) else value


# ---------------------------------------------------------------- the questions


def facts(recorder: Recorder) -> tuple[Decimal, Decimal, Decimal]:
    """Return the smallest order that may be placed, the tick, and the last price."""
    where = {"category": "linear", "symbol": recorder.symbol}
    row = recorder.send("GET", "market/instruments-info", where)["result"]["list"][0]
    last = recorder.send("GET", "market/tickers", where)["result"]["list"][0]["lastPrice"]
    size, price = row["lotSizeFilter"], Decimal(last)
    step, least = Decimal(size["qtyStep"]), Decimal(size["minOrderQty"])
    by_value = (
        Decimal(size["minNotionalValue"]) * Decimal("1.2") / price / step
    ).to_integral_value(ROUND_UP)
    return max(least, by_value * step), Decimal(row["priceFilter"]["tickSize"]), price


def what_is_told(recorder: Recorder) -> None:
    """What fee-rate and query-api answer here, exactly."""
    where = {"category": "linear", "symbol": recorder.symbol}
    for path, fields in (("account/fee-rate", where), ("user/query-api", {})):
        answer = recorder.send("GET", path, fields)
        recorder.answers[path] = {k: answer.get(k) for k in ("retCode", "retMsg")}


def how_long_a_list_lags(recorder: Recorder, qty: Decimal, tick: Decimal, last: Decimal) -> None:
    """How long after its acknowledgement the list of open orders may miss an order."""
    lags: list[int | None] = []
    for number in range(5):
        link = f"record-{wall_ms()}-{number}"
        price = (last * Decimal("0.9") / tick).to_integral_value() * tick
        order = _order(recorder, "Buy", qty, link) | {
            "orderType": "Limit",
            "price": f"{price:f}",
            "timeInForce": "PostOnly",
        }
        recorder.send("POST", "order/create", order)
        began, seen = time.monotonic(), None
        while seen is None and time.monotonic() - began < _WAIT_S:
            asked = {"category": "linear", "symbol": recorder.symbol, "orderLinkId": link}
            rows = recorder.send("GET", "order/realtime", asked).get("result", {}).get("list", [])
            seen = int((time.monotonic() - began) * 1_000) if rows else None
        lags.append(seen)
        cancel = {"category": "linear", "symbol": recorder.symbol, "orderLinkId": link}
        recorder.send("POST", "order/cancel", cancel)
    recorder.answers["list_lag_ms"] = lags


def order_of_topics(recorder: Recorder, qty: Decimal) -> None:
    """In which order order, execution and position messages of one fill come; whether qty 0 closes."""
    recorder.hear(lambda _frame: False, 1.0)
    recorder.send("POST", "order/create", _order(recorder, "Buy", qty, f"record-{wall_ms()}-m"))
    recorder.answers["topics_of_a_fill"] = _topics(recorder.hear(_is("position")))
    less = {"reduceOnly": True, "orderType": "Limit", "timeInForce": "PostOnly"}
    far = _order(recorder, "Sell", qty, f"record-{wall_ms()}-r") | less
    last = recorder.send(
        "GET", "market/tickers", {"category": "linear", "symbol": recorder.symbol}
    )["result"]["list"][0]["lastPrice"]
    tick_free = f"{Decimal(last).quantize(Decimal(1)) * Decimal('1.05'):.0f}"
    small = recorder.send("POST", "order/create", far | {"price": tick_free})
    recorder.answers["reduce_only_rest"] = {k: small.get(k) for k in ("retCode", "retMsg")}
    close = _order(recorder, "Sell", Decimal(0), f"record-{wall_ms()}-z")
    close |= {"reduceOnly": True, "closeOnTrigger": True}
    closed = recorder.send("POST", "order/create", close)
    recorder.answers["qty_0_closes"] = {k: closed.get(k) for k in ("retCode", "retMsg")}
    recorder.answers["topics_of_a_close"] = _topics(recorder.hear(_is("position")))


def how_late_bars_close(recorder: Recorder, minutes: float) -> None:
    """How long after its end a bar is told as closed."""
    delays: list[int] = []
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        for frame in recorder.hear(_is("kline"), min(5.0, max(0.1, end - time.monotonic()))):
            if str(frame.message.get("topic", "")).startswith("kline"):
                rows = frame.message.get("data") or []
                delays += [frame.received_ms - int(r["end"]) - 1 for r in rows if r.get("confirm")]
    recorder.answers["bar_delay_ms"] = sorted(delays)


def leave_flat(recorder: Recorder) -> None:
    """Cancel and close what this run may have left; say whether the account is flat."""
    where = {"category": "linear", "symbol": recorder.symbol}
    recorder.send("POST", "order/cancel-all", where)
    rest = Rest(*(PybitTransport(recorder.door.keys, recorder.door.host, 10.0) for _ in range(2)))
    for _ in range(5):
        rows = rest.position(recorder.symbol) or []
        held = [row for row in rows if float(row.get("size") or 0)]
        if not held:
            break
        side = "Sell" if held[0]["side"] == "Buy" else "Buy"
        close = _order(recorder, side, Decimal(held[0]["size"]), f"record-{wall_ms()}-e")
        rest.post(Request.SUBMIT, "order/create", close | {"reduceOnly": True}, wall_ms())
        time.sleep(0.5)
    left = rest.position(recorder.symbol)
    recorder.answers["ends_flat"] = left is not None and not any(
        float(row.get("size") or 0) for row in left
    )


def _order(recorder: Recorder, side: str, qty: Decimal, link: str) -> Row:
    return {
        "category": "linear",
        "symbol": recorder.symbol,
        "side": side,
        "orderType": "Market",
        "qty": f"{qty:f}",
        "orderLinkId": link,
        "positionIdx": 0,
    }


def _is(topic: str) -> Callable[[StreamMessage], bool]:
    return lambda frame: str(frame.message.get("topic", "")).startswith(topic)


def _topics(frames: list[StreamMessage]) -> list[str]:
    return [str(frame.message.get("topic", "")) for frame in frames]


# ---------------------------------------------------------------- the command


@click.command()
@click.option("--venue", type=click.Choice(["demo", "testnet"]), default="demo", show_default=True)
@click.option("--symbol", default="BTCUSDT", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("recorded"), show_default=True)
@click.option("--minutes", default=10.0, show_default=True, help="How long bars are listened to.")
@click.option("--url", default="", help="A stand-in venue on this machine, http://127.0.0.1:PORT.")
def main(venue: str, symbol: str, out: Path, minutes: float, url: str) -> None:
    """Ask, record, leave the account as it was."""
    recorder = Recorder(door_of(Place(venue), url), symbol, out)
    links = [
        Link(line, recorder.door.keys if line.channel == "private" else None, recorder.came.put)
        for line in recorder.door.lines(f"kline.1.{symbol}")
    ]
    for link in links:
        link.start()
    try:
        recorder.hear(lambda _frame: False, 2.0)
        qty, tick, last = facts(recorder)
        what_is_told(recorder)
        how_long_a_list_lags(recorder, qty, tick, last)
        order_of_topics(recorder, qty)
        how_late_bars_close(recorder, minutes)
    finally:
        leave_flat(recorder)
        for link in links:
            link.stop()
        recorder.write()
    click.echo(json.dumps(recorder.answers, indent=2))
    click.echo(f"recorded: {out}", err=True)


if __name__ == "__main__":
    main()
