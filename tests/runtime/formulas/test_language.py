"""Every formula of rounding, stops, margin, profit, fills, paths and shares is written in the language of kernels."""

from __future__ import annotations

import inspect
from types import FunctionType

import pytest

from runtime.formulas import fills, margin, path, pnl, rounding, shares, stops
from runtime.native.source import closure, read
from runtime.native.types import check

FORMULAS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": run
    for module in (fills, stops, margin, path, pnl, rounding, shares)
    for name, run in inspect.getmembers(module, inspect.isfunction)
    if run.__module__ == module.__name__
}


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_every_formula_is_written_in_the_language(name: str) -> None:
    run = FORMULAS[name]
    assert isinstance(run, FunctionType)
    check(closure(*read(run)))


def test_the_formulas_are_found() -> None:
    assert {
        "fills.is_far_through",
        "stops.stop_by_percent",
        "margin.liquidation_price",
        "path.fraction_of",
        "pnl.average_entry",
        "shares.queued",
    } <= set(FORMULAS)
