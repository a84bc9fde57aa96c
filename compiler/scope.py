"""What names mean: the result of `resolve`, read by `check` and `lower`."""

from __future__ import annotations

from dataclasses import dataclass, field

from compiler import syntax as s
from compiler.catalog.builtins import Builtin
from compiler.catalog.types import Entry, OutputSpec, ParamValue, ValueType
from compiler.source import NOWHERE, Span


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A card with its names looked up.

    `symbols` holds every reference of the card by value (spans aside); one that is absent has been
    reported. `instances` are in dependency order. `levels` are the features that `risk_model`
    names, by setting path.
    """

    card: s.Card
    timeframe: str  # canonical spelling
    higher_timeframes: tuple[str, ...]
    instances: tuple[Instance, ...]
    symbols: dict[Reference, Symbol]
    variables: dict[str, s.Variable]
    params: dict[str, s.ParamDecl]
    order_refs: tuple[str, ...]
    levels: dict[str, FeatureSymbol]
    names: tuple[str, ...]  # everything a bare name may mean, for suggestions
    unused_features: tuple[s.Feature, ...] = ()
    unused_variables: tuple[s.Variable, ...] = ()
    by_id: dict[str, Instance] = field(default_factory=dict)

    def symbol(self, reference: Reference) -> Symbol | None:
        """Return what a reference means; None if that was reported as a mistake."""
        return self.symbols.get(reference)
