"""What the words of 3.2 read back as: the zone of a session, the rungs of a ladder."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.read_back import read_back
from compiler.graph.serde import graph_from_json, graph_to_json
from compiler.pipeline import check, compile_card

_CARD = """\
name: words
symbol: BTCUSDT
tf: {tf}
sessions: {{ ny: {{ tz: America/New_York, hours: "{hours}", days: mon-fri }} }}
blocks:
  - id: in
    cases:
      - when: {when}
        emit:
          - action: place_limit_long
            metadata:
              price: close - 1%
              size: 100 usdt
              stop_loss: close * 0.9
              ttl_bars: 5
              order_ref: dca
              {more}
"""


def text(
    when: str = "close > open", more: str = "", tf: str = "15m", hours: str = "09:30-16:00"
) -> Source:
    return Source("words.yaml", _CARD.format(when=when, more=more, tf=tf, hours=hours))


def test_a_session_is_told_with_the_name_of_its_zone() -> None:
    graph = compile_card(text("ny.active")).graph
    told = " ".join(read_back(graph).split())
    assert (
        "by the clock of America/New_York (UTC-05:00 or UTC-04:00 as its zone turns the clock)"
        in told
    )
    assert graph_from_json(graph_to_json(graph)) == graph


def test_a_graph_without_the_name_tells_the_hours_as_before() -> None:
    graph = compile_card(text("ny.active")).graph
    written = graph_to_json(graph)
    for feature in written["features"]:
        feature.pop("tz")
    older = graph_from_json(written)
    assert "by a clock at UTC-05:00 or UTC-04:00" in " ".join(read_back(older).split())


def test_what_the_rungs_of_a_ladder_share_is_told_once() -> None:
    told = read_back(compile_card(text(more="ladder: { orders: 3, step: 1% }")).graph)
    alike = " ".join(told.split())
    assert alike.count("under the ref") == 3
    assert alike.count("it expires after 5 closes") == 1
    assert alike.count("in all else as the one before") == 2


@pytest.mark.parametrize(
    ("when", "tf", "hours", "lasts"),
    [
        ("ny.active and ny.bars == 2", "15m", "09:30-16:00", False),
        ("ny.first_bar", "15m", "09:30-16:00", False),
        ("ny.bars == 0", "15m", "09:30-16:00", True),
        ("ny.bars == ny.bars[1]", "15m", "09:30-16:00", True),
        ("ny.bars >= 2", "15m", "09:30-16:00", True),
        ("ny.first_bar", "1d", "00:00-24:00", True),
    ],
)
def test_the_number_of_a_bar_in_its_session_is_no_state_that_lasts(
    when: str, tf: str, hours: str, lasts: bool
) -> None:
    codes = {one.code for one in check(text(when, tf=tf, hours=hours)).diagnostics}
    assert ({"IC502", "IC507"} <= codes) is lasts


def test_what_follows_the_fill_of_each_rung_is_told_once() -> None:
    follow = "on_fill: [{ action: place_limit_exit_long, metadata: { price: rung_price + 1%, size: fill } }]"
    more = f"ladder: {{ orders: 8, step: 1% }}\n              {follow}"
    told = " ".join(read_back(compile_card(text(more=more)).graph).split())
    assert told.count("at the close at which it has ended") == 1
    assert told.count("in all else as the one before") == 7
    named = more.replace("size: fill", "size: fill, order_ref: out")
    told = " ".join(read_back(compile_card(text(more=named)).graph).split())
    assert told.count("at the close at which it has ended") == 8  # each has a ref of its own
    assert told.count("in all else as after the order before") == 7


def test_an_order_that_is_over_at_once_is_not_told_to_wait() -> None:
    for life in ("ioc", "fok"):
        source = Source(
            "c", text(more=f"ttl_type: {life}").text.replace("              ttl_bars: 5\n", "")
        )
        told = " ".join(read_back(compile_card(source).graph).split())
        assert "it never expires" not in told
        assert "goes on waiting" not in told


def test_a_field_of_a_higher_timeframe_is_told_as_a_card_reads_it() -> None:
    when = "macd(12, 26, 9).histogram@1h > 0"
    told = read_back(compile_card(text(when)).graph)
    assert "macd(12, 26, 9).histogram@1h" in told
    assert "@1h.histogram" not in told
