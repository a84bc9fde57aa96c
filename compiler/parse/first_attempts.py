"""Shapes that people write before they know ours: one sentence about the whole, with the right text.

The law: one finding for one such place, and the place mended, so that what stands inside is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from compiler.catalog.actions import ACTIONS
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.orders import OptionName, SizeKey
from compiler.catalog.settings import ImpactModel
from compiler.findings.collected import GUESS
from compiler.findings.diagnostics import Edit, Fix
from compiler.findings.source import Span
from compiler.findings.words import Place, meant
from compiler.parse.mended import given
from compiler.parse.sizes import hundredfold, hundredth
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar, Sequence
from compiler.text.places import Style

Path = tuple[str | int, ...]
_WHEN = ("when", "if", "condition", "conditions", "cond", "entry", "trigger")
_DO = ("action", "actions", "emit", "do", "then", "signal", "side")
_SECTIONS = {
    "account": Place.ACCOUNT, "position_policy": Place.POLICY, "risk_model": Place.RISK,
    "fee_model": Place.FEES, "metadata": Place.METADATA, "sizing": Place.SIZING,
    "ladder": Place.LADDER, "trail": Place.TRAIL, "limits": Place.LIMITS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was meant: where to point, what to say, the text to write, the node in its place."""

    span: Span
    message: str
    help: str
    mended: Node | None = None


def place_of(path: Path) -> Place | None:
    """Return what kind of mapping stands at a path of a card."""
    if not path:
        return Place.CARD
    last, above = path[-1], path[-2] if len(path) > 1 else None
    if isinstance(last, str):
        named = {"params": Place.TUNABLE, "sessions": Place.SESSION} if len(path) == 2 else {}
        return _SECTIONS.get(last) or named.get(str(above))
    match above:
        case "features" | "exec":
            return Place.FEATURE
        case "blocks":
            return Place.BLOCK
        case "cases":
            return Place.CASE
        case "emit" | "on_fill":
            return Place.ACTION
        case _:
            return None


# ---------------------------------------------------------------- the whole card

_DIALECTS = {
    "signal_rules": "`signal_rules` (rules for entries and exits with a `direction`)",
    "actions": "`actions` (conditions listed under the name of what they do)",
}


def dialect(card: Mapping) -> Attempt | None:
    """Return what to say of a card in a dialect of the project this language comes from."""
    if card.entry("blocks") is not None:
        return None
    for key, what in _DIALECTS.items():
        entry = card.entry(key)
        if entry is not None:
            return Attempt(
                entry.key.span,
                f"this card is written in the older dialect of {what}; rules are `blocks` here",
                "each rule becomes `- id: …` with `cases: [{when: <condition>, emit: [entry_long]}]`; "
                "`ideacard new` writes a card to start from",
            )
    return None


# ---------------------------------------------------------------- features


def short_feature(feature: Mapping) -> Attempt | None:
    """`- rsi: 14` and `- rsi: {length: 14}`: the type as a key."""
    if len(feature.entries) != 1:
        return None
    (entry,) = feature.entries
    type_ = entry.key.text.lower()
    known = meant(Place.TYPE, type_)
    type_ = known.word if known and known.word else type_
    if type_ not in CATALOGUE:
        return None
    at = entry.key.span
    spec = CATALOGUE[type_].params[:1]
    params: tuple[KeyValue, ...] = ()
    if isinstance(entry.value, Mapping):
        params = entry.value.entries
    elif isinstance(entry.value, Scalar) and isinstance(entry.value.value, int) and spec:
        params = (KeyValue(given(spec[0].name, entry.value.span), entry.value),)
    name = entry.key.text if entry.key.text.isidentifier() else type_
    pairs = [("type", given(type_, at)), ("id", given(name, at))]
    entries = [KeyValue(given(key, at), value) for key, value in pairs]
    if params:
        entries.append(KeyValue(given("params", at), Mapping(params, entry.value.span)))
    whole = Mapping(tuple(entries), feature.span)
    return Attempt(
        at,
        "a feature says its `type` and the `id` by which rules call it",
        f"write `{_text(whole)}`",
        whole,
    )


# ---------------------------------------------------------------- blocks


def flat_block(block: Mapping) -> Attempt | None:
    """`- id: …, when: …, action: …, size: …`: a case that is no list of cases."""
    if block.entry("cases") is not None:
        return None
    when = next((e for e in block.entries if e.key.text in _WHEN), None)
    do = next((e for e in block.entries if e.key.text in _DO), None)
    if when is None or do is None:
        return None
    at = min(when.key.span, do.key.span)
    rest = tuple(
        e for e in block.entries if e not in (when, do) and e.key.text not in ("id", "name")
    )
    emitted = do.value
    if isinstance(do.value, Scalar):
        emitted = Sequence((_action(do.value, rest),), do.value.span)
    case = Mapping(
        (
            KeyValue(given("when", when.key.span), when.value),
            KeyValue(given("emit", do.key.span), emitted),
        ),
        block.span,
    )
    cases = KeyValue(given("cases", at), Sequence((case,), block.span))
    kept = tuple(e for e in block.entries if e.key.text in ("id", "name"))
    return Attempt(
        at,
        "a block has `cases`, each with `when` and what to `emit`",
        f"write `cases: {_text(cases.value)}`",
        Mapping((*kept, cases), block.span),
    )


def _action(name: Scalar, rest: tuple[KeyValue, ...]) -> Node:
    known = meant(Place.ACTION_NAME, name.text)
    kind = name.text if name.text in ACTIONS or known is None else known.word
    if kind == "entry_short" and not rest:
        kind = "exit_long"  # who opens a position says how large; who only sells leaves one
    action = KeyValue(given("action", name.span), given(kind, name.span))
    if not rest:
        return given(kind, name.span)
    metadata = Mapping(tuple(_option(entry) for entry in rest), name.span)
    return Mapping((action, KeyValue(given("metadata", name.span), metadata)), name.span)


def _option(entry: KeyValue) -> KeyValue:
    key, value = entry.key.text, entry.value
    known = meant(Place.METADATA, key)
    word = known.word if known and known.word else key
    if word == "size" and isinstance(value, Scalar) and isinstance(value.value, int | float):
        word = "size_usdt"
    return KeyValue(given(word, entry.key.span), value)


# ---------------------------------------------------------------- values that are keys


def may_hold(key: str, value: Node) -> bool:
    """Return whether a value has the shape that a key of an order takes: those of some are keys again."""
    return key not in (OptionName.TRAIL, OptionName.LADDER) or isinstance(value, Mapping)


def trail(entry: KeyValue, key: str) -> Fix | None:
    """Return the fix that writes a trailing stop of N percent as keys, None for another key or value."""
    if key != OptionName.TRAIL or not isinstance(entry.value, Scalar):
        return None
    percent = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", entry.value.text)
    return None if percent is None else rewritten(entry, key, f"{{distance_pct: {percent[1]}}}")


def rewritten(entry: KeyValue, key: str, value: str) -> Fix | None:
    """Return the fix that writes a key and its value anew, None where either stands nowhere in the text."""
    if not isinstance(entry.value, Scalar) or Style.GIVEN in (entry.key.style, entry.value.style):
        return None
    edits = (Edit(entry.key.span, key), Edit(entry.value.span, value))
    return Fix(f"write `{key}: {value}`{GUESS}", edits, safe=False)


# ---------------------------------------------------------------- two sizes


def one_size(one: KeyValue, other: KeyValue) -> str | None:
    """Return what to say of a risk beside its most; None for other pairs, and for what are no plain numbers."""
    pair = {one.key.text: one, other.key.text: other}
    risk = pair.pop(SizeKey.RISK_PCT, None)
    words = [_in_words(entry) for entry in (risk, *pair.values()) if entry is not None]
    if risk is None or None in words:
        return None
    both = ", ".join(map(str, words))
    return f'keep one of the two; the smaller of both is `size: "min({both})"`'


def _in_words(entry: KeyValue) -> str | None:
    """Return what the size of an entry says as `size` would say it."""
    value = entry.value.value if isinstance(entry.value, Scalar) else None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return value if entry.key.text == SizeKey.TEXT else None
    match entry.key.text:
        case SizeKey.RISK_PCT:
            return f"risk {value}%"
        case SizeKey.FRACTION:
            return f"{hundredfold(float(value)):.12g}% of equity"
        case SizeKey.MAX_FRACTION:
            return f"{hundredfold(float(value)):.12g}% of max"
        case SizeKey.USDT:
            return f"{value} usdt"
        case _:
            return None


# ---------------------------------------------------------------- fees


def fee(entry: KeyValue) -> tuple[str, str] | None:
    """Return (key, value) of a fee that is not in hundredths of a percent."""
    known = meant(Place.FEES, entry.key.text)
    if known is None or not isinstance(entry.value, Scalar):
        return None
    bps = _bps(entry.value.text)
    return None if bps is None else (known.word, bps)


def _bps(text: str) -> str | None:
    """Return a fee in hundredths of a percent that is written as a percentage, a fraction or so; None for no number."""
    number = text.strip().removesuffix("%").strip()
    try:
        value = float(number)
    except ValueError:
        return None
    if text.strip().endswith("%") or 0.005 <= abs(value) < 1:
        value *= 100  # percent
    elif abs(value) < 0.005:
        value *= 10_000  # a fraction
    return f"{value:.6g}"


# ---------------------------------------------------------------- values


# What a key counts in, by the end of its name, and how a person writes that behind the number.
_COUNTED = {"bars": "bars?", "pct": "%", "bps": "bps?", "usdt": "usdt?"}
_FRACTION = 0.1  # a lone percentage below it was meant as a fraction
_LONGEST = 160  # characters of what is written out whole
_FRACTIONS = frozenset({SizeKey.FRACTION, SizeKey.MAX_FRACTION})  # `_pct` by name; 0.1 is 10 %


def written_at(node: Node) -> Span:
    """Return where a value stands, of one in quotes what is between them."""
    return node.place(0, len(node.text)) if isinstance(node, Scalar) else node.span


def better_value(node: Node, what: str, key: str = "") -> tuple[str, Node] | None:
    """Return the text, and the node, for what was meant by a value under a key; None if nobody can tell."""
    if not isinstance(node, Scalar):
        return _of_a_timeframe(node) if what == "the structures section" else None
    bare = _without_its_unit(node, key)
    if bare is not None and ("whole" not in what or bare.isdecimal()):
        return bare, given(bare, node.span)
    is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
    match what:
        case "a size with its unit" if is_number:
            number = float(node.value)  # type: ignore[arg-type]
            text = f"{number * 100:g}% of equity" if 0 < number <= 1 else f"{node.text} usdt"
            return text, given(text, node.span)
        case "a tunable" if is_number:
            entry = KeyValue(given("default", node.span), node)
            return f"{{default: {node.text}}}", Mapping((entry,), node.span)
        case "stop" | "target" | "a sizing rule" | "a fee model" | "an impact model":
            return _keys_of_one(what, node)
        case "a symbol":
            plain = "".join(c for c in node.text if c.isalnum()).upper()
            return (plain, given(plain, node.span)) if plain.isascii() and plain else None
        case _:
            return None


def _of_a_timeframe(node: Node) -> tuple[str, Node] | None:
    """`structures: [ … ]`: a list of those of the card's own bars."""
    if not isinstance(node, Sequence):
        return None
    whole = Mapping((KeyValue(given("exec", node.span), node),), node.span)
    text = _text(whole)
    return f"structures: {text if len(text) < _LONGEST else '{exec: [ … ]}'}", whole


def _keys_of_one(what: str, node: Scalar) -> tuple[str, Node] | None:
    """Return the mapping that a lone value of a rule or a model means."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%|[rR])?", node.text.strip())
    if found is None:
        return None
    number, unit = float(found[1]), found[2] or ""
    match what:
        case "a fee model" if unit in ("", "%") and (bps := _bps(node.text)) is not None:
            pairs = [("taker_bps", bps), ("maker_bps", bps)]
        case "an impact model" if not unit:
            pairs = [("model", str(ImpactModel.SQRT)), ("coefficient", found[1])]
        case "a sizing rule" if unit == "%":
            pairs = [("model", "percent_equity"), ("value", found[1])]
        case "target" if unit in ("r", "R"):
            pairs = [("type", "rr_ratio"), ("value", found[1])]
        case "stop" | "target" if unit in ("", "%"):
            # Where fractions are meant, 0.05 are five percent.
            share = f"{number * 100:.6g}" if not unit and number < _FRACTION else found[1]
            pairs = [("type", "percent"), ("value", share)]
        case _:
            return None
    entries = tuple(KeyValue(given(k, node.span), given(v, node.span)) for k, v in pairs)
    inside = ", ".join(f"{k}: {v}" for k, v in pairs)
    return f"{{ {inside} }}", Mapping(entries, node.span)


def _without_its_unit(node: Scalar, key: str) -> str | None:
    """Return the number of `3 bars` under a key that counts bars, None where the two do not belong together."""
    unit = _COUNTED.get(key.rpartition("_")[2])
    found = unit and re.fullmatch(rf"(-?\d+(?:\.\d+)?)\s*{unit}", node.text, re.IGNORECASE)
    if not found:
        return None
    return f"{hundredth(float(found[1])):.12g}" if key in _FRACTIONS else str(found[1])


# ---------------------------------------------------------------- text

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.<>=+-*/ %()")


def _text(node: Node) -> str:
    """Return a node as one line of a card."""
    match node:
        case Scalar():
            plain = set(node.text) <= _PLAIN and node.text[:1] not in ("=", "%", "*", ">", "-")
            return node.text if plain else '"' + node.text.replace('"', "'") + '"'
        case Sequence():
            return "[" + ", ".join(_text(item) for item in node.items) + "]"
        case Mapping():
            return "{" + ", ".join(f"{e.key.text}: {_text(e.value)}" for e in node.entries) + "}"
