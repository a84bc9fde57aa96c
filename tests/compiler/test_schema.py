"""The JSON Schema itself: made from the catalogues, understood alike by every validator."""

from __future__ import annotations

import copy
import json
from dataclasses import fields
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from compiler.catalog.actions import ACTIONS
from compiler.findings.source import Source
from compiler.graph.rule_graph import AccountSettings, ExecutionSettings, PolicySettings
from compiler.parse.quick_look import is_right
from compiler.parse.schema_validator import schema_errors
from compiler.text.load import load, plain_data
from tests.compiler.seed_card import GALLERY, seed_source
from tools.schema.graph import rule_graph_schema_text
from tools.schema.make import card_schema_text

Json = Any
SCHEMAS = GALLERY.parents[1] / "schemas"


def seed_data() -> Json:
    node, _ = load(seed_source())
    assert node is not None
    return plain_data(node)


SEED = seed_data()
PLAIN = jsonschema.Draft202012Validator(schemas.load("idea_card"))
DRAFT_7 = jsonschema.Draft7Validator(schemas.draft7())


def test_the_schema_file_is_what_the_catalogues_make() -> None:
    assert schemas.schema_text("idea_card") == card_schema_text()
    assert schemas.schema_text("rule_graph") == rule_graph_schema_text()


@pytest.mark.parametrize(
    "name", sorted(path.name.split(".")[0] for path in SCHEMAS.glob("*.schema.json"))
)
def test_a_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas.load(name))


def test_draft_7_is_a_schema_and_takes_the_gallery() -> None:
    jsonschema.Draft7Validator.check_schema(schemas.draft7())
    for path in GALLERY.glob("*.yaml"):
        node, _ = load(Source(path.name, path.read_text(encoding="utf-8")))
        assert node is not None
        DRAFT_7.validate(plain_data(node))
    text = json.dumps(schemas.draft7())
    assert "$defs" not in text
    assert "dependentSchemas" not in text


def test_every_action_is_known_to_the_catalogue_and_the_schema() -> None:
    definitions = schemas.load("idea_card")["$defs"]
    assert set(definitions["action_object"]["properties"]["action"]["enum"]) == set(ACTIONS)


def test_the_money_sections_have_the_keys_of_the_settings() -> None:
    definitions = schemas.load("idea_card")["$defs"]

    def keys(name: str) -> set[str]:
        return set(definitions[name]["properties"])

    def names(settings: type) -> set[str]:
        return {field.name for field in fields(settings)}

    fees = {"taker_bps", "maker_bps"}
    assert keys("account") - {"fee_model"} | fees == names(AccountSettings)
    assert keys("position_policy") == names(PolicySettings)
    impact = {"impact_model", "impact_coefficient"}
    assert keys("execution") - {"impact"} | impact == names(ExecutionSettings)


def test_no_union_is_dispatched_by_one_of() -> None:
    assert '"oneOf"' not in schemas.schema_text("idea_card")


# ---------------------------------------------------------------- any validator agrees


def places(data: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(data, dict):
        for key, value in data.items():
            found += places(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            found += places(value, (*path, index))
    return found


PLACES = places(SEED)[1:]
VALUES: st.SearchStrategy[Json] = st.sampled_from(
    [None, True, 0, -1, 3, 0.5, "", "x", "=fast", "long", "close > 1", [], ["x"], {}, {"var": "x"},
     {"action": "entry_long"}, {"action": "cancel_order", "metadata": {}}, {"all": []}, {"x": 1},
     {"lhs": 1, "op": "between", "rhs": {"low": 1, "high": "a"}}, {"feature_id": "a"}, {"param": "p"},
     {"holds_for": {"bars": "2h", "expr": "a"}}, {"price": 1, "price_ref": {"feature_id": "a"}}]
)  # fmt: skip
KEYS = st.sampled_from(["lhs", "op", "all", "not", "price", "size", "size_usdt", "action", "zzz"])


@st.composite
def broken_cards(draw: st.DrawFn) -> Json:
    """The seed card with a few values replaced, keys deleted and keys added."""
    card = copy.deepcopy(SEED)
    for path in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=4)):
        holder = card
        try:
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
        if not isinstance(holder, dict | list):
            continue
        change = draw(st.sampled_from(["replace", "delete", "add"]))
        if change == "replace":
            holder[path[-1]] = draw(VALUES)
        elif change == "delete":
            del holder[path[-1]]
        elif isinstance(holder[path[-1]], dict):
            holder[path[-1]][draw(KEYS)] = draw(VALUES)
    return card


@given(broken_cards())
def test_the_prepared_validator_finds_what_the_plain_library_finds(card: Json) -> None:
    def complaints(errors: Any) -> list[tuple[str, str, str]]:
        return sorted((e.json_path, str(e.validator), e.message) for e in errors)

    assert complaints(schema_errors(card)) == complaints(PLAIN.iter_errors(card))
    assert is_right(card) is PLAIN.is_valid(card)


@given(broken_cards())
def test_draft_7_accepts_the_same_cards(card: Json) -> None:
    assert DRAFT_7.is_valid(card) == PLAIN.is_valid(card)
