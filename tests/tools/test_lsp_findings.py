"""The language server on findings and their fixes, over a real connection."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.tools.lsp_client import ROOT, URI, Editor, editor
from tools.lsp.document import Document
from tools.lsp.positions import Positions

CARD = """\
# 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 before everything
name: t
symbol: BTCUSDT
tf: 15m
features:
  - {{ type: ema, id: fast, params: {{ length: 9 }} }}
account: {{ starting_equity_usdt: 10000 }}
blocks:
  - id: a
    cases:
      - when: {when}
        emit:
          - {{ action: entry_long, metadata: {{ size: 10% of equity, stop_loss: close * 0.98 }} }}
      - when: position_side == long and close < fast
        emit: [exit_all]
"""


def card(when: str) -> str:
    return CARD.format(when=when)


def talk(scene: Callable[[Editor], Awaitable[None]], **kwargs: object) -> None:
    """Play a scene between an editor and the server."""

    async def play() -> None:
        async with editor(**kwargs) as side:  # type: ignore[arg-type]
            await scene(side)
            assert side.messages == [], "the server reported an error of its own"

    asyncio.run(play())


def test_typing_brings_and_removes_findings_at_their_exact_place() -> None:
    async def scene(side: Editor) -> None:
        good = card("position_side == flat and close > fast")
        assert await side.open(good) == []
        found = await side.open(card("position_side == flat and close > fsat"))
        assert [(d.code, d.severity, d.source) for d in found] == [
            ("IC201", lsp.DiagnosticSeverity.Error, "ideacard")
        ]
        start = side.at("fsat")
        assert found[0].range == lsp.Range(start, lsp.Position(start.line, start.character + 4))
        assert await side.open(good) == []

    talk(scene)


WIDE = """\
name: t
symbol: BTCUSDT
tf: 15m
blocks:
  - { id: a, cases: [{ when: '"𝔞𝔟" == position_side and close > fsat', emit: [exit_all] }] }
"""
BEFORE = """  - { id: a, cases: [{ when: '"𝔞𝔟" == position_side and close > """


@pytest.mark.parametrize(
    ("encoding", "wider"),
    [
        (None, 2),  # UTF-16 unless the editor asks for another: two units for each of the two
        (lsp.PositionEncodingKind.Utf16, 2),
        (lsp.PositionEncodingKind.Utf8, 6),
        (lsp.PositionEncodingKind.Utf32, 0),
    ],
)
def test_columns_count_what_the_editor_counts(
    encoding: lsp.PositionEncodingKind | None, wider: int
) -> None:
    async def scene(side: Editor) -> None:
        found = await side.open(WIDE)
        [wrong] = [d for d in found if "fsat" in d.message]
        start = lsp.Position(4, len(BEFORE) + wider)
        assert wrong.range == lsp.Range(start, lsp.Position(4, len(BEFORE) + wider + 4))

    talk(scene, encodings=None if encoding is None else [encoding])


def test_a_second_place_of_a_finding_is_related_information() -> None:
    async def scene(side: Editor) -> None:
        again = "features:\n  - { type: ema, id: fast, params: { length: 5 } }"
        good = card("position_side == flat and close > fast")
        found = await side.open(good.replace("features:", again))
        [double] = [d for d in found if d.code == "IC206"]
        [first] = double.related_information or []
        assert first.location.uri == URI
        assert first.location.range.start == side.at("fast")
        assert double.range.start == side.at("fast", nth=1)

    talk(scene)


def test_a_quick_fix_makes_its_finding_go_away() -> None:
    async def scene(side: Editor) -> None:
        [wrong] = await side.open(card("position_side == flat and close > fsat"))
        actions = await side.actions(wrong.range, [lsp.CodeActionKind.QuickFix])
        [action] = actions
        assert action.kind == lsp.CodeActionKind.QuickFix
        assert [d.code for d in action.diagnostics or []] == ["IC201"]
        fixed = side.applied(action.edit)
        assert fixed == card("position_side == flat and close > fast")
        assert await side.open(fixed) == []
        assert await side.actions(wrong.range) == []

    talk(scene)


def test_only_fixes_that_keep_the_meaning_are_preferred_and_applied_together() -> None:
    async def scene(side: Editor) -> None:
        # A word that other YAML readers take for a truth value is quoted safely; deleting a feature
        # that nobody reads may surprise.
        await side.open(
            card("position_side == flat and close > fast")
            .replace("name: t", "name: yes")
            .replace("features:", "features:\n  - { type: ema, id: idle, params: { length: 9 } }")
        )
        everywhere = lsp.Range(lsp.Position(0, 0), side.at("exit_all"))
        quick = await side.actions(everywhere, [lsp.CodeActionKind.QuickFix])
        safe = [a for a in quick if a.is_preferred]
        unsafe = [a for a in quick if not a.is_preferred]
        assert all("may change" in a.title for a in unsafe)
        assert not any("may change" in a.title for a in safe)
        together = await side.actions(everywhere, [lsp.CodeActionKind.SourceFixAll])
        assert [a.kind for a in together] == ["source.fixAll.ideacard"]
        assert side.applied(together[0].edit) == side.applied(safe[0].edit)
        assert len(safe) == len(unsafe) == 1

    talk(scene)


def test_closing_a_card_takes_its_findings_away() -> None:
    async def scene(side: Editor) -> None:
        assert await side.open(card("close > fsat"))
        side.client.text_document_did_close(lsp.DidCloseTextDocumentParams(side.document))
        assert not (await side.published()).diagnostics

    talk(scene)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "cards" / "gallery").glob("*.yaml")), ids=lambda p: p.stem
)
def test_every_half_typed_card_can_be_looked_at(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for end in range(0, len(text), 61):
        document = Document(URI, "t", text[:end])
        for finding in document.findings:
            assert 0 <= finding.span.start <= finding.span.end <= end
        assert document.resolved is None or document.node is not None


@pytest.mark.parametrize("library", ["pygls", "lsprotocol", "tools.lsp"])
def test_lint_does_not_load_the_language_server(library: str) -> None:
    code = (
        "import sys\nfrom tools import cli\n"
        "sys.argv = ['ideacard', 'lint', 'cards/gallery/ema_cross.yaml']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        f"sys.exit({library!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("ab\ncd", 4, (1, 1)),
        ("ab\r\ncd", 5, (1, 1)),
        ("ab\rcd", 4, (1, 1)),
        ("𝔞b", 1, (0, 2)),
        ("é𝔞\n𝔟c", 5, (1, 3)),
        ("a\x0cb\u2028c", 5, (0, 5)),  # no line ends to an editor, though Python splits there
    ],
)
def test_offsets_and_positions_are_each_others_inverse(
    text: str, offset: int, place: tuple[int, int]
) -> None:
    places = Positions(text)
    assert places.position(offset) == lsp.Position(*place)
    for at in (i for i in range(len(text) + 1) if text[i - 1 : i + 1] != "\r\n"):
        assert places.offset(places.position(at)) == at


def test_places_outside_a_text_are_its_nearest_end() -> None:
    places = Positions("𝔞\nb")
    assert places.offset(lsp.Position(0, 1)) == 0  # inside the pair of units
    assert places.offset(lsp.Position(0, 99)) == 1
    assert places.offset(lsp.Position(9, 0)) == 3


def test_while_keys_follow_each_other_only_the_last_text_is_judged() -> None:
    async def scene(side: Editor) -> None:
        good = card("position_side == flat and close > fast")
        assert await side.open(good) == []
        found = await side.type([good.replace("> fast", f"> fast{'x' * n}") for n in range(1, 9)])
        assert [published.version for published in found] == [side.version]
        assert [d.code for d in found[0].diagnostics] == ["IC201"]

    talk(scene)
