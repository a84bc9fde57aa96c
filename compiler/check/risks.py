"""`risk 1%` in expressions: a number that is known only when its order is priced.

The law: it may stand in the size of an entry that has a stop, by itself or in a named value, and nowhere
else: what has to be known at a close, or remembered from one, cannot hold it.
"""

from __future__ import annotations

from compiler.catalog.actions import ACTIONS, Verb
from compiler.catalog.calls import MEMORY_FUNCTIONS, RISK
from compiler.catalog.types import Type, Unit, ValueType
from compiler.catalog.typing_rules import Inferred
from compiler.check.infers import Infers
from compiler.check.percents import percent_value
from compiler.findings.collected import Findings
from compiler.resolve.scope import Resolved, VariableSymbol
from compiler.syntax import tree as s
from compiler.syntax.printer import print_expression
from compiler.syntax.walker import actions, children, live_expressions, subexpressions

RISKED = Inferred(ValueType(Type.NUMBER, Unit.USDT))
_OF_FRACTIONS = (
    "100 times a fraction is in percent: `risk(100 * x)`, half of it `risk(100 * x / 2)`, at most `risk(min(2, 100 * x))`; "
    "or so much of a risk: `x * risk 50%`"
)
_PERCENT = (None, Unit.PCT, Unit.PLAIN)


def risk_of(expr: s.Call, checker: Infers) -> Inferred | None:
    """Infer `risk(p)`, p in percent of equity."""
    if len(expr.args) != 1:
        message = f"`risk` takes one argument, found {len(expr.args)}"
        checker.findings.add("IC309", message, expr.span, help="`risk 1%` or `risk(p)`, in percent")
        return None
    found = checker.number(expr.args[0], "a risk in percent")
    if found is None:
        return None
    if found.unit not in _PERCENT:
        message = f"a risk is in percent of equity, this is in {found.unit}"
        help = _OF_FRACTIONS if found.unit is Unit.FRACTION else None
        checker.findings.add("IC301", message, expr.args[0].span, help=help)
        return None
    return RISKED


def lone_risk(expr: s.Risk, checker: Infers) -> Inferred | None:
    """Infer `risk 1%`, which is of equity and of nothing else."""
    if expr.of is not None:
        message = f"what is lost at the stop is a part of `equity`, found `{expr.of.head}`"
        checker.findings.add("IC301", message, expr.of.span, help="write `risk 1%`")
        return None
    return None if percent_value(expr.percent, checker) is None else RISKED


class Risks:
    """Which expressions of a card hold a risk, through its named values."""

    def __init__(self, resolved: Resolved) -> None:
        self._resolved = resolved
        self._named: set[str] = set()
        for variable in resolved.variables.values():  # in the order in which they need each other
            if self.in_expression(variable.value) is not None:
                self._named.add(variable.name)

    def in_expression(self, root: s.Expr) -> s.Expr | None:
        """Return the first risk of an expression, or the name of one; None where it holds none."""
        return next((node for node in subexpressions(root) if self._is_one(node)), None)

    def _is_one(self, node: s.Expr) -> bool:
        match node:
            case s.Risk():
                return True
            case s.Call():
                return node.function == RISK
            case s.Name() | s.VarRef():
                symbol = self._resolved.symbol(node)
                return isinstance(symbol, VariableSymbol) and symbol.variable.name in self._named
            case _:
                return False


def check_risks(resolved: Resolved, findings: Findings) -> None:
    """Report risks that stand where no order gives them a price and a stop."""
    risks, card = Risks(resolved), resolved.card
    sizes = {id(size.value) for size in _sizes_of_entries(card)}
    values = [variable.value for variable in card.variables]
    for root in live_expressions(card):
        if id(root) in sizes:
            values.append(root)
        else:
            _report(risks.in_expression(root), "is known only when an order is priced", findings)
    for value in values:
        for node in subexpressions(value):
            if _remembers(node):
                for part in children(node):
                    _report(
                        risks.in_expression(part),
                        "is no value of a close to be remembered",
                        findings,
                    )


def _report(found: s.Expr | None, why: str, findings: Findings) -> None:
    if found is None:
        return
    findings.add(
        "IC309",
        f"`{print_expression(found)}` {why}",
        found.span,
        help="it may stand in the `size` of an entry that has a stop",
    )


def _sizes_of_entries(card: s.Card) -> list[s.Size]:
    return [
        action.size
        for action in actions(card)
        if action.size is not None
        and action.kind in ACTIONS
        and ACTIONS[action.kind].verb is Verb.ENTER
    ]


def _remembers(node: s.Expr) -> bool:
    match node:
        case s.Call():
            return node.function in MEMORY_FUNCTIONS
        case s.Offset() | s.Window() | s.Cross() | s.Sequence() | s.IsState():
            return True
        case _:
            return False
