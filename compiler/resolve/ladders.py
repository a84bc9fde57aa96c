"""Ladders: one action that places several orders becomes those orders, before any name is looked up.

The law: with P the action's price, order k of n stands d_k = step · (1 + s + … + s^(k-2)) away from it, d_1 = 0:
limit buys and stop sells below, limit sells and stop buys above; its size is size · z^(k-1), with
`size_of: total` divided by 1 + z + … + z^(n-1). A size that names `rung` is that of each order by itself. Its ref is `REF_k`, its group `REF`. A question for `REF`
asks for any of them, a cancel of `REF` ends them all, a change of `REF` lays those that work anew in the same way.
The same holds for a ref in its `on_fill`: each rung's order has its own, `OUT_k`, and `OUT` means all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from compiler.catalog.actions import ACTIONS, ATTACHED, Verb
from compiler.catalog.builtins import PLACED_AT
from compiler.catalog.orders import OptionName
from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Diagnostic
from compiler.resolve.ladder_names import (
    Called,
    names_after,
    placed_refs,
    places,
    ref_of,
    taken,
)
from compiler.resolve.ladder_plans import (
    RUNG,
    Layout,
    Plan,
    check_changes,
    first_price,
    layouts_of,
    outside,
    plain_name,
    plan_of,
)
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
    ladders = {ref_of(action) for action in actions(card) if action.ladder is not None}
    if not declared.intersection((RUNG, PLACED_AT)):
        outside(card, ladders, findings)
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
        orders = {key: plan.orders for key, plan in plans.items()}
        layouts = layouts_of(card, plans)
        check_changes(card, layouts, declared, findings)
        for option, ref in taken(card, orders):
            findings.add(
                "IC502",
                f"`{option.value}` is also what an order of a ladder is called, after `{ref}`",
                option.span,
                help="a second order under a working ref is refused: take another name",
            )
        card = _Spread(plans, layouts, names_after(card, orders), declared).card(card)
    return card, findings.all()


def _is_an_order(action: s.Action) -> bool:
    """Return whether an action says what one order needs: a ref, a size, its first price."""
    slots = {price.slot for price in action.prices}
    needed = ACTIONS[action.kind].price_required[:1]
    return bool(ref_of(action)) and action.size is not None and slots.issuperset(needed)


def _takes_one(action: s.Action) -> bool:
    spec = ACTIONS.get(action.kind)
    return spec is not None and OptionName.LADDER in spec.options


class _Spread:
    """Writes the ladders of one card out; `names` are the orders that each ref of theirs means."""

    def __init__(
        self,
        plans: dict[int, Plan],
        layouts: dict[str, list[Layout]],
        names: dict[str, tuple[Called, ...]],
        declared: frozenset[str],
    ) -> None:
        self._plans = plans
        self._layouts = layouts
        self._names = names
        self._declared = declared
        self._inside: frozenset[str] = frozenset()  # what the `on_fill` at hand calls its own

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
            return self._plain(action)
        return [self._rung(action, plan, k) for k in range(1, plan.orders + 1)]

    def _plain(self, action: s.Action) -> list[s.Action]:
        """Return an action that is no ladder: of one that names a ladder's orders what it is for each."""
        ref, spec = ref_of(action), ACTIONS.get(action.kind)
        action = self._asked(replace(action, on_fill=self._actions(action.on_fill)))
        if spec is None or not spec.names_live_order or ref not in self._names:
            return [action]
        if ref in self._inside:
            return [action]  # the order of its own rung
        if spec.verb is Verb.CANCEL and ref in self._layouts:
            return [_cancel_of_group(action)]
        return [self._of_one(action, ref, one) for one in self._names[ref]]

    def _of_one(self, action: s.Action, ref: str, one: Called) -> s.Action:
        """Return what a change or cancel of a ref is for one order of it; the group says that it is one of several."""
        options = tuple(
            replace(o, value=one.ref) if o.name is OptionName.ORDER_REF else o
            for o in action.options
        )
        group = s.Option(OptionName.ORDER_GROUP, ref, span=action.span)
        action = replace(action, options=(*options, group))
        if not one.rung:
            return action
        return self._laid(action, self._layouts[ref][0], one.rung)

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
        if ref not in self._names:
            return None
        return s.Any(
            tuple(s.BuiltinRef(head, one.ref, span=expr.span) for one in self._names[ref]),
            span=expr.span,
        )

    # ------------------------------------------------------------ one order of a ladder

    def _rung(self, action: s.Action, plan: Plan, k: int) -> s.Action:
        laid = self._laid(self._asked(action), Layout.of(action, plan), k)
        before = self._inside
        self._inside = before | placed_refs(action.on_fill)
        children = self._actions(action.on_fill)
        self._inside = before
        own = placed_refs(children)
        group = s.Option(OptionName.ORDER_GROUP, ref_of(action), span=action.span)
        return replace(
            laid,
            options=(*_suffixed(action.options, k), group),
            on_fill=tuple(self._follow(child, k, own) for child in children),
            ladder=None,
            rung=k,
        )

    def _laid(self, action: s.Action, layout: Layout, k: int) -> s.Action:
        """Return an action with the prices and the size that order k of a ladder has of it."""
        own = {p.slot: _moved(p.value, layout, k) for p in action.prices}
        first = first_price(action)
        price = None if first is None else own.get(first)
        if price is not None and action.option(OptionName.REARM) is not None:
            known = s.BuiltinRef(PLACED_AT, span=price.span)  # where it comes again
            price = s.Default(known, price, span=price.span)

        def attached(expr: s.Expr) -> s.Expr:
            return rewritten(expr, lambda part: self._of_rung(part, k, price))

        size = action.size
        return replace(
            action,
            prices=tuple(
                replace(p, value=attached(p.value) if p.slot in ATTACHED else own[p.slot])
                for p in action.prices
            ),
            size=None
            if size is None
            else replace(size, value=_times(attached(size.value), layout.plan.weight(k))),
        )

    def _of_rung(self, part: s.Expr, k: int, price: s.Expr | None) -> s.Expr | None:
        name = plain_name(part)
        if name in self._declared:
            return None
        if name == RUNG:
            return s.Number(float(k), True, span=part.span)
        return price if name == PLACED_AT else None

    def _follow(self, action: s.Action, k: int, own: frozenset[str]) -> s.Action:
        """Return an action of a rung's `on_fill`: the price it was placed at is known to the runtime.

        Its ref is that of the rung where the `on_fill` places it (`own`): another's order keeps its name.
        """

        def known(part: s.Expr) -> s.Expr | None:
            return self._of_rung(part, k, s.BuiltinRef(PLACED_AT, span=part.span))

        action = _mapped(action, lambda expr: rewritten(expr, known))
        is_own = places(action) or ref_of(action) in own
        return replace(
            action,
            options=_suffixed(action.options, k) if is_own else action.options,
            on_fill=tuple(self._follow(child, k, own) for child in action.on_fill),
        )


def _cancel_of_group(action: s.Action) -> s.Action:
    options = tuple(
        replace(o, name=OptionName.ORDER_GROUP) if o.name is OptionName.ORDER_REF else o
        for o in action.options
    )
    if action.option(OptionName.REASON) is None:
        options += (s.Option(OptionName.REASON, action.kind, span=action.span),)
    return replace(action, kind=_CANCEL_ALL, options=options)


def _moved(price: s.Expr, layout: Layout, k: int) -> s.Expr:
    """Return where order k of a ladder stands whose first has a price."""
    plan, span = layout.plan, price.span
    steps = plan.distance(k)
    if not steps:
        return price
    if plan.is_part:
        assert plan.step is not None
        factor = 1 + layout.sign * plan.step * steps
        return s.Arith(s.ArithOp.MUL, price, s.Number(factor, span=span), span=span)
    op = s.ArithOp.ADD if layout.sign > 0 else s.ArithOp.SUB
    return s.Arith(op, price, _times(layout.step, steps), span=span)


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
