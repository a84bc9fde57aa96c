"""Made-up cards out of the reference's own examples: what it explains is tried, beside whatever else it explains.

The law: the pieces come from the table that `ideacard reference` shows, so a word that was added there is in made-up
inputs from then on. One example alone compiles; several together may contradict each other, so such a card need not
be right: it must be answered, and run where it is accepted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from compiler.catalog.actions import ACTIONS, Verb
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.orders import PriceSlot, SizeKey
from compiler.findings.source import Source
from compiler.text.load import load, plain_data
from tools.language_words import Chapter, Word, card_around, words
from tools.made_inputs.cards import json_like, text_of

Data = Any
_SYMBOL, _CLOCK = "BTCUSDT", "close > 0"  # of the reference's own cards
_ENTRIES = tuple(name for name, spec in ACTIONS.items() if spec.verb is Verb.ENTER)
_IN_ACTIONS = (Chapter.PRICE, Chapter.SIZE, Chapter.OPTION)
_SIZE_KEYS = frozenset(str(key) for key in SizeKey)
_FORMS = (
    "({a}) and ({b})", "({a}) or ({b})", "({a}) or ({b})", "({a}) or not ({b})", "(({a}) if ({b}) else close > open)",
    "(({a}) then ({b}) within 5 bars)", "(({a}) or ({b})) for 2 bars", "(({a}) or ({b})) within last 4 bars",
    "(({a}) or ({b})) at least 2 of last 4 bars", "bars_since(({a}) or ({b})) < 9", "({a}) or count_since({b}, close > open) >= 2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """What one word's example puts into a card: a condition, an action, whole blocks, features, other parts.

    `metadata` is that part of the action which the word is about. `marks` are the names and texts of the example:
    what is to be read in a card that holds it.
    """

    name: str
    marks: frozenset[str]
    when: Data = None
    action: Data = None
    metadata: Data = None
    blocks: tuple[Data, ...] = ()
    features: tuple[Data, ...] = ()
    structures: tuple[Data, ...] = ()
    parts: tuple[tuple[str, Data], ...] = ()


def told_card(rng: Random, *, symbol: str = _SYMBOL) -> str:
    """Return a card of one to six of the reference's examples."""
    return text_of(told_data(rng, symbol=symbol), rng)


def told_data(rng: Random, *, symbol: str = _SYMBOL) -> dict[str, Data]:
    """Return such a card as data."""
    chosen = rng.sample(pieces(), rng.randint(1, 6))
    card: dict[str, Data] = json_like({k: v for k, v in _base().items() if k != "blocks"})
    card["symbol"] = symbol
    blocks: list[Data] = []
    for piece in chosen:
        for name, part in piece.parts:
            _put(card, name, json_like(part))
        _put(card, "features", json_like(list(piece.features)))
        _put(card["structures"], "exec", json_like(list(piece.structures)))
        blocks += json_like(list(piece.blocks))
    rules = [*_rules(chosen, rng), *blocks]
    return {**card, "blocks": [{**rule, "id": f"b_{i}"} for i, rule in enumerate(rules)]}


@cache
def pieces() -> tuple[Piece, ...]:
    """Return what every word that a card can write puts into one, in the order of the reference."""
    return tuple(piece for word in words() if (piece := _piece(word)) is not None)


# ------------------------------------------------------------------------------- from a word


def _piece(word: Word) -> Piece | None:
    if word.chapter in (Chapter.INDICATOR, Chapter.STRUCTURE):
        return _of_the_catalogue(word)
    text = card_around(word)
    if not text:
        return None
    base, card = _base(), _read(text)
    example = _read(word.example)
    marks = frozenset(_texts(example))
    parts = tuple((k, v) for k, v in card.items() if k != "blocks" and v != base.get(k))
    when, action, blocks = None, None, ()
    if _is_around(card, base):
        case = card["blocks"][0]["cases"][0]
        when = None if case["when"] == _CLOCK else case["when"]
        is_said = word.chapter is Chapter.ACTION or case["emit"][0] != "no_action"
        action = case["emit"][0] if is_said else None
    else:
        blocks = tuple(card["blocks"])
    metadata = example if word.chapter in _IN_ACTIONS and action is not None else None
    return Piece(word.name, marks, when, action, metadata, blocks, parts=parts)


def _is_around(card: Data, base: Data) -> bool:
    """Return whether the blocks are those of the reference's card, with the word in the place of one thing."""
    first = card["blocks"][0]["cases"][0]["emit"]
    return bool(first[-1] == base["blocks"][0]["cases"][0]["emit"][-1])


def _of_the_catalogue(word: Word) -> Piece:
    (made,) = _read(word.example)
    entry, marks = CATALOGUE[word.name], frozenset(_texts(made))
    if word.chapter is Chapter.INDICATOR:
        when: Data = f"{made['id']} is not missing"
        return Piece(word.name, marks, when, features=(made,))
    named = made.get("depends_on", {})
    needed = tuple(
        {"type": need.types[0], "key": named[need.role], "depends_on": {"swing": "swing"}}
        for need in entry.depends
        if named.get(need.role, "swing") != "swing"
    )
    # The swing of the reference's card is there already.
    own = () if word.name == "swing" else (made,)
    return Piece(word.name, marks, f"{made['key']} is not missing", structures=(*needed, *own))


@cache
def _base() -> Data:
    return _read(card_around(Word(Chapter.WORD, "", "", (), _CLOCK)))


def _read(text: str) -> Data:
    node, _ = load(Source("reference", text))
    assert node is not None
    return plain_data(node)


# ------------------------------------------------------------------------------- into a card


def _put(card: dict[str, Data], name: str, part: Data) -> None:
    """Put a part into a card: lists grow, of a mapping its keys are set."""
    held = card.get(name)
    if isinstance(held, list) and isinstance(part, list):
        taken = {_name_of(one) for one in held}
        held += [one for one in part if _name_of(one) not in taken]
    elif isinstance(held, dict) and isinstance(part, dict):
        held |= part
    else:
        card[name] = part


def _name_of(one: Data) -> str:
    return str(one.get("id") or one.get("key") or one) if isinstance(one, dict) else str(one)


def _rules(chosen: list[Piece], rng: Random) -> list[Data]:
    """Return blocks that open a position, manage it, and place the order that the examples name."""
    when = _joined([piece.when for piece in chosen if piece.when is not None], rng)
    entry: dict[str, Data] = {"action": rng.choice(_ENTRIES), "metadata": {}}
    rest: list[Data] = []
    for piece in chosen:
        if piece.action is None or (piece.metadata and _joins(entry, json_like(piece.metadata))):
            continue
        rest.append(json_like(piece.action))
    entry["metadata"] = {**_needed(entry), **entry["metadata"]}
    asked = _both(rng.choice(("position_side == flat", _CLOCK)), when, rng)
    cases: list[Data] = [{"when": asked, "emit": [entry]}]
    resting = json_like(_base()["blocks"][0]["cases"][0]["emit"][-1])
    guard = rng.choice((_CLOCK, "not order_pending(dip)", "close is falling"))
    blocks = [
        {"id": "", "cases": cases},
        {"id": "", "cases": [{"when": guard, "emit": [resting]}]},
    ]
    for action in rest:
        held = rng.choice((_CLOCK, "position_side != flat", "close is rising"))
        if rng.random() < 0.3:
            held = _both(held, when, rng)
        blocks.append({"id": "", "cases": [{"when": held, "emit": [action]}]})
    return blocks  # their ids are counted by who calls


def _joined(asked: list[Data], rng: Random) -> Data:
    """Return several conditions as one, None of none."""
    made: Data = None
    for one in asked:
        made = one if made is None else _both(made, one, rng)
    return made


def _both(one: Data, two: Data, rng: Random) -> Data:
    if two is None:
        return one
    if isinstance(one, str) and isinstance(two, str):
        return rng.choice(_FORMS).format(a=one, b=two)
    return {rng.choice(("all", "any")): [one, two]}


def _joins(entry: Data, new: dict[str, Data]) -> bool:
    """Give an entry more metadata, where it takes that; a size takes the place of another, as do forms of a price."""
    spec = ACTIONS[entry["action"]]
    if not set(new) <= {*spec.options, *spec.sizes, *_forms_of(spec.prices)}:
        return False
    held = entry["metadata"]
    for key in new:
        if key in _SIZE_KEYS:
            for other in _SIZE_KEYS & held.keys():
                del held[other]
        for slot in spec.prices:
            if key in _forms_of((slot,)):
                for other in _forms_of((slot,)) & held.keys():
                    del held[other]
    held |= new
    return True


def _forms_of(slots: tuple[PriceSlot, ...]) -> set[str]:
    return {f"{slot}{form}" for slot in slots for form in ("", "_ref", "_offset_pct")}


def _needed(entry: Data) -> dict[str, Data]:
    """Return what an entry lacks of price, size and stop, on the side on which each makes sense."""
    spec, said = ACTIONS[entry["action"]], entry["metadata"]
    behind, ahead = ("-", "+") if spec.side == "long" else ("+", "-")
    made: dict[str, Data] = {}
    for slot in spec.price_required:
        if not _forms_of((slot,)) & said.keys():
            made[slot] = f"close {ahead if slot == PriceSlot.TRIGGER else behind} 0.2%"
    if not _SIZE_KEYS & said.keys():
        made["size"] = "10% of equity"
    if not _forms_of((PriceSlot.STOP_LOSS,)) & said.keys():
        made["stop_loss"] = f"close {behind} 3%"
    return made


def lacking(text: str) -> list[str]:
    """Return the words of the reference whose example a text of cards does not hold."""
    return [piece.name for piece in pieces() if not all(mark in text for mark in piece.marks)]


def _texts(value: Data) -> Iterator[str]:
    match value:
        case None:
            pass
        case dict():
            for key, part in value.items():
                if not (key == "id" and "cases" in value):  # blocks are counted anew
                    yield key
                    yield from _texts(part)
        case list() | tuple():
            for part in value:
                yield from _texts(part)
        case bool():
            yield str(value).lower()
        case str() | int() | float():
            yield json.dumps(value).strip('"')
