"""Every snippet of the catalogue is a piece of a card that compiles and runs."""

from __future__ import annotations

from textwrap import indent

import pytest

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.reference import defaults
from compiler.catalog.types import Entry, EntryKind
from compiler.findings.source import Source
from compiler.pipeline import check, compile_graph
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.rules.market_stage import MarketStage
from tests.runtime.features.markets import recorded

SWING = "- { type: swing, key: swing }\n"
BLOCK = "- { type: order_block, key: ob, depends_on: { swing: swing } }\n"


def card(entry: Entry) -> tuple[str, str]:
    """Return a card with an entry's snippet in it, and the id the snippet gives."""
    structures = "" if entry.type == "swing" else SWING
    structures += BLOCK if entry.type == "breaker_block" else ""
    features = "- { type: sma, id: used, params: { length: 2 } }\n"
    name = entry.snippet.split("id: " if entry.kind is EntryKind.INDICATOR else "key: ")[1]
    name = name.replace(",", " ").split()[0]
    if entry.kind is EntryKind.INDICATOR:
        features += entry.snippet + "\n"
    else:
        structures += entry.snippet + "\n"
    text = (
        "name: snippet\nsymbol: BTCUSDT\ntf: 15m\n"
        f"features:\n{indent(features, '  ')}"
        f"structures:\n  exec:\n{indent(structures, '    ')}"
        "blocks:\n  - id: entry\n    cases:\n"
        f"      - when: {name} is not missing and close > used and position_side == flat\n"
        "        emit: [{ action: entry_long, metadata: { size: 1% of equity,"
        " stop_loss_offset_pct: -2 } }]\n"
    )
    return text, name


@pytest.mark.parametrize("type_", CATALOGUE)
def test_a_snippet_compiles_without_errors_and_its_primary_output_becomes_known(
    type_: str,
) -> None:
    entry = CATALOGUE[type_]
    text, name = card(entry)
    checked = check(Source("snippet.card.yaml", text))
    assert [str(d) for d in checked.diagnostics if d.is_error] == []
    assert checked.graph is not None
    program = compile_graph(checked.graph)
    frame: Frame = recorded(1_500)
    market = MarketStage(program, MarketData(frame))
    market.advance(len(frame))
    index = next(i for i, f in enumerate(program.graph.features) if f.id == name)
    primary = entry.primary(defaults(entry)).name
    values = market.feature(index, primary)
    assert any(value == value for value in values)
