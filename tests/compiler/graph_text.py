"""Reading the dump's node lines back, for before/after pairs of passes."""

from __future__ import annotations

from compiler.catalog.builtins import BUILTINS
from compiler.catalog.types import BOOL, NUMBER, Stage, Type, Unit, ValueType
from compiler.graph.builder import GraphBuilder
from compiler.graph.dump import dump_nodes
from compiler.graph.rule_graph import (
    AccountSettings,
    BlockNode,
    CaseNode,
    FeatureNode,
    Node,
    Op,
    RuleGraph,
    Settings,
)

FLAGS = ("fired", "on")  # features that are truth values; all others are numbers


def graph_of(nodes: tuple[Node, ...], *whens: int, features: int = 4) -> RuleGraph:
    """Return a graph around nodes: one block and case per condition."""
    blocks = tuple(BlockNode(f"b{i}", (CaseNode(when, ()),)) for i, when in enumerate(whens))
    table = tuple(
        FeatureNode(
            id=f"feature_{i}",
            kind="indicator",
            type=f"type_{i}",
            symbol="BTCUSDT",
            timeframe="15m",
            source="close",
            params=(("length", 10),),
            depends=(),
            outputs=("value",),
            warmup_bars=10,
        )
        for i in range(features)
    )
    return RuleGraph(
        card="test",
        card_version="3.1",
        symbols=("BTCUSDT",),
        timeframe="15m",
        higher_timeframes=(),
        params=(),
        features=table,
        nodes=nodes,
        blocks=blocks,
        invariants=(),
        settings=Settings(account=AccountSettings()),
    )


def read_nodes(text: str) -> RuleGraph:
    """Return the graph whose condition is the last line of `n0 = bar close` lines.

    Equal lines stay separate nodes, as in a graph that was not built by the compiler.
    """
    nodes: list[Node] = []
    for line in text.strip().splitlines():
        _, _, right = line.partition("=")
        op, *words = right.split("|")[0].split()
        nodes.append(_node(nodes, Op(op), words))
    return graph_of(tuple(nodes), len(nodes) - 1)


def _node(nodes: list[Node], op: Op, words: list[str]) -> Node:
    match op:
        case Op.CONST:
            if words[0] in ("true", "false"):
                value, kind = float(words[0] == "true"), BOOL
            else:
                value, kind = float(words[0]), NUMBER
            return Node(op, (), (value,), kind, Stage.CONSTANT, 0)
        case Op.BAR:
            return Node(op, (), (words[0],), BUILTINS[words[0]].value, Stage.MARKET, 1)
        case Op.ACCOUNT:
            return Node(op, (), (words[0], ""), BUILTINS[words[0]].value, Stage.ACCOUNT, 1)
        case Op.FEATURE:
            name, _, output = words[0].partition(".")
            back = int(words[1].strip("[]")) if len(words) > 1 else 0
            kind = BOOL if output in FLAGS else ValueType(Type.NUMBER, Unit.PRICE)
            return Node(op, (), (int(name[1:]), output, back), kind, Stage.MARKET, 10 + back)
        case _:
            args = tuple(int(word[1:]) for word in words if word.startswith("n"))
            attr = tuple(int(word) for word in words if not word.startswith("n"))
            builder = GraphBuilder()
            builder.nodes = list(nodes)
            return builder.nodes[builder.make(op, args, attr)]


def lines(graph: RuleGraph) -> str:
    """Return the node lines without types."""
    return "\n".join(line.split("|")[0].rstrip() for line in dump_nodes(graph).splitlines())


def read_pairs(text: str) -> list[tuple[str, str, str]]:
    """Return (claim, before, after) of a fixture file: `# claim`, lines, `->`, lines."""
    pairs = []
    for part in text.split("\n# ")[1:]:
        claim, _, body = part.partition("\n")
        before, _, after = body.partition("->")
        pairs.append((claim.strip(), before.strip(), after.strip()))
    return pairs
