"""The answer a validation card carries in its leading comment, as data.

The comment is prose, then sections. A section starts `# name:`; its rows are the lines below it that
are indented by two or more spaces. Sections: bars, mark, fine, funding (what the market does) and
orders, fills, refused, layers, end (what must come of it). `conservative NAME:` is the answer of the
same section under that fill model, where it differs. A row of `none` is an empty section.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MARKET = ("bars", "mark", "fine", "funding")
ANSWERS = ("orders", "fills", "refused", "layers", "end")
OPTIONAL = ("refused", "layers")
_SECTION = re.compile(r"# (?P<name>(?:conservative )?[a-z]+):(?P<rest>.*)$")
_ORDER = re.compile(
    r"(?P<ref>\S+) +(?P<side>buy|sell) +(?P<type>\S+) +(?P<price>\S+) +(?P<qty>\S+)"
    r" +-> (?P<state>[a-z]+)(?: \((?P<reason>[a-z_:]+)\))? at (?P<bar>\d+)$"
)
_FILL = re.compile(
    r"(?P<bar>\d+) +(?P<ref>\S+) +(?P<side>buy|sell) +(?P<qty>\S+) +(?P<price>\S+)"
    r"(?: +(?P<how>maker|taker))?(?: +fee (?P<fee>\S+))?(?: +\((?P<reason>[a-z_]+)\))?$"
)


class MalformedAnswer(Exception):
    """A comment that does not say what a validation card must say."""


@dataclass(frozen=True, slots=True, order=True)
class OrderAnswer:
    """The end of one order; `price` is `-` at market and `trigger/limit` for a stop-limit."""

    ref: str  # order_ref, else the role
    side: str
    type: str
    price: str
    quantity: float
    state: str
    reason: str  # "" for a filled order
    bar: int


@dataclass(frozen=True, slots=True)
class FillAnswer:
    """One execution; what stands at None is not part of the answer."""

    bar: int
    ref: str
    side: str
    quantity: float
    price: float
    how: str | None = None  # maker | taker
    fee: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What must come of a run, as written by hand."""

    orders: tuple[OrderAnswer, ...]
    fills: tuple[FillAnswer, ...]
    refused: tuple[tuple[int, str, str], ...]  # bar, order_ref or action, code
    layers: tuple[tuple[str, float, float, float], ...] | None  # ref, entered, entry, realized
    end: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The leading comment of one card. Bars are (place, open, high, low, close, volume).

    A place that is left out is a hole: no bar is there.
    """

    title: str
    bars: tuple[tuple[float, ...], ...]
    mark: tuple[tuple[float, ...], ...]
    fine: tuple[tuple[float, ...], ...]
    funding: tuple[tuple[int, float], ...]  # the place at whose close it is due, rate
    answer: Answer
    conservative: Answer
    differs: bool


def read_sheet(path: Path) -> Sheet:
    """Return what the leading comment of a card says; MalformedAnswer where it is incomplete."""
    title, rows = _sections(path.read_text(encoding="utf-8"))
    missing = [n for n in ("bars", *ANSWERS) if n not in rows and n not in OPTIONAL]
    if missing:
        raise MalformedAnswer(f"{path.name}: no section {', '.join(missing)}")
    own = {name: rows[name] for name in ANSWERS if name in rows}
    other = {name: rows.get(f"conservative {name}", own.get(name, [])) for name in ANSWERS}
    other = {name: lines for name, lines in other.items() if name in own or lines}
    return Sheet(
        title=title,
        bars=_numbered(rows["bars"]),
        mark=_numbered(rows.get("mark", [])),
        fine=_numbered(rows.get("fine", [])),
        funding=tuple(
            (int(row.split()[0]), float(row.split()[1])) for row in rows.get("funding", [])
        ),
        answer=_answer(own),
        conservative=_answer(other),
        differs=any(name.startswith("conservative") for name in rows),
    )


def _sections(text: str) -> tuple[str, dict[str, list[str]]]:
    lines = text.splitlines()
    rows: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines:
        if not line.startswith("#"):
            break
        head = _SECTION.match(line)
        if head:
            name = head["name"]
            known = name.removeprefix("conservative ") in (
                ANSWERS if " " in name else MARKET + ANSWERS
            )
            if not known or name in rows:
                raise MalformedAnswer(f"section `{name}` is unknown or stands twice")
            current = rows.setdefault(name, [])
        elif line.startswith("#   ") and current is not None:
            if line.split()[1:] != ["none"]:
                current.append(line[1:].strip())
        else:
            current = None
    return lines[0].removeprefix("# "), rows


def _numbered(lines: list[str]) -> tuple[tuple[float, ...], ...]:
    rows: list[tuple[float, ...]] = []
    for line in lines:
        number, *values = line.split()
        if len(values) != 5 or (rows and int(number) <= rows[-1][0]):
            raise MalformedAnswer(f"not the next bar: `{line}`")
        rows.append((float(number), *(float(value) for value in values)))
    return tuple(rows)


def _answer(rows: dict[str, list[str]]) -> Answer:
    layers = rows.get("layers")
    return Answer(
        orders=tuple(sorted(_order(line) for line in rows["orders"])),
        fills=tuple(_fill(line) for line in rows["fills"]),
        refused=tuple(_refusal(line) for line in rows.get("refused", [])),
        layers=None if layers is None else tuple(_layer(line) for line in layers),
        end=_end(rows["end"]),
    )


def _order(line: str) -> OrderAnswer:
    found = _ORDER.match(line)
    if found is None:
        raise MalformedAnswer(f"not an order: `{line}`")
    price = found["price"]
    if price != "-":
        price = "/".join(f"{float(part):g}" for part in price.split("/"))
    return OrderAnswer(
        found["ref"], found["side"], found["type"], price, float(found["qty"]), found["state"],
        found["reason"] or "", int(found["bar"]),
    )  # fmt: skip


def _fill(line: str) -> FillAnswer:
    found = _FILL.match(line)
    if found is None:
        raise MalformedAnswer(f"not a fill: `{line}`")
    fee = None if found["fee"] is None else float(found["fee"])
    return FillAnswer(
        int(found["bar"]), found["ref"], found["side"], float(found["qty"]), float(found["price"]),
        found["how"], fee, found["reason"],
    )  # fmt: skip


def _refusal(line: str) -> tuple[int, str, str]:
    bar, name, code = line.split()
    return int(bar), name, code


def _layer(line: str) -> tuple[str, float, float, float]:
    ref, entered, entry, realized = line.split()
    return ref, float(entered), float(entry), float(realized)


def _end(lines: list[str]) -> tuple[tuple[str, float], ...]:
    words = " ".join(lines).split()
    return tuple((name, float(value)) for name, value in zip(words[::2], words[1::2], strict=True))
