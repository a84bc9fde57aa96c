"""The venue's average decides; layers attribute. Each decision with the numbers that tell readings apart."""

from __future__ import annotations

import pytest

from runtime.orders.order_spec import Effect, RemovalMethod
from runtime.records.recorder import Recorder
from runtime.records.rows import RunRecord
from tests.runtime.account.told import Told
from tests.strategies.runs import Row, Run, at_bar, card_text, emit, flat

METHODS = ("fifo", "lifo", "proportional")


def run_of(blocks: str, rows: list[Row], **settings: str) -> tuple[Run, RunRecord]:
    text = card_text(blocks, **settings)
    if "fee_model" in settings.get("account", ""):
        text = text.replace("fee_model: { taker_bps: 0, maker_bps: 0 }, ", "")
    run = Run(text, rows)
    recorder = Recorder(run.ledger, run.data.exec, run.exchange.paths_of)
    run.engine.listeners.append(recorder)
    run.live()
    return run, recorder.finish(run.engine.refusals)


def buy(lots: float, **more: object) -> str:
    return emit("entry_long", size=f"{lots} base", **more)


def sell(lots: float, method: str = "fifo") -> str:
    return emit("exit_long", size=f"{lots} base", method=method)


# 8 bought at 50, 4 sold at 50, 4 bought at 44: 47, not (400 + 176) / 12 = 48.
AGAIN = at_bar(0, buy(8)) + at_bar(1, sell(4)) + at_bar(2, buy(4))
FALL = [*flat(50.0, 3), *flat(44.0, 2), *flat(52.0, 2)]


def test_an_entry_after_a_reduction_averages_with_what_is_held() -> None:
    run, record = run_of(AGAIN, FALL)
    position = run.ledger.position
    assert position is not None
    assert position.avg_entry_price == 47.0
    # Law, on every bar: balance + held * (close - average) is the cash that moved.
    cash = [0, -400, -200, -376, -376, -376, -376]
    held = [0, 8, 4, 8, 8, 8, 8]
    closes = [row[3] for row in FALL]
    wanted = [10_000 + c + h * p for c, h, p in zip(cash, held, closes, strict=True)]
    assert record.equity.equity == pytest.approx(wanted)


@pytest.mark.parametrize("method", METHODS)
def test_a_reduction_leaves_the_average_whichever_layers_it_takes(method: str) -> None:
    """6 at 50 and 6 at 44: 47 before and after 5 are sold, with a target at 10 % of it: 51.7."""
    blocks = at_bar(0, buy(6)) + at_bar(2, buy(6)) + at_bar(3, sell(5, method))
    more = "risk_model: { take_profit: { type: percent, value: 10 } }"
    rows = [*flat(50.0, 3), *flat(44.0, 2), (44.0, 51.6, 44.0, 50.0), (50.0, 51.8, 50.0, 51.0)]
    run, record = run_of(blocks, rows, more=more)
    (target,) = [fill for fill in record.fills if fill.role == "take_profit"]
    assert (target.bar, target.price, target.quantity) == (6, 51.7, 7.0)
    assert run.ledger.account.balance == pytest.approx(10_000 - 5 * 3 + 7 * 4.7)


@pytest.mark.parametrize("method", METHODS)
def test_a_liquidation_does_not_depend_on_which_layers_were_closed(method: str) -> None:
    """30 at 60 and 30 at 56, 10x: average 58, half sold at 58; maintenance 0.5 %: 58 * 0.905 = 52.49."""
    blocks = at_bar(0, buy(30)) + at_bar(1, buy(30)) + at_bar(2, sell(30, method))
    rows = [*flat(60.0, 2), *flat(56.0, 1), *flat(58.0, 1), (58.0, 58.0, 52.6, 56.0), (56.0, 56.0, 52.3, 55.0)]  # fmt: skip
    run, record = run_of(blocks, rows, account="max_leverage: 10")
    assert record.liquidations == 1
    fill = record.fills[-1]
    assert (fill.bar, fill.quantity, fill.price) == (5, 30.0, pytest.approx(52.2))
    assert run.ledger.account.balance == pytest.approx(10_000 - 30 * 5.8)


@pytest.mark.parametrize(("method", "layers"), [("fifo", [12, -8]), ("lifo", [0, 4])])
def test_layers_attribute_by_their_own_entry_and_the_account_by_the_average(
    method: str, layers: list[float]
) -> None:
    """4 at 50, 4 at 46, 4 sold at 46 and 4 at 53. Account: -8, then +20. Layers end with the same sum."""
    blocks = at_bar(0, buy(4, order_ref="a")) + at_bar(1, buy(4, order_ref="b"))
    blocks += at_bar(2, sell(4, method)) + at_bar(3, "exit_all")
    rows = [*flat(50.0, 2), *flat(46.0, 2), *flat(53.0, 2)]
    _, record = run_of(blocks, rows, account="fee_model: { taker_bps: 10, maker_bps: 10 }")
    assert [row.realized for row in record.fills] == pytest.approx([0.0, 0.0, -8.0, 20.0])
    assert sum(row.pnl_account for row in record.layers) == pytest.approx(12.0)
    assert sum(row.pnl_layer for row in record.layers) == pytest.approx(12.0)
    first, second = record.layers
    assert [first.pnl_layer, second.pnl_layer] == pytest.approx(
        [-16.0, 28.0] if method == "fifo" else [12.0, 0.0]
    )
    assert [first.pnl_account, second.pnl_account] == pytest.approx(
        [-8.0, 20.0] if method == "fifo" else [20.0, -8.0]
    )
    assert record.trades[0].gross_pnl == pytest.approx(12.0)
    # Law, on every bar: what was realized less fees and funding is what the balance gained.
    for bar, balance in enumerate(record.equity.balance):
        gained = sum(row.realized - row.fee for row in record.fills if row.bar <= bar)
        assert balance == pytest.approx(10_000 + gained)


def test_a_layer_averages_with_what_it_holds() -> None:
    """12 ordered: 6 at 40, 4 leave, 4 at 37: the layer stands at (2 * 40 + 4 * 37) / 6 = 38."""
    told = Told()
    told.place("a", "buy", 12)
    told.fill("a", 6, 40.0)
    told.place("out", "sell", 4, effect=Effect.REDUCE)
    told.fill("out", 4, 41.0)
    assert told.layers == [("a", 2, 40.0)]
    told.fill("a", 4, 37.0)
    assert told.layers == [("a", 6, 38.0)]


def test_a_layer_emptied_while_its_order_works_ends_and_the_rest_opens_another() -> None:
    told = Told()
    told.place("b", "buy", 1)
    told.fill("b", 1, 50.0)
    order = told.place("a", "buy", 12, order_ref="ladder")
    told.fill("a", 6, 40.0)
    told.place("out", "sell", 6, effect=Effect.REDUCE, method=RemovalMethod.LIFO)
    told.fill("out", 6, 41.0)
    assert told.layers == [("b", 1, 50.0)]
    told.fill("a", 2, 37.0)
    told.fill("a", 2, 35.0)
    assert told.layers == [("b", 1, 50.0), ("a.2", 4, 36.0)]
    position = told.ledger.position
    assert position is not None
    assert (position.layers[1].order_ref, position.layer_of("a")) == ("ladder", position.layers[1])
    assert told.ledger.counters.entries == 2  # orders that entered, not layers
    assert order.layers == 2


def test_an_execution_that_closes_and_opens_is_one_row() -> None:
    """Long 6, a resting flip to short 10 fills at 49: one fill of 16, 6 of it closed, one fee."""
    blocks = at_bar(0, buy(6)) + at_bar(1, emit("place_stop_short", trigger=49, size="10 base"))
    rows = [*flat(50.0, 3), (50.0, 50.0, 48.5, 48.5)]
    more = "position_policy: { allow_flip: true }"
    run, record = run_of(blocks, rows, more=more, account="max_leverage: 3")
    fill = record.fills[-1]
    assert (fill.quantity, fill.position_after) == (16.0, -10.0)
    assert fill.closed_lots == 6_000
    assert fill.realized == pytest.approx(-6.0)
    assert len([row for row in record.fills if row.order_id == fill.order_id]) == 1
    assert run.ledger.position is not None
    assert run.ledger.position.avg_entry_price == 49.0
