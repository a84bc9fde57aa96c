"""What a card is read back as leaves nothing open: every operation has words, and no two share them."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

from compiler.catalog.operations import Op
from compiler.catalog.orders import OPTION_CHOICES
from compiler.catalog.settings import SPECS
from compiler.findings.source import Source
from compiler.graph.read_back import read_back
from compiler.graph.rule_graph import RuleGraph
from compiler.graph.serde import graph_hash
from compiler.pipeline import check

CARDS = Path(__file__).parents[3] / "cards"
FOLDERS = ("gallery", "cookbook", "validation")
WRITTEN = sorted(path for folder in FOLDERS for path in (CARDS / folder).glob("*.yaml"))
CARD = """name: read
symbol: BTCUSDT
tf: 15m
htf: 4h
version: "3.2"
features:
  - {{ type: ema, id: hi, tf: 4h }}
  - {{ type: sma, id: near_by }}
variables: {{ other_name: hi }}
blocks:
  - id: rule
    cases:
      - when: {when}
        emit: [{{ action: entry_long, metadata: {{ size: "{size}", stop_loss: close - 2% }} }}]
"""
# One condition for each operation; a new one is missing here until it has words.
OPERATIONS_SAID: dict[Op, str] = {
    Op.CONST: "close > 100", Op.FEATURE: "close > near_by", Op.BAR: "close > open",
    Op.ACCOUNT: "equity > 500 usdt", Op.ADD: "close + open > 100", Op.SUB: "close - open > 100",
    Op.MUL: "close * 2 > 100", Op.DIV: "close / 2 > 100", Op.NEG: "-close < 100", Op.ABS: "abs(close) > 100",
    Op.MIN: "min(close, open) > 100", Op.MAX: "max(close, open) > 100", Op.FLOOR: "floor(close) > 100",
    Op.CEIL: "ceil(close) > 100", Op.SQRT: "sqrt(close) > 100", Op.LOG: "log(close) > 100", Op.EXP: "exp(close / open) > 2",
    Op.MOD: "mod(bar_index, 5) > 3", Op.POW: "pow(close / open, 3) > 1", Op.SIGN: "sign(close - open) > 0",
    Op.ROUND: "round(close) > 100", Op.PREV: "(close - open)[1] > 100", Op.DEFAULT: "(near_by ?? open) > 100",
    Op.IF: "(close if close > open else open) > 100", Op.GT: "close > low", Op.GTE: "close >= open",
    Op.LT: "close < open", Op.LTE: "close <= open", Op.EQ: "bar_index == 5", Op.NE: "bar_index != 5",
    Op.AND: "close > open and close > 100", Op.OR: "close > open or close > 100", Op.NOT: "not close > open",
    Op.KNOWN: "near_by is not missing", Op.NEVER: "bars_since(close > open) is never",
    Op.HOLDS: "close > open for 3 bars", Op.OCCURRED: "close > open within last 3 bars",
    Op.COUNT: "close > open at least 2 of last 3 bars", Op.SINCE: "bars_since(close > open) > 3",
    Op.LATCH: "value_when(close > open, high) > 100", Op.HIGH_SINCE: "highest_since(close > open, high) > 100",
    Op.LOW_SINCE: "lowest_since(close > open, high) > 100",
    Op.COUNT_SINCE: "count_since(close > open, close > 100) > 3",
    Op.MEAN: "mean_when(close > open, high, 3) > 100", Op.MEDIAN: "median_when(close > open, high, 3) > 100",
    Op.HIGHEST: "highest_when(close > open, high, 3) > 100", Op.LOWEST: "lowest_when(close > open, high, 3) > 100",
}  # fmt: skip
# Pairs that are told apart by where a word reaches, or by whose bars are counted.
MORE = (
    "(not close > open) for 3 bars",
    "not (close > open for 3 bars)",
    "(not close > open) within last 3 bars",
    "not (close > open within last 3 bars)",
    "(close > open for 3 bars) within last 5 bars",
    "close > open for 5 bars",
    "close > open then close > 100 within 3 bars",
    "close > 100 and close > open within last 3 bars",
    "hi[1] > close",
    "other_name[1] > close",
    "bars_since(hi crosses above close) > 3",
    "bars_since(hi[1] <= close[1] and hi > close) > 3",
    "time_utc > 08:00",
    "time_utc > 08:15",
    "date > 2025-01-31",
    "date > 2025-02-01",
)


def graph_of(when: str, size: str = "10% of equity") -> RuleGraph:
    checked = check(Source("card.yaml", CARD.format(when=f'"{when}"', size=size)), lints=False)
    assert checked.graph is not None, [d.message for d in checked.diagnostics]
    return checked.graph


def test_every_operation_has_words_of_its_own() -> None:
    assert set(OPERATIONS_SAID) == set(Op)
    for operation, when in OPERATIONS_SAID.items():
        assert operation in {node.op for node in graph_of(when).nodes}, when


def test_no_two_conditions_share_their_words() -> None:
    said = {when: read_back(graph_of(when)) for when in (*OPERATIONS_SAID.values(), *MORE)}
    for one, two in combinations(said, 2):
        assert said[one] != said[two], (one, two)


def test_times_and_days_are_read_back_as_they_are_written() -> None:
    text = " ".join(read_back(graph_of("time_utc in 22:00-06:00 and date >= 2025-01-31")).split())
    assert "time_utc is at or above 22:00" in text
    assert "time_utc is below 06:00" in text
    assert "date is at or above 2025-01-31" in text


def test_a_sequence_is_read_back_as_one_thing_after_another() -> None:
    text = " ".join(read_back(graph_of("close > open then close > 100 within 3 bars")).split())
    assert (
        "close is above 100, and close is above open on one of the 3 bars before this one" in text
    )


def test_one_is_said_as_one_and_names_keep_their_capitals() -> None:
    card = Source("card.yaml", (CARDS / "cookbook/21_triple_screen.card.yaml").read_text("utf-8"))
    graph = check(card, lints=False).graph
    assert graph is not None
    text = read_back(graph)
    assert "expires after 1 close;" in " ".join(text.split())
    assert "at most 1 order waits at once" in text
    box = CARD.format(when="close > donchian().upper[1]", size="10% of equity")
    graph = check(Source("card.yaml", box), lints=False).graph
    assert graph is not None
    assert "Donchian channel (donchian)" in read_back(graph)


CHOICES = [*OPTION_CHOICES.values(), *(s.choices for s in SPECS.values() if s.choices)]
_TOKEN = re.compile(r"(?<![\w.:-])(?:\d+(?:\.\d+)?(?![\w.:-])|[a-z_]{3,}(?=\s*[,}\n]))")


def other(token: str, rng: Random) -> str:
    """Return another value of the same kind; the same one where no other is known."""
    if token[0].isdigit():
        return f"{float(token) * 1.5 + 1:g}" if "." in token else str(int(token) + 1)
    if token in ("true", "false"):
        return "false" if token == "true" else "true"
    return next((rng.choice([*words]) for words in CHOICES if token in words), token)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_a_change_of_a_written_card_is_a_change_of_what_is_read_back(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith("#"))
    before = check(Source("card.yaml", text), lints=False).graph
    assert before is not None
    rng = Random(path.stem)
    tokens = list(_TOKEN.finditer(text))
    for found in rng.sample(tokens, min(len(tokens), 12)):
        changed = text[: found.start()] + other(found.group(), rng) + text[found.end() :]
        after = check(Source("card.yaml", changed), lints=False).graph
        if after is not None and graph_hash(after) != graph_hash(before):
            assert read_back(after) != read_back(before), changed
