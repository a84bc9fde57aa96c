"""The reference knows every word that the compiler knows, and every example compiles."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

import schemas
from compiler.catalog import sentences as told
from compiler.catalog.actions import ACTIONS
from compiler.catalog.builtins import BUILTINS
from compiler.catalog.calls import MEMORY_FUNCTIONS
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.operations import FUNCTIONS
from compiler.catalog.orders import OPTION_DEFAULTS, OptionName, PriceSlot
from compiler.catalog.promises import Promise
from compiler.catalog.settings import SPECS
from compiler.findings.source import Source
from compiler.pipeline import check
from compiler.syntax.reserved import RESERVED_WORDS
from runtime.decide.refusals import REFUSALS
from tests.tools.cli import run
from tools.language_words import Chapter, Word, card_around, words
from tools.reference_text import find, markdown, whole_language
from tools.schema.describe import described

ROOT = Path(__file__).parents[2]
WRITTEN = [word for word in words() if card_around(word)]


def names(chapter: Chapter) -> set[str]:
    return {word.name for word in words() if word.chapter is chapter}


def test_no_word_of_any_table_is_without_a_sentence() -> None:
    schema = schemas.load("idea_card")["$defs"]
    assert names(Chapter.SECTION) >= set(schema["card_3_1"]["properties"])
    assert names(Chapter.ACTION) == set(ACTIONS)
    assert names(Chapter.OPTION) == set(OptionName)
    assert names(Chapter.PRICE) == set(PriceSlot)
    assert names(Chapter.PROMISE) == set(Promise)
    assert names(Chapter.SETTING) == set(SPECS)
    assert names(Chapter.REFUSAL) == set(REFUSALS)
    assert names(Chapter.INDICATOR) | names(Chapter.STRUCTURE) == set(CATALOGUE)
    layers = {n for n in BUILTINS if re.match(r"position_layer_[1-9]", n)}
    assert names(Chapter.BUILTIN) == set(BUILTINS) - layers
    assert names(Chapter.SIZE) >= {size for spec in ACTIONS.values() for size in spec.sizes}
    assert names(Chapter.WORD) >= {*FUNCTIONS, *MEMORY_FUNCTIONS}
    spoken = " ".join(
        f"{w.name} {w.text} {w.example}" for w in words() if w.chapter is Chapter.WORD
    )
    assert set(RESERVED_WORDS) - set(re.findall(r"\w+", spoken)) <= {"false", "bar"}
    assert all(word.text.strip() for word in words())


def test_every_name_is_told_once_in_its_chapter() -> None:
    told_names = [(word.chapter, word.name) for word in words()]
    assert len(told_names) == len(set(told_names))


@pytest.mark.parametrize("word", WRITTEN, ids=lambda word: f"{word.chapter}-{word.name}")
def test_every_example_compiles(word: Word) -> None:
    checked = check(Source(word.name, card_around(word)), lints=False)
    assert checked.graph is not None, [d.message for d in checked.diagnostics if d.is_error]


@pytest.mark.parametrize("word", WRITTEN, ids=lambda word: f"{word.chapter}-{word.name}")
def test_every_example_shows_its_word(word: Word) -> None:
    """An example without its word would explain nothing; signs and phrases are spelt otherwise."""
    last = word.name.rpartition(".")[2]
    spelt = {
        "condition": "position_layers", "for bars": "for 3 bars", "execution.impact_model": "model",
        "within last": "within last", "at least of last": "at least 3 of last", "[n]": "[1]",
        "@tf": "@1h", "+ - * /": "/ 2", "± %": "+ 0.5%", "% of equity": "% of equity", "risk %": "risk 1%",
        "N% of": "% of (", "N bars": "8 bars", "N ticks": "1 tick", "if else": " if ", "then within": " then ",
        "indicator()": "sma(close, 20)", "N%": "2%", "hh:mm": "13:30", "yyyy-mm-dd": "2025-01-01",
        "execution.impact_coefficient": "coefficient", "calculated": "min(risk 1%",
    }.get(word.name, last)  # fmt: skip
    assert spelt in word.example


def test_defaults_of_the_reference_are_those_of_a_card_that_states_none() -> None:
    card = "name: x\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n  - id: a\n    cases: [{when: 'close > 0', emit: [no_action]}]\n"
    graph = check(Source("x", card), lints=False).graph
    assert graph is not None
    by_name = {word.name: word for word in words()}
    execution = graph.settings.execution
    assert f"default: {execution.fill_model}" in by_name["execution.fill_model"].facts
    assert f"default: {execution.price_band_pct:g}" in by_name["execution.price_band_pct"].facts
    account = graph.settings.account
    assert f"default: {account.max_leverage:g}" in by_name["account.max_leverage"].facts
    fee = by_name["account.fee_model.taker_bps"].facts
    assert f"default: {account.taker_bps:g}" in fee


def test_bounds_of_the_reference_are_those_that_lint_holds_a_card_to() -> None:
    for word in words():
        low = [fact for fact in word.facts if fact.startswith(("at least ", "above "))]
        if word.chapter is not Chapter.SETTING or not low or "INT" in word.facts:
            continue
        bound = low[0].split(",")[0].split()[-1]
        section, *inner, name = word.name.split(".")
        body = f"{name}: {bound}"
        for outer in reversed(inner):
            body = f"{outer}: {{ {body} }}"
        found = check(Source("x", f"name: x\nsymbol: BTCUSDT\ntf: 15m\n{section}: {{ {body} }}\n"))
        refused = [d for d in found.diagnostics if f"found the number `{bound}`" in d.message]
        assert bool(refused) == low[0].startswith("above"), (word.name, low, refused)


def test_examples_that_are_blocks_lint_clean() -> None:
    for word in words():
        if word.name in ("adjust_stop", "adjust_target", "protect"):
            found = check(Source("x", card_around(word))).diagnostics
            assert {d.code for d in found} == {"IC202"}, word.name  # of the card around them


def test_an_output_that_has_a_sentence_shows_it() -> None:
    (trend,) = find("supertrend", words())
    assert "`long`: the band, known only while up" in trend.facts
    assert "known only while up" in markdown()


def test_one_file_holds_the_whole_language_in_few_words() -> None:
    text = whole_language()
    assert len(text.split()) <= 12_000
    for word in words():
        assert f"**{word.name}**" in text
    (card,) = re.findall(r"```yaml\n(.*?)```", text, flags=re.S)
    assert not [d for d in check(Source("guide", card)).diagnostics if d.is_error]


def test_the_page_is_the_reference() -> None:
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == markdown()


def test_a_word_is_found_by_its_last_part_and_an_unknown_one_leads_near(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert [w.name for w in find("fill_model", words())] == ["execution.fill_model"]
    said = run(capsys, ["reference", "ttl_bars"])
    assert said.code == 0
    assert all(len(line) <= 80 for line in said.out.splitlines())
    assert json.loads(run(capsys, ["reference", "cancel_order", "--json"]).out)[0]["chapter"]
    joined = run(capsys, ["reference", "stoploss"])
    assert joined.code == 0
    assert joined.out.startswith("stop_loss ")
    assert "no_margin" in run(capsys, ["reference", "margin"]).err
    listing = run(capsys, ["reference"]).out
    assert all(word.name.split()[0] in listing for word in words())


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        (["loss"], ["loss_streak", "losses_today", "limits.max_daily_loss_pct", "limits.max_consecutive_losses"]),
        (["win"], ["win_streak", "losses_today"]),
        (["trades"], ["trades_today", "last_trade_pnl", "limits.max_trades_per_day"]),
        (["stop", "orders", "moved"], ["stop_loss"]),
    ],
)  # fmt: skip
def test_a_word_that_is_none_leads_to_those_that_speak_of_it(
    capsys: pytest.CaptureFixture[str], asked: list[str], leads_to: list[str]
) -> None:
    wrong = run(capsys, ["reference", *asked])
    assert wrong.code == 1
    assert f"no word `{' '.join(asked)}`" in wrong.err
    for name in leads_to:
        assert f" {name}," in wrong.err or f" {name}. All" in wrong.err, wrong.err


def test_a_word_of_several_parts_needs_no_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, ["reference", "is", "rising"]) == run(capsys, ["reference", "is rising"])
    assert run(capsys, ["reference", "is", "rising"]).code == 0


def test_editors_get_a_sentence_at_every_key_and_the_schema_means_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plain = schemas.load("idea_card")
    shown = json.loads(run(capsys, ["schema"]).out)
    assert shown == described(plain)
    jsonschema.Draft202012Validator.check_schema(shown)
    jsonschema.Draft7Validator.check_schema(json.loads(run(capsys, ["schema", "--draft", "7"]).out))
    for name, part in shown["$defs"].items():
        if name.startswith("metadata_") or name in ("card_3_1", "execution", "account"):
            for key, inner in part["properties"].items():
                assert inner.get("description") or "properties" in inner, f"{name}.{key}"
    good = {"name": "x", "symbol": "BTCUSDT", "tf": "15m",
            "blocks": [{"id": "a", "cases": [{"when": "close > 0", "emit": ["exit_all"]}]}]}  # fmt: skip
    for card in (good, {**good, "tff": 1}, {**good, "execution": {"fill_model": "x"}}):
        valid = [jsonschema.Draft202012Validator(one).is_valid(card) for one in (plain, shown)]
        assert valid[0] == valid[1]


def test_sentences_read_as_ours_do() -> None:
    """Lower case at the start, no stop at the end: findings and hovers put them into sentences."""
    tables = (
        told.SECTIONS,
        told.ACTIONS,
        told.OPTIONS,
        told.PRICES,
        told.SIZES,
        told.WORDS,
        told.PROMISES,
    )
    texts = [one.text for table in tables for one in table.values()] + list(told.SETTINGS.values())
    assert [
        t for t in texts if t.endswith(".") or (t[0].isupper() and t.split()[0] != "USDT")
    ] == []


def test_what_holds_where_an_option_is_not_said_is_told() -> None:
    told_of = {word.name: word.facts for word in words() if word.chapter is Chapter.OPTION}
    assert "default: keep, cancel of exits" in told_of[OptionName.ON_FLAT]
    assert "default: false" in told_of[OptionName.POST_ONLY]
    for name, unsaid in OPTION_DEFAULTS.items():
        assert any(fact.startswith(f"default: {unsaid.value}") for fact in told_of[name]), name
