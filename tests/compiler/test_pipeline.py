"""The whole road: card text to findings, graph and program."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from random import Random

import pytest

from compiler import pipeline
from compiler.findings.diagnostics import CompileFailed
from compiler.findings.edits import apply_edits
from compiler.findings.render import render
from compiler.findings.source import Source
from compiler.graph.rule_graph import Op
from compiler.graph.serde import graph_hash
from compiler.parse.card import parse
from compiler.pipeline import check, compile_card
from compiler.text.load import load
from tools.made_inputs.damage import damaged_card

CARDS = Path(__file__).parents[2] / "cards"
GALLERY = sorted((CARDS / "gallery").glob("*.yaml"))
SEED = CARDS / "gallery" / "zone_scalper_v1.yaml"
MINIMAL = """
name: example
symbol: BTCUSDT
tf: 15m
features:
  - {type: ema, id: fast, params: {length: 9}}
  - {type: ema, id: slow, params: {length: 21}}
  - {type: supertrend, id: st}
blocks:
  - id: entry
    cases:
      - when: WHEN
        emit: [{action: entry_long, metadata: {size: 10% of equity, stop_loss_offset_pct: -2}}]
"""


def source(path: Path) -> Source:
    return Source(path.name, path.read_text(encoding="utf-8"))


def card(when: str, *more: str) -> Source:
    return Source("card.yaml", MINIMAL.replace("WHEN", when) + "\n".join(more))


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_every_gallery_card_compiles_without_errors(path: Path) -> None:
    found = check(source(path)).diagnostics
    assert [(d.code, d.message) for d in found if d.is_error] == []
    program = compile_card(source(path))
    assert program.graph.nodes
    assert program.warmup_bars > 0


def test_a_card_of_several_mistakes_reports_all_of_them_in_one_pass() -> None:
    text = card("closee > slow and st.directio == 1 and fast > equity").text
    text = text.replace("length: 21", "lenght: 21").replace("tf: 15m", "tf: 15m\nhtf: 20m")
    codes = [d.code for d in check(Source("card.yaml", text)).diagnostics]
    for code in ("IC107", "IC201"):
        assert code in codes
    assert len(codes) >= 4


def test_findings_are_in_file_order_and_unique() -> None:
    found = check(card("closee > open and opne > 1")).diagnostics
    assert list(found) == sorted(set(found), key=lambda d: d.span.start)


def test_a_card_with_errors_has_no_graph_and_fails_to_compile_with_all_of_them() -> None:
    wrong = card("closee > open and slow > equity")
    checked = check(wrong)
    assert checked.graph is None
    with pytest.raises(CompileFailed) as caught:
        compile_card(wrong)
    assert {d.code for d in caught.value.diagnostics} >= {"IC201", "IC301"}


def test_an_override_is_part_of_what_is_compiled() -> None:
    when = card("fast > slow", "account: {starting_equity_usdt: 1000}")
    graph = compile_card(when, [("account.starting_equity_usdt", "500")]).graph
    assert graph.settings.account.starting_equity_usdt == 500.0


def test_both_spellings_of_a_condition_compile_to_one_program() -> None:
    text = "fast > slow and st.direction == 1 and not position_side == flat"
    tree = (
        "{all: [{lhs: {feature_id: fast}, op: gt, rhs: {feature_id: slow}},"
        " {lhs: {feature_id: st, field: direction}, op: eq, rhs: 1},"
        ' {not: {lhs: {builtin: position_side}, op: eq, rhs: "flat"}}]}'
    )
    assert graph_hash(compile_card(card(text)).graph) == graph_hash(compile_card(card(tree)).graph)


def test_comments_and_layout_do_not_change_the_hash() -> None:
    one = card("fast > slow")
    other = Source("other.yaml", "# a comment\n" + one.text.replace("BTCUSDT", "'BTCUSDT'"))
    assert graph_hash(compile_card(one).graph) == graph_hash(compile_card(other).graph)


def test_the_seed_card_is_what_it_says() -> None:
    graph = compile_card(source(SEED)).graph
    assert [feature.type for feature in graph.features] == ["squeeze", "swing", "derived_zone"]
    assert [block.id for block in graph.blocks] == [
        "post_breakout_entry",
        "scale_in",
        "partial_exit",
        "order_management",
    ]
    entry = graph.blocks[0].cases[0].emit[0]
    assert [slot for slot, _ in entry.prices] == ["price", "stop_loss", "take_profit"]
    assert dict(entry.options) == {"order_ref": "zone_entry"}
    price = graph.nodes[dict(entry.prices)["price"]]
    assert (price.op, price.attr[1]) == (Op.FEATURE, "closest_active_upper")


def test_lints_may_be_left_out_and_selected() -> None:
    every = {d.code for d in check(source(SEED)).diagnostics}
    assert "IC505" in every
    assert "IC505" not in {d.code for d in check(source(SEED), lints=False).diagnostics}
    assert {d.code for d in check(source(SEED), select=("IC505",)).diagnostics} == {"IC505"}


def test_a_suppressed_finding_is_silent() -> None:
    text = source(SEED).text.replace(
        "  - id: order_management",
        "  # ic: ignore[cancel-cannot-fire] kept on purpose\n  - id: order_management",
    )
    assert "IC505" not in {d.code for d in check(Source("card.yaml", text)).diagnostics}


@pytest.mark.parametrize(
    "text", ["", "[]", "a", "name: x", "blocks: 3", "\x00", "{", "name: [1", "tf: 15m\nblocks: []"]
)
def test_no_text_makes_checking_raise(text: str) -> None:
    checked = check(Source("card.yaml", text))
    assert checked.has_errors
    assert checked.graph is None


def test_deleting_what_is_unused_leaves_a_clean_card() -> None:
    text = card("up").text.replace(
        "blocks:", "variables:\n  idle: st.long > 1\n  up: fast > slow\nblocks:", 1
    )
    for _ in range(3):
        found = check(Source("card.yaml", text), select=("IC202", "IC203")).diagnostics
        for d in sorted(found, key=lambda d: -d.span.start):
            if d.fix is not None:
                edit = d.fix.edits[0]
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert "idle" not in text
    assert "supertrend" not in text
    left = {d.code for d in check(Source("card.yaml", text)).diagnostics}
    assert {code for code in left if code < "IC400"} == set()


OLD = """
id: old_one
version: "3.0.0"
name: Old one
symbol_universe: [BTCUSDT]
execution_tf: 15m
account: {starting_equity_usdt: 1000, max_leverage: 2}
features:
  - {id: ema_fast, tf: 15m, type: indicator, indicator_type: ema, params: {length: 9}}
  - {id: swing, tf: 15m, type: structure, structure_type: swing, params: {left: 5, right: 5}}
  - id: zone
    tf: 15m
    type: structure
    structure_type: derived_zone
    depends_on: {swing: swing}
    params: {levels: [0.618], zone_type: demand}
blocks:
  - id: entry
    cases:
      - when:
          all:
            - lhs: {feature_id: close}
              op: near_pct
              rhs: {feature_id: ema_fast, field: value}
              tolerance: 0.005
            - lhs: {feature_id: zone, field: zone0_state}
              op: eq
              rhs: ACTIVE
        emit:
          - action: entry_long
risk_model:
  stop_loss: {type: percent, value: 2.0}
  take_profit: {type: rr_ratio, value: 2.0}
  sizing: {model: percent_equity, value: 10.0}
"""
NEW_WHEN = "close near ema_fast within 0.5% and zone.zone0_state == active"


def test_a_card_of_3_0_0_is_the_same_nodes_as_its_3_1_twin() -> None:
    old = compile_card(Source("old.yaml", OLD)).graph
    start = OLD.index("      - when:")
    end = OLD.index("        emit:")
    text = OLD[:start] + f"      - when: {NEW_WHEN}\n" + OLD[end:]
    text = text.replace('id: old_one\nversion: "3.0.0"\n', "", 1)
    text = text.replace("symbol_universe: [BTCUSDT]", "symbol: BTCUSDT")
    text = text.replace("execution_tf:", "tf:").replace(
        "type: indicator, indicator_type: ema", "type: ema"
    )
    head, _, rest = text.partition("  - {id: swing")
    tail = rest[rest.index("blocks:") :]
    structures = (
        "structures:\n  exec:\n    - {type: swing, key: swing, params: {left: 5, right: 5}}\n"
        "    - {type: derived_zone, key: zone, depends_on: {swing: swing},"
        " params: {levels: [0.618], zone_type: demand}}\n"
    )
    new = compile_card(Source("new.yaml", head + structures + tail)).graph
    assert new.nodes == old.nodes
    assert new.features == old.features
    assert old.settings.risk == new.settings.risk
    # What the two versions mean by silence differs, and is explicit in the graph.
    assert (old.settings.policy.mode, new.settings.policy.mode) == ("long_only", "long_short")


@pytest.mark.parametrize("item", ["{id: a}", "{id: a, casse: []}"])
def test_a_card_of_thousands_of_broken_blocks_is_looked_at_once(item: str) -> None:
    source = Source("card.yaml", "name: x\nsymbol: X\ntf: 15m\nblocks:\n" + f"  - {item}\n" * 6_000)
    start = time.process_time()
    assert len(check(source).diagnostics) >= 11_999
    # Each finding held against every other took minutes.
    assert time.process_time() - start < 8


def test_thousands_of_broken_parts_on_one_line_are_answered_in_seconds() -> None:
    source = Source("card.yaml", "blocks: [" + "{id: b, cases: []}, " * 8_000 + "]")
    start = time.process_time()
    found = check(source).diagnostics
    render("text", [(source, found)])
    # Comparing every finding with every other, or copying the line for each, takes far longer.
    assert time.process_time() - start < 8
    assert len(found) == 16_000


@pytest.mark.parametrize(
    ("key", "wrong", "right"),
    [("source", '"CLOSE"', "close"), ("source", "clsoe", "close"), ("tf", "'30mm'", "30m")],
)
def test_a_wrong_word_of_a_feature_is_said_once_and_its_fix_writes_that_word_alone(
    key: str, wrong: str, right: str
) -> None:
    text = MINIMAL.replace("WHEN", "close > fast and fast > slow and st.direction == 1")
    text = text.replace("id: fast,", f"id: fast, {key}: {wrong},")
    checked = check(Source("card.yaml", text), lints=False)
    (found,) = (d for d in checked.diagnostics if d.is_error)
    assert text[found.span.start : found.span.end] in wrong
    if found.fix is not None:
        fixed = apply_edits(text, found.fix.edits)
        written = {text.replace(wrong, f"{quote}{right}{quote}") for quote in ("", "'", '"')}
        assert fixed in written
        assert not check(Source("card.yaml", fixed), lints=False).has_errors


def many_cases(count: int, key: str) -> Source:
    """Return a card of one block for each case, with the key of its condition as given."""
    block = "  - id: b{0}\n    cases: [{{{1}: close > {0}, emit: [{{action: exit_all}}]}}]\n"
    blocks = "".join(block.format(n, key) for n in range(1, count + 1))
    return Source("card.yaml", "name: x\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n" + blocks)


@pytest.mark.parametrize("count", [3, 40])
def test_a_key_misspelt_in_every_block_is_mended_in_every_block(count: int) -> None:
    misspelt = many_cases(count, "whenn")
    fixes = [d.fix for d in check(misspelt).diagnostics if d.is_error]
    assert [fix is not None and fix.safe for fix in fixes] == [True] * count
    mended = apply_edits(misspelt.text, [edit for fix in fixes if fix for edit in fix.edits])
    assert mended == many_cases(count, "when").text


@pytest.mark.parametrize(("key", "looks"), [("when", 1), ("whenn", 2)])
def test_a_card_is_looked_at_once_more_however_much_is_misspelt_in_it(
    key: str, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(pipeline, "load", lambda *given: seen.append(given) or load(*given))
    check(many_cases(60, key), lints=False)
    assert len(seen) == looks


def test_what_a_misspelt_card_was_taken_for_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(pipeline, "parse", lambda *given: seen.append(given) or parse(*given))
    found = check(many_cases(60, "whenn")).diagnostics
    assert all(d.fix is not None and d.fix.safe for d in found if d.is_error)
    assert len(seen) == 1


def test_a_fix_tried_in_short_is_as_good_as_one_tried_in_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Of the card of seed 525 something is wrong behind its shape, and hidden by what is wrong in it.
    for text in (*(damaged_card(Random(seed)) for seed in (7, 525)), many_cases(9, "whenn").text):
        source = Source("card.yaml", text)
        short = check(source).diagnostics
        with monkeypatch.context() as patched:
            patched.setattr(pipeline, "says_the_same", lambda *_: False)
            assert check(source).diagnostics == short


def test_the_collector_is_as_it_was_after_a_look() -> None:
    for is_on in (True, False):
        (gc.enable if is_on else gc.disable)()
        try:
            check(Source("card.yaml", "name: ["))
            assert gc.isenabled() is is_on
        finally:
            gc.enable()
