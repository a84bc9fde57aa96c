"""The language server on names: hover, definition, references and renaming, over stdio."""

from __future__ import annotations

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams

from tests.tools.lsp_client import ROOT, Editor
from tests.tools.test_lsp_findings import talk

CARD = """\
name: t
symbol: BTCUSDT
tf: 15m
htf: 4h
params:
  fast: { default: 9, low: 5, high: 20, step: 1 }
features:
  - { type: ema, id: fast, params: { length: "=fast" } }
  - { type: atr, id: atr, params: { length: 14 } }
structures:
  exec:
    - { type: swing, key: swing, params: { left: 5, right: 5 } }
    - type: derived_zone
      key: zone
      depends_on: { swing: swing }
      params: { levels: [0.5, 0.618], mode: retracement }
account: { starting_equity_usdt: 10000 }
risk_model:
  stop_loss: { type: atr_multiple, value: 2, atr_feature_id: "atr" }
variables:
  near_low: close < swing.low_level * 1.01
  up:
    all:
      - { lhs: { feature_id: fast, offset: 0 }, op: gt, rhs: { feature_id: 'fast@4h' } }
      - { var: near_low }
blocks:
  - id: a
    cases:
      - when: >
          up and near_low
          and position_side == flat and swing.last_type == low
        emit:
          - action: place_limit_long
            metadata: { price_ref: { feature_id: swing, field: low_level }, size: 10% of equity, order_ref: rung, ttl_bars: 5 }
      - when: order_pending(rung) and zone.zone0_lower < atr and (close > fast for =fast bars)
        emit: [{ action: cancel_order, metadata: { order_ref: rung } }]
"""


def test_hover_tells_type_unit_and_documentation() -> None:
    async def scene(side: Editor) -> None:
        await side.open(CARD)
        fast = await side.hover(side.at("fast@4h"))
        assert fast.startswith("`fast`: ema(length: 9) on 15m")
        assert "number, price" in fast
        low = await side.hover(side.at("low_level * 1"))
        assert low.startswith("`swing.low_level`: number, price")
        assert "flat | long | short" in await side.hover(side.at("position_side"))
        assert "close < swing.low_level * 1.01" in await side.hover(side.at("near_low\n"))
        assert "default 9, from 5, to 20, step 1" in await side.hover(side.at("fast:"))
        assert "warm-up:" in await side.hover(side.at("derived_zone"))
        assert "`length`: int" in await side.hover(side.at("length: 14"))
        assert "needs: `price`" in await side.hover(side.at("place_limit_long"))
        # The word beside an enum is a value, not the `low` of the bar.
        assert "low of the closed bar" not in await side.hover(side.at("== low", 4))
        assert await side.hover(side.at("BTCUSDT")) == ""

    talk(scene)


@pytest.mark.parametrize(
    ("needle", "shift", "goes_to"),
    [
        ("fast@4h", 1, "- { type: ema, id: [fast]"),
        ("=fast", 2, "[fast]"),
        ("swing: swing", 8, "- { type: swing, key: [swing]"),
        ("low_level * 1", 0, "- { type: swing, key: [swing]"),
        ('"atr"', 2, "- { type: atr, id: [atr]"),
        ("near_low }", 0, "[near_low]"),
        ("up and", 0, "[up]"),
        ("order_pending(rung", 15, None),
        ("close <", 0, None),
    ],
)
def test_definition_leads_to_the_declaration(needle: str, shift: int, goes_to: str | None) -> None:
    async def scene(side: Editor) -> None:
        await side.open(CARD)
        found = await side.definition(side.at(needle, shift))
        if "order_pending" in needle:
            assert found is not None
            assert found.endswith("order_ref: [rung]")
        else:
            assert found == goes_to

    talk(scene)


@pytest.mark.parametrize(
    ("needle", "shift", "old", "new", "count"),
    [
        ("id: fast", 4, "fast", "quick", 4),
        ("low_level * 1", -3, "swing", "pivot", 5),
        ("up:", 0, "up", "rising", 2),
        ("near_low\n", 0, "near_low", "at_floor", 3),
        ("=fast", 1, "fast", "pace", 3),
        ("< atr", 3, "atr", "noise", 3),
    ],
)
def test_a_rename_reaches_every_spelling_and_nothing_else(
    needle: str, shift: int, old: str, new: str, count: int
) -> None:
    async def scene(side: Editor) -> None:
        assert [
            d for d in await side.open(CARD) if d.severity == lsp.DiagnosticSeverity.Error
        ] == []
        place = side.at(needle, shift)
        after = await side.rename(place, new)
        assert after.count(new) == count
        assert after.replace(new, old) == CARD
        before = await side.open(CARD)
        renamed = await side.open(after)
        assert [d.code for d in renamed] == [d.code for d in before]

    talk(scene)


@pytest.mark.parametrize("name", ["close", "and", "swing", "9lives", "has space", "flat", ""])
def test_a_rename_that_would_break_the_card_is_refused(name: str) -> None:
    async def scene(side: Editor) -> None:
        await side.open(CARD)
        with pytest.raises(JsonRpcInvalidParams, match=r"name|means"):
            await side.rename(side.at("id: atr", 4), name)

    talk(scene)


def test_builtins_and_types_cannot_be_renamed() -> None:
    async def scene(side: Editor) -> None:
        await side.open(CARD)
        for needle in ("position_side", "derived_zone", "place_limit_long", "tf: 15m"):
            place = lsp.PrepareRenameParams(side.document, side.at(needle))
            assert await side.client.text_document_prepare_rename_async(place) is None
            with pytest.raises(JsonRpcInvalidParams):
                await side.rename(side.at(needle), "other")

    talk(scene)


def test_a_card_that_cannot_be_read_whole_is_not_renamed_in_part() -> None:
    async def scene(side: Editor) -> None:
        await side.open(CARD.replace("zone0_lower < atr and", "zone0_lower < atr and and"))
        with pytest.raises(JsonRpcInvalidParams, match="mend"):
            await side.rename(side.at("id: atr", 4), "noise")

    talk(scene)


def test_references_are_all_places_of_a_name() -> None:
    async def scene(side: Editor) -> None:
        await side.open((ROOT / "cards" / "gallery" / "zone_scalper_v1.yaml").read_text())
        for declared, count in ((True, 5), (False, 4)):
            found = await side.client.text_document_references_async(
                lsp.ReferenceParams(
                    context=lsp.ReferenceContext(declared),
                    text_document=side.document,
                    position=side.at("key: swing", 6),
                )
            )
            assert found is not None
            assert len(found) == count

    talk(scene)
