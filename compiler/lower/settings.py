"""Settings of a card to the settings of its graph: what the card leaves out has its default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compiler.catalog.settings import SPECS, SettingValue
from compiler.findings.collected import Findings
from compiler.graph.rule_graph import (
    AccountSettings,
    ExecutionSettings,
    LimitSettings,
    PolicySettings,
    RiskSettings,
    Settings,
    SizingRule,
    StopRule,
    TargetRule,
)
from compiler.resolve.settings import read_settings
from compiler.syntax import tree as s

_LEVEL_FIELDS = frozenset({"atr_feature_id", "feature_id", "field"})


def lower_settings(
    card: s.Card, params: Mapping[str, s.ParamDecl], levels: Mapping[str, int]
) -> Settings:
    """Return the settings of a checked card; `levels` are the nodes of its risk rules, by path."""
    values = read_settings(card, params, Findings())
    sizing = _section(values, "risk_model.sizing")
    stop = _rule(values, "risk_model.stop_loss", levels)
    target = _rule(values, "risk_model.take_profit", levels)
    return Settings(
        account=AccountSettings(**_section(values, "account")),
        policy=PolicySettings(**_section(values, "position_policy")),
        risk=RiskSettings(
            stop_loss=StopRule(**stop) if stop else None,
            take_profit=TargetRule(**target) if target else None,
            sizing=SizingRule(**sizing) if sizing else None,
        ),
        execution=ExecutionSettings(**_section(values, "execution")),
        limits=LimitSettings(**_section(values, "limits")),
    )


# The keys are field names by the table of settings, the values of the kinds it names.
def _section(values: dict[str, SettingValue], section: str) -> dict[str, Any]:
    return {
        SPECS[path].field: value
        for path, value in values.items()
        if path.startswith(f"{section}.") and SPECS[path].field not in _LEVEL_FIELDS
    }


def _rule(values: dict[str, SettingValue], path: str, levels: Mapping[str, int]) -> dict[str, Any]:
    rule = _section(values, path)
    if rule and path in levels:
        rule["node"] = levels[path]
    return rule
