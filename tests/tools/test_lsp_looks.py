"""The language server on what an editor shows unasked: outline, hints, signatures, colours, over stdio."""

from __future__ import annotations

from lsprotocol import types as lsp

from compiler.catalog.calls import MEMORY_FUNCTIONS
from tests.tools.lsp_client import Editor
from tests.tools.test_lsp_findings import talk
from tests.tools.test_lsp_names import CARD
from tools.lsp.signatures import ARGUMENTS_OF_MEMORY

WHEN = """\
version: "3.2"
name: t
symbol: BTCUSDT
tf: 15m
features:
  - {{ type: ema, id: slow, params: {{ length: 50 }} }}
account: {{ starting_equity_usdt: 10000 }}
variables:
  wide: high - low
  many: bars_since(close > slow)
blocks:
  - id: a
    cases:
      - when: {when}
        emit:
          - {{ action: entry_long, metadata: {{ size: 10% of equity, stop_loss: close * 0.98 }} }}
"""


def test_the_outline_holds_the_sections_and_in_them_what_they_name() -> None:
    async def scene(side: Editor) -> None:
        await side.open(CARD)
        sections = {symbol.name: symbol for symbol in await side.outline()}
        assert list(sections) == [
            "name", "symbol", "tf", "htf", "params", "features", "structures", "account",
            "risk_model", "variables", "blocks",
        ]  # fmt: skip
        assert _children(sections["params"]) == [("fast", "9")]
        assert _children(sections["features"]) == [("fast", "ema"), ("atr", "atr")]
        assert _children(sections["structures"]) == [("swing", "swing"), ("zone", "derived_zone")]
        assert [name for name, _ in _children(sections["variables"])] == ["near_low", "up"]
        (block,) = sections["blocks"].children or []
        assert block.name == "a"
        assert _children(block) == [
            ("up and near_low and position_side == flat and swing.last_ty…", "place_limit_long"),
            ("order_pending(rung) and zone.zone0_lower < atr and (close >…", "cancel_order"),
        ]
        for symbol in _all(list(sections.values())):
            for below in symbol.children or []:
                assert _within(below.range, symbol.range)
            assert _within(symbol.selection_range, symbol.range)

    talk(scene)


def test_a_card_that_cannot_be_read_has_the_outline_of_its_sections() -> None:
    async def scene(side: Editor) -> None:
        await side.open("name: t\nfeatures: 7\nblocks:\n  - id: a\n")
        assert [symbol.name for symbol in await side.outline()] == ["name", "features", "blocks"]
        await side.open("name: [\n")
        assert await side.outline() == []

    talk(scene)


def test_hints_say_unit_and_warm_up_of_features_and_the_type_of_named_values() -> None:
    async def scene(side: Editor) -> None:
        await side.open(WHEN.format(when="wide > 0 and many > 3"))
        hints = await side.hints()
        assert hints["slow"] == "number, price; known after 50 bars of 15m"
        assert hints["wide"].startswith("number, price")
        assert hints["many"].startswith("number, bars") or hints["many"].startswith("int, bars")
        first_lines = lsp.Range(lsp.Position(0, 0), lsp.Position(3, 0))
        assert await side.hints(first_lines) == {}

    talk(scene)


def test_a_card_with_a_mistake_shows_no_warm_up_and_no_type_of_what_is_wrong() -> None:
    async def scene(side: Editor) -> None:
        await side.open(WHEN.format(when="wide > 0").replace("high - low", "high - volume"))
        hints = await side.hints()
        assert "slow" not in hints
        assert "wide" not in hints
        assert "many" in hints

    talk(scene)


SHOWN = {
    "close > ema(|": ("ema(source, length)", "source"),
    "close > ema(close, |": ("ema(source, length)", "length"),
    "close > bbands(close, 20, |2).upper": ("bbands(source, length, std)", "std"),
    "value_when(close > open, hi|gh) > 1": ("value_when(condition, value, times_back)", "value"),
    "max(open, close, high, |low) > 1": ("max(a, b)", "b"),
    "abs((close - open|)) > 1": ("abs(x)", "x"),
    "min(open, (high + low|) / 2) > 1": ("min(a, b)", "b"),
    "order_pending(|)": ("order_pending(order_ref)", "order_ref"),
    "(close - open|) > 1": None,
    "close > open|": None,
    "frobnicate(|)": None,
}


def test_inside_a_call_its_arguments_are_shown() -> None:
    async def scene(side: Editor) -> None:
        shown = {when: await side.signature(WHEN.format(when=when)) for when in SHOWN}
        assert shown == SHOWN

    talk(scene)


def test_colours_are_those_of_what_words_name() -> None:
    async def scene(side: Editor) -> None:
        await side.open(CARD)
        tokens = await side.tokens()
        assert ("ema", "type", False) in tokens
        assert ("fast", "class", True) in tokens
        assert ("near_low", "variable", True) in tokens
        assert ("near_low", "variable", False) in tokens
        assert ("position_side", "macro", False) in tokens
        assert ("low_level", "property", False) in tokens
        assert ("place_limit_long", "function", False) in tokens
        assert ("rung", "enumMember", True) in tokens
        assert ("fast", "parameter", False) in tokens

    talk(scene)


def _children(symbol: lsp.DocumentSymbol) -> list[tuple[str, str]]:
    return [(child.name, child.detail or "") for child in symbol.children or []]


def _all(symbols: list[lsp.DocumentSymbol]) -> list[lsp.DocumentSymbol]:
    return [found for symbol in symbols for found in (symbol, *_all(list(symbol.children or [])))]


def _within(inner: lsp.Range, outer: lsp.Range) -> bool:
    def place(position: lsp.Position) -> tuple[int, int]:
        return position.line, position.character

    return place(outer.start) <= place(inner.start) and place(inner.end) <= place(outer.end)


def test_every_function_that_remembers_has_names_for_its_arguments() -> None:
    for name, (_, _, most) in MEMORY_FUNCTIONS.items():
        assert len(ARGUMENTS_OF_MEMORY[name]) == most
