"""The language server on completion, over stdio: what is offered while a card is half typed."""

from __future__ import annotations

import pytest
from lsprotocol import types as lsp

from compiler.catalog.actions import ACTIONS
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.types import EntryKind
from tests.tools.lsp_client import ROOT, Editor
from tests.tools.test_lsp_findings import talk
from tests.tools.test_lsp_names import CARD
from tools.lsp.completion import completion
from tools.lsp.cursor import MARK
from tools.lsp.document import Document

INDICATORS = {e.type for e in CATALOGUE.values() if e.kind is EntryKind.INDICATOR}
STRUCTURES = {e.type for e in CATALOGUE.values() if e.kind is EntryKind.STRUCTURE}


def typing(old: str, new: str) -> str:
    """Return the card with one piece replaced by what is being typed; `|` is the cursor."""
    assert CARD.count(old) == 1, old
    return CARD.replace(old, new)


ORDER = "metadata: { price_ref: { feature_id: swing, field: low_level }, size: 10% of equity, order_ref: rung, ttl_bars: 5 }"
WHEN = "order_pending(rung) and zone.zone0_lower < atr and (close > fast for =fast bars)"

CASES = {
    "top-level keys that are not there yet": (
        typing("htf: 4h", "exec|"), {"execution", "htf", "invariants"}, {"name", "blocks"},
    ),
    "a key half typed, before other keys": (
        typing("htf: 4h\n", "h|\n"), {"htf"}, {"tf"},
    ),
    "keys of a feature": (
        typing("- { type: atr, id: atr, params: { length: 14 } }", "- { type: atr, id: atr, | }"),
        {"params", "tf", "source"}, {"type", "id"},
    ),
    "parameters of this feature's type": (
        typing("{ left: 5, right: 5 }", "{ left: 5, | }"), {"right"}, {"left", "length"},
    ),
    "types of indicators": (
        typing("type: atr, id", "type: a|, id"), INDICATORS, STRUCTURES,
    ),
    "types of structures": (
        typing("type: derived_zone", "type: |"), STRUCTURES, INDICATORS,
    ),
    "roles of a structure": (
        typing("depends_on: { swing: swing }", "depends_on: { | }"), {"swing"}, {"zone"},
    ),
    "structures that fit a role": (
        typing("depends_on: { swing: swing }", "depends_on: { swing: | }"),
        {"swing"}, {"zone", "fast"},
    ),
    "words of a parameter": (
        typing("mode: retracement", "mode: |"), {"retracement"}, {"close", "feature_id"},
    ),
    "sessions as an anchor": (
        typing("type: atr, id: atr, params: { length: 14 }", "type: vwap, id: v, params: { anchor: | }").replace(
            "htf: 4h", "htf: 4h\nsessions: { ny: { hours: 09:30-16:00 } }"
        ),
        {"D", "W", "M", "ny"}, {"swing", "fast"},
    ),
    "what has news": (
        typing("type: atr, id: atr, params: { length: 14 }", "type: anchored_vwap, id: v, depends_on: { anchor: | }").replace(
            "htf: 4h", "htf: 4h\nsessions: { ny: { hours: 09:30-16:00 } }"
        ),
        {"swing", "ny"}, {"fast", "D"},
    ),
    "actions": (
        typing("- action: place_limit_long", "- action: pl|"), set(ACTIONS), set(),
    ),
    "metadata of this action": (
        typing(ORDER, "metadata:\n              ttl_bars: 5\n              |"),
        {"price", "price_ref", "size", "ttl_type", "on_fill"}, {"ttl_bars", "trigger", "method"},
    ),
    "metadata of this action, in an empty mapping": (
        typing(ORDER, "metadata:\n              |"), {"price", "ttl_bars"}, {"trigger"},
    ),
    "no second spelling of a price": (
        typing(ORDER, "metadata: { price: close, | }"), {"size"}, {"price_ref", "price_offset_pct"},
    ),
    "words of an option": (
        typing("ttl_bars: 5", "on_flat: |"), {"keep", "cancel"}, {"close"},
    ),
    "names in an expression": (
        typing(WHEN, "close > |"),
        {"fast", "swing", "near_low", "close", "position_side", "abs", "not"}, {"ttl_bars"},
    ),
    "names in a folded expression": (
        typing("up and near_low\n", "up and ne|\n"), {"near_low", "swing"}, {"ttl_bars"},
    ),
    "names in an expression that does not parse": (
        typing(WHEN, "close > (fast + |"), {"atr", "equity"}, set(),
    ),
    "fields behind a dot": (
        typing(WHEN, "swing.|"), {"high_level", "low_level", "last_type"}, {"fast", "close"},
    ),
    "fields with digits behind a dot": (
        typing(WHEN, "close > zone.zone0_l|"), {"zone0_lower", "any_active"}, {"close"},
    ),
    "timeframes behind @": (
        typing(WHEN, "close > fast@|"), {"4h", "15m"}, {"fast"},
    ),
    "words an enum may be": (
        typing(WHEN, "position_side == |"), {"flat", "long", "short"}, {"fast", "close"},
    ),
    "words an enum of a structure may be": (
        typing(WHEN, "swing.last_type == h|"), {"high", "low"}, {"fast"},
    ),
    "words of an enum in a list": (
        typing(WHEN, "position_side in [long, |]"), {"flat", "short"}, {"fast"},
    ),
    "words of the other side of the old form": (
        typing("rhs: { feature_id: 'fast@4h' }", "rhs: |").replace(
            "lhs: { feature_id: fast, offset: 0 }", "lhs: { builtin: position_side }"
        ),
        {"flat", "long", "short"}, {"fast", "feature_id"},
    ),
    "a fresh item of a list of actions": (
        typing("- action: place_limit_long\n            " + ORDER, "- |"), {"action", "exit_all"}, {"price"},
    ),
    "fields of the old form": (
        typing("field: low_level", "field: |"), {"high_level", "low_level"}, {"fast"},
    ),
    "builtins of the old form": (
        typing("feature_id: fast, offset: 0", "builtin: |"), {"close", "equity"}, {"fast"},
    ),
    "keys of a reference of the old form": (
        typing("feature_id: fast, offset: 0", "feature_id: fast, |"), {"offset", "field"}, {"var"},
    ),
    "tunables": (
        typing('"=fast"', '"=|"'), {"fast"}, {"atr", "close"},
    ),
    "refs of orders": (
        typing("metadata: { order_ref: rung } }", "metadata: { order_ref: | } }"), {"rung"}, {"close"},
    ),
    "refs of orders in an expression": (
        typing(WHEN, "order_pending(|"), {"rung"}, {"close"},
    ),
    "settings": (
        typing("{ starting_equity_usdt: 10000 }", "{ starting_equity_usdt: 10000, | }"),
        {"max_leverage", "fee_model"}, {"starting_equity_usdt"},
    ),
    "words of a setting": (
        typing("type: atr_multiple", "type: |"), {"percent", "structure"}, {"ema"},
    ),
    "timeframes": (typing("tf: 15m\n", "tf: |\n"), {"15m", "4h"}, {"close"}),
    "a card whose end is open": (
        CARD[: CARD.index("near_low: close") ] + "near_low: close < sw|", {"swing", "fast"}, set(),
    ),
    "an open bracket at the end": (
        CARD[: CARD.index("{ left: 5")] + "{ l|", {"left", "right"}, {"length"},
    ),
    "an empty card": ("|", {"name", "symbol", "tf", "blocks"}, set()),
}  # fmt: skip


def test_what_is_offered_is_what_may_stand_there() -> None:
    async def scene(side: Editor) -> None:
        wrong = {}
        for claim, (text, wanted, unwanted) in CASES.items():
            offered = set(await side.completions(text))
            unwanted |= {word for word in offered if MARK in word}
            if not wanted <= offered or unwanted & offered:
                wrong[claim] = (wanted - offered, unwanted & offered)
        assert wrong == {}

    talk(scene)


def test_nothing_is_offered_inside_a_comment() -> None:
    async def scene(side: Editor) -> None:
        assert await side.completions("name: t\n# sw|\nsymbol: BTCUSDT\n") == {}

    talk(scene)


@pytest.mark.parametrize(
    ("text", "label", "after"),
    [
        (typing(WHEN, "close > ne|"), "near_low", "when: close > near_low\n"),
        (typing(WHEN, "zone.zone0_l|"), "zone0_lower", "when: zone.zone0_lower\n"),
        (typing("htf: 4h", "h|"), "htf", "htf: \n"),
        (typing(WHEN, "'\"𝔘\" == fast and ne|'"), "near_low", "and near_low'"),
        (typing("symbol: BTCUSDT", "? 𝔘\n: 𝔘\nsymb|"), "symbol", "\nsymbol: \n"),
    ],
)  # fmt: skip
def test_accepting_an_offer_replaces_what_was_typed(text: str, label: str, after: str) -> None:
    async def scene(side: Editor) -> None:
        item = (await side.completions(text))[label]
        assert isinstance(item.text_edit, lsp.TextEdit)
        edit = lsp.WorkspaceEdit(changes={side.document.uri: [item.text_edit]})
        assert after in side.applied(edit)

    talk(scene)


def test_names_declared_below_stay_known_while_the_text_below_is_broken() -> None:
    async def scene(side: Editor) -> None:
        await side.open(CARD)
        below = typing("near_low: close < swing.low_level * 1.01", "near_low: u|")
        offered = await side.completions(below.replace(WHEN, "{ atr"))
        assert {"up", "swing"} <= set(offered)

    talk(scene)


@pytest.mark.parametrize("name", ["ema_cross", "pullback_ladder", "zone_scalper_v1"])
def test_every_place_of_a_card_can_be_asked(name: str) -> None:
    text = (ROOT / "cards" / "gallery" / f"{name}.yaml").read_text(encoding="utf-8")
    for offset in range(0, len(text), 37):
        for typed in (text, text[:offset]):
            document = Document("file:///t", "t", typed)
            for item in completion(document, offset, None):
                assert item.label
