"""Plain data as card text: short mappings in one line, longer ones in blocks."""

from __future__ import annotations

import re

Data = str | int | float | bool | list["Data"] | dict[str, "Data"]
WIDTH = 100
_NEEDS_QUOTES = re.compile(
    r"""\A(?:[-?:](?:\s|\Z)|[\s,\[\]{}\#&*!|>'"%@`=])|:\s|:\Z|\s\#|\s\Z|\A\Z|[\n\t]"""
)
_FLOW_SIGNS = re.compile(r"[,\[\]{}]")
_OTHER_KIND = re.compile(
    r"\A(?:true|false|null|~|yes|no|on|off|y|n|[-+.]?[0-9].*|[-+]?\.(?:inf|nan).*)\Z", re.IGNORECASE
)


def scalar_text(value: str | float | bool, *, in_flow: bool) -> str:
    """Return one value; a text is quoted where it would otherwise be read as something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    needs = _NEEDS_QUOTES.search(value) or _OTHER_KIND.match(value)
    if not needs and not (in_flow and _FLOW_SIGNS.search(value)):
        return value
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def flow_text(data: Data) -> str:
    """Return data in one line."""
    if isinstance(data, dict):
        inner = ", ".join(f"{key}: {flow_text(value)}" for key, value in data.items())
        return f"{{ {inner} }}"
    if isinstance(data, list):
        return f"[{', '.join(flow_text(item) for item in data)}]"
    return scalar_text(data, in_flow=True)


def block_lines(data: Data, room: int = WIDTH) -> list[str]:
    """Return data as lines without indentation; `room` is how wide they may be."""
    if isinstance(data, dict):
        if _is_small(data, room):
            return [flow_text(data)]
        lines = []
        for key, value in data.items():
            inner = block_lines(value, room - 2)
            if len(inner) == 1 and not isinstance(value, list):
                lines.append(f"{key}: {inner[0]}")
            elif isinstance(value, list) and _is_small_list(value, room):
                lines.append(f"{key}: {flow_text(value)}")
            else:
                lines += [f"{key}:", *(f"  {line}" for line in inner)]
        return lines
    if isinstance(data, list):
        lines = []
        for item in data:
            first, *more = block_lines(item, room - 2)
            lines += [f"- {first}", *(f"  {line}" for line in more)]
        return lines
    return [scalar_text(data, in_flow=False)]


def _is_small(data: dict[str, Data], room: int) -> bool:
    """One-line mappings: a comparison, a reference; no list of conditions."""
    nested = any(isinstance(x, dict) and not _is_flat(x) for x in data.values())
    lists = any(isinstance(x, list) and not _is_small_list(x, room) for x in data.values())
    return not nested and not lists and len(flow_text(data)) <= room


def _is_flat(data: dict[str, Data]) -> bool:
    return not any(isinstance(x, dict | list) for x in data.values())


def _is_small_list(data: list[Data], room: int) -> bool:
    return not any(isinstance(x, dict | list) for x in data) and len(flow_text(data)) <= room - 10
