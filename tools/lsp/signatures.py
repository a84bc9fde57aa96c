"""Inside the brackets of a call: what it takes, and which argument the cursor is at.

The law: what a call takes is said by the tables that the compiler itself reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lsprotocol import types as lsp

from compiler.catalog import sentences
from compiler.catalog.builtins import BUILTINS, MOST_TRADES, OF_LAST_TRADES
from compiler.catalog.calls import (
    INDICATORS,
    MEMORY_FUNCTIONS,
    ORDER_BUILTINS,
    RISK,
    TIMES_FUNCTIONS,
)
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.operations import FUNCTIONS, NARY_FUNCTIONS, PAIR_FUNCTIONS
from tools.lsp.cursor import find
from tools.lsp.document import Document
from tools.lsp.hover import about_parameter

TRIGGERS = ("(", ",")
_NAME_BEFORE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*\Z")
# The arguments of functions that remember, as they are read.
ARGUMENTS_OF_MEMORY = {
    "value_when": ("condition", "value", "times_back"),
    "bars_since": ("condition",),
    "highest_since": ("condition", "value"),
    "lowest_since": ("condition", "value"),
    "count_since": ("start", "condition"),
    **dict.fromkeys(TIMES_FUNCTIONS, ("condition", "value", "times")),
}


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a call takes: names of arguments with what is known of each, and a sentence."""

    arguments: tuple[tuple[str, str], ...]
    doc: str
    is_endless: bool = False  # the last may be repeated


def signature_help(document: Document, offset: int) -> lsp.SignatureHelp | None:
    """Return the signature of the call that a place is inside of; None outside of calls."""
    cursor = find(document.path, document.text, offset)
    if cursor is None or cursor.is_key:
        return None
    called = _called(cursor.before + cursor.typed)
    taken = None if called is None else _taken(called[0])
    if called is None or taken is None:
        return None
    name, at = called
    last = len(taken.arguments) - 1
    if at > last and taken.is_endless:
        at = last
    label = f"{name}({', '.join(name for name, _ in taken.arguments)})"
    signature = lsp.SignatureInformation(
        label=label,
        documentation=_markdown(taken.doc),
        parameters=[
            lsp.ParameterInformation(label=name, documentation=_markdown(doc) if doc else None)
            for name, doc in taken.arguments
        ],
    )
    # Beyond the last argument no editor may mark one: the protocol says so by a number too high.
    return lsp.SignatureHelp([signature], active_signature=0, active_parameter=at)


def _markdown(text: str) -> lsp.MarkupContent:
    return lsp.MarkupContent(lsp.MarkupKind.Markdown, text)


def _called(before: str) -> tuple[str, int] | None:
    """Return the innermost call whose bracket is open at the end of a text, and which argument it is at."""
    depth, commas = 0, 0
    for at in range(len(before) - 1, -1, -1):
        char = before[at]
        if char in ")]}":
            depth += 1
        elif char in "([{" and depth:
            depth -= 1
        elif char == "(":
            found = _NAME_BEFORE.search(before[:at])
            if found is not None:
                return found[1], commas
            commas = 0  # brackets that only group: the call is further out
        elif char in "[{":
            return None
        elif char == "," and not depth:
            commas += 1
    return None


def _taken(name: str) -> _Taken | None:
    if name in INDICATORS:
        entry = CATALOGUE[name]
        reads = (("source", "what it reads; the close where it is left out"),)
        given = tuple((spec.name, about_parameter(spec)) for spec in entry.params)
        arguments = (*reads, *given) if "source" in entry.inputs else given
        return _Taken(arguments, f"{entry.title}. {entry.doc}".strip())
    if name in ORDER_BUILTINS:
        return _Taken(
            (("order_ref", "the name that the card gives to an order"),), BUILTINS[name].doc
        )
    if name in OF_LAST_TRADES:
        return _Taken(
            (("trades", f"how many of the last, 1 to {MOST_TRADES}"),), BUILTINS[name].doc
        )
    if name == RISK:
        return _Taken((("percent", "of the equity"),), "the size that loses so much at the stop")
    if name in MEMORY_FUNCTIONS:
        return _Taken(tuple((word, "") for word in ARGUMENTS_OF_MEMORY[name]), _told(name))
    if name in FUNCTIONS:
        many = name in NARY_FUNCTIONS
        count = 2 if many or name in PAIR_FUNCTIONS else 1
        words = ("x",) if count == 1 else ("a", "b")
        return _Taken(tuple((word, "") for word in words), _told(name), is_endless=many)
    return None


def _told(name: str) -> str:
    told = sentences.WORDS.get(name)
    return "" if told is None else f"{told.text}\n\n```yaml\n{told.example}\n```"
