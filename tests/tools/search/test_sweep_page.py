"""The page of `ideacard sweep`: how many were tried beside the first, its neighbours, a map in which every set is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tools.cli import run as cli
from tests.tools.search.test_sweep import CARD, GRID, asked, matter
from tests.tools.search.test_sweep import store as store  # a fixture
from tools.search.figures import Figures
from tools.search.plans import Tried
from tools.search.sweep import Sweep, sweep
from tools.sweep_page import page, standing


@pytest.fixture(scope="module")
def made(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    found, space = matter(store, ("fast=5:20:5", "slow=30:60:10"))
    return sweep(found, asked(store, tmp_path_factory.mktemp("page"), space, GRID))


def heights(made: Sweep, timing: dict[tuple[str, str], float]) -> Sweep:
    """Return the sweep with these timings, all others −2."""
    tried = list[Tried]()
    for one in made.tried:
        assert isinstance(one.outcome, Figures)
        fast, slow = (text for _, text in one.params)
        tried.append(
            replace(one, outcome=replace(one.outcome, timing=timing.get((fast, slow), -2.0)))
        )
    return replace(made, tried=tuple(tried))


def test_how_many_were_tried_stands_beside_the_first(made: Sweep) -> None:
    text = page("a <card>", made, "ideacard backtest <x>")
    assert f'<p class="end">First of {made.selection.tried}: ' in text
    assert "16 sets were tried on these bars" in text
    assert "ideacard backtest &lt;x&gt;" in text
    assert "a &lt;card&gt;" in text
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL).lower().split()
    for word in ("best", "optimal", "validated", "safe", "proven", "winner"):
        assert word not in words
    assert "http" not in text.replace("http-equiv", "")
    assert "script" not in text


def test_the_map_holds_every_set_at_its_place_and_frames_the_first(made: Sweep) -> None:
    shown = heights(made, {("10", "40"): 2.0, ("5", "60"): 0.0})
    text = page("c", shown, "")
    assert len(re.findall(r'title="fast=\d+ slow=\d+: [^"]+"', text)) == 16
    (framed,) = re.findall(r'<td class="first"[^>]*title="([^"]+)"', text)
    assert framed == "fast=10 slow=40: 2"
    assert 'own) 70%, var(--panel))" title="fast=10 slow=40' in text
    assert 'own) 35%, var(--panel))" title="fast=5 slow=60' in text
    missing = replace(shown, tried=shown.tried[:-1])
    assert 'class="none" title="fast=20 slow=60: no figure"' in page("c", missing, "")


def test_a_plateau_and_a_peak_are_told_apart_and_neither_is_called_evidence(made: Sweep) -> None:
    near = {("5", "40"): 1.2, ("15", "40"): 1.2, ("10", "30"): 1.2, ("10", "50"): 1.2}
    flat = standing(heights(made, {("10", "40"): 2.0, **near}))
    assert flat.startswith(
        "It stands on a plateau: the middle of the 4 sets one step away keeps 80 %"
    )
    assert standing(heights(made, {("10", "40"): 2.0})).startswith("It is a peak: ")
    far = dict.fromkeys((("20", "60"), ("5", "60"), ("15", "50")), 1.9)  # no neighbours
    assert "is a peak" in standing(heights(made, {("10", "40"): 2.0, **far}))
    assert "no evidence of an edge" in flat


def test_the_command_writes_the_page(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["sweep", str(CARD), "--data", str(store), "--param", "fast=5:8", "--param", "slow=40"]
    assert cli(capsys, [*words, "--html", "p/s.html"]).code == 0
    text = Path("p/s.html").read_text(encoding="utf-8")
    assert "First of 4: " in text
    assert "ideacard robust" in text
