"""Settings and the contract as numbers: what does not change in a run."""

from __future__ import annotations

import math

from compiler.graph.rule_graph import SizingRule, StopRule, TargetRule
from runtime.batch import layout as at
from runtime.batch import words
from runtime.batch.tables import Tables, append
from runtime.market.instrument_facts import Instrument


def write_settings(tables: Tables, instrument: Instrument) -> None:
    settings, f, z = tables.program.graph.settings, tables.f, tables.z
    account, policy, execution = settings.account, settings.policy, settings.execution
    for place, number in {
        at.START_EQUITY: account.starting_equity_usdt,
        at.TICK: instrument.tick,
        at.LOT: instrument.lot,
        at.TAKER: account.taker_bps / 10_000,
        at.MAKER: account.maker_bps / 10_000,
        at.SLIPPAGE: account.slippage_bps / 10_000,
        at.COEFFICIENT: execution.impact_coefficient,
        at.LEVERAGE: account.max_leverage,
        at.CARD_RATE: account.maintenance_margin_rate,
        at.MAX_POSITION: account.max_position_usdt or 0.0,
        at.LEAST_NOTIONAL: max(instrument.min_notional_usdt, account.min_trade_notional_usdt),
        at.THROUGH_PERCENT: execution.through_threshold_pct,
        at.PARTICIPATION: execution.volume_participation_max,
        at.QUEUE_AHEAD: execution.assume_queue_position,
        at.BAND: execution.price_band_pct,
        at.LARGEST_VALUE: instrument.largest_value_usdt(account.max_leverage),
        at.INSTRUMENT_LEVERAGE: instrument.max_leverage,
    }.items():
        f[place] = float(number)
    most = policy.max_layers if policy.allow_scale_in else 1
    for place, count in {
        at.FILL_MODEL: words.MODELS[execution.fill_model],
        at.IMPACT: words.IMPACTS[execution.impact_model],
        at.THROUGH_TICKS: execution.through_ticks,
        at.CLOSES_THROUGH: int(execution.require_close_through),
        at.GAP_IMPROVES: int(execution.resting_gap.improves),
        at.INTRABAR: words.INTRABARS[execution.intrabar],
        at.HAS_MAX_POSITION: int(account.max_position_usdt is not None),
        at.MIN_LOTS: instrument.min_lots,
        at.MAX_LOTS: instrument.max_lots,
        at.MAX_MARKET_LOTS: instrument.max_market_lots,
        at.MODE: words.MODES[policy.mode],
        at.MAX_LAYERS: -1 if most is None else most,
        at.SCALES_IN: int(policy.allow_scale_in),
        at.FLIPS: int(policy.allow_flip),
        at.SCALES_OUT: int(policy.allow_scale_out),
        at.CLOSES_AT_END: int(execution.close_at_end),
        at.TIERS: len(instrument.tiers),
    }.items():
        z[place] = count
    risk = settings.risk
    _rule(tables, risk.stop_loss, at.RULE_STOP, at.RULE_STOP_NODE, at.RULE_STOP_VALUE)
    _rule(tables, risk.take_profit, at.RULE_TARGET, at.RULE_TARGET_NODE, at.RULE_TARGET_VALUE)
    _sizing(tables, risk.sizing)
    tiers = [
        number
        for tier in instrument.tiers
        for number in (tier.limit_usdt, tier.maintenance_margin_rate, tier.deduction_usdt)
    ]
    append(tables, at.TIERS_AT, (), tiers)


def _rule(
    tables: Tables, rule: StopRule | TargetRule | None, kind: int, node: int, number: int
) -> None:
    """Write a rule of the risk model; the buffer stands behind its value."""
    if rule is None:
        return
    tables.z[kind] = (
        words.STOPS[rule.type] if isinstance(rule, StopRule) else words.TARGETS[rule.type]
    )
    tables.z[node] = -1 if rule.node is None else tables.code_of(rule.node)
    tables.f[number], tables.f[number + 1] = rule.value, rule.buffer_pct


def _sizing(tables: Tables, rule: SizingRule | None) -> None:
    if rule is None:
        return
    tables.z[at.SIZING] = words.SIZINGS[rule.model]
    tables.f[at.SIZING_VALUE] = rule.value
    most = rule.max_leverage
    tables.f[at.SIZING_LEVERAGE] = math.nan if most is None else most
