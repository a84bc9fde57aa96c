"""The quick look says of every card what the validator says: right, or not."""

from __future__ import annotations

from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from compiler.findings.source import Source
from compiler.parse.quick_look import SILENT, UNDERSTOOD, Look
from compiler.parse.schema_validator import card_validator
from compiler.text.load import load, plain_data
from tests.compiler.seed_card import GALLERY
from tools.made_inputs.cards import text_of, valid_data
from tools.made_inputs.damage import damaged_card

CARD = schemas.load("idea_card")
LOOK = Look(CARD)
_HOLD_SCHEMAS = ("properties", "dependentSchemas", "$defs")


def keywords(schema: Any) -> set[str]:
    """Return every keyword of a schema and of the schemas inside it."""
    if isinstance(schema, list):
        return set().union(*map(keywords, schema))
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for key, part in schema.items():
        if key in _HOLD_SCHEMAS:
            found |= keywords(list(part.values()))
        elif key not in ("enum", "const", "required", "type"):
            found |= keywords(part)
    return found


def test_the_look_understands_every_keyword_of_the_schema() -> None:
    assert keywords(CARD) <= UNDERSTOOD | SILENT
    assert keywords(CARD) >= UNDERSTOOD


def agrees(text: str) -> bool | None:
    """Return whether a card is right by both, None where its text is no card at all."""
    node, _ = load(Source("card.yaml", text))
    if node is None:
        return None
    data = plain_data(node)
    is_right = LOOK.fits(data, CARD)
    assert is_right is card_validator().is_valid(data), text
    return is_right


def test_look_and_validator_agree_on_cards_right_and_wrong() -> None:
    right = [agrees(text_of(valid_data(Random(seed)), Random(seed))) for seed in range(60)]
    wrong = [agrees(damaged_card(Random(seed))) for seed in range(120)]
    texts = [path.read_text(encoding="utf-8") for path in GALLERY.parent.rglob("*.yaml")]
    seen = [*right, *wrong, *map(agrees, texts)]
    assert seen.count(True) > 80
    assert seen.count(False) > 50


SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text("ab1", max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["integer", "null"]},
        {"type": "number", "minimum": 0, "maximum": 2},
        {"exclusiveMinimum": 1},
        {"multipleOf": 2},
        {"enum": [1, "a", 0]},
        {"const": "b"},
        {"type": "string", "minLength": 2, "pattern": "^a"},
        {"type": "array", "minItems": 2, "items": {"type": "number"}},
        {"minProperties": 1, "propertyNames": {"pattern": "[ab]"}},
        {"properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "boolean"}},
        {"required": ["a"], "dependentSchemas": {"a": {"required": ["b"]}}},
        {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"type": "object"}},
        {"if": {"type": "string"}, "then": False},
        {"anyOf": [{"type": "string"}, {"minimum": 2}]},
        {"allOf": [{"minLength": 1}, {"not": {"const": "a"}}]},
    ],
    ids=str,
)
@given(VALUES)
def test_a_keyword_means_what_it_means(schema: Any, value: Any) -> None:
    expected = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert Look({}).fits(value, schema) is expected
