"""Scales: a literal that only makes sense a hundred times larger or smaller.

Percent, fraction and basis points are different things; a number far outside what a value of its unit
ever is, and inside it on the other scale, was probably written on the other scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compiler.catalog.orders import OptionName
from compiler.catalog.settings import SettingValue, SizingModel, StopType, TargetType
from compiler.catalog.types import Type, Unit, ValueType
from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Edit, Fix
from compiler.findings.source import NOWHERE, Span
from compiler.resolve.scope import AccountSymbol, BarSymbol, FeatureSymbol, Resolved
from compiler.syntax import tree as s
from compiler.syntax.walker import actions, live_expressions, subexpressions


@dataclass(frozen=True, slots=True)
class Scale:
    """What a number says, and between which sizes it is plausible (zero always is)."""

    says: str
    least: float = 0.0
    most: float = float("inf")
    in_fractions: bool = False  # beside such a value `3%` is 0.03


_SETTINGS = {
    "account.slippage_bps": Scale("is in hundredths of a percent", 0.1, 200),
    "account.fee_model.taker_bps": Scale("is in hundredths of a percent", 0.1, 100),
    "account.fee_model.maker_bps": Scale("is in hundredths of a percent", 0.1, 100),
    "account.maintenance_margin_rate": Scale("is a fraction (0.1 is ten percent)", 0.0, 0.2),
    "execution.price_band_pct": Scale("is in percent", 0.1, 100),
    "limits.max_daily_loss_pct": Scale("is in percent of equity", 0.1),
    "limits.max_drawdown_pct": Scale("is in percent of equity", 0.1),
    "risk_model.stop_loss.buffer_pct": Scale("is in percent", 0.0, 50),
}
_PERCENT_RULES = {
    "risk_model.stop_loss": StopType.PERCENT,
    "risk_model.take_profit": TargetType.PERCENT,
}
_OFFSET = Scale("is in percent", 0.05, 99)
_RISK = Scale("is in percent of equity", 0.021, 20)
_SHARE = Scale("is a fraction (0.1 is ten percent)", 0.0011)
_FUNDING = Scale("is a fraction per funding time", 0.0, 0.003, in_fractions=True)
_OSCILLATOR = Scale("goes from 0 to 100", 1.0)
_FRACTION = Scale("is a fraction (0.1 is ten percent)", 0.0, 2.0, in_fractions=True)
_TRAIL = {
    OptionName.DISTANCE_PCT: _OFFSET,
    OptionName.ACTIVATE_PCT: Scale(_OFFSET.says, _OFFSET.least, 1_000),  # a start may lie far above
}
# So many times what fits is a slip of scale; less is more than there is.
_TOO_MUCH = 5.0
# Values in percent that are never below zero, or only compared with sizable levels.
_PERCENT = {
    "natr.value": Scale("is in percent", 0.01, 100),
    "bbands.bandwidth": Scale("is in percent", 0.05),
    "position_unrealized_pct": Scale("is in percent", 0.05),
}


def check_scales(
    resolved: Resolved, settings: Mapping[str, SettingValue], findings: Findings
) -> None:
    """Report numbers that are out by a factor of 100 (IC307); of settings those that could be read."""
    card = resolved.card
    for setting in card.settings:
        scale = _of_setting(card, setting.path)
        if scale is not None and setting.path in settings and isinstance(setting.value, s.Expr):
            name = setting.path.rpartition(".")[2]
            _check(f"`{name}`", _number(setting.value), scale, setting.span, findings)
    for action in actions(card):
        for price in action.prices:
            amount = _offset(price)
            if amount is not None:
                _check(f"`{price.key}`", *amount, findings)
        for name, scale in _TRAIL.items():
            option = action.option(name)
            if option is not None and isinstance(option.value, s.Number | s.Percent):
                _check(f"`{name}`", option.value.value, scale, option.span, findings)
    conditions = [variable.value for variable in card.variables]
    for root in (*conditions, *live_expressions(card)):
        for node in subexpressions(root):
            for value, literal in _compared(node):
                named = _named(value, resolved)
                if named is not None:
                    _check_literal(*named, literal, findings)


def check_size(size: s.Size, value: float, leverage: float, findings: Findings) -> None:
    """Report the size of an order that is out by a factor of 100."""
    # `1000% of equity` says its unit; it is too much all the same.
    in_percent = size.span != size.value.span
    span = size.value.span if size.value.span != NOWHERE else size.span
    match size.kind:
        case s.SizeKind.EQUITY_FRACTION | s.SizeKind.POSITION_FRACTION | s.SizeKind.MAX_FRACTION:
            most = max(1.0, leverage) if size.kind is s.SizeKind.EQUITY_FRACTION else 1.0
            scale = Scale(_SHARE.says, _SHARE.least, most)
            written = value * 100 if in_percent else value
            what = "a size in percent" if in_percent else f"a size in `pct` {_SHARE.says}"
            if in_percent and most < value < most * _TOO_MUCH:
                _too_much(written, most, span, findings)
            else:
                _report(what, written, value, scale, span, findings)
        case s.SizeKind.RISK_PCT:
            _report(f"a risk {_RISK.says}", value, value, _RISK, span, findings)
        case _:
            return


def _too_much(written: float, most: float, span: Span, findings: Findings) -> None:
    """Say of `150% of equity` that it does not fit: nobody meant a hundredth of it."""
    findings.add(
        "IC307",
        f"a size in percent: {written:g} is more than the {most * 100:g} that fit",
        span,
        help="`account.max_leverage` allows more of the equity; what does not fit is cut",
    )


def _of_setting(card: s.Card, path: str) -> Scale | None:
    if path in _SETTINGS:
        return _SETTINGS[path]
    words = {setting.path: setting.value for setting in card.settings}
    for rule, percent in _PERCENT_RULES.items():
        if path == f"{rule}.value" and words.get(f"{rule}.type") == percent:
            return _OFFSET
    model = words.get("risk_model.sizing.model")
    if path == "risk_model.sizing.value" and model in (
        SizingModel.PERCENT_EQUITY,
        SizingModel.RISK_BASED,
    ):
        return _RISK if model == SizingModel.RISK_BASED else Scale("is in percent of equity", 0.11)
    return None


def _offset(price: s.Price) -> tuple[float, Scale, Span] | None:
    """Return the signed percentage of an `…_offset_pct` key and its place."""
    if not price.key.endswith("_offset_pct") or not isinstance(price.value, s.Arith):
        return None
    part = price.value.right
    if not isinstance(part, s.Percent):
        return None
    sign = -1 if price.value.op is s.ArithOp.SUB else 1
    return sign * part.value, _OFFSET, part.span


def _compared(node: s.Expr) -> Iterator[tuple[s.Expr, s.Expr]]:
    """Yield (value, literal) of a comparison with a number."""
    match node:
        case s.Compare(left=left, right=right):
            pairs = [(left, right), (right, left)]
        case s.Between(operand=operand, low=low, high=high):
            pairs = [(operand, low), (operand, high)]
        case s.Cross(left=left, right=right):
            pairs = [(left, right)]
        case _:
            return
    for value, literal in pairs:
        while isinstance(value, s.Offset):
            value = value.operand
        if _number(literal) is not None:
            yield value, literal


def _number(expr: s.Expr) -> float | None:
    match expr:
        case s.Number() | s.Percent():
            return expr.value
        case s.Negate(operand=s.Number(value=value)):
            return -value
        case _:
            return None


def _named(value: s.Expr, resolved: Resolved) -> tuple[str, Scale] | None:
    """Return a value's name in the card and its scale, None where nothing is known of it."""
    if not isinstance(value, s.Name | s.FeatureRef | s.BuiltinRef):
        return None
    match resolved.symbol(value):
        case FeatureSymbol(instance=instance, output=output, value=type_):
            entry = resolved.by_id[instance].entry.type
            scale = _PERCENT.get(f"{entry}.{output}") or _of_type(type_)
            return None if scale is None else (f"`{instance}`", scale)
        case BarSymbol(builtin=builtin):
            return ("`funding_rate`", _FUNDING) if builtin.name == "funding_rate" else None
        case AccountSymbol(name=name, value=type_):
            scale = _PERCENT.get(name) or _of_type(type_)
            return None if scale is None else (f"`{name}`", scale)
        case _:
            return None


def _of_type(value: ValueType) -> Scale | None:
    if value.type is not Type.NUMBER:
        return None
    if value.unit is Unit.FRACTION and value.high is None:
        return _FRACTION
    # -100 to 0 counts, -100 to 100 does not: around its middle anything is plausible.
    whole = (value.low, value.high) in ((0, 100), (-100, 0))
    return _OSCILLATOR if whole and value.unit in (Unit.PLAIN, Unit.PCT) else None


def _check(what: str, value: float | None, scale: Scale, span: Span, findings: Findings) -> None:
    if value is not None:
        _report(f"{what} {scale.says}", value, value, scale, span, findings)


def _check_literal(what: str, scale: Scale, literal: s.Expr, findings: Findings) -> None:
    """Report a number that a value is compared with; `3%` says its unit, whatever the value's is."""
    written = _number(literal)
    if written is None:
        return
    percent = isinstance(literal, s.Percent)
    value = written / 100 if percent and scale.in_fractions else written
    sign = "%" if percent else ""
    _report(f"{what} {scale.says}", written, value, scale, literal.span, findings, sign=sign)


def _report(
    what: str,
    written: float,
    value: float,
    scale: Scale,
    span: Span,
    findings: Findings,
    sign: str = "",
) -> None:
    """Report a value outside its scale; what is a hundredth or a hundredfold inside gets the fix.

    `sign` stands behind the number where the card has one there, and stays.
    """
    size = abs(value)
    if size == 0 or scale.least <= size <= scale.most:
        return
    factor = 100.0 if size < scale.least else 0.01
    better = f"{written * factor:.10g}{sign}"
    fits = scale.least <= size * factor <= scale.most
    findings.add(
        "IC307",
        f"{what}: {written:g}{sign} is hardly meant",
        span,
        help=f"did you mean `{better}`?" if fits else None,
        fix=Fix(f"write `{better}` (a guess)", (Edit(span, better),), safe=False) if fits else None,
    )
