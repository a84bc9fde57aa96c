"""Instrument facts in a small YAML file, written by `ideacard data instruments` or by hand.

    instrument: { symbol: ABCUSDT, tick: 0.0001, lot: 1, min_notional_usdt: 5, max_leverage: 25 }

Only tick and lot are needed; what is left out is as with `--tick --lot`: without risk tiers the card's own
maintenance rate liquidates.
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from compiler.findings.source import Source
from compiler.text.load import load, plain_data
from runtime.errors import DataError
from runtime.market.identity import Identity
from runtime.market.instrument_facts import Instrument
from runtime.market.instrument_table import custom_instrument, tiers
from runtime.market.store import store_path

NAME = "instrument.yaml"
_WHOSE = ("venue", "market")
_WORDS = (*_WHOSE, "guessed")
_NUMBERS = {f.name: str(f.type) for f in fields(Instrument) if f.type in ("float", "int")}


def stored_instrument(
    data: Path | None, symbol: str, identity: Identity | None = None
) -> Instrument | None:
    """Return the facts a download left beside the bars of a symbol; None if there are none.

    Of the series that is traded only those in its own folder: another venue's do not hold for it.
    """
    if data is None or not data.is_dir():
        return None
    if identity is not None:
        bars = store_path(data, identity.venue, symbol, identity.timeframe, identity.market)
        beside = bars.parent / NAME
        return read_instrument(beside, symbol) if beside.exists() else None
    found = sorted(data.glob(f"*/{symbol}/{NAME}"))
    if len(found) > 1:
        listed = ", ".join(str(p) for p in found)
        raise DataError(
            f"{symbol} has facts of several venues; give one with --instrument: {listed}"
        )
    return read_instrument(found[0], symbol) if found else None


def read_instrument(path: Path, symbol: str) -> Instrument:
    """Read the facts of an instrument; DataError says what is missing or not a number."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: byte {error.start} is not UTF-8 text, so it is no file of facts: "
            "expected `instrument: { tick: 0.1, lot: 0.001 }`"
        ) from None
    node, found = load(Source(str(path), text))
    errors = [d for d in found if d.is_error]
    if node is None or errors:
        what = errors[0].message if errors else "the file is empty"
        raise DataError(f"{path}: cannot be read: {what}")
    plain = plain_data(node)
    facts = plain.get("instrument", plain) if isinstance(plain, dict) else None
    if not isinstance(facts, dict):
        raise DataError(f"{path}: expected `instrument: {{ tick: 0.1, lot: 0.001 }}`")
    return _instrument(path, symbol, facts)


def _instrument(path: Path, symbol: str, facts: dict[str, Any]) -> Instrument:
    unknown = facts.keys() - _NUMBERS.keys() - {"symbol", "as_of", "source", "tiers", *_WORDS}
    if unknown:
        raise DataError(
            f"{path}: unknown fact `{min(unknown)}`; known: symbol, as_of, tiers, "
            + ", ".join(_NUMBERS)
        )
    if facts.get("symbol", symbol) != symbol:
        raise DataError(f"{path}: facts of {facts['symbol']}, the run is of {symbol}")
    numbers = {name: _number(path, name, facts[name]) for name in _NUMBERS if name in facts}
    if "tick" not in numbers or "lot" not in numbers:
        raise DataError(f"{path}: `tick` and `lot` are needed")
    made = custom_instrument(symbol, numbers["tick"], numbers["lot"])
    if "tiers" in facts:
        made = replace(made, tiers=_tiers(path, facts["tiers"]))
    typed: dict[str, Any] = {
        name: int(value) if _NUMBERS[name] == "int" else value for name, value in numbers.items()
    }
    said = f"{facts['source']}, " if "source" in facts else ""
    return replace(
        made,
        **typed,
        as_of=str(facts.get("as_of", made.as_of)),
        source=f"{said}{path.name}",
        # A file that does not say whose facts these are was written by hand.
        is_typed_in=not all(name in facts for name in ("tiers", "source", *_WHOSE)),
        venue=str(facts.get("venue", "")),
        market=str(facts.get("market", "")),
        guessed=str(facts.get("guessed", "")),
    )


def _tiers(path: Path, rows: Any) -> Any:
    if not isinstance(rows, list) or not rows:
        raise DataError(
            f"{path}: `tiers` is a list of [limit_usdt, maintenance_rate, max_leverage]"
        )
    made = []
    for row in rows:
        if not isinstance(row, list) or len(row) != 3:
            raise DataError(f"{path}: a tier is [limit_usdt, maintenance_rate, max_leverage]")
        limit, rate, leverage = (_number(path, "tiers", value) for value in row)
        made.append((limit, rate, leverage))
    return tiers(tuple(made))


def _number(path: Path, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise DataError(f"{path}: `{name}` must be a positive number, found `{value}`")
    return float(value)


def write_instrument(path: Path, instrument: Instrument) -> None:
    """Write facts as a file that `read_instrument` reads back to the same instrument."""
    from runtime.market.whole_files import write_whole

    lines = [f"  symbol: {instrument.symbol}"]
    for name in _NUMBERS:
        lines.append(f"  {name}: {getattr(instrument, name)!r}")
    lines.append(f'  as_of: "{instrument.as_of}"')
    lines.append(f"  source: {instrument.source}")
    lines += [
        f"  {name}: {json.dumps(text)}" for name in _WORDS if (text := getattr(instrument, name))
    ]
    lines.append("  tiers:  # up to this position value: maintenance rate, largest leverage")
    for tier in instrument.tiers:
        lines.append(
            f"    - [{tier.limit_usdt!r}, {tier.maintenance_margin_rate!r}, {tier.max_leverage!r}]"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, "instrument:\n" + "\n".join(lines) + "\n")
