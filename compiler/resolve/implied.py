"""Features that no card declares but a reference implies: `ema@4h`, `close@4h`, the default ATR.

Their ids hold a character that no declared id may hold, so they never collide with one.
"""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.session import on_bars_of
from compiler.catalog.types import Entry, ParamValue
from compiler.findings.source import NOWHERE, Span
from compiler.resolve.features import FeatureTable
from compiler.resolve.outputs import bound_outputs, output_symbol
from compiler.resolve.scope import FeatureSymbol, Instance
from compiler.resolve.session_anchors import is_session

DEFAULT_ATR = "risk_model.atr"
_DEFAULT_ATR_LENGTH = 14
_Params = tuple[tuple[str, ParamValue], ...]


def feature_at(table: FeatureTable, id: str, timeframe: str, span: Span) -> Instance | None:
    """Return a declared feature on a timeframe, implying the instances it needs.

    Dependencies on the feature's own timeframe move with it; others stay where they are.
    """
    base = table.instances.get(id)
    word = table.timeframe(timeframe, span)
    if base is None or word is None:
        return None
    if base.timeframe == word:
        return base
    for moved in _moving(table, base):
        name = f"{moved.id}@{word}"
        if name in table.instances:
            continue
        depends = tuple(
            (role, f"{target}@{word}" if _moves(table, moved, target) else target)
            for role, target in moved.depends
        )
        params = on_bars_of(moved.params, word) if is_session(moved) else moved.params
        table.instances[name] = replace(
            moved, id=name, timeframe=word, params=params, depends=depends, implicit=True
        )
    return table.instances[f"{id}@{word}"]


def _moves(table: FeatureTable, user: Instance, target: str) -> bool:
    return table.instances[target].timeframe == user.timeframe


def _moving(table: FeatureTable, base: Instance) -> list[Instance]:
    """Return `base` and what it reads on its own timeframe, needs first."""
    wanted = {base.id}
    for id in reversed(list(table.instances)):  # users stand behind their needs
        if id in wanted:
            user = table.instances[id]
            wanted.update(t for _, t in user.depends if _moves(table, user, t))
    return [instance for id, instance in table.instances.items() if id in wanted]


def column_at(
    table: FeatureTable, column: str, timeframe: str | None, span: Span, symbol: str | None = None
) -> FeatureSymbol | None:
    """Return a bar column of another timeframe (`close@4h`) or symbol as the output of an instance."""
    word = table.timeframe(timeframe, span)
    if word is None:
        return None
    name = f"{column}@{word}" if symbol is None else f"{symbol}.{column}@{word}"
    if name not in table.instances:
        entry, params, source = _column_entry(table, column)
        made = _implied(name, entry, word, source, params, span)
        table.instances[name] = replace(made, symbol=symbol)
    return output_symbol(table.instances[name], None)


def _column_entry(table: FeatureTable, column: str) -> tuple[Entry, _Params, str]:
    """The highest of one bar is that bar: exact for every column."""
    if column in table.catalogue:  # hl2 hlc3 ohlc4
        return table.catalogue[column], (), ""
    return table.catalogue["highest"], (("length", 1),), column


def default_atr(table: FeatureTable) -> Instance:
    """Return the ATR that `risk_model` means when it names none: 14 bars of the card's clock."""
    if DEFAULT_ATR not in table.instances:
        entry = table.catalogue["atr"]
        params = tuple(
            (spec.name, _DEFAULT_ATR_LENGTH if spec.name == "length" else spec.default)
            for spec in entry.params
            if spec.default is not None
        )
        table.instances[DEFAULT_ATR] = _implied(
            DEFAULT_ATR, entry, table.card_timeframe, "", params, NOWHERE
        )
    return table.instances[DEFAULT_ATR]


def _implied(
    name: str, entry: Entry, timeframe: str, source: str, params: _Params, span: Span
) -> Instance:
    return Instance(
        id=name,
        entry=entry,
        timeframe=timeframe,
        symbol=None,
        source=source,
        params=params,
        depends=(),
        outputs=bound_outputs(entry, params, source),
        implicit=True,
        span=span,
    )
