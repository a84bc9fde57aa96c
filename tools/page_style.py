"""What the pages of `ideacard robust`, `envelope`, `sweep` and `walk` share: colours by day and night, type, their head,
and how figures are called.
"""

from __future__ import annotations

from functools import cache
from html import escape

_UNITS = {
    "usdt": "USDT", "pct": "%", "bars": "bars", "days": "days", "bps": "bps", "x": "×", "ratio": "", "count": "",
}  # fmt: skip
_STYLE = """
:root { color-scheme: light dark; --ink: #1a2230; --soft: #5c6778; --line: #d5dae3; --ground: #fff;
  --bar: #9db7d8; --card: #b0382c; --own: #2468c8; --panel: #f4f6f9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ef; --soft: #98a3b5; --line: #39424f; --ground: #151a22; --bar: #44618a;
    --card: #ef8377; --own: #7fb0f0; --panel: #1d2430; }
}
body { background: var(--ground); color: var(--ink); margin: 32px auto; padding: 0 16px;
  font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 24px; margin: 0 0 8px; overflow-wrap: anywhere; } h2 { font-size: 17px; margin: 28px 0 6px; }
p { margin: 4px 0 10px; } .soft { color: var(--soft); }
.end { background: var(--panel); border-left: 4px solid var(--own); padding: 12px 16px; font-size: 17px; margin: 12px 0 18px; }
svg { width: 100%; display: block; }
table { border-collapse: collapse; } td, th { padding: 6px 10px; text-align: left; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; } .n { text-align: right; white-space: nowrap; }
"""


def head(title: str, style: str) -> str:
    """Return a page up to its body; it fetches nothing and runs nothing. `style` stands below what all pages share."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title><style>{_STYLE}{style}</style></head>"
    )


@cache
def _titles() -> dict[str, str]:
    from runtime.reports.limit_metrics import LIMIT_METRICS
    from runtime.reports.metrics import METRICS

    found = {}
    for metric in (*METRICS, *LIMIT_METRICS):
        unit = _UNITS[metric.unit]
        # `Longest drawdown, days` says its unit itself.
        has = not unit or metric.title.endswith(unit)
        found[metric.name] = metric.title if has else f"{metric.title}, {unit}"
    return found


def figure_title(name: str) -> str:
    """Return what the page of a run calls a metric, with its unit; another name in words."""
    return _titles().get(name) or name.replace("_", " ")
