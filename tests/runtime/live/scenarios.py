"""Random sessions against a hostile venue: one seed, one story; at its end the laws must hold.

    python -m tests.runtime.live.scenarios --first 0 --count 10000 --processes 2
    python -m tests.runtime.live.scenarios --count 300 --loopback
    python -m tests.runtime.live.scenarios --count 10000 --seconds 300 --keep stories.jsonl

prints each seed that breaks a law with what broke, and the figures of the run. With `--keep` pieces add up: what the
same code has lived through is not lived through again.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path
from random import Random

from runtime.backends.bybit.reconcile import OnMismatch
from runtime.live.journal import JournalError
from tests.runtime.live.bench import Live
from tests.runtime.live.beyond import BELOW, torn_from_their_price
from tests.runtime.live.kept import Piece, add, code_state, lived, pieces, total
from tests.runtime.live.looped import Looped
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.orders import Kind

_REQUESTS = ("order/create", "order/amend", "order/cancel", "order/*")
_QUERIES = ("order/realtime", "order/history", "execution/list", "position/list")
_TOPICS = ("order", "execution", "position", "*")
_ON_REQUESTS = (
    Fault.DROP_REQUEST, Fault.DROP_ANSWER, Fault.HTML, Fault.HTTP, Fault.CUT, Fault.JSON_ODD,
    Fault.HALF, Fault.NO_MESSAGE, Fault.STREAM_FIRST, Fault.DELAY_ANSWER, Fault.DELAY_EFFECT,
    Fault.CODE, Fault.CODE_AFTER, Fault.REJECT, Fault.FILL_ON_CANCEL, Fault.FILL_ON_AMEND,
)  # fmt: skip
_ON_QUERIES = (
    Fault.DROP_REQUEST, Fault.DROP_ANSWER, Fault.HTML, Fault.HTTP, Fault.CUT, Fault.JSON_ODD,
    Fault.HALF, Fault.CODE, Fault.STALE,
)  # fmt: skip
_ON_STREAMS = (Fault.DROP, Fault.DUPLICATE, Fault.REORDER, Fault.LATE, Fault.NOT_JSON)
_ON_BARS = (Fault.DROP_CONFIRM, Fault.CONFIRM_TWICE, Fault.LATE_CONFIRM, Fault.REVISE)
_ON_ALL = (Fault.BOTH_FILL, Fault.FILLED_TWICE, Fault.NO_LIQUIDITY)
_CODES_BEFORE = (10000, 10016, 10006, 10019, 429, 110079, 110007, 110003, 987654)
_CODES_AFTER = (10000, 10016, 170007, 429, 110079, 110072)
_AT_ONCE = 100
_REASONS = ("EC_PostOnlyWillTakeLiquidity", "EC_NoImmediateQtyToFill", "EC_Others")


def switches(chance: Random) -> list[Switch]:
    """Draw a handful of faults; each may happen often, none always."""
    return [_switch(chance) for _ in range(chance.randrange(0, 6))]


def _switch(chance: Random) -> Switch:
    p = chance.choice((0.05, 0.2, 0.5))
    times = chance.choice((1, 2, 5, None))
    match chance.randrange(5):
        case 0 | 1:
            kind, on = chance.choice(_ON_REQUESTS), chance.choice(_REQUESTS)
        case 2:
            kind, on = chance.choice(_ON_QUERIES), chance.choice(_QUERIES)
        case 3:
            kind, on = chance.choice(_ON_STREAMS), chance.choice(_TOPICS)
        case _:
            kind = chance.choice(_ON_BARS + _ON_ALL)
            on = "kline*" if kind in _ON_BARS else "*"
    value = {
        Fault.CODE: chance.choice(_CODES_BEFORE), Fault.CODE_AFTER: chance.choice(_CODES_AFTER),
        Fault.HTTP: chance.choice((500, 502, 504)), Fault.STALE: chance.choice((500, 1_500)),
        Fault.DELAY_EFFECT: chance.choice((300, 1_500, 8_000)),
        Fault.DELAY_ANSWER: chance.choice((300, 6_000)), Fault.LATE: chance.choice((300, 3_000)),
        Fault.LATE_CONFIRM: 8_000, Fault.REVISE: 3,
    }.get(kind, 0)  # fmt: skip
    return Switch(kind=kind, on=on, p=p, times=times, value=value, text=chance.choice(_REASONS))


def card(chance: Random) -> str:
    """Draw what a card asks for on the bars of a story."""
    blocks = ""
    for bar in range(1, 14):
        lots = chance.choice(("0.01 base", "0.05 base", "0.1 base"))
        near = 50_000.0 + chance.randrange(-60, 60) * 10
        some = (
            emit("entry_long", size=lots, stop_loss=49_000.0, order_ref=f"m{bar}"),
            emit("place_limit_long", size=lots, price=near - 100, stop_loss=near - 100 - BELOW,
                 take_profit=50_700.0, order_ref="a", ttl_bars=chance.choice((1, 2, 5))),
            emit("place_limit_long", size=lots, price=near - 50, order_ref="b"),
            emit("place_stop_long", size=lots, trigger=near + 300, stop_loss=49_100.0,
                 order_ref="c"),
            emit("cancel_order", order_ref="b"),
            emit("cancel_all_orders"),
            emit("amend_order", order_ref="a", price=near - 200, stop_loss=near - 200 - BELOW),
            emit("adjust_stop", price=near - 700),
            emit("exit_long"),
            emit("place_limit_exit_long", size=lots, price=near + 250, order_ref="x"),
        )  # fmt: skip
        if chance.random() < 0.85:
            wanted = {chance.choice(some) for _ in range(chance.randrange(1, 4))}
            blocks += at_bar(bar, *sorted(wanted))
    return blocks or at_bar(1, some[0])


def turning_card(chance: Random) -> str:
    """Draw a card whose entries turn what is held: at market and resting, many where the stop of what they turn stands."""
    blocks = ""
    for bar in range(1, 14):
        lots, far = chance.choice(("0.01 base", "0.05 base")), chance.choice((100, 200, 300))
        up, down = f"close + {far}", f"close - {far}"
        by = chance.choice(("position", "layer"))
        long = (
            emit("entry_long", size=lots, stop_loss=down, protect=by),
            emit("place_stop_short", size=lots, trigger=down, stop_loss="close", order_ref="s", protect=by),
        )  # fmt: skip
        short = (
            emit("entry_short", size=lots, stop_loss=up, take_profit=down, protect=by),
            emit("place_limit_long", size=lots, price=down, stop_loss=f"close - {3 * far}", order_ref="l"),
        )  # fmt: skip
        some = (
            long,
            long,
            short,
            short,
            (long[0],),
            (short[0],),
            (emit("exit_all"),),
            (emit("cancel_all_orders"),),
        )
        if chance.random() < 0.7:
            blocks += at_bar(bar, *chance.choice(some))
    return blocks or at_bar(1, *long)


TURNS = "position_policy: { mode: long_short, max_layers: 8, allow_flip: true }"


def happen(live: Live, chance: Random) -> None:
    """Let something happen between two closes."""
    draw = chance.randrange(24)
    lots = chance.choice(("0.01", "0.03", "-0.02", "-0.05"))
    match draw:
        case 0:
            live.act("manual", amount=lots)
        case 1:
            live.act("drop_stop")
        case 2:
            live.act("close_by_hand")
        case 3:
            live.act("funding")
        case 4 if live.venue_held:
            live.act("adl", amount="0.01")
        case 5:
            live.act("foreign_order", amount="0.01", price="48000")
        case 6:
            live.disconnect()
            live.run(chance.choice((500, 5_000, 70_000)), 1_000)
            live.connect()
        case 7 | 8:
            live.restart()
        case 9:
            live.act("restart")
        case 10:
            live.session.said("pause", "test")
            live.run(500)
            live.session.said("resume", "test")
        case 11:
            live.session.said("flatten", "test")
        case 12:
            live.session.said("resume", "test")
        case 13:
            live.act("transfer", amount=chance.choice(("100", "-100", "0.5")))
        case 14:
            live.act("self_match")
        case 15:
            live.act("facts", max_market_qty=chance.choice(("119", "50", "0.08")))
            live.backend._facts_at = 0
        case 16:
            live.session.said("reduce", "test", value=50)
        case 17 if live.can_refuse_one:
            live.refused.add("private")
            live.disconnect()
            live.connect()
            live.run(chance.choice((3_000, 20_000)), 500)
            live.refused.clear()
            live.connect()
        case 18:
            without_a_disk(live)
            live.trade(str(50_000 + chance.randrange(-100, 100) * 10), 2_000)
            if chance.random() < 0.5:
                live.act("drop_stop")
            live.run(chance.choice((1_000, 8_000)))
            live.restart()
        case _:
            pass


def without_a_disk(live: Live) -> None:
    """From here on the journal takes nothing; what was not written dies with the process."""

    def full(*_rows: object, **_more: object) -> None:
        raise JournalError("disk full")

    live.journal.write = full  # type: ignore[method-assign]


def play(seed: int, folder: Path, door: type[Live] = Live) -> Live:
    """Live through one story and hold it to the laws; AssertionError with what broke."""
    chance = Random(seed)
    held = chance.choice((OnMismatch.HALT, OnMismatch.HALT, OnMismatch.ADOPT, OnMismatch.FLATTEN))
    may_turn = seed % 4 == 3
    blocks = turning_card(chance) if may_turn else card(chance)
    live = door(folder, blocks, faults=switches(chance), seed=seed, on_mismatch=held, more={"more": TURNS} if may_turn else None,
                kline_push_ms=15_000, ticker_push_ms=86_400_000, intervals={"1": 60_000})  # fmt: skip
    try:
        _live(live, chance)
    finally:
        live.end()
    return live


def _live(live: Live, chance: Random) -> None:
    price = 50_000
    for _ in range(chance.randrange(4, 15)):
        for _ in range(chance.randrange(1, 4)):
            price = max(48_000, price + chance.randrange(-40, 41) * 10)
            live.trade(str(price), chance.choice((250, 1_000, 5_000)))
        happen(live, chance)
        live.bar(str(price))
    live.laws()
    there = [order for order in live.venue.state.orders.values() if order.kind is Kind.LIMIT]
    prices = {live.names.order_id(order.link) or "": float(order.price) for order in there}
    assert torn_from_their_price(live.ledger, prices) == []
    live.replayed()


def _one(seed: int, door: type[Live] = Live) -> tuple[int, str, int]:
    with tempfile.TemporaryDirectory(dir=fast()) as folder:
        try:
            return seed, "", len(play(seed, Path(folder), door).posted)
        except Exception as error:  # whatever it is, it is a finding
            last = traceback.extract_tb(error.__traceback__)[-1]
            return seed, f"{type(error).__name__} {error} ({last.name}:{last.lineno})", 0


def fast() -> str | None:
    """Memory, where there is some: the stories test the logic, other tests the disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main() -> int:
    """Play many stories; returns how many broke a law."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--loopback", action="store_true", help="through pybit and sockets")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--keep", type=Path, help="add up in this file, go on where it ends")
    given = parser.parse_args()
    door = "loopback" if given.loopback else "in process"
    past = pieces(given.keep, code_state(), door) if given.keep else []
    done = lived(past)
    left = [seed for seed in range(given.first, given.first + given.count) if seed not in done]
    began, told = time.monotonic(), list[Piece]()
    play_one = partial(_one, door=Looped) if given.loopback else _one
    with Pool(given.processes) as pool:
        for seeds in _in_rows(left):
            if time.monotonic() - began >= given.seconds:
                break
            told.append(_piece(pool, play_one, seeds, door))
            if given.keep:
                add(given.keep, told[-1])
    broken = sum(len(piece.broken) for piece in told)
    print(
        f"{len(lived(told))} stories of {len(left)} from {given.first} on, "
        f"{sum(piece.requests for piece in told)} requests, {broken} broke a law, "
        f"{time.monotonic() - began:.0f} s"
    )
    if given.keep:
        print(total(past + told))
    return broken


Lived = Callable[[int], tuple[int, str, int]]


def _in_rows(seeds: list[int]) -> Iterator[range]:
    """Cut seeds into rows without holes, each no longer than what is lived through at once."""
    start = 0
    for at in range(1, len(seeds) + 1):
        if at == len(seeds) or seeds[at] != seeds[at - 1] + 1 or at - start == _AT_ONCE:
            yield range(seeds[start], seeds[at - 1] + 1)
            start = at


def _piece(pool: Pool, lives: Lived, seeds: range, door: str) -> Piece:
    began, requests, broken = time.monotonic(), 0, list[int]()
    for seed, what, posted in pool.imap_unordered(lives, seeds, chunksize=4):
        requests += posted
        if what:
            broken.append(seed)
            print(f"seed {seed}: {what}", flush=True)
    return Piece(
        code=code_state(), door=door, first=seeds.start, stop=seeds.stop, requests=requests,
        broken=tuple(sorted(broken)), seconds=round(time.monotonic() - began, 1),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(min(main(), 1))
