"""Rule graphs and programs as text to read, to compare and to review: one node per line, nothing left out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

from compiler.catalog.operations import LEAVES
from compiler.catalog.types import Type, Unit, ValueType
from compiler.graph.program import Code, Instruction, Program
from compiler.graph.rule_graph import (
    ActionNode,
    FeatureNode,
    InvariantNode,
    Node,
    Op,
    RuleGraph,
    Settings,
)


def dump_text(graph: RuleGraph) -> str:
    """Return the whole graph as text; settings that are not the default are shown."""
    return "\n".join(_lines(graph)) + "\n"


def dump_nodes(graph: RuleGraph) -> str:
    """Return only the nodes."""
    return "".join(f"{line}\n" for line in _node_lines(graph))


def dump_program(program: Program) -> str:
    """Return a program as text: what it reads, what it remembers, and its code."""
    return "\n".join(_program_lines(program)) + "\n"


def _program_lines(program: Program) -> Iterator[str]:
    yield f"program {program.graph.card} {program.graph_hash[:16]} warmup {program.warmup_bars}"
    yield "columns"
    for index, node in enumerate(program.columns):
        yield f"  c{index} = n{node}  | {_node(program.graph.nodes[node])}"
    yield "accounts"
    for index, (name, ref) in enumerate(program.accounts):
        yield f"  a{index} = {name}" + (f" {_quoted(ref)}" if ref else "")
    if program.memos:
        yield "memos"
        for index, memo in enumerate(program.memos):
            numbers = " ".join(str(n) for n in (memo.bars, memo.min_true) if n)
            yield (
                f"  m{index} = n{memo.node} {memo.kind} {numbers}".rstrip()
                + f": {', '.join(_code(code) for code in memo.codes)}"
            )
    yield "code"
    for node, code in program.code.items():
        yield f"  n{node}: {_code(code)}"


def _code(code: Code) -> str:
    return " ".join(_step(step) for step in code)


def _step(step: Instruction) -> str:
    match step.op:
        case "const":
            return _number(float(step.arg))
        case "column" | "account" | "memo":
            return f"{step.op[0]}{int(step.arg)}"
        case "jump_if_false" | "jump_if_true":
            return f"{step.op.removeprefix('jump_')}:skip_{int(step.arg)}"
        case _:
            return step.op


def _lines(graph: RuleGraph) -> Iterator[str]:
    higher = f" htf {' '.join(graph.higher_timeframes)}" if graph.higher_timeframes else ""
    symbols = " ".join(graph.symbols)
    yield f"card {graph.card} ({graph.card_version}) {symbols} tf {graph.timeframe}{higher}"
    if graph.params:
        yield "params " + " ".join(f"{name}={_number(value)}" for name, value in graph.params)
    if graph.features:
        yield "features"
        for index, feature in enumerate(graph.features):
            yield f"  f{index} = {_feature(feature)}"
    yield "nodes"
    for line in _node_lines(graph):
        yield f"  {line}"
    yield "blocks"
    for block in graph.blocks:
        yield f"  {block.id}"
        for case in block.cases:
            yield f"    when n{case.when}"
            for action in case.emit:
                yield from _action(action, "      ")
        if block.otherwise:
            yield "    else"
            for action in block.otherwise:
                yield from _action(action, "      ")
    if graph.invariants:
        yield "invariants"
        for invariant in graph.invariants:
            yield f"  {_invariant(invariant)}"
    settings = list(_settings(graph.settings))
    if settings:
        yield "settings"
        for line in settings:
            yield f"  {line}"


def _node_lines(graph: RuleGraph) -> Iterator[str]:
    written = [f"n{index} = {_node(node)}" for index, node in enumerate(graph.nodes)]
    width = min(max((len(text) for text in written), default=0), 48)
    for text, node in zip(written, graph.nodes, strict=True):
        kind = f"{_type(node.value)}, {node.stage.name.lower()}, {node.lookback}"
        yield f"{text:<{width}}  | {kind}"


def _node(node: Node) -> str:
    match node.op:
        case Op.CONST:
            return f"const {_constant(node)}"
        case Op.FEATURE:
            index, output, bars = node.attr
            back = f" [{bars}]" if bars else ""
            return f"feature f{index}.{output}{back}"
        case Op.BAR:
            return f"bar {node.attr[0]}"
        case Op.ACCOUNT:
            name, ref = node.attr
            return f"account {name}" + (f" {_quoted(str(ref))}" if ref else "")
        case _:
            words = [f"n{arg}" for arg in node.args] + [f"{attr}" for attr in node.attr]
            return " ".join((node.op.value, *words))


def node_label(node: Node) -> str:
    """Return an operation without its arguments, for drawings."""
    if node.op in LEAVES:
        return _node(node)
    return " ".join((node.op.value, *(str(attr) for attr in node.attr)))


def _constant(node: Node) -> str:
    value = node.attr[0]
    assert isinstance(value, float)
    if node.value.type is Type.BOOL:
        return "true" if value else "false"
    if node.value.type is Type.ENUM:
        return node.value.enum[int(value)]
    return _number(value)


def _number(value: float) -> str:
    """Shortest text that reads back as the same float; whole numbers without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _type(value: ValueType) -> str:
    match value.type:
        case Type.BOOL:
            return "bool"
        case Type.ENUM:
            return "enum{" + " ".join(value.enum) + "}"
        case _:
            return value.type.value if value.unit is Unit.PLAIN else f"{value.type} {value.unit}"


def _feature(feature: FeatureNode) -> str:
    words = [feature.type, feature.id, feature.symbol, feature.timeframe]
    if feature.source:
        words.append(f"source={feature.source}")
    for name, value in feature.params:
        text = ",".join(_number(v) for v in value) if isinstance(value, tuple) else _plain(value)
        words.append(f"{name}={text}")
    words += [f"{role}=f{target}" for role, target in feature.depends]
    return " ".join(words) + f"  | warmup {feature.warmup_bars}"


def _plain(value: float | str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else _number(float(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _action(action: ActionNode, indent: str) -> Iterator[str]:
    words = [action.kind]
    words += [f"{slot}=n{node}" for slot, node in action.prices]
    if action.size is not None:
        words.append(f"{action.size.kind}=n{action.size.value}")
    words += [f"{name}=n{node}" for name, node in action.numbers]
    for name, value in action.options:
        words.append(f"{name}={_plain(value) if isinstance(value, bool) else _quoted(value)}")
    yield indent + " ".join(words)
    if action.on_fill:
        yield f"{indent}  on_fill"
        for child in action.on_fill:
            yield from _action(child, indent + "    ")


def _invariant(invariant: InvariantNode) -> str:
    words: list[str] = [invariant.name]
    if invariant.argument is not None:
        words.append(_number(invariant.argument))
    if invariant.condition is not None:
        words.append(f"n{invariant.condition}")
    return " ".join(words)


def _settings(settings: Settings) -> Iterator[str]:
    for section in ("account", "policy", "execution", "limits"):
        values = getattr(settings, section)
        changed = [
            f"{field.name}={_setting(getattr(values, field.name))}"
            for field in dataclasses.fields(values)
            if getattr(values, field.name) != field.default
        ]
        if changed:
            yield f"{section} " + " ".join(changed)
    for rule in ("stop_loss", "take_profit", "sizing"):
        values = getattr(settings.risk, rule)
        if values is not None:
            words = [
                f"{field.name}={_setting(getattr(values, field.name), is_node=field.name == 'node')}"
                for field in dataclasses.fields(values)
                if getattr(values, field.name) is not None
            ]
            yield f"risk.{rule} " + " ".join(words)


def _setting(value: float | str | bool | None, *, is_node: bool = False) -> str:
    if value is None:
        return "none"
    return f"n{value}" if is_node else _plain(value)
