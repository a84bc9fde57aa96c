"""Actions: what each price slot, size and option gets, and what must stand together."""

from __future__ import annotations

from typing import assert_never

from compiler.catalog.actions import ACTIONS, ENTRIES, Verb, choices_of
from compiler.catalog.orders import OptionName, PriceSlot, SizeKind
from compiler.catalog.settings import SettingValue
from compiler.catalog.types import Type, Unit
from compiler.catalog.typing_rules import Inferred
from compiler.check import rearms, target_sizes, trails
from compiler.check.risks import Risks
from compiler.check.scales import check_size
from compiler.check.types import TypeChecker
from compiler.check.words import type_words
from compiler.findings.collected import Findings
from compiler.findings.source import NOWHERE, Span
from compiler.findings.words import Place
from compiler.syntax import tree as s
from compiler.syntax.walker import actions


class ActionChecker:
    """Checks the actions of one card against the table of actions."""

    def __init__(
        self, checker: TypeChecker, settings: dict[str, SettingValue], findings: Findings
    ) -> None:
        self._checker = checker
        self._findings = findings
        self._risks = Risks(checker.resolved)
        self._has_sizing = "risk_model.sizing.model" in settings
        self._has_stop = "risk_model.stop_loss.type" in settings
        leverage = settings.get("account.max_leverage", 1.0)
        assert isinstance(leverage, float | int)
        self._leverage = float(leverage)

    def check(self, card: s.Card) -> None:
        everything = list(actions(card))
        follow = {id(child) for action in everything for child in action.on_fill}
        for action in everything:
            if action.kind in ACTIONS:
                self._action(action)
                self._fill(action, follows=id(action) in follow)
            else:
                self._findings.unknown_word(
                    "IC304",
                    f"`{action.kind}` is not an action",
                    _narrow(action.kind_span, action.span),
                    action.kind,
                    tuple(sorted(ACTIONS)),
                    place=Place.ACTION_NAME,
                )

    def _action(self, action: s.Action) -> None:
        for price in action.prices:
            self._price(price)
        if action.size is not None:
            self._size(action.size)
        for option in action.options:
            self._option(action.kind, option)
        self._required(action)

    def _fill(self, action: s.Action, *, follows: bool) -> None:
        """`fill` is a size where an order is placed because another has filled."""
        size, verb = action.size, ACTIONS[action.kind].verb
        if size is None or size.kind is not SizeKind.FILL:
            return
        if not follows or verb not in (Verb.ENTER, Verb.EXIT):
            self._findings.add(
                "IC110",
                "`fill` is the size of an order in `on_fill`: the lots that the order above it has filled",
                size.span,
                help="write `50% of position`, `1000 usdt`, `0.01 base` or `10% of equity`",
            )

    def _price(self, price: s.Price) -> None:
        found = self._checker.infer(price.value)
        if found is None or (found.is_numeric and found.unit in (None, Unit.PRICE)):
            return
        self._findings.add(
            "IC306",
            f"`{price.key}` needs a price, this is {type_words(found)}",
            _narrow(price.value.span, price.span),
            help="prices are `close`, an average, a level, `position_avg_entry` and sums with them",
        )

    def _size(self, size: s.Size) -> None:
        found = self._checker.number(size.value, "a size")
        if found is None:
            return
        if size.kind is None:
            self._calculated(size, found)
            return
        wanted = _size_units(size.kind)
        if found.unit is not None and found.unit not in wanted:
            self._findings.add(
                "IC301",
                f"`{size.kind.value}` is in {wanted[0].value}, this is {type_words(found)}",
                _narrow(size.value.span, size.span),
            )
        elif found.constant is not None:
            self._scale(size, found.constant)

    def _calculated(self, size: s.Size, found: Inferred) -> None:
        """A size that is an expression says by its unit what it is an amount of."""
        if found.unit is None or found.unit not in (Unit.USDT, Unit.QTY):
            what = "a number of no unit" if found.unit is None else type_words(found)
            self._findings.add(
                "IC301",
                f"a size is in usdt or in base units, this is {what}",
                _narrow(size.value.span, size.span),
                help="`200 usdt` and `0.01 base` are amounts, `10% of equity` and `risk 1%` are usdt",
            )

    def _scale(self, size: s.Size, value: float) -> None:
        """Warn where a literal is out by the factor between a percentage and a fraction."""
        span = _narrow(size.value.span, size.span)
        if value <= 0:
            leaves = "a position is left by an exit: emit `exit_all`" if value == 0 else None
            self._findings.add(
                "IC110", f"a size is more than zero, found {value:g}", span, help=leaves
            )
            return
        check_size(size, value, self._leverage, self._findings)

    def _option(self, kind: str, option: s.Option) -> None:
        choices = choices_of(kind, option.name)
        if choices is not None:
            value = option.value.head if isinstance(option.value, s.Name) else option.value
            if isinstance(value, str) and value.lower() not in choices:
                self._findings.unknown_word(
                    "IC304", f"`{option.name}` cannot be `{value}`", option.span, value, choices
                )
            return
        if isinstance(option.value, str | bool):
            return
        if trails.is_part_of_a_trail(option):
            found = self._checker.number(option.value, option.name.holds)
            if found is not None:
                self._findings.extend(trails.wrong_value(option, found))
            return
        if option.name is OptionName.REARM:
            self._findings.extend(rearms.wrong_value(option, self._checker.resolved.params))
            return
        found = self._checker.number(option.value, "a whole number")
        if found is not None:
            self._count(option, found)

    def _count(self, option: s.Option, found: Inferred) -> None:
        """`ttl_bars` is at least 1, `layer` at least 0; both are whole."""
        least = 1 if option.name is OptionName.TTL_BARS else 0
        bad_unit = found.unit not in (None, Unit.BARS, Unit.PLAIN)
        value = found.constant
        if found.type is not Type.INT or bad_unit or (value is not None and value < least):
            self._findings.add(
                "IC110", f"`{option.name}` is a whole number of at least {least}", option.span
            )

    def _required(self, action: s.Action) -> None:
        if not action.is_whole:
            return
        spec = ACTIONS[action.kind]
        span = _narrow(action.kind_span, action.span)
        self._findings.extend(trails.wrong_together(action, has_stop=self._has_stop))
        self._findings.extend(rearms.wrong_beside(action))
        self._findings.extend(target_sizes.wrong_beside(action))
        missing: list[str] = [slot for slot in spec.price_required if action.price(slot) is None]
        missing += [name for name in spec.options_required if action.option(name) is None]
        if action.size is None and spec.size_required:
            missing.append("size")
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            self._findings.add("IC109", f"`{action.kind}` needs {names}", span)
        elif action.kind in ENTRIES and action.size is None and not self._has_sizing:
            self._findings.add(
                "IC109",
                f"`{action.kind}` has no size",
                span,
                help="give it one, or the card a `risk_model.sizing`",
            )
        if action.size is not None and self._is_by_risk(action.size) and spec.verb is Verb.ENTER:
            if action.price(PriceSlot.STOP_LOSS) is None and not self._has_stop:
                self._findings.add(
                    "IC109",
                    "a size by risk needs a stop: nothing says what is at risk",
                    action.size.span,
                    help="add `stop_loss`, or `risk_model.stop_loss` for the whole card",
                )

    def _is_by_risk(self, size: s.Size) -> bool:
        if size.kind is not None:
            return size.kind is SizeKind.RISK_PCT
        return self._risks.in_expression(size.value) is not None


def _size_units(kind: SizeKind) -> tuple[Unit, ...]:
    """Return the units the number of a size may have, the one to name first."""
    match kind:
        case SizeKind.USDT:
            return (Unit.USDT,)
        case SizeKind.EQUITY_FRACTION | SizeKind.POSITION_FRACTION | SizeKind.MAX_FRACTION:
            return (Unit.FRACTION, Unit.PLAIN)
        case SizeKind.REST | SizeKind.FILL:
            return (Unit.PLAIN,)
        case SizeKind.BASE:
            return (Unit.QTY,)
        case SizeKind.RISK_PCT:
            return (Unit.PCT, Unit.PLAIN)
        case _:
            assert_never(kind)


def _narrow(span: Span, fallback: Span) -> Span:
    return span if span != NOWHERE else fallback
