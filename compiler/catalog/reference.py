"""The catalogue as text: one entry for the terminal, all of them as a Markdown reference."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.types import DependencySpec, Entry, OutputSpec, Params, ParamSpec, Type, Unit


def defaults(entry: Entry) -> Params:
    """Return the parameters of an entry as they are when a card gives none."""
    return {p.name: p.default for p in entry.params if p.default is not None}


def _kind(output: OutputSpec) -> str:
    value = output.value
    if value.type is Type.ENUM:
        return " | ".join(value.enum)
    unit = "" if value.unit is Unit.PLAIN else f" {value.unit.value}"
    return f"{value.type.value}{unit}"


def _bounds(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'}…{'' if high is None else f'{high:g}'}"


def _param(param: ParamSpec) -> tuple[str, str, str, str]:
    default = "required" if param.default is None else str(param.default)
    bounds = " | ".join(param.choices) or _bounds(param.low, param.high)
    doc = param.doc + (f" (also {', '.join(param.aliases)})" if param.aliases else "")
    return param.name, default, bounds, doc.strip()


def entry_text(entry: Entry) -> str:
    """Return what a card author needs to use an entry, for the terminal."""
    params = defaults(entry)
    lines = [f"{entry.type} — {entry.title} ({entry.kind.value})", "", entry.doc, ""]
    if entry.params:
        lines.append("params:")
        lines += [
            f"  {n:<16} {d:<12} {b:<14} {t}".rstrip() for n, d, b, t in map(_param, entry.params)
        ]
    if entry.depends:
        lines.append("depends on:")
        lines += [
            f"  {d.role:<16} {' | '.join(d.types) or _any_with(d)}"
            + ("" if d.required else "  (optional)")
            for d in entry.depends
        ]
    lines.append("outputs:  (* is meant when no field is named)")
    primary = entry.primary(params)
    for output in entry.outputs_for(params):
        star = "*" if output is primary else " "
        bounds = _bounds(output.value.low, output.value.high)
        lines.append(
            f" {star}{output.name:<24} {_kind(output):<24} {bounds:<10} {output.doc}".rstrip()
        )
    lines += _warmups(entry, params)
    lines += ["", entry.snippet, ""]
    return "\n".join(lines)


def _warmups(entry: Entry, params: Params) -> Iterator[str]:
    """Say from which bar on each output is known, the primary's first and those that differ after it."""
    first = entry.warmup(params)
    yield f"warm-up:  {first} bars with the defaults"
    others: dict[int, list[str]] = {}
    for output in entry.outputs_for(params):
        others.setdefault(entry.warmup_of(output, params), []).append(output.name)
    for bars in sorted(others.keys() - {first}):
        yield f"          {bars} for {', '.join(others[bars])}"


def markdown() -> str:
    """Return the reference of all entries."""
    return "\n".join(_markdown_lines()) + "\n"


def _markdown_lines() -> Iterator[str]:
    yield "# Catalogue of indicators and structures"
    for kind in ("indicator", "structure"):
        yield f"\n## {kind.capitalize()}s"
        for entry in sorted(CATALOGUE.values(), key=lambda e: e.type):
            if entry.kind.value == kind:
                yield f"\n### {entry.type}\n\n{entry.title}. {entry.doc}\n"
                yield "```text"
                yield "\n".join(entry_text(entry).split("\n")[4:]).rstrip()
                yield "```"


def _any_with(need: DependencySpec) -> str:
    if need.is_source:
        return "a column, a feature or an expression"
    return "any structure with " + " and ".join(f"`{column}`" for column in need.columns)
