"""Declared and implied features as instances of the catalogue, in dependency order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.session import SESSION
from compiler.catalog.timeframes import TIMEFRAMES, is_multiple, normalise
from compiler.catalog.types import DependencySpec, Entry
from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Label
from compiler.findings.source import Span
from compiler.findings.words import Place
from compiler.resolve.columns import column_of
from compiler.resolve.ordering import dependency_order
from compiler.resolve.outputs import SOURCES, bound_outputs
from compiler.resolve.params import bind_params
from compiler.resolve.scope import Instance
from compiler.resolve.session_anchors import anchored, is_session, session_on
from compiler.syntax import tree as s
from compiler.syntax.reserved import is_identifier

Catalogue = Mapping[str, Entry]


class FeatureTable:
    """Turns declared features into instances (`resolve_implied.py` adds those nobody declares).

    A declared feature that is wrong in itself is `broken`: references to it stay silent.
    """

    def __init__(
        self,
        card: s.Card,
        timeframe: str,
        catalogue: Catalogue,
        params: Mapping[str, s.ParamDecl],
        findings: Findings,
    ) -> None:
        self.card_timeframe = timeframe
        self.catalogue = catalogue
        self._params = params
        self._findings = findings
        self.declared: dict[str, s.Feature] = {}
        self.broken: set[str] = set()
        self.instances: dict[str, Instance] = {}
        self._named = frozenset(variable.name for variable in card.variables)
        self._sessions = frozenset(f.id for f in card.features if f.type == SESSION.type)
        # For the meaning of their sources: the first, and those beside it.
        self.waiting: list[tuple[s.Feature, Entry, tuple[s.Dependency, ...]]] = []
        for feature in card.features:
            if feature.id in self.declared:
                self._duplicate(feature)
            else:
                self.declared[feature.id] = feature
        self._entries = {f.id: self._entry(f) for f in self.declared.values()}
        for id, entry in self._entries.items():
            if entry is not None:
                self.declared[id], self._entries[id] = anchored(
                    self.declared[id], entry, self._sessions
                )
        self._build_declared()

    def _duplicate(self, feature: s.Feature) -> None:
        first = self.declared[feature.id]
        self._findings.add(
            "IC206",
            f"`{feature.id}` is the id of two features",
            feature.id_span,
            labels=(Label(first.id_span, "the first one"),),
        )

    # ------------------------------------------------------------ declared features

    def _build_declared(self) -> None:
        entries = self._entries
        depends = {
            feature.id: self._depends(feature, entries)
            for feature in self.declared.values()
            if entries[feature.id] is not None
        }
        needs = {id: [target for _, target in pairs or ()] for id, pairs in depends.items()}
        order, cycles = dependency_order(needs)
        for cycle in cycles:
            self._cycle(cycle)
        for id in order:
            entry, pairs = entries[id], depends[id]
            assert entry is not None
            feature = self.declared[id]
            if pairs is not None and self._reads_expression(feature, entry):
                self.waiting.append((feature, entry, self._further_sources(feature, entry)))
            elif pairs is not None and all(target in self.instances for _, target in pairs):
                self._build(feature, entry, pairs)
        self.note_broken()

    def _reads_expression(self, feature: s.Feature, entry: Entry) -> bool:
        """Return whether a feature reads an expression or another feature in place of a column."""
        if any(spec.is_source for spec in entry.depends):
            return True
        written = feature.source
        if written is None or written in SOURCES or "source" not in entry.inputs:
            return False
        return not is_identifier(written) or written in self.declared or written in self._named

    def _further_sources(self, feature: s.Feature, entry: Entry) -> tuple[s.Dependency, ...]:
        """Return what a feature reads beside its source, in the order of the entry."""
        given = self._given_roles(feature, entry) or {}
        return tuple(replace(given[d.role], role=d.role) for d in entry.depends if d.is_source)

    def note_broken(self) -> None:
        """Note which declared features have no instance."""
        self.broken = {id for id in self.declared if id not in self.instances}

    def _cycle(self, cycle: tuple[str, ...]) -> None:
        first = self.declared[cycle[0]]
        if len(cycle) == 1:
            message = f"`{first.id}` depends on itself"
        else:
            message = "features depend on each other: " + " -> ".join((*cycle, cycle[0]))
        labels = tuple(Label(self.declared[id].id_span, f"`{id}`") for id in cycle[1:])
        help = f"of what `{first.id}` reads (`source`, `depends_on`) nothing may lead back to it: name another feature there, or a column like `close`"
        self._findings.add("IC205", message, first.id_span, labels=labels, help=help)

    def _entry(self, feature: s.Feature) -> Entry | None:
        entry = self.catalogue.get(feature.type.lower())
        if entry is not None and entry.kind.value == feature.kind.value:
            return entry
        names = [e.type for e in self.catalogue.values() if e.kind.value == feature.kind.value]
        if entry is not None:
            self._findings.add(
                "IC201",
                f"`{feature.type}` is {_article(entry.kind.value)}, not {_article(feature.kind)}",
                feature.type_span,
                help=_SHELVES[entry.kind.value],
            )
            return None
        self._findings.unknown_word(
            "IC201",
            f"no {feature.kind} is called `{feature.type}`",
            feature.type_span,
            feature.type,
            names,
            place=Place.TYPE,
        )
        return None

    def _depends(
        self, feature: s.Feature, entries: Mapping[str, Entry | None]
    ) -> tuple[tuple[str, str], ...] | None:
        entry = entries[feature.id]
        assert entry is not None
        given = self._given_roles(feature, entry)
        if given is None:
            return None
        pairs: list[tuple[str, str]] = []
        fine = True
        for spec in entry.depends:
            dependency = given.get(spec.role)
            if dependency is None:
                if spec.required:
                    fine = False
                    self._findings.add(
                        "IC109",
                        f"`{feature.type}` needs `depends_on: {{{spec.role}: …}}`",
                        feature.type_span,
                        help="what else it reads: a column, a feature or an expression"
                        if spec.is_source
                        else f"it reads a structure of type {_words(spec.types)}",
                    )
                continue
            if spec.is_source:
                continue
            if self._target_fits(feature, spec, dependency, entries):
                pairs.append((spec.role, dependency.target))
            else:
                fine = False
        return tuple(pairs) if fine else None

    def _given_roles(self, feature: s.Feature, entry: Entry) -> dict[str, s.Dependency] | None:
        """Collect the dependencies by role; `source` stands for the only role of an entry."""
        roles = {spec.role for spec in entry.depends}
        given: dict[str, s.Dependency] = {}
        fine = True
        for dependency in (*feature.depends_on, *_dependencies_in_params(feature, roles)):
            role = dependency.role
            if role == "source" and role not in roles and entry.depends:
                role = role if entry.depends[0].is_source else entry.depends[0].role
            if role not in roles:
                fine = False
                self._findings.unknown_word(
                    "IC107",
                    f"`{feature.type}` depends on nothing called `{role}`",
                    dependency.span,
                    role,
                    tuple(roles and [spec.role for spec in entry.depends]),
                )
            else:
                given[role] = dependency
        return given if fine else None

    def _target_fits(
        self,
        feature: s.Feature,
        spec: DependencySpec,
        dependency: s.Dependency,
        entries: Mapping[str, Entry | None],
    ) -> bool:
        target = self.declared.get(dependency.target)
        if target is None:
            self._findings.unknown_word(
                "IC201",
                f"no feature is called `{dependency.target}`",
                dependency.span,
                dependency.target,
                tuple(self.declared),
            )
            return False
        entry = entries.get(target.id)
        if entry is not None and spec.types and entry.type not in spec.types:
            self._findings.add(
                "IC201",
                f"`{feature.id}` needs {_words(spec.types)} as `{spec.role}`, "
                f"`{target.id}` is of type `{entry.type}`",
                dependency.span,
            )
            return False
        if entry is None:
            return False
        has = {output.name for output in entry.outputs}
        lacking = [f"`{column}`" for column in spec.columns if column not in has]
        if lacking:
            self._findings.add(
                "IC201",
                f"`{feature.id}` reads {' and '.join(lacking)} of its `{spec.role}`, "
                f"`{target.id}` of type `{entry.type}` has no such field",
                dependency.span,
                help=f"what can be its `{spec.role}`: "
                + ", ".join(f"`{name}`" for name in _able(spec)),
            )
        return not lacking

    def _build(
        self,
        feature: s.Feature,
        entry: Entry,
        depends: tuple[tuple[str, str], ...],
        *,
        implicit: bool = False,
    ) -> None:
        roles = frozenset(spec.role for spec in entry.depends)
        timeframe = self.timeframe(feature.timeframe, feature.timeframe_span)
        params = bind_params(
            feature, entry, self._params, self._findings, roles, self._sessions, timeframe
        )
        source = column_of(feature, entry, self._findings)
        if params is None or timeframe is None or source is None:
            return
        self.instances[feature.id] = Instance(
            id=feature.id,
            entry=entry,
            timeframe=timeframe,
            symbol=feature.symbol,
            source=source,
            params=params,
            depends=self._on_own_bars(depends, timeframe, feature.symbol),
            outputs=bound_outputs(entry, params, source),
            implicit=implicit,
            tz=feature.tz,
            span=feature.span,
        )

    def _on_own_bars(
        self, depends: tuple[tuple[str, str], ...], timeframe: str, symbol: str | None
    ) -> tuple[tuple[str, str], ...]:
        """Return dependencies with sessions as they are on the bars of what reads them."""
        found = []
        for role, target in depends:
            read = self.instances[target]
            if is_session(read):
                read = session_on(read, timeframe, symbol)
                self.instances.setdefault(read.id, read)
            found.append((role, read.id))
        return tuple(found)

    def reading(
        self, feature: s.Feature, entry: Entry, read: Instance | None,
        others: tuple[tuple[str, str], ...] = (), *, implicit: bool = False,
    ) -> Instance | None:  # fmt: skip
        """Return an instance in place or that reads others as columns; None if it is wrong (reported).

        `read` stands in the place of its source, `others` are further sources by role.
        """
        feature, entry = anchored(feature, entry, self._sessions)
        if implicit and feature.depends_on:
            pairs = self._depends(feature, {**self._entries, feature.id: entry})
            if pairs is None or not all(target in self.instances for _, target in pairs):
                return None
            others = pairs
        self._build(feature, entry, others, implicit=implicit)
        made = self.instances.get(feature.id)
        if made is not None and read is not None:
            made = self.instances[feature.id] = replace(
                made,
                source="",
                depends=(("source", read.id), *others),
                outputs=bound_outputs(entry, made.params, "", read.outputs[0].value.unit),
            )
        return made

    def refused(self, code: str, message: str, span: Span, help: str) -> None:
        """Report what cannot become an instance."""
        self._findings.add(code, message, span, help=help)

    def timeframe(self, written: str | None, span: Span) -> str | None:
        """Return a feature's timeframe, canonical; None if it cannot be used (reported)."""
        if written is None:
            return self.card_timeframe
        word = normalise(written)
        if word is None:
            unknown_timeframe(written, span, self._findings)
            return None
        if not is_multiple(word, self.card_timeframe):
            self._findings.add(
                "IC701",
                f"timeframe `{word}` is not a whole multiple of the card's `{self.card_timeframe}`",
                span,
                help="a feature can only be computed on the card's timeframe or a coarser one",
            )
            return None
        return word


_SHELVES = {
    "indicator": "indicators stand under `features`, with an `id`",
    "structure": "structures stand under `structures: {exec: […]}`, with a `key`",
}


def _dependencies_in_params(feature: s.Feature, roles: set[str]) -> tuple[s.Dependency, ...]:
    """`params: {anchor: swing}` is `depends_on: {anchor: swing}`."""
    found = []
    for argument in feature.params:
        value = argument.value.head if isinstance(argument.value, s.Name) else argument.value
        if argument.name in roles and isinstance(value, str):
            found.append(s.Dependency(argument.name, value, span=argument.span))
    return tuple(found)


def _words(types: tuple[str, ...]) -> str:
    return " or ".join(f"`{t}`" for t in types) or "any type"


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _able(spec: DependencySpec) -> list[str]:
    """Return the types whose features have every field that a dependency reads."""
    return [
        name
        for name, entry in CATALOGUE.items()
        if set(spec.columns) <= {output.name for output in entry.outputs}
    ]


def unknown_timeframe(written: str, span: Span, findings: Findings) -> None:
    """Report a text that is no timeframe."""
    findings.unknown_word(
        "IC304",
        f"`{written}` is not a timeframe",
        span,
        written,
        tuple(TIMEFRAMES),
        place=Place.TIMEFRAME,
    )
