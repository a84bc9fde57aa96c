"""`magnify` decides what triggered first exactly as a run on the finer bars themselves does."""

from __future__ import annotations

from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from compiler.catalog.orders import OnPartial
from compiler.catalog.settings import FillModel
from runtime.market.bar_files import load_bars
from runtime.market.frame import Frame
from runtime.orders.events import OrderFilled
from tests.data_files import shared
from tests.properties.test_exchange_laws import orders
from tests.runtime.backends.sim.bench import MINUTE, Bench, Row, level
from tools.path_truth import contested, truth

assert settings.default is not None
many = settings(max_examples=max(150, settings.default.max_examples))
PARTS = 5  # finer bars in one coarse bar
TICKS_PER_USDT = 10_000  # WIF moves in steps of 0.0001; the bench in whole numbers


def whole(price: float) -> float:
    return float(round(price * TICKS_PER_USDT))


@st.composite
def finer_bars(draw: st.DrawFn) -> list[Row]:
    """Draw finer bars for one to five coarse ones."""
    rows: list[Row] = []
    close = 100.0
    for _ in range(PARTS * draw(st.integers(1, 5))):
        open_ = close + draw(st.sampled_from([0, 0, 0, -3, 3]))
        close = open_ + draw(st.integers(-4, 4))
        high = max(open_, close) + draw(st.integers(0, 3))
        low = min(open_, close) - draw(st.integers(0, 3))
        rows.append((open_, high, low, close, float(draw(st.integers(10, 400)))))
    return rows


def coarse_of(rows: list[Row]) -> list[Row]:
    groups = [rows[i : i + PARTS] for i in range(0, len(rows), PARTS)]
    return [
        (g[0][0], max(r[1] for r in g), min(r[2] for r in g), g[-1][3], sum(r[-1] for r in g))
        for g in groups
    ]


def fine_frame(rows: list[Row], interval_ms: int) -> Frame:
    made = Frame("TEST", "1m", interval_ms)
    for index, row in enumerate(rows):
        made.append(index * interval_ms, *row[:4], row[-1])
    return made


def fills(bench: Bench) -> list[tuple[str, int, float, str, bool, float]]:
    """Return who filled, how much, at what, why and at which fee: all but the time."""
    return [
        (e.order_id, e.quantity, e.price, e.reason, e.is_maker, e.fee)
        for e in bench.events
        if isinstance(e, OrderFilled)
    ]


@many
@given(
    finer_bars(),
    st.lists(orders(), min_size=1, max_size=4),
    st.sampled_from(FillModel),
)
def test_magnify_fills_what_a_run_on_the_finer_bars_fills_and_in_the_same_order(
    rows: list[Row], placed: list[tuple[str, str, int, dict[str, Any]]], model: str
) -> None:
    money = {"taker_bps": 5.5, "maker_bps": 2.0, "max_leverage": 3.0}
    fine = fine_frame(rows, MINUTE // PARTS)
    coarse_rows = coarse_of(rows)
    magnified = Bench(
        coarse_rows, execution={"intrabar": "magnify", "fill_model": model},
        account=money, fine=fine,
    )  # fmt: skip
    direct = Bench(rows, execution={"fill_model": model}, account=money)
    for bench in (magnified, direct):
        for side, kind, lots, more in placed:
            # Bars are counted differently: what ends by bars is left out here.
            timeless = {**more, "ttl_bars": None, "on_partial": OnPartial.CONTINUE}
            bench.place(side, kind, lots, **timeless)
    magnified.bar(len(coarse_rows))
    direct.bar(len(rows))
    event(f"{min(len(fills(direct)), 4)} fills")
    assert magnified.exchange.parts.fallbacks == 0
    assert fills(magnified) == fills(direct)
    assert magnified.ledger.equity == direct.ledger.equity


def test_magnify_on_recorded_bars_exits_by_the_level_the_minutes_reached_first() -> None:
    """WIF 15m with the 1m bars inside: every bar that reaches both levels, where minutes decide."""
    name = "data/bybit_perp_WIFUSDT_{}_20250423_20250524.parquet"
    coarse = load_bars(shared(name.format("15m")), "WIFUSDT").frame
    minutes = load_bars(shared(name.format("1m")), "WIFUSDT").frame
    decided = 0
    for bar, part, stop, target in contested(coarse, minutes):
        low, high = float(int(stop * TICKS_PER_USDT)), float(int(target * TICKS_PER_USDT) + 1)
        bars = [minutes.bar(row) for row in part]
        inside: list[Row] = [
            (whole(b.open), whole(b.high), whole(b.low), whole(b.close), 1e6) for b in bars
        ]
        fine = fine_frame(inside, MINUTE // 15)
        expected = truth(fine, range(len(fine)), low, high)
        if len(part) != 15 or expected is None:
            continue
        around = coarse.bar(bar)
        outer: Row = (
            whole(around.open), whole(around.high), whole(around.low), whole(around.close),
        )  # fmt: skip
        bench = Bench([outer], execution={"intrabar": "magnify"}, fine=fine)
        bench.place("buy", "market", 1, stop_loss=level(low), take_profit=level(high))
        bench.bar()
        reasons = [e.reason for e in bench.events if isinstance(e, OrderFilled)]
        wanted = "stop_loss" if expected == "stop" else "take_profit"
        assert reasons[1:] == [wanted], (bar, stop, target)
        decided += 1
    assert decided > 500
