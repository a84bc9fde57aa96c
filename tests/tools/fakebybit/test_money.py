"""Margin, fees, funding, liquidation, leverage: the venue's arithmetic on worked examples."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from tests.tools.fakebybit.desk import Desk
from tools.fakebybit import acts
from tools.fakebybit.instrument import BTCUSDT
from tools.fakebybit.orders import Side

D = Decimal
HOURS = 3_600_000


def test_a_profit_is_booked_when_it_is_closed() -> None:
    desk = Desk(spread_ticks=0)
    desk.placed("Buy", "0.1")
    desk.print("50100", side=Side.BUY)
    assert D(desk.position()["unrealisedPnl"]) == 10
    desk.placed("Sell", "0.1")
    fees = D("0.1") * (50000 + 50100) * D("0.00055")
    assert D(desk.coin()["walletBalance"]) == 10_000 + 10 - fees


def test_reducing_leaves_the_average_entry_and_adding_weights_it() -> None:
    desk = Desk(spread_ticks=0)
    desk.placed("Buy", "0.1")
    desk.print("50200", side=Side.BUY)
    desk.placed("Buy", "0.1")
    assert desk.position()["avgPrice"] == "50100"
    desk.print("50300", side=Side.BUY)
    desk.placed("Sell", "0.15")
    assert desk.position()["avgPrice"] == "50100"


def test_a_flip_starts_a_new_entry() -> None:
    desk = Desk(spread_ticks=0)
    desk.placed("Buy", "0.1")
    desk.print("50200", side=Side.BUY)
    desk.placed("Sell", "0.3")
    row = desk.position()
    assert (row["side"], row["size"], row["avgPrice"]) == ("Sell", "0.2", "50200")


def test_an_order_holds_margin_and_both_fees() -> None:
    desk = Desk()
    desk.placed("Buy", "0.1", "49900")
    value = D("4990")
    held = value / 10 + (value + value * D("0.9")) * D("0.00055")
    assert D(desk.coin()["totalOrderIM"]) == held


def test_orders_that_only_reduce_hold_nothing() -> None:
    desk = Desk()
    desk.placed("Buy", "0.02")
    desk.placed("Sell", "0.02", "50400", reduceOnly=True)
    desk.placed("Sell", "0.02", "50450")
    assert D(desk.coin()["totalOrderIM"]) == 0
    desk.placed("Sell", "0.02", "50450")
    assert D(desk.coin()["totalOrderIM"]) > 0


def test_what_the_balance_cannot_hold_is_refused() -> None:
    desk = Desk(balance=D(500))
    assert desk.place("Buy", "0.1", "49900")["retCode"] == 110007
    desk.placed("Buy", "0.09", "49900")
    assert desk.place("Buy", "0.09", "49900")["retCode"] == 110007


def test_an_order_that_turns_a_position_uses_the_margin_that_its_closing_frees() -> None:
    desk = Desk(balance=D(506), spread_ticks=0)
    desk.placed("Buy", "0.1")
    assert desk.place("Sell", "0.199")["retCode"] == 110007
    desk.placed("Sell", "0.198")
    assert desk.position()["size"] == "0.098"


def test_a_loss_that_closing_books_is_missing_for_what_it_opens() -> None:
    desk = Desk(balance=D(600), spread_ticks=0)
    desk.placed("Buy", "0.1")
    desk.print("48500", side=Side.SELL)
    assert desk.place("Sell", "0.191")["retCode"] == 110007
    desk.placed("Sell", "0.19")


def test_of_two_sides_the_one_that_needs_more_counts() -> None:
    desk = Desk(balance=D(510))
    desk.placed("Buy", "0.09", "49900")
    held = D(desk.coin()["totalOrderIM"])
    desk.placed("Sell", "0.08", "50100")
    assert D(desk.coin()["totalOrderIM"]) == held
    assert desk.place("Sell", "0.08", "50100")["retCode"] == 110007


def test_a_stop_at_market_is_judged_by_the_price_it_meets_not_by_its_worst() -> None:
    desk = Desk(balance=D(506), spread_ticks=0)
    stop = desk.placed("Buy", "0.1", triggerPrice="50100", triggerDirection=1)
    desk.print("50100")
    assert desk.order(stop)["orderStatus"] == "Cancelled"
    stop = desk.placed("Buy", "0.099", triggerPrice="50200", triggerDirection=1)
    desk.print("50200")
    assert desk.order(stop)["orderStatus"] == "Filled"


def test_the_liquidation_price_is_the_help_centres() -> None:
    desk = Desk(spread_ticks=0, balance=D(100_000))
    desk.placed("Buy", "1")
    assert D(desk.position()["liqPrice"]) == 45_250
    desk.placed("Sell", "2")
    assert D(desk.position()["liqPrice"]) == 54_750


def test_margins_are_those_of_a_recorded_position() -> None:
    # Recorded: value 2303.29, 10x, taker 0.0006, IM 231.5727766, MM 12.7602266.
    desk = Desk(spread_ticks=0)
    acts.change_facts(desk.venue.state, "BTCUSDT", {"taker": "0.0006"})
    desk.print("23032.9", gap=True)
    desk.placed("Sell", "0.1")
    row = desk.position()
    value = D("2303.29")
    assert D(row["positionIM"]) == round(value / 10 + value * D("1.1") * D("0.0006"), 8)
    long = Desk(spread_ticks=0)
    acts.change_facts(long.venue.state, "BTCUSDT", {"taker": "0.0006"})
    long.print("23032.9", gap=True)
    long.placed("Buy", "0.1")
    assert D(long.position()["positionIM"]) == D("231.5727766")
    assert D(long.position()["positionMM"]) == D("12.7602266")


def test_maintenance_margin_has_no_jump_between_tiers() -> None:
    for lower, upper in pairwise(BTCUSDT.tiers):
        at_limit = lower.limit * lower.maintenance - lower.deduction
        assert lower.limit * upper.maintenance - upper.deduction == at_limit
    desk = Desk(spread_ticks=0, balance=D(1_000_000))
    desk.placed("Buy", "50")
    value, bankruptcy = D(2_500_000), D(50) * 45_000
    kept = value * D("0.0056") - D(1_200) + bankruptcy * D("0.00055")
    assert D(desk.position()["positionMM"]) == kept


def test_mark_at_the_liquidation_price_takes_the_position_at_bankruptcy() -> None:
    desk = Desk(spread_ticks=0)
    desk.placed("Buy", "0.1", stopLoss="49500", slTriggerBy="IndexPrice")
    rest = desk.placed("Buy", "0.01", "45000")
    desk.venue.state.markets["BTCUSDT"].mark_follows = False
    before = D(desk.coin()["walletBalance"])
    desk.venue.state.markets["BTCUSDT"].mark = D("45250")
    desk.print("49900")
    last = desk.executions()[-1]
    assert (last["execType"], last["execPrice"]) == ("BustTrade", "45000")
    assert last["createType"] == "CreateByTakeOver_PassThrough"
    assert desk.order(rest)["cancelType"] == "CancelAllBeforeLiq"
    assert desk.waiting() == {}
    lost = before - D(desk.coin()["walletBalance"])
    assert lost == D(500) + D("4500") * D("0.00055")


def test_a_falling_price_liquidates_on_its_way() -> None:
    desk = Desk(spread_ticks=0)
    desk.placed("Buy", "0.1")
    desk.print("44000")
    assert desk.position()["size"] == "0"
    assert desk.executions()[-1]["execType"] == "BustTrade"


def test_funding_is_exchanged_on_the_grid_and_once() -> None:
    start = 1_700_006_400_000 - 1_000  # a second before 00:00 UTC
    desk = Desk(start_ms=start, spread_ticks=0, funding_rates={start + 1_000: D("0.0003")})
    desk.placed("Buy", "0.1")
    before = D(desk.coin()["walletBalance"])
    desk.pass_ms(2_000)
    last = desk.executions()[-1]
    assert (last["execType"], last["orderLinkId"], last["execQty"]) == ("Funding", "", "0.1")
    assert D(last["execFee"]) == D("0.1") * 50_000 * D("0.0003")
    assert before - D(desk.coin()["walletBalance"]) == D("1.5")
    desk.pass_ms(7 * HOURS)
    assert sum(e["execType"] == "Funding" for e in desk.executions()) == 1


def test_shorts_receive_positive_funding() -> None:
    desk = Desk(spread_ticks=0)
    desk.placed("Sell", "0.1")
    acts.fund(desk.venue.state, "BTCUSDT")
    assert D(desk.executions()[-1]["execFee"]) == D("-0.5")
    log = desk.client.get("account/transaction-log", type="SETTLEMENT")["result"]["list"]
    assert [D(row["funding"]) for row in log] == [D("0.5")]


def test_leverage_is_set_read_back_and_refused_when_the_same() -> None:
    desk = Desk()
    body = {"buyLeverage": "20", "sellLeverage": "20"}
    assert desk.post("position/set-leverage", **body)["retCode"] == 0
    assert desk.position()["leverage"] == "20"
    assert desk.rows("position/symbol-info")[0]["leverage"] == "20"
    assert desk.post("position/set-leverage", **body)["retCode"] == 110043
    high = {"buyLeverage": "200", "sellLeverage": "200"}
    assert desk.post("position/set-leverage", **high)["retCode"] == 10001


def test_a_position_too_big_for_its_leverage_is_refused() -> None:
    desk = Desk(balance=D(10_000_000))
    desk.post("position/set-leverage", buyLeverage="100", sellLeverage="100")
    assert desk.place("Buy", "41", "49900")["retCode"] == 110090


def test_fees_in_another_coin_leave_usdt_alone() -> None:
    desk = Desk(spread_ticks=0)
    desk.venue.state.flags.fee_coin = "MNT"
    desk.placed("Buy", "0.1")
    assert desk.executions()[0]["feeCurrency"] == "MNT"
    assert D(desk.coin()["walletBalance"]) == 10_000
    coins = desk.client.get("account/wallet-balance", accountType="UNIFIED")["result"]["list"][0][
        "coin"
    ]
    assert D(coins[1]["walletBalance"]) < 0


def test_a_transfer_is_not_profit() -> None:
    desk = Desk()
    acts.transfer(desk.venue.state, D(-250))
    assert D(desk.coin()["walletBalance"]) == 9_750
    assert D(desk.coin()["cumRealisedPnl"]) == 0
    assert desk.told("wallet")[-1]["totalWalletBalance"] == "9750"


def test_adl_reduces_at_mark_without_a_fee() -> None:
    desk = Desk(spread_ticks=0)
    desk.placed("Buy", "0.1")
    acts.deleverage(desk.venue.state, "BTCUSDT", D("0.04"))
    last = desk.executions()[-1]
    assert (last["execType"], last["execQty"], last["execFee"]) == ("AdlTrade", "0.04", "0")
    assert desk.position()["size"] == "0.06"
