"""Outputs of instances: which a name means, and in what unit, by what the instance reads."""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.types import Entry, OutputSpec, Unit
from compiler.resolve.scope import FeatureSymbol, Instance

SOURCES: dict[str, Unit] = {
    "close": Unit.PRICE,
    "open": Unit.PRICE,
    "high": Unit.PRICE,
    "low": Unit.PRICE,
    "volume": Unit.QTY,
    "hl2": Unit.PRICE,
    "hlc3": Unit.PRICE,
    "ohlc4": Unit.PRICE,
    "mark_price": Unit.PRICE,
    "funding_rate": Unit.FRACTION,
}


def output_symbol(instance: Instance, field: str | None) -> FeatureSymbol | None:
    """Return one output of an instance by name or alias, the primary one for None."""
    if field is None:
        output = next((o for o in instance.outputs if o.primary), instance.outputs[0])
    else:
        wanted = canonical_field(field)
        found = next(
            (o for o in instance.outputs if wanted == o.name or wanted in o.aliases),
            None,
        )
        if found is None:
            return None
        output = found
    return FeatureSymbol(instance.id, output.name, output.value)


def canonical_field(field: str) -> str:
    """`level[0.50]` and `level_0.50` are `level_0.5`; other names are themselves."""
    if field.startswith("level[") and field.endswith("]"):
        field = "level_" + field[len("level[") : -1]
    if field.startswith("level_"):
        try:
            return f"level_{float(field[len('level_') :]):g}"
        except ValueError:
            return field
    return field


def bound_outputs(
    entry: Entry,
    params: tuple[tuple[str, object], ...],
    source: str,
    unit: Unit | None = None,
) -> tuple[OutputSpec, ...]:
    """Return the outputs in the unit of what is read: of a column, or `unit`."""
    unit = unit or SOURCES.get(source, Unit.PRICE)
    return tuple(
        replace(output, value=replace(output.value, unit=unit))
        if output.value.unit is Unit.SOURCE
        else output
        for output in entry.outputs_for(dict(params))  # type: ignore[arg-type]
    )
