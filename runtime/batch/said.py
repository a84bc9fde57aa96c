"""Notes of a run as what a record says: refusals and remarks, in the words of the readable engine.

The law: a word and its digits are those that `runtime/decide` and `runtime/records` would have written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from runtime.batch import layout as at
from runtime.batch import words
from runtime.batch.account_run import NOTE_TABLE, ORDER_TABLE
from runtime.batch.reasons import Note, bound, limit_of, reason
from runtime.batch.rows import KINDS, SIDES, Reader
from runtime.decide.context import Cut, lot_cut
from runtime.decide.refusals import RefusalCode
from runtime.orders.lifecycle import OrderStatus
from runtime.orders.order_spec import Role
from runtime.records.remarks import Remark, cut_kind, owed_text, too_late_text
from runtime.records.rows import RefusalRow, RemarkRow


def notes(reader: Reader) -> Iterator[Note]:
    """Yield the notes of a run in the order in which they were written."""
    first, first_f, count = reader.run.table(NOTE_TABLE)
    for index in range(count):
        row, where = first + index * at.NOTE_INTS, first_f + index * at.NOTE_FLOATS
        yield Note(
            *reader.run.rows_z[row : row + at.NOTE_INTS],
            *reader.run.rows_f[where : where + at.NOTE_FLOATS],
        )


def ambiguous_bars(reader: Reader) -> list[int]:
    return [note.bar for note in notes(reader) if note.kind == at.N_AMBIGUOUS]


# ---------------------------------------------------------------- refusals


def refusals(reader: Reader) -> list[RefusalRow]:
    """Return the refusals of a run: those of decisions, then those of the venue, by time."""
    found = list(notes(reader))
    decided = [_decided(reader, n) for n in found if at.N_NONE < n.kind <= at.N_UNKNOWN_REF]
    venue = [
        _by_venue(reader, n)
        for n in found
        if at.N_REJECT_REDUCE <= n.kind < at.N_CUT and _too_late(reader, n) is None
    ]
    return sorted(decided + venue, key=lambda row: row.ts)


def _decided(reader: Reader, note: Note) -> RefusalRow:
    action = reader.run.lowered.actions[note.subject]
    code, text = reason(reader, note)
    name = ""
    if note.kind == at.N_PROMISE:
        name = f":{reader.program.graph.invariants[note.word].name}"
    elif note.kind == at.N_LIMIT:
        name = f":{limit_of(note).value}"
    return RefusalRow(
        bar=note.bar,
        ts=note.ts,
        code=f"{code.value}{name}",
        text=text,
        action=action.kind,
        order_ref=action.order_ref,
        block=action.origin.block,
        case=action.origin.case,
        line=reader.line(action),
    )


def _by_venue(reader: Reader, note: Note) -> RefusalRow:
    first, _, _ = reader.run.table(ORDER_TABLE)
    row, ints = first + (note.subject - 1) * at.ORDER_INTS, reader.run.rows_z
    action = reader.action(ints[row + at.ACTION])
    assert action is not None
    match note.kind:
        case at.N_REJECT_REDUCE:
            code, text = "nothing_to_reduce", "there is no position to reduce"
        case at.N_REJECT_MARGIN:
            code, text = (
                "no_margin",
                f"needs {note.a:.2f} USDT of margin, {note.b:.2f} are free",
            )
        case at.N_AMEND_LATE:
            code, text = "unknown_ref", "the amend was refused"
        case at.N_AMEND_MARGIN:
            code, text = "no_margin", "the amend was refused"
        case _:
            code, text = "unknown_ref", "the cancel was refused"
    return RefusalRow(
        bar=note.bar,
        ts=note.ts,
        code=code,
        text=text,
        action=f"{KINDS[ints[row + at.KIND]].value} {SIDES[ints[row + at.WAY]]}",
        order_ref=action.order_ref,
        block=action.origin.block,
        case=action.origin.case,
        line=reader.line(action),
    )


# ---------------------------------------------------------------- remarks


def remarks(reader: Reader) -> list[RemarkRow]:
    """Return the remarks of a run: those of events, then sizes that were cut, by time."""
    found = list(notes(reader))
    rows = []
    for index, note in enumerate(found):
        if at.N_CUT < note.kind <= at.N_TURN_MARGIN:
            rows.append(_remark(reader, note))
        elif (kind := _too_late(reader, note)) is not None:
            rows.append(_outrun(reader, note, kind))
        elif note.kind in (at.N_CHOSEN, at.N_SOME_LAYERS):
            rows.append(_of_layers(reader, note, _named(found, index)))
    cuts = [note for note in found if note.kind == at.N_CUT]
    asked = reader.asked_for() if cuts else set()
    rows += [_cut(reader, note) for note in cuts if not note.more or note.more in asked]
    return sorted(rows, key=lambda row: row.ts)


def _remark(reader: Reader, note: Note) -> RemarkRow:
    kind, text = _remarked(note)
    action = reader.action_of(note.subject) if note.subject else None
    return RemarkRow(
        bar=note.bar,
        ts=note.ts,
        kind=kind.value,
        text=text,
        order_id=reader.order_id(note.subject) if note.subject else None,
        order_ref=None if action is None else action.order_ref,
        line=reader.line(action),
    )


def _too_late(reader: Reader, note: Note) -> Remark | None:
    """Return what is remarked of a request that an order's last fill came before, None for any other note."""
    kind = {at.N_AMEND_LATE: Remark.FILLED_BEFORE_CHANGE, at.N_CANCEL_REFUSED: Remark.FILLED_BEFORE_CANCEL}.get(note.kind)  # fmt: skip
    if kind is None:
        return None
    order = reader.order(note.subject - 1)
    has_filled = order.status == OrderStatus.FILLED and order.last_fill_bar == note.bar
    return kind if has_filled else None


def _outrun(reader: Reader, note: Note, kind: Remark) -> RemarkRow:
    order = reader.order(note.subject - 1)
    assert order.avg_fill_price is not None
    return RemarkRow(
        bar=note.bar,
        ts=note.ts,
        kind=kind.value,
        text=too_late_text(order.filled, order.avg_fill_price, kind),
        order_id=order.order_id,
        order_ref=order.order_ref,
        line=order.line,
    )


def _remarked(note: Note) -> tuple[Remark, str]:
    match note.kind:
        case at.N_NETTED:
            return Remark.NETTED, f"{note.a:g} closed what was held"
        case at.N_MARGIN_BEYOND:
            return Remark.MARGIN_BEYOND_BALANCE, f"margin {note.a:.2f}, balance {note.b:.2f}"
        case at.N_BELOW_ZERO:
            return Remark.BALANCE_BELOW_ZERO, owed_text(note.a, is_funding=note.b == 1.0)
        case at.N_STOP_MARGIN:
            return Remark.STOP_WITHOUT_MARGIN, f"{note.a:g} were not opened"
        case _:
            return Remark.TURN_WITHOUT_MARGIN, f"{note.a:g} were not opened"


def _named(found: Sequence[Note], index: int) -> list[Note]:
    """Return the layers that a note is about: the notes of layers behind it."""
    return list(takewhile(lambda note: note.kind == at.N_NAMED, found[index + 1 :]))


def _of_layers(reader: Reader, note: Note, layers: Sequence[Note]) -> RemarkRow:
    """Return the remark of an exit that took some layers, or of a level that moved for some."""
    if note.kind == at.N_CHOSEN:
        order, kind = note.subject, Remark.STOP_CHOSEN_BY_METHOD
        method = next(name for name, number in words.METHODS.items() if number == note.word)
        names = [_ref_of(reader, layer) or reader.order_id(layer.subject) for layer in layers]
        taken, stay = ", ".join(names[: note.more]), ", ".join(names[note.more :])
        text = f"{method.value} took from {taken}; {stay} stay"
    else:
        order, kind = layers[0].subject, Remark.LEVEL_OF_SOME_LAYERS
        role = (Role.TAKE_PROFIT, Role.STOP_LOSS)[note.word]
        shared = ", ".join(
            _ref_of(reader, layer) or reader.layer_id(layer.subject, layer.more) for layer in layers
        )
        text = f"{role.value} to {note.a:g} for {shared}; the others keep their own"
    action = reader.action_of(order)
    return RemarkRow(
        bar=note.bar,
        ts=note.ts,
        kind=kind.value,
        text=text,
        order_id=reader.order_id(order),
        order_ref=None if action is None else action.order_ref,
        line=reader.line(action),
    )


def _ref_of(reader: Reader, layer: Note) -> str | None:
    action = reader.action_of(layer.subject)
    return None if action is None else action.order_ref


def _cut(reader: Reader, note: Note) -> RemarkRow:
    action, instrument = reader.run.lowered.actions[note.subject], reader.instrument
    cut = _made_smaller(reader, note)
    return RemarkRow(
        bar=note.bar,
        ts=note.ts,
        kind=cut_kind(cut).value,
        text=cut.said(instrument),
        order_id=f"o{note.more}" if note.more else None,
        order_ref=action.order_ref,
        line=reader.line(action),
        lost_pct=cut.lost_pct(instrument),
    )


def _made_smaller(reader: Reader, note: Note) -> Cut:
    base = reader.instrument.base
    if note.word == at.N_MIN_LOTS:
        return lot_cut(note.a, note.given, reader.instrument)
    if note.word == at.N_EXITS:
        text = f"other exits leave {base(note.given):g} of {base(note.wanted):g}"
        return Cut(RefusalCode.NOTHING_TO_REDUCE, note.wanted, note.given, text)
    code, text = bound(reader, note.word, note.a, note.b)
    return Cut(code, note.wanted, note.given, text)
