"""The life-cycle table holds in every world the venue can make, and a wrong table is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.orders import exploration as x
from runtime.orders.lifecycle import TERMINAL, TRANSITIONS, OrderStatus, Row

README = Path(__file__).resolve().parents[3] / "runtime" / "orders" / "README.md"


def test_no_world_breaks_a_law_and_every_row_and_end_is_reached() -> None:
    explored = x.explore()
    assert explored.violation is None
    assert explored.states > 10_000
    assert explored.rows_used == {(r.trigger, r.source) for r in TRANSITIONS}
    assert explored.ends == TERMINAL


def test_the_table_is_deterministic_reachable_and_ends() -> None:
    assert x.faults() == []
    twice = [*TRANSITIONS, Row("cancel", OrderStatus.PENDING, OrderStatus.EXPIRED)]
    assert x.faults(twice) == ["`cancel` leads from pending to two places"]


def test_every_wrong_table_is_noticed_but_the_accepted_ones() -> None:
    assert set(x.survivors()) == set(x.ACCEPTED_SURVIVORS)


@pytest.mark.parametrize(
    ("dropped", "law"),
    [
        ("fill_late", "every execution is booked"),
        ("fill_part", "every execution is booked"),
        ("cancel", "in the end our status is the venue's"),
    ],
)
def test_a_dropped_trigger_breaks_its_law_by_a_shortest_path(dropped: str, law: str) -> None:
    table = [r for r in TRANSITIONS if r.trigger != dropped]
    violation = x.explore(table).violation
    assert violation is not None
    assert violation.law == law
    assert 2 <= len(violation.path) <= 8


def test_a_rejection_after_an_execution_ends_what_is_left() -> None:
    assert x.as_trigger(OrderStatus.PARTIAL, "reject") == "cancel"
    assert x.as_trigger(OrderStatus.PENDING, "reject") == "reject"


def test_the_drawing_in_the_readme_is_the_table() -> None:
    assert f"```mermaid\n{x.mermaid()}```" in README.read_text(encoding="utf-8")


def test_every_path_ends() -> None:
    ways = list(x.paths())
    assert ("cancel", "= cancelled") in ways
    assert all(way[-1].removeprefix("= ") in set(TERMINAL) for way in ways)
