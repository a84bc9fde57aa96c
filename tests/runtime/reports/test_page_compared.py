"""The page beside other back-testers: every word of its table stands on a page, every gap has its reason."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from compiler.findings.source import Source
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.reports.limit_metrics import LIMIT_METRICS
from runtime.reports.metrics import METRICS
from runtime.reports.page_parts import UNIT_WORDS
from tests.runtime.reports.browser import dump
from tools.running import compile_for, run_program

ROOT = Path(__file__).resolve().parents[3]
_TABLE = (ROOT / "docs" / "report-page.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _TABLE.splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| what they"))
]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the text of a page that was opened, without its script and data."""
    path = ROOT / "cards" / "gallery" / "mean_reversion_partials.yaml"
    source = Source(path.name, path.read_text(encoding="utf-8"))
    program = compile_for(source)
    data = synthetic_market(SyntheticSpec(timeframe=program.graph.timeframe, bars=6_000))
    out = tmp_path_factory.mktemp("page")
    report = run_program(source, program, data, out, flip=False).files.report
    assert report is not None
    document = dump(report)
    labels = " ".join(re.findall(r'aria-label="([^"]*)"', document))
    body = re.sub(r"<(script|style).*?</\1>", " ", document, flags=re.DOTALL)
    return html.unescape(f"{labels} {re.sub(r'<[^>]+>', ' ', body)}").lower()


def test_every_word_of_the_table_stands_on_a_page(shown: str) -> None:
    named = [
        word
        for row in ROWS
        if not row[-1].startswith("—")
        for word in re.findall(r"`([^`]+)`", row[-1])
    ]
    assert len(named) > 70
    assert [word for word in named if word.lower() not in shown] == []


def test_what_does_not_stand_on_the_page_has_its_reason() -> None:
    for row in ROWS:
        assert len(row) == 6, row
        assert set(row[1:5]) <= {"yes", "no", "partly"}, row
        assert "`" in row[-1] if not row[-1].startswith("—") else len(row[-1]) > 40, row


def test_every_figure_has_a_sentence_and_a_unit(shown: str) -> None:
    for metric in (*METRICS, *LIMIT_METRICS):
        said = f"{metric.definition[0].upper()}{metric.definition[1:]}. Unit: {UNIT_WORDS[metric.unit]}."
        assert said.lower() in shown, metric.name
