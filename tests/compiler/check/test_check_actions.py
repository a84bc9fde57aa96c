"""Actions, settings and promises: what each slot gets and what must stand together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.catalog.orders import OptionName, PriceSlot
from compiler.syntax import tree as s
from tests.compiler.cards import BUY, card, close, codes, gt, num

CLOSE, SLOW, RSI = close(), s.Name("slow"), s.Name("strength")
LEVEL, UP = s.Name("swing", "high_level"), s.Name("st", "up")
INDEX, SIDE = s.Name("swing", "high_idx"), s.Name("position_side")
QTY, USDT, PCT = s.Name("position_qty"), s.Name("equity"), s.Name("position_unrealized_pct")
SUB, MUL = s.ArithOp.SUB, s.ArithOp.MUL


def arith(op: s.ArithOp, left: s.Expr, right: s.Expr) -> s.Arith:
    return s.Arith(op, left, right)


# ---------------------------------------------------------------- actions


def buying(action: s.Action, **more: object) -> list[str]:
    of = card(blocks=(s.Block("b", (s.Case(gt(CLOSE, SLOW), (action,)),)),), **more)
    return codes(of)


def limit(price: s.Expr) -> s.Action:
    return s.Action(
        "place_limit_long", prices=(s.Price(PriceSlot.PRICE, "price", price),), size=BUY.size
    )


@pytest.mark.parametrize("price", [INDEX, UP, RSI, SIDE, USDT], ids=repr)
def test_a_price_slot_gets_a_price(price: s.Expr) -> None:
    assert buying(limit(price)) == ["IC306"]


@pytest.mark.parametrize("price", [num(5), LEVEL, arith(SUB, CLOSE, s.Percent(1))], ids=repr)
def test_numbers_and_prices_fit_a_price_slot(price: s.Expr) -> None:
    assert buying(limit(price)) == []


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (s.SizeKind.EQUITY_FRACTION, num(0.1), []),
        (s.SizeKind.EQUITY_FRACTION, num(10), ["IC307"]),
        (s.SizeKind.EQUITY_FRACTION, num(0.0005), ["IC307"]),
        (s.SizeKind.MAX_FRACTION, num(25), ["IC307"]),
        (s.SizeKind.RISK_PCT, num(50), ["IC307"]),
        (s.SizeKind.RISK_PCT, num(0.01), ["IC307"]),
        (s.SizeKind.USDT, num(0), ["IC110"]),
        (s.SizeKind.USDT, CLOSE, ["IC301"]),
        (s.SizeKind.EQUITY_FRACTION, PCT, ["IC301"]),
        (s.SizeKind.BASE, QTY, []),
        (s.SizeKind.USDT, arith(MUL, USDT, num(0.1)), []),
        (s.SizeKind.USDT, UP, ["IC309"]),
    ],
    ids=repr,
)
def test_a_size_has_the_unit_and_scale_of_its_kind(
    kind: s.SizeKind, value: s.Expr, expected: list[str]
) -> None:
    stop = s.Price(PriceSlot.STOP_LOSS, "stop_loss", num(5))
    assert buying(s.Action("entry_long", prices=(stop,), size=s.Size(kind, value))) == expected


def test_twice_the_equity_is_fine_with_leverage() -> None:
    action = replace(BUY, size=s.Size(s.SizeKind.EQUITY_FRACTION, num(2)))
    assert buying(action) == ["IC307"]
    assert buying(action, settings=(s.Setting("account.max_leverage", num(3)),)) == []


def test_an_entry_without_any_size_is_refused() -> None:
    sizing = (
        s.Setting("risk_model.sizing.model", "percent_equity"),
        s.Setting("risk_model.sizing.value", num(10)),
    )
    assert buying(s.Action("entry_long")) == ["IC109"]
    assert buying(s.Action("entry_long"), settings=sizing) == []


def test_a_size_by_risk_needs_a_stop() -> None:
    action = s.Action("entry_long", size=s.Size(s.SizeKind.RISK_PCT, num(1)))
    assert buying(action) == ["IC109"]


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (s.Option(OptionName.TTL_BARS, num(20)), []),
        (s.Option(OptionName.TTL_BARS, num(0)), ["IC110"]),
        (s.Option(OptionName.TTL_BARS, num(1.5)), ["IC110"]),
        (s.Option(OptionName.TTL_BARS, CLOSE), ["IC110"]),
        (s.Option(OptionName.TTL_TYPE, "gtc"), []),
        (s.Option(OptionName.TTL_TYPE, "gct"), ["IC304"]),
    ],
    ids=repr,
)
def test_options_take_what_the_table_says(option: s.Option, expected: list[str]) -> None:
    assert buying(replace(limit(num(5)), options=(option,))) == expected


def test_actions_on_fill_are_checked_too() -> None:
    assert buying(replace(BUY, on_fill=(limit(INDEX),))) == ["IC306"]


# ---------------------------------------------------------------- settings and promises


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        (s.Setting("account.max_leverag", num(2)), "IC107"),
        (s.Setting("account.max_leverage", num(0.5)), "IC110"),
        (s.Setting("account.slippage_bps", CLOSE), "IC110"),
        (s.Setting("account.starting_equity_usdt", num(1e16)), "IC110"),
        (s.Setting("account.fee_model.taker_bps", num(-1e308)), "IC110"),
        (s.Setting("account.fee_model.maker_bps", num(10_001)), "IC110"),
        (s.Setting("account.slippage_bps", num(1e5)), "IC110"),
        (s.Setting("execution.fill_model", "tuch"), "IC304"),
        (s.Setting("execution.close_at_end", "yes"), "IC110"),
        (s.Setting("position_policy.max_layers", num(1.5)), "IC110"),
        (s.Setting("risk_model.stop_loss.type", "percent"), "IC109"),
        (s.Setting("risk_model.sizing.value", num(3)), "IC109"),
    ],
    ids=repr,
)
def test_a_wrong_setting_is_reported(setting: s.Setting, code: str) -> None:
    assert codes(card(UP, settings=(setting,))) == [code]


@pytest.mark.parametrize(
    ("invariant", "expected"),
    [
        (s.Invariant("always_protected"), []),
        (s.Invariant("max_layers", argument=num(3)), []),
        (s.Invariant("max_layers"), ["IC110"]),
        (s.Invariant("max_layers", argument=num(-1)), ["IC110"]),
        (s.Invariant("no_entry_while", condition=UP), []),
        (s.Invariant("no_entry_while"), ["IC110"]),
        (s.Invariant("always_protectd"), ["IC201"]),
        (s.Invariant(None, condition=CLOSE), ["IC309"]),
    ],
    ids=repr,
)
def test_promises_are_checked(invariant: s.Invariant, expected: list[str]) -> None:
    assert codes(card(UP, invariants=(invariant,))) == expected
