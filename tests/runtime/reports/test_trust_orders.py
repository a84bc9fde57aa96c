"""What is said of orders that found no price, and of limits that an open jumped over."""

from __future__ import annotations

import pytest

from runtime.reports.trust import Grade, trust_notes
from tests.runtime.reports.made_up_run import MadeUpRun, made_up_run
from tests.runtime.reports.test_summary import made

JUMPED = "Limits jumped over"


def jump(
    open_: float, *, limit: float = 100.0, before: float = 101.0, path: float = 0.0
) -> MadeUpRun:
    """Return a run whose first fill is of a limit to buy, on a bar that opens there after such a close."""
    run = made_up_run()
    fill = run.record.fills[0]
    (order,) = (o for o in run.record.orders if o.order_id == fill.order_id)
    order.limit_price, order.side, fill.side, fill.bar, fill.path = limit, "buy", "buy", 5, path
    run.data.exec.close[4], run.data.exec.open[5] = before, open_
    return run


def told(run: MadeUpRun) -> dict[str, str]:
    return {note.title: note.text for note in trust_notes(made(run))}


def test_a_limit_that_the_open_jumped_over_is_told_with_the_price_it_got() -> None:
    run = jump(97.0)
    assert made(run)["ambiguity"]["limits_jumped"] == 1
    assert "1 fill at the limit" in told(run)[JUMPED]
    assert "`execution.resting_gap: open`" in told(run)[JUMPED]
    assert JUMPED in [n.title for n in trust_notes(made(run)) if n.grade is Grade.NOTE]
    better = made(run)
    better["settings"]["execution"]["resting_gap"] = "open"
    (text,) = (note.text for note in trust_notes(better) if note.title == JUMPED)
    assert "1 fill at the open" in text


@pytest.mark.parametrize(
    "run",
    [jump(100.0), jump(97.0, before=99.0), jump(97.0, path=0.5), made_up_run()],
    ids=["the open is the limit", "reached at the close before", "inside the bar", "no limit"],
)
def test_other_fills_hang_on_no_jump(run: MadeUpRun) -> None:
    assert made(run)["ambiguity"]["limits_jumped"] == 0
    assert JUMPED not in told(run)


def test_a_result_of_before_tells_no_limits_that_were_jumped_over() -> None:
    old = made(jump(97.0))
    del old["ambiguity"]["limits_jumped"]
    assert JUMPED not in [note.title for note in trust_notes(old)]


@pytest.mark.parametrize(
    ("orders", "refusals", "said"),
    [
        (3, 0, "no order found a price"),
        (0, 2, "no order was placed: what was asked for was refused"),
        (
            0,
            0,
            "no order was ever asked for; `ideacard explain CARD --data … --why-not quiet` says",
        ),
    ],
)
def test_where_nothing_filled_it_is_said_how_far_orders_came(
    orders: int, refusals: int, said: str
) -> None:
    run = made(made_up_run())
    run["counts"] |= {"fills": 0, "orders": orders, "refusals": refusals}
    run["cases"] = [{"block": "busy", "fired": 7}, {"block": "quiet", "fired": 0}]
    (text,) = (note.text for note in trust_notes(run) if note.title == "Nothing filled")
    assert text.startswith(said)
