"""What formatting writes, on cards small enough to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.diagnostics import CompileFailed
from compiler.findings.source import Source
from compiler.formatting import format_card
from compiler.formatting.spacing import spaced
from compiler.pipeline import check

ROOT = Path(__file__).resolve().parents[3]
HEAD = """\
name: t
symbol: BTCUSDT
tf: 15m
features:
  - { type: ema, id: fast, params: { length: 9 } }
  - { type: rsi, id: rsi }
"""
EMIT = "        emit: [{ action: entry_long, metadata: { size: 1% of equity, stop_loss_offset_pct: -2 } }]\n"


def card(when: str, more: str = "") -> str:
    return f"{HEAD}{more}blocks:\n  - id: a\n    cases:\n      - when: {when}\n{EMIT}"


def body(text: str) -> str:
    """Return what stands between `cases:` and `emit:`."""
    return text.split("    cases:\n")[1].split("        emit:")[0]


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("close>fast", "close > fast"),
        ("close  >fast*2  and not(rsi<30)", "close > fast * 2 and not (rsi < 30)"),
        ("-close > - 3", "-close > -3"),
        ("close- -3>fast", "close - -3 > fast"),
        ("close-3>fast [1]", "close - 3 > fast[1]"),
        ("min( close,open )>0", "min(close, open) > 0"),
        ("rsi in[1,2]", "rsi in [1, 2]"),
        ("close near fast within .5 %", "close near fast within .5%"),
        ("(close > fast) and rsi>1", "(close > fast) and rsi > 1"),
        ("close >", "close >"),
    ],
)
def test_white_space_is_put_around_operators_and_parentheses_stay(text: str, made: str) -> None:
    if text.endswith("%"):
        assert spaced(text).replace(" %", "%") == made
    else:
        assert spaced(text) == made


def test_trailing_blanks_go_and_a_file_ends_with_one_line_break() -> None:
    text = card("close>fast  # why  ") + "\n\n"
    made = format_card(Source("t", text)).text
    assert made == card("close > fast  # why")
    assert format_card(Source("t", text.rstrip())).text == made


def test_blanks_inside_long_texts_stay() -> None:
    text = "description: |\n  two  \n  lines\n" + card("close > fast")
    assert format_card(Source("t", text)).text == text


def test_a_tree_becomes_an_expression_and_its_comments_go_above_it() -> None:
    tree = """
          # the trend
          all:
            - lhs: { feature_id: close }  # last price
              op: gt
              rhs: { feature_id: fast }
            # not yet
            - { lhs: { feature_id: rsi }, op: between, rhs: { low: 40, high: 70 } }  # calm"""
    made = format_card(Source("t", card(tree.lstrip(" "))), to="expr").text
    assert body(made) == (
        "      # the trend\n      # last price\n      # not yet\n"
        "      - when: close > fast and rsi between 40 and 70  # calm\n"
    )


def test_a_long_expression_is_folded_at_its_ands() -> None:
    part = "- { lhs: { feature_id: close }, op: gt, rhs: { feature_id: fast, multiplier: 1.00%d } }"
    tree = "\n          any:" + "".join(f"\n            {part % n}" for n in range(1, 7))
    made = format_card(Source("t", card(tree)), to="expr").text
    assert "      - when: >-\n          close > fast * 1.001 or\n" in made
    assert "          close > fast * 1.006\n        emit" in made


def test_an_expression_becomes_a_tree() -> None:
    more = "variables:\n  up: close > fast\n"
    text = "up and (rsi < 30 for 3 bars or close - 1 > fast[2]) and position_side == flat  # why"
    made = format_card(Source("t", card(text, more)), to="tree").text
    assert (
        body(made)
        == """\
      - when:
          all:
            - { var: up }
            - any:
                - holds_for:
                    bars: 3
                    expr: { lhs: { feature_id: rsi }, op: lt, rhs: 30 }
                - { lhs: close - 1, op: gt, rhs: { feature_id: fast, offset: 2 } }
            - { lhs: { builtin: position_side }, op: eq, rhs: flat }  # why
"""
    )


def test_a_card_with_mistakes_is_refused() -> None:
    with pytest.raises(CompileFailed):
        format_card(Source("t", card("close > fats")))


OLD = """\
# first word
id: old
version: "3.0.0"
name: "An old card"
description: kept
account: { starting_equity_usdt: 10000 }
symbol_universe:
  - BTCUSDT  # the only one
execution_tf: 1h
features:
  - id: fast
    tf: 1h
    type: indicator
    indicator_type: ema
    params: { length: 9 }
    input_source: hl2
  # pivots
  - id: swing
    tf: 1h
    type: structure
    structure_type: swing
    params: { left: 5, right: 5 }
variables: { note: "unread" }
blocks:
  - id: a
    cases:
      - when: { lhs: { feature_id: close }, op: near_pct, rhs: { feature_id: swing, field: low_level }, tolerance: 0.005 }
        emit: [entry_long]
      - when: { lhs: { feature_id: close }, op: gt, rhs: { feature_id: fast } }
        emit: [entry_long]
risk_model:
  stop_loss: { type: percent, value: 1 }
  sizing: { model: percent_equity, value: 10 }
"""


def test_an_upgrade_keeps_comments_and_says_what_3_0_0_took_for_granted() -> None:
    made = format_card(Source("t", OLD), upgraded=True)
    assert made.notes == ()
    assert made.text.startswith(
        '# first word\nname: old\nversion: "3.2"\n# name: "An old card"\ndescription: kept\n'
    )
    assert "symbol: BTCUSDT  # the only one\ntf: 1h\n" in made.text
    assert "    type: ema\n    params: { length: 9 }\n    source: hl2\n" in made.text
    assert (
        "structures:\n  exec:\n    # pivots\n    - key: swing\n      tf: 1h\n      type: swing\n"
        in made.text
    )
    assert "tolerance: 0.5 }" in made.text
    assert "position_policy: { mode: long_only, max_layers: 1 }" in made.text
    assert '# variables: { note: "unread" }' in made.text
    assert not check(Source("t", made.text)).has_errors


def test_a_card_for_several_symbols_stays_in_3_0_0_and_says_why() -> None:
    many = OLD.replace("  - BTCUSDT  # the only one", "  - BTCUSDT\n  - ETHUSDT")
    made = format_card(Source("t", many), upgraded=True)
    assert made.text == many
    assert made.notes == ("a 3.1 card trades one symbol; name one in `symbol_universe` first",)


@pytest.mark.parametrize(
    "path", sorted(p for folder in ("gallery", "cookbook", "validation") for p in ROOT.glob(f"cards/{folder}/*.yaml")),
    ids=lambda path: path.stem,
)  # fmt: skip
def test_the_cards_of_this_repository_are_formatted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_card(Source(path.name, text)).text == text


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("tests/compiler/parse/old_cards/*.yaml")), ids=lambda path: path.stem
)
def test_every_old_card_can_be_upgraded_once_it_trades_one_symbol(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("[BTCUSDT, ETHUSDT]", "[BTCUSDT]")
    made = format_card(Source(path.name, text), upgraded=True)
    checked = check(Source(path.name, made.text))
    assert not checked.has_errors
    assert checked.graph is not None
    assert checked.graph.card_version != "3.0.0"
    assert made.notes == ()


def test_a_card_that_says_3_1_moves_on_with_its_clock() -> None:
    text = (
        'name: x\nversion: "3.1"\nsymbol: BTCUSDT\ntf: 1h\n# hour_utc\nblocks:\n  - id: a\n    cases:\n'
        "      - when: hour_utc == 8 and weekday_utc == mon\n        emit: [no_action]\n"
    )
    made = format_card(Source("x.yaml", text), upgraded=True)
    assert made.notes == ()
    assert 'version: "3.2"\n' in made.text
    assert "# hour_utc\n" in made.text
    assert "when: now_hour_utc == 8 and now_weekday_utc == mon" in made.text
