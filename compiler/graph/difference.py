"""The semantic difference of two cards: what changed in meaning, whatever changed in spelling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass

from compiler.graph.describe import describe
from compiler.graph.rule_graph import ActionNode, BlockNode, CaseNode, FeatureNode, RuleGraph


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `kind` is added | removed | changed, `where` a dotted place in the card."""

    kind: str
    where: str
    before: str | None = None
    after: str | None = None

    def __str__(self) -> str:
        match self.kind:
            case "added":
                return f"+ {self.where}" + (f": {self.after}" if self.after else "")
            case "removed":
                return f"- {self.where}" + (f": {self.before}" if self.before else "")
            case _:
                return f"~ {self.where}: {self.before} -> {self.after}"


def difference(one: RuleGraph, two: RuleGraph) -> list[Change]:
    """Return what differs between two compiled cards; empty when they mean the same.

    The card's name is not part of its meaning. Features and blocks are matched by id.
    """
    changes = [
        Change("changed", name, _plain(before), _plain(after))
        for name in ("symbols", "timeframe", "higher_timeframes")
        if (before := getattr(one, name)) != (after := getattr(two, name))
    ]
    changes += _settings(one.settings, two.settings, one, two, "")
    changes += _features(one.features, two.features, one, two)
    changes += _blocks(one, two)
    changes += _by_text("invariants", _invariants(one), _invariants(two))
    return changes


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_plain(v) for v in value) + "]"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def _settings(
    before: object, after: object, one: RuleGraph, two: RuleGraph, path: str
) -> Iterator[Change]:
    if is_dataclass(before) and is_dataclass(after) and type(before) is type(after):
        for item in fields(before):
            name = f"{path}.{item.name}" if path else item.name
            left, right = getattr(before, item.name), getattr(after, item.name)
            if item.name == "node":
                left = None if left is None else describe(one, left)
                right = None if right is None else describe(two, right)
            yield from _settings(left, right, one, two, name)
    elif before != after:
        yield Change("changed", path, _plain(before), _plain(after))


def _features(
    before: Sequence[FeatureNode], after: Sequence[FeatureNode], one: RuleGraph, two: RuleGraph
) -> Iterator[Change]:
    old, new = {f.id: f for f in before}, {f.id: f for f in after}
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield Change("removed", f"features.{name}", old[name].type)
        elif name not in old:
            yield Change("added", f"features.{name}", None, new[name].type)
        else:
            yield from _feature(old[name], new[name], one, two)


def _feature(
    before: FeatureNode, after: FeatureNode, one: RuleGraph, two: RuleGraph
) -> Iterator[Change]:
    where = f"features.{before.id}"
    for name in ("type", "symbol", "timeframe", "source"):
        left, right = getattr(before, name), getattr(after, name)
        if left != right:
            yield Change("changed", f"{where}.{name}", left, right)
    old, new = dict(before.params), dict(after.params)
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield Change(
                "changed", f"{where}.params.{key}", _plain(old.get(key)), _plain(new.get(key))
            )
    depends = [
        tuple((role, graph.features[i].id) for role, i in feature.depends)
        for feature, graph in ((before, one), (after, two))
    ]
    if depends[0] != depends[1]:
        yield Change("changed", f"{where}.depends_on", _plain(depends[0]), _plain(depends[1]))


def _blocks(one: RuleGraph, two: RuleGraph) -> Iterator[Change]:
    old, new = {b.id: b for b in one.blocks}, {b.id: b for b in two.blocks}
    for name in dict.fromkeys([*old, *new]):
        if name not in new:
            yield Change("removed", f"blocks.{name}")
        elif name not in old:
            yield Change("added", f"blocks.{name}")
        else:
            yield from _block(old[name], new[name], one, two)
    kept = [b.id for b in one.blocks if b.id in new]
    order = [b.id for b in two.blocks if b.id in old]
    if kept != order:
        yield Change("changed", "blocks order", ", ".join(kept), ", ".join(order))


def _block(before: BlockNode, after: BlockNode, one: RuleGraph, two: RuleGraph) -> Iterator[Change]:
    where = f"blocks.{before.id}"
    for index in range(max(len(before.cases), len(after.cases))):
        place = f"{where}.cases[{index}]"
        if index >= len(after.cases):
            yield Change("removed", place, describe(one, before.cases[index].when))
        elif index >= len(before.cases):
            yield Change("added", place, None, describe(two, after.cases[index].when))
        else:
            yield from _case(before.cases[index], after.cases[index], one, two, place)
    yield from _emit(before.otherwise, after.otherwise, one, two, f"{where}.else")


def _case(
    before: CaseNode, after: CaseNode, one: RuleGraph, two: RuleGraph, place: str
) -> Iterator[Change]:
    left, right = describe(one, before.when), describe(two, after.when)
    if left != right:
        yield Change("changed", f"{place}.when", left, right)
    yield from _emit(before.emit, after.emit, one, two, f"{place}.emit")


def _emit(
    before: Sequence[ActionNode],
    after: Sequence[ActionNode],
    one: RuleGraph,
    two: RuleGraph,
    place: str,
) -> Iterator[Change]:
    for index in range(max(len(before), len(after))):
        where = f"{place}[{index}]"
        if index >= len(after):
            yield Change("removed", where, before[index].kind)
        elif index >= len(before):
            yield Change("added", where, None, after[index].kind)
        else:
            old, new = _action(one, before[index]), _action(two, after[index])
            for key in dict.fromkeys([*old, *new]):
                if old.get(key) != new.get(key):
                    yield Change("changed", f"{where}.{key}", old.get(key, "-"), new.get(key, "-"))
            yield from _emit(
                before[index].on_fill, after[index].on_fill, one, two, f"{where}.on_fill"
            )


def _action(graph: RuleGraph, action: ActionNode) -> dict[str, str]:
    parts = {"action": action.kind}
    parts |= {slot: describe(graph, node) for slot, node in action.prices}
    if action.size is not None:
        parts["size"] = f"{action.size.kind} {describe(graph, action.size.value)}"
    parts |= {name: describe(graph, node) for name, node in action.numbers}
    parts |= {name: _plain(value) for name, value in action.options}
    return parts


def _invariants(graph: RuleGraph) -> list[str]:
    return [
        " ".join(
            part
            for part in (
                item.name,
                "" if item.condition is None else describe(graph, item.condition),
                "" if item.argument is None else _plain(item.argument),
            )
            if part
        )
        for item in graph.invariants
    ]


def _by_text(where: str, before: list[str], after: list[str]) -> Iterator[Change]:
    for text in before:
        if text not in after:
            yield Change("removed", where, text)
    for text in after:
        if text not in before:
            yield Change("added", where, None, text)
