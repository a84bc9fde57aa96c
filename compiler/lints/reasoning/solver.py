"""z3 for the questions that have too many branches: an optional extra with the same answers.

Asked for by `check(..., solver="z3")` or the environment variable `IDEACARD_SOLVER=z3`. Where z3 is
not installed the rules stay silent on such questions, as they do without it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from compiler.catalog.builtins import While, tells
from compiler.catalog.operations import COMPARISONS, JUNCTIONS
from compiler.catalog.types import Type
from compiler.graph.rule_graph import Node, Op, RuleGraph
from compiler.lints.reasoning.bounds import ZERO, Difference, Key, tighten
from compiler.lints.reasoning.branches import Assumption, Branches, Claim, Known, OneOf, Truth
from compiler.lints.reasoning.facts import Facts, is_always_known, key_of
from compiler.lints.reasoning.linear import Linear
from compiler.lints.reasoning.logic import Solver
from compiler.lints.reasoning.sessions import session_choices
from compiler.lints.reasoning.worlds import (
    LAYERS_KEY,
    SIDE_KEY,
    SIDES,
    clock_choices,
    concerned,
    follows,
)

VARIABLE = "IDEACARD_SOLVER"
_EFFORT = 5_000_000  # z3's own count of steps: unlike a time limit it gives the same answer twice


def chosen_solver(graph: RuleGraph, name: str | None = None) -> Solver | None:
    """Return the solver asked for by name or environment, None if there is none or z3 is absent."""
    wanted = name or os.environ.get(VARIABLE)
    if not wanted:
        return None
    if wanted != "z3":
        raise ValueError(f"unknown solver `{wanted}`: the only one is `z3`")
    return Z3(graph) if find_spec("z3") is not None else None


class Z3:
    """One graph as z3 terms: every condition a pair (is true, is false), every leaf a known bit."""

    def __init__(self, graph: RuleGraph) -> None:
        import z3

        self._z3: Any = z3
        self._graph = graph
        self._nodes = graph.nodes
        self._linear = Linear(graph)
        self._facts = Facts(graph)
        self._branches = Branches(graph, self._linear)
        self._names: dict[Key, int] = {}
        self._domains: list[Any] = []
        self._terms: dict[int, tuple[Any, Any]] = {}

    def possible(self, claims: Sequence[Claim], assume: Sequence[Assumption]) -> bool:
        """Return whether the claims can hold together; True when z3 gives up."""
        solver = self._z3.Solver()
        solver.set("rlimit", _EFFORT)
        for claim in claims:
            solver.add(self._claim(claim))
        for item in assume:
            solver.add(self._assumption(item))
        solver.add(list(self._worlds()))
        for fact in self._all_facts():
            solver.add(self._difference(fact))
        solver.add(self._domains)
        return bool(solver.check() != self._z3.unsat)

    # ------------------------------------------------------------ claims

    def _claim(self, claim: Claim) -> Any:
        true, false = self._truth(claim.node)
        match claim.truth:
            case Truth.TRUE:
                return true
            case Truth.FALSE:
                return false
            case Truth.UNKNOWN:
                return self._z3.Not(self._z3.Or(true, false))
            case _:
                return self._z3.Not(true)

    def _assumption(self, item: Assumption) -> Any:
        match item:
            case Known(key, is_known):
                return self._known_bit(key) == is_known
            case OneOf(key, allowed):
                value = self._value(key)
                choices = [value == self._number(v) for v in sorted(allowed)]
                return self._z3.And(self._known_bit(key), self._z3.Or(choices))
            case _:
                return self._difference(item)

    def _where_known(self, item: Assumption) -> Any:
        """Return what follows for a variable where it is known."""
        if not isinstance(item, OneOf):
            return self._assumption(item)
        return self._z3.Implies(self._known_bit(item.key), self._assumption(item))

    def _all_facts(self) -> Iterator[Difference]:
        keys = [key for key in self._names if key != ZERO]
        for position, key in enumerate(keys):
            yield from self._facts.of(key, keys[:position])

    def _worlds(self) -> Iterator[Any]:
        """Yield what position, working orders and the clock decide about the named values."""
        z3, bools = self._z3, self._facts.bools
        keys = [key for key in self._names if key != ZERO]
        for key in keys:
            assert isinstance(key, tuple)
            count = tells(str(key[1])).layers if key[0] == "account" else 0
            if count:
                yield self._known_bit(key) == (self._value(LAYERS_KEY) >= count)
        for state, named in concerned(keys).items():
            is_so = z3.Bool(f"state {state.name}")
            if state is While.POSITION:
                side = self._value(SIDE_KEY)
                yield z3.Or([side == number for number in SIDES.values()])
                yield is_so == (side != 0)
            for answer in (False, True):
                for item in follows(named, state, answer, bools):
                    yield z3.Implies(is_so == answer, self._assumption(item))
        for question in clock_choices(self._graph, keys):
            yield z3.Or([z3.And([self._assumption(a) for a in some]) for some in question])
        for choice in session_choices(self._graph, keys, {}):
            yield z3.Or([z3.And([self._where_known(a) for a in some]) for some in choice])

    # ------------------------------------------------------------ terms

    def _truth(self, index: int) -> tuple[Any, Any]:
        if index not in self._terms:
            self._terms[index] = self._new_truth(index, self._nodes[index])
        return self._terms[index]

    def _new_truth(self, index: int, node: Node) -> tuple[Any, Any]:
        z3 = self._z3
        if node.op in JUNCTIONS:
            parts = [self._truth(a) for a in node.args]
            trues, falses = [t for t, _ in parts], [f for _, f in parts]
            if node.op is Op.NOT:
                return falses[0], trues[0]
            if node.op is Op.AND:
                return z3.And(trues), z3.Or(falses)
            return z3.Or(trues), z3.And(falses)
        if node.op is Op.CONST:
            return z3.BoolVal(node.attr[0] == 1.0), z3.BoolVal(node.attr[0] != 1.0)
        if node.op is Op.KNOWN:
            known = self._is_known(node.args[0])
            return known, z3.Not(known)
        if node.op in COMPARISONS:
            return self._comparison(node)
        key = key_of(self._nodes, index)
        known = self._is_known(index)
        self._limit_to_tokens(index)
        true = z3.And(known, self._value(key) == 1)
        if node.op is Op.HOLDS:  # a window that holds is true on this bar too
            true = z3.And(true, self._truth(node.args[0])[0])
        return true, z3.And(known, self._value(key) == 0)

    def _comparison(self, node: Node) -> tuple[Any, Any]:
        z3 = self._z3
        left, right = node.args
        known = z3.And(self._is_known(left), self._is_known(right))
        self._limit_to_tokens(left)
        self._limit_to_tokens(right)
        if left in self._linear.never and right in self._linear.never:
            # Never is not below never and one more: nothing is known of such a comparison.
            holds = z3.Bool(f"never {node.op} {left} {right}")
            return z3.And(known, holds), z3.And(known, z3.Not(holds))
        one, two = self._numeric(left), self._numeric(right)
        holds = {
            Op.GT: lambda: one > two,
            Op.GTE: lambda: one >= two,
            Op.LT: lambda: one < two,
            Op.LTE: lambda: one <= two,
            Op.EQ: lambda: one == two,
            Op.NE: lambda: one != two,
        }[node.op]()
        return z3.And(known, holds), z3.And(known, z3.Not(holds))

    def _limit_to_tokens(self, index: int) -> None:
        """Remember that a bool or enum leaf holds one of its tokens."""
        node = self._nodes[index]
        if node.op is Op.CONST or node.value.type not in (Type.BOOL, Type.ENUM):
            return
        count = 2 if node.value.type is Type.BOOL else len(node.value.enum)
        value = self._value(key_of(self._nodes, index))
        self._domains.append(self._z3.Or([value == n for n in range(count)]))

    def _is_known(self, index: int) -> Any:
        leaves, suffices = self._branches.leaves(index)
        bits = [
            self._known_bit(key_of(self._nodes, i))
            for i in leaves
            if not is_always_known(self._nodes[i])
        ]
        if not suffices:  # a quotient can be missing although its parts are there
            bits.append(self._z3.Bool(f"defined {index}"))
        return self._z3.And(bits)

    def _numeric(self, index: int) -> Any:
        key, factor, constant = self._linear.form(index)
        if key is None:
            return self._number(constant)
        return self._number(factor) * self._value(key) + self._number(constant)

    def _difference(self, item: Difference) -> Any:
        item = tighten(item, self._facts.integers)
        gap = self._side(item.left) - self._side(item.right)
        limit = self._number(item.limit)
        return gap < limit if item.strict else gap <= limit

    def _side(self, key: Key) -> Any:
        return self._number(0.0) if key == ZERO else self._value(key)

    def _value(self, key: Key) -> Any:
        name = self._names.setdefault(key, len(self._names))
        if isinstance(key, tuple) and isinstance(key[0], tuple):
            return self._number(float(str(key[1]))) * self._value(key[0])
        if key in self._facts.integers:
            return self._z3.ToReal(self._z3.Int(f"value {name}"))
        return self._z3.Real(f"value {name}")

    def _known_bit(self, key: Key) -> Any:
        return self._z3.Bool(f"known {self._names.setdefault(key, len(self._names))}")

    def _number(self, value: float) -> Any:
        from fractions import Fraction  # with it comes `decimal`: only where z3 is asked

        exact = Fraction(repr(value))
        return self._z3.Q(exact.numerator, exact.denominator)
