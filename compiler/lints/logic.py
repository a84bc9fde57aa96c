"""Can conditions hold together? Three-valued questions about graph nodes, decided by bounds.

A *claim* says that a node is true, false, unknown, or not true. Claims are split into branches of
literals (comparisons, value sets, known and unknown leaves); a branch is possible when its literals
do not contradict each other and the facts of `facts.py`. Where a question needs more branches than
the budget the answer is "possible": a rule that cannot know stays silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from compiler.catalog.types import Type
from compiler.graph import Node, Op, RuleGraph
from compiler.lints.bounds import ZERO, Difference, Key, feasible
from compiler.lints.facts import facts_about, is_always_known, is_integer, key_of, multiple

BRANCH_BUDGET = 96
_NEGATED = {Op.GT: Op.LTE, Op.GTE: Op.LT, Op.LT: Op.GTE, Op.LTE: Op.GT, Op.EQ: Op.NE, Op.NE: Op.EQ}
_COMPARISONS = frozenset(_NEGATED)


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
    """left op right between numeric nodes, both known; `node` is where it was claimed."""

    op: Op
    left: int
    right: int
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


class TooMany(Exception):
    """The question needs more branches than the budget."""


class Reasoner:
    """Answers questions about one graph."""

    def __init__(self, graph: RuleGraph) -> None:
        self.graph = graph
        self.nodes = graph.nodes

    # ------------------------------------------------------------ questions

    def possible(self, claims: Sequence[Claim], assume: Sequence[Assumption] = ()) -> bool:
        """Return whether the claims can hold together; True when that cannot be decided.

        `assume` adds constraints on variables (`facts.key_of`) that need not occur in the card.
        """
        try:
            branches = self._product([self._branches(c) for c in claims])
        except TooMany:
            return True
        return any(self._holds(branch, assume) for branch in branches)

    def linear(self, node: int) -> tuple[Key | None, float, float]:
        """Return (variable, factor, constant) with node = factor * variable + constant."""
        return self._linear(node, set())

    def compared(self, small: int, large: int, strict: bool = False) -> list[Difference]:
        """Return the constraint that one numeric node is at most (or below) another."""
        return self._side(small, large, strict, set())

    def below(self, node: int, key: Key, strict: bool = False) -> Difference:
        """Return the constraint that a numeric node is at most (or below) a variable."""
        variable, factor, constant = self._linear(node, set())
        left = ZERO if variable is None else multiple(variable, factor)
        return Difference(left, key, -constant, strict)

    def above(self, node: int, key: Key, strict: bool = False) -> Difference:
        """Return the constraint that a numeric node is at least (or above) a variable."""
        variable, factor, constant = self._linear(node, set())
        left = ZERO if variable is None else multiple(variable, factor)
        return Difference(key, left, constant, strict)

    def core(self, claims: Sequence[Claim]) -> tuple[int, ...]:
        """Return a smallest set of comparison nodes that already contradict each other.

        Only for impossible claims that make a single branch; empty otherwise.
        """
        try:
            branches = self._product([self._branches(c) for c in claims])
        except TooMany:
            return ()
        if len(branches) != 1 or self._holds(branches[0]):
            return ()
        kept = list(branches[0])
        for literal in list(kept):
            rest = [item for item in kept if item is not literal]
            if not self._holds(tuple(rest)):
                kept = rest
        return tuple(dict.fromkeys(item.node for item in kept))

    def can_be_true(self, node: int) -> bool:
        return self.possible([Claim(node, Truth.TRUE)])

    def can_be_false(self, node: int) -> bool:
        return self.possible([Claim(node, Truth.FALSE)])

    def implies(self, premise: int, conclusion: int) -> bool:
        """Return whether the conclusion is true whenever the premise is (proven, not guessed)."""
        return not self.possible([Claim(premise, Truth.TRUE), Claim(conclusion, Truth.NOT_TRUE)])

    # ------------------------------------------------------------ claims to branches

    def _branches(self, claim: Claim) -> list[Branch]:
        node = self.nodes[claim.node]
        match claim.truth:
            case Truth.NOT_TRUE:
                parts = [Claim(claim.node, t) for t in (Truth.FALSE, Truth.UNKNOWN)]
                if node.op is Op.AND:
                    parts = [Claim(a, Truth.NOT_TRUE) for a in node.args]
                elif node.op is Op.OR:
                    return self._product(
                        [self._branches(Claim(a, Truth.NOT_TRUE)) for a in node.args]
                    )
                return self._sum(parts)
            case Truth.UNKNOWN:
                return self._unknown(claim.node, node)
            case _:
                return self._decided(claim.node, node, claim.truth is Truth.TRUE)

    def _decided(self, index: int, node: Node, wanted: bool) -> list[Branch]:
        truth = Truth.TRUE if wanted else Truth.FALSE
        if node.op is Op.NOT:
            return self._branches(Claim(node.args[0], Truth.FALSE if wanted else Truth.TRUE))
        if node.op in (Op.AND, Op.OR):
            claims = [Claim(a, truth) for a in node.args]
            if (node.op is Op.AND) == wanted:
                return self._product([self._branches(c) for c in claims])
            return self._sum(claims)
        if node.op is Op.CONST:
            return [()] if (node.attr[0] == 1.0) == wanted else []
        if node.op is Op.KNOWN:
            return self._known(node.args[0]) if wanted else self._missing(node.args[0])
        if node.op in _COMPARISONS:
            return self._comparison(index, node, wanted)
        literal = OneOf(key_of(index, node), frozenset({1.0 if wanted else 0.0}), index)
        # A window that holds is true on this bar too.
        if node.op is Op.HOLDS and wanted:
            return self._product([[(literal,)], self._branches(Claim(node.args[0], Truth.TRUE))])
        return [(literal,)]

    def _comparison(self, index: int, node: Node, wanted: bool) -> list[Branch]:
        left, right = node.args
        op = node.op if wanted else _NEGATED[node.op]
        known = self._product([self._known(left), self._known(right)])
        chosen = self._token_set(left, right, op) or self._token_set(right, left, op)
        if chosen is not None:
            key, allowed = chosen
            return self._product([[(OneOf(key, allowed, index),)], known])
        return self._product([[(Relation(op, left, right, index),)], known])

    def _token_set(self, leaf: int, constant: int, op: Op) -> tuple[Key, frozenset[float]] | None:
        """Return (leaf, allowed values) for `==`/`!=` of a bool or enum leaf with a constant."""
        node, other = self.nodes[leaf], self.nodes[constant]
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
        return key_of(leaf, node), domain & token if op is Op.EQ else domain - token

    def _leaves(self, index: int) -> tuple[list[int], bool]:
        """Return the nodes that must be known for this one, and whether that suffices."""
        node = self.nodes[index]
        if node.op in (Op.ADD, Op.SUB, Op.MUL, Op.NEG, Op.ABS, Op.MIN, Op.MAX, Op.FLOOR, Op.CEIL):
            leaves: list[int] = []
            exact = True
            for argument in node.args:
                more, suffices = self._leaves(argument)
                leaves += more
                exact = exact and suffices
            return leaves, exact
        if node.op in (Op.DIV, Op.SQRT, Op.LOG):
            leaves = [leaf for a in node.args for leaf in self._leaves(a)[0]]
            exact = node.op is Op.DIV and self.nodes[node.args[1]].op is Op.CONST
            return leaves, exact
        return [index], True

    def _known(self, index: int) -> list[Branch]:
        leaves, _ = self._leaves(index)
        literals = [
            Known(key_of(i, self.nodes[i]), True, index)
            for i in leaves
            if not is_always_known(self.nodes[i])
        ]
        return [tuple(literals)]

    def _missing(self, index: int) -> list[Branch]:
        leaves, exact = self._leaves(index)
        branches: list[Branch] = [
            (Known(key_of(i, self.nodes[i]), False, index),)
            for i in leaves
            if not is_always_known(self.nodes[i])
        ]
        return branches if exact else [*branches, ()]

    def _unknown(self, index: int, node: Node) -> list[Branch]:
        if node.op is Op.NOT:
            return self._branches(Claim(node.args[0], Truth.UNKNOWN))
        if node.op in _COMPARISONS:
            return [*self._missing(node.args[0]), *self._missing(node.args[1])]
        if node.op in (Op.KNOWN, Op.CONST):
            return []
        if node.op in (Op.AND, Op.OR):
            # One operand unknown; what the others may be is left open (never too strict).
            return self._sum([Claim(a, Truth.UNKNOWN) for a in node.args])
        return [()] if not is_always_known(node) else []

    def _sum(self, claims: Iterable[Claim]) -> list[Branch]:
        branches = [b for claim in claims for b in self._branches(claim)]
        if len(branches) > BRANCH_BUDGET:
            raise TooMany
        return branches

    def _product(self, factors: Sequence[list[Branch]]) -> list[Branch]:
        branches: list[Branch] = [()]
        for factor in factors:
            if len(branches) * len(factor) > BRANCH_BUDGET:
                raise TooMany
            branches = [(*a, *b) for a in branches for b in factor]
        return branches

    # ------------------------------------------------------------ one branch

    def _holds(self, branch: Branch, assume: Sequence[Assumption] = ()) -> bool:
        known: dict[Key, bool] = {}
        values: dict[Key, frozenset[float]] = {}
        relations = []
        for literal in (*branch, *(a for a in assume if not isinstance(a, Difference))):
            match literal:
                case Known(key, is_known):
                    if known.setdefault(key, is_known) != is_known:
                        return False
                case OneOf(key, allowed):
                    values[key] = values.get(key, allowed) & allowed
                    if not values[key] or known.setdefault(key, True) is False:
                        return False
                case Relation():
                    relations.append(literal)
        return self._numbers_agree(relations, [a for a in assume if isinstance(a, Difference)])

    def _numbers_agree(self, relations: Sequence[Relation], given: list[Difference]) -> bool:
        constraints = list(given)
        integers: set[Key] = set()
        for relation in relations:
            constraints += self._difference(relation, integers)
        keys = dict.fromkeys(k for c in constraints for k in (c.left, c.right) if k != ZERO)
        constraints += facts_about(self.graph, keys)
        return feasible(constraints, frozenset(integers))

    def _difference(self, relation: Relation, integers: set[Key]) -> list[Difference]:
        op, left, right = relation.op, relation.left, relation.right
        if op is Op.NE:
            return []
        if op in (Op.GT, Op.GTE):
            op, left, right = (Op.LT if op is Op.GT else Op.LTE), right, left
        one = self._side(left, right, op is Op.LT, integers)
        return [*one, *self._side(right, left, False, integers)] if op is Op.EQ else one

    def _side(self, small: int, large: int, strict: bool, integers: set[Key]) -> list[Difference]:
        """Return the constraint small <= large (or <) over linear forms."""
        a, ka, ca = self._linear(small, integers)
        b, kb, cb = self._linear(large, integers)
        limit = cb - ca
        if a is not None and a == b:
            a, ka, b = (a, ka - kb, None) if ka != kb else (None, 0.0, None)
        left = ZERO if a is None else multiple(a, ka)
        right = ZERO if b is None else multiple(b, kb)
        return [Difference(left, right, limit, strict)]

    def _linear(self, index: int, integers: set[Key]) -> tuple[Key | None, float, float]:
        """Return (variable, factor, constant) with node = factor * variable + constant."""
        node = self.nodes[index]
        if node.op is Op.CONST:
            return None, 0.0, float(node.attr[0])
        if node.op is Op.NEG:
            key, factor, constant = self._linear(node.args[0], integers)
            return key, -factor, -constant
        if node.op in (Op.ADD, Op.SUB, Op.MUL, Op.DIV):
            one = self._linear(node.args[0], integers)
            two = self._linear(node.args[1], integers)
            combined = _combine(node.op, one, two)
            if combined is not None:
                return combined
        key = key_of(index, node)
        if is_integer(node.value):
            integers.add(key)
        return key, 1.0, 0.0


_Linear = tuple[Key | None, float, float]


def _combine(op: Op, one: _Linear, two: _Linear) -> _Linear | None:
    """Return the linear form of one op two, None where it is not one of a single variable."""
    if op in (Op.ADD, Op.SUB):
        sign = 1.0 if op is Op.ADD else -1.0
        if two[0] is None:
            return one[0], one[1], one[2] + sign * two[2]
        if one[0] is None:
            return two[0], sign * two[1], one[2] + sign * two[2]
        return None
    if op is Op.MUL and one[0] is None:
        one, two = two, one
    if two[0] is not None:
        return None
    factor = two[2]
    if op is Op.DIV:
        if factor == 0.0:
            return None
        factor = 1.0 / factor
    if factor == 0.0:
        return None
    return one[0], one[1] * factor, one[2] * factor
