"""What the ladders of a card must say, and the numbers of each."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from compiler.catalog.actions import ACTIONS, ATTACHED, Verb
from compiler.catalog.builtins import PLACED_AT
from compiler.catalog.orders import (
    MOST_RUNGS,
    SCALES,
    LadderKey,
    OptionName,
    OrderType,
    PositionSide,
    PriceSlot,
    SizeOf,
)
from compiler.classes import dataclass
from compiler.findings.collected import Findings
from compiler.resolve.ladder_names import ref_of
from compiler.syntax import tree as s
from compiler.syntax.constants import constant, whole
from compiler.syntax.walker import actions, live_expressions, subexpressions

RUNG = "rung"  # which order of its ladder: 1, 2 …
_SHARED = tuple(word for word in SizeOf if word.is_shared)
_PRICES = tuple(slot.value for slot in PriceSlot)
_WHERE = "it may stand in the size, the stop, the target and the `on_fill` of a ladder"
_Params = Mapping[str, s.ParamDecl]


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbers of one ladder. `step` None: a price difference that only bars tell."""

    orders: int
    step: float | None
    is_part: bool  # `step` is a fraction of the first price
    step_scale: float
    size_scale: float
    is_shared: bool

    def distance(self, k: int) -> float:
        """Return how many steps order k (from 1) stands away from the first."""
        return sum(self.step_scale**i for i in range(k - 1))

    def weight(self, k: int) -> float:
        """Return what part of the size order k (from 1) has."""
        all_of_them = sum(self.size_scale**i for i in range(self.orders))
        return self.size_scale ** (k - 1) / (all_of_them if self.is_shared else 1.0)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the orders of one ladder lie: its numbers, its step as written, and which way they go (+1 up)."""

    plan: Plan
    step: s.Expr
    sign: int

    @classmethod
    def of(cls, action: s.Action, plan: Plan) -> Layout:
        """Return that of an action with a ladder."""
        assert action.ladder is not None
        step = action.ladder.step
        return cls(plan, s.Number(0.0) if step is None else step, sign_of(action))

    def lies_as(self, other: Layout) -> bool:
        """Return whether a change of either would mean the same; how many orders it has says nothing."""
        alike = replace(other, plan=replace(other.plan, orders=self.plan.orders))
        return self == alike and (not self.plan.is_shared or self.plan.orders == other.plan.orders)


def layouts_of(card: s.Card, plans: Mapping[int, Plan]) -> dict[str, list[Layout]]:
    """Return how the ladders of each ref lie."""
    found: dict[str, list[Layout]] = {}
    for action in actions(card):
        if id(action) in plans:
            found.setdefault(ref_of(action), []).append(Layout.of(action, plans[id(action)]))
    return found


def first_price(action: s.Action) -> PriceSlot | None:
    """Return which price of an action is that of its order: of a change the one that it gives."""
    given = {price.slot for price in action.prices}
    slots = ACTIONS[action.kind].price_required[:1] or (
        PriceSlot.TRIGGER,
        PriceSlot.PRICE,
        PriceSlot.LIMIT_PRICE,
    )
    return next((slot for slot in slots if slot in given), None)


def check_changes(
    card: s.Card,
    layouts: Mapping[str, list[Layout]],
    declared: frozenset[str],
    findings: Findings,
) -> None:
    """Report changes of a ladder that do not say where each of its orders is to be."""
    for action in actions(card):
        laid = layouts.get(ref_of(action))
        if laid is None or not _changes(action):
            continue
        is_laid = action.size is not None or any(p.slot not in ATTACHED for p in action.prices)
        if is_laid and not all(laid[0].lies_as(other) for other in laid):
            findings.add(
                "IC110",
                f"the ladders called `{ref_of(action)}` lie differently: "
                "where each order is to be, and how large, is not said",
                action.kind_span,
                help="give each ladder an `order_ref` of its own, and change it by that",
            )
        elif laid[0].plan.is_shared and action.size is not None:
            _check_shared(action.size, SizeOf.TOTAL, declared, findings)


def _changes(action: s.Action) -> bool:
    return action.kind in ACTIONS and ACTIONS[action.kind].verb is Verb.AMEND


def plan_of(
    action: s.Action, params: _Params, findings: Findings, *, declared: frozenset[str]
) -> Plan | None:
    """Return the numbers of an action's ladder, None where it has a mistake; `declared`: the card's own names."""
    ladder = action.ladder
    assert ladder is not None
    if ladder.orders is None or ladder.step is None or not action.is_whole:
        return None  # reported where the card was read
    _beside(action, findings)
    orders = whole(ladder.orders, params)
    if orders is None or not 2 <= orders <= MOST_RUNGS:
        text = f"a ladder has 2 to {MOST_RUNGS} `orders`, a constant or a tunable"
        findings.add("IC110", text, ladder.orders.span)
        return None
    is_part = isinstance(ladder.step, s.Percent | s.PercentParam)
    step = _step(ladder.step, params)
    if step is not None and step <= 0:
        text = "a `step` is more than zero: the side of the order says which way it goes"
        findings.add("IC110", text, ladder.step.span)
        return None
    plan = Plan(
        orders,
        step,
        is_part,
        _scale(LadderKey.STEP_SCALE, ladder.step_scale, params, findings),
        _scale(LadderKey.SIZE_SCALE, ladder.size_scale, params, findings),
        ladder.size_of in _SHARED,
    )
    _above_zero(action, plan, params, findings)
    if plan.is_shared and action.size is not None:
        _check_shared(action.size, ladder.size_of, declared, findings)
    if not plan.is_shared and action.size is not None and _has_risk(action.size):
        findings.add(
            "IC110",
            f"a risk is that of the whole ladder: each of its {orders} orders would have one of its own",
            action.size.span,
            help=f"add `size_of: {SizeOf.TOTAL}` to the ladder",
        )
    return plan


def _check_shared(
    size: s.Size, how: str | None, declared: frozenset[str], findings: Findings
) -> None:
    if _knows_rung(size.value, declared):
        findings.add(
            "IC110",
            f"`size_of: {how}` shares one size, and this one is another for each order",
            size.span,
            help="leave `size_of` away: then it is the size of each order by itself",
        )


def _beside(action: s.Action, findings: Findings) -> None:
    if action.option(OptionName.ORDER_REF) is None:
        text = "a ladder needs an `order_ref`: its orders are called after it"
        findings.add("IC109", text, action.kind_span)
    if action.size is None:
        text = "a ladder needs a `size`: that of its first order, or with `size_of: total` of all"
        findings.add("IC109", text, action.kind_span)
    for name in (OptionName.OCO, OptionName.ORDER_GROUP):
        option = action.option(name)
        if option is not None and option.value is not False:
            findings.add(
                "IC115",
                f"`{name}` does not go with `ladder`: its orders are a group of their own",
                option.name_span,
                help="the group is called as its `order_ref`",
            )


def _step(step: s.Expr, params: _Params) -> float | None:
    """Return a step that is known before any bar, a percentage as a fraction."""
    if isinstance(step, s.Percent):
        return step.value / 100
    if isinstance(step, s.PercentParam):
        value = constant(step.param, params)
        return None if value is None else value / 100
    value = constant(step, params)
    return None if value is None else float(value)


def _scale(key: LadderKey, expr: s.Expr | None, params: _Params, findings: Findings) -> float:
    if expr is None:
        return 1.0
    value = constant(expr, params)
    least, most = SCALES
    if value is None or not least <= value <= most:
        text = f"`{key}` is a constant or a tunable between {least:g} and {most:g}"
        findings.add("IC110", text, expr.span)
        return 1.0
    return float(value)


def _above_zero(action: s.Action, plan: Plan, params: _Params, findings: Findings) -> None:
    """Report orders that would have no price above zero, where the card alone says so."""
    if plan.step is None or sign_of(action) > 0:
        return
    first = 1.0
    if not plan.is_part:
        prices = [p for p in action.prices if p.slot in ACTIONS[action.kind].price_required]
        known = constant(prices[0].value, params) if prices else None
        if known is None:
            return
        first = float(known)
    for k in range(1, plan.orders + 1):
        if first - plan.step * plan.distance(k) <= 0:
            assert action.ladder is not None
            findings.add(
                "IC110",
                f"order {k} of the ladder would stand at or below a price of zero",
                action.ladder.span,
                help="fewer `orders`, a smaller `step` or a smaller `step_scale`",
            )
            return


def sign_of(action: s.Action) -> int:
    """Return +1 where the orders go up, -1 where they go down."""
    spec = ACTIONS[action.kind]
    buys = spec.side is PositionSide.LONG
    return -1 if buys == (spec.order_type is OrderType.LIMIT) else 1


def _has_risk(size: s.Size) -> bool:
    if size.kind is not None:
        return size.kind is s.SizeKind.RISK_PCT
    return any(
        isinstance(x, s.Risk) or (isinstance(x, s.Call) and x.function == "risk")
        for x in subexpressions(size.value)
    )


def outside(card: s.Card, ladders: Container[str], findings: Findings) -> None:
    """Report `rung` and `rung_price` where no order of a ladder stands, and where one does but knows none.

    `ladders` are the refs of those there are: what changes one knows them too.
    """
    inside: set[int] = set()
    unpriced: set[int] = set()  # of changes that give no price of their own
    own: dict[int, str] = {}  # parts of what a ladder's orders share -> the key it stands under
    for action in actions(card):
        if action.ladder is not None:
            for expr in _may_know_rung(action):
                inside |= {id(part) for part in subexpressions(expr)}
            for place, expr in _shared(action):
                own |= {id(part): place for part in subexpressions(expr)}
        elif _changes(action) and ref_of(action) in ladders:
            known = {id(p) for expr in _may_know_rung(action) for p in subexpressions(expr)}
            inside |= known
            unpriced |= known if first_price(action) is None else set()
    for name, part in named(card, (RUNG, PLACED_AT)):
        if name == PLACED_AT and id(part) in unpriced:
            findings.add(
                "IC201",
                f"`{PLACED_AT}` is known in a change of a ladder that gives its price",
                part.span,
                help="give the `price` of its first order beside it; the others lie as the ladder says",
            )
        elif id(part) not in inside:
            key = own.get(id(part))
            findings.add(
                "IC201",
                f"`{name}` is known in a `ladder` only"
                if key is None
                else f"`{name}` may not stand in `{key}` of a ladder",
                part.span,
                help=f"how far apart its orders stand is what `step` and `step_scale` say; {_WHERE}"
                if key in _PRICES
                else _WHERE,
            )


def named(card: s.Card, names: tuple[str, ...]) -> Iterator[tuple[str, s.Expr]]:
    """Yield what a card reads by one of these names alone, in its rules and its variables."""
    for expr in (*live_expressions(card), *(variable.value for variable in card.variables)):
        for part in subexpressions(expr):
            name = plain_name(part)
            if name in names:
                yield name, part


def _may_know_rung(action: s.Action) -> Iterator[s.Expr]:
    yield from (price.value for price in action.prices if price.slot in ATTACHED)
    if action.size is not None:
        yield action.size.value
    for child in action.on_fill:
        yield from _expressions(child)


def _shared(action: s.Action) -> Iterator[tuple[str, s.Expr]]:
    """Yield what is one for all orders of a ladder, each with its key."""
    yield from ((p.slot.value, p.value) for p in action.prices if p.slot not in ATTACHED)
    for option in action.options:
        if not isinstance(option.value, str | bool):
            yield option.name.value, option.value
    assert action.ladder is not None
    yield from (("ladder", expr) for expr in action.ladder.expressions)


def _expressions(action: s.Action) -> Iterator[s.Expr]:
    yield from (price.value for price in action.prices)
    if action.size is not None:
        yield action.size.value
    yield from (o.value for o in action.options if not isinstance(o.value, str | bool))
    for child in action.on_fill:
        yield from _expressions(child)


def _knows_rung(expr: s.Expr, declared: frozenset[str]) -> bool:
    """Return whether an operand is another one for each order of its ladder."""
    names = {RUNG, PLACED_AT} - declared
    return any(plain_name(part) in names for part in subexpressions(expr))


def plain_name(expr: s.Expr) -> str | None:
    if isinstance(expr, s.Name) and expr.field is None and expr.timeframe is None:
        return expr.head
    return expr.name if isinstance(expr, s.BuiltinRef) else None
