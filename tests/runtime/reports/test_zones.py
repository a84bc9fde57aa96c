"""Zones from slot columns: one rectangle per zone, whatever slots it went through."""

from __future__ import annotations

import math

from runtime.reports.zones import Zone, zones_from_columns

NAN = math.nan


def close_time(row: int) -> int:
    return (row + 1) * 100


def slot(number: int, *rows: tuple[float, float, float, float]) -> dict[str, list[float]]:
    names = ("state", "lower", "upper", "anchor_idx")
    return {f"zone{number}_{n}": [row[i] for row in rows] for i, n in enumerate(names)}


NONE = (0.0, NAN, NAN, -1.0)
A = (1.0, 10.0, 11.0, 3.0)
B = (1.0, 8.0, 9.0, 5.0)
BROKEN_A = (2.0, 10.0, 11.0, 3.0)


def test_a_zone_that_changes_slots_is_one_zone() -> None:
    columns = slot(0, NONE, A, B, B) | slot(1, NONE, NONE, A, A)
    assert zones_from_columns("demand", columns, close_time) == [
        Zone("demand", 10.0, 11.0, 200, 400, False),
        Zone("demand", 8.0, 9.0, 300, 400, False),
    ]


def test_a_broken_zone_ends_where_it_was_last_active() -> None:
    columns = slot(0, A, A, BROKEN_A, BROKEN_A, NONE)
    assert zones_from_columns("z", columns, close_time) == [Zone("z", 10.0, 11.0, 100, 200, True)]


def test_equal_edges_of_another_anchor_are_another_zone() -> None:
    columns = slot(0, A, (1.0, 10.0, 11.0, 7.0))
    assert len(zones_from_columns("z", columns, close_time)) == 2


def test_a_structure_with_plain_names_has_one_slot() -> None:
    columns = {k.removeprefix("zone0_"): v for k, v in slot(0, NONE, A, A).items()}
    assert zones_from_columns("z", columns, close_time) == [Zone("z", 10.0, 11.0, 200, 300, False)]


def test_columns_without_zones_give_none() -> None:
    assert zones_from_columns("ema", {"value": [1.0], "state": [1.0]}, close_time) == []
