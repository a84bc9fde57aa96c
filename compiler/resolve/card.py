"""Names: every reference of a card gets its meaning, every id its place in the dependency order.

The law: total. A reference that means nothing is reported and left out of `Resolved.symbols`;
later stages pass over it in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.catalog.builtins import BUILTINS, SIDES
from compiler.catalog.settings import StopType
from compiler.catalog.timeframes import is_multiple, normalise
from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.findings.source import Span
from compiler.resolve.features import Catalogue, FeatureTable, unknown_timeframe
from compiler.resolve.implied import default_atr
from compiler.resolve.names import NameLookup
from compiler.resolve.newest_words import has_newest_words
from compiler.resolve.ordering import dependency_order
from compiler.resolve.outputs import output_symbol
from compiler.resolve.own_past import instead_of_each_other, instead_of_itself
from compiler.resolve.scope import FeatureSymbol, Named, Resolved, Symbol, VariableSymbol
from compiler.resolve.sources import declared_over_expressions
from compiler.syntax import tree as s
from compiler.syntax.reserved import RESERVED_WORDS
from compiler.syntax.walker import live_expressions, order_refs, subexpressions

_REFERENCES = (s.Name, s.FeatureRef, s.BuiltinRef, s.VarRef, s.ParamRef)
_FALLBACK_TIMEFRAME = "1m"  # keeps the stages going when the card's own is wrong


def resolve(card: s.Card, catalogue: Catalogue | None = None) -> tuple[Resolved, list[Diagnostic]]:
    """Look up every name of a card; return what they mean and what is wrong with them."""
    findings = Findings()
    entries = _catalogue() if catalogue is None else catalogue
    timeframe, higher = _timeframes(card, findings)
    params = {param.name: param for param in card.params}
    table = FeatureTable(card, timeframe, entries, params, findings)
    variables = _variables(card, table, findings)
    _blocks(card, findings)
    refs = order_refs(card)
    lookup = NameLookup(
        table,
        variables,
        params,
        refs,
        findings,
        clocks_of_close=card.clocks_of_close,
        is_newest=lambda: has_newest_words(card),
    )
    sources = declared_over_expressions(table, params, lookup, findings)
    symbols = _symbols(card, lookup)
    ordered = _ordered_variables(variables, symbols, findings)
    levels = _levels(card, table, findings)
    used = _used(card, symbols, [lookup.written_out.names(source) for source in sources])
    resolved = Resolved(
        card=card,
        timeframe=timeframe,
        higher_timeframes=higher,
        instances=tuple(table.instances.values()),
        symbols=symbols,
        variables={name: variables[name] for name in ordered},
        params=params,
        order_refs=refs,
        risk_levels=levels,
        names=lookup.names,
        unused_features=_unused_features(table, symbols, levels),
        unused_variables=tuple(v for v in variables.values() if v.name not in used),
        by_id=dict(table.instances),
    )
    return resolved, findings.all()


def _catalogue() -> Catalogue:
    from compiler.catalog.lookup import SIGNATURES

    return SIGNATURES


# ---------------------------------------------------------------- declarations


def _timeframes(card: s.Card, findings: Findings) -> tuple[str, tuple[str, ...]]:
    timeframe = _timeframe(card.timeframe, card.timeframe_span, findings)
    higher: list[str] = []
    for index, written in enumerate(card.higher_timeframes):
        spans = card.higher_timeframe_spans
        span = spans[index] if index < len(spans) else card.timeframe_span
        word = _timeframe(written, span, findings)
        if word is None:
            continue
        if timeframe is not None and not is_multiple(word, timeframe):
            findings.add(
                "IC701",
                f"`htf` {word} is not a whole multiple of `tf` {timeframe}",
                span,
                labels=(Label(card.timeframe_span, "the card's timeframe"),),
                help="bars of the higher timeframe are made of whole bars of the lower one",
            )
            continue
        if word not in higher:
            higher.append(word)
    return timeframe or _FALLBACK_TIMEFRAME, tuple(higher)


def _timeframe(written: str, span: Span, findings: Findings) -> str | None:
    word = normalise(written)
    if word is None:
        unknown_timeframe(written, span, findings)
    return word


def _reserved(name: str, span: Span, tokens: frozenset[str], findings: Findings) -> None:
    if name in RESERVED_WORDS:
        what = "a reserved word of expressions"
    elif name in BUILTINS and BUILTINS[name].is_soft:
        findings.add(
            "IC209",
            f"`{name}` is a builtin, too; in this card the name means what the card calls so",
            span,
            help=f"`my_{name}` would keep the builtin",
        )
        return
    elif name in BUILTINS:
        what = "a builtin"
    elif name in SIDES:
        what = "a value of `position_side`"
    elif name in tokens:
        what = "a value of a feature of this card"
    else:
        return
    findings.add(
        "IC204",
        f"`{name}` is {what}, so nothing of the card can be called that",
        span,
        help=f"`my_{name}` would do",
    )


def _variables(card: s.Card, table: FeatureTable, findings: Findings) -> dict[str, s.Variable]:
    tokens = frozenset(
        token
        for instance in table.instances.values()
        for output in instance.outputs
        for token in output.value.enum
    )
    for feature in table.declared.values():
        _reserved(feature.id, feature.id_span, tokens, findings)
    variables: dict[str, s.Variable] = {}
    for variable in card.variables:
        _reserved(variable.name, variable.name_span, tokens, findings)
        variables.setdefault(variable.name, variable)
        other = table.declared.get(variable.name)
        if other is not None:
            findings.add(
                "IC204",
                f"`{variable.name}` is also the id of a feature",
                variable.name_span,
                labels=(Label(other.id_span, "the feature"),),
            )
    return variables


def _blocks(card: s.Card, findings: Findings) -> None:
    first: dict[str, s.Block] = {}
    for block in card.blocks:
        other = first.get(block.id)
        if other is None:
            first[block.id] = block
        else:
            findings.add(
                "IC206",
                f"`{block.id}` is the id of two blocks",
                block.id_span,
                labels=(Label(other.id_span, "the first one"),),
            )


# ---------------------------------------------------------------- references


def _symbols(card: s.Card, lookup: NameLookup) -> dict[Named, Symbol]:
    symbols: dict[Named, Symbol] = {}
    conditions = [variable.value for variable in card.variables]
    for root in (*conditions, *live_expressions(card)):
        for node in subexpressions(root):
            if isinstance(node, (*_REFERENCES, s.Call)) and node not in symbols:
                symbol = lookup.call(node) if isinstance(node, s.Call) else lookup.symbol(node)
                if symbol is not None:
                    symbols[node] = symbol
    return symbols


def _variables_of(expr: s.Expr, symbols: dict[Named, Symbol]) -> list[str]:
    names = []
    for node in subexpressions(expr):
        symbol = symbols.get(node) if isinstance(node, _REFERENCES) else None
        if isinstance(symbol, VariableSymbol):
            names.append(symbol.variable.name)
    return names


def _ordered_variables(
    variables: dict[str, s.Variable], symbols: dict[Named, Symbol], findings: Findings
) -> Sequence[str]:
    needs = {name: _variables_of(v.value, symbols) for name, v in variables.items()}
    order, cycles = dependency_order(needs)
    for cycle in cycles:
        first = variables[cycle[0]]
        if len(cycle) == 1:
            message = f"`{first.name}` is defined by itself"
            helps = instead_of_itself(first.name, first.value)
        else:
            message = "variables are defined by each other: " + " -> ".join((*cycle, cycle[0]))
            helps = instead_of_each_other([variables[name] for name in cycle])
        labels = tuple(Label(variables[name].name_span, f"`{name}`") for name in cycle[1:])
        findings.add("IC205", message, first.name_span, labels=labels, help=helps)
    return order


def _levels(card: s.Card, table: FeatureTable, findings: Findings) -> dict[str, FeatureSymbol]:
    """Look up the features that `risk_model` names: an ATR, or a level of a structure."""
    text = {x.path: x for x in card.settings if isinstance(x.value, str)}
    levels: dict[str, FeatureSymbol] = {}
    for rule in ("risk_model.stop_loss", "risk_model.take_profit"):
        kind = text.get(f"{rule}.type")
        named = text.get(f"{rule}.atr_feature_id") or text.get(f"{rule}.feature_id")
        if named is not None:
            field = text.get(f"{rule}.field")
            found = _level(named, field, table, findings)
            if found is not None:
                levels[rule] = found
        elif kind is not None and kind.value == StopType.ATR_MULTIPLE:
            atr = output_symbol(default_atr(table), None)
            assert atr is not None
            levels[rule] = atr
        elif kind is not None and kind.value == StopType.STRUCTURE:
            findings.add("IC109", f"a structure {rule} needs `feature_id` and `field`", kind.span)
    return levels


def _level(
    named: s.Setting, field: s.Setting | None, table: FeatureTable, findings: Findings
) -> FeatureSymbol | None:
    id = str(named.value)
    if id not in table.declared:
        findings.unknown_word(
            "IC201", f"no feature is called `{id}`", named.span, id, tuple(table.declared)
        )
        return None
    if id in table.broken:
        return None
    instance = table.instances[id]
    found = output_symbol(instance, None if field is None else str(field.value))
    if found is None and field is not None:
        findings.unknown_word(
            "IC201",
            f"`{id}` ({instance.entry.type}) has no field `{field.value}`",
            field.span,
            str(field.value),
            tuple(output.name for output in instance.outputs),
        )
    return found


# ---------------------------------------------------------------- what nobody reads


def _used(
    card: s.Card, symbols: dict[Named, Symbol], of_sources: Iterable[Sequence[str]]
) -> set[str]:
    """Return the variables that a rule or the source of a feature reaches, through other variables too."""
    used: set[str] = set()
    todo: list[Sequence[str]] = [_variables_of(e, symbols) for e in live_expressions(card)]
    todo.extend(of_sources)
    by_name = {variable.name: variable for variable in card.variables}
    while todo:
        for name in todo.pop():
            if name not in used:
                used.add(name)
                todo.append(_variables_of(by_name[name].value, symbols))
    return used


def _unused_features(
    table: FeatureTable, symbols: dict[Named, Symbol], levels: dict[str, FeatureSymbol]
) -> tuple[s.Feature, ...]:
    """Return the features that no condition, operand, setting or other feature reads.

    What only an unused variable reads counts as read: the variable is the finding.
    """
    read = {symbol.instance for symbol in symbols.values() if isinstance(symbol, FeatureSymbol)}
    read |= {level.instance for level in levels.values()}
    for id in reversed(list(table.instances)):
        if id in read:
            read.update(target for _, target in table.instances[id].depends)
    # `ema@4h` reads the declaration `ema` even where `ema` itself runs on no timeframe.
    read |= {id.partition("@")[0] for id in read}
    return tuple(
        feature
        for feature in table.declared.values()
        if feature.id not in read and feature.id not in table.broken
    )
