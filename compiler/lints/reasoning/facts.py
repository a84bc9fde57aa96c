"""What is always so: order and bounds of bar columns, indicator outputs and builtins.

A variable of the reasoner is a key: ("bar", name) · ("feature", index, output, back) ·
("account", name, ref) · ("node", index) · ("at", bars, key) for another one so many bars ago (-1: on
the next bar) · (key, factor) for a multiple of another one.
Facts hold whenever the values named in them are known; they come from the catalogue, and hold
between values of one bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from compiler.catalog.builtins import BUILTINS, tells
from compiler.catalog.lookup import SIGNATURES
from compiler.catalog.operations import OF_TIMES
from compiler.catalog.session import SESSION
from compiler.catalog.source_expressions import EXPRESSION
from compiler.catalog.types import UNSTATED, OutputFacts, Type
from compiler.graph.rule_graph import Node, Op, RuleGraph
from compiler.lints.reasoning.bounds import ZERO, Difference, Key, at_least, at_most
from compiler.lints.reasoning.signs import may_be_negative
from compiler.lints.reasoning.sums import Sums

# Columns whose order within a bar is fixed: low <= all of them <= high, and all are above zero.
_PRICES = frozenset({"open", "high", "low", "close", "hl2", "hlc3", "ohlc4"})
_BAR_GROUP: Key = ("bar",)
# A session's own prices by the column of a bar inside that they have in them.
SESSION_PRICES = {"high": "high", "low": "low", "close": "close"}
USUAL = 100.0  # what a number is taken to be where nothing is known of it


def key_of(nodes: Sequence[Node], index: int) -> Key:
    """Return the variable of a node that is read rather than calculated."""
    node = nodes[index]
    if node.op is Op.BAR:
        return ("bar", node.attr[0])
    if node.op is Op.FEATURE:
        return ("feature", *node.attr)
    if node.op is Op.ACCOUNT:
        return ("account", *node.attr)
    if node.op is Op.PREV:
        return ago(int(node.attr[0]), key_of(nodes, node.args[0]))
    return ("node", index)


def leaves(graph: RuleGraph, node: int) -> Iterator[int]:
    """Yield the values read below a node, in writing order."""
    seen: set[int] = set()
    stack = [node]
    while stack:
        index = stack.pop()
        if index in seen:
            continue
        seen.add(index)
        current = graph.nodes[index]
        if current.op is Op.PREV or (not current.args and current.op is not Op.CONST):
            yield index
        stack.extend(reversed(current.args))


def ago(bars: int, key: Key) -> Key:
    """Return the variable of another one `bars` exec bars ago."""
    assert isinstance(key, tuple)
    if key[0] == "at":
        bars, key = bars + int(str(key[1])), key[2]
    return ("at", bars, key) if bars else key


def when(key: Key) -> tuple[int, tuple[Key, ...]]:
    """Return (bars ago, the variable there)."""
    assert isinstance(key, tuple)
    if key[0] == "at":
        there = key[2]
        assert isinstance(there, tuple)
        return int(str(key[1])), there
    return 0, key


class _Whole:
    """The variables that are whole numbers, now and on any other bar."""

    def __init__(self, keys: frozenset[Key]) -> None:
        self._keys = keys

    def __contains__(self, key: object) -> bool:
        return (
            key != ZERO
            and isinstance(key, tuple)
            and (when(key)[1] in self._keys or key in self._keys)
        )


class Facts:
    """What is always so about the variables of one graph."""

    def __init__(self, graph: RuleGraph) -> None:
        self._graph = graph
        self._values = {
            when(key_of(graph.nodes, i))[1]: n.value
            for i, n in enumerate(graph.nodes)
            if n.op is not Op.CONST
        }
        self.integers = _Whole(
            frozenset(k for k, v in self._values.items() if v.type is Type.INT)
            | {("account", b.name, "") for b in BUILTINS.values() if b.value.type is Type.INT}
        )
        self.bools = frozenset(k for k, v in self._values.items() if v.type is Type.BOOL)
        self._outputs: dict[int, dict[str, OutputFacts]] = {}
        self._own: dict[Key, tuple[Difference, ...]] = {}
        self._orders: dict[tuple[Key, Key], bool | None] = {}
        self._groups: dict[int, frozenset[Key]] = {}
        self._sums = Sums(graph.nodes, self._leaf_may_be_negative, self._nodes_are_ordered)

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

    def usual(self, key: Key) -> float:
        """Return a value that a variable of which nothing else is known may have: of words the first."""
        value = self._values.get(when(key)[1])
        if value is not None and value.type in (Type.ENUM, Type.BOOL):
            return 0.0
        low, high = self._range(key)
        above = USUAL if low is None else max(USUAL, low)
        return above if high is None else min(above, high)

    def holds_this_bar(self, index: int) -> bool:
        """Return whether a value is the highest or lowest, or a session's price, of bars with the one at hand among them."""
        key = key_of(self._graph.nodes, index)
        bars, base = when(key)
        if bars or base[0] == "bar":
            return False
        if self._under(base) is not None or self._over(base) is not None:
            return True
        return is_price_of_session(self._graph, base)

    def groups(self, node: int) -> frozenset[Key]:
        """Return names of what a node reads; facts connect only nodes that share a name."""
        found = self._groups.get(node)
        if found is None:
            current = self._graph.nodes[node]
            found = frozenset().union(*(self.groups(a) for a in current.args))
            if current.op is not Op.CONST:
                found |= self._group(when(key_of(self._graph.nodes, node))[1])
            self._groups[node] = found
        return found

    def _group(self, key: Key) -> frozenset[Key]:
        assert isinstance(key, tuple)
        if key[0] == "bar":
            return frozenset({_BAR_GROUP})
        if key[0] == "feature":
            own: Key = key[:2]
            enclosing = self._under(key) or self._over(key) or is_price_of_session(self._graph, key)
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
        if self._is_positive(base):
            yield at_least(key, 0.0, strict=True) if factor > 0 else at_most(key, 0.0, strict=True)

    def _is_positive(self, base: Key) -> bool:
        """Return whether a variable is never below a column of its bar, or keeps what once was so."""
        return self._over(base) is not None or self._over(self._kept(base)) is not None

    def _range(self, base: Key) -> tuple[float | None, float | None]:
        base = when(base)[1]
        value = self._values.get(base)
        if value is None:
            return self._default_range(base)
        low = value.low
        if low is None and self._told(self._kept(base)).never_negative:
            low = 0.0
        return low, value.high

    def _kept(self, key: Key) -> Key:
        """Return what a memory's values are or lie between, as it was on some bar; else the variable itself."""
        base = when(key)[1]
        while base[0] == "node":
            node = self._graph.nodes[int(str(base[1]))]
            if node.op is not Op.LATCH and node.op not in OF_TIMES:
                break
            of = node.args[1] if node.op is Op.LATCH else node.args[0]
            base = when(key_of(self._graph.nodes, of))[1]
        return base

    def _told(self, base: Key) -> OutputFacts:
        """Return what the catalogue says of a feature's output."""
        assert isinstance(base, tuple)
        if base[0] != "feature":
            return UNSTATED
        return self.output(int(str(base[1])), str(base[2]))

    def output(self, feature: int, name: str) -> OutputFacts:
        """Return what is always so of an output of a feature."""
        if feature not in self._outputs:
            features = self._graph.features
            node = features[feature]
            specs = SIGNATURES[node.type].outputs_for(dict(node.params))
            is_signed = may_be_negative(node, features, self._is_signed)
            self._outputs[feature] = {
                spec.name: replace(spec.facts, never_negative=False) if is_signed else spec.facts
                for spec in specs
            }
        return self._outputs[feature][name]

    def _is_signed(self, feature: int, name: str) -> bool:
        """Return whether an output that another feature reads may be below zero."""
        node = self._graph.features[feature]
        if node.type == EXPRESSION.type:
            return may_be_negative(node, self._graph.features, self._is_signed)
        specs = SIGNATURES[node.type].outputs_for(dict(node.params))
        low = next(spec.value.low for spec in specs if spec.name == name)
        return not self.output(feature, name).never_negative and (low is None or low < 0)

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
        return first < second and self._is_positive(two)

    def _is_ordered(self, small: Key, large: Key) -> bool:
        (bars, one), (others, two) = when(small), when(large)
        if bars != others:
            return False
        if one[0] == two[0] == "feature" and one[3] == two[3]:
            # Of one bar as much as of another: where a window ends is asked of it as of the bar at hand.
            one, two = (*one[:3], 0), (*two[:3], 0)
        if "node" in (one[0], two[0]) and self._sums_are_ordered(one, two):
            return True
        if (
            self._remembered(two, Op.HIGH_SINCE) == one
            or self._remembered(one, Op.LOW_SINCE) == two
        ):
            return True
        above, below = self._under(one), self._over(two)
        if above is not None and below is not None and _is_bar_ordered(above, below):
            return True
        if one[0] == two[0] == "account":
            return tells(str(one[1])).never_above == str(two[1])
        if one[0] != "feature" or two[0] != "feature":
            return False
        same_bar = (one[1], one[3]) == (two[1], two[3])
        return same_bar and str(two[2]) in self._told(one).below

    def _sums_are_ordered(self, small: tuple[Key, ...], large: tuple[Key, ...]) -> bool:
        """Return whether what one is never above is never above what the other is never below."""
        nodes, sums = self._graph.nodes, self._sums
        ceilings: list[Key] = [small]
        floors: list[Key] = [large]
        if small[0] == "node":
            ceilings = [key_of(nodes, i) for i in sums.ceilings(int(str(small[1])))]
        if large[0] == "node":
            floors = [key_of(nodes, i) for i in sums.floors(int(str(large[1])))]
        return any(
            one == two or self._is_ordered(one, two)
            for one in ceilings
            for two in floors
            if (one, two) != (small, large)
        )

    def _nodes_are_ordered(self, small: int, large: int) -> bool:
        one, two = key_of(self._graph.nodes, small), key_of(self._graph.nodes, large)
        return one == two or self._is_ordered(one, two)

    def _leaf_may_be_negative(self, index: int) -> bool:
        key = key_of(self._graph.nodes, index)
        low = self._range(key)[0]
        return (low is None or low < 0) and self._over(key) is None

    def _remembered(self, key: Key, op: Op) -> Key | None:
        """Return what a `highest_since` or `lowest_since` is of: the bar at hand is among its bars."""
        assert isinstance(key, tuple)
        if key[0] != "node":
            return None
        node = self._graph.nodes[int(str(key[1]))]
        return key_of(self._graph.nodes, node.args[1]) if node.op is op else None

    def _under(self, key: Key) -> str | None:
        """Return the column of its bar that a variable is never above."""
        return self._enclosed(when(key)[1], "min")

    def _over(self, key: Key) -> str | None:
        """Return the column of its bar that a variable is never below."""
        return self._enclosed(when(key)[1], "max")

    def _enclosed(self, key: Key, mode: str) -> str | None:
        """Return the column that a window ending now encloses: highest(high) >= high."""
        assert isinstance(key, tuple)
        if key[0] == "bar":
            return str(key[1]) if key[1] in _PRICES else None
        if key[0] == "node":
            of = self._remembered(key, Op.HIGH_SINCE if mode == "max" else Op.LOW_SINCE)
            return None if of is None or when(of)[0] else self._enclosed(of, mode)
        reaches = self._told(key).reaches
        if reaches is None or reaches[0] != mode or key[3] != 0:
            return None
        graph = self._graph
        feature = graph.features[int(str(key[1]))]
        if feature.timeframe != graph.timeframe or feature.symbol not in graph.symbols[:1]:
            return None
        column = feature.source if reaches[1] == "source" else reaches[1]
        return column if column in _PRICES else None


def is_of_session(graph: RuleGraph, key: Key) -> bool:
    """Return whether a session tells a variable, of the bar at hand and on the bars that the rules are looked at on."""
    if not isinstance(key, tuple) or key[0] != "feature" or key[3] != 0:
        return False
    feature = graph.features[int(str(key[1]))]
    is_own = feature.timeframe == graph.timeframe and feature.symbol in graph.symbols[:1]
    return is_own and feature.type == SESSION.type


def is_price_of_session(graph: RuleGraph, key: Key) -> bool:
    """Return whether a variable is a session's price that has the bar at hand in it, while that is inside."""
    return is_of_session(graph, key) and isinstance(key, tuple) and str(key[2]) in SESSION_PRICES


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
