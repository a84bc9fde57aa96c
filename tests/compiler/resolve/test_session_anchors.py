"""An indicator that begins anew with a session of the card: what it reads, and what says it instead."""

from __future__ import annotations

import re

import pytest

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source
from compiler.graph.rule_graph import FeatureNode
from compiler.pipeline import check, compile_card

CARD = (
    "name: x\nsymbol: BTCUSDT\ntf: 15m\n"
    "sessions: { ny: { tz: America/New_York, hours: 09:30-16:00 } }\n"
    "features: [FEATURES]\n"
    "blocks: [{ id: a, cases: [{ when: 'CONDITION', emit: [exit_all] }] }]\n"
)


def told(condition: str, features: str = "") -> tuple[Diagnostic, ...]:
    text = CARD.replace("CONDITION", condition).replace("FEATURES", features)
    return tuple(check(Source("x", text), lints=False).diagnostics)


def read(condition: str, features: str = "") -> dict[str, FeatureNode]:
    """Return the features of a card by id; it has no mistakes."""
    text = CARD.replace("CONDITION", condition).replace("FEATURES", features)
    graph = compile_card(Source("x", text)).graph
    assert graph is not None
    return {feature.id: feature for feature in graph.features}


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("session_open(ny) > 0", ["ny.open"]),
        ("pivots(ny).r1 > 0", ["ny.high", "ny.low", "ny.close"]),
    ],
)
def test_what_is_said_instead_of_a_session_as_an_anchor_compiles(
    written: str, instead: list[str]
) -> None:
    (found,) = told(written)
    assert found.code == "IC110"
    assert re.findall(r"`([^`]+)`", found.help or "") == instead
    for text in instead:  # within the session, so that it is read
        assert not told(f"ny.active and close > {text}")


def test_a_word_that_is_no_session_is_told_what_the_anchor_is() -> None:
    (found,) = told("vwap(london) > 0")
    assert found.help is not None
    assert "UTC day" in found.help
    assert "sessions" in found.help


def test_a_declared_vwap_of_a_session_and_one_without_an_entry_are_one_feature() -> None:
    for declared in (
        "{ type: vwap, id: v, params: { anchor: ny } }",
        "{ type: vwap, id: v, params: { session: ny } }",
        "{ type: vwap, id: v, depends_on: { session: ny } }",
    ):
        features = read("close > v and vwap(ny) < 9 and position_side == long", declared)
        assert [(f.id, f.type) for f in features.values()] == [
            ("ny", "session"),
            ("v", "session_vwap"),
        ]


def test_the_deviations_stand_where_they_stand_beside_a_day() -> None:
    features = read("close > vwap_bands(ny, 3).upper")
    assert dict(features["vwap_bands(ny, 3)"].params) == {"std": 3.0}


def test_the_session_is_of_the_bars_of_what_reads_it() -> None:
    features = read(
        "close > v and close > o and close > vwap(ny)@30m and close > x",
        "{ type: vwap, id: v, tf: 1h, params: { anchor: ny } }, "
        "{ type: vwap, id: o, symbol: ETHUSDT, params: { anchor: ny } }, "
        "{ type: anchored_vwap, id: x, tf: 2h, depends_on: { anchor: ny } }",
    )
    nodes = list(features.values())
    for id, timeframe, symbol, minutes in (
        ("v", "1h", "BTCUSDT", 60),
        ("o", "15m", "ETHUSDT", 15),
        ("vwap(ny)@30m", "30m", "BTCUSDT", 30),
        ("x", "2h", "BTCUSDT", 120),
    ):
        ((_, index),) = features[id].depends
        session = nodes[index]
        assert (session.type, session.timeframe, session.symbol) == ("session", timeframe, symbol)
        assert dict(session.params)["minutes"] == minutes


def test_a_session_read_at_another_timeframe_ends_with_the_bars_of_that() -> None:
    features = read("ny.last_bar@1h and position_side == long")
    assert dict(features["ny@1h"].params)["minutes"] == 60


def test_a_session_in_which_no_bar_of_its_reader_opens_is_told() -> None:
    (found,) = told("close > v", "{ type: vwap, id: v, tf: 1d, params: { anchor: ny } }")
    assert found.code == "IC401"
    assert "1d" in found.message
