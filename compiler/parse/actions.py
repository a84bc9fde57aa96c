"""Blocks, cases and actions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import assert_never

from compiler.catalog.actions import (
    ACTIONS,
    EXITS,
    Verb,
)
from compiler.catalog.orders import (
    TRAIL_KEYS,
    LadderKey,
    OptionName,
    OptionValue,
    PositionSide,
    PriceSlot,
    SizeKey,
)
from compiler.expressions.errors import ExpressionError
from compiler.findings.source import Span
from compiler.parse.conditions import condition, reference, shifted_by_pct
from compiler.parse.context import Reader, entries_of
from compiler.parse.sizes import parse_size
from compiler.syntax import expr as e
from compiler.syntax.tree import Action, Block, Case, Ladder, Option, Price, Size, SizeKind
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar

_SHARE = re.compile(r"\s*([+-]?)\s*(\d+(?:\.\d+)?)\s*%\s*\Z")
# key of the card → (slot, how the value is spelt)
_PRICE_KEYS = {
    f"{slot}{suffix}": (slot, suffix)
    for slot in PriceSlot
    for suffix in ("", "_ref", "_offset_pct")
}
# Spellings whose value is a number or an expression.
PRICE_NUMBERS = frozenset(key for key, (_, suffix) in _PRICE_KEYS.items() if suffix != "_ref")
_SIZE_KEYS: dict[str, SizeKind] = {
    SizeKey.USDT: SizeKind.USDT,
    SizeKey.FRACTION: SizeKind.EQUITY_FRACTION,
    SizeKey.MAX_FRACTION: SizeKind.MAX_FRACTION,
    SizeKey.RISK_PCT: SizeKind.RISK_PCT,
}
# What the string form of a size may be of, where not everything makes sense.
_EXIT_KINDS = (
    SizeKind.POSITION_FRACTION,
    SizeKind.USDT,
    SizeKind.BASE,
    SizeKind.REST,
    SizeKind.FILL,
    None,
)
_RISKLESS = (Verb.ADJUST_SIZE, Verb.AMEND)
_OPTIONS: dict[str, OptionName] = {name.value: name for name in OptionName}
_TRAIL: dict[str, OptionName] = {name.value: name for name in TRAIL_KEYS}


def blocks(reader: Reader, node: Node | None) -> tuple[Block, ...]:
    """Read the rules of a card."""
    read = (_block(reader, item) for item in reader.items(node, "a list of blocks"))
    return tuple(block for block in read if block is not None)


def _block(reader: Reader, node: Node) -> Block | None:
    body = reader.mapping(node, "a block")
    if body is None:
        return None
    name, span = reader.required_text(body, "id")
    if body.get("cases") is None:
        reader.missing(body, "cases")
    cases = tuple(
        case
        for item in reader.items(body.get("cases"), "a list of cases")
        if (case := _case(reader, item)) is not None
    )
    otherwise = reader.mapping(body.get("else"), "`{emit: […]}`")
    emitted = actions(reader, otherwise.get("emit")) if otherwise else ()
    return Block(name, cases, emitted, span=body.span, id_span=span)


def _case(reader: Reader, node: Node) -> Case | None:
    body = reader.mapping(node, "a case")
    if body is None:
        return None
    when, emit = body.get("when"), body.get("emit")
    if when is None or emit is None:
        reader.missing(body, "when" if when is None else "emit")
        return None
    return Case(condition(reader, when), actions(reader, emit), span=body.span)


# ---------------------------------------------------------------- actions


def actions(reader: Reader, node: Node | None) -> tuple[Action, ...]:
    """Read a list of actions."""
    read = (_action(reader, item) for item in reader.items(node, "a list of actions"))
    return tuple(action for action in read if action is not None)


def _action(reader: Reader, node: Node) -> Action | None:
    if isinstance(node, Scalar):
        kind = reader.text(node, "an action")
        return None if kind is None else Action(kind, span=node.span, kind_span=node.span)
    body = reader.mapping(node, "an action")
    if body is None:
        return None
    kind, kind_span = reader.required_text(body, "action")
    if not kind:
        return None
    before = len(reader.findings)
    metadata = entries_of(reader.mapping(body.get("metadata"), "a mapping of metadata"))
    action = Action(
        kind,
        prices=_prices(reader, metadata, kind),
        size=_size(reader, metadata, kind),
        options=_options(reader, metadata),
        on_fill=_on_fill(reader, metadata),
        ladder=_ladder(reader, metadata),
        span=body.span,
        kind_span=kind_span,
    )
    return action if len(reader.findings) == before else replace(action, is_whole=False)


def _prices(reader: Reader, metadata: tuple[KeyValue, ...], action: str) -> tuple[Price, ...]:
    """Read the price slots; of two spellings of one slot the first counts."""
    prices: dict[PriceSlot, Price] = {}
    for entry in metadata:
        known = _PRICE_KEYS.get(entry.key.text)
        if known is None:
            continue
        slot, spelling = known
        if slot in prices:
            _conflict(reader, entry, prices[slot].key)
            continue
        value = _level_in_percent(reader, entry.value, slot, action) if not spelling else None
        value = value or _price(reader, entry.value, spelling)
        if value is not None:
            prices[slot] = Price(
                slot, entry.key.text, value, span=entry.value.span, key_span=entry.key.span
            )
    return tuple(prices.values())


def _price(reader: Reader, node: Node, spelling: str) -> e.Expr | None:
    if spelling == "_offset_pct":
        close = e.BuiltinRef("close", span=node.span)
        return shifted_by_pct(reader, close, node)
    if spelling == "_ref" or (isinstance(node, Mapping) and node.names() != ("param",)):
        body = reader.mapping(node, "`{feature_id: …, field: …}`")
        return None if body is None else reference(reader, body, is_price=True)
    return reader.number(node, "a price")


def _level_in_percent(reader: Reader, node: Node, slot: PriceSlot, action: str) -> e.Expr | None:
    """Read `stop_loss: 2%` as the level it means, by the side of the entry; None for all else."""
    share = _SHARE.match(node.text) if isinstance(node, Scalar) else None
    if share is None or not isinstance(node, Scalar):
        return None
    signs = [share[1]] if share[1] else _signs(slot, action)
    levels = [f"close {sign} {share[2]}%" for sign in signs]
    helps = f"write `{levels[0]}`"
    if len(levels) > 1:
        helps = f"write `{levels[0]}` for a long position, `{levels[1]}` for a short one"
    text = levels[0] if len(levels) == 1 else None
    message = f"`{node.text.strip()}` of what? a level is a price"
    reader.misread(node, ExpressionError(0, len(node.text), message, helps, text))
    close, amount = (
        e.BuiltinRef("close", span=node.span),
        e.Percent(float(share[2]), span=node.span),
    )
    op = e.ArithOp.ADD if signs[0] == "+" else e.ArithOp.SUB
    return e.Arith(op, close, amount, span=node.span)


def _signs(slot: PriceSlot, action: str) -> list[str]:
    """Return on which side of the close a level lies; both ways where the action names no side."""
    spec = ACTIONS.get(action)
    if spec is None or spec.side is None:
        return ["-", "+"] if slot in (PriceSlot.STOP_LOSS, PriceSlot.PRICE) else ["+", "-"]
    above = slot in (PriceSlot.TAKE_PROFIT, PriceSlot.TRIGGER, PriceSlot.LIMIT_PRICE)
    if spec.reduce_only:
        above = not above  # a limit that leaves a long sells above
    return ["+" if above is (spec.side is PositionSide.LONG) else "-"]


def _conflict(reader: Reader, entry: KeyValue, other: str) -> None:
    reader.findings.add(
        "IC115", f"`{entry.key.text}` and `{other}` say the same thing twice", entry.key.span
    )


def _size(reader: Reader, metadata: tuple[KeyValue, ...], action: str) -> Size | None:
    found: Size | None = None
    written = ""
    for entry in metadata:
        key = entry.key.text
        if key != SizeKey.TEXT and key not in _SIZE_KEYS:
            continue
        if written:
            _conflict(reader, entry, written)
            continue
        written = key
        if key == SizeKey.TEXT:
            found = _size_text(reader, entry.value, action)
        else:
            found = _size_number(reader, entry, action)
    return found


def _size_number(reader: Reader, entry: KeyValue, action: str) -> Size | None:
    value = reader.number(entry.value)
    if value is None:
        return None
    kind = _SIZE_KEYS[entry.key.text]
    if kind is SizeKind.EQUITY_FRACTION and action in EXITS:
        kind = SizeKind.POSITION_FRACTION
    return Size(kind, value, span=entry.value.span)


def _size_text(reader: Reader, node: Node, action: str) -> Size | None:
    if not isinstance(node, Scalar) or node.value is None:
        reader.wrong(node, "a size")
        return None
    parsed = parse_size(node.text, node.place, "position" if action in EXITS else "equity")
    for error in parsed.errors:
        reader.misread(node, error)
    if parsed.size is not None:
        _fits(reader, parsed.size, node, action)
    return parsed.size


def _fits(reader: Reader, size: Size, node: Scalar, action: str) -> None:
    """Only exits leave the rest of a position, and none of equity; only entries know a risk."""
    if action in EXITS:
        if size.kind not in _EXIT_KINDS:
            helps = "`50% of position`, `rest of position`, `1000 usdt` or `0.01 base`"
            _wrong_size(reader, node, f"an exit cannot be `{node.text.strip()}`", helps)
    elif size.kind is SizeKind.REST:
        helps = "`10% of equity`, `50% of position`, `1000 usdt` or `risk 1%`"
        _wrong_size(reader, node, f"`{action}` takes no rest of the position: exits do", helps)
    elif size.kind is SizeKind.RISK_PCT and action in ACTIONS and ACTIONS[action].verb in _RISKLESS:
        helps = "`10% of equity`, `25% of max` or `1000 usdt`"
        _wrong_size(reader, node, f"`{action}` cannot be sized by risk", helps)


def _wrong_size(reader: Reader, node: Scalar, message: str, helps: str) -> None:
    reader.findings.add("IC110", message, node.span, help=f"write {helps}")


# ---------------------------------------------------------------- options


def _options(reader: Reader, metadata: tuple[KeyValue, ...]) -> tuple[Option, ...]:
    read = [_option(reader, entry) for entry in metadata]
    for entry in metadata:
        if entry.key.text == OptionName.TRAIL:
            body = reader.mapping(entry.value, "`{distance: …}`")
            read += [_option(reader, x) for x in entries_of(body) if x.key.text in _TRAIL]
            read.append(
                Option(OptionName.TRAIL, True, span=entry.value.span, name_span=entry.key.span)
            )
    return tuple(option for option in read if option is not None)


def _option(reader: Reader, entry: KeyValue) -> Option | None:
    name, node = _OPTIONS.get(entry.key.text), entry.value
    if name is None:
        return None
    value: str | bool | e.Expr | None
    match name.holds:
        case OptionValue.SWITCH:
            value = _switch(reader, node)
        case OptionValue.NUMBER:
            value = reader.number(node)
        case OptionValue.TIMES:
            is_switch = isinstance(node, Scalar) and isinstance(node.value, bool)
            value = _switch(reader, node) if is_switch else reader.number(node, name.holds)
        case OptionValue.PRICE | OptionValue.PERCENT | OptionValue.MULTIPLE:
            value = reader.number(node, name.holds)
        case OptionValue.WORD | OptionValue.TEXT:
            value = reader.text(node, "a text")
        case OptionValue.ACTIONS | OptionValue.LADDER | OptionValue.TRAIL:
            return None  # read by `_on_fill`, `_ladder`, `_options`
        case kind:
            assert_never(kind)
    if value is None:
        return None
    return Option(name, value, span=_place(value, node), name_span=entry.key.span)


def _place(value: str | bool | e.Expr, node: Node) -> Span:
    return node.span if isinstance(value, str | bool) else value.span


def _switch(reader: Reader, node: Node) -> bool | None:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    reader.wrong(node, "`true` or `false`")
    return None


def _on_fill(reader: Reader, metadata: tuple[KeyValue, ...]) -> tuple[Action, ...]:
    for entry in metadata:
        if entry.key.text == "on_fill":
            return actions(reader, entry.value)
    return ()


def _ladder(reader: Reader, metadata: tuple[KeyValue, ...]) -> Ladder | None:
    node = next((x.value for x in metadata if x.key.text == OptionName.LADDER), None)
    body = None if node is None else reader.mapping(node, "`{orders: …, step: …}`")
    if body is None:
        return None
    values: dict[LadderKey, e.Expr | None] = {}
    for key in LadderKey:
        found = body.get(key)
        if found is not None and key is not LadderKey.SIZE_OF:
            values[key] = reader.number(found)
    size_of = body.get(LadderKey.SIZE_OF)
    return Ladder(
        values.get(LadderKey.ORDERS),
        values.get(LadderKey.STEP),
        values.get(LadderKey.STEP_SCALE),
        values.get(LadderKey.SIZE_SCALE),
        None if size_of is None else reader.text(size_of, "`first` or `total`"),
        span=body.span,
    )
