"""The semantic difference of two cards: what changed in meaning, whatever changed in spelling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass

from compiler.graph.describe import describe
from compiler.graph.normal_form import NormalForms, feature_forms
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

    The names of card, features and blocks are not part of the meaning, nor is the order of what
    commutes. The other way round the same changes are found, mirrored.
    """
    changes = [
        Change("changed", name, _plain(before), _plain(after))
        for name in ("symbols", "timeframe", "higher_timeframes")
        if (before := getattr(one, name)) != (after := getattr(two, name))
    ]
    sides = _sides(one, two)
    changes += _settings(one.settings, two.settings, sides, "")
    changes += _features(sides)
    changes += _blocks(sides)
    changes += _by_form("invariants", *(_invariants(side) for side in sides))
    return changes


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two cards: `names` are those by which its features are compared."""

    graph: RuleGraph
    names: dict[int, str]
    forms: NormalForms

    def text(self, node: int) -> str:
        return describe(self.graph, node)


Sides = tuple[_Side, _Side]


def _sides(one: RuleGraph, two: RuleGraph) -> Sides:
    """Return both cards with common names for features that compute the same, or are called so."""
    graphs = (one, two)
    forms = [feature_forms(graph.features) for graph in graphs]
    same = set(forms[0]) & set(forms[1])
    names: list[dict[int, str]] = []
    for graph, own in zip(graphs, forms, strict=True):
        names.append(
            {
                index: own[index] if own[index] in same else f"id {feature.id}"
                for index, feature in enumerate(graph.features)
            }
        )
    left, right = (
        _Side(graph, own, NormalForms(graph, own)) for graph, own in zip(graphs, names, strict=True)
    )
    return left, right


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_plain(v) for v in value) + "]"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def _settings(before: object, after: object, sides: Sides, path: str) -> Iterator[Change]:
    if is_dataclass(before) and is_dataclass(after) and type(before) is type(after):
        for item in fields(before):
            name = f"{path}.{item.name}" if path else item.name
            left, right = getattr(before, item.name), getattr(after, item.name)
            if item.name == "node" and left is not None and right is not None:
                yield from _value(left, right, sides, name)
                continue
            if item.name == "node":
                left, right = (
                    None if node is None else side.text(node)
                    for node, side in zip((left, right), sides, strict=True)
                )
            yield from _settings(left, right, sides, name)
    elif before != after:
        yield Change("changed", path, _plain(before), _plain(after))


def _value(before: int, after: int, sides: Sides, where: str) -> Iterator[Change]:
    """Yield the change of an expression, if it is one."""
    one, two = sides
    if one.forms.of(before) != two.forms.of(after):
        yield Change("changed", where, one.text(before), two.text(after))


def _features(sides: Sides) -> Iterator[Change]:
    """Yield features that only one card has; those of one id and different meaning as changed."""
    one, two = sides
    shared = set(one.names.values()) & set(two.names.values())
    left, right = (
        {
            f.id: f
            for index, f in enumerate(side.graph.features)
            if side.names[index] not in shared or side.names[index] == f"id {f.id}"
        }
        for side in sides
    )
    for name in dict.fromkeys([*left, *right]):
        if name not in right:
            yield Change("removed", f"features.{name}", left[name].type)
        elif name not in left:
            yield Change("added", f"features.{name}", None, right[name].type)
        else:
            yield from _feature(left[name], right[name], sides)


def _feature(before: FeatureNode, after: FeatureNode, sides: Sides) -> Iterator[Change]:
    where = f"features.{before.id}"
    for name in ("type", "symbol", "timeframe", "source"):
        left, right = getattr(before, name), getattr(after, name)
        if left != right:
            yield Change("changed", f"{where}.{name}", left, right)
    old, new = dict(before.params), dict(after.params)
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            yield Change(
                "changed", f"{where}.params.{key}", _plain(old.get(key)), _plain(new.get(key))
            )
    reads = [
        tuple((role, side.names[index]) for role, index in feature.depends)
        for feature, side in zip((before, after), sides, strict=True)
    ]
    if reads[0] != reads[1]:
        shown = [
            tuple((role, side.graph.features[index].id) for role, index in feature.depends)
            for feature, side in zip((before, after), sides, strict=True)
        ]
        yield Change("changed", f"{where}.depends_on", _plain(shown[0]), _plain(shown[1]))


def _blocks(sides: Sides) -> Iterator[Change]:
    one, two = sides
    pairs = _paired(one, two)
    left, right = dict(pairs), {b: a for a, b in pairs}
    for index, block in enumerate(one.graph.blocks):
        if index not in left:
            yield Change("removed", f"blocks.{block.id}")
    for index, block in enumerate(two.graph.blocks):
        if index not in right:
            yield Change("added", f"blocks.{block.id}")
    for a, b in pairs:
        yield from _block(one.graph.blocks[a], two.graph.blocks[b], sides)
    order = [b for _, b in sorted(pairs)]
    if order != sorted(order):
        ids = [
            ", ".join(side.graph.blocks[i].id for i in places)
            for side, places in zip(sides, (sorted(left), sorted(right)), strict=True)
        ]
        yield Change("changed", "blocks order", *ids)


def _paired(one: _Side, two: _Side) -> list[tuple[int, int]]:
    """Return which blocks are compared: those of one id and meaning, of one meaning, of one id."""
    pairs: list[tuple[int, int]] = []
    left, right = list(range(len(one.graph.blocks))), list(range(len(two.graph.blocks)))
    forms = [[_block_form(side, block) for block in side.graph.blocks] for side in (one, two)]
    ids = [[block.id for block in side.graph.blocks] for side in (one, two)]
    both = [list(zip(*lists, strict=True)) for lists in zip(ids, forms, strict=True)]
    for keys in (both, forms, ids):
        for a in list(left):
            b = next((b for b in right if keys[0][a] == keys[1][b]), None)
            if b is not None:
                pairs.append((a, b))
                left.remove(a)
                right.remove(b)
    return pairs


def _block_form(side: _Side, block: BlockNode) -> str:
    cases = [(side.forms.of(case.when), _emit_form(side, case.emit)) for case in block.cases]
    return repr((cases, _emit_form(side, block.otherwise)))


def _emit_form(side: _Side, actions: Sequence[ActionNode]) -> list[object]:
    return [
        (
            sorted((key, form) for key, (form, _) in _action(side, action).items()),
            _emit_form(side, action.on_fill),
        )
        for action in actions
    ]


def _block(before: BlockNode, after: BlockNode, sides: Sides) -> Iterator[Change]:
    where = f"blocks.{before.id}"
    if before.id != after.id:
        return  # paired by what it means
    one, two = sides
    for index in range(max(len(before.cases), len(after.cases))):
        place = f"{where}.cases[{index}]"
        if index >= len(after.cases):
            yield Change("removed", place, one.text(before.cases[index].when))
        elif index >= len(before.cases):
            yield Change("added", place, None, two.text(after.cases[index].when))
        else:
            yield from _case(before.cases[index], after.cases[index], sides, place)
    yield from _emit(before.otherwise, after.otherwise, sides, f"{where}.else")


def _case(before: CaseNode, after: CaseNode, sides: Sides, place: str) -> Iterator[Change]:
    yield from _value(before.when, after.when, sides, f"{place}.when")
    yield from _emit(before.emit, after.emit, sides, f"{place}.emit")


def _emit(
    before: Sequence[ActionNode], after: Sequence[ActionNode], sides: Sides, place: str
) -> Iterator[Change]:
    one, two = sides
    for index in range(max(len(before), len(after))):
        where = f"{place}[{index}]"
        if index >= len(after):
            yield Change("removed", where, before[index].kind)
        elif index >= len(before):
            yield Change("added", where, None, after[index].kind)
        else:
            old, new = _action(one, before[index]), _action(two, after[index])
            for key in sorted({*old, *new}):
                (left, shown), (right, shows) = old.get(key, _ABSENT), new.get(key, _ABSENT)
                if left != right:
                    yield Change("changed", f"{where}.{key}", shown, shows)
            yield from _emit(before[index].on_fill, after[index].on_fill, sides, f"{where}.on_fill")


# What a key says, as compared and as shown.
_ABSENT = ("", "-")


def _action(side: _Side, action: ActionNode) -> dict[str, tuple[str, str]]:
    parts = {"action": (action.kind, action.kind)}
    nodes = [*action.prices, *action.numbers]
    parts |= {name: (side.forms.of(node), side.text(node)) for name, node in nodes}
    if action.size is not None:
        kind, node = action.size.kind, action.size.value
        parts["size"] = (f"{kind} {side.forms.of(node)}", f"{kind} {side.text(node)}")
    parts |= {name: (_plain(value), _plain(value)) for name, value in action.options}
    return parts


def _invariants(side: _Side) -> dict[str, str]:
    """Return the promises of a card: how they are compared, and as text."""
    found = {}
    for item in side.graph.invariants:
        argument = [] if item.argument is None else [_plain(item.argument)]
        node = item.condition
        form = [] if node is None else [side.forms.of(node)]
        text = [] if node is None else [side.text(node)]
        found[" ".join([item.name, *form, *argument])] = " ".join([item.name, *text, *argument])
    return found


def _by_form(where: str, before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for form, text in before.items():
        if form not in after:
            yield Change("removed", where, text)
    for form, text in after.items():
        if form not in before:
            yield Change("added", where, None, text)
