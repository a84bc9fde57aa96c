"""What commutes is no difference; what differs, differs the other way round too, mirrored."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.graph.difference import Change, difference
from compiler.graph.rule_graph import RuleGraph
from compiler.pipeline import check
from tools.made_inputs.cards import valid_card

SEEDS = st.integers(0, 2**40)
HEAD = """\
name: example
symbol: BTCUSDT
tf: 15m
features:
  - {type: ema, id: FAST, params: {length: 9}}
  - {type: ema, id: SLOW, params: {length: 21}}
  - {type: rsi, id: RSI}
blocks:
  - id: BLOCK
    cases:
      - when: WHEN
        emit: [{action: entry_long, metadata: {size: 10% of equity, stop_loss: PRICE}}]
"""
_SWAPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_OPPOSITE = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}


def graph_of(text: str) -> RuleGraph:
    checked = check(Source("card.yaml", text), lints=False)
    assert checked.graph is not None, (text, [d.message for d in checked.diagnostics])
    return checked.graph


def number(rng: Random) -> str:
    return rng.choice(["FAST", "SLOW", "close", "low", "open", "FAST[1]"])


def atom(rng: Random) -> tuple[str, str]:
    """Return a comparison as two spellings."""
    if rng.random() < 0.3:
        left, op, right = rng.choice([("RSI", "<", "30"), ("RSI", ">=", "70")])
    elif rng.random() < 0.3:
        left, op, right = "position_side", rng.choice(["==", "!="]), rng.choice(["flat", "long"])
        one = f"{left} {op} {right}"
        return one, rng.choice([one, f"not ({left} {_OPPOSITE[op]} {right})"])
    else:
        one_more = number(rng)
        sign = rng.choice("+*")
        left, op, right = f"{number(rng)} {sign} {one_more}", rng.choice("<>"), number(rng)
        if sign == "*":
            left, right = f"{left.split(' * ')[0]} * 2", f"{right} * 3"
    turned = " + ".join(reversed(left.split(" + ")))
    turned = " * ".join(reversed(turned.split(" * "))) if " + " not in turned else turned
    spellings = [
        f"{turned} {op} {right}",
        f"{right} {_SWAPPED[op]} {turned}",
        f"not ({left} {_OPPOSITE[op]} {right})",
        f"not not ({turned} {op} {right})",
    ]
    return f"{left} {op} {right}", rng.choice(spellings)


def condition(rng: Random, depth: int) -> tuple[str, str]:
    """Return a condition as two spellings of one meaning."""
    if depth == 0 or rng.random() < 0.2:
        return atom(rng)
    word, other = rng.choice([("and", "or"), ("or", "and")])
    parts = [condition(rng, depth - 1) for _ in range(rng.randint(2, 3))]
    one = f"({f' {word} '.join(f'({a})' for a, _ in parts)})"
    rng.shuffle(parts)
    if rng.random() < 0.3:
        two = f"(not ({f' {other} '.join(f'(not ({b}))' for _, b in parts)}))"
    else:
        two = f"({f' {word} '.join(f'({b})' for _, b in parts)})"
    return one, two


def card(when: str, names: tuple[str, str, str, str], price: str = "close * 0.9") -> str:
    text = HEAD.replace("WHEN", f'"{when}"').replace("PRICE", price)
    for word, name in zip(("FAST", "SLOW", "RSI", "BLOCK"), names, strict=True):
        text = text.replace(word, name)
    return text


def mirrored(changes: list[Change]) -> set[Change]:
    opposite = {"added": "removed", "removed": "added", "changed": "changed"}
    return {Change(opposite[c.kind], c.where, c.after, c.before) for c in changes}


@given(SEEDS)
def test_what_commutes_and_what_is_called_otherwise_is_no_difference(seed: int) -> None:
    rng = Random(seed)
    one, two = condition(rng, 3)
    left = graph_of(card(one, ("fast", "slow", "rsi", "entry")))
    for names in (("fast", "slow", "rsi", "entry"), ("slow", "fast", "r14", "first")):
        right = graph_of(card(two, names, "0.9 * close"))
        assert difference(left, right) == []
        assert difference(right, left) == []


@given(SEEDS, SEEDS)
def test_the_difference_of_two_cards_is_that_of_the_other_way_round_mirrored(
    one: int, two: int
) -> None:
    left, right = graph_of(valid_card(Random(one))), graph_of(valid_card(Random(two)))
    there, back = difference(left, right), difference(right, left)
    assert mirrored(there) == set(back)
    assert len(there) == len(back)
    assert difference(left, left) == []


@given(SEEDS)
def test_another_number_is_a_difference(seed: int) -> None:
    rng = Random(seed)
    one, two = condition(rng, 2)
    names = ("fast", "slow", "rsi", "entry")
    left = graph_of(card(f"({one}) and RSI > 41", names))
    right = graph_of(card(f"RSI > 42 and ({two})", names))
    assert [c.where for c in difference(left, right)] == ["blocks.entry.cases[0].when"]
    assert [c.where for c in difference(right, left)] == ["blocks.entry.cases[0].when"]
