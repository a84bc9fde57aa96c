"""Run inside a changed copy of the product: prints where its made-up members turn up, as JSON."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from compiler.catalog.actions import ENTRIES, RESTING
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.reference import entry_text
from compiler.catalog.settings import FillModel
from compiler.findings.source import Source
from compiler.pipeline import check, compile_card
from runtime.backends.sim.fill_models import bias_of
from runtime.backtest import run_backtest
from runtime.market.instrument_table import instrument_for
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.reports.envelope import envelope
from tools.commands.backtest import command
from tools.envelope_page import page
from tools.lsp.completion import completion
from tools.lsp.document import Document
from tools.made_inputs.cards import valid_data
from tools.schema.graph import rule_graph_schema
from tools.schema.make import card_schema

CARD = """\
name: made up
symbol: BTCUSDT
tf: 15m
features: [{type: donchian, id: box}]
blocks:
  - id: enter
    cases:
      - when: WHEN
        emit: [{action: ACTION, metadata: {price: close * 0.999, size: 5% of equity}}]
"""


def card(
    when: str = "close > open and position_side == flat", action: str = "creep_in_long"
) -> str:
    return CARD.replace("WHEN", when).replace("ACTION", action)


def findings(text: str) -> list[str]:
    return sorted(d.code for d in check(Source("card.yaml", text)).diagnostics)


def offered(text: str) -> list[str]:
    at = text.index("|")
    document = Document("file:///card.yaml", "card.yaml", text.replace("|", ""))
    return [item.label for item in completion(document, at, document.resolved)]


def texts(data: Any) -> set[str]:
    """Return every text of plain data."""
    if isinstance(data, dict):
        return set().union(*(texts(value) for value in data.values()))
    if isinstance(data, list):
        return set().union(*(texts(value) for value in data))
    return {data} if isinstance(data, str) else set()


def schema() -> dict[str, list[str]]:
    parts: Any = card_schema()["$defs"]
    execution = parts["execution"]["properties"]
    return {
        "actions": parts["action_object"]["properties"]["action"]["enum"],
        "fill models": execution["fill_model"]["enum"],
        "gaps": execution["resting_gap"]["enum"],
        "of the graph": sorted(texts(rule_graph_schema())),
    }


def found() -> dict[str, Any]:
    program = compile_card(Source("card.yaml", card()))
    data = synthetic_market(SyntheticSpec(symbol="BTCUSDT", timeframe="15m", bars=120))
    instrument = instrument_for("BTCUSDT")
    bounds = envelope(program, data, instrument)
    generated = set().union(*(texts(valid_data(Random(seed))) for seed in range(60)))
    choices = next(p.type for p in command.params if p.name == "fill_model")
    run = run_backtest(program, data, instrument, flip=False)
    return {
        "schema": schema(),
        "sets": [name for name in ("creep_in_long",) if name in ENTRIES & RESTING],
        "choices": list(choices.choices),  # type: ignore[attr-defined]
        "envelope": sorted({member.fill_model.value for member in bounds.members}),
        "envelope page": page("card", bounds, ("net_profit_usdt",)),
        "verdict": bias_of(FillModel("vapour")).text,
        "generated": sorted(generated),
        "orders": sorted({(o.order_type, o.side) for o in run.orders if o.role == "entry"}),
        "findings": {
            "action": findings(card()),
            "stated": findings(card("box.floor_price < 0 and position_side == flat")),
            "unstated": findings(card("box.any_price < 0 and position_side == flat")),
        },
        "offered actions": offered(card(action="cr|")),
        "offered outputs": offered(card(when='"box.fl|"')),
        "reference": entry_text(CATALOGUE["donchian"]),
    }


if __name__ == "__main__":
    print(json.dumps(found()))
