"""Can conditions hold together? Three-valued questions about graph nodes, decided by bounds.

Claims are split into branches (`branches.py`); a branch is possible when its literals do not
contradict each other and what is always so (`facts.py`). Where a question needs more branches than
the budget the answer is "possible", unless a solver was asked for: a rule that cannot know is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from compiler.graph.rule_graph import RuleGraph
from compiler.lints.reasoning.bounds import ZERO, Closure, Difference, Key, tighten
from compiler.lints.reasoning.branches import (
    BRANCH_BUDGET,
    Assumption,
    Branches,
    Claim,
    Known,
    OneOf,
    Relation,
    TooMany,
    Truth,
)
from compiler.lints.reasoning.facts import Facts, is_always_known, key_of, leaves, multiple
from compiler.lints.reasoning.linear import Linear, LinearForm
from compiler.lints.reasoning.next_bar import NextBar
from compiler.lints.reasoning.sessions import session_choices
from compiler.lints.reasoning.witness import Trial, Values, fitted, is_worked_out
from compiler.lints.reasoning.worlds import Question, clock_choices, worlds


class Solver(Protocol):
    """What decides a question that the branches cannot."""

    def possible(self, claims: Sequence[Claim], assume: Sequence[Assumption]) -> bool:
        """Return whether the claims can hold together; True when that cannot be decided."""
        ...


class _State:
    """What a partly read branch says: known leaves, allowed values, bounds with all their facts."""

    __slots__ = ("closure", "known", "values")

    def __init__(
        self, known: dict[Key, bool], values: dict[Key, frozenset[float]], closure: Closure
    ) -> None:
        self.known, self.values, self.closure = known, values, closure

    def copy(self) -> _State:
        return _State(self.known.copy(), self.values.copy(), self.closure.copy())

    def keys(self) -> list[Key]:
        """Return the variables this state speaks of, multiples as what they are multiples of."""
        bases = [
            key[0] if isinstance(key, tuple) and isinstance(key[0], tuple) else key
            for key in self.closure.keys
        ]
        return [key for key in dict.fromkeys((*self.known, *self.values, *bases)) if key != ZERO]

    def take(self, literal: Assumption | Relation, facts: Facts) -> bool:
        """Add a literal; False if it contradicts what is there (the state is then void)."""
        match literal:
            case Known(key, is_known):
                return self.known.setdefault(key, is_known) == is_known
            case OneOf(key, allowed):
                left = self.values.get(key, allowed) & allowed
                self.values[key] = left
                return bool(left) and self.known.setdefault(key, True)
            case Relation(bounds):
                return all(self._bound(item, facts) for item in bounds)
            case _:
                return self._bound(literal, facts)

    def read(self, key: Key, facts: Facts) -> bool:
        """Add a variable with what is always so of it; False if that contradicts what is there."""
        closure = self.closure
        if key == ZERO or key in closure.keys:
            return True
        others = [k for k in closure.keys if k != ZERO]
        closure.keys[key] = None
        return all(closure.add(fact) for fact in facts.of(key, others))

    def _bound(self, item: Difference, facts: Facts) -> bool:
        if not (self.read(item.left, facts) and self.read(item.right, facts)):
            return False
        return self.closure.add(tighten(item, facts.integers)) and self._multiples()

    def _multiples(self) -> bool:
        """Add that a larger multiple of what is above zero is the larger one; False if that contradicts.

        What is above zero may only follow: a price that is at most 99 % of a level puts the level there.
        """
        closure = self.closure
        scaled = [
            key for key in closure.keys if isinstance(key, tuple) and isinstance(key[0], tuple)
        ]
        for one in scaled:
            base = one[0]
            beside = [key for key in scaled if key[0] == base and key[1] != one[1]]
            if base in closure.keys:
                beside.append((base, 1.0))
            if not beside or float(str(one[1])) <= 0 or not closure.is_positive(one):
                continue
            for other in beside:
                small, large = sorted((one, other), key=lambda key: float(str(key[1])))
                named = [key[0] if key[1] == 1.0 else key for key in (small, large)]
                if not closure.add(Difference(named[0], named[1], 0.0, strict=True)):
                    return False
        return True


class Reasoner:
    """Answers questions about one graph, each once."""

    def __init__(self, graph: RuleGraph, solver: Solver | None = None) -> None:
        self.graph = graph
        self._solver = solver
        self._linear = Linear(graph)
        self._facts = Facts(graph)
        self._branches = Branches(graph, self._linear)
        self._next_bar = NextBar(graph)
        self._repeats: dict[int, bool] = {}
        self._states: dict[tuple[Claim, ...], list[_State] | None] = {}
        self._answers: dict[tuple[tuple[Claim, ...], tuple[Assumption, ...]], bool] = {}

    # ------------------------------------------------------------ questions

    def possible(self, claims: Sequence[Claim], assume: Sequence[Assumption] = ()) -> bool:
        """Return whether the claims can hold together; True when that cannot be decided.

        `assume` adds constraints on variables (`facts.key_of`) that need not occur in the card.
        """
        question = (tuple(claims), tuple(assume))
        answer = self._answers.get(question)
        if answer is None:
            try:
                answer = self._decide(*question)
            except TooMany:
                answer = self._solver is None or self._solver.possible(claims, assume)
            self._answers[question] = answer
        return answer

    def can_be_missing(self, index: int) -> bool:
        """Return whether a number may be unknown on a bar after the first."""
        read, suffices = self._branches.leaves(index)
        return not (suffices and all(is_always_known(self.graph.nodes[leaf]) for leaf in read))

    def holds_this_bar(self, index: int) -> bool:
        """Return whether a value has the bar at hand in it: `highest(high, 20)`, a session's high so far."""
        return self._facts.holds_this_bar(index)

    def possible_by_bounds(self, claims: Sequence[Claim]) -> bool:
        """Return whether the claims can hold, whatever the state of the account makes of them."""
        try:
            return bool(self._all_states(tuple(claims)))
        except TooMany:
            return True

    def can_be_true(self, node: int) -> bool:
        return self.possible([Claim(node, Truth.TRUE)])

    def can_be_false(self, node: int) -> bool:
        return self.possible([Claim(node, Truth.FALSE)])

    def implies(self, premise: int, conclusion: int) -> bool:
        """Return whether the conclusion is true whenever the premise is (proven, not guessed)."""
        return not self.possible([Claim(premise, Truth.TRUE), Claim(conclusion, Truth.NOT_TRUE)])

    def can_repeat(self, node: int) -> bool:
        """Return whether a condition can be true on two bars in a row; True if undecided.

        Only what the market does is looked at: orders and position may be anything on both bars.
        """
        found = self._repeats.get(node)
        if found is None:
            try:
                states = self._all_states((Claim(node, Truth.TRUE),))
                moved = [
                    b
                    for branch in self._branches.of(Claim(node, Truth.TRUE))
                    for b in self._next_bar.moved(branch)
                ]
                found = any(self._fits(state, b) for state in states for b in moved)
            except TooMany:
                found = True
            self._repeats[node] = found
        return found

    def related(self, one: int, others: Iterable[int]) -> bool:
        """Return whether a condition and others read anything that facts connect."""
        mine = self._facts.groups(one)
        return any(not mine.isdisjoint(self._facts.groups(other)) for other in others)

    def core(self, parts: Sequence[int]) -> tuple[int, ...]:
        """Return a smallest set of conditions, of several, that can already not be true together."""
        kept = list(parts)
        if self.possible([Claim(part, Truth.TRUE) for part in kept]):
            return ()
        for part in parts:
            rest = [other for other in kept if other != part]
            if rest and not self.possible([Claim(other, Truth.TRUE) for other in rest]):
                kept = rest
        return tuple(kept)

    def witness(self, claims: Sequence[Claim], assume: Sequence[Assumption] = ()) -> Values | None:
        """Return values of variables that make claims so, tried on the graph; None if none is found."""
        try:
            states = [self._world(state, assume) for state in self._all_states(tuple(claims))]
        except TooMany:
            return None
        for state in states:
            for values in () if state is None else self._values(state):
                if self._is_so(claims, values):
                    return values
        return None

    def _values(self, state: _State) -> Iterator[Values]:
        """Yield values of what a state reads: what is worked out of them has none of its own."""
        state = state.copy()
        nodes, worked_out = self.graph.nodes, dict[Key, None]()
        free: dict[Key, None] = {}
        for index, node in enumerate(nodes):
            key = key_of(nodes, index)
            if is_worked_out(node) and (key in state.known or key in state.closure.keys):
                worked_out[key] = None
                free |= dict.fromkeys(key_of(nodes, leaf) for leaf in leaves(self.graph, index))
        is_void = not all(state.read(key, self._facts) for key in free)
        for found in () if is_void else fitted(state.closure, self._facts.integers, list(free)):
            values = found | {key: min(allowed) for key, allowed in state.values.items()}
            # What must be known and may be anything that such a value can be.
            unbound = [k for k, known in state.known.items() if known and k not in values]
            values |= {key: self._facts.usual(key) for key in unbound}
            yield {
                key: value
                for key, value in values.items()
                if state.known.get(key, True) and key not in worked_out
            }

    def _is_so(self, claims: Sequence[Claim], values: Values) -> bool:
        trial = Trial(self.graph.nodes, values)
        wanted = {Truth.TRUE: (1.0,), Truth.FALSE: (0.0,), Truth.UNKNOWN: (None,)}
        return all(trial.value(c.node) in wanted.get(c.truth, (0.0, None)) for c in claims)

    # ------------------------------------------------------------ numbers

    def linear(self, node: int) -> LinearForm:
        """Return (variable, factor, constant) with node = factor * variable + constant."""
        return self._linear.form(node)

    def known(self, node: int) -> tuple[Assumption, ...]:
        """Return the assumptions that all a numeric node needs is known."""
        return self._branches.known(node)

    def compared(self, small: int, large: int, strict: bool = False) -> Difference:
        """Return the constraint that one numeric node is at most (or below) another."""
        return self._linear.at_most(small, large, strict)

    def below(self, node: int, key: Key, strict: bool = False) -> Difference:
        """Return the constraint that a numeric node is at most (or below) a variable."""
        return self._against(node, key, strict, node_is_small=True)

    def above(self, node: int, key: Key, strict: bool = False) -> Difference:
        """Return the constraint that a numeric node is at least (or above) a variable."""
        return self._against(node, key, strict, node_is_small=False)

    def _against(self, node: int, key: Key, strict: bool, node_is_small: bool) -> Difference:
        variable, factor, constant = self._linear.form(node)
        other: Key = key
        if variable == key:
            variable, factor = (key, factor - 1.0) if factor != 1.0 else (None, 0.0)
            other = ZERO
        term = ZERO if variable is None else multiple(variable, factor)
        if node_is_small:
            return Difference(term, other, -constant, strict)
        return Difference(other, term, constant, strict)

    # ------------------------------------------------------------ deciding

    def _decide(self, claims: tuple[Claim, ...], assume: tuple[Assumption, ...]) -> bool:
        if assume or not claims:
            return any(self._fits(state, assume) for state in self._all_states(claims))
        earlier, branches = self._all_states(claims[:-1]), self._branches.of(claims[-1])
        if len(earlier) * len(branches) > BRANCH_BUDGET:
            raise TooMany
        return any(self._fits(s, b) for s in earlier for b in branches)

    def _all_states(self, claims: tuple[Claim, ...]) -> list[_State]:
        """Return every way to make the claims so; those of the claims before the last are kept."""
        if not claims:
            return [self._empty()]
        if claims not in self._states:
            self._states[claims] = self._new_states(claims)
        found = self._states[claims]
        if found is None:
            raise TooMany
        return found

    def _new_states(self, claims: tuple[Claim, ...]) -> list[_State] | None:
        try:
            earlier, branches = self._all_states(claims[:-1]), self._branches.of(claims[-1])
        except TooMany:
            return None
        if len(earlier) * len(branches) > BRANCH_BUDGET:
            return None
        extended = (self._extended(s, b) for s in earlier for b in branches)
        return [state for state in extended if state is not None]

    @staticmethod
    def _empty() -> _State:
        return _State({}, {}, Closure())

    def _extended(self, state: _State, literals: Iterable[Assumption | Relation]) -> _State | None:
        new = state.copy()
        return new if all(new.take(literal, self._facts) for literal in literals) else None

    def _fits(self, state: _State, literals: Iterable[Assumption | Relation]) -> bool:
        """Return whether literals can be added to a state in some world of account and clock."""
        return self._world(state, literals) is not None

    def _world(self, state: _State, literals: Iterable[Assumption | Relation]) -> _State | None:
        new = self._extended(state, literals)
        if new is None:
            return None
        keys = new.keys()
        questions: list[Question] = [
            *worlds(keys, new.known, self._facts.bools),
            *clock_choices(self.graph, keys),
            *session_choices(self.graph, keys, new.known),
        ]
        return self._agreeing(new, questions)

    def _agreeing(self, state: _State, questions: Sequence[Question]) -> _State | None:
        """Return a state in which every question has one of its answers, None if there is none."""
        if not questions:
            return state
        first, *rest = questions
        for alternative in first:
            new = self._extended(state, alternative)
            found = None if new is None else self._agreeing(new, rest)
            if found is not None:
                return found
        return None
