"""Rule graphs as drawings: Mermaid for Markdown, DOT for Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.types import Stage
from compiler.graph.dump import node_label
from compiler.graph.roots import action_roots
from compiler.graph.rule_graph import ActionNode, Node, Op, RuleGraph

_SHAPES = {Stage.CONSTANT: "([", Stage.MARKET: "[", Stage.ACCOUNT: "[["}
_CLOSING = {"([": "])", "[": "]", "[[": "]]"}
_DOT_SHAPES = {Stage.CONSTANT: "plaintext", Stage.MARKET: "box", Stage.ACCOUNT: "box3d"}


def mermaid(graph: RuleGraph) -> str:
    """Return the graph as a Mermaid flow chart: features, nodes by stage, cases and actions."""
    lines = ["flowchart LR"]
    for index, feature in enumerate(graph.features):
        lines.append(f'  f{index}{{{{"{_escaped(feature.type)} {_escaped(feature.id)}"}}}}')
        lines += [f"  f{target} --> f{index}" for _, target in feature.depends]
    for index, node in enumerate(graph.nodes):
        opening = _SHAPES[node.stage]
        label = _escaped(node_label(node))
        lines.append(f'  n{index}{opening}"{label}"{_CLOSING[opening]}')
        lines += [f"  {source} --> n{index}" for source in _sources(node)]
    for name, label, reads in _cases(graph):
        lines.append(f'  {name}>"{_escaped(label)}"]')
        lines += [f"  n{read} -. {_escaped(role)} .-> {name}" for role, read in reads]
    return "\n".join(lines) + "\n"


def dot(graph: RuleGraph) -> str:
    """Return the graph in Graphviz's language."""
    lines = ["digraph card {", "  rankdir=LR;", '  node [fontname="monospace"];']
    for index, feature in enumerate(graph.features):
        label = _quoted(f"{feature.type} {feature.id} @{feature.timeframe}")
        lines.append(f"  f{index} [shape=hexagon, label={label}];")
        lines += [f"  f{target} -> f{index};" for _, target in feature.depends]
    for index, node in enumerate(graph.nodes):
        shape = _DOT_SHAPES[node.stage]
        lines.append(f"  n{index} [shape={shape}, label={_quoted(node_label(node))}];")
        lines += [f"  {source} -> n{index};" for source in _sources(node)]
    for name, label, reads in _cases(graph):
        lines.append(f"  {name} [shape=cds, label={_quoted(label)}];")
        lines += [f"  n{read} -> {name} [style=dashed, label={_quoted(r)}];" for r, read in reads]
    return "\n".join([*lines, "}"]) + "\n"


def _sources(node: Node) -> list[str]:
    if node.op is Op.FEATURE:
        return [f"f{node.attr[0]}"]
    return [f"n{arg}" for arg in node.args]


Drawn = tuple[str, str, list[tuple[str, int]]]


def _cases(graph: RuleGraph) -> Iterator[Drawn]:
    """Yield every case as (name, label, what it reads)."""
    for b, block in enumerate(graph.blocks):
        for c, case in enumerate(block.cases):
            reads = [("when", case.when), *_operands(case.emit)]
            yield f"b{b}c{c}", f"{block.id}: {_kinds(case.emit)}", reads
        if block.otherwise:
            label = f"{block.id} else: {_kinds(block.otherwise)}"
            yield f"b{b}else", label, _operands(block.otherwise)


def _kinds(actions: tuple[ActionNode, ...]) -> str:
    return ", ".join(action.kind for action in actions)


def _operands(actions: tuple[ActionNode, ...]) -> list[tuple[str, int]]:
    reads: list[tuple[str, int]] = []
    for action in actions:
        named = {node: str(slot) for slot, node in (*action.numbers, *action.prices)}
        if action.size is not None:
            named.setdefault(action.size.value, "size")
        for node in dict.fromkeys(action_roots(action)):
            reads.append((named.get(node, "on_fill"), node))
    return reads


def _escaped(text: str) -> str:
    """Mermaid reads quotes and angle brackets as its own."""
    for char, code in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(char, code)
    return text


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
