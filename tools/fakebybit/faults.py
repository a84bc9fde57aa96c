"""Fault switches: what goes wrong, where, when and how often. One seed decides all chance.

Law: a fault that happened is in the log, with its time, so a run can be explained afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random


class Fault(StrEnum):
    """What can go wrong. `on` is matched against `order/create` for requests, `order` for streams."""

    # Requests: before the effect.
    DROP_REQUEST = "drop_request"  # never arrives; the connection is cut
    CODE = "code"  # answered with a code, not carried out
    HTTP = "http"  # answered with an HTTP status and an empty body
    HTML = "html"  # a 502 page
    BAN = "ban"  # HTTP 403, and all that follows for `value` ms
    # Requests: after the effect.
    DROP_ANSWER = "drop_answer"  # carried out; the connection is cut
    CODE_AFTER = "code_after"  # carried out, and answered with a code
    DELAY_ANSWER = "delay_answer"  # carried out; answered `value` ms later
    DELAY_EFFECT = "delay_effect"  # answered; carried out `value` ms later
    STREAM_FIRST = "stream_first"  # the streams tell of it before the answer
    CUT = "cut"  # the connection is cut in the middle of the answer
    JSON_ODD = "json_odd"  # a JSON list
    HALF = "half"  # retCode 0 without its result
    NO_MESSAGE = "no_message"  # an answer without retMsg
    STALE = "stale"  # a query answers as of `value` ms ago
    WRONG_NUMBER = "wrong_number"  # one amount of a row is not what it was
    LIMIT = "limit"  # `value` requests a second in this group
    PAST_RESET = "past_reset"  # the reset header lies in the past
    NO_RESET = "no_reset"  # no reset header
    # Verdicts.
    REJECT = "reject"  # acknowledged, then Rejected with `text`
    FILL_ON_CANCEL = "fill_on_cancel"  # the fill wins: 110001
    FILL_ON_AMEND = "fill_on_amend"  # the fill wins: 110001
    ADJUST_PRICE = "adjust_price"  # taken at a price `value` ticks worse for the taker
    BOTH_FILL = "both_fill"  # a triggered stop leaves its sibling alive
    FILLED_TWICE = "filled_twice"  # a second Filled row after a fill
    NO_LIQUIDITY = "no_liquidity"  # market orders find an empty book
    # Streams.
    DROP = "drop"
    DUPLICATE = "duplicate"
    REORDER = "reorder"  # leaves after the next message of that link
    LATE = "late"  # leaves `value` ms later
    NOT_JSON = "not_json"
    DROP_CONFIRM = "drop_confirm"
    CONFIRM_TWICE = "confirm_twice"
    LATE_CONFIRM = "late_confirm"
    REVISE = "revise"  # the confirmed close is `value` ticks off what REST says
    REFUSE = "refuse"  # connections are refused
    SLOW_AUTH = "slow_auth"  # auth is answered `value` ms later
    REFUSE_AUTH = "refuse_auth"
    REFUSE_TOPIC = "refuse_topic"
    ZERO_LATENCY = "zero_latency"  # acknowledgements do not wait (kills plain pybit now and then)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One fault. It happens on call numbers `at` (from 1), or with probability `p` on each call.

    `on`: glob over the path or topic; `link`: glob over the order link id; `times`: at most so often;
    `value`: ms, code, status or ticks, by kind; `text`: a reason or message.
    """

    kind: Fault
    on: str = "*"
    at: tuple[int, ...] = ()
    p: float = 1.0
    link: str = "*"
    times: int | None = None
    value: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the fault log."""

    ts: int
    kind: Fault
    on: str
    link: str
    call: int


class Faults:
    """The switches of a run, their counters and their log."""

    def __init__(self, seed: int, switches: Iterable[Switch] = ()) -> None:
        self.random = Random(f"faults:{seed}")
        self.switches: list[Switch] = []
        self.kinds: set[Fault] = set()  # of the switches: most calls ask for another
        self.log: list[Happened] = []
        self._calls: list[int] = []
        self._used: list[int] = []
        for switch in switches:
            self.add(switch)

    def add(self, switch: Switch) -> None:
        self.switches.append(switch)
        self.kinds.add(switch.kind)
        self._calls.append(0)
        self._used.append(0)

    def clear(self) -> None:
        """Turn everything off; the log stays."""
        self.switches.clear()
        self.kinds.clear()
        self._calls.clear()
        self._used.clear()

    def hit(self, kind: Fault, now: int, on: str, link: str = "") -> Switch | None:
        """Ask whether this fault happens at this call; counts the call, writes the log."""
        found: Switch | None = None
        for number, switch in enumerate(self.switches):
            if switch.kind is not kind or not fnmatchcase(on, switch.on):
                continue
            if not fnmatchcase(link, switch.link):
                continue
            self._calls[number] += 1
            if found is None and self._happens(number, switch):
                self._used[number] += 1
                self.log.append(Happened(now, kind, on, link, self._calls[number]))
                found = switch
        return found

    def _happens(self, number: int, switch: Switch) -> bool:
        if switch.times is not None and self._used[number] >= switch.times:
            return False
        if switch.at:
            return self._calls[number] in switch.at
        return switch.p >= 1 or self.random.random() < switch.p
