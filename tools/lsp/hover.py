"""What a name means, said where the mouse rests."""

from __future__ import annotations

from lsprotocol import types as lsp

from compiler.catalog import sentences
from compiler.catalog.actions import ACTIONS, all_choices_of
from compiler.catalog.builtins import Builtin
from compiler.catalog.lookup import entry
from compiler.catalog.orders import OptionName, OptionValue
from compiler.catalog.reference import entry_text
from compiler.catalog.types import OutputSpec, ParamSpec, Type, Unit, ValueType
from compiler.check.card import value_types
from compiler.resolve.names import builtin
from compiler.resolve.outputs import canonical_field
from compiler.resolve.scope import Instance, Resolved
from compiler.syntax import tree as s
from tools.lsp.document import Document
from tools.lsp.mentions import Mention, MentionKind, mention_at


def hover(document: Document, offset: int) -> lsp.Hover | None:
    """Return what is known about the name at a place."""
    here = mention_at(document, offset)
    if here is None or document.resolved is None:
        return None
    text = _about(document, document.resolved, here)
    if text is None:
        return None
    content = lsp.MarkupContent(lsp.MarkupKind.Markdown, text)
    return lsp.Hover(content, document.positions.range(here.span))


def _about(document: Document, resolved: Resolved, here: Mention) -> str | None:
    match here.kind:
        case MentionKind.FEATURE:
            instance = resolved.by_id.get(here.name)
            return None if instance is None else about_instance(instance)
        case MentionKind.FIELD:
            owner = resolved.by_id.get(here.owner)
            output = None if owner is None else find_output(owner, here.name)
            return None if output is None else _titled(f"{here.owner}.{output.name}", output)
        case MentionKind.BUILTIN:
            found = builtin(here.name, resolved.order_refs)
            return None if found is None else about_builtin(found)
        case MentionKind.VARIABLE:
            variable = resolved.variables.get(here.name)
            return None if variable is None else _variable(document, resolved, variable)
        case MentionKind.PARAM:
            declaration = resolved.params.get(here.name)
            return None if declaration is None else about_param(declaration)
        case MentionKind.ORDER_REF:
            return f"`{here.name}`: the name that the card gives to an order"
        case _:
            return _about_words(here)


def _about_words(here: Mention) -> str | None:
    """Words of the language: types, their parameters, actions and their metadata."""
    if here.kind is MentionKind.TYPE:
        found = entry(here.name)
        return None if found is None else f"```text\n{entry_text(found).rstrip()}\n```"
    if here.kind is MentionKind.ARGUMENT:
        owner = entry(here.owner)
        specs = () if owner is None else owner.params
        spec = next((p for p in specs if here.name == p.name or here.name in p.aliases), None)
        return None if spec is None else about_parameter(spec)
    if here.kind is MentionKind.ACTION:
        return about_action(here.name)
    return about_metadata(here.name)


def type_text(value: ValueType) -> str:
    """Return a type as a card author reads it: `number, price`, `flat | long | short`."""
    if value.type is Type.ENUM:
        return " | ".join(value.enum) or "one of the card's order refs"
    unit = "" if value.unit is Unit.PLAIN else f", {value.unit.value}"
    low = "" if value.low is None else f"{value.low:g}"
    high = "" if value.high is None else f"{value.high:g}"
    bounds = f", {low}…{high}" if low or high else ""
    return f"{value.type.value}{unit}{bounds}"


def find_output(instance: Instance, field: str) -> OutputSpec | None:
    wanted = canonical_field(field)
    return next((o for o in instance.outputs if wanted == o.name or wanted in o.aliases), None)


def _titled(name: str, output: OutputSpec) -> str:
    return f"`{name}`: {type_text(output.value)}\n\n{output.doc}".rstrip()


def about_instance(instance: Instance) -> str:
    """Return a feature as it runs: type, parameters, clock, and what it gives."""
    given = ", ".join(f"{name}: {_plain(value)}" for name, value in instance.params)
    where = instance.timeframe + (f" of {instance.symbol}" if instance.symbol else "")
    outputs = [
        f"- `{o.name}`{' (meant without a field)' if o.primary else ''}: {type_text(o.value)}"
        + (f"; {o.doc}" if o.doc else "")
        for o in instance.outputs
    ]
    head = f"`{instance.id}`: {instance.entry.type}({given}) on {where}"
    return "\n".join([head, "", f"{instance.entry.title}. {instance.entry.doc}", "", *outputs])


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_plain, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value).lower()


def about_builtin(found: Builtin) -> str:
    """Return the type and documentation of a builtin."""
    return f"`{found.name}`: {type_text(found.value)}\n\n{found.doc}"


def _variable(document: Document, resolved: Resolved, variable: s.Variable) -> str:
    written = document.source.slice(variable.value.span).strip()
    found = value_types(resolved).get(variable.name)
    kind = "" if found is None else f": {type_text(found)}"
    return f"`{variable.name}`{kind}\n\n```yaml\n{written}\n```"


def about_param(declaration: s.ParamDecl) -> str:
    """Return a tunable: its default and the range it may be tuned over."""
    text = f"`{declaration.name}`: tunable, default {declaration.default:g}"
    for word, bound in (
        ("from", declaration.low),
        ("to", declaration.high),
        ("step", declaration.step),
    ):
        text += "" if bound is None else f", {word} {bound:g}"
    return text


def about_parameter(spec: ParamSpec) -> str:
    """Return a parameter of a feature type."""
    default = "required" if spec.default is None else f"default {_plain(spec.default)}"
    kind = " | ".join(spec.choices) or spec.kind.value
    low = "" if spec.low is None else f"{spec.low:g}"
    high = "" if spec.high is None else f"{spec.high:g}"
    bounds = f", {low}…{high}" if low or high else ""
    return f"`{spec.name}`: {kind}, {default}{bounds}\n\n{spec.doc}".rstrip()


def about_action(name: str) -> str | None:
    """Return what an action takes."""
    spec = ACTIONS.get(name)
    if spec is None:
        return None
    lines = [f"`{name}`: {sentences.ACTIONS[name].text}", ""]
    for title, keys in (
        ("needs", (*spec.price_required, *spec.options_required)),
        ("prices", spec.prices),
        ("sizes", spec.sizes),
        ("options", spec.options),
    ):
        if keys:
            lines.append(f"- {title}: {', '.join(f'`{key}`' for key in keys)}")
    return "\n".join([*lines, "", f"```yaml\n- {sentences.ACTIONS[name].example}\n```"])


def about_metadata(name: str) -> str:
    """Return what a metadata key means and which words it takes."""
    choices: tuple[str, ...] = ()
    if name in tuple(OptionName):
        option = OptionName(name)
        is_switch = option.holds is OptionValue.SWITCH
        choices = ("true", "false") if is_switch else all_choices_of(option)
    text = f"`{name}`" + (f": {' | '.join(choices)}" if choices else "")
    for table in (sentences.OPTIONS, sentences.PRICES, sentences.SIZES):
        for word, told in table.items():
            if name in (word, f"{word}_ref", f"{word}_offset_pct"):
                return f"{text}\n\n{told.text}\n\n```yaml\n{told.example}\n```"
    return text
