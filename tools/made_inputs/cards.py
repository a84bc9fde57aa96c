"""Made-up cards that are right: small, quick to check, in both spellings, readable by a person.

A card is plain data until `text_of` writes it, so that `generated_damage` can hurt it as data or as text.
Every feature is asked about once per block: two questions about one might contradict each other,
and a condition that can never be true is a mistake. Everything comes from the one `Random` given.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from random import Random
from typing import Any
from zlib import crc32

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.reference import defaults
from compiler.catalog.types import (
    Entry,
    EntryKind,
    ParamKind,
    Params,
    ParamValue,
    Type,
    Unit,
    ValueType,
)
from tools.made_inputs.actions import Moves
from tools.made_inputs.words import with_new_words

Data = Any  # what a card file can hold: mappings, lists, text, numbers, truth values

_INDICATORS = tuple(
    sorted(t for t, e in CATALOGUE.items() if e.kind is EntryKind.INDICATOR and not e.depends)
)
_STRUCTURES = tuple(sorted(t for t, e in CATALOGUE.items() if e.kind is EntryKind.STRUCTURE))
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z|[0-9]+[mhdw]\Z")
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_COMMENTS = (
    "# a comment", "", "  # ic: ignore[never-true]", "# ic: ignore[IC507, unused-feature] on purpose",
    "# ic: ignore[]",
)  # fmt: skip
_OPS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "==", "ne": "!="}
# A close never crosses the extremes that it is part of; it may leave those of earlier bars.
_CROSSED = (
    "ema",
    "sma",
    "rma",
    "wma",
    "dema",
    "tema",
    "hma",
    "vwma",
    "kama",
    "zlma",
    "trima",
    "linreg",
)
_LOOSE = ("gt", "gte", "lt", "lte")


@dataclass(frozen=True, slots=True)
class Subject:
    """A value of a feature that a condition may ask about."""

    feature: str
    field: str
    value: ValueType

    @property
    def text(self) -> str:
        return f"{self.feature}.{self.field}"

    @property
    def tree(self) -> Data:
        return {"feature_id": self.feature, "field": self.field}


@dataclass(frozen=True, slots=True)
class Question:
    """A condition in both forms."""

    text: str
    tree: Data


def valid_card(rng: Random) -> str:
    """Return the text of a card without mistakes."""
    return text_of(valid_data(rng), rng)


def valid_data(rng: Random, *, symbol: str = "BTCUSDT") -> dict[str, Data]:
    """Return a card without mistakes as data."""
    return _Writer(rng, symbol, is_old=rng.random() < 0.3).card()


class _Writer:
    def __init__(self, rng: Random, symbol: str, *, is_old: bool) -> None:
        self.rng, self.symbol, self.is_old = rng, symbol, is_old
        self.tf, self.htf = rng.choice((("15m", "1h"), ("15m", "4h"), ("5m", "15m"), ("1h", "1d")))
        self.subjects: list[Subject] = []
        self.asked: set[str] = set()

    def card(self) -> dict[str, Data]:
        features = self._features()
        moves = Moves(self.rng, is_old=self.is_old)
        blocks: list[Data] = []
        for number in range(self.rng.choice((1, 1, 2))):
            self.asked.clear()
            blocks.append(self._block(number, moves))
        if self.is_old:
            return {**self._old_head(), **features, **moves.money(), "blocks": blocks}
        made = {**self._head(), **features, **moves.money(), "blocks": blocks}
        return with_new_words(made, self.htf)

    # ------------------------------------------------------------ head and features

    def _head(self) -> dict[str, Data]:
        head: dict[str, Data] = {"name": f"made_{self.rng.randrange(1000)}"}
        if self.rng.random() < 0.3:
            head["version"] = "3.1"
        head |= {"symbol": self.symbol, "tf": self.tf, "htf": self.htf}
        return head

    def _old_head(self) -> dict[str, Data]:
        name = f"made_{self.rng.randrange(1000)}"
        universe: Data = [self.symbol] if self.rng.random() < 0.7 else self.symbol
        head: dict[str, Data] = {"id": name, "version": "3.0.0", "name": name}
        return {**head, "symbol_universe": universe, "execution_tf": self.tf}

    def _features(self) -> dict[str, Data]:
        indicators = [self._feature(i) for i in range(self.rng.randint(1, 3))]
        structures: list[Data] = []
        if self.rng.random() < 0.4:
            structures = self._structures()
        if self.is_old:
            return {"features": indicators + structures}
        if not structures:
            return {"features": indicators}
        return {"features": indicators, "structures": {"exec": structures}}

    def _feature(self, number: int) -> Data:
        entry = CATALOGUE[self.rng.choice(_INDICATORS)]
        params = self._params(entry)
        id_ = f"{entry.type}_{number}"
        self._offer(id_, entry, params)
        tf = self.tf if self.rng.random() < 0.8 else self.htf
        given: dict[str, Data] = {"params": dict(params)} if params else {}
        if self.is_old:
            kind: dict[str, Data] = {"type": "indicator", "indicator_type": entry.type}
            return {"id": id_, "tf": tf, **kind, **given}
        place: dict[str, Data] = {} if tf == self.tf else {"tf": tf}
        return {"type": entry.type, "id": id_, **place, **given}

    def _params(self, entry: Entry) -> dict[str, ParamValue]:
        """Return some parameters, never ones that could contradict each other."""
        whole = [p for p in entry.params if p.kind is ParamKind.INT]
        if len(whole) != 1 or self.rng.random() < 0.2:
            return {}
        spec = whole[0]
        low = max(2, int(spec.low or 2))
        return {spec.name: self.rng.randint(low, max(low, min(24, int(spec.high or 24))))}

    def _structures(self) -> list[Data]:
        swing = {"left": self.rng.randint(1, 3), "right": self.rng.randint(1, 3)}
        made = [self._structure("swing", dict(swing), None)]
        extra = self.rng.choice(_STRUCTURES)
        if extra != "swing":
            needs = CATALOGUE[extra].depends
            if all("swing" in need.types for need in needs):
                depends: Data = {need.role: "swing" for need in needs}
                made.append(self._structure(extra, {}, depends if needs else None))
        return made

    def _structure(self, type_: str, params: dict[str, Data], depends: Data | None) -> Data:
        given: dict[str, Data] = {"params": params} if params else {}
        if depends is not None:
            given["depends_on"] = depends
        plain = {k: v for k, v in params.items() if isinstance(v, int)}
        self._offer(type_, CATALOGUE[type_], plain)
        if self.is_old:
            head: dict[str, Data] = {"id": type_, "tf": self.tf, "type": "structure"}
            return {**head, "structure_type": type_, **given}
        return {"type": type_, "key": type_, **given}

    def _offer(self, id_: str, entry: Entry, params: Params) -> None:
        outputs = entry.outputs_for({**defaults(entry), **params})
        self.subjects += [Subject(id_, o.name, o.value) for o in outputs]

    # ------------------------------------------------------------ blocks and questions

    def _block(self, number: int, moves: Moves) -> Data:
        cases: list[Data] = []
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            guard, emit = moves.next()
            cases.append({"when": self._when(guard), "emit": emit})
        block: dict[str, Data] = {"id": f"block_{number}", "cases": cases}
        if self.rng.random() < 0.1:
            block["else"] = {"emit": ["no_action"]}
        return block

    def _when(self, guard: tuple[str, str] | None) -> Data:
        questions = [self._question() for _ in range(self.rng.choice((1, 1, 2)))]
        if guard is not None:
            text, side = guard
            tree: Data = {"lhs": {"builtin": "position_side"}, "op": "eq", "rhs": side}
            questions.append(Question(text, tree))
            self.rng.shuffle(questions)
        if self.is_old or self.rng.random() < 0.4:
            trees = [question.tree for question in questions]
            return trees[0] if len(trees) == 1 else {"all": trees}
        return " and ".join(question.text for question in questions)

    def _question(self) -> Question:
        fresh = [subject for subject in self.subjects if subject.feature not in self.asked]
        if not fresh:
            return self._about_bars()
        subject = self.rng.choice(fresh)
        self.asked.add(subject.feature)
        asked = self._about(subject)
        if "crosses" in asked.text or self.rng.random() < 0.75:
            return asked
        return self._over_time(asked)

    def _about_bars(self) -> Question:
        back = self.rng.randint(1, 400)
        old: Data = {"feature_id": "close", "offset": back}
        tree: Data = {"lhs": {"feature_id": "close"}, "op": "gt", "rhs": old}
        return Question(f"close > close[{back}]", tree)

    def _about(self, subject: Subject) -> Question:
        value = subject.value
        if value.type is Type.BOOL:
            tree: Data = {"lhs": subject.tree, "op": "eq", "rhs": True}
            return Question(subject.text, tree)
        if value.type is Type.ENUM:
            return self._about_word(subject)
        if value.unit in (Unit.PRICE, Unit.SOURCE) and value.type is Type.NUMBER:
            return self._about_price(subject)
        return self._about_number(subject)

    def _about_word(self, subject: Subject) -> Question:
        words = subject.value.enum
        if self.rng.random() < 0.5:
            word = self.rng.choice(words)
            tree: Data = {"lhs": subject.tree, "op": "ne", "rhs": word}
            return Question(f"{subject.text} != {word}", tree)
        some = self.rng.sample(words, 2)
        tree = {"lhs": subject.tree, "op": "in", "rhs": list(some)}
        return Question(f"{subject.text} in [{', '.join(some)}]", tree)

    def _about_price(self, subject: Subject) -> Question:
        close: Data = {"feature_id": "close"}
        form = self.rng.randrange(6)
        if form == 0 and subject.feature.startswith(_CROSSED):
            way = self.rng.choice(("above", "below"))
            tree: Data = {"lhs": close, "op": f"cross_{way}", "rhs": subject.tree}
            return Question(f"close crosses {way} {subject.text}", tree)
        if form == 1:
            near: dict[str, Data] = {"lhs": close, "op": "near_pct", "rhs": subject.tree}
            near["tolerance"] = 0.02 if self.is_old else 2
            return Question(f"close near {subject.text} within 2%", near)
        if form == 2:
            far: Data = {"feature_id": "low", "multiplier": 0.5}
            tree = {"lhs": subject.tree, "op": "gt", "rhs": far}
            return Question(f"({subject.text} + 0.1%) * 1.5 > min(low, close[2]) / 2", tree)
        op = self.rng.choice(_LOOSE)
        back = self.rng.choice((1, 1, 2, 5))
        text = f"{subject.text}[{back}]"
        past: Data = {"feature_id": subject.feature, "field": subject.field, "offset": back}
        tree = {"lhs": past, "op": op, "rhs": close}
        return Question(f"{text} {_OPS[op]} close", tree)

    def _about_number(self, subject: Subject) -> Question:
        low, high = subject.value.low, subject.value.high
        if low is not None and high is not None:
            limit = low + (high - low) * self.rng.choice((0.25, 0.5, 0.75))
        else:
            limit = (low or 0) + self.rng.choice((0.5, 1, 3))
        op = self.rng.choice(("gt", "lt"))
        if subject.value.type is Type.INT:
            limit, op = max(int(limit), int(low or 0) + 1), "gte"
        elif float(limit).is_integer():
            limit = int(limit)
        tree: Data = {"lhs": subject.tree, "op": op, "rhs": limit}
        return Question(f"{subject.text} {_OPS[op]} {limit}", tree)

    def _over_time(self, asked: Question) -> Question:
        bars = self.rng.randint(2, 12)
        inside: dict[str, Data] = {"bars": bars, "expr": asked.tree}
        form = self.rng.randrange(3 if "min(" in asked.text else 4)
        told = crc32(asked.text.encode())  # not drawn: what comes after stays what it was
        if not self.is_old and told % 4:
            form = told // 4 % 6
            # One that is always true leaves nothing to the other branch of an `if`.
            return _so_far(asked, bars, 0 if form == 5 and "min(" in asked.text else form)
        if form == 0:
            return Question(f"({asked.text}) for {bars} bars", {"holds_for": inside})
        if form == 1:
            return Question(f"({asked.text}) within last {bars} bars", {"occurred_within": inside})
        if form == 2:
            inside["min_true"] = 2
            text = f"({asked.text}) at least 2 of last {bars} bars"
            return Question(text, {"count_true": inside})
        return Question(f"not ({asked.text})", {"not": asked.tree})


def _so_far(asked: Question, bars: int, form: int) -> Question:
    """Ask what has been so far, what came after what, or one of two things."""
    text, close, open_ = asked.text, {"feature_id": "close"}, {"feature_id": "open"}
    up: dict[str, Data] = {"lhs": close, "op": "gt", "rhs": open_}
    since: dict[str, Data] = {"when": asked.tree, "expr": {"feature_id": "high"}}
    match form:
        case 0:
            tree: Data = {"lhs": {"bars_since": asked.tree}, "op": "gt", "rhs": bars}
            return Question(f"bars_since({text}) > {bars}", tree)
        case 1:
            steps: list[Data] = [{"expr": asked.tree}, {"expr": up, "bars": bars}]
            return Question(f"({text} then close > open within {bars} bars)", {"sequence": steps})
        case 2:
            counted: Data = {"count_since": {"when": asked.tree, "expr": up}}
            tree = {"lhs": counted, "op": "gte", "rhs": 2}
            return Question(f"count_since({text}, close > open) >= 2", tree)
        case 3:
            tree = {"lhs": close, "op": "lt", "rhs": {"highest_since": since}}
            return Question(f"close < highest_since({text}, high)", tree)
        case 4 if bars % 2:
            tree = {"lhs": close, "op": "gt", "rhs": {"value_when": {**since, "n": 1}}}
            return Question(f"close > value_when({text}, high, 1)", tree)
        case 4:
            word = ("mean_when", "median_when", "highest_when", "lowest_when")[bars // 2 % 4]
            tree = {"lhs": close, "op": "gt", "rhs": {word: {**since, "n": bars}}}
            return Question(f"close > {word}({text}, high, {bars})", tree)
        case _:
            down: Data = {**up, "op": "lt"}
            tree = {"if": asked.tree, "then": up, "else": down}
            return Question(f"(close > open if {text} else close < open)", tree)


# ---------------------------------------------------------------- writing


def json_like(value: Any) -> Any:
    """Return a deep copy of plain data."""
    if isinstance(value, dict):
        return {key: json_like(part) for key, part in value.items()}
    return [json_like(part) for part in value] if isinstance(value, list) else value


def text_of(card: Data, rng: Random) -> str:
    """Return a card as YAML, in flow or block style as `rng` likes."""
    lines: list[str] = []
    _write(card, 0, lines, rng)
    while rng.random() < 0.15:
        lines.insert(rng.randint(0, len(lines)), rng.choice(_COMMENTS))
    if rng.random() < 0.1:
        return "\n".join(lines)
    return "\n".join(lines) + "\n"


def _write(value: Data, indent: int, lines: list[str], rng: Random) -> None:
    """Append the lines of a collection."""
    pad = " " * indent
    pairs = value.items() if isinstance(value, dict) else ((None, v) for v in _list(value))
    for key, part in pairs:
        lead = f"{pad}- " if key is None else f"{pad}{_scalar(key)}:"
        if not isinstance(part, dict | list) or not part or (indent and rng.random() < 0.4):
            lines.append(f"{lead}{'' if key is None else ' '}{_flow(part, top=True)}")
        elif key is None:
            inside: list[str] = []
            _write(part, indent + 2, inside, rng)
            lines += [f"{pad}- {inside[0][indent + 2 :]}", *inside[1:]]
        else:
            lines.append(lead)
            _write(part, indent + 2, lines, rng)


def _list(value: Data) -> list[Data]:
    return value if isinstance(value, list) else [value]


def _flow(value: Data, *, top: bool = False) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_scalar(k)}: {_flow(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Data) -> str:
    if isinstance(value, str):
        return value if _BARE.match(value) and value.lower() not in _WORDS else json.dumps(value)
    return json.dumps(value) if isinstance(value, bool | int | float) else str(value)
