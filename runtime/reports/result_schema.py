"""The JSON Schema of `result.json`, made from the tables so that neither can drift from the other.

python -m runtime.reports.result_schema > schemas/result.schema.json
"""

from __future__ import annotations

import json
from dataclasses import fields

from compiler.catalog.promises import Promise
from compiler.graph.rule_graph import (
    AccountSettings,
    ExecutionSettings,
    LimitSettings,
    PolicySettings,
    RiskSettings,
)
from runtime.market.instrument_facts import Instrument
from runtime.records.remarks import Remark
from runtime.reports.limit_metrics import LIMIT_METRICS
from runtime.reports.measures import Metric
from runtime.reports.metrics import METRICS
from runtime.reports.result import FORMAT, VERSION
from runtime.reports.run_files import Json

_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_COUNT_OR_NULL = {"type": ["integer", "null"], "minimum": 0}
_HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_HASH_OR_NULL = {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"}
_NUMBER_OR_NULL = {"type": ["number", "null"]}
_TIME = {"type": ["string", "null"], "description": "UTC"}


def result_schema() -> Json:
    """Return the schema as plain data."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{FORMAT}.v{VERSION}.schema.json",
        "title": "Result of one run of a card",
        "description": "Byte-identical for identical inputs. Undefined figures are null.",
        **_object(
            {
                "format": {"const": FORMAT},
                "version": {"const": VERSION},
                "card": _card(),
                "data": _data(),
                "engine": _object(
                    {"name": _TEXT, "version": _TEXT, "tier": _TEXT, "tier_reason": _TEXT_OR_NULL}
                ),
                "settings": _object(
                    {
                        "account": _named(AccountSettings),
                        "policy": _named(PolicySettings),
                        "risk": _named(RiskSettings),
                        "execution": _named(ExecutionSettings),
                        "limits": _named(LimitSettings),
                    }
                ),
                "instrument": _named(Instrument),
                "hashes": _object({"settings": _HASH, "model": _HASH, "instrument": _HASH}),
                "metrics": _metrics(METRICS),
                "limit_metrics": _metrics(LIMIT_METRICS),
                "counts": _counts(),
                "refusals": {"type": "array", "items": _refusal()},
                "remarks": {"type": "array", "items": _remark()},
                "promises": {"type": "array", "items": _promise()},
                "cases": {"type": "array", "items": _case()},
                "ambiguity": _ambiguity(),
                "matching": _matching(),
                "warnings": {"type": "array", "items": _TEXT},
            }
        ),
    }


def _object(properties: Json) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def _named(settings: type) -> Json:
    """Return an object with the fields of a dataclass, of any value."""
    return _object({field.name: True for field in fields(settings)})


def _metrics(table: tuple[Metric, ...]) -> Json:
    return _object(
        {
            metric.name: {
                "type": "number" if metric.undefined == "never" else ["number", "null"],
                "title": metric.title,
                "description": f"{metric.definition}; {metric.formula}; "
                f"unit {metric.unit}; null: {metric.undefined}",
            }
            for metric in table
        }
    )


def _card() -> Json:
    return _object(
        {
            "name": _TEXT,
            "version": _TEXT,
            "text_hash": _HASH_OR_NULL,
            "graph_hash": _TEXT,
            "params": {"type": "object", "additionalProperties": {"type": "number"}},
            "warmup_bars": _COUNT,
        }
    )


def _side() -> Json:
    names = ("file", "venue", "market", "symbol", "origin", "stated_by")
    return _object(dict.fromkeys(names, _TEXT))


def _data() -> Json:
    return _object(
        {
            "source": _TEXT,
            "venue": _TEXT_OR_NULL,
            "market": _TEXT_OR_NULL,
            "origin": _TEXT_OR_NULL,
            "stated_by": _TEXT_OR_NULL,
            "sides": {"type": "object", "additionalProperties": _side()},
            "symbol": _TEXT,
            "timeframe": _TEXT,
            "interval_ms": _COUNT,
            "higher_timeframes": {"type": "array", "items": _TEXT},
            "bars": _COUNT,
            "from": _TIME,
            "to": _TIME,
            "synthetic": {"type": "boolean"},
            "hash": _HASH,
            "mark_hash": _HASH_OR_NULL,
            "fine_hash": _HASH_OR_NULL,
            "funding_hash": _HASH_OR_NULL,
            "other_hashes": {"type": "object", "additionalProperties": _HASH},
        }
    )


def _counts() -> Json:
    names = (
        "orders",
        "entries_placed",
        "entries_refused",
        "entries_refused_warming_up",
        "fills",
        "layers",
        "trades",
        "refusals",
        "liquidations",
        "closed_at_end",
        "magnify_fallback_bars",
    )
    return _object(dict.fromkeys(names, _COUNT))


def _matching() -> Json:
    """Return what the simulated market did that bars alone cannot vouch for."""
    counts = (
        "fill_before_cancel denied_by_model market_above_volume bars_without_volume "
        "bounded_by_bankruptcy"
    )
    return _object(
        {
            **dict.fromkeys(counts.split(), _COUNT),
            "remainder_improvement_usdt": {"type": "number"},
            "borne_by_the_fund_usdt": {"type": "number", "minimum": 0},
            "most_of_a_bars_volume": _NUMBER_OR_NULL,
        }
    )


def _remark() -> Json:
    """Return what the run did to wishes of the card without refusing them."""
    first = _object(
        {
            "time": _TEXT,
            "bar": {"type": "integer"},
            "order_id": _TEXT_OR_NULL,
            "order_ref": _TEXT_OR_NULL,
            "line": {"type": "integer", "description": "line of the card; 0 if there is none"},
            "text": _TEXT,
        }
    )
    return _object(
        {
            "kind": {"enum": [kind.value for kind in Remark]},
            "meaning": _TEXT,
            "count": _COUNT,
            "orders": {
                "type": "array",
                "items": _TEXT,
                "description": "order ids, the first of them",
            },
            "largest_lost_pct": {
                "type": ["number", "null"],
                "description": "of sizes made smaller: the largest share of one that was left out",
            },
            "first": {"type": "array", "items": first},
        }
    )


def _promise() -> Json:
    """Return what became of one promise of the card."""
    return _object(
        {
            "promise": {"enum": [promise.value for promise in Promise]},
            "text": _TEXT,
            "line": {"type": "integer", "description": "line of the card; 0 if unknown"},
            "times": {
                **_COUNT,
                "description": "that it was broken: by an entry, or at a close after one at which it was not",
            },
            "closes": {**_COUNT, "description": "at which it was broken"},
            "unknown_closes": {
                **_COUNT,
                "description": "at which a condition was neither true nor false",
            },
            "entries_refused": {
                **_COUNT,
                "description": "to keep promises of this name",
            },
            "first": {
                "type": "array",
                "items": _object({"time": _TEXT, "bar": {"type": "integer"}, "text": _TEXT}),
            },
        }
    )


def _case() -> Json:
    """Return how often one case of the card was true, and what came of it."""
    count = {**_COUNT_OR_NULL, "description": "closes of the run; null where it reads the account"}
    parts = _object({"text": _TEXT, **dict.fromkeys(("true", "false", "unknown"), count)})
    return _object(
        {
            "block": _TEXT,
            "case": {**_COUNT, "description": "its place in the block, from 0"},
            "line": {"type": "integer", "description": "line of the card; 0 if unknown"},
            "closes": {**_COUNT, "description": "of the run"},
            "fired": {
                **_COUNT,
                "description": "closes at which it was the first of its block that was true",
            },
            "orders": {**_COUNT, "description": "placed, whatever became of them"},
            "intents_refused": _COUNT,
            "conditions": {
                "type": "array",
                "items": parts,
                "description": "what must be true together; none where nobody counted",
            },
        }
    )


def _refusal() -> Json:
    first = _object(
        {
            "time": _TEXT,
            "bar": {"type": "integer"},
            "block": _TEXT,
            "case": {"type": "integer"},
            "action": _TEXT,
            "order_ref": _TEXT_OR_NULL,
            "line": {"type": "integer", "description": "line of the card; 0 if unknown"},
            "text": _TEXT,
        }
    )
    held = _object(
        {
            "action": _TEXT,
            "block": _TEXT,
            "case": {"type": "integer"},
            "line": {"type": "integer"},
            "closes": _COUNT,
            "from": _TEXT,
            "text": _TEXT,
        }
    )
    return _object(
        {
            "code": _TEXT,
            "meaning": _TEXT,
            "setting": _TEXT,
            "count": _COUNT,
            "entries": {**_COUNT, "description": "of them entries, without those while warming up"},
            "warming_up": {
                **_COUNT,
                "description": "of them: asked for what was unknown on bars that warm up what the card reads",
            },
            "while_held": {
                **held,
                "type": ["object", "null"],
                "description": "the exit, or change of stop, target or trail, that was refused so at the most closes of one position",
            },
            "first": {"type": "array", "items": first},
        }
    )


def _ambiguity() -> Json:
    return _object(
        {
            "decisions": _COUNT,
            "bars": _COUNT,
            "funding_only": _COUNT,
            "limits_jumped": _COUNT,
            "first_times": {"type": "array", "items": _TEXT},
            "net_profit_if_flipped_usdt": _NUMBER_OR_NULL,
        }
    )


def schema_text() -> str:
    return json.dumps(result_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
