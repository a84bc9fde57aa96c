"""The section `limits`: what does not go together."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.catalog.limits import Limit, OnBreach
from compiler.catalog.settings import SettingValue
from compiler.findings.collected import Findings
from compiler.resolve.scope import Resolved


def check_limits(
    resolved: Resolved, settings: Mapping[str, SettingValue], findings: Findings
) -> None:
    """Report `flatten` that no limit would do."""
    spans = {setting.path: setting.span for setting in resolved.card.settings}
    closing = [f"limits.{limit}" for limit in Limit if limit.may_flatten]
    if settings.get("limits.on_breach") == OnBreach.FLATTEN and not spans.keys() & set(closing):
        findings.add(
            "IC115",
            "`on_breach: flatten` is of `max_daily_loss_pct` and `max_drawdown_pct`: the card has neither",
            spans["limits.on_breach"],
            help="the other limits only stop entries",
        )
