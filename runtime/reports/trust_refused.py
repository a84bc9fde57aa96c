"""What a card asked for and did not get, in sentences: a result without it is another card's.

Entries alone count to the share that was refused: not exits, nor what asked for values while they warmed up.
"""

from __future__ import annotations

from collections.abc import Iterable

from runtime.decide.refusals import RefusalCode
from runtime.formulas.sums import whole
from runtime.reports.run_files import Json
from runtime.reports.trust_note import Grade, TrustNote, plural

MANY_REFUSED = 0.05
# Closes of one position: what is refused so long is no late price, and the position stays as it is.
MANY_CLOSES = 10

_OF_LIMITS = f"{RefusalCode.LIMIT.value}:"


def refused(made: Json) -> list[TrustNote]:
    """Return what is said of refused entries, of refused changes and exits, and of the warm-up."""
    return [*_entries(made), *_held(made), *_others(made), *_warming_up(made)]


def _entries(made: Json) -> list[TrustNote]:
    counts = made["counts"]
    lost = counts["entries_refused"] - counts["entries_refused_warming_up"]
    if not lost:
        return []
    asked = counts["entries_placed"] + lost
    share = lost / asked
    reasons = _reasons((row, row["entries"]) for row in made["refusals"])
    text = f"{lost:,} of {asked:,} entries the card asked for ({share:.0%}) were refused"
    # What the card's own limits refuse it has asked for: no caution.
    own = whole(row["entries"] for row in made["refusals"] if row["code"].startswith(_OF_LIMITS))
    level = Grade.CAUTION if lost - own >= MANY_REFUSED * asked else Grade.NOTE
    told = f"{text}: {reasons}" if reasons else text
    if own:
        told += "; `entries_allowed` in a condition keeps a rule from asking while a limit stands"
    return [TrustNote(level, "Refused entries", told)]


def _others(made: Json) -> list[TrustNote]:
    rows = [(row, row["count"] - row["entries"] - row["warming_up"]) for row in made["refusals"]]
    total = whole(count for _, count in rows)
    if not total:
        return []
    text = f"{plural(total, 'intent')} refused, no entry among them: {_reasons(rows)}"
    return [TrustNote(Grade.NOTE, "Refusals", text)]


def _held(made: Json) -> list[TrustNote]:
    """Return a note of each exit, or change of what protects, that a position was held without for long."""
    return [
        TrustNote(Grade.CAUTION, "Refused while held", _while_held(row))
        for row in made["refusals"]
        if row["while_held"] and row["while_held"]["closes"] >= MANY_CLOSES
    ]


def _while_held(row: Json) -> str:
    held = row["while_held"]
    where = f" (line {held['line']})" if held["line"] else ""
    why = held["text"] or row["meaning"]
    see = f"; see `{row['setting']}`" if row["setting"] and row["setting"] not in why else ""
    return (
        f"`{held['action']}`{where} at {held['closes']:,} closes of one position, from {held['from']} on: "
        f"{row['code']} ({why}){see}"
    )


def _warming_up(made: Json) -> list[TrustNote]:
    rows = [(row, row["warming_up"]) for row in made["refusals"]]
    total = whole(count for _, count in rows)
    if not total:
        return []
    text = f"{plural(total, 'intent')} refused on the bars that warm up what the card reads: "
    text += ", ".join(f"{row['code']} {count:,}" for row, count in rows if count)
    return [TrustNote(Grade.NOTE, "Refused while warming up", text)]


def _reasons(rows: Iterable[tuple[Json, int]]) -> str:
    """Return the codes that are among some refusals: how often, what each says, the first, and what would let it pass."""
    return "; ".join(_reason(row, count) for row, count in rows if count)


def _reason(row: Json, count: int) -> str:
    first, meaning, setting = row["first"][0]["text"], row["meaning"], row["setting"]
    says = [first] if meaning in first else [meaning, first and f"the first: {first}"]
    if setting and setting not in first:
        says.append(f"see `{setting}`")
    told = ", ".join(filter(None, says))
    return f"{row['code']} {count:,}" + (f" ({told})" if told else "")
