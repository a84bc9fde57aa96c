"""What is news does not last: an entry that asks for it is not placed again on the next bar."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """name: news
symbol: BTCUSDT
tf: 1h
structures:
  exec: [{{ type: swing, key: swing, params: {{ left: 3, right: 3 }} }}]
  htf: {{ 4h: [{{ type: swing, key: slow, params: {{ left: 3, right: 3 }} }}] }}
variables:
  touch: low <= ema(close, 20) and high >= ema(close, 20)
  begun: close crosses above sma(close, 50)
blocks:
  - id: enter
    cases:
      - when: "position_side == flat and {when}"
        emit: [{{ action: place_stop_long, metadata: {{ trigger: high + tick, stop_loss: low - tick, size: 1% of equity, ttl_bars: 5 }} }}]
"""


def is_told(when: str) -> bool:
    found = check(Source("card.yaml", CARD.format(when=when))).diagnostics
    assert [d for d in found if d.is_error] == []
    return any(d.code == "IC507" for d in found)


@pytest.mark.parametrize(
    "when",
    [
        "swing.high_version > swing.high_version[1]",
        "swing.version is rising",
        "swing.high_version[1] > swing.high_version[2]",
        "count_since(begun, touch) == 1 and touch",
        "touch and 2 == count_since(begun, touch) and close > open",
    ],
)
def test_what_counts_and_has_grown_is_news(when: str) -> None:
    assert not is_told(when)


@pytest.mark.parametrize(
    "when",
    [
        "close > close[1]",
        "swing.high_level > swing.high_level[1]",
        "slow.high_version > slow.high_version[1]",  # for four bars of the card
        "count_since(begun, touch) == 1",
        "count_since(begun, touch) > 1 and touch",
        "count_since(begun, touch) == 1 and close > open",
    ],
)
def test_what_may_be_so_on_many_bars_is_not(when: str) -> None:
    assert is_told(when)
