"""Whether a card says something that only the newest version has words for: it was never an older card."""

from __future__ import annotations

from collections.abc import Collection

from compiler.catalog.actions import ACTIONS, Verb
from compiler.catalog.builtins import BUILTINS, OF_LAST_TRADES
from compiler.catalog.calls import INDICATORS, MEMORY_FUNCTIONS
from compiler.catalog.operations import OPERATIONS
from compiler.catalog.orders import OptionName
from compiler.catalog.session import SESSION
from compiler.syntax import tree as s
from compiler.syntax.walker import actions, live_expressions, subexpressions

_NEW_OPTIONS = (OptionName.TRAIL, OptionName.REARM)
_NEW_CALLS = frozenset(
    {
        *INDICATORS,
        *MEMORY_FUNCTIONS,
        *OF_LAST_TRADES,
        *(o.function for o in OPERATIONS.values() if o.is_soft),
    }
)
# Kinds of expressions that no text of an older version gives; amounts and parts stood in sizes alone.
_NEW_KINDS = (
    s.Choice, s.Sequence, s.IsState, s.Clock, s.Day, s.InClock, s.Part, s.Amount, s.Risk,
)  # fmt: skip


def has_newest_words(card: s.Card) -> bool:
    """Return whether no version before the newest could have read a card."""
    own = {*(variable.name for variable in card.variables), *(f.id for f in card.features)}
    return (
        any(feature.type == SESSION.type for feature in card.features)
        or any(setting.path.startswith("limits.") for setting in card.settings)
        or any(_is_new_action(action) for action in actions(card))
        or any(_is_new(part, own) for text in _written(card) for part in subexpressions(text))
    )


def _written(card: s.Card) -> list[s.Expr]:
    return [*(variable.value for variable in card.variables), *live_expressions(card)]


def _is_new_action(action: s.Action) -> bool:
    spec = ACTIONS.get(action.kind)
    return (
        action.ladder is not None
        or any(action.option(name) is not None for name in _NEW_OPTIONS)
        or (spec is not None and spec.verb is Verb.ADJUST_TRAIL)
    )


def _is_new(part: s.Expr, own: Collection[str]) -> bool:
    match part:
        case s.Call(function=name):
            return name in _NEW_CALLS
        case s.Name(head=name, field=None) | s.BuiltinRef(name=name):
            builtin = BUILTINS.get(name)
            return builtin is not None and builtin.is_soft and name not in own
        case _:
            return isinstance(part, _NEW_KINDS)
