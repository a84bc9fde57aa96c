"""What names mean: the result of `resolve`, read by `check` and `lower`."""

from __future__ import annotations

from dataclasses import field

from compiler.catalog.builtins import Builtin
from compiler.catalog.types import Entry, OutputSpec, ParamValue, ValueType
from compiler.catalog.typing_rules import token_index
from compiler.classes import dataclass
from compiler.findings.source import NOWHERE, Span
from compiler.syntax import tree as s


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A feature as it will run: one catalogue entry on one timeframe of one symbol.

    Implicit ones (`ema@4h`, the ATR of `risk_model`) have ids that no card can declare.
    `symbol` None is the traded symbol. `depends` are (role, instance id).
    """

    id: str
    entry: Entry
    timeframe: str
    symbol: str | None
    source: str
    params: tuple[tuple[str, ParamValue], ...]
    depends: tuple[tuple[str, str], ...]
    outputs: tuple[OutputSpec, ...]
    implicit: bool = False
    tz: str = ""  # of a session
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class FeatureSymbol:
    instance: str  # instance id
    output: str
    value: ValueType


@dataclass(frozen=True, slots=True)
class BarSymbol:
    builtin: Builtin


@dataclass(frozen=True, slots=True)
class AccountSymbol:
    name: str
    ref: str
    value: ValueType


@dataclass(frozen=True, slots=True)
class VariableSymbol:
    variable: s.Variable


@dataclass(frozen=True, slots=True)
class ParamSymbol:
    declaration: s.ParamDecl


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word that names nothing: perhaps an enum token of the other side."""

    text: str


Symbol = FeatureSymbol | BarSymbol | AccountSymbol | VariableSymbol | ParamSymbol | Word
Reference = s.Name | s.FeatureRef | s.BuiltinRef | s.VarRef | s.ParamRef
Named = Reference | s.Call  # a call of an indicator is a feature, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A card with its names looked up.

    `symbols` holds every reference of the card by value (spans aside); one that is absent has been
    reported. `instances` are in dependency order. `risk_levels` are the features that `risk_model`
    names, by setting path.
    """

    card: s.Card
    timeframe: str  # canonical spelling
    higher_timeframes: tuple[str, ...]
    instances: tuple[Instance, ...]
    symbols: dict[Named, Symbol]
    variables: dict[str, s.Variable]
    params: dict[str, s.ParamDecl]
    order_refs: tuple[str, ...]
    risk_levels: dict[str, FeatureSymbol]
    names: tuple[str, ...]  # everything a bare name may mean, for suggestions
    unused_features: tuple[s.Feature, ...] = ()
    unused_variables: tuple[s.Variable, ...] = ()
    by_id: dict[str, Instance] = field(default_factory=dict)

    def symbol(self, reference: Named) -> Symbol | None:
        """Return what a reference means; None if that was reported as a mistake."""
        return self.symbols.get(reference)

    def enum_of(self, expr: s.Expr) -> ValueType | None:
        """Return the type of a reference whose value is one of some words, None for others."""
        while isinstance(expr, s.Offset | s.Default):
            expr = expr.operand if isinstance(expr, s.Offset) else expr.value
        if isinstance(expr, s.Name | s.FeatureRef | s.BuiltinRef | s.VarRef | s.Call):
            symbol = self.symbol(expr)
            if isinstance(symbol, FeatureSymbol | AccountSymbol) and symbol.value.enum:
                return symbol.value
            if isinstance(symbol, BarSymbol) and symbol.builtin.value.enum:
                return symbol.builtin.value
            if isinstance(symbol, VariableSymbol):
                return self.enum_of(symbol.variable.value)
        if isinstance(expr, s.Choice):
            return self.enum_of(expr.value) or self.enum_of(expr.other)
        return None

    def word(self, expr: s.Expr, beside: s.Expr) -> str | None:
        """Return the text of a bare word that stands for a value, not for something named.

        That is a word that names nothing, or one that is a value of what it stands beside:
        `swing.last_type == high` means the word, though a bar has a `high`.
        """
        if not isinstance(expr, s.Name) or expr.field is not None or expr.timeframe is not None:
            return None
        if isinstance(self.symbol(expr), Word):
            return expr.head
        other = self.enum_of(beside)
        if other is not None and token_index(expr.head, other) is not None:
            return expr.head
        return None
