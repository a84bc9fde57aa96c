"""The comparison itself: every script is a card, what agrees is silent, what differs is seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from tests.reference.card import card, sayable
from tests.reference.compare import compare, first_difference, held_layers
from tests.reference.exchange import run
from tests.reference.generate import script
from tests.reference.hunt import knobs_of, main
from tests.reference.outcome import Role
from tests.reference.script import AdjustTrail, ExitAll, Place, Script
from tests.reference.seen import Seen, seen
from tests.reference.telling import told
from tests.reference.words import TICK, bar_of, buy, leave

LINES = ("100 100.5 99.5 100", "100 103 100 102", "102 103 101 103", "103 104 102 102")


def small() -> Script:
    """Buy 10 at the open of bar 1, sell 4 at that of bar 2, the rest at that of bar 3."""
    bars = tuple(bar_of(line, i * 60) for i, line in enumerate(LINES))
    commands = ((buy("a", 10, stop_loss=9900),), (leave("b", lots=4),), (ExitAll("c"),))
    case = Script(bars=bars, commands=commands)
    return replace(case, instrument=replace(case.instrument, tick=TICK))


def test_every_script_is_a_card_that_compiles() -> None:
    for seed in range(60):
        case = sayable(script(seed))
        text = card(case, "TESTUSDT", "1h", held_layers(run(case)))
        compile_card(Source(f"{seed}.yaml", text))


def test_what_no_card_can_say_is_left_out() -> None:
    for seed in range(60):
        case = sayable(script(seed))
        commands = [c for close in case.commands for c in close]
        trails = [c.trail for c in commands if isinstance(c, Place | AdjustTrail) and c.trail]
        assert all(trail.only_tighten for trail in trails)
        assert case.settings.slippage_ticks == 0


def test_scripts_full_of_trails_agree() -> None:
    """Both engines are told the same trails, and some of them are met."""
    knobs = knobs_of(only=("trails", "protection", "layer_protection", "adjusts", "jumps"))
    cases = [script(seed, knobs) for seed in range(60)]
    assert sum(fill.role is Role.TRAIL for case in cases for fill in run(sayable(case)).fills) > 9
    assert [seed for seed, case in enumerate(cases) if compare(case) is not None] == []


def test_market_orders_and_a_stop_agree() -> None:
    assert compare(small()) is None


def _forged(kind: str) -> Seen:
    real = seen(small(), run(small()))
    match kind:
        case "fills":
            return replace(real, trades=(replace(real.trades[0], lots=9), *real.trades[1:]))
        case "ends":
            return replace(real, ends=real.ends[1:])
        case _:
            last = replace(real.accounts[-1], **{kind: 1.0})  # type: ignore[arg-type]
            return replace(real, accounts=(*real.accounts[:-1], last))


@pytest.mark.parametrize("kind", ["fills", "ends", "balance", "equity", "average", "stop"])
def test_a_difference_is_seen_and_named(kind: str) -> None:
    real = seen(small(), run(small()))
    assert first_difference(small(), real, real) is None
    found = first_difference(small(), real, _forged(kind))
    assert found is not None
    assert found.what == kind


def test_a_script_is_told_as_bars_and_a_card() -> None:
    text = told(small(), held_layers(run(small())))
    assert "bar 1: 100 103 100 102 volume 1000" in text
    assert 'action: entry_long, metadata: { size: "10 base", order_ref: a, stop_loss: 99 }' in text


def test_only_named_features_are_on() -> None:
    knobs = knobs_of([], ["ttl"], ["touch"])
    assert knobs.ttl
    assert not knobs.oco
    assert not knobs_of(["ttl"], None, []).ttl


def test_a_hunt_goes_on_where_it_stopped(tmp_path: Path) -> None:
    out = tmp_path / "found.jsonl"
    words = ["--only", "", "--models", "touch", "--tell", "0", "--out", str(out)]
    main(["--seeds", "0:3", *words])
    main(["--seeds", "0:5", *words])
    assert len(out.read_text().splitlines()) == 5
