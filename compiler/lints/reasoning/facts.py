"""What is always so: order and bounds of bar columns, indicator outputs and builtins.

A variable of the reasoner is a key: ("bar", name) · ("feature", index, output, back) ·
("account", name, ref) · ("node", index) · (key, factor) for a multiple of another one.
Facts hold whenever the values named in them are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from compiler.catalog.builtins import BUILTINS
from compiler.catalog.types import Type, Unit
from compiler.graph.rule_graph import FeatureNode, Node, Op, RuleGraph
from compiler.lints.reasoning.bounds import ZERO, Difference, Key, at_least

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
# Columns whose order within a bar is fixed: low <= all of them <= high, and all are above zero.
_PRICES = frozenset({"open", "high", "low", "close", "hl2", "hlc3", "ohlc4"})
# Outputs that enclose this bar's column, because their window ends with this bar.
_HIGHEST = {("highest", "value"), ("donchian", "upper")}
_LOWEST = {("lowest", "value"), ("donchian", "lower")}
# Feature types some of whose outputs are prices or source units and yet may be below zero.
_SIGNED = frozenset(
    {
        "bbands", "dema", "fibonacci", "hma", "kc", "linreg", "macd", "mom", "squeeze", "supertrend",
        "tema", "zlma", "zone",
    }
)  # fmt: skip
_BAR_GROUP: Key = ("bar",)


def key_of(index: int, node: Node) -> Key:
    """Return the variable of a node that is read rather than calculated."""
    if node.op is Op.BAR:
        return ("bar", node.attr[0])
    if node.op is Op.FEATURE:
        return ("feature", *node.attr)
    if node.op is Op.ACCOUNT:
        return ("account", *node.attr)
    return ("node", index)


def _reaches_beyond(feature: FeatureNode) -> bool:
    """Return whether zones of a swing may lie outside it, and so below zero."""
    params = dict(feature.params)
    levels = params.get("levels", ())
    beyond = isinstance(levels, tuple) and any(not 0 <= float(x) <= 1 for x in levels)
    return feature.type == "derived_zone" and (params.get("mode") == "extension" or beyond)


class Facts:
    """What is always so about the variables of one graph."""

    def __init__(self, graph: RuleGraph) -> None:
        self._graph = graph
        self._values = {
            key_of(i, n): n.value for i, n in enumerate(graph.nodes) if n.op is not Op.CONST
        }
        self.integers = frozenset(k for k, v in self._values.items() if v.type is Type.INT) | {
            ("account", b.name, "") for b in BUILTINS.values() if b.value.type is Type.INT
        }
        self._own: dict[Key, tuple[Difference, ...]] = {}
        self._orders: dict[tuple[Key, Key], bool | None] = {}
        self._groups: dict[int, frozenset[Key]] = {}

    def of(self, key: Key, others: Iterable[Key]) -> Iterator[Difference]:
        """Yield what is always so about a variable, alone and together with others."""
        if key not in self._own:
            self._own[key] = tuple(self._bounds(key))
        yield from self._own[key]
        for other in others:
            for small, large in ((key, other), (other, key)):
                order = self._order(small, large)
                if order is not None:
                    yield Difference(small, large, 0.0, strict=order)

    def groups(self, node: int) -> frozenset[Key]:
        """Return names of what a node reads; facts connect only nodes that share a name."""
        found = self._groups.get(node)
        if found is None:
            current = self._graph.nodes[node]
            found = frozenset().union(*(self.groups(a) for a in current.args))
            if current.op is not Op.CONST:
                found |= self._group(key_of(node, current))
            self._groups[node] = found
        return found

    def _group(self, key: Key) -> frozenset[Key]:
        assert isinstance(key, tuple)
        if key[0] == "bar":
            return frozenset({_BAR_GROUP})
        if key[0] == "feature":
            own: Key = key[:2]
            enclosing = self._under(key) or self._over(key)
            return frozenset({own, _BAR_GROUP} if enclosing else {own})
        return frozenset({key})

    # ------------------------------------------------------------ one variable

    def _bounds(self, key: Key) -> Iterator[Difference]:
        assert isinstance(key, tuple)
        if isinstance(key[0], tuple):
            yield from self._scaled_bounds(key[0], float(key[1]), key)
            return
        yield from self._scaled_bounds(key, 1.0, key)

    def _scaled_bounds(self, base: Key, factor: float, key: Key) -> Iterator[Difference]:
        low, high = self._range(base)
        if factor < 0:
            low, high = high, low
        if low is not None:
            yield Difference(ZERO, key, -low * factor)
        if high is not None:
            yield Difference(key, ZERO, high * factor)
        if factor > 0 and self._over(base) is not None:
            yield at_least(key, 0.0, strict=True)

    def _range(self, base: Key) -> tuple[float | None, float | None]:
        value = self._values.get(base)
        if value is None:
            return self._default_range(base)
        return (0.0 if value.low is None and self._is_price(base) else value.low), value.high

    def _is_price(self, base: Key) -> bool:
        """Return whether a feature's output is a price level (calculated nodes may be below 0)."""
        assert isinstance(base, tuple)
        if base[0] != "feature" or self._values[base].unit is not Unit.PRICE:
            return False
        feature = self._graph.features[int(base[1])]
        return feature.type not in _SIGNED and not _reaches_beyond(feature)

    def _default_range(self, base: Key) -> tuple[float | None, float | None]:
        """Return the bounds of a variable that an assumption names and the card does not."""
        assert isinstance(base, tuple)
        if base[0] in ("bar", "account"):
            builtin = BUILTINS.get(str(base[1]))
            if builtin is not None:
                return builtin.value.low, builtin.value.high
        return None, None

    # ------------------------------------------------------------ two variables

    def _order(self, small: Key, large: Key) -> bool | None:
        """Return whether small < large (True) or <= (False) always holds, None if neither."""
        pair = (small, large)
        if pair not in self._orders:
            (one, first), (two, second) = _scaled(small), _scaled(large)
            self._orders[pair] = self._scaled_order(one, first, two, second)
        return self._orders[pair]

    def _scaled_order(self, one: Key, first: float, two: Key, second: float) -> bool | None:
        """Compare first * one with second * two: a larger multiple of what is not below zero."""
        if first > second or not (one == two or self._is_ordered(one, two)):
            return None
        if first == second == 1.0:
            return False
        low = self._range(two)[0]
        if low is None or low < 0 or (one != two and first <= 0):
            return None
        return first < second and self._over(two) is not None

    def _is_ordered(self, small: Key, large: Key) -> bool:
        above, below = self._under(small), self._over(large)
        if above is not None and below is not None and _is_bar_ordered(above, below):
            return True
        return self._is_ordered_output(small, large)

    def _is_ordered_output(self, small: Key, large: Key) -> bool:
        assert isinstance(small, tuple)
        assert isinstance(large, tuple)
        if small[0] != "feature" or large[0] != "feature":
            return False
        (_, feature, one, back), (_, other, two, other_back) = small, large
        if (feature, back) != (other, other_back):
            return False
        kind = self._graph.features[int(feature)].type
        if kind == "derived_zone" and str(one).startswith("zone"):
            return bool(one == str(two).replace("_upper", "_lower") != two)
        order = ORDERED_OUTPUTS.get(kind, ())
        return (one, two) in order or any(
            (one, middle) in order and (middle, two) in order for middle in dict.fromkeys(
                large for _, large in order)
        )  # fmt: skip

    def _under(self, key: Key) -> str | None:
        """Return the column of this bar that a variable is never above."""
        return self._enclosed(key, _LOWEST, "min")

    def _over(self, key: Key) -> str | None:
        """Return the column of this bar that a variable is never below."""
        return self._enclosed(key, _HIGHEST, "max")

    def _enclosed(self, key: Key, outputs: set[tuple[str, str]], mode: str) -> str | None:
        """Return the column that a window ending now encloses: highest(high) >= high."""
        assert isinstance(key, tuple)
        if key[0] == "bar":
            return str(key[1]) if key[1] in _PRICES else None
        if key[0] != "feature" or key[3] != 0:
            return None
        graph = self._graph
        feature = graph.features[int(key[1])]
        if feature.timeframe != graph.timeframe or feature.symbol not in graph.symbols[:1]:
            return None
        params = dict(feature.params)
        if feature.type == "rolling_window":
            column = str(params.get("field", params.get("source", "")))
            return column if params.get("mode") == mode and column in _PRICES else None
        if (feature.type, str(key[2])) not in outputs:
            return None
        column = feature.source
        if feature.type == "donchian":
            column = "high" if mode == "max" else "low"
        return column if column in _PRICES else None


def _is_bar_ordered(small: str, large: str) -> bool:
    return small == large or small == "low" or large == "high"


def _scaled(key: Key) -> tuple[Key, float]:
    """Return (base, factor) of a variable."""
    assert isinstance(key, tuple)
    base, factor = (key[0], key[1]) if isinstance(key[0], tuple) else (key, 1.0)
    assert isinstance(factor, float)
    return base, factor


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
