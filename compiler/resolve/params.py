"""A feature's `params` against its catalogue entry: canonical names, kinds, bounds, defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compiler.catalog.types import Entry, ParamKind, ParamSpec, ParamValue
from compiler.findings.collected import Findings
from compiler.findings.words import Place
from compiler.resolve.windows import bars_in
from compiler.syntax import tree as s
from compiler.syntax.constants import constant
from compiler.syntax.printer import print_expression

Bound = tuple[tuple[str, ParamValue], ...]


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Why a value is refused."""

    reason: str


def bind_params(
    feature: s.Feature,
    entry: Entry,
    params: Mapping[str, s.ParamDecl],
    findings: Findings,
    ignore: frozenset[str] = frozenset(),
    sessions: frozenset[str] = frozenset(),
    timeframe: str | None = None,
) -> Bound | None:
    """Return all parameters of an entry in catalogue order, None if any was reported as wrong.

    Arguments named in `ignore` are something else (a dependency written among the params). `sessions`
    are the names of the card's own: no parameter takes one, and what to write instead is said. Bars are of
    the `timeframe`.
    """
    specs = {name: spec for spec in entry.params for name in (spec.name, *spec.aliases)}
    given: dict[str, ParamValue] = {}
    written: dict[str, s.Argument] = {}
    fine = True
    for argument in feature.params:
        if argument.name in ignore:
            continue
        spec = specs.get(argument.name)
        if spec is None:
            fine = False
            _unknown(feature, argument, tuple(specs), findings)
            continue
        if spec.name in written:
            fine = False
            findings.add(
                "IC115",
                f"`{argument.name}` and `{written[spec.name].name}` are the same parameter",
                argument.name_span,
            )
            continue
        written[spec.name] = argument
        value = _value(argument.value, spec, params)
        if isinstance(value, _Wrong):
            fine = False
            findings.add(
                "IC110",
                f"`{argument.name}` of `{feature.type}` {value.reason}",
                argument.span,
                help=_instead(feature.type, argument.value, sessions)
                or _in_bars(argument.value, spec, timeframe)
                or spec.doc
                or None,
            )
        else:
            given[spec.name] = value
    return _complete(feature, entry, given, written, findings) if fine else None


# What a card writes where an indicator was to begin anew with one of its sessions.
_OF_A_SESSION = {
    "session_open": "write `{name}.open`: outside of the session it is that of the last one",
    "pivots": "levels of a session are calculated of `{name}.high`, `{name}.low` and `{name}.close`: outside of it "
    "they are those of the last one",
}


def _instead(type_: str, written: s.ArgValue, sessions: frozenset[str]) -> str | None:
    """Return what says it of a session, None where none was named."""
    name = written.head if isinstance(written, s.Name) else written
    if not isinstance(name, str) or name not in sessions:
        return None
    told = _OF_A_SESSION.get(type_)
    return None if told is None else told.format(name=name)


def _in_bars(written: s.ArgValue, spec: ParamSpec, timeframe: str | None) -> str | None:
    """Return how many bars a span of time is that was given for a number of them, None for what is none."""
    if spec.kind is not ParamKind.INT or timeframe is None or isinstance(written, tuple):
        return None
    text = written if isinstance(written, str) else print_expression(written)
    bars = bars_in(text, timeframe)
    if bars is None or isinstance(bars, str):
        return bars and f"it counts bars: {bars}"
    return f"it counts bars: `{text}` are {bars:,} at {timeframe}"


def _unknown(
    feature: s.Feature, argument: s.Argument, names: tuple[str, ...], findings: Findings
) -> None:
    findings.unknown_word(
        "IC107",
        f"`{feature.type}` has no parameter `{argument.name}`",
        argument.name_span,
        argument.name,
        names,
        place=Place.PARAMS,
    )


def _complete(
    feature: s.Feature,
    entry: Entry,
    given: Mapping[str, ParamValue],
    written: Mapping[str, s.Argument],
    findings: Findings,
) -> Bound | None:
    bound: list[tuple[str, ParamValue]] = []
    missing: list[str] = []
    for spec in entry.params:
        if spec.name in given:
            bound.append((spec.name, given[spec.name]))
        elif spec.default is not None:
            bound.append((spec.name, _typed(spec.default, spec)))
        elif spec.name not in written:
            missing.append(spec.name)
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        findings.add("IC109", f"`{feature.type}` needs the parameter {names}", feature.type_span)
        return None
    return tuple(bound)


def _typed(value: ParamValue, spec: ParamSpec) -> ParamValue:
    """Give a default the type of its kind, so that 2 and 2.0 bind to the same instance."""
    match spec.kind:
        case ParamKind.FLOAT if isinstance(value, int | float):
            return float(value)
        case ParamKind.FLOAT_LIST if isinstance(value, tuple):
            return tuple(float(item) for item in value)
        case _:
            return value


def _value(
    written: s.ArgValue, spec: ParamSpec, params: Mapping[str, s.ParamDecl]
) -> ParamValue | _Wrong:
    match spec.kind:
        case ParamKind.ENUM:
            return _choice(written, spec)
        case ParamKind.FLOAT_LIST:
            return _list(written, spec, params)
        case _:
            return _scalar(written, spec, params)


def _choice(written: s.ArgValue, spec: ParamSpec) -> ParamValue | _Wrong:
    word = written.head if isinstance(written, s.Name) and written.field is None else written
    if isinstance(word, str):
        for choice in spec.choices:
            if choice.lower() == word.lower():
                return choice
    choices = ", ".join(f"`{choice}`" for choice in spec.choices)
    return _Wrong(f"is one of {choices}")


def _list(
    written: s.ArgValue, spec: ParamSpec, params: Mapping[str, s.ParamDecl]
) -> ParamValue | _Wrong:
    if isinstance(written, str):
        return _Wrong("is a list of numbers")
    items = written if isinstance(written, tuple) else (written,)
    values: list[float] = []
    for item in items:
        value = _scalar(item, spec, params)
        if isinstance(value, _Wrong):
            return value
        assert isinstance(value, int | float)
        values.append(float(value))
    return tuple(values) if values else _Wrong("needs at least one number")


def _scalar(
    written: s.ArgValue, spec: ParamSpec, params: Mapping[str, s.ParamDecl]
) -> ParamValue | _Wrong:
    if isinstance(written, str | tuple):
        return _Wrong(f"is {_KIND_WORDS[spec.kind]}")
    value = constant(written, params)
    if spec.kind is ParamKind.BOOL:
        if isinstance(value, bool) or value in (0, 1):
            return bool(value)
        return _Wrong("is `true` or `false`")
    if value is None or isinstance(value, bool):
        return _Wrong(f"is {_KIND_WORDS[spec.kind]}")
    if spec.kind is ParamKind.INT and not float(value).is_integer():
        return _Wrong(f"is a whole number, found {value:g}")
    if spec.low is not None and value < spec.low:
        return _Wrong(f"is at least {spec.low:g}, found {value:g}")
    if spec.high is not None and value > spec.high:
        return _Wrong(f"is at most {spec.high:g}, found {value:g}")
    return int(value) if spec.kind is ParamKind.INT else float(value)


_KIND_WORDS = {
    ParamKind.INT: "a whole number",
    ParamKind.FLOAT: "a number",
    ParamKind.BOOL: "`true` or `false`",
    ParamKind.ENUM: "a word",
    ParamKind.FLOAT_LIST: "a list of numbers",
}
