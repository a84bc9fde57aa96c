"""What one reference means: feature output, builtin, variable, tunable or a bare word."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from compiler.catalog.bar_clock import OF_THE_CLOSE
from compiler.catalog.builtins import (
    BUILTINS,
    MOST_TRADES,
    OF_LAST_TRADES,
    OF_THE_FILLED,
    Builtin,
    layer_of_ref,
)
from compiler.catalog.calls import INDICATORS
from compiler.catalog.source_expressions import BESIDE_BARS
from compiler.catalog.types import Stage, Type, ValueType
from compiler.findings.collected import Findings, listed, rename
from compiler.findings.source import NOWHERE, Span
from compiler.resolve.columns import of_traded_alone
from compiler.resolve.features import FeatureTable
from compiler.resolve.implied import column_at, feature_at
from compiler.resolve.inline import inline_instance
from compiler.resolve.outputs import SOURCES, output_symbol
from compiler.resolve.scope import (
    AccountSymbol,
    BarSymbol,
    FeatureSymbol,
    Named,
    ParamSymbol,
    Reference,
    Symbol,
    VariableSymbol,
    Word,
)
from compiler.resolve.written_out import WrittenOut
from compiler.syntax import tree as s
from compiler.syntax.constants import whole

_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.-]{4,29}\Z")  # BTCUSDT, 1000PEPEUSDT, BTC-26DEC25
BUILTIN_NAMES: tuple[str, ...] = (*BUILTINS, "position_layer_0_ref")


def builtin(name: str, order_refs: tuple[str, ...]) -> Builtin | None:
    """Return a builtin by name; `position_layer_{i}_ref` is an enum of the card's order refs."""
    found = BUILTINS.get(name)
    if found is not None:
        return found
    if name in OF_THE_FILLED:
        return OF_THE_FILLED[name]  # where no order has filled it is a finding
    layer = layer_of_ref(name)
    if layer is None:
        return None
    value = ValueType(Type.ENUM, enum=order_refs)
    return Builtin(name, value, Stage.ACCOUNT, f"order ref of layer {layer}")


class NameLookup:
    """Looks references up; a reference that means nothing is reported once per place."""

    def __init__(
        self,
        table: FeatureTable,
        variables: Mapping[str, s.Variable],
        params: Mapping[str, s.ParamDecl],
        order_refs: tuple[str, ...],
        findings: Findings,
        *,
        clocks_of_close: bool | None = False,
        is_newest: Callable[[], bool] = lambda: False,
    ) -> None:
        self._table = table
        self._variables = variables
        self._params = params
        self._order_refs = order_refs
        self._findings = findings
        self._clocks_of_close = clocks_of_close
        self._is_newest = is_newest
        self.names = (*table.declared, *variables, *params, *BUILTIN_NAMES)
        self.written_out = WrittenOut(variables, params, self.variable_of)

    def variable_of(self, expr: s.Expr) -> s.Variable | None:
        """Return the variable that an expression is nothing but the name of."""
        match expr:
            case s.VarRef(name=name):
                return self._variables.get(name)
            case s.Name(head=name, field=None, timeframe=None) if name in self._variables:
                is_own = name not in self._table.declared and not self._is_older_builtin(name)
                return self._variables[name] if is_own else None
            case _:
                return None

    def _is_older_builtin(self, name: str) -> bool:
        found = builtin(name, self._order_refs)
        return found is not None and not found.is_soft

    def symbol(self, reference: Reference) -> Symbol | None:
        """Return the meaning of a reference; None if it was reported or its target is broken."""
        match reference:
            case s.VarRef():
                return self._variable(reference.name, reference.span)
            case s.ParamRef():
                return self._param(reference.name, reference.span)
            case s.BuiltinRef():
                return self._builtin(reference.name, reference.ref, reference.span)
            case s.FeatureRef():
                return self._feature_reference(reference)
            case s.Name():
                return self._name(reference)

    def meaning(self, named: Named) -> Symbol | None:
        """Return the meaning of a reference or of a call."""
        return self.call(named) if isinstance(named, s.Call) else self.symbol(named)

    def call(self, call: s.Call) -> Symbol | None:
        """Return the output that a call of an indicator means; None for functions and what was reported."""
        if call.function in OF_LAST_TRADES:
            return self._of_trades(call)
        entry = self._table.catalogue.get(call.function)
        if call.function not in INDICATORS or entry is None:
            return None
        instance = inline_instance(call, self._table, self._params, self)
        if instance is None:
            return None
        found = output_symbol(instance, call.field)
        if found is None:
            names = tuple(output.name for output in instance.outputs)
            message = f"`{call.function}` has no field `{call.field}`"
            self._findings.unknown_word("IC201", message, call.span, call.field or "", names)
        return found

    def _of_trades(self, call: s.Call) -> Symbol | None:
        """Return `win_rate(20)`: a figure of the last 20 trades."""
        count = whole(call.args[0], self._params) if len(call.args) == 1 else None
        if call.field is None and call.timeframe is None and count and 1 <= count <= MOST_TRADES:
            return AccountSymbol(call.function, str(count), BUILTINS[call.function].value)
        if len(call.args) == 1 and isinstance(call.args[0], s.ParamRef) and count is None:
            if call.args[0].name not in self._params:
                return None  # said of the tunable
        self._findings.add(
            "IC310" if len(call.args) == 1 else "IC309",
            f"`{call.function}` takes one argument, how many trades: a whole constant from 1 to {MOST_TRADES}",
            call.span,
            help=f"write `{call.function}(20)`: of the last 20 trades",
        )
        return None

    def _variable(self, name: str, span: Span) -> Symbol | None:
        if name in self._variables:
            return VariableSymbol(self._variables[name])
        self._findings.unknown_word(
            "IC201", f"no variable is called `{name}`", span, name, tuple(self._variables)
        )
        return None

    def _param(self, name: str, span: Span) -> Symbol | None:
        if name in self._params:
            return ParamSymbol(self._params[name])
        self._findings.unknown_word(
            "IC201", f"no tunable is called `{name}`", span, name, tuple(self._params)
        )
        return None

    def _clock_of_no_version(self, head: str, span: Span) -> None:
        """Say once that a word may have meant the close to who wrote it; not of cards that were never older."""
        if self._findings.has("IC210") or self._is_newest():
            return
        self._findings.add(
            "IC210",
            f"`{head}` tells the bar's open; written for version 3.1 or before it told the close",
            span,
            help='a new card means the open: nothing to do (`version: "3.2"` says so); '
            f"one from then writes `{OF_THE_CLOSE[head]}`",
        )

    def _builtin(self, name: str, ref: str | None, span: Span) -> Symbol | None:
        head, _, timeframe = name.partition("@")
        if self._clocks_of_close:
            head = OF_THE_CLOSE.get(head, head)
        elif self._clocks_of_close is None and head in OF_THE_CLOSE:
            self._clock_of_no_version(head, span)
        found = builtin(head, self._order_refs)
        if found is None:
            self._findings.unknown_word(
                "IC201", f"no builtin is called `{name}`", span, name, BUILTIN_NAMES
            )
            return None
        if timeframe and not self._is_own_bar(found, timeframe, span):
            return self._column_at(head, timeframe, span)
        if found.name in OF_LAST_TRADES:
            self._findings.add(
                "IC109",
                f"`{name}` is of so many trades",
                span,
                help=f"write `{name}(20)`: of the last 20 trades",
            )
            return None
        if found.takes_ref and ref is None:
            self._findings.add(
                "IC109",
                f"`{name}` needs the ref of an order",
                span,
                help=f"write `{{builtin: {name}, ref: …}}`",
            )
            return None
        if not found.takes_ref and ref is not None:
            self._findings.add("IC107", f"`{name}` takes no `ref`", span)
            return None
        if found.stage is Stage.MARKET:
            return BarSymbol(found)
        return AccountSymbol(found.name, ref or "", found.value)

    def _is_own_bar(self, found: Builtin, timeframe: str, span: Span) -> bool:
        """Return whether `@tf` names the bars that the card is looked at on: it is the value without it."""
        own = self._table.timeframe(timeframe, span) == self._table.card_timeframe
        return own and found.stage is Stage.MARKET

    def _column_at(self, column: str, timeframe: str, span: Span) -> Symbol | None:
        if column in SOURCES:
            return column_at(self._table, column, timeframe, span)
        self._findings.add(
            "IC201",
            f"`{column}` has no value on another timeframe",
            span,
            help=listed(SOURCES),
        )
        return None

    def _feature_reference(self, reference: s.FeatureRef) -> Symbol | None:
        head, _, timeframe = reference.feature_id.partition("@")
        span = reference.id_span if reference.id_span != NOWHERE else reference.span
        if head in self._table.declared:
            field_span = reference.field_span
            if field_span == NOWHERE:
                field_span = reference.span
            return self._output(head, reference.field, timeframe or None, span, field_span)
        found = BUILTINS.get(head)
        if found is not None and found.stage is Stage.MARKET and reference.field in (None, "value"):
            return self._builtin(reference.feature_id, None, span)
        self._unknown_feature(reference.feature_id, span)
        return None

    def _unknown_feature(self, name: str, span: Span) -> None:
        if name in self._variables:
            self._findings.add(
                "IC201",
                f"`{name}` is a variable, not a feature",
                span,
                help=f"write `{{var: {name}}}`",
            )
        elif builtin(name, self._order_refs) is not None:
            self._findings.add(
                "IC201",
                f"`{name}` is a builtin, not a feature",
                span,
                help=f"write `{{builtin: {name}}}`",
            )
        else:
            candidates = (*self._table.declared, *SOURCES)
            self._findings.unknown_word(
                "IC201", f"no feature is called `{name}`", span, name, candidates
            )

    def _name(self, name: s.Name) -> Symbol | None:
        head = name.head
        if head in self._table.declared:
            return self._output(head, name.field, name.timeframe, name.span, _field_span(name))
        found = builtin(head, self._order_refs)
        is_own = head in self._variables or head in self._params
        if found is not None and not (found.is_soft and is_own):
            if name.field is not None and not found.takes_ref:
                self._findings.add("IC201", f"`{head}` is a builtin: it has no fields", name.span)
                return None
            target = f"{head}@{name.timeframe}" if name.timeframe else head
            return self._builtin(target, name.field, name.span)
        if is_own:
            if name.field is None and name.timeframe is None:
                return self._plain_name(head)
            what = "variable" if head in self._variables else "tunable"
            self._findings.add(
                "IC201",
                f"`{head}` is a {what}: it has no fields",
                name.span,
                help=self._of_a_call(head, name.field),
            )
            return None
        if name.field is None and name.timeframe is None:
            return Word(head)
        if name.field in BESIDE_BARS and _SYMBOL.match(head):
            self._findings.add(
                "IC201", of_traded_alone(name.field), name.span, help=f"write `{name.field}`"
            )
            return None
        if name.field in SOURCES and _SYMBOL.match(head):
            return column_at(self._table, name.field, name.timeframe, name.span, head)
        self._unknown_feature(head, name.span)
        return None

    def _of_a_call(self, head: str, field: str | None) -> str | None:
        """Return how a field is read of what a variable calls; None where it calls nothing with fields."""
        variable = self._variables.get(head)
        call = None if variable is None else variable.value
        if not isinstance(call, s.Call) or call.function not in INDICATORS or field is None:
            return None
        numbers = [f"{arg.value:g}" for arg in call.args if isinstance(arg, s.Number)]
        inside = ", ".join(numbers) if len(numbers) == len(call.args) else "…"
        return (
            f"a variable is one value: write `{call.function}({inside}).{field}` where it is read, or declare "
            f"`features: [{{ type: {call.function}, id: {head} }}]` with its `params`"
        )

    def _plain_name(self, head: str) -> Symbol:
        if head in self._variables:
            return VariableSymbol(self._variables[head])
        return ParamSymbol(self._params[head])

    def _output(
        self, id: str, field: str | None, timeframe: str | None, span: Span, field_span: Span
    ) -> FeatureSymbol | None:
        if id in self._table.broken:
            return None
        instance = self._table.instances[id]
        if timeframe is not None:
            moved = feature_at(self._table, id, timeframe, span)
            if moved is None:
                return None
            instance = moved
        found = output_symbol(instance, field)
        if found is None:
            assert field is not None
            self._findings.unknown_word(
                "IC201",
                f"`{id}` ({instance.entry.type}) has no field `{field}`",
                field_span,
                field,
                tuple(output.name for output in instance.outputs),
            )
        elif field is not None and any(
            field in output.aliases for output in instance.outputs if output.name == found.output
        ):
            self._findings.add(
                "IC207",
                f"`{field}` is an older name of `{found.output}`",
                field_span,
                fix=rename(field_span, found.output, safe=True),
            )
        return found


def _field_span(name: s.Name) -> Span:
    """Where the field of `head.field@tf` stands, if the text lies unbroken in the file."""
    if name.field is None:
        return name.span
    written = len(name.head) + 1 + len(name.field)
    suffix = 1 + len(name.timeframe) if name.timeframe else 0
    if name.span.end - name.span.start != written + suffix:
        return name.span
    start = name.span.start + len(name.head) + 1
    return Span(start, start + len(name.field))
