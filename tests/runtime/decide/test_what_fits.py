"""What an account carries: stated amounts whole or not at all, computed sizes as far as they fit."""

from __future__ import annotations

import math

import pytest

from compiler.catalog.orders import SizeKind
from runtime.decide.refusals import RefusalCode, Refused
from runtime.decide.sizes import SizeBasis, wanted_base
from runtime.market.instrument_facts import Instrument, RiskTier
from runtime.orders.order_spec import Side
from tests.strategies.runs import SMALL, Row, Run, at_bar, card_text, emit, flat, live

ROWS = flat(100.0, 6)
FEE = "fee_model: { taker_bps: 5.5, maker_bps: 2 }"


def with_fees(
    blocks: str, rows: list[Row], *, slippage: float = 0, account: str = "", **more: str
) -> Run:
    """Live through bars with the venue's fees and some slippage."""
    text = card_text(blocks, account=account, **more)
    text = text.replace("fee_model: { taker_bps: 0, maker_bps: 0 }, slippage_bps: 0",
                        f"{FEE}, slippage_bps: {slippage}")  # fmt: skip
    return Run(text, rows).live()


def lots(run: Run) -> list[int]:
    return [spec.quantity for spec in run.specs]


# ---------------------------------------------------------------- stated or computed


@pytest.mark.parametrize(
    "size",
    [
        {"size_usdt": 20_000}, {"size": "20000 usdt"}, {"size": "200 base"}, {"size_usdt": "=amount"},
    ],
)  # fmt: skip
def test_an_amount_the_card_states_is_refused_where_it_does_not_fit(
    size: dict[str, object],
) -> None:
    run = live(at_bar(1, emit("entry_long", **size)), ROWS,
               more="params: { amount: { default: 20000, low: 1, high: 1e6, step: 1 } }")  # fmt: skip
    assert run.refused == ["over_max_position"]
    assert run.specs == []
    assert run.engine.cuts == []


@pytest.mark.parametrize(
    "size",
    [
{"size_pct": 2}, {"size": "200% of equity"}, {"size": "200% of max"},
        {"size": "risk 3%", "stop_loss": 99},
    ],
)  # fmt: skip
def test_a_size_the_card_computes_is_cut_counted_and_names_the_setting(
    size: dict[str, object],
) -> None:
    run = live(at_bar(1, emit("entry_long", **size)), ROWS)
    assert run.refused == []
    assert lots(run) == [100_000]
    (cut,) = run.engine.cuts
    assert (cut.cut.code, cut.cut.given) == (RefusalCode.OVER_MAX_POSITION, 100_000)
    assert cut.cut.wanted > 190_000
    assert (
        cut.cut.text
        == "equity carries 10000.00 USDT at `account.max_leverage` 1, 10000.00 of them are free"
    )


@pytest.mark.parametrize(
    ("account", "setting"),
    [("max_position_usdt: 500", "account.max_position_usdt"), ("max_position_usdt: 1e9", "account.max_leverage")],
)  # fmt: skip
def test_a_refusal_names_the_setting_that_would_let_it_pass(account: str, setting: str) -> None:
    run = live(at_bar(1, emit("entry_long", size_usdt=20_000)), ROWS, account=account)
    assert f"`{setting}`" in run.engine.refusals[0].text


def test_a_fixed_amount_of_the_risk_model_is_stated_too() -> None:
    sizing = "risk_model: {{ sizing: {{ model: {}, value: {} }} }}"
    fixed = live(at_bar(1, "entry_long"), ROWS, more=sizing.format("fixed_usdt", 20_000))
    assert fixed.refused == ["over_max_position"]
    share = live(at_bar(1, "entry_long"), ROWS, more=sizing.format("percent_equity", 200))
    assert lots(share) == [100_000]


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0])
def test_a_size_that_is_no_number_is_refused(value: float) -> None:
    basis = SizeBasis(price=80, equity=10_000, max_position_usdt=1, leverage=1, position_base=0)
    with pytest.raises(Refused, match="unknown_value"):
        wanted_base(SizeKind.USDT, value, basis)


# ---------------------------------------------------------------- % of what


def test_a_share_of_equity_is_notional_without_leverage() -> None:
    run = live(
        at_bar(1, emit("entry_long", size="50% of equity")), ROWS, account="max_leverage: 10"
    )
    assert lots(run) == [50_000]  # 5,000 USDT of 10,000, not 50,000


def test_a_share_of_the_position_is_one_of_its_lots() -> None:
    """10 at 100 are held; half of them at 80 are 5, not 500 USDT."""
    basis = SizeBasis(
        price=80, equity=10_000, max_position_usdt=10_000, leverage=1, position_base=10
    )
    assert wanted_base(SizeKind.POSITION_FRACTION, 0.5, basis) == 5


def test_the_target_of_adjust_size_is_valued_at_the_close() -> None:
    rows: list[Row] = [*flat(100.0, 2), *flat(110.0, 4)]
    blocks = at_bar(0, emit("entry_long", size="10 base"))
    blocks += at_bar(3, emit("adjust_size", size_usdt=1650))
    assert lots(live(blocks, rows)) == [10_000, 5_000]


# ---------------------------------------------------------------- what an entry costs


def test_a_market_order_is_cut_so_that_margin_fee_and_reserve_fit() -> None:
    """Flip of a winner: 100 long at 100, close 110, 1x, 5.5 bp: 99.78 fit.

    10,000 + 1,000 - 6.05 are free (the entry was free of fees here: 5.5 of them are given back below);
    a unit takes 110 of margin, 0.0605 of fee, and 220 * 0.00055 for the close of a 1x short.
    """
    rows: list[Row] = [*flat(100.0, 2), *flat(110.0, 4)]
    blocks = at_bar(0, emit("entry_long", size="100 base"))
    blocks += at_bar(3, emit("entry_short", size="200% of equity"))
    more = "position_policy: { allow_flip: true }"
    equity = "starting_equity_usdt: 10005.5, max_position_usdt: 1e6"
    run = with_fees(blocks, rows, account=equity, more=more)
    free = 10_005.5 - 5.5 + 1_000 - 6.05
    opened = run.specs[1].quantity - 100_000
    assert opened == int(free / (110 + 0.0605 + 0.121) * 1000) == 99_780
    position = run.ledger.position
    assert position is not None
    assert (position.side, position.quantity) == (Side.SELL, 99_780)


def test_a_limit_entry_needs_its_margin_and_the_fees_to_open_and_to_close() -> None:
    """The venue's order cost, as of a taker; a 1x long is worth nothing when its margin is gone."""
    long = with_fees(at_bar(1, emit("place_limit_long", price=99, size="200% of equity")), ROWS)
    assert lots(long) == [int(10_000 / (99 * 1.00055) * 1000)]
    short = with_fees(
        at_bar(1, emit("place_limit_short", price=101, size="200% of equity")), ROWS,
        account="max_position_usdt: 1e6",
    )  # fmt: skip
    assert lots(short) == [int(10_000 / (101 + 303 * 0.00055) * 1000)]


def test_slippage_is_part_of_what_a_market_order_costs() -> None:
    run = with_fees(at_bar(1, emit("entry_long", size="200% of equity")), ROWS, slippage=10,
                    account="max_position_usdt: 1e6")  # fmt: skip
    assert lots(run) == [int(10_000 / (100.1 * 1.00055) * 1000)]
    (cut,) = run.engine.cuts
    assert cut.cut.code is RefusalCode.NO_MARGIN


def test_a_market_order_is_taken_at_a_worse_open_too() -> None:
    rows: list[Row] = [*flat(100.0, 3), *flat(102.0, 3)]
    run = live(at_bar(2, emit("entry_long", size_usdt=9_999)), rows)
    assert run.refused == []
    assert run.ledger.orders["o1"].status.value == "filled"


# ---------------------------------------------------------------- one close, several entries


def test_entries_of_one_close_are_served_in_card_order_until_nothing_is_left() -> None:
    """Four of 40 % of equity: 40, 40, 20, refused with the reason of the cut."""
    entry = emit("entry_long", size="40% of equity")
    run = live(at_bar(1, entry, entry, entry, entry), ROWS)
    assert lots(run) == [40_000, 40_000, 20_000]
    assert run.refused == ["over_max_position"]  # and not below_min_qty
    assert [(c.cut.wanted, c.cut.given) for c in run.engine.cuts] == [(40_000, 20_000)]


def test_what_is_left_of_margin_refuses_by_its_own_name() -> None:
    entry = emit("entry_long", size="40% of equity")
    run = live(at_bar(1, entry, entry, entry, entry), ROWS, account="max_position_usdt: 1e6")
    assert lots(run) == [40_000, 40_000, 20_000]
    assert run.refused == ["no_margin"]


def test_only_market_exits_free_margin_for_the_entries_of_their_close() -> None:
    held = at_bar(0, emit("entry_long", size="100% of equity"), block="held")
    again = emit("entry_long", size_usdt=5_000)
    account = "max_position_usdt: 1e6"
    freed = live(held + at_bar(2, emit("exit_long", size_pct=0.5), again), ROWS, account=account)
    assert freed.refused == []
    limit = emit("place_limit_exit_long", price=120, size_pct=0.5)
    resting = live(held + at_bar(2, limit, again), ROWS, account=account)
    assert resting.refused == ["no_margin"]


def test_open_profit_is_not_lent() -> None:
    rows: list[Row] = [*flat(100.0, 2), *flat(200.0, 4)]
    blocks = at_bar(0, emit("entry_long", size_usdt=10_000))
    blocks += at_bar(3, emit("entry_long", size_usdt=100))
    run = live(blocks, rows, account="max_position_usdt: 1e6")
    assert run.refused == ["no_margin"]


# ---------------------------------------------------------------- stop entries and sides


def test_stop_entries_reserve_nothing_so_both_legs_of_a_straddle_stand() -> None:
    """1x, 10,000: buy stop 102 and sell stop 98, each 100 % of equity."""
    legs = [
        emit("place_stop_long", trigger=102, size="100% of equity"),
        emit("place_stop_short", trigger=98, size="100% of equity"),
    ]
    run = live(at_bar(1, *legs), ROWS)
    assert run.refused == []
    assert lots(run) == [98_039, 102_040]
    assert len(run.ledger.book) == 2


def test_a_stop_that_does_not_fit_when_it_triggers_is_cancelled_for_margin() -> None:
    rows: list[Row] = [*flat(100.0, 4), (100, 103, 100, 103), *flat(103.0, 2)]
    legs = [emit("place_stop_long", trigger=trigger, size_usdt=6_000) for trigger in (101, 102)]
    run = live(at_bar(1, *legs), rows, account="max_position_usdt: 1e6")
    assert run.refused == []
    first, second = (run.ledger.orders[spec.order_id] for spec in run.specs)
    assert first.status.value == "filled"
    assert (second.status.value, second.reason) == ("cancelled", "no_margin")


def test_limit_entries_reserve_per_side_and_the_larger_side_counts() -> None:
    both = [
        emit("place_limit_long", price=99, size_usdt=9_000),
        emit("place_limit_short", price=101, size_usdt=9_000),
        emit("place_limit_long", price=98, size_usdt=2_000),
    ]
    run = live(at_bar(1, *both), ROWS, account="max_position_usdt: 1e6")
    assert run.refused == ["no_margin"]
    assert len(run.ledger.book) == 2


# ---------------------------------------------------------------- leverage, tiers, liquidation

TIERED = Instrument(
    symbol="TESTUSDT", tick=0.1, lot=0.001, min_lots=1, max_lots=10**9, max_market_lots=10**9,
    min_notional_usdt=5.0, max_leverage=50.0, funding_interval_minutes=480,
    tiers=(RiskTier(10_000, 0.01, 50.0), RiskTier(40_000, 0.02, 20.0)), as_of="2026-11-23",
)  # fmt: skip


def tiered(*actions: str, leverage: float) -> Run:
    text = card_text(
        at_bar(1, *actions), account=f"max_leverage: {leverage}, max_position_usdt: 1e9"
    )
    return Run(text, ROWS, TIERED).live()


def test_the_first_amount_beyond_the_tier_of_the_leverage_is_refused_the_others_stand() -> None:
    """At 50x the tiers end at 10,000 USDT, working entries at their prices counted."""
    run = tiered(
        emit("place_limit_long", price=90, size_usdt=4_500), emit("entry_long", size_usdt=5_000),
        emit("entry_long", size_usdt=501), emit("entry_long", size_usdt=499), leverage=50,
    )  # fmt: skip
    assert run.refused == ["over_risk_tier"]
    assert len(run.specs) == 3
    assert "10000 USDT" in run.engine.refusals[0].text
    assert "`account.max_leverage` 50" in run.engine.refusals[0].text


def test_a_computed_size_is_cut_to_the_tier_and_lower_leverage_reaches_further() -> None:
    entry = emit("entry_long", size="900% of equity")
    assert lots(tiered(entry, leverage=50)) == [100_000]
    assert lots(tiered(entry, leverage=20)) == [400_000]


def test_leverage_beyond_the_instrument_is_refused_whatever_the_size() -> None:
    run = tiered(
        emit("entry_long", size_usdt=10), emit("entry_long", size="1% of equity"), leverage=51
    )
    assert run.refused == ["over_max_leverage"] * 2


def test_without_tiers_no_value_is_too_large_and_the_cards_own_rate_liquidates() -> None:
    bare = Instrument(
        symbol="TESTUSDT", tick=0.1, lot=0.001, min_lots=1, max_lots=10**12, max_market_lots=10**12,
        min_notional_usdt=5.0, max_leverage=50.0, funding_interval_minutes=480, tiers=(),
        as_of="2026-11-23",
    )  # fmt: skip
    account = "max_leverage: 10, max_position_usdt: 1e12, maintenance_margin_rate: 0.02, starting_equity_usdt: 1e9"
    run = Run(
        card_text(at_bar(1, emit("entry_long", size_usdt=1e9)), account=account), ROWS, bare
    ).live()
    assert run.refused == []
    assert run.ledger.liquidation_mark == pytest.approx(92.0)
    known = Run(
        card_text(at_bar(1, emit("entry_long", size_usdt=1e4)), account=account), ROWS, SMALL
    ).live()
    assert known.ledger.liquidation_mark == pytest.approx(90.5)  # the instrument's 0.5 %


def test_every_position_stands_at_the_leverage_of_the_account() -> None:
    """10x with 10 % of equity in use: liquidated at -9.5 % all the same."""
    run = live(
        at_bar(1, emit("entry_long", size="10% of equity")), ROWS, account="max_leverage: 10"
    )
    assert run.ledger.liquidation_mark == pytest.approx(90.5)


def test_an_entry_beyond_the_liquidation_of_the_position_it_joins_is_refused() -> None:
    held = at_bar(0, emit("entry_long", size_usdt=1_000), block="held")
    rungs = [emit("place_limit_long", price=price, size_usdt=100) for price in (91, 90.5, 90)]
    run = live(held + at_bar(2, *rungs), ROWS, account="max_leverage: 10")
    assert run.refused == ["beyond_liquidation"] * 2  # equality is beyond
    first = live(at_bar(0, *rungs), ROWS, account="max_leverage: 10")
    assert first.refused == []  # nothing to join yet


# ---------------------------------------------------------------- layers


def test_layers_count_those_held_and_working_entries_that_hold_none_yet() -> None:
    """A ladder of five under max_layers 3: three are placed, two refused."""
    rungs = [emit("place_limit_long", price=price, size_usdt=500) for price in (99, 98, 97, 96, 95)]
    run = live(at_bar(1, *rungs), ROWS, more="position_policy: { max_layers: 3 }")
    assert run.refused == ["max_layers"] * 2
    assert len(run.ledger.book) == 3


def test_a_partly_filled_entry_is_one_layer_not_two() -> None:
    rows: list[Row] = [*flat(100.0, 2), (100, 100, 99, 100), *flat(100.0, 4)]
    blocks = at_bar(0, emit("place_limit_long", price=99, size="20 base"))
    blocks += at_bar(4, emit("place_limit_long", price=98, size="1 base"))
    text = card_text(blocks, more="position_policy: { max_layers: 2 }")
    run = Run(text.replace("fill_model: touch", "fill_model: volume_weighted"), rows)
    run.data.exec.volume[2] = 1_000.0
    run.live()
    assert 0 < run.ledger.orders["o1"].filled < 20_000
    assert run.refused == []


# ---------------------------------------------------------------- risk


def risked(price: str, **more: object) -> str:
    return emit("entry_long", size="risk 1%", **more) if not price else emit(
        "place_limit_long", price=price, size="risk 1%", **more
    )  # fmt: skip


def test_risk_is_measured_to_the_stop_in_force_of_the_position_it_joins() -> None:
    """Equity 10,000, price 110, position stop moved to 108, risk_model 10 %: 50 units, not 9.09."""
    rows: list[Row] = [*flat(100.0, 2), *flat(110.0, 5)]
    blocks = at_bar(0, emit("entry_long", size="10 base"))
    blocks += at_bar(3, emit("adjust_stop", price=108), block="move")
    blocks += at_bar(4, risked(""))
    more = "risk_model: { stop_loss: { type: percent, value: 10 } }"
    run = live(blocks, rows, account="starting_equity_usdt: 9900, max_leverage: 5", more=more)
    assert run.ledger.equity == pytest.approx(10_000)
    assert run.specs[-1].quantity == 50_000


def test_risk_without_a_position_is_measured_to_the_risk_models_stop() -> None:
    more = "risk_model: { stop_loss: { type: percent, value: 10 } }"
    assert lots(live(at_bar(1, risked("")), ROWS, more=more)) == [10_000]


def test_risk_to_a_stop_of_its_own_ignores_the_positions() -> None:
    blocks = at_bar(0, emit("entry_long", size="1 base", stop_loss=90))
    blocks += at_bar(2, risked("", stop_loss=98))
    assert lots(live(blocks, ROWS)) == [1_000, 50_000]


def test_risk_to_a_stop_on_the_wrong_side_is_refused() -> None:
    """The position's stop at 98 does not protect what is bought at 97, whatever the model says."""
    blocks = at_bar(0, emit("entry_long", size="1 base", stop_loss=98))
    blocks += at_bar(2, risked("97"))
    more = "risk_model: { stop_loss: { type: percent, value: 10 } }"
    assert live(blocks, ROWS, more=more).refused == ["unknown_price"]
