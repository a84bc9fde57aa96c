"""Settings of a card to the settings of its graph: what the card leaves out has its default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compiler.catalog.settings import SPECS, SettingValue, read_settings
from compiler.findings.collected import Findings
from compiler.findings.source import NOWHERE
from compiler.graph.rule_graph import (
    AccountSettings,
    ExecutionSettings,
    PolicySettings,
    RiskSettings,
    Settings,
    SizingRule,
    StopRule,
    TargetRule,
)

if TYPE_CHECKING:
    from compiler.lower.card import Lowerer
    from compiler.resolve.scope import Resolved

_LEVEL_FIELDS = frozenset({"atr_feature_id", "feature_id", "field"})


def lower_settings(resolved: Resolved, lowerer: Lowerer) -> Settings:
    """Return the settings of a checked card."""
    values = read_settings(resolved.card, resolved.params, Findings())
    sizing = _section(values, "risk_model.sizing")
    stop = _rule(values, "risk_model.stop_loss", lowerer)
    target = _rule(values, "risk_model.take_profit", lowerer)
    return Settings(
        account=AccountSettings(**_section(values, "account")),
        policy=PolicySettings(**_section(values, "position_policy")),
        risk=RiskSettings(
            stop_loss=StopRule(**stop) if stop else None,
            take_profit=TargetRule(**target) if target else None,
            sizing=SizingRule(**sizing) if sizing else None,
        ),
        execution=ExecutionSettings(**_section(values, "execution")),
    )


# The keys are field names by the table of settings, the values of the kinds it names.
def _section(values: dict[str, SettingValue], section: str) -> dict[str, Any]:
    return {
        SPECS[path].field: value
        for path, value in values.items()
        if path.startswith(f"{section}.") and SPECS[path].field not in _LEVEL_FIELDS
    }


def _rule(values: dict[str, SettingValue], path: str, lowerer: Lowerer) -> dict[str, Any]:
    rule = _section(values, path)
    level = lowerer.resolved.levels.get(path)
    if rule and level is not None:
        rule["node"] = lowerer.feature(level, 0, NOWHERE)
    return rule
