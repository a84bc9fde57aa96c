"""A safe fix never changes what a card means; on a card that means nothing yet it only spells.

Random right cards, cards with one slip of the finger, cards that something happened to.
"""

from __future__ import annotations

import re
from random import Random

from hypothesis import given
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
