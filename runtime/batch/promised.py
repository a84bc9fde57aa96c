"""What became of the promises of a card, from the notes of a run: the rows that `KeptPromises` would have counted."""

from __future__ import annotations

from compiler.catalog.promises import Promise
from runtime.batch import layout as at
from runtime.batch.reasons import Note
from runtime.batch.rows import Reader
from runtime.batch.said import notes
from runtime.records.kept_promises import count_breach, promise_rows
from runtime.records.promises import barred_in_words, in_words, worse_in_words
from runtime.records.rows import PromiseRow


def promises(reader: Reader) -> list[PromiseRow]:
    """Return a row for each promise of the card, in its order."""
    z = reader.run.z
    rows = promise_rows(reader.program.graph, reader.line_of)
    for number, row in enumerate(rows):
        place = z[at.PROMISES_AT] + number * at.PROMISE_WIDTH
        row.closes, row.unknown = z[place + at.PR_CLOSES], z[place + at.PR_UNKNOWN]
    last = [-1] * len(rows)  # close at which a fill was counted
    for note in notes(reader) if rows else ():
        if note.kind == at.N_BREACH_CLOSE:
            promise = reader.program.graph.invariants[note.subject]
            count_breach(rows[note.subject], note.bar, note.ts, in_words(promise, note.a))
        elif note.kind == at.N_BREACH_FILL:
            for number, row in enumerate(rows):
                if note.more >> number & 1:
                    row.closes += last[number] != note.bar
                    last[number] = note.bar
                    count_breach(row, note.bar, note.ts, _by_fill(reader, number, note))
    return rows


def _by_fill(reader: Reader, number: int, note: Note) -> str:
    if reader.program.graph.invariants[number].name is Promise.NEVER_AVERAGE_UP:
        return worse_in_words(note.a, note.b)
    return barred_in_words(reader.order_id(note.subject))
