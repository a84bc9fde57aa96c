"""A safe fix never changes what a card means; on a card that means nothing yet it only spells.

Random right cards, cards with one slip of the finger, cards that something happened to.
"""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.expressions.repair import OTHER_SPELLINGS
from compiler.findings.diagnostics import Diagnostic, Edit
from compiler.findings.edits import apply_edits
from compiler.findings.source import Source
from compiler.findings.suggest import distance
from compiler.findings.words import is_alias
from compiler.pipeline import Checked, check, compile_graph
from compiler.syntax.reserved import RESERVED_WORDS
from tools.fixes import fix_until_stable
from tools.made_inputs.cards import valid_card
from tools.made_inputs.damage import damaged_card, misspelt_card

OTHER_WORDS = """\
name: words
symbol: BTCUSDT
tf: 15m
features:
  - {type: rsi, id: rsi}
  - {type: ema, id: ema_20, params: {length: 20}}
  - {type: bbands, id: zone1}
account: {max_leverage: 1}
blocks:
  - id: entry
    cases:
      - when: WHEN
        emit: [{action: entry_long, metadata: {size: 10% of equity, stop_loss: close * 0.99}}]
"""
SEEDS = st.integers(0, 2**40)


def checked(text: str) -> Checked:
    return check(Source("card.yaml", text), lints=False)


def meaning(found: Checked) -> str | None:
    """Return the hash of what a card means, None where it does not compile."""
    return None if found.graph is None else compile_graph(found.graph).graph_hash


def only_spells(text: str, edit: Edit) -> bool:
    """Return whether an edit mends a slip, or writes our word for another one that is listed."""
    old, new = text[edit.span.start : edit.span.end].strip("'\""), edit.text.strip()
    plain, wanted = (word.lower().replace("-", "_").replace(" ", "_") for word in (old, new))
    listed = OTHER_SPELLINGS.get(old.lower()) is not None or is_alias(old, new)
    # `is` in front of a word that is no `missing` compares.
    compares = (old.replace(" ", ""), new) in (("is", "=="), ("isnot", "!="))
    return distance(plain, wanted, 1) <= 1 or listed or compares or new in RESERVED_WORDS & {plain}


def each_safe(text: str, found: Checked) -> list[tuple[Diagnostic, str]]:
    """Return every finding with a safe fix, and the text with that fix alone."""
    return [
        (d, apply_edits(text, d.fix.edits))
        for d in found.diagnostics if d.fix is not None and d.fix.safe
    ]  # fmt: skip


def hold(text: str) -> None:
    """Hold a card against the laws."""
    found = checked(text)
    before, errors = meaning(found), sum(d.is_error for d in found.diagnostics)
    for finding, repaired in each_safe(text, found):
        after = checked(repaired)
        if before is not None:
            assert meaning(after) == before, finding
        else:
            assert finding.fix is not None
            assert all(only_spells(text, edit) for edit in finding.fix.edits), finding
            assert sum(d.is_error for d in after.diagnostics) < errors, finding
    for finding in found.diagnostics:
        if before is None and finding.is_error and finding.fix and not finding.fix.safe:
            assert finding.fix.title.endswith("(a guess)"), finding
    fixed, left, _ = fix_until_stable(
        Source("card.yaml", text), found.diagnostics,
        lambda s: check(s, lints=False).diagnostics, unsafe=False,
    )  # fmt: skip
    assert sum(d.is_error for d in left) <= errors
    if before is not None:
        assert meaning(checked(fixed.text)) == before


@given(SEEDS)
def test_on_a_right_card_no_safe_fix_changes_the_meaning(seed: int) -> None:
    hold(valid_card(Random(seed)))


@settings(max_examples=25)
@given(SEEDS)
def test_no_safe_fix_of_a_lint_rule_changes_the_meaning(seed: int) -> None:
    text = valid_card(Random(seed))
    found = check(Source("card.yaml", text))
    before = meaning(found)
    for finding, repaired in each_safe(text, found):
        assert meaning(checked(repaired)) == before, finding


@pytest.mark.parametrize(
    ("when", "not_written"),
    [
        ("close > open nand close > low", "and"),
        ("close > open nor close > low", "or"),
        ("rsi is known", "=="),
        ("rsi is knwon", "=="),
        ("rsi is risen", "=="),
        ("rsi is overbought", "=="),
        ("close is not fallen", "!="),
        ("close is ema_20", "=="),
        ("position_size_usdc > 100", "position_size_usdt"),
        ("position_size_busd > 100", "position_size_usdt"),
        ("position_side is none", "missing"),
        ("close > open during 3 bars", "for"),
        ("close > ema_50", "ema_20"),
        ("close > zone2.upper", "zone1"),
    ],
)
def test_a_word_with_a_meaning_of_its_own_is_never_safely_another(
    when: str, not_written: str
) -> None:
    found = checked(OTHER_WORDS.replace("WHEN", f'"{when}"'))
    assert found.has_errors
    for _, repaired in each_safe(OTHER_WORDS.replace("WHEN", f'"{when}"'), found):
        line = next(row for row in repaired.splitlines() if "- when:" in row)
        assert not re.search(rf"(?<!\w){re.escape(not_written)}(?!\w)", line), repaired


@pytest.mark.parametrize("type_", ["stochf", "evwma", "lsma", "rvi", "dpo", "kst"])
def test_an_indicator_that_is_another_one_is_never_safely_ours(type_: str) -> None:
    text = OTHER_WORDS.replace("{type: rsi, id: rsi}", f"{{type: {type_}, id: rsi}}")
    text = text.replace("WHEN", "close > open")
    found = checked(text)
    assert found.has_errors
    assert each_safe(text, found) == []


@pytest.mark.parametrize("more", ["time_in_force: PostOnly", "ttl: 5s", "ttl_bar: soon"])
def test_a_key_is_not_safely_another_where_its_value_would_be_wrong_there(more: str) -> None:
    text = OTHER_WORDS.replace("entry_long", "place_limit_long").replace("WHEN", "close > open")
    text = text.replace("size: 10%", f"price: close * 0.995, {more}, size: 10%")
    found = checked(text)
    assert found.has_errors
    assert each_safe(text, found) == []
    assert any(d.fix is not None and d.fix.title.endswith("(a guess)") for d in found.diagnostics)


@pytest.mark.parametrize(
    ("written", "safely"),
    [
        ("bar_index = = 5", "bar_index == 5"),
        ("bar_index > = 5", "bar_index >= 5"),
        ("bar_index ! = 5", "bar_index != 5"),
        ("bar_index = > 5", None),
        ("bar_index >   = 5", None),
    ],
)
def test_a_sign_cut_in_two_is_safely_one_only_a_blank_away(
    written: str, safely: str | None
) -> None:
    text = OTHER_WORDS.replace("WHEN", written)
    fixed = [repaired for _, repaired in each_safe(text, checked(text))]
    assert fixed == ([] if safely is None else [OTHER_WORDS.replace("WHEN", safely)])
    assert not any(checked(card).has_errors for card in fixed)


@pytest.mark.parametrize("more", ["ttl: 5", "time_in_force: ioc", "time_in_force: IOC"])
def test_after_its_safe_fixes_a_renamed_key_leaves_no_error(more: str) -> None:
    text = OTHER_WORDS.replace("entry_long", "place_limit_long").replace("WHEN", "close > open")
    text = text.replace("size: 10%", f"price: close * 0.995, {more}, size: 10%")
    found = checked(text)
    assert each_safe(text, found)
    _, left, _ = fix_until_stable(
        Source("card.yaml", text), found.diagnostics,
        lambda s: check(s, lints=False).diagnostics, unsafe=False,
    )  # fmt: skip
    assert not [d for d in left if d.is_error]


SIZES = st.sampled_from(
    ["NUM% of equity", "NUM% of max", "risk NUM%", "size_pct", "size_of_max_pct", "risk_pct"]
)


@given(SIZES, st.sampled_from([1.0, 3.0, 10.0]), st.integers(-6, 6), st.integers(1, 99))
def test_a_guessed_scale_is_one_that_nobody_doubts(
    form: str, leverage: float, power: int, digits: int
) -> None:
    """What lint offers for a number out of scale is in scale, and no other order of magnitude."""
    number = f"{digits * 10.0**power:.10g}"
    if "e" in number:
        return
    size = f"size: {form.replace('NUM', number)}" if " " in form else f"{form}: {number}"
    text = OTHER_WORDS.replace("WHEN", "close > open and position_side == flat")
    text = text.replace("size: 10% of equity", size).replace(
        "max_leverage: 1", f"max_leverage: {leverage:g}"
    )
    found = check(Source("card.yaml", text))
    for finding in found.diagnostics:
        if finding.code == "IC307" and finding.fix is not None:
            assert not finding.fix.safe
            (edit,) = finding.fix.edits
            assert 0.0099 < abs(float(edit.text) / float(number)) < 100.1
            after = check(Source("card.yaml", apply_edits(text, finding.fix.edits)))
            codes = {d.code for d in after.diagnostics}
            assert not codes & {"IC307", "IC604", "IC512"}, (size, edit.text, codes)


@given(SEEDS)
def test_on_a_damaged_card_safe_fixes_only_spell(seed: int) -> None:
    hold(damaged_card(Random(seed)))


@given(SEEDS)
def test_a_slip_that_can_be_mended_safely_gives_the_card_back(seed: int) -> None:
    right, wrong = misspelt_card(Random(seed))
    hold(wrong)
    found = checked(wrong)
    if meaning(found) is not None:
        return
    fixed, _, _ = fix_until_stable(
        Source("card.yaml", wrong), found.diagnostics,
        lambda s: check(s, lints=False).diagnostics, unsafe=False,
    )  # fmt: skip
    # A slip where an id is given is mended where it is used: the id is another, the card the same.
    slip, word = difference_of(right, wrong)
    after = meaning(checked(re.sub(rf"\b{re.escape(slip)}\b", word, fixed.text)))
    assert after in (None, meaning(checked(right)))


_WORD = re.compile(r"\w+")


def difference_of(right: str, wrong: str) -> tuple[str, str]:
    """Return the one word that differs, as it is wrong and as it is right."""
    pairs = zip(_WORD.findall(wrong), _WORD.findall(right), strict=True)
    return next(((a, b) for a, b in pairs if a != b), ("", ""))


@pytest.mark.parametrize(
    ("metadata", "when"),
    [
        ("{ size: 10% of equity, sl: 2 }", "close > open"),
        ("{ size: 10% of equity, tp: 3% }", "close > open"),
        ("{ size: 10% of equity }", "close > 1 and close > open | close < 2"),
        ("{ size: 10% of equity }", "close > open & close < 2"),
    ],
)
def test_a_distance_never_becomes_a_price_and_a_sign_never_a_group_by_a_safe_fix(
    metadata: str, when: str
) -> None:
    """`sl: 2` may be two percent; `|` binds tighter than `and` where it comes from."""
    card = (
        "name: x\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n  - id: a\n    cases:\n"
        f"      - when: {when}\n        emit: [{{ action: entry_long, metadata: {metadata} }}]\n"
    )
    fixes = [d.fix for d in check(Source("x", card)).diagnostics if d.fix is not None]
    assert fixes
    assert not [fix for fix in fixes if fix.safe]
