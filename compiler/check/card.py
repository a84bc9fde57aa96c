"""Types, units and what must stand together: the last stage that looks at a card as it is written.

The law: total. Every mistake is a finding; nothing here raises.
"""

from __future__ import annotations

from compiler.catalog.promises import PROMISES, Takes
from compiler.catalog.settings import SettingValue, StopType
from compiler.catalog.types import ValueType
from compiler.check.actions import ActionChecker
from compiler.check.clocks import check_clocks
from compiler.check.limits import check_limits
from compiler.check.risks import check_risks
from compiler.check.scales import check_scales
from compiler.check.sessions import check_sessions
from compiler.check.tunables import check_tunables
from compiler.check.types import TypeChecker
from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source, Span
from compiler.resolve.scope import Resolved
from compiler.resolve.settings import read_settings
from compiler.syntax import tree as s
from compiler.syntax.walker import depth, live_expressions

MAX_DEPTH = 120


def check(
    resolved: Resolved, source: Source | None = None, broken: frozenset[str] = frozenset()
) -> list[Diagnostic]:
    """Check a resolved card; `source` lets findings about the string form quote it.

    `broken` are the variables in which something was already reported: their uses are silent.
    """
    findings = Findings()
    card = resolved.card
    if _too_deep(card, findings):
        return findings.all()
    types = TypeChecker(resolved, source, findings)
    types.broken |= broken
    # In the order in which they need each other: what uses a broken one is not broken by it.
    for variable in resolved.variables.values():
        types.variable(variable)
    for block in card.blocks:
        for case in block.cases:
            types.condition(case.when)
    for invariant in card.invariants:
        _invariant(invariant, types, findings)
    settings = read_settings(card, resolved.params, findings)
    _risk_values(card, settings, findings)
    ActionChecker(types, settings, findings).check(card)
    check_risks(resolved, findings)
    check_clocks(resolved, findings)
    check_sessions(resolved, findings)
    check_limits(resolved, settings, findings)
    check_scales(resolved, settings, findings)
    check_tunables(resolved, source, findings)
    return findings.all()


def value_types(resolved: Resolved) -> dict[str, ValueType]:
    """Return what the named values of a card are; those in which something is wrong are left out."""
    findings = Findings()
    if _too_deep(resolved.card, findings):
        return {}
    types = TypeChecker(resolved, None, findings)
    for variable in resolved.variables.values():
        types.variable(variable)
    return types.value_types()


def _too_deep(card: s.Card, findings: Findings) -> bool:
    """Report expressions nested so deep that walking them would be unsafe."""
    found = False
    for root in (*(variable.value for variable in card.variables), *live_expressions(card)):
        if depth(root) > MAX_DEPTH:
            found = True
            findings.add(
                "IC112",
                f"an expression is nested more than {MAX_DEPTH} levels deep",
                root.span,
                help="name parts of it in `variables`",
            )
    return found


def _invariant(invariant: s.Invariant, types: TypeChecker, findings: Findings) -> None:
    if invariant.condition is not None:
        types.condition(invariant.condition)
    if invariant.name is None:
        return
    if invariant.name not in PROMISES:
        findings.unknown_word(
            "IC201",
            f"no promise is called `{invariant.name}`",
            invariant.span,
            invariant.name,
            tuple(PROMISES),
        )
        return
    wanted = PROMISES[invariant.name]
    if wanted is Takes.NUMBER and not _positive(invariant.argument, types):
        findings.add("IC110", f"`{invariant.name}` needs a number above zero", invariant.span)
    elif wanted is Takes.CONDITION and invariant.condition is None:
        findings.add("IC110", f"`{invariant.name}` needs a condition", invariant.span)


def _positive(argument: s.Expr | None, types: TypeChecker) -> bool:
    found = None if argument is None else types.infer(argument)
    return found is not None and found.constant is not None and found.constant > 0


def _risk_values(card: s.Card, settings: dict[str, SettingValue], findings: Findings) -> None:
    """A stop or target by distance needs its `value`, and every sizing model its own."""
    spans = {setting.path: setting.span for setting in card.settings}
    for rule in ("risk_model.stop_loss", "risk_model.take_profit", "risk_model.sizing"):
        key = f"{rule}.model" if rule.endswith("sizing") else f"{rule}.type"
        kind = settings.get(key)
        if kind is None:
            _orphan(rule, key, spans, findings)
        elif kind != StopType.STRUCTURE and f"{rule}.value" not in spans:
            findings.add("IC109", f"`{rule}` of type `{kind}` needs `value`", spans[key])


def _orphan(rule: str, key: str, spans: dict[str, Span], findings: Findings) -> None:
    inside = [path for path in spans if path.startswith(f"{rule}.")]
    if inside and key not in spans:
        findings.add("IC109", f"`{rule}` needs `{key.rpartition('.')[2]}`", spans[inside[0]])
