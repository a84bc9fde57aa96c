"""The settings a card gives, as values: what is wrong is reported once and left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from compiler.catalog.settings import SPECS, SettingKind, SettingSpec, SettingValue
from compiler.catalog.timeframes import TIMEFRAMES, normalise
from compiler.findings.collected import Findings, advice
from compiler.findings.source import NOWHERE
from compiler.findings.words import Place
from compiler.syntax import tree as s
from compiler.syntax.constants import constant


def read_settings(
    card: s.Card, params: Mapping[str, s.ParamDecl], findings: Findings
) -> dict[str, SettingValue]:
    """Return the settings a card gives, by path; what is wrong is reported and left out."""
    values: dict[str, SettingValue] = {}
    for setting in card.settings:
        spec = SPECS.get(setting.path)
        if spec is None:
            _unknown(setting, findings)
            continue
        value = _read(setting, spec, params)
        if isinstance(value, _Wrong):
            code = "IC304" if spec.kind is SettingKind.CHOICE else "IC110"
            name = setting.path.rpartition(".")[2]
            findings.add(code, f"`{name}` is {value.wanted}", setting.span, help=value.help)
        else:
            values[setting.path] = value
    return values


_CLOCK = re.compile(r"\s*(\d{2}):([0-5]\d)\s*")
_PLACES = {
    "account": Place.ACCOUNT,
    "account.fee_model": Place.FEES,
    "position_policy": Place.POLICY,
    "risk_model": Place.RISK,
}


@dataclass(frozen=True, slots=True)
class _Wrong:
    wanted: str
    help: str | None = None


def _unknown(setting: s.Setting, findings: Findings) -> None:
    if any(path.startswith(f"{setting.path}.") for path in SPECS):
        return  # one value where settings belong: the schema says so
    head, _, name = setting.path.rpartition(".")
    siblings = [path.rpartition(".")[2] for path in SPECS if path.rpartition(".")[0] == head]
    findings.unknown_word(
        "IC107",
        f"`{head}` has no setting `{name}`",
        setting.key_span,
        name,
        siblings,
        place=_PLACES.get(head),
    )


def _read(
    setting: s.Setting, spec: SettingSpec, params: Mapping[str, s.ParamDecl]
) -> SettingValue | _Wrong:
    match spec.kind:
        case SettingKind.NUMBER | SettingKind.INT:
            return _read_number(setting.value, spec, params)
        case SettingKind.BOOL:
            return _read_bool(setting.value)
        case SettingKind.CLOCK:
            return _read_clock(setting.value)
        case _:
            return _read_word(setting.value, spec)


def _read_number(
    written: str | bool | s.Expr, spec: SettingSpec, params: Mapping[str, s.ParamDecl]
) -> SettingValue | _Wrong:
    value = None if isinstance(written, str | bool) else constant(written, params)
    if value is None or isinstance(value, bool):
        return _Wrong(spec.kind.value, "it cannot depend on the market or the account")
    if spec.low is not None and value < spec.low:
        return _Wrong(f"at least {spec.low:g}, found {value:g}")
    if spec.high is not None and value > spec.high:
        return _Wrong(f"at most {spec.high:g}, found {value:g}")
    if spec.kind is SettingKind.NUMBER:
        return float(value)
    return int(value) if float(value).is_integer() else _Wrong(spec.kind.value)


def _read_bool(written: str | bool | s.Expr) -> SettingValue | _Wrong:
    if isinstance(written, s.Bool):
        return written.value
    return written if isinstance(written, bool) else _Wrong(SettingKind.BOOL.value)


def _read_clock(written: str | bool | s.Expr) -> SettingValue | _Wrong:
    found = _CLOCK.fullmatch(written) if isinstance(written, str) else None
    minutes = None if found is None else int(found[1]) * 60 + int(found[2])
    return _Wrong(SettingKind.CLOCK.value) if minutes is None or minutes >= 24 * 60 else minutes


def _read_word(written: str | bool | s.Expr, spec: SettingSpec) -> SettingValue | _Wrong:
    word = written.head if isinstance(written, s.Name) and written.field is None else written
    if not isinstance(word, str):
        return _Wrong(spec.kind.value)
    if spec.kind is SettingKind.NAME:
        return word
    if spec.kind is SettingKind.TIMEFRAME:
        return normalise(word) or _Wrong("one of " + ", ".join(TIMEFRAMES))
    assert spec.words is not None
    if word.lower() in spec.choices:
        return spec.words(word.lower())
    choices = ", ".join(f"`{choice}`" for choice in spec.choices)
    place = Place.MODE if spec.path == "position_policy.mode" else None
    return _Wrong(f"one of {choices}", advice(word, spec.choices, NOWHERE, place)[0])
