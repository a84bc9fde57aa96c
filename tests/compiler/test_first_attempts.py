"""First attempts of beginners become right cards in at most two rounds of doing what the messages say.

A round: the fixes on offer are taken, and what a message says in words is typed. Every text typed here
must stand in a message of its round.
"""

from __future__ import annotations

import re

import pytest

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source
from compiler.pipeline import check
from tests.data_files import shared
from tools.fixes import fix_until_stable

# What is typed by hand in a round: (stands there, is written instead, what of it a message says).
Typed = tuple[str, str, str]
_RSI: list[list[Typed]] = [
    [
        ("- rsi: 14", "- {type: rsi, id: rsi, params: {length: 14}}",
         "{type: rsi, id: rsi, params: {length: 14}}"),
        ("    when: rsi < 30\n    action: buy\n    size: 1000\n",
         "    cases: [{when: rsi < 30, emit: [{action: entry_long, metadata: {size_usdt: 1000}}]}]\n",
         "cases: [{when: rsi < 30, emit: [{action: entry_long, metadata: {size_usdt: 1000}}]}]"),
        ("    when: rsi > 70\n    action: sell\n",
         "    cases: [{when: rsi > 70, emit: [exit_long]}]\n",
         "cases: [{when: rsi > 70, emit: [exit_long]}]"),
    ],
]  # fmt: skip
_BESIDE = "`source` stands beside `type`, not under `params`"
_FORGETS = "the language does not remember how earlier trades ended"
_OCO: list[list[Typed]] = [
    [
        ("params: { source: high, length: 96 }", "source: high, params: { length: 96 }", _BESIDE),
        ("params: { source: low, length: 96 }", "source: low, params: { length: 96 }", _BESIDE),
        ("params: { source: volume, length: 20 }", "source: volume, params: { length: 20 }", _BESIDE),
        (", leverage: 5 }", " }", "account: {max_leverage: 5}"),
        ("account: { ", "account: { max_leverage: 5, ", "account: {max_leverage: 5}"),
    ],
]  # fmt: skip
_REMEMBERS = (" and last_exit_reason == stop_loss and losses_in_row >= 3", "", _FORGETS)


def mistakes(text: str) -> list[Diagnostic]:
    return [d for d in check(Source("card.yaml", text)).diagnostics if d.is_error]


def one_round(text: str, typed: list[Typed]) -> str:
    """Do what the messages of one look at a card say."""
    source = Source("card.yaml", text)
    found = check(source).diagnostics
    said = " ".join(f"{d.message} {d.help}" for d in found)
    for old, new, message in typed:
        assert message in said, (message, said)
        assert old in text, old
        text = text.replace(old, new, 1)
    source = Source("card.yaml", text)
    fixed, _, _ = fix_until_stable(
        source, check(source).diagnostics, lambda s: check(s).diagnostics, unsafe=True
    )
    return fixed.text


def first_attempt(name: str) -> str:
    return shared(f"cases/cards/{name}.card.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "rounds"), [("beginner_cross", [[]]), ("beginner_rsi", _RSI), ("beginner_oco", _OCO)]
)
def test_a_first_attempt_is_right_after_at_most_two_rounds(
    name: str, rounds: list[list[Typed]]
) -> None:
    text = first_attempt(name)
    assert mistakes(text)
    if any(_FORGETS in f"{d.help}" for d in mistakes(text)):
        rounds = [[*rounds[0], _REMEMBERS]]
    for typed in rounds:
        text = one_round(text, typed)
    if mistakes(text):
        text = one_round(text, [])
    assert mistakes(text) == []


# Attempts of our own: what is written, and the words of the card that two rounds come to.
ATTEMPT = """\
name: attempt
pair: ETHUSDT
timeframe: 1h
indicators:
  - {type: ema, name: quick, period: 8}
  - {type: bb, id: bands}
blocks:
  - id: in
    cases:
      - if: WHEN
        then:
          - action: ACTION
            metadata: {METADATA}
"""


@pytest.mark.parametrize(
    ("when", "action", "metadata", "comes_to"),
    [
        ("crossover(close, quick) AND position == 0", "buy", "size: 10%, stop_loss: 2%",
         ["close crosses above quick and position_side == flat", "entry_long", "10% of equity",
          "close - 2%"]),
        ("crossunder(close, quick) && position == 0", "sell_short", "size_usd: 500, sl: 3%",
         ["close crosses below quick and position_side == flat", "entry_short", "size_usdt: 500",
          "close + 3%"]),
        ("close >bands.lower & volume > 2 x 5", "buy", "size: 5% of equity, stop_loss: close - 1%",
         ["close >bands.lower and volume > 2 * 5", "entry_long"]),
    ],
)  # fmt: skip
def test_other_first_attempts_come_to_what_was_meant(
    when: str, action: str, metadata: str, comes_to: list[str]
) -> None:
    text = ATTEMPT.replace("WHEN", when).replace("ACTION", action).replace("METADATA", metadata)
    for _ in range(2):
        said = " ".join(f"{d.message} {d.help}" for d in mistakes(text))
        if "parameters stand under `params`" in said:
            text = re.sub(r"period: 8}", "params: {length: 8}}", text)
        text = one_round(text, [])
    assert mistakes(text) == []
    for words in comes_to:
        assert words in text, text
