"""Tunables: bounds that hold together, a default inside them, and something that reads them."""

from __future__ import annotations

import re

from compiler.findings.collected import Findings
from compiler.findings.source import NOWHERE, Source, Span
from compiler.resolve.scope import ParamSymbol, Resolved
from compiler.syntax import tree as s


def check_tunables(resolved: Resolved, source: Source | None, findings: Findings) -> None:
    """Report tunables that contradict themselves (IC311) or that nothing reads (IC208)."""
    read = {
        symbol.declaration.name
        for symbol in resolved.symbols.values()
        if isinstance(symbol, ParamSymbol)
    }
    for param in resolved.card.params:
        span = param.name_span if param.name_span != NOWHERE else param.span
        wrong = _wrong(param)
        if wrong is not None:
            findings.add("IC311", f"`{param.name}`: {wrong[0]}", span, help=wrong[1])
            continue
        if (
            source is not None
            and param.name not in read
            and not _is_named(source, param.name, span)
        ):
            findings.add(
                "IC208",
                f"nothing reads the tunable `{param.name}`",
                span,
                help=f'write `"={param.name}"` where its number stands, or delete it',
            )


def _wrong(param: s.ParamDecl) -> tuple[str, str] | None:
    """Return what is wrong with a tunable, and what would help."""
    low, high, step, default = param.low, param.high, param.step, param.default
    if low is not None and high is not None and high < low:
        return f"`high` {high:g} is below `low` {low:g}", "exchange them"
    if step is not None and step <= 0:
        return f"a step of {step:g} leads nowhere", "a step is above zero"
    if low is not None and default < low:
        return f"{default:g} is below its `low` {low:g}", "it is tried between `low` and `high`"
    if high is not None and default > high:
        return f"{default:g} is above its `high` {high:g}", "it is tried between `low` and `high`"
    return None


def _is_named(source: Source, name: str, declared: Span) -> bool:
    """Return whether the text names a tunable anywhere (a look back is read before names are)."""
    named = re.compile(rf"=\s*{re.escape(name)}\b|\bparam['\"]?\s*:\s*['\"]?{re.escape(name)}\b")
    return any(m.start() != declared.start for m in named.finditer(source.text))
