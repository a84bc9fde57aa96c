"""The shape of a card against its JSON Schema, said as findings.

INVARIANT: one finding per place; a value that is reported reports nothing below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Label
from compiler.findings.source import Source, Span
from compiler.findings.suggest import closest
from compiler.parse.schema_validator import schema_errors
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
_LONGEST_SHOWN = 40
_LIST_LIMIT = 24
# A file with more unknown keys than this in one mapping is no card; the first ones say so.
_MOST_UNKNOWN = 50


def validate(source: Source, node: Node) -> list[Diagnostic]:
    """Return what is wrong with the shape of a card, in file order."""
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
    reporter = _Reporter(source, node, found)
    for path, error in values.items():
        if not _is_below(path, values):
            reporter.value(path, error)
    for path, errors in keys.items():
        if path not in values and not _is_below(path, values):
            reporter.keys(path, errors)
    found += _ignored(source, node)
    return sorted(found, key=lambda d: (d.span.start, d.code))


def _rank(error: ValidationError) -> int:
    return _RANK.get(str(error.validator), 4)


def _is_below(path: Path, reported: Mapping[Path, object]) -> bool:
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
    message = f"`{_short(name)}` is not {schema.get('x-what', 'a name')}"
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

    def __init__(self, source: Source, root: Node, found: list[Diagnostic]) -> None:
        self.source = source
        self.root = root
        self.found = found

    # ------------------------------------------------------------ values

    def value(self, path: Path, error: ValidationError) -> None:
        """Report a value of the wrong kind or outside what is allowed."""
        node = _at(self.root, path)
        schema = _schema(error)
        if error.validator == "not" and "x-message" in schema:
            self._forbidden(path, node, schema)
        elif error.validator in ("enum", "const") or "x-choices" in schema:
            self._unknown_word(node, error, schema)
        else:
            self._wrong_kind(node, schema)

    def _forbidden(self, path: Path, node: Node, schema: dict[str, Any]) -> None:
        parent = _at(self.root, path[:-1])
        key = parent.entry(str(path[-1])) if isinstance(parent, MappingNode) and path else None
        other = parent.entry(schema["x-other"]) if key and "x-other" in schema else None  # type: ignore[union-attr]
        labels = [Label(other.key.span, "already given here")] if other else []
        self.found.append(
            finding(
                schema.get("x-code", "IC110"),
                schema["x-message"] if other else f"{_word(node)}: {schema['x-message']}",
                key.key.span if key and other else _first_line(self.source, node.span),
                labels=labels,
                help=schema.get("x-hint"),
            )
        )

    def _unknown_word(self, node: Node, error: ValidationError, schema: dict[str, Any]) -> None:
        choices = [str(c) for c in schema.get("x-choices", schema.get("enum", ()))]
        what = schema.get("x-what", "allowed here")
        if not isinstance(node, Scalar) or node.kind is ValueKind.NOTHING:
            self._wrong_kind(node, schema, help=_one_of(choices))
            return
        near = closest(node.text, choices)
        message = f"`{_short(node.text)}` is not {what}"
        self.found.append(
            finding(
                "IC110",
                message + (f", did you mean `{near}`?" if near else ""),
                node.place(0, len(node.text)),
                help=_one_of(choices),
                fix=_rewrite(node, near, safe=near == node.text.lower()) if near else None,
            )
        )

    def _wrong_kind(self, node: Node, schema: dict[str, Any], help: str | None = None) -> None:
        what = schema.get("x-what") or _kinds(schema.get("type", "something else"))
        help = help or schema.get("x-hint")
        fix = None
        if isinstance(node, Scalar) and _is_quoted_number(node, schema):
            help = "remove the quotes"
            fix = Fix("remove the quotes", (Edit(node.span, node.text),))
        self.found.append(
            finding(
                "IC110",
                f"expected {what}, found {_found(node)}",
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
        spelt = self._spelt(mapping, unknown, missing)
        for near in spelt.values():
            missing.pop(near, None)
        for key, allowed in unknown.items():
            self._unknown_key(mapping.entry(key), spelt.get(key), allowed, missing)
        if missing:
            self._missing_keys(path, mapping, missing)

    def _spelt(
        self, mapping: MappingNode, unknown: Mapping[str, list[str]], missing: Iterable[str]
    ) -> dict[str, str]:
        """Say which key each unknown one probably is; a key is suggested once, and only if free."""
        taken = set(mapping.names())
        spelt: dict[str, str] = {}
        for key, allowed in unknown.items():
            free = [name for name in allowed if name not in taken]
            near = closest(key, [name for name in missing if name in free]) or closest(key, free)
            if near is not None:
                spelt[key] = near
                taken.add(near)
        return spelt

    def _unknown_key(
        self, entry: KeyValue | None, near: str | None, allowed: list[str], missing: dict[str, Any]
    ) -> None:
        if entry is None:
            return
        self.found.append(
            finding(
                "IC107",
                f"unknown key `{_short(entry.key.text)}`"
                + (f", did you mean `{near}`?" if near else ""),
                entry.key.span,
                help=_allowed(sorted(allowed, key=lambda name: name not in missing)),
                fix=_rewrite(entry.key, near, safe=True) if near else None,
            )
        )

    def _missing_keys(
        self, path: Path, mapping: MappingNode, missing: Mapping[str, str | None]
    ) -> None:
        owner = _at(self.root, path[:-1]) if path and path[-1] == "metadata" else mapping
        action = owner.get("action") if isinstance(owner, MappingNode) else None
        if isinstance(action, Scalar):
            message, span = f"`{_short(action.text)}` needs {_listed(list(missing))}", action.span
        else:
            plural = "s" if len(missing) > 1 else ""
            message, span = f"missing key{plural} {_listed(list(missing))}", mapping.head
        if any(d.span == span and d.code == "IC107" for d in self.found):
            return  # the unknown key there already says what is allowed, what is missing first
        hints = [hint for hint in missing.values() if hint]
        where = _first_line(self.source, span)
        self.found.append(finding("IC109", message, where, help=hints[0] if hints else None))


# ---------------------------------------------------------------- words


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST_SHOWN else words[: _LONGEST_SHOWN - 1] + "…"


def _word(node: Node) -> str:
    return f"`{_short(node.text)}`" if isinstance(node, Scalar) else _found(node)


def _found(node: Node) -> str:
    match node:
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return f"`{node.text}`"
        case Scalar(value=int() | float()):
            return f"the number `{_short(node.text)}`"
        case Scalar():
            return f"the text `{_short(node.text)}`" if node.text.strip() else "an empty text"
        case SequenceNode():
            return "a list" if node.items else "an empty list"
        case MappingNode():
            return "a mapping" if node.entries else "an empty mapping"


_KIND_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "nothing",
}


def _kinds(types: str | Iterable[str]) -> str:
    names = [types] if isinstance(types, str) else list(types)
    return " or ".join(_KIND_WORDS.get(name, name) for name in names)


def _one_of(choices: Sequence[str]) -> str | None:
    return f"one of {_listed(choices)}" if choices else None


def _allowed(names: Sequence[str]) -> str:
    return f"allowed here: {_listed(names)}" if names else "no key is allowed here"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_LIST_LIMIT])
    return shown + (", …" if len(names) > _LIST_LIMIT else "")


def _rewrite(scalar: Scalar, text: str, *, safe: bool) -> Fix | None:
    if scalar.style is Style.GIVEN:
        return None
    edit = Edit(scalar.place(0, len(scalar.text)), text)
    return Fix(f"write `{text}`", (edit,), safe)


def _is_quoted_number(node: Scalar, schema: dict[str, Any]) -> bool:
    kinds = schema.get("type", ())
    if node.kind is not ValueKind.TEXT or "number" not in kinds:
        return False
    if node.style not in (Style.SINGLE, Style.DOUBLE):
        return False
    digits = node.text.removeprefix("-")
    return digits.replace(".", "", 1).isdecimal() and digits.isascii()


def _ignored(source: Source, root: Node) -> list[Diagnostic]:
    """A 3.0.0 card may carry `variables`, which never meant anything."""
    if not isinstance(root, MappingNode) or root.get("execution_tf") is None:
        return []
    entry = root.entry("variables")
    if entry is None or entry.key.style is Style.GIVEN:
        return []
    end = source.text.find("\n", max(entry.key.span.end, entry.value.span.end))
    whole = Span(entry.key.span.start, end + 1 if end >= 0 else len(source.text))
    starts_line = source.location(whole.start).column == 1
    return [
        finding(
            "IC116",
            "`variables` is ignored in a 3.0.0 card",
            entry.key.span,
            help="delete it, or move the card to 3.1, where `variables` names conditions",
            fix=Fix("delete `variables`", (Edit(whole, ""),)) if starts_line else None,
        )
    ]
