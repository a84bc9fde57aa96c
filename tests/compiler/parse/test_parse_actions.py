"""Blocks, actions, prices, sizes and options."""

from __future__ import annotations

import pytest

from compiler.catalog.actions import ACTIONS
from compiler.syntax import tree as s
from compiler.syntax.printer import print_expression
from tests.compiler.parsing import action, card, findings

PARAMS = "params: {p: {default: 0.3}}\n"


@pytest.mark.parametrize(
    ("metadata", "key", "text"),
    [
        ("price: 50000.0", "price", "50000.0"),
        ("price: demand.upper - 10", "price", "demand.upper - 10"),
        ("price: '=p'", "price", "=p"),
        ("price: {param: p}", "price", "=p"),
        ("price_ref: {feature_id: d, field: u}", "price_ref", "d.u"),
        ("price_ref: {feature_id: d, field: u, offset: -10}", "price_ref", "d.u - 10"),
        ("price_ref: {feature_id: d, offset_pct: -0.2}", "price_ref", "d - 0.2%"),
        ("price_ref: {feature_id: d, offset_pct: 0.2, offset: 5}", "price_ref", "d + 5 + 0.2%"),
        ("price_ref: {builtin: close, multiplier: 0.99, add: 1}", "price_ref", "close * 0.99 + 1"),
        ("price_ref: {feature_id: d, offset_pct: '=p'}", "price_ref", "d * (1 + =p / 100)"),
        ("price_offset_pct: -0.5", "price_offset_pct", "close - 0.5%"),
        ("price_offset_pct: 0", "price_offset_pct", "close"),
        ("price_offset_pct: '=p'", "price_offset_pct", "close * (1 + =p / 100)"),
    ],
)
def test_a_price_has_three_spellings(metadata: str, key: str, text: str) -> None:
    read = action(f"{{action: place_limit_long, metadata: {{{metadata}}}}}", more=PARAMS)
    price = read.price("price")
    assert price is not None
    assert (price.key, print_expression(price.value)) == (key, text)


def test_every_slot_takes_them() -> None:
    read = action(
        "{action: place_stop_long, metadata: {trigger: 5, limit_price_offset_pct: 1,"
        " stop_loss_ref: {feature_id: z, field: lo}, take_profit_offset_pct: 2}}"
    )
    assert [(p.slot, print_expression(p.value)) for p in read.prices] == [
        ("trigger", "5"),
        ("limit_price", "close + 1%"),
        ("stop_loss", "z.lo"),
        ("take_profit", "close + 2%"),
    ]


@pytest.mark.parametrize(
    ("kind", "metadata", "size_kind", "text"),
    [
        ("entry_long", "size_usdt: 1000", s.SizeKind.USDT, "1000"),
        ("entry_long", "size_pct: 0.1", s.SizeKind.EQUITY_FRACTION, "0.1"),
        ("entry_long", "size_pct: '=p'", s.SizeKind.EQUITY_FRACTION, "=p"),
        ("entry_long", "size_of_max_pct: 0.25", s.SizeKind.MAX_FRACTION, "0.25"),
        ("entry_long", "risk_pct: 1", s.SizeKind.RISK_PCT, "1"),
        ("entry_long", "size: 10% of equity", s.SizeKind.EQUITY_FRACTION, "0.1"),
        ("entry_long", "size: risk =p%", s.SizeKind.RISK_PCT, "=p"),
        ("exit_long", "size_pct: 0.5", s.SizeKind.POSITION_FRACTION, "0.5"),
        ("place_limit_exit_short", "size_pct: 0.5", s.SizeKind.POSITION_FRACTION, "0.5"),
        ("exit_all", "size: 50% of position", s.SizeKind.POSITION_FRACTION, "0.5"),
        ("adjust_size", "size: 0.01 base", s.SizeKind.BASE, "0.01"),
    ],
)
def test_a_size_has_one_kind(kind: str, metadata: str, size_kind: s.SizeKind, text: str) -> None:
    read = action(f"{{action: {kind}, metadata: {{{metadata}}}}}", more=PARAMS)
    assert read.size is not None
    assert (read.size.kind, print_expression(read.size.value)) == (size_kind, text)


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("exit_long", "10% of equity"),
        ("place_limit_exit_long", "risk 1%"),
        ("entry_long", "rest of position"),
        ("adjust_size", "risk 1%"),
        ("amend_order", "risk 1%"),
    ],
)
def test_a_size_that_makes_no_sense_for_the_action_is_refused(kind: str, size: str) -> None:
    metadata = f"{{order_ref: x, size: {size}}}"
    text = f"{{id: b, cases: [{{when: true, emit: [{{action: {kind}, metadata: {metadata}}}]}}]}}"
    ((code, place, _),) = findings(f"blocks: [{text}]\n")
    assert (code, place) == ("IC110", size)


def test_options_are_text_switches_and_numbers() -> None:
    read = action(
        "{action: place_limit_long, metadata: {price: 1, ttl_bars: 20, ttl_type: GTC,"
        " post_only: true, order_ref: zone, oco: false, on_flat: cancel, reason: 'why not'}}"
    )
    assert {option.name: option.value for option in read.options} == {
        "ttl_bars": s.Number(20.0, True),
        "ttl_type": "GTC",
        "post_only": True,
        "order_ref": "zone",
        "oco": False,
        "on_flat": "cancel",
        "reason": "why not",
    }


def test_on_fill_actions_are_actions() -> None:
    read = action(
        "{action: entry_long, metadata: {on_fill: [{action: place_limit_exit_long, metadata:"
        " {price: close + 1%, size_pct: 0.5, on_fill: [exit_all]}}, no_action]}}"
    )
    assert [inner.kind for inner in read.on_fill] == ["place_limit_exit_long", "no_action"]
    assert [inner.kind for inner in read.on_fill[0].on_fill] == ["exit_all"]


@pytest.mark.parametrize("kind", sorted(ACTIONS))
def test_every_action_may_be_a_word_or_a_mapping(kind: str) -> None:
    assert action(kind) == action(f"{{action: {kind}}}") == s.Action(kind)


def test_else_is_what_is_done_otherwise() -> None:
    block = card(
        "blocks: [{id: b, cases: [{when: x, emit: [entry_long]}], else: {emit: [exit_all]}}]\n"
    ).blocks[0]
    assert [a.kind for a in block.cases[0].emit] == ["entry_long"]
    assert [a.kind for a in block.otherwise] == ["exit_all"]


@pytest.mark.parametrize(
    ("metadata", "code", "place"),
    [
        ("price: 1, price_offset_pct: 2", "IC115", "price_offset_pct"),
        ("size_pct: 0.1, size: 5 usdt", "IC115", "size"),
        ("size: 5", "IC111", "5"),
        ("size: 10% of equty", "IC111", "equty"),
        ("post_only: 1", "IC110", "1"),
        ("ttl_bars: true", "IC110", "true"),
        ("order_ref: [a]", "IC110", "[a]"),
        ("price: [1]", "IC110", "[1]"),
        ("price_ref: 5", "IC110", "5"),
        ("price: close *", "IC111", "*"),
    ],
)
def test_odd_metadata_is_a_finding(metadata: str, code: str, place: str) -> None:
    emit = f"[{{action: place_limit_long, metadata: {{{metadata}}}}}]"
    ((found, at, _),) = findings(f"blocks: [{{id: b, cases: [{{when: true, emit: {emit}}}]}}]\n")
    assert (found, at) == (code, place)
