"""The language server formats a card as `ideacard fmt` does, over stdio."""

from __future__ import annotations

from compiler.findings.source import Source
from compiler.formatting import format_card
from tests.tools.lsp_client import Editor
from tests.tools.test_lsp_findings import talk
from tests.tools.test_lsp_names import CARD

UNTIDY = CARD.replace("close < swing.low_level * 1.01", "close<swing.low_level*1.01  # 𝛼  ")


def test_formatting_sends_what_the_command_would_write() -> None:
    async def scene(side: Editor) -> None:
        await side.open(UNTIDY)
        made = await side.formatted()
        assert made == format_card(Source("t", UNTIDY)).text
        assert made is not None
        assert "near_low: close < swing.low_level * 1.01  # 𝛼\n" in made
        await side.open(made)
        assert await side.formatted() == made

    talk(scene)


def test_a_card_with_mistakes_is_not_formatted() -> None:
    async def scene(side: Editor) -> None:
        await side.open(UNTIDY.replace("close<", "closs<"))
        assert await side.formatted() is None

    talk(scene)
