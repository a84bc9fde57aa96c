"""The shape of a card against its JSON Schema, said as findings.

INVARIANT: one finding per place; a value that is reported reports nothing below it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from compiler.catalog.orders import SizeKey
from compiler.findings.codes import finding
from compiler.findings.collected import rename
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Label
from compiler.findings.source import Source, Span
from compiler.findings.suggest import closest, misspelt, related
from compiler.findings.words import Place, meant
from compiler.parse import first_attempts as attempts
from compiler.parse.ignored_keys import ignored
from compiler.parse.in_bars import told_in_bars
from compiler.parse.mended import as_sure_as_their_values, covering, mended
from compiler.parse.schema_validator import schema_errors
from compiler.parse.wording import (
    allowed_here,
    described,
    kind_words,
    listed,
    one_of,
    short,
    worded,
)
from compiler.text.nodes import KeyValue, Node, Scalar, ValueKind, plain_data
from compiler.text.nodes import Mapping as MappingNode
from compiler.text.nodes import Sequence as SequenceNode
from compiler.text.places import Style

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Path = tuple[str | int, ...]

_KEY_RULES = ("required", "additionalProperties", "minProperties")
# Which of several complaints about one value is the one to show.
_RANK = {"type": 0, "not": 1, "enum": 2, "const": 2, "pattern": 3}
# A file with more unknown keys than this in one mapping is no card; the first ones say so.
_MOST_UNKNOWN = 50
_SIZES = frozenset(SizeKey)
# Keys shown beside a suggestion, and where there is none.
_FEW, _MANY = 8, 24
# A repair may uncover one more shape below it, never many.
_MOST_LOOKS = 4


def understood(source: Source, node: Node) -> tuple[list[Diagnostic], Node | None]:
    """Return what is wrong with the shape of a card, and the card as it was probably meant.

    What was mended is looked at again: one look says all. None, with one finding, for another language.
    """
    if isinstance(node, MappingNode) and (other := attempts.dialect(node)) is not None:
        return [finding("IC107", other.message, other.span, help=other.help)], None
    found: list[Diagnostic] = []
    for _ in range(_MOST_LOOKS):
        more, repairs = _look(source, node)
        is_said = covering(d.span for d in found)
        found += [d for d in more if not is_said(d.span.start)]
        if not repairs:
            break
        node = mended(node, repairs)
    sure = as_sure_as_their_values(found, node)
    return sorted(sure, key=lambda d: (d.span.start, d.code)), node


def validate(source: Source, node: Node) -> list[Diagnostic]:
    """Return what is wrong with the shape of a card as it is written, in file order."""
    return _look(source, node)[0]


def _look(source: Source, node: Node) -> tuple[list[Diagnostic], dict[Span, str | Node]]:
    values: dict[Path, ValidationError] = {}
    keys: dict[Path, list[ValidationError]] = {}
    found: list[Diagnostic] = []
    for error in schema_errors(plain_data(node)):
        path: Path = tuple(error.absolute_path)
        if "propertyNames" in error.relative_schema_path:
            found.append(_bad_key(node, path, error))
        elif error.validator in _KEY_RULES and not _is_about_the_value(error):
            keys.setdefault(path, []).append(error)
        elif path not in values or _rank(error) < _rank(values[path]):
            values[path] = error
    reporter = _Reporter(source, node, found, {})
    whole = {path for path in keys if path not in values and reporter.first_attempt(path)}
    for path, error in values.items():
        if not _is_below(path, values) and not _is_below(path, whole):
            reporter.value(path, error)
    told = {*values, *whole}
    for path, errors in keys.items():
        if path not in told and not _is_below(path, told):
            reporter.keys(path, errors)
    found += ignored(source, node)
    return sorted(found, key=lambda d: (d.span.start, d.code)), reporter.repairs


def _rank(error: ValidationError) -> int:
    return _RANK.get(str(error.validator), 4)


def _is_below(path: Path, reported: Collection[Path]) -> bool:
    return any(path[:length] in reported for length in range(len(path)))


def _is_about_the_value(error: ValidationError) -> bool:
    """Where a mapping is one shape among several, a wrong key in it means a wrong value."""
    kinds = _schema(error).get("type")
    return error.validator == "minProperties" or (
        isinstance(kinds, list) and "object" in kinds and error.validator in _KEY_RULES
    )


def _bad_key(root: Node, path: Path, error: ValidationError) -> Diagnostic:
    mapping = _at(root, path)
    name = str(error.instance)
    entry = mapping.entry(name) if isinstance(mapping, MappingNode) else None
    span = entry.key.span if entry else mapping.span
    schema = _schema(error)
    message = f"`{short(name)}` is not {schema.get('x-what', 'a name')}"
    return finding("IC110", message, span, help=schema.get("x-hint"))


def _schema(error: ValidationError) -> dict[str, Any]:
    return error.schema if isinstance(error.schema, dict) else {}


# ---------------------------------------------------------------- places


def _at(root: Node, path: Path) -> Node:
    node = root
    for step in path:
        if isinstance(node, MappingNode):
            found = node.get(str(step))
            if found is None:
                return node
            node = found
        elif isinstance(node, SequenceNode) and isinstance(step, int):
            node = node.items[step]
    return node


def _first_line(source: Source, span: Span) -> Span:
    text = source.slice(span)
    first = text.split("\n", 1)[0].rstrip()
    return Span(span.start, span.start + len(first)) if first else span


class _Reporter:
    """Turns the validator's complaints into findings."""

    def __init__(
        self,
        source: Source,
        root: Node,
        found: list[Diagnostic],
        repairs: dict[Span, str | Node],
    ) -> None:
        self.source = source
        self.root = root
        self.found = found
        self.unknown_at = {d.span for d in found if d.code == "IC107"}
        self.repairs = repairs

    def first_attempt(self, path: Path) -> bool:
        """Report a mapping whose whole shape is another one; False if it is not."""
        mapping = _at(self.root, path)
        if not isinstance(mapping, MappingNode):
            return False
        place = attempts.place_of(path)
        found = None
        if place is Place.FEATURE:
            found = attempts.short_feature(mapping)
        elif place is Place.BLOCK:
            found = attempts.flat_block(mapping)
        if found is None:
            return False
        self.unknown_at.add(found.span)
        self.found.append(finding("IC107", found.message, found.span, help=found.help))
        if found.mended is not None:
            self.repairs[mapping.span] = found.mended
        return True

    # ------------------------------------------------------------ values

    def value(self, path: Path, error: ValidationError) -> None:
        """Report a value of the wrong kind or outside what is allowed."""
        node = _at(self.root, path)
        schema = _schema(error)
        if error.validator == "not" and "x-message" in schema:
            self._forbidden(path, node, schema)
        elif error.validator in ("enum", "const") or "x-choices" in schema:
            self._unknown_word(path, node, error, schema)
        else:
            self._wrong_kind(node, schema, key=str(path[-1]) if path else "")

    def _forbidden(self, path: Path, node: Node, schema: dict[str, Any]) -> None:
        parent = _at(self.root, path[:-1])
        key = parent.entry(str(path[-1])) if isinstance(parent, MappingNode) and path else None
        other = parent.entry(schema["x-other"]) if key and "x-other" in schema else None  # type: ignore[union-attr]
        labels = [Label(other.key.span, "already given here")] if other else []
        self.found.append(
            finding(
                schema.get("x-code", "IC110"),
                schema["x-message"] if other else f"{worded(node)}: {schema['x-message']}",
                key.key.span if key and other else _first_line(self.source, node.span),
                labels=labels,
                help=(key and other and attempts.one_size(key, other)) or schema.get("x-hint"),
            )
        )

    def _unknown_word(
        self, path: Path, node: Node, error: ValidationError, schema: dict[str, Any]
    ) -> None:
        choices = [str(c) for c in schema.get("x-choices", schema.get("enum", ()))]
        what = schema.get("x-what", "allowed here")
        if not isinstance(node, Scalar) or node.kind is ValueKind.NOTHING:
            self._wrong_kind(node, schema, help=one_of(choices))
            return
        known = meant(_word_place(path), node.text)
        sure = misspelt(node.text, choices)
        near = sure or (known.word if known else closest(node.text, choices))
        message = f"`{short(node.text)}` is not {what}"
        self.found.append(
            finding(
                "IC110",
                message + (f", did you mean `{near}`?" if near else ""),
                node.place(0, len(node.text)),
                help=(known.note if known else "") or one_of(related(node.text, choices)),
                fix=self._rewrite(node, near, safe=near == sure) if near else None,
            )
        )

    def _wrong_kind(
        self, node: Node, schema: dict[str, Any], help: str | None = None, key: str = ""
    ) -> None:
        what = schema.get("x-what") or kind_words(schema.get("type", "something else"))
        help = help or told_in_bars(node, key, self.root) or schema.get("x-hint")
        fix = None
        if isinstance(node, Scalar) and _is_quoted_number(node, schema):
            help = "remove the quotes"
            fix = Fix("remove the quotes (a guess)", (Edit(node.span, node.text),), safe=False)
        elif better := attempts.better_value(node, what, key):
            text, meant_node = better
            help = f"write `{text}`"
            fix = self._rewrite(node, text, safe=False)
            self.repairs[attempts.written_at(node)] = meant_node
        self.found.append(
            finding(
                "IC110",
                f"expected {what}, found {described(node)}",
                _first_line(self.source, node.span),
                help=help,
                fix=fix,
            )
        )

    # ------------------------------------------------------------ keys

    def keys(self, path: Path, errors: Sequence[ValidationError]) -> None:
        """Report unknown and missing keys of one mapping; a misspelt required key is one finding."""
        mapping = _at(self.root, path)
        if not isinstance(mapping, MappingNode):
            return
        missing: dict[str, str | None] = {}
        unknown: dict[str, list[str]] = {}
        for error in errors:
            schema = _schema(error)
            if error.validator == "required":
                absent = [k for k in schema["required"] if mapping.entry(k) is None]
                missing.update({key: schema.get("x-hint") for key in absent})
            else:
                allowed = list(schema.get("properties", ()))
                strangers = (k for k in mapping.names() if k not in allowed)
                unknown.update(dict.fromkeys(islice(strangers, _MOST_UNKNOWN), allowed))
        place = attempts.place_of(path)
        spelt = self._spelt(place, mapping, unknown, missing)
        for near, _ in spelt.values():
            missing.pop(near, None)
        for key, allowed in unknown.items():
            if (entry := mapping.entry(key)) is not None:
                self._unknown_key(place, entry, spelt.get(key), allowed, missing)
        if any(key in _SIZES for key in unknown):
            missing.pop("size", None)  # a size is there, of a kind this action does not take
        if missing:
            self._missing_keys(path, mapping, missing)

    def _spelt(
        self,
        place: Place | None,
        mapping: MappingNode,
        unknown: Mapping[str, list[str]],
        missing: Iterable[str],
    ) -> dict[str, tuple[str, bool]]:
        """Say which key each unknown one is, and whether surely; each is suggested once, if free."""
        taken = set(mapping.names())
        spelt: dict[str, tuple[str, bool]] = {}
        for key, allowed in unknown.items():
            free = [name for name in allowed if name not in taken]
            sure, known = misspelt(key, allowed), meant(place, key)
            if sure in free:
                near: str | None = sure
            elif known is not None and (known.note or known.word in free):
                near = known.word if known.word in free else None
            else:
                near = closest(key, [name for name in missing if name in free])
                near = near or closest(key, free)
            if near is not None:
                is_alias = known is not None and known.is_alias and known.word == near
                spelt[key] = near, near == sure or is_alias
                taken.add(near)
        return spelt

    def _unknown_key(
        self,
        place: Place | None,
        entry: KeyValue,
        near: tuple[str, bool] | None,
        allowed: list[str],
        missing: dict[str, Any],
    ) -> None:
        key = entry.key.text
        self.unknown_at.add(entry.key.span)
        known = meant(place, key)
        names = related(key, sorted(allowed, key=lambda name: name not in missing))
        fix = None
        if near is not None:
            if attempts.may_hold(near[0], entry.value):
                fix = self._rewrite(entry.key, near[0], safe=near[1])
            else:  # under that key its value would be a second fault
                fix = attempts.trail(entry, near[0])
            if place is Place.FEES and (better := attempts.fee(entry)) is not None:
                fix = self._rewrite_fee(entry, *better)
        self.found.append(
            finding(
                "IC107",
                f"unknown key `{short(key)}`" + (f", did you mean `{near[0]}`?" if near else ""),
                entry.key.span,
                help=(known.note if known else "") or allowed_here(names, _FEW if near else _MANY),
                fix=fix,
            )
        )

    def _rewrite(self, scalar: Node, text: str, *, safe: bool) -> Fix | None:
        """Return the fix that writes `text` in place of a scalar, and remember it as meant."""
        if not isinstance(scalar, Scalar) or scalar.style is Style.GIVEN:
            return None
        at = scalar.place(0, len(scalar.text))
        self.repairs[at] = text
        return rename(at, text, safe=safe, word=scalar.text)

    def _rewrite_fee(self, entry: KeyValue, key: str, value: str) -> Fix | None:
        fix = attempts.rewritten(entry, key, value)
        if fix is not None:
            self.repairs |= {entry.key.span: key, entry.value.span: value}
        return fix

    def _missing_keys(
        self, path: Path, mapping: MappingNode, missing: Mapping[str, str | None]
    ) -> None:
        owner = _at(self.root, path[:-1]) if path and path[-1] == "metadata" else mapping
        action = owner.get("action") if isinstance(owner, MappingNode) else None
        if isinstance(action, Scalar):
            message, span = f"`{short(action.text)}` needs {listed(list(missing))}", action.span
        else:
            plural = "s" if len(missing) > 1 else ""
            message, span = f"missing key{plural} {listed(list(missing))}", mapping.head
        if span in self.unknown_at:
            return  # the unknown key there already says what is allowed, what is missing first
        hints = [hint for hint in missing.values() if hint]
        where = _first_line(self.source, span)
        self.found.append(finding("IC109", message, where, help=hints[0] if hints else None))


def _word_place(path: Path) -> Place | None:
    """Return what kind of word stands as the value at a path."""
    last, above = (path[-1] if path else ""), (path[-2] if len(path) > 1 else "")
    if last == "action" or above in ("emit", "on_fill"):
        return Place.ACTION_NAME
    if "tf" in (last, above) or "htf" in (last, above):
        return Place.TIMEFRAME
    return Place.MODE if last == "mode" and above == "position_policy" else None


def _is_quoted_number(node: Scalar, schema: dict[str, Any]) -> bool:
    kinds = schema.get("type", ())
    if node.kind is not ValueKind.TEXT or "number" not in kinds:
        return False
    if node.style not in (Style.SINGLE, Style.DOUBLE):
        return False
    digits = node.text.removeprefix("-")
    return digits.replace(".", "", 1).isdecimal() and digits.isascii()
