"""Strictness: what a request may carry, and in which form.

Law: an amount is decimal text on its grid; a JSON number, an exponent, a sign, an unknown parameter
or a digit too many is refused with 10001.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from tools.fakebybit import numbers, refusals
from tools.fakebybit.refusals import Refused

Word = TypeVar("Word", bound=StrEnum)
LINK = re.compile(r"[A-Za-z0-9_-]{1,36}")


class Form(StrEnum):
    TEXT = "text"
    AMOUNT = "amount"
    WHOLE = "whole"
    FLAG = "flag"


Spec = Mapping[str, Form]


def spec(*, text: str = "", amount: str = "", whole: str = "", flag: str = "") -> Spec:
    """Name the parameters of an endpoint by their form, blank-separated."""
    forms = ((text, Form.TEXT), (amount, Form.AMOUNT), (whole, Form.WHOLE), (flag, Form.FLAG))
    return {name: form for names, form in forms for name in names.split()}


class Parameters:
    """The checked parameters of one request."""

    def __init__(self, given: Mapping[str, object], allowed: Spec, *, is_query: bool, strict: bool):
        self._values: dict[str, str | int | bool] = {}
        for name, value in given.items():
            if name not in allowed:
                if strict:
                    raise refusals.parameter(f"unknown parameter {name}")
                continue
            if value is not None:
                self._values[name] = _read(name, value, allowed[name], is_query, strict)

    def has(self, name: str) -> bool:
        return self._values.get(name, "") != ""

    def text(self, name: str, default: str = "") -> str:
        return str(self._values.get(name, default))

    def required(self, name: str) -> str:
        if not self.has(name):
            raise refusals.parameter(f"{name} is required")
        return self.text(name)

    def word(self, name: str, words: type[Word], default: Word | None = None) -> Word:
        """Return one of a closed set of words."""
        written = self.text(name)
        if not written and default is not None:
            return default
        try:
            return words(written)
        except ValueError:
            raise refusals.parameter(f"{name} invalid") from None

    def whole(self, name: str, default: int) -> int:
        return int(self._values.get(name, default))

    def flag(self, name: str) -> bool:
        return bool(self._values.get(name, False))

    def amount(self, name: str) -> Decimal | None:
        """Return a plain amount; None when it was not given."""
        if not self.has(name):
            return None
        return Decimal(str(self._values[name]))

    def on_grid(self, name: str, step_text: str) -> Decimal | None:
        """Return an amount that is a multiple of the step and has no more decimals than it."""
        value = self.amount(name)
        if value is None:
            return None
        written = self.text(name)
        too_fine = numbers.decimals(written) > numbers.decimals(step_text)
        if too_fine or value % Decimal(step_text):
            raise refusals.parameter(f"{name} invalid: {written} is not a multiple of {step_text}")
        return value

    def link(self) -> str:
        """Return the order link id, which has a closed alphabet and at most 36 characters."""
        written = self.text("orderLinkId")
        if written and not LINK.fullmatch(written):
            raise refusals.parameter("orderLinkId invalid")
        return written


def _read(name: str, value: object, form: Form, is_query: bool, strict: bool) -> str | int | bool:
    match form:
        case Form.FLAG:
            return _flag(name, value, is_query)
        case Form.WHOLE:
            return _whole(name, value, is_query, strict)
        case Form.AMOUNT:
            written = _text(name, value, strict)
            if written and numbers.number(written) is None:
                raise refusals.parameter(f"{name} invalid: {written} is not plain decimal text")
            return written
        case Form.TEXT:
            return _text(name, value, strict)


def _text(name: str, value: object, strict: bool) -> str:
    if isinstance(value, str):
        return value
    if strict or not isinstance(value, int | float):
        raise refusals.parameter(f"{name} must be a string")
    return str(value)


def _whole(name: str, value: object, is_query: bool, strict: bool) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    written = str(value)
    if (is_query or not strict) and re.fullmatch(r"[0-9]{1,15}", written):
        return int(written)
    raise refusals.parameter(f"{name} must be an integer")


def _flag(name: str, value: object, is_query: bool) -> bool:
    if isinstance(value, bool):
        return value
    if is_query and str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise refusals.parameter(f"{name} must be a boolean")


def linear(parameters: Parameters) -> None:
    """Refuse every category but `linear`."""
    if parameters.text("category", "linear") != "linear" or not parameters.has("category"):
        raise Refused(10001, "Illegal category")
