"""What people may say to a running session and ask of it, by word; answered in the session's thread.

The law: every word that can change a decision becomes an item of the journal, with who and when. A word
that would loosen a limit, or that nobody knows, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

from runtime.account.margin import own_entries
from runtime.explain.text import explanation_text, why_not_text
from runtime.live.guard import SessionLimits
from runtime.orders.order_spec import Role
from tools.live.screen_text import status_text
from tools.live.view import View
from tools.live.watch import Watch

SPOKEN = (
    "status", "explain", "why-not", "pause", "resume", "halt", "reduce", "flatten", "cancel",
    "limits", "stop",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One word. `by`: who says it; `name`, `value`: what it is about."""

    word: str
    by: str
    name: str = ""
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """`text` for people, `data` for programs."""

    is_done: bool
    text: str
    data: Mapping[str, Any]


class Hands(Protocol):
    """What a word can do to the session it is said to."""

    def said(self, word: str, by: str, name: str = "", value: float = 0.0) -> None: ...

    def picture(self) -> View: ...

    def stop(self, by: str, *, closes: bool) -> None: ...


def answer(asked: Asked, hands: Hands, watch: Watch) -> Reply:
    """Do or answer one word."""
    match asked.word:
        case "status":
            view = hands.picture()
            return Reply(True, status_text(view), asdict(view))
        case "explain":
            return _explain(watch)
        case "why-not":
            return _why_not(asked, watch)
        case "cancel":
            return _cancel(asked, hands, watch)
        case "limits":
            return _limits(asked, hands, watch)
        case "reduce" if not 0 < asked.value <= 100:
            return _no("reduce takes a percentage of the position: above 0, up to 100")
        case "reduce" if watch.ledger.position is None:
            return _no("there is no position")
        case "reduce" if asked.value < 100 and watch.desk.guard.is_regridded:
            return _no(
                "the venue counts in another lot now, so a part of the position cannot be closed any more: "
                "`flatten` closes all of it"
            )
        case "reduce" if any(o.spec.role is Role.CLOSE_AT_END for o in watch.ledger.book):
            return _no("a close is on its way already: say it again when that has ended")
        case "stop":
            hands.stop(asked.by, closes=asked.name == "close")
            return _done(
                "stopping; entries are cancelled and the position is closed first"
                if asked.name == "close"
                else "stopping; entries are cancelled, stops and targets stay at the venue"
            )
        case "pause" | "resume" | "halt" | "reduce" | "flatten":
            hands.said(asked.word, asked.by, asked.name, asked.value)
            stay = len(own_entries(watch.ledger)) if asked.word == "pause" else 0
            more = f". {stay} resting entries stay and may fill: `cancel all` takes them away"
            return _done(_TOLD[asked.word].format(value=asked.value) + (more if stay else ""))
        case _:
            return _no(f"no such word: {asked.word}; known: {', '.join(SPOKEN)}")


_TOLD = {
    "pause": "paused: no entries; exits, stops and cancels go on",
    "resume": "resumed: whatever still stands against entries will say so again",
    "halt": "halted: entries are cancelled, stops and targets stay",
    "reduce": "reducing the position by {value:g} % at market",
    "flatten": "entries are cancelled and the position is closed at market; paused until resumed",
}


def _done(text: str, **data: object) -> Reply:
    return Reply(True, text, data)


def _no(text: str) -> Reply:
    return Reply(False, text, {"refused": text})


def _explain(watch: Watch) -> Reply:
    seen = watch.explanation
    if seen is None:
        return _no("nothing was decided yet: the first decision comes with the next closed bar")
    return Reply(True, explanation_text(seen, _line_of(watch)), asdict(seen))


def _line_of(watch: Watch) -> Callable[[int], int]:
    source = watch.source
    return lambda at: 0 if at < 0 else source.location(at).line


def _why_not(asked: Asked, watch: Watch) -> Reply:
    """Answer for one block, or for all of them: closes counted since the session began."""
    names = [asked.name] if asked.name else list(watch.silence)
    unknown = [name for name in names if name not in watch.silence]
    if unknown:
        return _no(f"the card has no block `{unknown[0]}`; it has {', '.join(watch.silence)}")
    found = [watch.silence[name].result(watch.ledger.bar + 1) for name in names]
    lines = _line_of(watch)
    parts = [why_not_text(one, lines) for one in found]
    held = watch.desk.guard.why_no_entries(watch.ledger.ts)
    if held:
        parts.insert(0, f"entries are held back: {held}\n")
    return Reply(True, "\n".join(parts), {"held": held, "blocks": [asdict(x) for x in found]})


def _cancel(asked: Asked, hands: Hands, watch: Watch) -> Reply:
    """Cancel one order by ref or id, or every entry; what is cancelled comes not again. Protection has no ref and stays.

    An exit that left in pieces, or again, is one: each order of it that works or is on its way is cancelled, too.
    """
    book = watch.ledger.book
    if asked.name in ("", "all"):
        hands.said("cancel", asked.by)
        return _done("every working entry is being cancelled; stops, targets and exits stay")
    parts = watch.desk.parts(asked.name)
    ids = [
        order.order_id
        for order in book
        if order.order_id in parts
        or (order.is_own and asked.name in (order.spec.order_ref, order.order_id))
    ]
    others = [one.order_id for one in watch.engine.coming(asked.name) if one.order_id not in ids]
    comes = watch.desk.comes(asked.name)  # an exit that is owed works not just now
    if not ids and not others and not comes:
        own = {o.spec.name for o in book if o.is_own}
        refs = sorted(own.union(watch.desk.to_come))
        return _no(f"no working order `{asked.name}`; there are: {', '.join(refs) or 'none'}")
    for order_id in ids:
        hands.said("cancel", asked.by, order_id)
    if others or comes:
        hands.said("cancel", asked.by, asked.name)
    said = [f"cancelling {', '.join(ids)}"] if ids else []
    said += [f"`{asked.name}` does not come again"] if others or comes else []
    return _done("; ".join(said), orders=ids)


def _limits(asked: Asked, hands: Hands, watch: Watch) -> Reply:
    limits: SessionLimits = watch.desk.guard.limits
    if not asked.name:
        rows = {one.name: getattr(limits, one.name) for one in fields(limits)}
        text = "\n".join(f"{n}: {'none' if v is None else f'{v:g}'}" for n, v in rows.items())
        return Reply(True, text, rows)
    try:
        limits.tightened(asked.name, asked.value)
    except ValueError as error:
        return _no(str(error))
    hands.said("limit", asked.by, asked.name, asked.value)
    return _done(f"{asked.name} is {asked.value:g} from here on")
