"""Every card in `cards/broken` triggers the rule its name says; the gallery triggers none."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.codes import CODES, Basis, code
from compiler.findings.diagnostics import Severity
from compiler.findings.source import Source
from compiler.pipeline import check

CARDS = Path(__file__).parents[2] / "cards"
BROKEN = sorted((CARDS / "broken").glob("*.yaml"))
# `IC###_name.kind.yaml`: one more way to break a rule, beside a card that must stay silent.
KINDS = [path for path in BROKEN if "." in path.stem]
NEAR = sorted((CARDS / "broken" / "near_misses").glob("*.yaml"))
# What needs market data cannot be shown by a card alone.
WANTED = {entry.code for entry in CODES if entry.basis is not Basis.DATA}


def found_in(path: Path) -> list[tuple[str, Severity]]:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    return [(d.code, d.severity) for d in check(source).diagnostics]


def test_every_rule_has_a_card_that_breaks_it() -> None:
    assert {path.name[:5] for path in BROKEN} >= WANTED


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_card_triggers_the_rule_of_its_name_and_no_error_besides(path: Path) -> None:
    wanted = path.name[:5]
    entry = code(wanted)
    assert entry is not None
    assert path.stem.split(".")[0] == f"{entry.code}_{entry.name.replace('-', '_')}"
    found = found_in(path)
    assert wanted in [c for c, _ in found]
    if entry.severity is not Severity.ERROR:
        assert {c for c, severity in found if severity is Severity.ERROR} <= {wanted}
    if wanted >= "IC4":
        assert {c for c, _ in found} == {wanted}


def test_every_further_kind_has_a_near_miss() -> None:
    assert [path.name for path in NEAR] == [path.name for path in KINDS]


@pytest.mark.parametrize("path", NEAR, ids=lambda path: path.stem)
def test_a_near_miss_has_no_findings(path: Path) -> None:
    assert found_in(path) == []


@pytest.mark.parametrize("path", sorted((CARDS / "gallery").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_gallery_card_has_no_findings_but_those_of_the_user_s_own(path: Path) -> None:
    seed = ["IC202", "IC502", "IC505", "IC507", "IC513", "IC601", "IC604", "IC607"]
    wanted = seed if path.stem == "zone_scalper_v1" else []
    assert sorted(c for c, _ in found_in(path)) == wanted
