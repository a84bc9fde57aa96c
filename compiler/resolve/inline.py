"""Indicators without a `features` entry: `rsi(14)@4h`, `bbands(close, 20, 2).upper`.

The law: such a call is the instance that a declared feature of the same type, source and parameters
would be; `share` makes one of equal ones. Its id is its text, which no declared id can be.
"""

from __future__ import annotations

from collections.abc import Mapping

from compiler.catalog.types import Entry, EntryKind, ParamKind
from compiler.findings.recipes import recipe
from compiler.resolve.features import FeatureTable
from compiler.resolve.outputs import SOURCES
from compiler.resolve.own_past import of_any_series
from compiler.resolve.scope import Instance
from compiler.resolve.sources import Looks, source_instance
from compiler.syntax import tree as s
from compiler.syntax.constants import constant
from compiler.syntax.printer import print_expression


def inline_instance(
    call: s.Call, table: FeatureTable, params: Mapping[str, s.ParamDecl], looks: Looks
) -> Instance | None:
    """Return the instance a call means, made where it is new; None if that was reported."""
    entry = table.catalogue[call.function]
    # What its sources say names it: a variable has no value on the bars of whatever reads it.
    id = print_expression(looks.written_out.of(_without_field(call)))
    if id in table.instances:
        return table.instances[id]
    source, rest = _source(call, entry, params)
    further = [spec for spec in entry.depends if spec.is_source]
    are_sources = [constant(arg, params) is None for arg in rest[: len(further)]]
    if further and (source is None or are_sources != [True] * len(further)):
        table.refused(
            "IC309", f"`{entry.type}` reads {1 + len(further)} sources", call.name_span,
            f"write `{entry.type}(close, volume)`; its parameters follow",
        )  # fmt: skip
        return None
    others: list[tuple[str, str]] = []
    for spec, other in zip(further, rest, strict=False):
        made = source_instance(other, call.timeframe, None, table, params, looks)
        if made is None:
            return None
        others.append((spec.role, made.id))
    rest = rest[len(further) :]
    column = source.head if isinstance(source, s.Name) and source.head in SOURCES else None
    read = None
    if source is not None and (column is None or source != s.Name(column)):
        read = source_instance(source, call.timeframe, None, table, params, looks)
        if read is None:
            return None
        column = None
    if len(rest) > len(entry.params):
        known = ", ".join(spec.name for spec in entry.params) or "none"
        helps = f"in this order: {known}" + ("; before them what it reads" if _reads(entry) else "")
        if not _reads(entry) and rest and constant(rest[0], params) is None:
            helps = _of_the_bar(entry)
        table.refused(
            "IC309",
            f"`{entry.type}` has {len(entry.params)} parameters, found {len(rest)}",
            call.name_span,
            helps,
        )
        return None
    if _ends_unclear(call, entry, rest, table):
        return None
    feature = s.Feature(
        id=id,
        kind=EntryKind.INDICATOR,
        type=entry.type,
        timeframe=call.timeframe,
        source=column,
        params=_by_place(entry, rest),
        span=call.span,
        type_span=call.name_span,
        timeframe_span=call.span,
    )
    return table.reading(feature, entry, read, tuple(others), implicit=True)


def _by_place(entry: Entry, args: tuple[s.Expr, ...]) -> tuple[s.Argument, ...]:
    """Return the parameters of a call by name: one length is that of all that are alike, `donchian(55)`."""
    given = {spec.name: arg for spec, arg in zip(entry.params, args, strict=False)}
    for spec in entry.params[len(args) :]:
        if spec.like in given:
            given[spec.name] = given[spec.like]
    return tuple(
        s.Argument(spec.name, _value(arg, spec.kind), span=arg.span, name_span=arg.span)
        for spec in entry.params
        if (arg := given.get(spec.name)) is not None
    )


def _ends_unclear(
    call: s.Call, entry: Entry, args: tuple[s.Expr, ...], table: FeatureTable
) -> bool:
    """Report a call whose last argument is elsewhere that of another parameter; return whether it was."""
    place = len(args) - 1
    if place < 0 or not entry.params[place].not_last:
        return False
    here, behind = entry.params[place : place + 2]
    left_out: s.Expr = args[0] if here.like else s.Number(float(str(here.default)))
    whole = s.Call(call.function, (*call.args[:-1], left_out, call.args[-1]))
    named = ", ".join(spec.name for spec in entry.params)
    table.refused(
        "IC309",
        f"`{entry.type}` with {len(args)} numbers: the last is the {here.name} here, elsewhere the {behind.name}",
        call.name_span,
        f"they are, in this order: {named}; with this {behind.name} it is `{print_expression(whole)}`",
    )
    return True


def _without_field(call: s.Call) -> s.Call:
    return s.Call(call.function, call.args, None, call.timeframe)


def _of_the_bar(entry: Entry) -> str:
    """Say that an indicator has no choice of what it reads, and what is done instead."""
    columns = ", ".join(name for name in entry.inputs if name != "ts")
    if entry.type != "candles":
        return f"it always reads {columns} of the bar" + of_any_series(entry.type)
    way = recipe("heikin_ashi_candles")
    assert way is not None
    return f"it always reads {columns} of the card's own bars; of others a pattern is written out, a doji of Heikin-Ashi as `{way.example}`"


def _reads(entry: Entry) -> bool:
    return "source" in entry.inputs


def _source(
    call: s.Call, entry: Entry, params: Mapping[str, s.ParamDecl]
) -> tuple[s.Expr | None, tuple[s.Expr, ...]]:
    """Return what an indicator reads and its parameters: the first argument that is no constant."""
    first = call.args[0] if call.args else None
    if _reads(entry) and first is not None and constant(first, params) is None:
        return first, call.args[1:]
    return None, call.args


def _value(arg: s.Expr, kind: ParamKind) -> s.ArgValue:
    """A bare word is one of some choices; a single number is a list of one."""
    is_word = isinstance(arg, s.Name) and arg.field is None and kind is ParamKind.ENUM
    return arg.head if is_word and isinstance(arg, s.Name) else arg
