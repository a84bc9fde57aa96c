"""A card read back in plain English, from what it compiled to: every rule, every default named.

The law: two cards that mean different things read differently. Nothing of the graph is left out, and what
the card does not state is said as what holds then.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import assert_never

from compiler.catalog.actions import ACTIONS, ActionSpec, Verb, default_of
from compiler.catalog.lookup import SIGNATURES
from compiler.catalog.orders import (
    OPTION_DEFAULTS,
    OptionName,
    OrderType,
    PositionSide,
    PriceSlot,
    Protect,
    SizeKind,
    TakeProfitType,
    TimeInForce,
)
from compiler.catalog.session import SESSION
from compiler.catalog.source_expressions import EXPRESSION
from compiler.graph.conditions_in_words import condition
from compiler.graph.describe import describe
from compiler.graph.names import names_in_words, with_names
from compiler.graph.order_words import LIVES, OFF, ON, WAITING, counted, rearm_in_words
from compiler.graph.rule_graph import ActionNode, BlockNode, FeatureNode, RuleGraph
from compiler.graph.session_words import session_words
from compiler.graph.settings_in_words import plain, promise_in_words, settings_in_words
from compiler.graph.trail_words import has_trail, trail_in_words

_WIDTH = 80


def read_back(graph: RuleGraph) -> str:
    """Return the card in plain English, lines of at most 80 columns."""
    graph = with_names(graph)
    parts = [_head(graph), *_section("What it computes", _features(graph))]
    parts += _section("Names in its rules", names_in_words(graph))
    for block in graph.blocks:
        parts += _section(f"Rule {block.id}", _block(graph, block))
    parts += _section("Promises", (promise_in_words(graph, one) for one in graph.invariants))
    parts += _section("Money and execution", settings_in_words(graph))
    return "\n".join(parts) + "\n"


def _head(graph: RuleGraph) -> str:
    markets = " and ".join(graph.symbols)
    higher = (
        f" It may look at {', '.join(graph.higher_timeframes)} bars."
        if graph.higher_timeframes
        else ""
    )
    params = (
        f" Tunables: {', '.join(f'{name} = {value:g}' for name, value in graph.params)}."
        if graph.params
        else ""
    )
    text = (
        f"{graph.card} trades {markets} on {graph.timeframe} bars. Every rule is looked at whenever such a bar "
        "closes, all on what was known at that moment; what they order meets the market from the next bar on."
        f"{higher}{params}"
    )
    return textwrap.fill(text, _WIDTH)


def _section(title: str, lines: Iterator[str]) -> list[str]:
    body = list(lines)
    return ["", title, *(wrapped for line in body for wrapped in _wrapped(line))] if body else []


def _wrapped(line: str) -> list[str]:
    text = line.lstrip(" ")
    indent = " " * (len(line) - len(text) + 2)
    more = indent + ("  " if text.startswith(("- ", "* ")) or text[:1].isdigit() else "")
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=more)


# ---------------------------------------------------------------- features


def _features(graph: RuleGraph) -> Iterator[str]:
    for feature in graph.features:
        yield f"- {_feature(graph, feature)}"


def _feature(graph: RuleGraph, feature: FeatureNode) -> str:
    if feature.type == SESSION.type:
        return session_words(feature)
    if feature.type == EXPRESSION.type:
        return f"{feature.id}: the value of this expression on each {feature.timeframe} bar"
    entry = SIGNATURES[feature.type]
    params = ", ".join(f"{name} {plain(value)}" for name, value in feature.params)
    where = f"on {feature.timeframe} bars" + (
        ""
        if feature.timeframe == graph.timeframe
        else " (the last closed one; [1] is the one before)"
    )
    other = "" if feature.symbol == graph.symbols[0] else f" of {feature.symbol}"
    reads = "".join(f", {role} from {graph.features[i].id}" for role, i in feature.depends)
    source = f" of {feature.source}" if feature.source else ""
    return (
        f"{feature.id}: {entry.title} ({feature.type}){source}{other} {where}"
        + (f"; {params}" if params else "")
        + reads
    )


# ---------------------------------------------------------------- rules


def _block(graph: RuleGraph, block: BlockNode) -> Iterator[str]:
    several = len(block.cases) > 1 or bool(block.otherwise)
    if several:
        yield "The first case that is true acts; one that is unknown is passed over."
    for number, case in enumerate(block.cases, 1):
        yield f"{f'{number}. ' if several else ''}When {condition(graph, case.when)}:"
        yield from _actions(graph, case.emit, 2)
    if block.otherwise:
        yield "Otherwise:"
        yield from _actions(graph, block.otherwise, 2)


def _actions(
    graph: RuleGraph,
    actions: tuple[ActionNode, ...],
    indent: int,
    twins: tuple[ActionNode, ...] = (),
) -> Iterator[str]:
    """Yield what is done; `twins` are what follows the fill of the order told before, as this the fill of its own."""
    before: ActionNode | None = None
    for place, action in enumerate(actions):
        deed, *more = _action(graph, action)
        twin = twins[place] if place < len(twins) else None
        is_alike = _is_as(graph, action, before)
        if is_alike:
            more = ["in all else as the one before"]
        elif _is_as(graph, action, twin):
            more = ["in all else as after the order before"]
        yield " " * indent + f"- {'; '.join([deed, *more])}."
        earlier = before.on_fill if before is not None else ()
        if action.on_fill and not (is_alike and _all(graph, action) == _all(graph, before)):
            yield " " * (indent + 2) + "at the close at which it has ended with something filled:"
            yield from _actions(graph, action.on_fill, indent + 4, earlier)
        before = action


def _is_as(graph: RuleGraph, action: ActionNode, other: ActionNode | None) -> bool:
    """Return whether all that is said of an action behind its first words is so of another one."""
    if other is None or action.kind != other.kind or (other.on_fill and not action.on_fill):
        return False
    more = _action(graph, action)[1:]
    return len(more) > 1 and more == _action(graph, other)[1:]


def _all(graph: RuleGraph, action: ActionNode | None) -> list[str]:
    """Return what follows the fill of an action."""
    return [] if action is None else list(_actions(graph, action.on_fill, 0))


def _action(graph: RuleGraph, action: ActionNode) -> list[str]:
    """Return what an action does, and then how: rungs of a ladder differ in the first alone."""
    spec = ACTIONS[action.kind]
    prices = {slot: describe(graph, node) for slot, node in action.prices}
    parts = [_deed(graph, action, spec, prices)]
    parts += _protection(spec, prices, _options(graph, action))
    parts += _manner(graph, action, spec)
    return [part for part in parts if part]


def _options(graph: RuleGraph, action: ActionNode) -> dict[OptionName, str]:
    found = {name: describe(graph, node) for name, node in action.numbers}
    return found | {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in action.options
    }


def _deed(
    graph: RuleGraph, action: ActionNode, spec: ActionSpec, prices: dict[PriceSlot, str]
) -> str:
    options = _options(graph, action)
    ref = options.get(OptionName.ORDER_REF)
    called = f' under the ref "{ref}"' if ref is not None else ""
    price = prices.get(PriceSlot.PRICE, "")
    match spec.verb:
        case Verb.ENTER:
            return f"{_order(spec, prices)}{called}, {_size(graph, action)}"
        case Verb.EXIT:
            what = f"a {spec.side} position" if spec.side else "whatever position is open"
            how = (
                f"with a limit order at {price}"
                if spec.order_type is OrderType.LIMIT
                else "at market"
            )
            return f"close {what} {how}{called}, {_size(graph, action)}"
        case Verb.CANCEL:
            return f'cancel the working order "{ref}"{_if_any(options)}'
        case Verb.CANCEL_ALL:
            group, side = options.get(OptionName.ORDER_GROUP), options.get(OptionName.SIDE)
            which = f' of the group "{group}"' if group else ""
            return f"cancel every working {f'{side} ' if side else ''}order{which}"
        case Verb.AMEND:
            changed = [f"{slot.replace('_', ' ')} {text}" for slot, text in prices.items()]
            if action.size is not None:
                changed.append(f"size: {_size(graph, action)}")
            if OptionName.TTL_BARS in options:
                changed.append(
                    f"it expires {counted(options[OptionName.TTL_BARS], 'close')} from now"
                )
            return f'change the working order "{ref}"{_if_any(options)}: {", ".join(changed) or "nothing"}'
        case Verb.ADJUST_STOP | Verb.ADJUST_TARGET:
            level = "stop" if spec.verb is Verb.ADJUST_STOP else "target"
            whose = _whose(options)
            only = (
                " if that is nearer to the price"
                if options.get(OptionName.ONLY_TIGHTEN) == ON
                else ""
            )
            return f"move the {level} {whose} to {price}{only}"
        case Verb.ADJUST_TRAIL:
            whose = _whose(options)
            if options.get(OptionName.REMOVE) == ON:
                return f"remove the trailing stop {whose}"
            return f"give {trail_in_words(options, unsaid='at once')} {whose}, never looser than the one it has"
        case Verb.ADJUST_SIZE:
            side = options.get(OptionName.SIDE)
            what = (
                "the position"
                if side is None
                else f"the {side} position, opened where there is none,"
            )
            return f"buy or sell at market until {what} is: {_size(graph, action)}{called}"
        case Verb.NOTHING:
            return "do nothing"
        case _:
            assert_never(spec.verb)


def _if_any(options: dict[OptionName, str]) -> str:
    """Return what is said of one of several orders that a card names together: it need not be there."""
    return " if there is one" if OptionName.ORDER_GROUP in options else ""


def _whose(options: dict[OptionName, str]) -> str:
    layer = options.get(OptionName.LAYER)
    return f"of layer {layer}" if layer is not None else "of the position"


def _order(spec: ActionSpec, prices: dict[PriceSlot, str]) -> str:
    deed = "buy" if spec.side is PositionSide.LONG else "sell short"
    match spec.order_type:
        case OrderType.MARKET:
            return f"{deed} at market"
        case OrderType.LIMIT:
            return f"place a limit order to {deed} at {prices[PriceSlot.PRICE]}"
        case OrderType.STOP_MARKET | OrderType.STOP_LIMIT:
            trigger, limit = prices[PriceSlot.TRIGGER], prices.get(PriceSlot.LIMIT_PRICE)
            way = "falls" if spec.side is PositionSide.SHORT else "rises"
            then = f"with a limit of {limit}" if limit else "at market"
            return f"place a stop order to {deed} {then} once the price {way} to {trigger}"
        case None:
            return deed
        case _:
            assert_never(spec.order_type)


def _size(graph: RuleGraph, action: ActionNode) -> str:
    spec = ACTIONS[action.kind]
    if action.size is None:
        return "all of it" if spec.reduce_only else "sized by the card's sizing rule"
    value = describe(graph, action.size.value)
    match action.size.kind:
        case SizeKind.USDT:
            return f"for {value} USDT"
        case SizeKind.EQUITY_FRACTION:
            return f"for {value} times equity"
        case SizeKind.POSITION_FRACTION:
            return f"{value} of the position (1 is all of it)"
        case SizeKind.MAX_FRACTION:
            return f"for {value} times the largest position allowed"
        case SizeKind.BASE:
            return f"{value} base units"
        case SizeKind.RISK_PCT:
            return f"so large that {value} % of equity is lost at its stop"
        case SizeKind.FILL:
            return "the lots that the order above it has filled"
        case SizeKind.REST:
            return "all of the position that no other exit takes"
        case _:
            assert_never(action.size.kind)


def _protection(
    spec: ActionSpec, prices: dict[PriceSlot, str], options: dict[OptionName, str]
) -> list[str]:
    """Return what an entry's stop and target are, the defaults named."""
    if spec.verb is Verb.ADJUST_SIZE and OptionName.SIDE in options:
        brought = _brought(prices, options)
        return [f"where it opens the position: {brought[0]}", *brought[1:]]
    return _brought(prices, options) if spec.verb is Verb.ENTER else []


def _brought(prices: dict[PriceSlot, str], options: dict[OptionName, str]) -> list[str]:
    stop, target = prices.get(PriceSlot.STOP_LOSS), prices.get(PriceSlot.TAKE_PROFIT)
    own = options.get(OptionName.PROTECT, OPTION_DEFAULTS[OptionName.PROTECT]) == Protect.LAYER
    whose = "of this entry alone" if own else "of the whole position"
    parts = [f"stop {whose} at {stop}" if stop else f"no stop of its own (protecting {whose[3:]})"]
    if target:
        unsaid = OPTION_DEFAULTS[OptionName.TAKE_PROFIT_TYPE]
        waits = options.get(OptionName.TAKE_PROFIT_TYPE, unsaid) == TakeProfitType.LIMIT
        how = "a limit order" if waits else "market"
        parts.append(f"target {whose} at {target}, taken by {how}")
    else:
        parts.append("no target of its own")
    if has_trail(options):
        parts.append(f"{trail_in_words(options, unsaid='from the first fill on')} {whose}")
    return parts


def _manner(graph: RuleGraph, action: ActionNode, spec: ActionSpec) -> list[str]:
    """Return how an order lives; what is not stated is said as its default."""
    options = _options(graph, action)
    parts = []
    at_once = options.get(OptionName.TTL_TYPE) in (TimeInForce.IOC, TimeInForce.FOK)
    if OptionName.TTL_BARS in spec.options and spec.verb is not Verb.AMEND:
        ttl = options.get(OptionName.TTL_BARS)
        if ttl or not at_once:
            parts.append(f"it expires after {counted(ttl, 'close')}" if ttl else "it never expires")
    for name, words in LIVES.items():
        if name in spec.options and not (at_once and name in WAITING and name not in options):
            unsaid = default_of(spec, name) or OFF
            if name is OptionName.TTL_TYPE and OptionName.TTL_BARS in options:
                unsaid = TimeInForce.GTD  # an order with a time to live is good till then
            parts.append(words[options.get(name, unsaid)])
    if OptionName.METHOD in spec.options:
        method = options.get(OptionName.METHOD, OPTION_DEFAULTS[OptionName.METHOD])
        parts.append(f"layers are booked {method}")
    if (
        OptionName.ORDER_GROUP in options
        and OptionName.ORDER_GROUP in spec.options
        and spec.verb is not Verb.CANCEL_ALL
    ):
        parts.append(f'in the group "{options[OptionName.ORDER_GROUP]}"')
    if OptionName.REARM in options:
        parts.append(rearm_in_words(options[OptionName.REARM]))
    if OptionName.REASON in options:
        parts.append(f'reason "{options[OptionName.REASON]}"')
    if spec.verb in (Verb.CANCEL, Verb.CANCEL_ALL, Verb.NOTHING):
        return [part for part in parts if part.startswith("reason")]
    return parts
