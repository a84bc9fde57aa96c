"""Cards of version 3.0.0 become the same tree as cards of today."""

from __future__ import annotations

import pytest

from compiler.findings.diagnostics import Severity
from compiler.findings.source import Source
from compiler.parse.card import is_old_card
from compiler.pipeline import check
from compiler.syntax import tree as s
from compiler.syntax.printer import print_expression
from compiler.text.load import load
from compiler.text.nodes import Mapping
from tests.compiler.parsing import BLOCKS, OLD_CARDS, card, old_card

NAMES = sorted(path.stem for path in OLD_CARDS.glob("*.yaml"))


def settings(name: str) -> dict[str, object]:
    return {setting.path: setting.value for setting in old_card(name)[0].settings}


def conditions(name: str) -> list[str]:
    read, _, _ = old_card(name)
    return [print_expression(case.when) for block in read.blocks for case in block.cases]


@pytest.mark.parametrize("name", NAMES)
def test_old_cards_compile_as_they_are(name: str) -> None:
    text = (OLD_CARDS / f"{name}.yaml").read_text(encoding="utf-8")
    checked = check(Source(f"{name}.yaml", text), lints=False)
    assert [d.message for d in checked.diagnostics if d.severity is Severity.ERROR] == []
    assert checked.graph is not None


def test_market_order_card_reads_as_written() -> None:
    read, found, _ = old_card("ema_cross")
    assert found == []
    assert (read.version, read.name) == ("3.0.0", "BTCUSDT_1h_ema_cross")
    assert (read.symbols, read.timeframe) == (("BTCUSDT",), "1h")
    assert [(f.id, f.kind.value, f.type, f.timeframe) for f in read.features] == [
        ("ema_fast", "indicator", "ema", "1h"),
        ("ema_slow", "indicator", "ema", "1h"),
    ]
    assert conditions("ema_cross") == [
        "ema_fast > ema_slow and ema_fast[1] <= ema_slow[1]",
        "ema_fast crosses below ema_slow",
    ]
    assert read.blocks[0].otherwise == (s.Action("no_action"),)


def test_windows_and_operator_aliases() -> None:
    read, _, _ = old_card("rsi_windows")
    assert read.symbols == ("BTCUSDT", "ETHUSDT")
    assert read.features[2].source == "hlc3"
    assert conditions("rsi_windows") == [
        "rsi_14 < 40 for 5 bars and rsi_14 < 25 within last 10 bars and (close >= trend_4h or"
        " not rsi_14 between 45 and 55) at least 15 of last 20 bars",
        "rsi_14 crosses above 70",
    ]


def test_tolerances_are_fractions() -> None:
    assert conditions("near_levels") == [
        "close near fib.level_0.618 within 0.5% and close > swing.low_level * 1.001",
        "close near swing.high_level within 25",
    ]


def test_structures_and_what_they_depend_on() -> None:
    read, _, _ = old_card("zones")
    demand = read.features[1]
    assert (demand.kind, demand.type) == (s.EntryKind.STRUCTURE, "derived_zone")
    assert demand.depends_on == (s.Dependency("source", "swing"),)
    assert demand.params[0].value == (s.Number(0.5), s.Number(0.618))
    assert conditions("zones")[0] == (
        "demand.any_active == true and st.direction == 1 and"
        " demand.zone0_state in [active, ACTIVE] and low <= demand.zone0_upper"
    )


def test_scaled_shifted_and_older_values() -> None:
    assert conditions("short_only") == [
        "close >= bb.upper and volume > volume[1] * 2 or not close[3] < bb.middle + 50"
    ]


@pytest.mark.parametrize(
    ("policy", "mode", "layers"),
    [
        ("", "long_only", s.Number(1.0, True)),
        ("position_policy: {mode: long_short}\n", "long_short", s.Number(1.0, True)),
        ("position_policy: {allow_scale_in: false}\n", "long_only", s.Number(1.0, True)),
        ("position_policy: {allow_scale_in: true}\n", "long_only", None),
        ("position_policy: {max_layers: 4}\n", "long_only", s.Number(4.0, True)),
    ],
)
def test_what_an_old_card_leaves_out_becomes_explicit(
    policy: str, mode: str, layers: object
) -> None:
    found = {x.path: x.value for x in card(policy + BLOCKS, old=True).settings}
    assert found["position_policy.mode"] == mode
    assert found.get("position_policy.max_layers") == layers
    new = {x.path for x in card(policy + BLOCKS).settings}
    assert "position_policy.mode" not in new or "mode" in policy


def test_every_kind_of_stop_target_and_sizing_is_kept() -> None:
    found = [settings(name) for name in NAMES]
    assert {x["risk_model.stop_loss.type"] for x in found} == {
        "percent",
        "atr_multiple",
        "fixed_points",
        "structure",
    }
    assert {x.get("risk_model.take_profit.type") for x in found} == {
        "rr_ratio",
        "percent",
        "atr_multiple",
        "fixed_points",
        "structure",
        None,
    }
    assert {x["risk_model.sizing.model"] for x in found} == {
        "percent_equity",
        "risk_based",
        "fixed_usdt",
    }


def test_variables_of_an_old_card_are_not_read() -> None:
    read, _, _ = old_card("near_levels")
    assert read.variables == ()


def test_one_symbol_may_be_written_as_a_word() -> None:
    text = "id: t\nexecution_tf: 1h\nsymbol_universe: BTCUSDT\n" + BLOCKS
    from tests.compiler.parsing import parsed

    assert parsed(text)[0].symbols == ("BTCUSDT",)


@pytest.mark.parametrize(
    ("text", "is_old"),
    [
        ("execution_tf: 1h", True),
        ("version: '3.0.0'", True),
        ("version: 3.0.0", True),
        ("version: '3.1'\ntf: 1h", False),
        ("symbol_universe: [BTCUSDT]", False),
    ],
)
def test_the_version_is_told_by_keys(text: str, is_old: bool) -> None:
    node, _ = load(Source("card.yaml", text))
    assert isinstance(node, Mapping)
    assert is_old_card(node) is is_old
