"""`report.html`: one file that opens without a network and says what happened.

INVARIANT: no text of a card, a feed or a run can become markup or script: texts are escaped, the
data block holds no `<`, and the content policy runs only the page's own script.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from runtime.market.data import MarketData
from runtime.records.rows import RunRecord
from runtime.reports import page_cases, page_groups, page_returns
from runtime.reports import page_parts as parts
from runtime.reports.conditions import Counted
from runtime.reports.lines import Line
from runtime.reports.page_data import page_data
from runtime.reports.page_words import number
from runtime.reports.run_files import Json
from runtime.reports.trust_note import TrustNote
from runtime.reports.zones import Zone

_SCRIPTS = (
    "decode.js",
    "axes.js",
    "candles.js",
    "lines.js",
    "chart.js",
    "gestures.js",
    "tables.js",
    "page.js",
)


def report_html(
    made: Json,
    data: MarketData,
    record: RunRecord,
    zones: Sequence[Zone] = (),
    text: str = "",
    *,
    lines: Sequence[Line] = (),
    conditions: Sequence[Counted] = (),
    further: Sequence[TrustNote] = (),
) -> str:
    """Return the page of a run; `made` is its result, `text` the card's, `further` what else to know before trusting it."""
    script = "".join(_read(name) for name in _SCRIPTS)
    read = page_data(made, data, record, zones, lines)
    block = json.dumps(read, separators=(",", ":"), allow_nan=False)
    start = made["metrics"]["starting_equity_usdt"]
    slots = {
        "title": escape(f"{made['card']['name']} · {made['data']['symbol']}"),
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "style": _read("report.css"),
        "head": _head(made),
        "figures": parts.figures(made),
        "trust": page_cases.never_fired(record) + parts.trust(made, further),
        "cases": page_cases.cases(record, conditions),
        "months": parts.months(record.equity, start),
        "returns": page_returns.returns(record, data.exec, start),
        "groups": page_groups.groups(record),
        "excursions": page_groups.excursions(record),
        "card_text": parts.card_text(text),
        "metrics": parts.metric_tables(made),
        "settings": parts.settings_tables(made),
        # `<` never appears inside the data, so no text of a card can end its block.
        "data": block.replace("<", "\\u003c"),
        "script": script,
    }
    # One pass: what a slot brings in is never looked at again.
    return re.sub(r"\{\{(\w+)\}\}", lambda match: slots[match.group(1)], _read("report.html"))


def _read(name: str) -> str:
    return (files("runtime.reports") / name).read_text(encoding="utf-8")


def _head(made: Json) -> str:
    data, card = made["data"], made["card"]
    period = f"{data['from'][:16]} – {data['to'][:16]} UTC" if data["bars"] else "no bars"
    facts = [
        ("Symbol", data["symbol"]),
        ("Timeframe", data["timeframe"]),
        ("Period", period),
        ("Bars", number(data["bars"], 0)),
        ("Start", f"{number(made['metrics']['starting_equity_usdt'])} USDT"),
    ]
    badge = '<span class="badge">synthetic market</span>' if data["synthetic"] else ""
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in facts)
    return f"<h1>{escape(card['name'])} {badge}</h1><dl class='facts'>{rows}</dl>"
