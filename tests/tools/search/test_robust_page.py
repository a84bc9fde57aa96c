"""The page of `ideacard robust` says what the command says, and draws what it was counted from."""

from __future__ import annotations

import re

from tools.robust_page import page
from tools.search.fragility import Fragility, Nudge, Swing
from tools.search.pay import Pay
from tools.search.robust import Robust
from tools.search.timing import Luck, Timing
from tools.search.words import Conclusion, Search

LUCK = Luck(1.5, 4, 1, False, (-1.0, 0.0, 0.5, 2.0))
SWING = Swing(
    7, "when: <b>rsi</b> < 30", 30.0, (Nudge(27.0, 0.1, -0.02, 5), Nudge(33.0, 0.2, 0.04, 6))
)
MADE = Robust(
    Timing(1.5, 0.01, 88, 0.01), LUCK, Search(1, None), Pay(4.1, 1.0, 14.0, 300, 2.0), 9.2, 7.5,
    Conclusion.NO_EVIDENCE, (), True, {4: LUCK}, Fragility((SWING,), 10, 4.0),
)  # fmt: skip


def told(made: Robust = MADE) -> str:
    return page("a <card>", made, [("Luck.", "It did < 5 times.")], ["Left out: marks."])


def test_the_page_says_the_sentences_and_the_conclusion_and_no_markup_of_a_card() -> None:
    text = told()
    assert "<dt>Luck</dt><dd>It did &lt; 5 times.</dd>" in text
    assert "Conclusion: no evidence of an edge." in text
    assert "Left out: marks." in text
    assert "a &lt;card&gt;" in text
    assert "when: &lt;b&gt;rsi" in text


def test_every_mirror_is_in_the_histogram_and_the_card_stands_where_its_t_is() -> None:
    text = told()
    assert sum(map(int, re.findall(r"<title>(\d+) mirrors</title>", text))) == 4
    places = [float(x) for x in re.findall(r'x1="([\d.]+)" x2="[\d.]+" y1="14"', text)]
    assert places == [round(20 + 2.5 / 3.0 * 760, 1)]


def test_a_number_is_drawn_from_its_least_to_its_most() -> None:
    text = told()
    assert "From -2.0 % to +4.1 %; the red mark is the card as it is, +1.0 %." in text
    assert '<rect x="8.0" y="6" width="384.0"' in text


def test_the_page_fetches_nothing_and_never_says_what_p_cannot() -> None:
    text = told()
    assert "http" not in text.replace("http-equiv", "")
    assert "script" not in text
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL).lower().split()
    for word in ("real", "robust", "validated", "safe", "proven", "score"):
        assert word not in words


def test_what_was_not_done_is_not_drawn() -> None:
    short = Robust(
        MADE.run, None, MADE.search, MADE.paid, None, 7.5, Conclusion.TOO_SHORT, (), False
    )
    assert "<svg" not in told(short)
