"""The page of `ideacard walk`: both sides of every fold on one scale, a matrix of lengths, broken promises marked."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tools.cli import run as cli
from tests.tools.search.test_walk import CARD, walked
from tests.tools.search.test_walk import store as store  # a fixture
from tools.search.folds import Lengths
from tools.search.sweep import short
from tools.search.walk import Walks
from tools.walk_page import page


@pytest.fixture(scope="module")
def made(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Walks:
    return walked(store, tmp_path_factory.mktemp("page"))


def rows(text: str) -> list[str]:
    return re.findall(r"<tr[^>]*><td>\d{4}.*?</tr>(?:<tr><td colspan.*?</tr>)?", text)


def test_every_fold_stands_with_what_it_came_to_on_both_sides(made: Walks) -> None:
    (one,) = made.walks
    text = page("a <card>", made)
    assert "a &lt;card&gt;" in text
    assert len(rows(text)) == len(one.folds) > 1
    for fold, row in zip(one.folds, rows(text), strict=True):
        assert fold.chosen is not None
        assert fold.chosen.figures is not None
        assert fold.figures is not None
        here, there = (made.aim.of(figures) for figures in (fold.chosen.figures, fold.figures))
        assert f'<td class="n">{short(here)}</td><td class="n">{short(there)}</td>' in row
    assert (
        text.count('<circle class="here"') == text.count('<circle class="there"') == len(one.folds)
    )
    assert "http" not in text.replace("http-equiv", "")
    assert "script" not in text


def test_both_sides_share_one_scale_so_the_higher_figure_stands_higher(made: Walks) -> None:
    (one,) = made.walks
    text = page("c", made)
    here, there = (
        [float(y) for y in re.findall(rf'class="{side}" cx="[\d.]+" cy="([\d.]+)"', text)]
        for side in ("here", "there")
    )
    figures = [
        made.aim.of(each)
        for fold in one.folds
        for each in (fold.chosen and fold.chosen.figures, fold.figures)
        if each is not None
    ]
    drawn = [y for pair in zip(here, there, strict=True) for y in pair]
    order = sorted(range(len(figures)), key=lambda n: -(figures[n] or 0.0))
    assert [drawn[n] for n in order] == sorted(drawn)


def test_a_promise_that_a_choice_broke_is_marked_in_its_row(made: Walks) -> None:
    (one,) = made.walks
    broke = replace(one.folds[0], broke=((), ("max_layers: 1 (2×)",)))
    unseen = replace(one.folds[1], broke=(None, None))
    shown = replace(made, walks=(replace(one, folds=(broke, unseen, *one.folds[2:])),))
    first, second, *_ = rows(page("c", shown))
    assert (
        'class="broke">! where it was looked at it breaks what the card promises: max_layers: 1 (2×)<'
        in first
    )
    assert "where it was chosen" not in first
    assert "not looked at" in second


def test_a_matrix_stands_where_there_are_several_lengths(made: Walks) -> None:
    (one,) = made.walks
    assert 'class="matrix"' not in page("c", made)
    other = replace(one, lengths=Lengths(900, 300), folds=())
    text = page("c", replace(made, walks=(one, other)))
    (matrix,) = re.findall(r'<table class="matrix">.*?</table>', text)
    assert matrix.index("<th>600</th>") < matrix.index("<th>900</th>")
    assert f"<small>{one.above} of {len(one.tested())}</small>" in matrix
    assert "<td>–</td>" in matrix


def test_the_command_writes_it(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    html = tmp_path / "pages" / "walk.html"
    words = [
        "walk", str(CARD), "--data", str(store), "--train", "600", "--test", "300", "--param", "fast=5:15:5",
        "--out", str(tmp_path / "runs"), "--html", str(html),
    ]  # fmt: skip
    told = cli(capsys, words)
    assert told.code == 0, told.err
    assert "Walk of" in html.read_text(encoding="utf-8")
    assert "not that the card has an edge" in " ".join(told.out.split())
