"""Ladders: one action that places several orders becomes those orders, before any name is looked up.

The law: with P the action's price, order k of n stands d_k = step · (1 + s + … + s^(k-2)) away from it, d_1 = 0:
limit buys and stop sells below, limit sells and stop buys above; its size is size · z^(k-1), with
`size_of: total` divided by 1 + z + … + z^(n-1). A size that names `rung` is that of each order by itself. Its ref is `REF_k`, its group `REF`. A question for `REF`
asks for any of them, a cancel of `REF` ends them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from compiler.catalog.actions import ACTIONS, ATTACHED, Verb
from compiler.catalog.builtins import PLACED_AT
from compiler.catalog.orders import OptionName
from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Diagnostic
from compiler.resolve.ladder_plans import RUNG, Plan, outside, plain_name, plan_of, sign_of
from compiler.syntax import tree as s
from compiler.syntax.rewrite import rewritten
from compiler.syntax.walker import actions

_ASKS_FOR_ANY = ("order_pending", "order_due")
_CANCEL_ALL = "cancel_all_orders"
_FIRST_ALONE = Plan(1, None, False, 1.0, 1.0, False)


def expanded(card: s.Card) -> tuple[s.Card, list[Diagnostic]]:
    """Return a card whose ladders are the orders they stand for, and what is wrong with ladders.

    A ladder with a mistake is taken for its first order: what names the `rung` has no mistake of its own.
    """
    findings = Findings()
    declared = frozenset(x.id for x in card.features) | {x.name for x in card.variables}
    declared |= {x.name for x in card.params}
    if not declared.intersection((RUNG, PLACED_AT)):
        outside(card, findings)
    params = {param.name: param for param in card.params}
    plans: dict[int, Plan] = {}
    for action in actions(card):
        if action.ladder is not None and _takes_one(action):
            before = len(findings)
            plan = plan_of(action, params, findings, declared=declared)
            if plan is None or len(findings) > before:
                plan = _FIRST_ALONE if _is_an_order(action) else None
            if plan is not None:
                plans[id(action)] = plan
    if plans:
        spread = _Spread(plans, _refs(card, plans), declared)
        _taken(card, plans, spread.refs, findings)
        card = spread.card(card)
    return card, findings.all()


def _is_an_order(action: s.Action) -> bool:
    """Return whether an action says what one order needs: a ref, a size, its first price."""
    slots = {price.slot for price in action.prices}
    needed = ACTIONS[action.kind].price_required[:1]
    return bool(_ref(action)) and action.size is not None and slots.issuperset(needed)


def _takes_one(action: s.Action) -> bool:
    spec = ACTIONS.get(action.kind)
    return spec is not None and OptionName.LADDER in spec.options


def _refs(card: s.Card, plans: dict[int, Plan]) -> dict[str, int]:
    """Return how many orders the ladder of a ref has at most."""
    refs: dict[str, int] = {}
    for action in actions(card):
        if id(action) in plans:
            ref = _ref(action)
            refs[ref] = max(refs.get(ref, 0), plans[id(action)].orders)
    return refs


def _ref(action: s.Action) -> str:
    option = action.option(OptionName.ORDER_REF)
    return option.value if option is not None and isinstance(option.value, str) else ""


def _taken(card: s.Card, plans: dict[int, Plan], refs: dict[str, int], findings: Findings) -> None:
    """Report orders of other actions that are called as one of a ladder."""
    names = {f"{ref}_{k}": ref for ref, most in refs.items() for k in range(1, most + 1)}
    names |= {ref: ref for ref in refs}
    for action in actions(card):
        is_other = action.kind in ACTIONS and not ACTIONS[action.kind].names_live_order
        option = action.option(OptionName.ORDER_REF)
        if id(action) not in plans and is_other and _ref(action) in names and option is not None:
            findings.add(
                "IC502",
                f"`{option.value}` is also what the ladder `{names[_ref(action)]}` calls an order",
                option.span,
                help="a second order under a working ref is refused: take another name",
            )


class _Spread:
    """Writes the ladders of one card out; `refs` are theirs, with how many orders each has."""

    def __init__(
        self, plans: dict[int, Plan], refs: dict[str, int], declared: frozenset[str]
    ) -> None:
        self._plans = plans
        self.refs = refs
        self._declared = declared

    def card(self, card: s.Card) -> s.Card:
        return replace(
            card,
            variables=tuple(replace(v, value=self._any(v.value)) for v in card.variables),
            blocks=tuple(self._block(block) for block in card.blocks),
            invariants=tuple(
                p if p.condition is None else replace(p, condition=self._any(p.condition))
                for p in card.invariants
            ),
        )

    def _block(self, block: s.Block) -> s.Block:
        cases = tuple(
            replace(case, when=self._any(case.when), emit=self._actions(case.emit))
            for case in block.cases
        )
        return replace(block, cases=cases, otherwise=self._actions(block.otherwise))

    def _actions(self, emitted: tuple[s.Action, ...]) -> tuple[s.Action, ...]:
        return tuple(new for action in emitted for new in self._action(action))

    def _action(self, action: s.Action) -> list[s.Action]:
        plan = self._plans.get(id(action))
        if plan is None:
            return [self._plain(action)]
        return [self._rung(action, plan, k) for k in range(1, plan.orders + 1)]

    def _plain(self, action: s.Action) -> s.Action:
        action = self._asked(replace(action, on_fill=self._actions(action.on_fill)))
        spec = ACTIONS.get(action.kind)
        if spec is None or spec.verb is not Verb.CANCEL or _ref(action) not in self.refs:
            return action
        options = tuple(
            replace(o, name=OptionName.ORDER_GROUP) if o.name is OptionName.ORDER_REF else o
            for o in action.options
        )
        if action.option(OptionName.REASON) is None:
            options += (s.Option(OptionName.REASON, action.kind, span=action.span),)
        return replace(action, kind=_CANCEL_ALL, options=options)

    # ------------------------------------------------------------ questions for any order of a ladder

    def _asked(self, action: s.Action) -> s.Action:
        return _mapped(action, self._any)

    def _any(self, expr: s.Expr) -> s.Expr:
        return rewritten(expr, self._question)

    def _question(self, expr: s.Expr) -> s.Expr | None:
        match expr:
            case s.Name(head=head, field=str() as ref) if head in _ASKS_FOR_ANY:
                pass
            case s.BuiltinRef(name=head, ref=str() as ref) if head in _ASKS_FOR_ANY:
                pass
            case _:
                return None
        if ref not in self.refs:
            return None
        names = (f"{ref}_{k}" for k in range(1, self.refs[ref] + 1))
        return s.Any(
            tuple(s.BuiltinRef(head, name, span=expr.span) for name in names), span=expr.span
        )

    # ------------------------------------------------------------ one order of a ladder

    def _rung(self, action: s.Action, plan: Plan, k: int) -> s.Action:
        action = self._asked(action)
        spec = ACTIONS[action.kind]
        own = {p.slot: self._moved(action, plan, k, p.value) for p in action.prices}
        first = spec.price_required[0]

        price = own.get(first)
        if price is not None and action.option(OptionName.REARM) is not None:
            known = s.BuiltinRef(PLACED_AT, span=price.span)  # where it comes again
            price = s.Default(known, price, span=price.span)

        def attached(expr: s.Expr) -> s.Expr:
            return rewritten(expr, lambda part: self._of_rung(part, k, price))

        prices = tuple(
            replace(p, value=attached(p.value) if p.slot in ATTACHED else own[p.slot])
            for p in action.prices
        )
        size = action.size
        assert size is not None
        group = s.Option(OptionName.ORDER_GROUP, _ref(action), span=action.span)
        return replace(
            action,
            prices=prices,
            size=replace(size, value=_times(attached(size.value), plan.weight(k))),
            options=(*_suffixed(action.options, k), group),
            on_fill=tuple(self._follow(child, k) for child in self._actions(action.on_fill)),
            ladder=None,
            rung=k,
        )

    def _moved(self, action: s.Action, plan: Plan, k: int, price: s.Expr) -> s.Expr:
        steps = plan.distance(k)
        ladder = action.ladder
        if not steps:
            return price
        assert ladder is not None
        assert ladder.step is not None
        sign = sign_of(action)
        span = price.span
        if plan.is_part:
            assert plan.step is not None
            factor = 1 + sign * plan.step * steps
            return s.Arith(s.ArithOp.MUL, price, s.Number(factor, span=span), span=span)
        op = s.ArithOp.ADD if sign > 0 else s.ArithOp.SUB
        return s.Arith(op, price, _times(ladder.step, steps), span=span)

    def _of_rung(self, part: s.Expr, k: int, price: s.Expr | None) -> s.Expr | None:
        name = plain_name(part)
        if name in self._declared:
            return None
        if name == RUNG:
            return s.Number(float(k), True, span=part.span)
        return price if name == PLACED_AT else None

    def _follow(self, action: s.Action, k: int) -> s.Action:
        """Return an action of a rung's `on_fill`: the price it was placed at is known to the runtime."""

        def known(part: s.Expr) -> s.Expr | None:
            return self._of_rung(part, k, s.BuiltinRef(PLACED_AT, span=part.span))

        action = _mapped(action, lambda expr: rewritten(expr, known))
        return replace(
            action,
            options=_suffixed(action.options, k),
            on_fill=tuple(self._follow(child, k) for child in action.on_fill),
        )


def _suffixed(options: tuple[s.Option, ...], k: int) -> tuple[s.Option, ...]:
    return tuple(
        replace(o, value=f"{o.value}_{k}") if o.name is OptionName.ORDER_REF else o for o in options
    )


def _times(expr: s.Expr, factor: float) -> s.Expr:
    if factor == 1.0:
        return expr
    if isinstance(expr, s.Number):
        return s.Number(expr.value * factor, span=expr.span)
    return s.Arith(s.ArithOp.MUL, expr, s.Number(factor, span=expr.span), span=expr.span)


def _mapped(action: s.Action, change: Callable[[s.Expr], s.Expr]) -> s.Action:
    """Return an action with each of its own operands changed, those of its `on_fill` not."""
    size = action.size
    return replace(
        action,
        prices=tuple(replace(p, value=change(p.value)) for p in action.prices),
        size=None if size is None else replace(size, value=change(size.value)),
        options=tuple(
            o if isinstance(o.value, str | bool) else replace(o, value=change(o.value))
            for o in action.options
        ),
    )
