"""How far a result stands out: p, its words, and what they never say."""

from __future__ import annotations

import json
from array import array
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from compiler.findings.source import Source
from runtime.backtest import run_backtest
from runtime.features.elementary import exp
from runtime.market.instrument_table import instrument_for
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.rules.tier import Tier
from tests.tools.cli import run as cli
from tools.running import compile_for
from tools.search import kernels
from tools.search.mirrors import mean_log_return, mirrors_of
from tools.search.pay import Pay, block_length, break_even_bps
from tools.search.robust import Asked, robust
from tools.search.runs import Runs
from tools.search.timing import Luck, Timing, compare, timing
from tools.search.words import (
    Conclusion,
    Search,
    budget,
    conclusion,
    length_sentence,
    luck_sentence,
    pay_sentence,
    search_sentence,
    searched,
)

CARD = """\
name: always_in
symbol: BTCUSDT
tf: 15m
features:
  - { type: sma, id: fast, params: { length: 5 } }
  - { type: sma, id: slow, params: { length: 20 } }
position_policy: { mode: long_only }
blocks:
  - id: in
    cases:
      - when: fast crosses above slow and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 50% of equity, stop_loss_offset_pct: -5 } }]
  - id: out
    cases:
      - when: fast crosses below slow and position_side == long
        emit: [exit_long]
"""
PRICES = ("open", "high", "low", "close")
RUN = Timing(2.0, 0.1, 88, 0.01)
PAID = Pay(4.1, 1.0, 14.0, 300, 2.0)


def drawn(*values: float) -> list[Timing]:
    return [Timing(value, 0.0, 1, 1.0) for value in values]


def test_p_counts_the_run_itself_among_the_mirrors() -> None:
    assert compare(1.0, drawn(*[0.0] * 99)).p == pytest.approx(0.01)
    assert compare(1.0, drawn(*[0.0] * 98, 1.0)).p == pytest.approx(0.02)  # as well counts


def test_drawing_stops_where_enough_do_as_well_and_p_is_their_share() -> None:
    luck = compare(1.0, iter(drawn(*[0.0, 2.0] * 400)), enough=50)
    assert (luck.drawn, luck.as_well, luck.stopped) == (100, 50, True)
    assert luck.p == 0.5


def test_a_mirror_that_holds_nothing_counts_as_nothing_gained() -> None:
    idle = [Timing(None, 0.0, 0, 0.0)] * 9
    assert compare(1.0, idle).p == pytest.approx(0.1)
    assert compare(-1.0, idle).p == 1.0


@pytest.mark.parametrize(
    ("p", "search", "paid", "error", "wanted"),
    [
        (0.30, Search(1, None), PAID, 0.001, Conclusion.NO_EVIDENCE),
        (0.30, Search(1, None), PAID, 1.000, Conclusion.TOO_SHORT),
        (0.03, Search(1, None), PAID, 0.01, Conclusion.SURVIVES),
        (0.03, Search(1, None), Pay(4.1, -1.0, 9.0, 300, 2.0), 0.01, Conclusion.NO_PROFIT),
        (0.03, Search(1, None), Pay(4.1, None, None, 5, 1.0), 0.01, Conclusion.NO_PROFIT),
        (0.03, Search(41, 0.23), PAID, 0.01, Conclusion.NOT_THE_SEARCH),
        (0.03, Search(1, None, 40), PAID, 0.01, Conclusion.NOT_THE_SEARCH),
    ],
)
def test_each_conclusion_has_its_cause(
    p: float, search: Search, paid: Pay, error: float, wanted: Conclusion
) -> None:
    luck = Luck(2.0, 999, round(p * 1_000) - 1, False, ())
    run = Timing(2.0, 0.1, 88, error)
    assert conclusion(run, luck, search, paid, 15.0) is wanted


def test_tries_elsewhere_count_as_sidak_says() -> None:
    luck = Luck(2.0, 999, 9, False, ())
    assert searched(luck, Search(1, None, 4)) == pytest.approx(1 - 0.99**5)
    assert budget(0.01) == 5
    assert budget(0.05) == 1
    assert budget(0.5) == 0


def test_a_card_tried_once_is_not_said_to_have_been_searched_for() -> None:
    """At p = 0.05 to the bit: 1 − (1 − p) lies above it."""
    luck = Luck(2.0, 59, 2, False, ())
    assert luck.p == 0.05
    assert searched(luck, Search(1, None)) == 0.05
    run = Timing(2.0, 0.1, 88, 0.01)
    assert conclusion(run, luck, Search(1, None), PAID, 15.0) is Conclusion.SURVIVES


def test_the_sentences_never_say_what_p_cannot() -> None:
    luck = Luck(2.0, 999, 31, False, ())
    said = " ".join(
        (
            luck_sentence(luck), search_sentence(luck, Search(41, 0.23, 3)), pay_sentence(PAID, 9.2, 7.5),
            length_sentence(RUN), *Conclusion,
        )
    ).lower()  # fmt: skip
    for word in ("real", "robust", "validated", "safe", "proven", "probability", "chance", "score"):
        assert word not in said.split()
    assert "p = 0.032 ± 0.006" in said
    assert "41 variants" in said


def test_break_even_is_found_and_a_loser_has_none() -> None:
    assert break_even_bps(lambda bps: 9.2 - bps) == pytest.approx(9.2, abs=0.2)
    assert break_even_bps(lambda bps: -1.0 - bps) is None
    assert break_even_bps(lambda _bps: 1.0) == 100.0


def test_blocks_grow_with_memory() -> None:
    chance = Random(4)
    shocks = [chance.gauss(0, 1) for _ in range(600)]
    remembered = [0.0]
    for shock in shocks:
        remembered.append(0.8 * remembered[-1] + shock)
    assert block_length(shocks) < 5 < block_length(remembered)


def test_the_same_seed_gives_the_same_figures_and_another_seed_others() -> None:
    program = compile_for(Source("c.card.yaml", CARD))
    data = synthetic_market(SyntheticSpec(bars=900, seed=5))
    instrument = instrument_for("BTCUSDT")
    one, again, other = (
        robust(program, data, instrument, Asked(mirrors=19, seed=seed)) for seed in (1, 1, 2)
    )
    assert one == again
    assert one.luck is not None
    assert other.luck is not None
    assert one.luck.values != other.luck.values
    assert one.run == other.run


def test_who_stops_it_gets_what_there_is(tmp_path: Path) -> None:
    program = compile_for(Source("c.card.yaml", CARD))
    data = synthetic_market(SyntheticSpec(bars=600, seed=5))
    told: list[int] = []

    def stops() -> bool:
        return len(told) >= 3

    made = robust(
        program, data, instrument_for("BTCUSDT"), Asked(mirrors=99),
        lambda _what, done, _all: told.append(done), stops,
    )  # fmt: skip
    assert not made.is_whole
    assert made.luck is not None
    assert made.luck.drawn == 3


def test_a_rising_market_gives_a_card_that_is_only_long_no_credit() -> None:
    """Its timing is that of its own exposure, and the mirrors rise as well."""
    program = compile_for(Source("c.card.yaml", CARD))
    data = synthetic_market(SyntheticSpec(bars=1_500, seed=5))
    for row in range(len(data.exec)):
        factor = 1.0005**row
        for column in (data.exec.open, data.exec.high, data.exec.low, data.exec.close):
            column[row] = round(column[row] * factor, 1)
    made = robust(program, data, instrument_for("BTCUSDT"), Asked(mirrors=39))
    assert made.luck is not None
    assert made.run.net > 0
    assert made.luck.p > 0.05


def test_the_command_says_four_sentences_and_one_conclusion(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = tmp_path / "c.card.yaml"
    card.write_text(CARD)
    store = str(tmp_path / "data")
    assert cli(capsys, ["data", "synth", "--bars", "800", "--store", store]).code == 0
    words = [
        "robust",
        str(card),
        "--data",
        store,
        "--mirrors",
        "19",
        "--runs",
        str(tmp_path / "runs"),
    ]
    told = cli(capsys, words)
    assert told.code == 0, told.err
    starts = ["Luck.", "Search.", "Pay.", "Length.", "Conclusion:"]
    places = [told.out.index(f"\n{start}") for start in starts]
    assert places == sorted(places)
    assert max(map(len, told.out.splitlines())) <= 80
    html = tmp_path / "pages" / "c.html"
    made = json.loads(cli(capsys, [*words, "--html", str(html), "--json"]).out)
    assert f"Conclusion: {made['conclusion']}." in html.read_text(encoding="utf-8")
    assert made["conclusion"] in set(Conclusion)
    assert 0 < made["luck"]["p"] <= 1


@pytest.mark.parametrize("number", range(6))
def test_machine_code_and_the_readable_engine_time_a_mirror_alike(number: int) -> None:
    """Which of them it was cannot be seen in a figure, nor in a bar of the mirror."""
    program = compile_for(Source("c.card.yaml", CARD))
    data = synthetic_market(SyntheticSpec(bars=700, seed=number))
    data = replace(data, funding=None, mark=None)
    instrument = instrument_for("BTCUSDT")
    runs = Runs(program, data, instrument)
    assert runs.is_fast
    mirror = mirrors_of(data, instrument).mirror(number, 1)
    record = run_backtest(program, mirror, instrument, flip=False, tier=Tier.PLAIN)
    start = program.graph.settings.account.starting_equity_usdt
    mean = mean_log_return(mirror.exec, 0)
    assert runs.timing(mirror) == timing(record, mirror.exec, start, mean)
    frame, plain = data.exec, [array("d", getattr(data.exec, name)) for name in PRICES]
    ratios, coins = (
        [array("d", bytes(32 * len(frame))) for _ in range(2)],
        mirrors_of(data, instrument)._coins(number, 1, 1),
    )
    drift = exp(2.0 * mean_log_return(frame, 0))
    kernels.ratios(frame.open, frame.high, frame.low, frame.close, *ratios, 0, len(frame))
    kernels.turn(*ratios, frame.close[0], coins, drift, instrument.tick, *plain, 0, len(frame))
    assert [list(column) for column in plain] == [
        list(getattr(mirror.exec, name)) for name in PRICES
    ]
