"""What is always so: order and bounds of bar columns, indicator outputs and builtins.

A variable of the reasoner is a key: ("bar", name) · ("feature", index, output, back) ·
("account", name, ref) · ("node", index) · (key, factor) for a multiple of another one.
Facts hold whenever the values named in them are known.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from compiler.catalog.builtins import BUILTINS
from compiler.catalog.types import Type, ValueType
from compiler.graph import FeatureNode, Node, Op, RuleGraph
from compiler.lints.bounds import Difference, Key, at_least, at_most

# Output pairs (smaller, larger) of one entry; both of the same instance and the same bar.
ORDERED_OUTPUTS: dict[str, tuple[tuple[str, str], ...]] = {
    "bbands": (("lower", "middle"), ("middle", "upper")),
    "kc": (("lower", "basis"), ("basis", "upper")),
    "donchian": (("lower", "middle"), ("middle", "upper")),
    "volume_profile": (("val", "poc"), ("poc", "vah")),
    "session_levels": (("day_low", "day_high"), ("prev_day_low", "prev_day_high")),
    "derived_zone": (("closest_active_lower", "closest_active_upper"),),
    "zone": (("lower", "upper"),),
    "fibonacci": (("anchor_low", "anchor_high"),),
}
_BAR_ORDER = (
    ("low", "open"), ("low", "close"), ("open", "high"), ("close", "high"),
    ("low", "hl2"), ("hl2", "high"), ("low", "hlc3"), ("hlc3", "high"),
    ("low", "ohlc4"), ("ohlc4", "high"),
)  # fmt: skip
# Entries whose value over a window that ends with this bar encloses this bar's column.
_HIGHEST = {("highest", "value"), ("donchian", "upper")}
_LOWEST = {("lowest", "value"), ("donchian", "lower")}
_POSITIVE = {"price", "qty"}


def key_of(index: int, node: Node) -> Key:
    """Return the variable of a node that is read rather than calculated."""
    if node.op is Op.BAR:
        return ("bar", node.attr[0])
    if node.op is Op.FEATURE:
        return ("feature", *node.attr)
    if node.op is Op.ACCOUNT:
        return ("account", *node.attr)
    return ("node", index)


def facts_about(graph: RuleGraph, keys: Iterable[Key]) -> Iterator[Difference]:
    """Yield what is always so about the given variables (and those they lead to)."""
    values = {key_of(i, n): n.value for i, n in enumerate(graph.nodes)}
    known = list(keys)
    bars: set[object] = set()
    for key in known:
        assert isinstance(key, tuple)
        if isinstance(key[0], tuple):
            continue
        if key in values:
            yield from _bounds(key, values[key])
        if key[0] == "bar":
            bars.add(key[1])
        elif key[0] == "feature":
            yield from _feature_facts(graph, key, bars)
    if bars:
        yield from _bar_facts()
    yield from _multiples(known, values)


def _bounds(key: Key, value: ValueType) -> Iterator[Difference]:
    if value.low is not None:
        yield at_least(key, value.low)
    if value.high is not None:
        yield at_most(key, value.high)


def _bar_facts() -> Iterator[Difference]:
    for small, large in _BAR_ORDER:
        yield Difference(("bar", small), ("bar", large), 0.0)
    yield at_least(("bar", "low"), 0.0, strict=True)


def _feature_facts(
    graph: RuleGraph, key: tuple[object, ...], bars: set[object]
) -> Iterator[Difference]:
    index, output, back = key[1:]
    assert isinstance(index, int)
    assert isinstance(output, str)
    feature = graph.features[index]
    pairs = [*ORDERED_OUTPUTS.get(feature.type, ()), *_zone_pairs(feature, output)]
    for small, large in pairs:
        if output in (small, large):
            yield Difference(("feature", index, small, back), ("feature", index, large, back), 0.0)
    if back == 0 and feature.timeframe == graph.timeframe and feature.symbol in graph.symbols[:1]:
        yield from _enclosing(feature, key, output, bars)


def _zone_pairs(feature: FeatureNode, output: str) -> list[tuple[str, str]]:
    if feature.type == "derived_zone" and output.startswith("zone"):
        slot = output.partition("_")[0]
        return [(f"{slot}_lower", f"{slot}_upper")]
    return []


def _enclosing(
    feature: FeatureNode, key: Key, output: str, bars: set[object]
) -> Iterator[Difference]:
    """Yield highest(high) >= high and the like: a window that ends now holds this bar too."""
    params = dict(feature.params)
    if feature.type == "rolling_window":
        column = str(params.get("field", params.get("source", "")))
        direction = str(params.get("mode", ""))
    else:
        column = feature.source
        direction = (
            "max" if (feature.type, output) in _HIGHEST
            else "min" if (feature.type, output) in _LOWEST else ""
        )  # fmt: skip
        if feature.type == "donchian":
            column = "high" if direction == "max" else "low"
    if column not in ("open", "high", "low", "close", "hl2", "hlc3", "ohlc4"):
        return
    bars.add(column)
    if direction == "max":
        yield Difference(("bar", column), key, 0.0)
    elif direction == "min":
        yield Difference(key, ("bar", column), 0.0)


def _is_positive(key: Key, values: dict[Key, ValueType]) -> bool:
    value = values.get(key)
    if value is None:
        return False
    return (value.low is not None and value.low >= 0) or value.unit in _POSITIVE


def _multiples(keys: list[Key], values: dict[Key, ValueType]) -> Iterator[Difference]:
    """Yield k1 * x <= k2 * x for x >= 0 and k1 <= k2, x itself included as factor one."""
    factors: dict[Key, set[float]] = {}
    for key in keys:
        assert isinstance(key, tuple)
        if isinstance(key[0], tuple):
            factors.setdefault(key[0], set()).add(float(key[1]))
    for base, found in factors.items():
        if not _is_positive(base, values):
            continue
        ordered = sorted({*found, 1.0})
        for small, large in itertools.pairwise(ordered):
            yield Difference(multiple(base, small), multiple(base, large), 0.0)
        for factor in found:
            if factor > 0:
                yield at_least(multiple(base, factor), 0.0)


def multiple(base: Key, factor: float) -> Key:
    return base if factor == 1.0 else (base, factor)


def is_always_known(node: Node) -> bool:
    """Return whether a leaf is known on every bar (after the first)."""
    if node.op is Op.CONST:
        return True
    if node.op in (Op.BAR, Op.ACCOUNT):
        builtin = BUILTINS.get(str(node.attr[0]))
        return builtin is not None and builtin.always_known
    return node.op is Op.KNOWN


def is_integer(value: ValueType) -> bool:
    return value.type is Type.INT
