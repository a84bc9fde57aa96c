"""A word is safely another one only where a slip of the finger is all that lies between them."""

from __future__ import annotations

from random import Random

import pytest

from compiler.findings import suggest
from compiler.findings.source import Source
from compiler.findings.suggest import misspelt
from compiler.pipeline import check, compile_graph
from tools.fixes import fix_until_stable

CARD = """\
name: words
symbol: BTCUSDT
tf: 15m
features:
  - {type: ema, id: fast_ema, params: {length: 9}}
  - {type: ema, id: slow_ema, params: {length: 30}}
variables:
  go_long: close > fast_ema
  last_high: high > slow_ema
  armed: volume > 0
  exit_now: close < slow_ema
blocks:
  - id: entry
    cases:
      - when: WHEN
        emit: [{action: entry_long, metadata: {size: 10% of equity, stop_loss: close * 0.99}}]
  - id: way_out
    cases:
      - when: exit_now and go_long and last_high and armed
        emit: [{action: exit_long}]
"""


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("no_long", ["go_long"]), ("go_lock", ["go_long"]), ("filo", ["fifo", "lifo"]),
        ("1M", ["1m", "5m"]), ("tf_1M", ["tf_1m"]), ("fast_high", ["last_high"]), ("unarmed", ["armed"]),
        ("min_qty", ["max_qty"]), ("loss", ["less"]), ("exist_now", ["exit_now"]), ("adxr", ["adx"]), ("brend", ["trend"]),
        ("position_sde", ["position_side", "position_size"]), ("zone1_top", ["zone2_top"]),
    ],
)  # fmt: skip
def test_a_word_that_differs_in_what_carries_meaning_is_not_misspelt(
    word: str, names: list[str]
) -> None:
    assert misspelt(word, names) is None


@pytest.mark.parametrize(
    ("word", "names", "meant"),
    [
        ("swnig", ["swing"], "swing"), ("stop_los", ["stop_loss"], "stop_loss"),
        ("entry_lnog", ["entry_long", "entry_short"], "entry_long"), ("sizepct", ["size_pct"], "size_pct"),
        ("Entry_Long", ["entry_long"], "entry_long"), ("lenght", ["length"], "length"),
        ("flt", ["flat", "long", "short"], "flat"), ("ema_fasst", ["ema_fast"], "ema_fast"),
    ],
)  # fmt: skip
def test_a_slip_with_one_reading_is_a_misspelling(word: str, names: list[str], meant: str) -> None:
    assert misspelt(word, names) == meant


def fixed(text: str) -> tuple[str, bool]:
    """Return the text after all safe fixes, and whether errors are left."""
    source = Source("card.yaml", text)
    after, left, _ = fix_until_stable(
        source, check(source, lints=False).diagnostics,
        lambda s: check(s, lints=False).diagnostics, unsafe=False,
    )  # fmt: skip
    return after.text, any(d.is_error for d in left)


@pytest.mark.parametrize("when", ["no_long", "fast_high", "unarmed", "exist_now", "go_lock"])
def test_safe_fixes_leave_a_card_that_asks_for_something_else_with_its_error(when: str) -> None:
    text, is_broken = fixed(CARD.replace("WHEN", when))
    assert is_broken
    assert f"- when: {when}\n" in text


def test_a_slip_is_mended_safely() -> None:
    text, is_broken = fixed(CARD.replace("WHEN", "last_hihg"))
    assert not is_broken
    assert "- when: last_high\n" in text


def meaning(text: str) -> str | None:
    found = check(Source("card.yaml", text), lints=False)
    return None if found.graph is None else compile_graph(found.graph).graph_hash


def slipped(rng: Random, word: str) -> str:
    """Return a word after one or two slips of the finger."""
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.randrange(len(word))
        letter = rng.choice("abcdefghilmnoprstuwy")
        word = rng.choice((
            word[:at] + letter + word[at:], word[:at] + word[at + 1 :],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
        ))  # fmt: skip
    return word


def test_safe_fixes_of_any_slip_mean_what_was_meant_or_leave_an_error() -> None:
    rng = Random(11)
    words = [
        "go_long",
        "last_high",
        "armed",
        "exit_now",
        "fast_ema > close",
        "position_side == flat",
    ]
    mended = 0
    for _ in range(150):
        word = rng.choice(words)
        head, _, rest = word.partition(" ")
        typed = slipped(rng, head)
        if typed == head or not typed.replace("_", "").isalpha():
            continue
        text, is_broken = fixed(CARD.replace("WHEN", f"{typed} {rest}".rstrip()))
        if not is_broken and typed in CARD:
            continue  # the slip is a name of its own
        assert is_broken or meaning(text) == meaning(CARD.replace("WHEN", word)), (typed, word)
        mended += not is_broken
    assert mended > 15


@pytest.mark.parametrize(
    ("when", "after"),
    [
        ("close is fallng", "close is falling"), ("close is not risng", "close is not rising"),
        ("close is filling", None), ("close is rissing", None), ("close is dropping", None),
    ],
)  # fmt: skip
def test_a_state_is_written_safely_only_for_its_own_misspelling(
    when: str, after: str | None
) -> None:
    text, is_broken = fixed(CARD.replace("WHEN", when))
    assert is_broken is (after is None)
    assert f"- when: {after or when}\n" in text


def test_a_month_is_not_suggested_to_be_a_minute() -> None:
    found = check(Source("card.yaml", CARD.replace("tf: 15m", "tf: 1M").replace("WHEN", "armed")))
    (month,) = [d for d in found.diagnostics if d.code == "IC304"]
    assert month.fix is None
    assert "did you mean" not in f"{month.message}{month.help}"


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("free_usdc", "free_usdt"), ("free_usdt", "free_usdc"), ("usde_left", "usdt_left"),
        ("size_in_usdd", "size_in_usdt"), ("nearest_tusd", "nearest_busd"), ("cap_weth", "cap_beth"),
        ("is_filled", "is_fillet"), ("smma_fast", "smmaa_fast"),
    ],
)  # fmt: skip
def test_a_part_that_means_something_of_its_own_is_never_a_slip_of_another(
    word: str, known: str
) -> None:
    assert misspelt(word, [known]) is None
    assert misspelt("free_usdtt", ["free_usdt"]) == "free_usdt"


def test_a_key_misspelt_in_every_block_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0

    def counted(left: str, right: str, limit: int) -> int:
        nonlocal compared
        compared += 1
        return measured(left, right, limit)

    measured = suggest.distance
    monkeypatch.setattr(suggest, "distance", counted)
    blocks = "".join(f"  - id: b{i}\n    cazes: 1\n" for i in range(200))
    found = check(Source("words.yaml", f"name: w\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n{blocks}"))
    assert sum(one.code == "IC107" for one in found.diagnostics) == 200
    assert compared < 200


@pytest.mark.parametrize(
    ("word", "near"), [("stochf", "stoch"), ("smma", "sma"), ("xnor", "xor"), ("closed", "close")]
)
def test_a_word_with_a_meaning_of_its_own_is_no_misspelling_of_the_only_word_near_it(
    word: str, near: str
) -> None:
    assert misspelt(word, [near]) is None
