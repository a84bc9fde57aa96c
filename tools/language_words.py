"""Every word of the language with its sentence and an example: what `ideacard reference` shows.

The law: the words come from the tables that the compiler and the engine themselves read, so none can
be missing and none can be left over; a test compiles every example.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import schemas
from compiler.catalog import sentences as told
from compiler.catalog.actions import ACTIONS, ActionSpec, Verb, all_choices_of, default_of
from compiler.catalog.builtins import BUILTINS, OF_LAST_TRADES, Builtin
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.orders import OptionName, OptionValue
from compiler.catalog.settings import SPECS, SettingKind, SettingSpec
from compiler.catalog.types import EntryKind, Stage, Type, Unit
from compiler.findings.recipe import Recipe
from compiler.findings.recipes import RECIPES
from runtime.decide.refusals import REFUSALS

_MOST_NAMES = 8  # by which something is asked, in a list of them


class Chapter(StrEnum):
    """What kind of word it is; the order is that of the reference."""

    SECTION = "parts of a card"
    WORD = "words of conditions"
    BUILTIN = "builtins"
    ACTION = "actions"
    PRICE = "prices of actions"
    SIZE = "sizes"
    OPTION = "options of actions"
    PROMISE = "promises"
    SETTING = "settings"
    INDICATOR = "indicators"
    STRUCTURE = "structures"
    REFUSAL = "refusals"
    FORMULA = "no word of its own: how it is said"
    RULE = "what lint finds"
    RESULT = "words of a result"


@dataclass(frozen=True, slots=True)
class Word:
    """One word: a sentence, facts in short (`default: 1`), and an example as it stands in a card.

    `example` is empty for refusals, which no card writes.
    """

    chapter: Chapter
    name: str
    text: str
    facts: tuple[str, ...] = ()
    example: str = ""


def words() -> list[Word]:
    """Return all words, in the order of the reference."""
    return [
        *(Word(Chapter.SECTION, n, t.text, (), t.example) for n, t in told.SECTIONS.items()),
        *(Word(Chapter.WORD, n.strip(), t.text, (), t.example) for n, t in told.WORDS.items()),
        *(_builtin(b) for b in BUILTINS.values() if _is_shown(b)),
        *(_action(name, spec) for name, spec in ACTIONS.items()),
        *(Word(Chapter.PRICE, n, t.text, _spellings(n), t.example) for n, t in told.PRICES.items()),
        *(Word(Chapter.SIZE, n, t.text, (), t.example) for n, t in told.SIZES.items()),
        *(_option(name) for name in OptionName),
        *(Word(Chapter.PROMISE, n, t.text, (), t.example) for n, t in told.PROMISES.items()),
        *(_setting(spec) for spec in SPECS.values()),
        *_entries(),
        *(
            Word(Chapter.REFUSAL, str(code), m.text, _lets_pass(m.setting))
            for code, m in REFUSALS.items()
        ),
    ]


def formulas() -> list[Word]:
    """Return what people ask for that has no word of its own, each with how a card says it."""
    return [_formula(way) for way in RECIPES]


def _formula(way: Recipe) -> Word:
    others = way.names[1 : _MOST_NAMES + 1]
    more = " and more" if way.names[_MOST_NAMES + 1 :] else ""
    also = (f"also asked as: {', '.join(others)}{more}",) if others else ()
    return Word(Chapter.FORMULA, way.name, way.text, also, way.example)


def _is_shown(builtin: Builtin) -> bool:
    """Return whether a builtin has a place of its own: layers are told once, of layer 0."""
    name = builtin.name
    return not name.startswith("position_layer_") or name.startswith("position_layer_0_")


def _builtin(builtin: Builtin) -> Word:
    value = builtin.value
    kind = " | ".join(value.enum) if value.type is Type.ENUM else str(value.type.value)
    unit = () if value.unit in (Unit.PLAIN, None) else (f"unit: {value.unit.value}",)
    where = "the market" if builtin.stage is Stage.MARKET else "the account"
    facts = (f"{kind} of {where}", *unit, *(() if builtin.always_known else ("may be unknown",)))
    name = builtin.name
    if name in OF_LAST_TRADES:
        example = f"{name}(20) > 0"
    elif builtin.takes_ref:
        example = f"{name}(dip)" if value.type is Type.BOOL else f"{name}(dip) > 0"
    elif value.type is Type.BOOL:
        example = name
    elif value.type is Type.ENUM:
        example = f"{name} == {value.enum[0]}"
    else:
        unlike = {Unit.CLOCK: "08:00", Unit.DATE: "2025-01-01"}
        example = f"{name} > {unlike.get(value.unit, '0')}"
    text = builtin.doc.replace("of layer 0", "of layer 0 (and so on)")
    return Word(Chapter.BUILTIN, name, text, facts, example)


def _action(name: str, spec: ActionSpec) -> Word:
    facts = []
    if spec.prices:
        must = [str(slot) for slot in spec.price_required]
        may = [str(slot) for slot in spec.prices if slot not in spec.price_required]
        facts += [f"price: {', '.join(must)}"] if must else []
        facts += [f"may have: {', '.join(may)}"] if may else []
    if spec.sizes:
        facts.append(
            f"size{'' if spec.size_required else ' (may be left out)'}: {', '.join(spec.sizes)}"
        )
    if spec.options:
        facts.append(f"options: {', '.join(spec.options)}")
    return Word(
        Chapter.ACTION, name, told.ACTIONS[name].text, tuple(facts), told.ACTIONS[name].example
    )


def _spellings(name: str) -> tuple[str, ...]:
    return (
        f"as `{name}` (number or expression), `{name}_ref` (a reference), `{name}_offset_pct` (of the close)",
    )


def _option(name: OptionName) -> Word:
    choices = all_choices_of(name)
    values = f"one of: {', '.join(choices)}" if choices else f"takes {name.holds}"
    users = [action for action, spec in ACTIONS.items() if name in spec.options]
    facts = [values, f"of: {', '.join(users)}"]
    unsaid = _unsaid(name)
    if unsaid is not None:
        facts.append(f"default: {unsaid}")
    return Word(
        Chapter.OPTION, name, told.OPTIONS[name].text, tuple(facts), told.OPTIONS[name].example
    )


def _unsaid(name: OptionName) -> str | None:
    """Return what holds where an action does not say an option, None where nothing does."""
    if name.holds is OptionValue.SWITCH:
        return "false"
    users = [spec for spec in ACTIONS.values() if name in spec.options]
    entries = {default_of(spec, name) for spec in users if spec.verb is not Verb.EXIT}
    exits = {default_of(spec, name) for spec in users if spec.verb is Verb.EXIT} - entries
    words = sorted(filter(None, entries))
    words += [f"{word} of exits" for word in sorted(filter(None, exits))]
    return ", ".join(words) or None


def _setting(spec: SettingSpec) -> Word:
    default = _defaults().get(spec.path)
    facts = [f"one of: {', '.join(spec.choices)}"] if spec.choices else [str(spec.kind.value)]
    if spec.low is not None and spec.kind in (SettingKind.NUMBER, SettingKind.INT):
        facts.append(
            (
                f"above {spec.low:g}"
                if spec.low == 0 and _is_above(spec.path)
                else f"at least {spec.low:g}"
            )
            + ("" if spec.high is None or spec.high > 1e14 else f", at most {spec.high:g}")
        )
    facts.append("no default" if default is None else f"default: {_plain(default)}")
    return Word(
        Chapter.SETTING, spec.path, told.SETTINGS[spec.path], tuple(facts), _setting_example(spec)
    )


def _is_above(path: str) -> bool:
    """Return whether the schema leaves a setting's lowest value out: what `lint` holds a card to."""
    definitions = schemas.load("idea_card")["$defs"]
    place: Any = definitions["card_3_1"]
    for name in path.split("."):
        while "$ref" in place:
            place = definitions[place["$ref"].rpartition("/")[2]]
        place = place.get("properties", {}).get(name, {})
    return bool(place.get("$ref", "").endswith("/positive"))


def _plain(value: object) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _defaults() -> dict[str, Any]:
    """Return the values of a card that states none, by the paths of `SPECS`."""
    from compiler.graph.rule_graph import Settings

    made = asdict(Settings())
    rooms = {
        "account": "account",
        "position_policy": "policy",
        "risk_model": "risk",
        "execution": "execution",
        "limits": "limits",
    }
    found = {}
    for spec in SPECS.values():
        place: Any = made[rooms[spec.path.split(".")[0]]]
        inner = spec.path.split(".")[1:-1]
        for name in inner:
            place = place.get(name) if isinstance(place, Mapping) and name in place else place
        if isinstance(place, Mapping):
            found[spec.path] = place.get(spec.field)
    return found


_VALUES = {
    SettingKind.NUMBER: "0.5", SettingKind.INT: "2", SettingKind.BOOL: "true",
    SettingKind.TIMEFRAME: "1m", SettingKind.CLOCK: "08:00", SettingKind.NAME: "atr",
}  # fmt: skip
# Settings that mean something only beside others, or whose plain value would be an odd one.
_EXAMPLES = {
    "account.starting_equity_usdt": "account: { starting_equity_usdt: 5000 }",
    "account.max_leverage": "account: { max_leverage: 3 }",
    "account.max_position_usdt": "account: { max_position_usdt: 4000 }",
    "account.maintenance_margin_rate": "account: { maintenance_margin_rate: 0.01 }",
    "position_policy.max_positions_per_symbol": "position_policy: { max_positions_per_symbol: 1 }",
    "limits.on_breach": "limits: { max_drawdown_pct: 20, on_breach: flatten }",
    "execution.magnify_tf": "execution: { intrabar: magnify, magnify_tf: 1m }",
    "execution.impact_model": "execution: { impact: { model: sqrt, coefficient: 0.1 } }",
    "execution.impact_coefficient": "execution: { impact: { model: sqrt, coefficient: 0.1 } }",
    "execution.impact.model": "execution: { impact: { model: linear, coefficient: 0.1 } }",
    "execution.impact.coefficient": "execution: { impact: { model: sqrt, coefficient: 0.2 } }",
    "execution.price_band_pct": "execution: { price_band_pct: 2 }",
    "execution.volume_participation_max": "execution: { volume_participation_max: 0.05 }",
}  # fmt: skip


def _setting_example(spec: SettingSpec) -> str:
    if spec.path in _EXAMPLES:
        return _EXAMPLES[spec.path]
    section, *inner, name = spec.path.split(".")
    if section == "risk_model":
        return _rule_example(inner[0], name)
    value = spec.choices[-1] if spec.choices else _VALUES[spec.kind]
    body = f"{name}: {value}"
    for outer in reversed(inner):
        body = f"{outer}: {{ {body} }}"
    return f"{section}: {{ {body} }}"


def _rule_example(rule: str, name: str) -> str:
    if rule == "sizing":
        more = ", max_leverage: 2" if name == "max_leverage" else ""
        return f"risk_model: {{ sizing: {{ model: percent_equity, value: 20{more} }} }}"
    kinds = {
        "atr_feature_id": "type: atr_multiple, value: 2, atr_feature_id: atr",
        "feature_id": "type: structure, feature_id: swing, field: low_level",
        "field": "type: structure, feature_id: swing, field: low_level",
        "buffer_pct": "type: structure, feature_id: swing, field: low_level, buffer_pct: 0.1",
    }
    return f"risk_model: {{ {rule}: {{ {kinds.get(name, 'type: percent, value: 2')} }} }}"


def _entries() -> Iterator[Word]:
    for kind, chapter in (
        (EntryKind.INDICATOR, Chapter.INDICATOR),
        (EntryKind.STRUCTURE, Chapter.STRUCTURE),
    ):
        for entry in sorted(CATALOGUE.values(), key=lambda e: e.type):
            if entry.kind is kind:
                params = ", ".join(
                    p.name if p.default is None else f"{p.name} {p.default}" for p in entry.params
                )
                defaults = {p.name: p.default for p in entry.params if p.default is not None}
                outputs = entry.outputs_for(defaults)
                facts = (
                    *([f"params: {params}"] if params else ()),
                    "outputs: " + ", ".join(o.name for o in outputs),
                    *(f"`{o.name}`: {o.doc}" for o in outputs if o.doc),
                )
                yield Word(chapter, entry.type, f"{entry.title}. {entry.doc}", facts, entry.snippet)


def _lets_pass(setting: str) -> tuple[str, ...]:
    return (f"what lets it pass: {setting}",) if setting else ()


# ---------------------------------------------------------------- a whole card around an example

_CARD = """name: example
symbol: BTCUSDT
tf: 15m
htf: 1h
features:
  - {{ type: atr, id: atr }}
structures:
  exec:
    - {{ type: swing, key: swing }}
blocks:
  - id: enter
    cases:
      - when: {when}
        emit:
          - {emit}
          - {{ action: place_limit_long, metadata: {{ price: low, size: 500 usdt, order_ref: dip, ttl_bars: 9 }} }}
"""
_RESTING = "{ action: place_limit_long, metadata: { %s } }"


def card_around(word: Word) -> str:
    """Return a whole card that holds a word's example; empty for a word that no card writes."""
    example, always = word.example, "close > 0"
    if "\nblocks:" in f"\n{example}":
        return _with_section(example)
    match word.chapter:
        case Chapter.REFUSAL | Chapter.RULE | Chapter.RESULT:
            return ""
        case Chapter.SECTION | Chapter.SETTING:
            return _with_section(example)
        case Chapter.FORMULA if example.startswith("{ action"):
            return _CARD.format(when=always, emit=example)
        case Chapter.FORMULA if re.match("[a-z_]+: ", example):
            return _with_section(example)
        case Chapter.WORD | Chapter.BUILTIN | Chapter.FORMULA:
            return _CARD.format(
                when=example if example.startswith("{") else _quoted(example), emit="no_action"
            )
        case Chapter.ACTION:
            return _CARD.format(when=always, emit=example)
        case Chapter.PRICE | Chapter.SIZE | Chapter.OPTION:
            return _CARD.format(when=always, emit=_in_metadata(word))
        case Chapter.PROMISE:
            return _CARD.format(when=always, emit="no_action") + f"invariants:\n  - {example}\n"
        case Chapter.INDICATOR | Chapter.STRUCTURE:
            return ""  # the catalogue's snippets are compiled by a test of their own


def _quoted(condition: str) -> str:
    return '"' + condition.replace('"', '\\"') + '"'


def _with_section(example: str) -> str:
    """Return the card with top-level parts in the places of its own."""
    names = {line.split(":", 1)[0] for line in example.splitlines() if line[:1].isalpha()}
    base = _CARD.format(when="close > 0", emit="no_action")
    kept: list[str] = []
    skipping = False
    for line in base.splitlines():
        if line and not line[0].isspace():
            skipping = line.split(":", 1)[0] in names
        if not skipping:
            kept.append(line)
    return "\n".join(kept) + "\n" + textwrap.dedent(example) + "\n"


def _in_metadata(word: Word) -> str:
    inner = (
        word.example.removeprefix("{ ").removesuffix(" }")
        if word.example.startswith("{ ")
        else word.example
    )
    if word.name in told.IN_ACTION:
        return told.IN_ACTION[OptionName(word.name)].replace("%s", inner)
    if word.name in ("trigger", "limit_price"):
        return f"{{ action: place_stop_long, metadata: {{ size: 500 usdt, {inner} }} }}"
    if word.name in ("% of position", "rest of position"):
        return f"{{ action: exit_long, metadata: {{ {inner} }} }}"
    if word.name == "fill":
        exit_ = f"{{ action: place_limit_exit_long, metadata: {{ price: high, {inner} }} }}"
        return _RESTING % f"price: low, size: 500 usdt, on_fill: [{exit_}]"
    given = {part.split(":")[0].strip() for part in inner.replace("{", ",").split(",")}
    need = []
    if not {"price", "price_offset_pct"} & given:
        need.append("price: low * 0.99" if "stop_loss" not in given else "price: close")
    if not any(name.startswith(("size", "risk")) for name in given):
        need.append("size: 500 usdt")
    return _RESTING % ", ".join([*need, inner])
