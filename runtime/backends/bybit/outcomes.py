"""What an answer, or none, says about the fate of a request.

The law: four outcomes. *Received*: the venue took it; what became of it, the streams say. *Refused*: not
carried out, for good. *Not sent*: not carried out, and may be decided anew. *Unknown*: nobody can say
without asking; waiting never turns it into one of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from runtime.backends.bybit.vocabulary import REFUSALS, SORTS, Sort

BAN_MS = 600_000  # VENUE: docs/v5/rate-limit: over the limit of an address, stop for ten minutes
_GIVE_WAY_MS = 1_000


class Request(StrEnum):
    """The kinds of requests whose fate differs. `change` covers leverage, modes and trading-stop."""

    SUBMIT = "submit"
    AMEND = "amend"
    CANCEL = "cancel"
    CHANGE = "change"
    QUERY = "query"


class Outcome(StrEnum):
    RECEIVED = "received"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class Remedy(StrEnum):
    """What is to be done beyond booking the outcome."""

    NONE = "none"
    ASK = "ask"  # query the order by its id
    CLOCK = "clock"  # measure the offset, then once more under the same id
    WAIT = "wait"  # `wait_ms`, then decide anew
    HALT = "halt"  # keys or account: protect through what still works, tell a person
    NO_ENTRIES = "no_entries"  # the market or the user may not open


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of a request. `code`: our word, else the venue's number; `text`: as the venue put it.

    `code` of an unknown submission is what it was refused with if a query proves it absent.
    """

    outcome: Outcome
    code: str = ""
    text: str = ""
    remedy: Remedy = Remedy.NONE
    wait_ms: int = 0


RECEIVED = Verdict(outcome=Outcome.RECEIVED)
NOT_SENT = Verdict(outcome=Outcome.NOT_SENT, code="not_sent")


def no_answer(request: Request, text: str) -> Verdict:
    """Return the verdict on a request that may have left and was not answered whole."""
    if request is Request.QUERY:
        return Verdict(outcome=Outcome.NOT_SENT, code="no_answer", text=text)
    return Verdict(outcome=Outcome.UNKNOWN, code="no_answer", text=text, remedy=Remedy.ASK)


def banned(text: str) -> Verdict:
    """Return the verdict on HTTP 403: nothing was carried out, and nothing will be for ten minutes."""
    return Verdict(
        outcome=Outcome.NOT_SENT, code="banned", text=text, remedy=Remedy.WAIT, wait_ms=BAN_MS
    )


def of_answer(request: Request, answer: object, *, wait_ms: int = _GIVE_WAY_MS) -> Verdict:
    """Return the verdict on a whole answer; one of no known shape is no answer."""
    if not isinstance(answer, Mapping):
        return no_answer(request, "the answer is no object")
    code = code_of(answer)
    if code is None:
        return no_answer(request, f"no code in the answer: {answer.get('retCode')!r}")
    if code == 0:
        return RECEIVED
    return of_code(request, code, str(answer.get("retMsg", "")), wait_ms=wait_ms)


def code_of(answer: Mapping[str, Any]) -> int | None:
    """Return the code of an answer; some gateways write it as text."""
    code = answer.get("retCode")
    if isinstance(code, str) and code.removeprefix("-").isdigit():
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def of_code(request: Request, code: int, text: str, *, wait_ms: int = _GIVE_WAY_MS) -> Verdict:
    """Return the verdict on an answer with a code that is not 0."""
    word = REFUSALS.get(code, str(code))
    refused = Verdict(outcome=Outcome.REFUSED, code=word, text=text)
    unknown = Verdict(outcome=Outcome.UNKNOWN, code=word, text=text, remedy=Remedy.ASK)
    not_sent = Verdict(outcome=Outcome.NOT_SENT, code=word, text=text)
    sort = SORTS.get(code, Sort.NUMBER)
    match sort:
        case Sort.REFUSED:
            return _unchanged(refused)
        case Sort.ALREADY:
            return Verdict(outcome=Outcome.RECEIVED, code="unchanged", text=text)
        case Sort.UNKNOWN:
            return not_sent if request is Request.QUERY else unknown
        case Sort.EXISTS:
            if request is Request.SUBMIT:
                return Verdict(
                    outcome=Outcome.RECEIVED, code="exists", text=text, remedy=Remedy.ASK
                )
            return unknown
        case Sort.CLOCK:
            return _with(not_sent, Remedy.CLOCK)
        case Sort.LIMIT:
            return _with(not_sent, Remedy.WAIT, wait_ms)
        case Sort.GONE:
            # It proves neither a cancellation nor a fill: the request is over, the order is asked for.
            return _with(refused, Remedy.ASK)
        case Sort.KEYS:
            return _with(refused, Remedy.HALT)
        case Sort.MARKET:
            return _with(refused, Remedy.NO_ENTRIES)
        case Sort.NUMBER:
            if request is Request.SUBMIT:
                return unknown
            return _with(refused, Remedy.ASK if request is Request.CANCEL else Remedy.NONE)
        case _:
            assert_never(sort)


def _unchanged(refused: Verdict) -> Verdict:
    """An amendment to what the order is already has come true."""
    if refused.code == "invalid_request" and "remains unchanged" in refused.text:
        return Verdict(outcome=Outcome.RECEIVED, code="unchanged", text=refused.text)
    return refused


def _with(verdict: Verdict, remedy: Remedy, wait_ms: int = 0) -> Verdict:
    return Verdict(
        outcome=verdict.outcome,
        code=verdict.code,
        text=verdict.text,
        remedy=remedy,
        wait_ms=wait_ms,
    )
