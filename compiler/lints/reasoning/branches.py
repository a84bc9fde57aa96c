"""Claims about graph nodes split into branches of literals.

A *claim* says that a node is true, false, unknown, or not true. A branch is one way to make it so: a
list of literals (bounds, value sets, known and unknown leaves) that must hold together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from compiler.catalog.limits import Limit
from compiler.catalog.operations import BINARY_NUMBERS, COMPARISONS, PARTIAL, UNARY_NUMBERS
from compiler.catalog.types import Type
from compiler.classes import dataclass
from compiler.graph.rule_graph import Node, Op, RuleGraph
from compiler.lints.reasoning.bounds import Difference, Key
from compiler.lints.reasoning.facts import is_always_known, key_of
from compiler.lints.reasoning.linear import Linear

BRANCH_BUDGET = 96
_NEGATED = {Op.GT: Op.LTE, Op.GTE: Op.LT, Op.LT: Op.GTE, Op.LTE: Op.GT, Op.EQ: Op.NE, Op.NE: Op.EQ}
_NUMBERS = UNARY_NUMBERS | BINARY_NUMBERS


class Truth(Enum):
    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    NOT_TRUE = "not true"


@dataclass(frozen=True, slots=True)
class Claim:
    node: int
    truth: Truth


@dataclass(frozen=True, slots=True)
class Relation:
    """Bounds on numbers; `node` is the comparison that claims them."""

    bounds: tuple[Difference, ...]
    node: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value of a bool or enum leaf is known and in `allowed`."""

    key: Key
    allowed: frozenset[float]
    node: int


@dataclass(frozen=True, slots=True)
class Known:
    key: Key
    is_known: bool
    node: int


Literal = Relation | OneOf | Known
Assumption = Difference | OneOf | Known
Branch = tuple[Literal, ...]


def limit_words(graph: RuleGraph) -> dict[Key, frozenset[float]]:
    """Return what the words about limits can be in a card: only limits that it sets are ever reached."""
    limits = graph.settings.limits
    given = [i for i, one in enumerate(Limit, 1) if getattr(limits, one.value) is not None]
    return {
        ("account", "limit_hit", ""): frozenset(map(float, (0, *given))),
        ("account", "entries_allowed", ""): frozenset({0.0, 1.0} if given else {1.0}),
    }


class TooMany(Exception):
    """The question needs more branches than the budget."""


class Branches:
    """The branches of claims about one graph, each claim split once."""

    def __init__(self, graph: RuleGraph, linear: Linear) -> None:
        self._nodes = graph.nodes
        self._linear = linear
        self._known_claims: dict[Claim, list[Branch] | None] = {}
        self._reached = limit_words(graph)

    def of(self, claim: Claim) -> list[Branch]:
        """Return the ways to make a claim so (none: it cannot be); raises TooMany."""
        if claim not in self._known_claims:
            try:
                self._known_claims[claim] = self._split(claim)
            except TooMany:
                self._known_claims[claim] = None
        found = self._known_claims[claim]
        if found is None:
            raise TooMany
        return found

    def _split(self, claim: Claim) -> list[Branch]:
        node = self._nodes[claim.node]
        match claim.truth:
            case Truth.NOT_TRUE:
                parts = [Claim(claim.node, t) for t in (Truth.FALSE, Truth.UNKNOWN)]
                if node.op is Op.AND:
                    parts = [Claim(a, Truth.NOT_TRUE) for a in node.args]
                elif node.op is Op.OR:
                    return product([self.of(Claim(a, Truth.NOT_TRUE)) for a in node.args])
                return self._sum(parts)
            case Truth.UNKNOWN:
                return self._unknown(claim.node, node)
            case _:
                return self._decided(claim.node, node, claim.truth is Truth.TRUE)

    def _decided(self, index: int, node: Node, wanted: bool) -> list[Branch]:
        truth = Truth.TRUE if wanted else Truth.FALSE
        if node.op is Op.NOT:
            return self.of(Claim(node.args[0], Truth.FALSE if wanted else Truth.TRUE))
        if node.op in (Op.AND, Op.OR):
            claims = [Claim(a, truth) for a in node.args]
            if (node.op is Op.AND) == wanted:
                return product([self.of(c) for c in claims])
            return self._sum(claims)
        if node.op is Op.CONST:
            return [()] if (node.attr[0] == 1.0) == wanted else []
        if node.op is Op.KNOWN:
            return self._known(node.args[0]) if wanted else self._missing(node.args[0])
        if node.op in COMPARISONS:
            return self._comparison(index, node, wanted)
        key = key_of(self._nodes, index)
        value = 1.0 if wanted else 0.0
        if value not in self._reached.get(key, {value}):
            return []
        literal = OneOf(key, frozenset({value}), index)
        # A window that holds is true on this bar too.
        if node.op is Op.HOLDS and wanted:
            return product([[(literal,)], self.of(Claim(node.args[0], Truth.TRUE))])
        return [(literal,)]

    def _comparison(self, index: int, node: Node, wanted: bool) -> list[Branch]:
        left, right = node.args
        op = node.op if wanted else _NEGATED[node.op]
        known = product([self._known(left), self._known(right)])
        chosen = self._token_set(left, right, op) or self._token_set(right, left, op)
        if chosen is not None:
            key, allowed = chosen
            return product([[(OneOf(key, allowed, index),)], known])
        # `!=` of numbers says that one of them is the smaller.
        ways = (Op.LT, Op.GT) if op is Op.NE else (op,)
        relations = [Relation(self._linear.relation(way, left, right), index) for way in ways]
        return product([[(relation,) for relation in relations], known])

    def _token_set(self, leaf: int, constant: int, op: Op) -> tuple[Key, frozenset[float]] | None:
        """Return (leaf, allowed values) for `==`/`!=` of a bool or enum leaf with a constant."""
        node, other = self._nodes[leaf], self._nodes[constant]
        if op not in (Op.EQ, Op.NE) or other.op is not Op.CONST:
            return None
        value = node.value
        if value.type is Type.BOOL:
            domain = frozenset({0.0, 1.0})
        elif value.type is Type.ENUM:
            domain = frozenset(float(i) for i in range(len(value.enum)))
        else:
            return None
        token = frozenset({float(other.attr[0])})
        key = key_of(self._nodes, leaf)
        domain &= self._reached.get(key, domain)
        return key, domain & token if op is Op.EQ else domain - token

    def leaves(self, index: int) -> tuple[list[int], bool]:
        """Return the nodes that must be known for this one, and whether that suffices."""
        node = self._nodes[index]
        if node.op in _NUMBERS - PARTIAL:
            leaves: list[int] = []
            # Never less never, and zero times never, are unknown.
            exact = sum(argument in self._linear.never for argument in node.args) < (
                1 if node.op is Op.MUL else 2
            )
            for argument in node.args:
                more, suffices = self.leaves(argument)
                leaves += more
                exact = exact and suffices
            return leaves, exact
        if node.op in PARTIAL:
            leaves = [leaf for a in node.args for leaf in self.leaves(a)[0]]
            exact = node.op is Op.DIV and self._nodes[node.args[1]].op is Op.CONST
            return leaves, exact
        return [index], True

    def known(self, index: int) -> tuple[Known, ...]:
        """Return what must be known for a numeric node to be."""
        return tuple(
            Known(key_of(self._nodes, i), True, index)
            for i in self.leaves(index)[0]
            if not is_always_known(self._nodes[i])
        )

    def _known(self, index: int) -> list[Branch]:
        return [self.known(index)]

    def _missing(self, index: int) -> list[Branch]:
        leaves, exact = self.leaves(index)
        branches: list[Branch] = [
            (Known(key_of(self._nodes, i), False, index),)
            for i in leaves
            if not is_always_known(self._nodes[i])
        ]
        return branches if exact else [*branches, ()]

    def _unknown(self, index: int, node: Node) -> list[Branch]:
        if node.op is Op.NOT:
            return self.of(Claim(node.args[0], Truth.UNKNOWN))
        if node.op in COMPARISONS:
            return [*self._missing(node.args[0]), *self._missing(node.args[1])]
        if node.op in (Op.KNOWN, Op.CONST):
            return []
        if node.op in (Op.AND, Op.OR):
            # One operand unknown; what the others may be is left open (never too strict).
            return self._sum([Claim(a, Truth.UNKNOWN) for a in node.args])
        return [()] if not is_always_known(node) else []

    def _sum(self, claims: Iterable[Claim]) -> list[Branch]:
        branches = [b for claim in claims for b in self.of(claim)]
        if len(branches) > BRANCH_BUDGET:
            raise TooMany
        return branches


def product(factors: Sequence[list[Branch]]) -> list[Branch]:
    """Return every way to take one branch of each; raises TooMany."""
    branches: list[Branch] = [()]
    for factor in factors:
        if len(branches) * len(factor) > BRANCH_BUDGET:
            raise TooMany
        branches = [(*a, *b) for a in branches for b in factor]
    return branches
