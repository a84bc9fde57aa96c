"""Rule graphs as JSON and back, and the content hash that names a compiled card.

INVARIANT: `graph_from_json(graph_to_json(g))` is `g`, places included; the hash is over the meaning
alone (no places), in one canonical spelling, so it is the same on every machine.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from enum import StrEnum
from typing import Any, TypeVar, get_type_hints

from compiler.catalog.orders import OptionName, PriceSlot, SizeKind
from compiler.catalog.types import EntryKind, Stage, Type, Unit, ValueType
from compiler.findings.errors import IdeaCardError
from compiler.findings.source import Span
from compiler.graph.dump import dump_program, dump_text
from compiler.graph.rule_graph import (
    NO_LIMITS,
    AccountSettings,
    ActionNode,
    BlockNode,
    CaseNode,
    ExecutionSettings,
    FeatureNode,
    InvariantNode,
    LimitSettings,
    Node,
    Op,
    PolicySettings,
    RiskSettings,
    RuleGraph,
    Settings,
    SizeNode,
    SizingRule,
    StopRule,
    TargetRule,
)

__all__ = [
    "FORMAT",
    "VERSION",
    "BadGraph",
    "dump_program",
    "dump_text",
    "graph_from_json",
    "graph_hash",
    "graph_to_json",
]

FORMAT = "ideacard.rule_graph"
VERSION = 1
Json = dict[str, Any]
T = TypeVar("T")


class BadGraph(IdeaCardError):
    """The JSON is not a rule graph of a version we read."""


def graph_to_json(graph: RuleGraph, *, places: bool = True) -> Json:
    """Return a graph as plain JSON values (`schemas/rule_graph.schema.json`)."""
    data: Json = {
        "format": FORMAT,
        "version": VERSION,
        "card": graph.card,
        "card_version": graph.card_version,
        "symbols": list(graph.symbols),
        "timeframe": graph.timeframe,
        "higher_timeframes": list(graph.higher_timeframes),
        "params": [[name, value] for name, value in graph.params],
        "features": [_feature(feature) for feature in graph.features],
        "nodes": [_node(node) for node in graph.nodes],
        "blocks": [_block(block) for block in graph.blocks],
        "invariants": [dataclasses.asdict(invariant) for invariant in graph.invariants],
        "settings": _settings(graph.settings),
    }
    if places and graph.origins:
        data["places"] = {
            "nodes": _spans(graph.origins),
            "features": _spans(graph.feature_origins),
            "cases": [[_spans(case) for case in block] for block in graph.case_origins],
            "promises": _spans(graph.promise_origins),
        }
    return data


def graph_hash(graph: RuleGraph) -> str:
    """Return the sha256 (hex) of a graph's meaning."""
    text = json.dumps(
        graph_to_json(graph, places=False),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
        allow_nan=False,
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def graph_from_json(data: Json) -> RuleGraph:
    """Read a graph back; `BadGraph` for anything that is not one of this version."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BadGraph(f"not a rule graph: `format` is not `{FORMAT}`")
    if data.get("version") != VERSION:
        raise BadGraph(f"rule graph version {data.get('version')}, this reads {VERSION}")
    try:
        return _read_graph(data)
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        raise BadGraph(f"damaged rule graph: {error}") from error


# ---------------------------------------------------------------- writing


def _feature(feature: FeatureNode) -> Json:
    zone = {"tz": feature.tz} if feature.tz else {}
    return {
        "id": feature.id,
        "kind": feature.kind,
        "type": feature.type,
        "symbol": feature.symbol,
        "timeframe": feature.timeframe,
        "source": feature.source,
        "params": [
            [name, list(value) if isinstance(value, tuple) else value]
            for name, value in feature.params
        ],
        "depends": [[role, index] for role, index in feature.depends],
        "outputs": list(feature.outputs),
        "warmup_bars": feature.warmup_bars,
        **zone,
    }


def _node(node: Node) -> Json:
    return {
        "op": node.op.value,
        "args": list(node.args),
        "attr": list(node.attr),
        "value": _value_type(node.value),
        "stage": node.stage.name.lower(),
        "lookback": node.lookback,
    }


def _value_type(value: ValueType) -> Json:
    data: Json = {"type": value.type.value, "unit": value.unit.value}
    if value.enum:
        data["enum"] = list(value.enum)
    if value.low is not None:
        data["low"] = value.low
    if value.high is not None:
        data["high"] = value.high
    return data


def _block(block: BlockNode) -> Json:
    return {
        "id": block.id,
        "cases": [
            {"when": case.when, "emit": [_action(action) for action in case.emit]}
            for case in block.cases
        ],
        "otherwise": [_action(action) for action in block.otherwise],
    }


def _action(action: ActionNode) -> Json:
    return {
        "kind": action.kind,
        "prices": [[slot, node] for slot, node in action.prices],
        "size": None if action.size is None else [action.size.kind, action.size.value],
        "numbers": [[name, node] for name, node in action.numbers],
        "options": [[name, value] for name, value in action.options],
        "on_fill": [_action(child) for child in action.on_fill],
    }


def _spans(spans: tuple[Span, ...]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


# ---------------------------------------------------------------- reading


def _read_graph(data: Json) -> RuleGraph:
    places = data.get("places")
    return RuleGraph(
        card=data["card"],
        card_version=data["card_version"],
        symbols=tuple(data["symbols"]),
        timeframe=data["timeframe"],
        higher_timeframes=tuple(data["higher_timeframes"]),
        params=tuple((name, float(value)) for name, value in data["params"]),
        features=tuple(_read_feature(feature) for feature in data["features"]),
        nodes=tuple(_read_node(node) for node in data["nodes"]),
        blocks=tuple(_read_block(block) for block in data["blocks"]),
        invariants=tuple(_section(InvariantNode, promise) for promise in data["invariants"]),
        settings=_read_settings(data["settings"]),
        origins=_read_spans(places["nodes"]) if places else (),
        feature_origins=_read_spans(places["features"]) if places else (),
        case_origins=tuple(tuple(_read_spans(case) for case in block) for block in places["cases"])
        if places
        else (),
        promise_origins=_read_spans(places.get("promises", [])) if places else (),
    )


def _read_feature(data: Json) -> FeatureNode:
    return FeatureNode(
        id=data["id"],
        kind=EntryKind(data["kind"]),
        type=data["type"],
        symbol=data["symbol"],
        timeframe=data["timeframe"],
        source=data["source"],
        params=tuple(
            (name, tuple(value) if isinstance(value, list) else value)
            for name, value in data["params"]
        ),
        depends=tuple((role, index) for role, index in data["depends"]),
        outputs=tuple(data["outputs"]),
        warmup_bars=data["warmup_bars"],
        tz=data.get("tz", ""),
    )


def _read_node(data: Json) -> Node:
    value = data["value"]
    return Node(
        op=Op(data["op"]),
        args=tuple(data["args"]),
        attr=tuple(data["attr"]),
        value=ValueType(
            Type(value["type"]),
            Unit(value["unit"]),
            enum=tuple(value.get("enum", ())),
            low=value.get("low"),
            high=value.get("high"),
        ),
        stage=Stage[data["stage"].upper()],
        lookback=data["lookback"],
    )


def _read_block(data: Json) -> BlockNode:
    return BlockNode(
        id=data["id"],
        cases=tuple(
            CaseNode(case["when"], tuple(_read_action(action) for action in case["emit"]))
            for case in data["cases"]
        ),
        otherwise=tuple(_read_action(action) for action in data["otherwise"]),
    )


def _read_action(data: Json) -> ActionNode:
    size = data["size"]
    return ActionNode(
        kind=data["kind"],
        prices=tuple((PriceSlot(slot), node) for slot, node in data["prices"]),
        size=None if size is None else SizeNode(SizeKind(size[0]), size[1]),
        numbers=tuple((OptionName(name), node) for name, node in data["numbers"]),
        options=tuple((OptionName(name), value) for name, value in data["options"]),
        on_fill=tuple(_read_action(child) for child in data["on_fill"]),
    )


def _settings(settings: Settings) -> Json:
    """Return the settings; limits are left out where there are none, as before there were any, newer ones each."""
    data: Json = dataclasses.asdict(settings)
    if settings.limits == NO_LIMITS:
        del data["limits"]
    elif settings.limits.max_losses_per_day is None:
        del data["limits"]["max_losses_per_day"]
    return data


def _read_settings(data: Json) -> Settings:
    risk = data["risk"]
    stop, target, sizing = risk["stop_loss"], risk["take_profit"], risk["sizing"]
    return Settings(
        account=_section(AccountSettings, data["account"]),
        policy=_section(PolicySettings, data["policy"]),
        risk=RiskSettings(
            stop_loss=None if stop is None else _section(StopRule, stop),
            take_profit=None if target is None else _section(TargetRule, target),
            sizing=None if sizing is None else _section(SizingRule, sizing),
        ),
        execution=_section(ExecutionSettings, data["execution"]),
        limits=_section(LimitSettings, data.get("limits", {})),
    )


def _section(kind: type[T], data: Json) -> T:
    """Return a section of the settings, its closed words made words again."""
    hints = get_type_hints(kind)
    return kind(**{name: _word(hints[name], value) for name, value in data.items()})


def _word(hint: object, value: Any) -> Any:
    return hint(value) if isinstance(hint, type) and issubclass(hint, StrEnum) else value


def _read_spans(data: list[list[int]]) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in data)
