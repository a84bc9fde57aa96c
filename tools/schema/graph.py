"""The closed words of `schemas/rule_graph.schema.json`, put in from where they are defined.

The shape of the file is written by hand, for it is the contract of the graph's JSON; the words are not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from compiler.catalog.actions import ACTIONS
from compiler.catalog.operations import Op
from compiler.catalog.orders import SizeKind
from compiler.catalog.promises import Promise
from compiler.catalog.settings import SPECS, SettingKind, SizingModel, TargetType
from compiler.catalog.timeframes import TIMEFRAMES
from compiler.catalog.types import EntryKind, Stage, Type, Unit

PATH = Path(__file__).resolve().parents[2] / "schemas" / "rule_graph.schema.json"
_SECTIONS = {
    "account": "account",
    "position_policy": "policy",
    "execution": "execution",
    "limits": "limits",
}


def _words() -> dict[str, list[str]]:
    """Return the words by the place of their `enum`; a stop's types are among those of a target."""
    settings = {
        f"$defs/settings/properties/{_SECTIONS[section]}/properties/{spec.field}": [*spec.choices]
        for spec in SPECS.values()
        if spec.kind is SettingKind.CHOICE and (section := spec.path.partition(".")[0]) in _SECTIONS
    }
    sizing = "$defs/settings/properties/risk/properties/sizing/anyOf/1/properties/model"
    return {
        **settings,
        sizing: [word.value for word in SizingModel],
        "$defs/rule/properties/type": [word.value for word in TargetType],
        "$defs/timeframe": [*TIMEFRAMES],
        "$defs/feature/properties/kind": [word.value for word in EntryKind],
        "$defs/value/properties/type": [word.value for word in Type],
        "$defs/value/properties/unit": [u.value for u in Unit if u is not Unit.SOURCE],
        "$defs/node/properties/op": [word.value for word in Op],
        "$defs/node/properties/stage": [stage.name.lower() for stage in Stage],
        "$defs/action/properties/kind": [*ACTIONS],
        "$defs/action/properties/size/oneOf/1/prefixItems/0": [word.value for word in SizeKind],
        "$defs/invariant/properties/name": [word.value for word in Promise],
    }


def rule_graph_schema() -> dict[str, Any]:
    """Return the schema with the words that exist."""
    schema: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    for path, words in _words().items():
        place: Any = schema
        for step in path.split("/"):
            place = place[int(step) if isinstance(place, list) else step]
        place.pop("type", None)
        place["enum"] = words
    return schema


def rule_graph_schema_text() -> str:
    return json.dumps(rule_graph_schema(), indent=2, ensure_ascii=False) + "\n"
