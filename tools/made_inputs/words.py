"""What language 3.2 adds, put into a made-up card that is right without it: it stays right.

A card gets some of: values with names, sessions, limits, and questions of the clock, of results, of indicators in
place and over expressions. What is asked is true on most bars, so that cards go on trading. Nothing
is drawn from the card's own numbers: all comes from what the card says, so the card itself stays what it was.
"""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any
from zlib import crc32

Data = Any
_SESSIONS: tuple[tuple[str, Data], ...] = (
    ("span_a", {"hours": "06:00-22:00"}),
    ("span_b", {"tz": "America/New_York", "hours": "20:00-16:00", "days": "mon-fri"}),
    ("span_c", {"tz": "Asia/Tokyo", "hours": "00:00-24:00", "except": ["2023-12-25"]}),
)
_VALUES: tuple[tuple[str, str], ...] = (
    ("gap", "close - open"),
    ("body", "abs(close - open)"),
    ("mean_now", "sma(close, 5)"),
    ("edge", "highest(high, 8)[1] if close > open else lowest(low, 8)[1]"),
    ("calm", "atr(10) < 5% of close"),
    ("unit", "2% of equity if loss_streak < 2 else 1% of equity"),
    ("spread", "ema(close, 5) - ema(close, 13)"),
)
_LIMITS: tuple[tuple[str, Data], ...] = (
    ("max_daily_loss_pct", 5),
    ("max_drawdown_pct", 30),
    ("max_trades_per_day", 12),
    ("max_losses_per_day", 5),
    ("max_consecutive_losses", 6),
    ("cooldown_bars", 2),
    ("day_starts", "08:00"),
)
# (left, sign, right): the text and the tree say the same.
_COMPARED: tuple[tuple[str, str, str | float], ...] = (
    ("time_utc", "<", "22:00"), ("weekday_utc", "!=", "sun"), ("day", "<", 29), ("month", "!=", 2), ("days_left_in_month", ">", 1), ("year", "<", 2190),
    ("date", ">=", "2020-01-01"), ("now_hour_utc", ">", 1), ("now_utc", "!=", "13:00"),
    ("loss_streak", "<", 4), ("win_streak", "<", 9), ("trades_today", "<", 20), ("losses_today", "<", 9), ("drawdown_pct", "<", 60),
    ("pnl_today", ">", -2000), ("equity_peak", ">", 100), ("last_exit_reason", "!=", "liquidation"),
    ("free_usdt", ">", 10), ("free_margin", "<=", "equity"), ("leverage", ">=", 1), ("high + 2 ticks", ">", "close + 1 tick"), ("tick", ">", 0), ("bars_since_exit", ">", 2), ("bars_since_exit - 1", ">=", 2),
    ("(last_trade_pnl ?? 0)", ">", -300), ("(last_trade_r ?? 0)", "<", 8), ("limit_hit", "==", "none"),
    ("(last_exit_price ?? close)", "<=", "close * 1.2"), ("(position_high ?? high)", ">=", "low * 0.9"),
    ("(position_r ?? 0)", "<", 5), ("(position_last_entry ?? close)", "<", "2 * close"),
    ("rsi(9)", "<", 90), ("rsi(high, 9)", ">", 5), ("sma(close - open, 4)", "<", "1% of close"),
    ("ema(rsi(14), 5)", ">", 10), ("(sma(close, 4)@HTF ?? close)", "<", "1.1 * close"),
    ("stdev((close - open) / close, 5)", "<", 0.2), ("bbands(close, 10).upper", ">", "low"),
    ("(correlation(close, volume, 6) ?? 0)", "<", 0.99), ("mod(bar_index, 5)", "!=", 4),
    ("sign(close - open)", ">=", 0), ("round(close, 0.5)", "<=", "close + 0.25"), ("pow(close / open, 3)", "<", 2), ("exp(close / open)", "<", 3),
    ("(close if close > open else open)", "<=", "high"), ("50% of (high + low)", ">", "low * 0.9"),
    ("bars_since(close > open)", "<", 9), ("count_since(close > open, close < open)", "<", 9),
    ("(value_when(close > open, low) ?? low)", "<", "1.05 * close"),
    ("highest_since(close < open, high - low)", ">=", "high - low"),
    ("(mean_when(close > open, low, 3) ?? low)", "<", "1.05 * close"),
    ("(median_when(close > open, high - low, 4) ?? 0)", "<=", "(highest_when(close > open, high - low, 4) ?? 1)"),
    ("(lowest_when(position_side == flat, equity, 3) ?? 0)", "<=", "equity * 2"),
    ("(OTHERUSDT.close ?? 1)", ">", 0.1), ("(sma(close / OTHERUSDT.close, 3) ?? 1)", ">", 0.01),
)  # fmt: skip
_SAID = (
    "entries_allowed", "not (bars_since(close > 1.5 * open) is missing)", "not (rsi(5) is rising for 4 bars)",
    "not (close crosses sma(close, 9))", "(close > open then volume < 2 * volume[1] within 6 bars)",
    "time_utc in 02:00-23:30", "time_utc in 22:00-20:00", "bars_since(close > 2 * open) is never",
    "weekday_utc in [mon, tue, wed, thu]", "not candles().doji", "not order_due(ref_0)",
)  # fmt: skip
_SIGNS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "==": "eq", "!=": "ne"}


def with_new_words(card: dict[str, Data], higher: str) -> dict[str, Data]:
    """Return a card 3.1 as data with some words of 3.2 in it; about half of all cards stay as they are."""
    text = json.dumps(card, sort_keys=True, default=str)
    rng = Random(crc32(text.encode()))
    if rng.random() < 0.5:
        return card
    made = {**card, "version": "3.2"}
    names = dict(rng.sample(_VALUES, rng.randint(0, 3)))
    spans = dict(rng.sample(_SESSIONS, rng.randint(0, 2)))
    asked = [_asked(rng, higher, text) for _ in range(rng.randint(1, 2))]
    asked += [_of_name(name) for name in names if name != "unit" or "entry_long" not in text]
    asked += [_both(f"{name}.active or {name}.bars < 3", None) for name in spans]
    if names:
        made["variables"] = names
    if spans:
        made["sessions"] = spans
    if rng.random() < 0.3:
        made["limits"] = dict([*rng.sample(_LIMITS[:-1], rng.randint(1, 3)), _LIMITS[-1]])
    case = made["blocks"][0]["cases"][0]
    case["when"] = _joined(case["when"], asked)
    return deepcopy(made)  # what is damaged later is this card alone


def _asked(rng: Random, higher: str, card: str) -> tuple[str, Data]:
    """Return a question as text and as a tree."""
    if rng.random() < 0.25:
        said = rng.choice(_SAID)
        if "ref_0" in said and '"ref_0"' not in card:
            said = "entries_allowed"
        return _both(said, None)
    left, sign, right = rng.choice(_COMPARED)
    left = left.replace("HTF", higher)
    return _both(
        f"{left} {sign} {right}",
        {"lhs": left, "op": _SIGNS[sign], "rhs": right},
    )


def _of_name(name: str) -> tuple[str, Data]:
    match name:
        case "gap" | "spread":
            return _both(f"{name} < 1% of close", None)
        case "calm":
            return _both(name, {"var": name})
        case "unit":
            return _both(f"{name} > 1", {"lhs": name, "op": "gt", "rhs": 1})
        case _:
            return _both(f"{name} < 3 * close", {"lhs": name, "op": "lt", "rhs": "3 * close"})


def _both(text: str, tree: Data) -> tuple[str, Data]:
    return text, text if tree is None else tree


def _joined(when: Data, asked: list[tuple[str, Data]]) -> Data:
    if isinstance(when, str):
        return " and ".join([f"({when})", *(f"({text})" for text, _ in asked)])
    return {"all": [when, *(tree for _, tree in asked)]}
