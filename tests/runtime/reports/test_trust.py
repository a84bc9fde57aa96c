"""The trust panel never shows a tick it did not earn: every line with a tick, and what takes it away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from compiler.catalog.settings import Intrabar
from runtime.market.data import SideSeries
from runtime.market.identity import UNKNOWN_VENUE, DataOrigin, Identity, Market, Stated
from runtime.market.instrument_table import custom_instrument, instrument_for
from runtime.records.remarks import Remark, meaning
from runtime.records.rows import Ambiguity, RefusalRow, RemarkRow
from runtime.reports import summary
from runtime.reports.result import result
from runtime.reports.trust import Grade, trust_notes
from runtime.rules.data_fit import ALL_UNKNOWN
from tests.runtime.reports.made_up_run import MadeUpRun, made_up_run, program, random_walk

BYBIT = Identity(
    venue="bybit", market=Market.LINEAR, symbol="BTCUSDT", timeframe="15m",
    origin=DataOrigin.DOWNLOADED,
)  # fmt: skip
SIDE = SideSeries("mark_15m.parquet", BYBIT)
Change = Callable[[MadeUpRun], None]


def best_run() -> MadeUpRun:
    """Return a run that has earned every tick there is."""
    run = made_up_run()
    graph = run.program.graph
    execution = replace(graph.settings.execution, intrabar=Intrabar.MAGNIFY)
    graph = replace(graph, settings=replace(graph.settings, execution=execution))
    run.program = replace(program(), graph=graph)
    run.data.synthetic = False
    run.data.identity = BYBIT
    run.data.sides = {"mark prices": SIDE, "finer bars": SIDE}
    run.data.fine = random_walk(3)
    run.instrument = instrument_for("BTCUSDT")
    return run


def ticks(run: MadeUpRun) -> set[str]:
    made = result(run.program, run.data, run.instrument, run.record, run.extra)
    return {note.title for note in trust_notes(made) if note.grade is Grade.GOOD}


def identity(**changes: object) -> Change:
    def change(run: MadeUpRun) -> None:
        run.data.identity = replace(BYBIT, **changes)  # type: ignore[arg-type]

    return change


def synthetic(run: MadeUpRun) -> None:
    run.data.synthetic = True


def made_up(run: MadeUpRun) -> None:
    run.data.synthetic, run.data.identity = True, None


def sides(what: str, file: str = "side.parquet", **changes: object) -> Change:
    side = SideSeries(file, replace(BYBIT, **changes))  # type: ignore[arg-type]

    def change(run: MadeUpRun) -> None:
        run.data.sides = {**run.data.sides, what: side}

    return change


def unnamed(run: MadeUpRun) -> None:
    run.data.identity = None


def typed_in(run: MadeUpRun) -> None:
    run.instrument = custom_instrument("BTCUSDT", 0.1, 0.001)


def guessed(run: MadeUpRun) -> None:
    run.instrument = replace(run.instrument, guessed="risk tiers are a guess")


def ambiguous(run: MadeUpRun) -> None:
    run.record.ambiguity = Ambiguity(bars=[5], count=1)


def nothing_filled(run: MadeUpRun) -> None:
    run.record.fills = []


def no_fine(run: MadeUpRun) -> None:
    run.data.fine = None


def fallback(run: MadeUpRun) -> None:
    run.record.magnify_fallback_bars = 1


def other_path(run: MadeUpRun) -> None:
    run.program = program()


DATA, INSTRUMENT, PATH = "Data", "Instrument", "Path inside a bar: magnify"
CLEAR = "No ambiguous bar"
# Every line that may carry a tick, and what must take it away.
EARNED: dict[str, dict[str, Change]] = {
    DATA: {
        "made up": synthetic, "unnamed": unnamed,
        "by its name": identity(stated=Stated.NAME), "by nothing": identity(stated=Stated.NOBODY),
        "by its folder": identity(stated=Stated.PLACE),
        "by a person's word": identity(stated=Stated.PERSON),
        "imported": identity(origin=DataOrigin.IMPORTED), "a file": identity(origin=DataOrigin.FILE),
        "marks of another venue": sides("mark prices", venue="binance"),
        "marks of another market": sides("mark prices", market=Market.INVERSE),
        "marks of another symbol": sides("mark prices", symbol="ETHUSDT"),
        "marks imported": sides("mark prices", origin=DataOrigin.IMPORTED),
        "marks by their folder": sides("mark prices", stated=Stated.PLACE),
        "funding imported": sides("funding", origin=DataOrigin.IMPORTED),
        "funding by its folder": sides("funding", stated=Stated.PLACE, origin=DataOrigin.FILE),
        "funding that came from nowhere": sides("funding", origin=DataOrigin.FILE),
        "funding of nobody": sides("funding", stated=Stated.NOBODY),
        "funding whose file is called as the bars are": sides(
            "funding", "bybit:linear:BTCUSDT funding.csv", stated=Stated.NAME
        ),
    },
    INSTRUMENT: {
        "typed in": typed_in, "guessed tiers": guessed, "unnamed bars": unnamed,
        "bars of spot": identity(market=Market.SPOT),
        "bars of another venue": identity(venue="binance"),
        "bars called so by their name": identity(stated=Stated.NAME),
        "bars called so by a person": identity(stated=Stated.PERSON),
        "a made-up market": made_up,
    },
    PATH: {
        "no finer bars": no_fine, "a bar without finer ones": fallback, "another path": other_path,
        "finer bars of another market": sides("finer bars", market=Market.SPOT),
        "finer bars that nothing names": sides("finer bars", stated=Stated.NAME),
    },
    CLEAR: {"an ambiguous bar": ambiguous, "nothing filled": nothing_filled},
}  # fmt: skip


def test_what_a_person_alone_says_of_the_bars_is_said_as_such() -> None:
    run = best_run()
    identity(stated=Stated.PERSON, venue="binance", market=Market.SPOT)(run)
    made = result(run.program, run.data, run.instrument, run.record, run.extra)
    texts = {note.title: note.text for note in trust_notes(made)}
    assert "bars taken for binance spot BTCUSDT" in texts["Unnamed data"]
    assert "your word says what they are" in texts["Unnamed data"]
    assert "bars of binance spot were traded with" in texts["Instrument of another market"]


def test_rates_that_say_they_were_downloaded_keep_the_tick() -> None:
    run = best_run()
    sides("funding", "funding.csv")(run)
    assert DATA in ticks(run)


def test_imported_rates_are_said_to_be_imported() -> None:
    run = best_run()
    sides("funding", "funding.csv", origin=DataOrigin.IMPORTED)(run)
    made = result(run.program, run.data, run.instrument, run.record, run.extra)
    texts = {note.title: note.text for note in trust_notes(made)}
    assert "what the funding rates are was said when they were imported" in texts[DATA]


def test_bars_of_an_unnamed_market_are_not_of_one_market_with_finer_ones_of_another() -> None:
    run = best_run()
    identity(venue=UNKNOWN_VENUE, market=Market.OTHER)(run)
    sides("finer bars", venue=UNKNOWN_VENUE, market=Market.OTHER)(run)
    assert PATH not in ticks(run)


def test_these_are_all_the_ticks_there_are() -> None:
    assert ticks(best_run()) == set(EARNED)


@pytest.mark.parametrize(
    ("title", "what"), [(title, what) for title, found in EARNED.items() for what in found]
)
def test_a_tick_that_was_not_earned_is_not_shown(title: str, what: str) -> None:
    run = best_run()
    EARNED[title][what](run)
    assert title not in ticks(run)


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "WIFUSDT"])
def test_only_facts_that_were_recorded_earn_a_tick(symbol: str) -> None:
    run = best_run()
    run.instrument = instrument_for(symbol)
    assert (INSTRUMENT in ticks(run)) is (symbol == "BTCUSDT")


def test_bars_of_one_market_on_facts_of_another_say_so() -> None:
    run = best_run()
    identity(venue="binance", market=Market.SPOT)(run)
    made = result(run.program, run.data, run.instrument, run.record, run.extra)
    text = " ".join(summary(made).split())
    assert "bars of binance spot were traded with the facts of bybit linear" in text


def test_every_reason_of_a_refusal_is_shown_with_its_count_and_its_setting() -> None:
    run = best_run()
    codes = ("no_margin", "max_layers", "would_flip", "duplicate_ref", "price_outside_band")
    row = RefusalRow(
        bar=1, ts=1, code="", text="", action="entry_long", order_ref=None, block="b", case=0,
        line=1,
    )  # fmt: skip
    run.record.refusals = [
        replace(row, code=code) for n, code in enumerate(codes, 1) for _ in range(n)
    ]
    made = result(run.program, run.data, run.instrument, run.record, run.extra)
    (note,) = (n for n in trust_notes(made) if n.title == "Refused entries")
    for count, code in enumerate(codes, 1):
        assert f"{code} {count} (" in note.text
    assert "see `position_policy.max_layers`" in note.text


@pytest.mark.parametrize("kind", list(Remark))
def test_whatever_a_run_did_to_a_wish_is_shown_with_its_count(kind: Remark) -> None:
    run = best_run()
    row = RemarkRow(
        bar=3, ts=1_704_067_200_000, kind=kind.value, text="2 to 1", order_id="o1", order_ref=None,
        line=4,
    )  # fmt: skip
    run.record.remarks = [row, row]
    made = result(run.program, run.data, run.instrument, run.record, run.extra)
    notes = [note for note in trust_notes(made) if meaning(kind) in note.text]
    assert len(notes) == 1
    assert notes[0].grade is not Grade.GOOD
    assert "2 times" in notes[0].text
    assert "2 to 1" in notes[0].text
    assert notes[0].title in summary(made)
    if kind in (Remark.BALANCE_BELOW_ZERO, Remark.MARGIN_BEYOND_BALANCE):
        assert notes[0].grade is Grade.CAUTION


@pytest.mark.parametrize(
    ("costs", "titles"),
    [
        ({}, set()),
        ({"taker_bps": 0.0, "maker_bps": 0.0, "slippage_bps": 0.0}, {"No costs"}),
        ({"taker_bps": 0.0, "maker_bps": 0.0, "slippage_bps": 1.0}, {"No taker fee"}),
        ({"taker_bps": 0.0, "maker_bps": 2.0, "slippage_bps": 0.0}, set()),
        ({"taker_bps": -5.5}, {"Negative taker fee"}),
        ({"taker_bps": -5.5, "maker_bps": -1.0}, {"Negative taker fee", "Maker rebate"}),
        ({"maker_bps": -1.0}, {"Maker rebate"}),
        ({"taker_bps": 0.0, "maker_bps": -1.0}, {"No taker fee", "Maker rebate"}),
    ],
)
def test_costs_that_no_venue_would_give_have_a_line(
    costs: dict[str, float], titles: set[str]
) -> None:
    run = best_run()
    settings = run.program.graph.settings
    settings = replace(settings, account=replace(settings.account, **costs))
    run.program = replace(run.program, graph=replace(run.program.graph, settings=settings))
    made = result(run.program, run.data, run.instrument, run.record, run.extra)
    found = {n.title: n.grade for n in trust_notes(made)}
    every = {"No costs", "No taker fee", "Negative taker fee", "Maker rebate"}
    assert set(found) & every == titles
    assert all(found[title] is Grade.CAUTION for title in titles - {"Maker rebate"})
    assert all(title in summary(made) for title in titles)


def test_an_exit_bounded_by_bankruptcy_is_a_caution_with_its_amount() -> None:
    run = best_run()
    run.record.matching.bounded_by_bankruptcy = 2
    run.record.matching.borne_by_the_fund_usdt = 1234.5
    made = result(run.program, run.data, run.instrument, run.record, run.extra)
    (note,) = [note for note in trust_notes(made) if note.title == "Bounded by bankruptcy"]
    assert note.grade is Grade.CAUTION
    assert note.text.startswith("2 exits beyond")
    assert note.text.endswith("the other 1,234.50 USDT")


def test_a_series_that_is_never_known_is_a_caution_of_its_own() -> None:
    run = made_up_run()
    run.record.warnings = [f"`funding_rate`, which the card reads, {ALL_UNKNOWN}"]
    made = result(run.program, run.data, run.instrument, run.record, run.extra)
    assert [
        n.title for n in trust_notes(made) if "funding_rate" in n.text and n.grade is Grade.CAUTION
    ] == ["Never known"]
