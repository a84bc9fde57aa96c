"""Laws over generated scripts. Seeds are fixed: a failure names the seed that shows it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.reference.exchange import run
from tests.reference.generate import script
from tests.reference.knobs import Knobs
from tests.reference.laws import broken, money_by_bar, owns_protection
from tests.reference.mirror import SYMMETRIC, mirrored, symmetric
from tests.reference.outcome import Outcome
from tests.reference.script import (
    AdjustStop,
    FillModel,
    Instrument,
    Method,
    Script,
    Settings,
)
from tests.reference.shrink import shrink
from tests.reference.words import CALM, TICK, bar_of, bid, play

BLOCK = 500


@pytest.mark.parametrize("start", range(0, 3000, BLOCK))
def test_every_run_keeps_the_laws(start: int) -> None:
    for seed in range(start, start + BLOCK):
        case = script(seed)
        assert broken(case, run(case)) == [], seed


@pytest.mark.parametrize("start", range(0, 500, 250))
def test_the_laws_hold_with_little_money_and_card_stops(start: int) -> None:
    knobs = Knobs(tight_margin=True, stop_exits=True, reuse_refs=False)
    for seed in range(start, start + 250):
        case = script(seed, knobs)
        assert broken(case, run(case)) == [], seed


def test_the_method_changes_nothing_where_no_layer_owns_protection() -> None:
    knobs = Knobs(layer_protection=False)
    for seed in range(150):
        case = script(seed, knobs)
        assert not owns_protection(case)
        runs = [
            money_by_bar(run(replace(case, settings=replace(case.settings, method=method))))
            for method in Method
        ]
        assert runs[0] == runs[1] == runs[2], seed


def test_buys_and_sells_are_mirror_images() -> None:
    for seed in range(300):
        case = symmetric(script(seed, SYMMETRIC))
        ours, theirs = run(case), run(mirrored(case))
        assert [(e.bar, e.ref, e.kind, e.reason, e.filled) for e in ours.ends] == [
            (e.bar, e.ref, e.kind, e.reason, e.filled) for e in theirs.ends
        ], seed
        assert [c.equity for c in ours.closes] == [c.equity for c in theirs.closes], seed
        assert [c.position for c in ours.closes] == [-c.position for c in theirs.closes], seed


def test_no_bar_knows_what_comes_after_it() -> None:
    knobs = Knobs(marks=False, funding=False)
    for seed in range(150):
        case = script(seed, knobs)
        whole = run(case)
        for t in (len(case.bars) // 2, len(case.bars) - 1):
            part = run(replace(case, bars=case.bars[:t], commands=case.commands[:t]))
            assert part.closes == whole.closes[:t], seed


def test_the_same_seed_is_the_same_script() -> None:
    assert script(7) == script(7)
    assert script(7) != script(8)


def test_generated_scripts_reach_every_part_of_the_exchange() -> None:
    seen: set[str] = set()
    for seed in range(1300):
        outcome = run(script(seed))
        seen |= {f"{fill.role} {fill.moment}" for fill in outcome.fills}
        seen |= {end.reason for end in outcome.ends}
    wanted = {
        *(f"{role} {moment}" for role in ("entry", "stop", "target", "trail")
          for moment in ("jump", "path")),
        "entry open", "exit open", "exit path", "liquidation path", "liquidation jump",
        "oco", "on_flat", "position_closed", "reduce_only", "post_only_would_cross", "liquidation",
        "on_partial", "ttl", "ioc_remainder", "fok_unfillable", "amended", "card", "would_flip",
        "max_layers", "layer_owned", "trigger_passed", "beyond_liquidation",
    }  # fmt: skip
    assert wanted - seen == set()


# --- the laws can fail ---------------------------------------------------------------------------


def small_run() -> tuple[Script, Outcome]:
    settings = Settings(fill_model=FillModel.TOUCH)
    bars = [CALM, CALM, "97 98 96.5 97"]
    outcome = play(bars, {0: [bid("a", 99, 10)]}, settings)
    case = Script(
        bars=tuple(bar_of(line, i * 60) for i, line in enumerate(bars)),
        commands=((bid("a", 99, 10),),),
        settings=settings,
        instrument=Instrument(tick=TICK),
    )
    return case, outcome


@pytest.mark.parametrize(
    "change",
    [{"price": Fraction(9800)}, {"lots": 11}, {"fee": Fraction(1)}, {"reference": Fraction(9600)}],
)
def test_a_wrong_fill_breaks_a_law(change: dict[str, object]) -> None:
    case, outcome = small_run()
    assert broken(case, outcome) == []
    wrong = replace(outcome.fills[0], **change)  # type: ignore[arg-type]
    assert broken(case, replace(outcome, fills=(wrong,))) != []


def test_shrinking_keeps_what_the_predicate_sees() -> None:
    def adjusts(case: Script) -> bool:
        return any(isinstance(c, AdjustStop) for close in case.commands for c in close)

    case = next(s for s in map(script, range(100)) if adjusts(s))
    small = shrink(case, adjusts)
    assert adjusts(small)
    assert sum(map(len, small.commands)) == 1
    assert len(small.bars) == 1
    assert small.settings == Settings()
