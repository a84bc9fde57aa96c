"""Every way the life of one order can go: order x venue x messages in flight, exhaustively.

The venue may fill, cancel, expire or reject; its messages arrive in any order, some twice; a cancel
races fills; we may restart at any moment and restore the order from what we had journaled. A few
thousand states: breadth first finds them all, and a shortest path to any that breaks a law.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from runtime.orders.lifecycle import TERMINAL, TRANSITIONS, OrderStatus, Row

QUANTITY = 3  # lots: enough for a part, another part, a rest, and a race between them
_S = OrderStatus
Table = Sequence[Row]


@dataclass(frozen=True, slots=True)
class World:
    """Our view, the venue's truth, and what is on its way from it to us.

    Messages are `accept`, `cancel`, `expire`, `reject`, `activate`, `amend` or an execution such as
    `fill1x2` (the first one, two lots). `twice` are those that were delivered and may come once more.
    """

    status: OrderStatus = _S.PENDING
    filled: frozenset[str] = frozenset()  # executions we counted
    journal: tuple[str, ...] = ()  # triggers applied, in order
    venue: str = "asked"  # asked | open | filled | cancelled | expired | rejected
    venue_fills: int = 0  # lots
    cancel_asked: bool = False
    triggered: bool = False
    amended: bool = False
    flying: frozenset[str] = frozenset()
    twice: frozenset[str] = frozenset()
    restarted: bool = False

    @property
    def key(self) -> World:
        """Return the world without its history, which only explains how we got here."""
        return replace(self, journal=())


@dataclass(frozen=True, slots=True)
class Violation:
    law: str
    path: tuple[str, ...]


def target(table: Table, status: OrderStatus, trigger: str) -> OrderStatus | None:
    """Return where a trigger leads from a status, None when the table has no such row."""
    return next((r.target for r in table if r.trigger == trigger and r.source is status), None)


# ---------------------------------------------------------------- steps


def steps(world: World, table: Table) -> Iterator[tuple[str, World | None]]:
    """Yield every next step and the world after it; None for a message the table cannot take."""
    yield from _venue_steps(world)
    if not world.cancel_asked and world.status not in TERMINAL:
        yield "we ask to cancel", replace(world, cancel_asked=True)
    for message in sorted(world.flying):
        after = deliver(world, message, table)
        if after is not None:
            after = replace(after, flying=world.flying - {message}, twice=world.twice | {message})
        yield f"{message} arrives", after
    for message in sorted(world.twice):
        after = deliver(world, message, table)
        if after is not None:
            after = replace(after, twice=world.twice - {message})
        yield f"{message} arrives again", after
    if not world.restarted:
        yield "we restart", replace(world, restarted=True)


def _venue_steps(world: World) -> Iterator[tuple[str, World]]:
    def says(message: str, **changes: object) -> World:
        return replace(world, flying=world.flying | {message}, **changes)  # type: ignore[arg-type]

    if world.venue == "asked":
        yield "the venue accepts", says("accept", venue="open")
        yield "the venue rejects", says("reject", venue="rejected")
    if world.venue == "rejected" and world.venue_fills == 0:
        # VENUE: a rejected order that carries executions was seen in recordings.
        yield "the venue fills one all the same", says("fill1x1", venue_fills=1)
    if world.venue != "open":
        return
    if not world.triggered and world.venue_fills == 0:
        yield "the venue triggers", says("activate", triggered=True)
    if not world.amended:
        yield "the venue amends", says("amend", amended=True)
    rest = QUANTITY - world.venue_fills
    for lots in sorted({1, rest}):
        after = world.venue_fills + lots
        message = f"fill{world.venue_fills + 1}x{lots}"
        state = "filled" if after == QUANTITY else "open"
        yield f"the venue fills {lots}", says(message, venue=state, venue_fills=after)
    yield "the venue expires", says("expire", venue="expired")
    if world.cancel_asked:
        yield "the venue cancels", says("cancel", venue="cancelled")


def lots_of(executions: frozenset[str]) -> int:
    return sum(int(name.partition("x")[2]) for name in executions)


def as_trigger(status: OrderStatus, message: str) -> str:
    """Return the trigger a status message is taken as.

    A rejection that comes after an execution ends what is left: to us that is a cancellation.
    """
    return "cancel" if message == "reject" and status is _S.PARTIAL else message


def deliver(world: World, message: str, table: Table) -> World | None:
    """Return the world after we took in a message; None when it cannot be booked at all.

    A status message that the table does not allow is stale: it is dropped, never obeyed. An
    execution is always booked, once.
    """
    if not message.startswith("fill"):
        trigger = as_trigger(world.status, message)
        after = target(table, world.status, trigger)
        if after is None:
            return world
        return replace(world, status=after, journal=(*world.journal, trigger))
    if message in world.filled:
        return world
    filled = world.filled | {message}
    if world.status in TERMINAL and world.status is not _S.FILLED:
        trigger = "fill_late"
    else:
        trigger = "fill_all" if lots_of(filled) >= QUANTITY else "fill_part"
    after = target(table, world.status, trigger)
    if after is None:
        return None
    return replace(world, status=after, filled=filled, journal=(*world.journal, trigger))


# ---------------------------------------------------------------- laws


def broken_law(before: World, after: World | None, table: Table) -> str | None:
    """Return the law a step breaks, None when it breaks none."""
    if after is None:
        return "every execution is booked"
    if before.status in TERMINAL and after.status is not before.status:
        return "an end is never left"
    if lots_of(after.filled) > after.venue_fills:
        return "we never count what the venue did not fill"
    if (after.status is _S.FILLED) != (lots_of(after.filled) == QUANTITY) and not (
        after.status in TERMINAL and after.status is not _S.FILLED
    ):
        return "filled means every lot, and every lot means filled"
    if after.status is _S.PENDING and after.filled:
        return "an order with executions is not pending"
    if after.status is _S.PARTIAL and not after.filled:
        return "a partial order has executions"
    if restored(after, table) is not after.status:
        return "replaying the journal restores the status"
    return _quiet(after)


def _quiet(world: World) -> str | None:
    """Return the law broken once nothing is on its way any more."""
    if world.flying or world.venue in ("asked", "open"):
        return None
    if lots_of(world.filled) != world.venue_fills:
        return "in the end we know of every execution"
    expected = {
        "filled": {_S.FILLED},
        "cancelled": {_S.CANCELLED},
        "expired": {_S.EXPIRED},
        "rejected": {_S.REJECTED, _S.CANCELLED},
    }[world.venue]
    if world.status not in expected:
        return "in the end our status is the venue's"
    return None


def restored(world: World, table: Table) -> OrderStatus | None:
    """Return the status that replaying the journal gives, None when it cannot be replayed."""
    status: OrderStatus | None = _S.PENDING
    for trigger in world.journal:
        if status is None:
            return None
        status = target(table, status, trigger)
    return status


# ---------------------------------------------------------------- exploring


@dataclass(frozen=True, slots=True)
class Exploration:
    states: int
    steps: int
    rows_used: frozenset[tuple[str, OrderStatus]]
    ends: frozenset[OrderStatus]
    violation: Violation | None


def explore(table: Table = TRANSITIONS) -> Exploration:
    """Visit every reachable world; stops at the first broken law, with a shortest path to it."""
    start = World()
    came: dict[World, tuple[World, str] | None] = {start: None}
    queue = deque([(start, start)])  # (identity, world with its journal)
    used: set[tuple[str, OrderStatus]] = set()
    ends: set[OrderStatus] = set()
    count = 0
    while queue:
        identity, world = queue.popleft()
        ends.update({world.status} & TERMINAL)
        for name, after in steps(world, table):
            count += 1
            law = broken_law(world, after, table)
            if law is not None:
                path = (*_path(came, identity), name)
                return Exploration(
                    len(came), count, frozenset(used), frozenset(ends), Violation(law, path)
                )
            assert after is not None
            if len(after.journal) > len(world.journal):
                used.add((after.journal[-1], world.status))
            if after.key not in came:
                came[after.key] = (identity, name)
                queue.append((after.key, after))
    return Exploration(len(came), count, frozenset(used), frozenset(ends), None)


def _path(came: dict[World, tuple[World, str] | None], at: World) -> tuple[str, ...]:
    names: list[str] = []
    link = came.get(at)
    while link is not None:
        names.append(link[1])
        link = came.get(link[0])
    return tuple(reversed(names))


# ---------------------------------------------------------------- the table by itself


def faults(table: Table = TRANSITIONS) -> list[str]:
    """Return what is wrong with a table as a machine: determinism, reachability, sinks."""
    found = []
    seen: set[tuple[str, OrderStatus]] = set()
    for row in table:
        if (row.trigger, row.source) in seen:
            found.append(f"`{row.trigger}` leads from {row.source} to two places")
        seen.add((row.trigger, row.source))
        if row.source in TERMINAL and row.target is not row.source:
            found.append(f"`{row.trigger}` leaves the end {row.source}")
    reached = reachable(table)
    found += [f"{status} cannot be reached" for status in _S if status not in reached]
    for status in _S:
        if status not in TERMINAL and not TERMINAL & reachable(table, status):
            found.append(f"{status} has no way to an end")
    return found


def reachable(table: Table, start: OrderStatus = _S.PENDING) -> frozenset[OrderStatus]:
    seen = {start}
    stack = [start]
    while stack:
        status = stack.pop()
        for row in table:
            if row.source is status and row.target not in seen:
                seen.add(row.target)
                stack.append(row.target)
    return frozenset(seen)


def paths(table: Table = TRANSITIONS, longest: int = 4) -> Iterator[tuple[str, ...]]:
    """Yield every sequence of up to `longest` status-changing triggers from pending to an end."""

    def grow(status: OrderStatus, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if status in TERMINAL:
            yield (*way, f"= {status}")
            return
        if len(way) == longest:
            return
        for row in table:
            if row.source is status and row.trigger not in way:
                yield from grow(row.target, (*way, row.trigger))

    yield from grow(_S.PENDING, ())


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    table: tuple[Row, ...]


def mutants(table: Table = TRANSITIONS) -> Iterator[Mutant]:
    """Yield the table with each row dropped, and redirected to every other status."""
    rows = tuple(table)
    for i, row in enumerate(rows):
        name = f"{row.trigger} from {row.source}"
        yield Mutant(f"drop {name}", rows[:i] + rows[i + 1 :])
        for other in _S:
            if other is not row.target:
                changed = Row(row.trigger, row.source, other, row.note)
                yield Mutant(f"{name} to {other}", (*rows[:i], changed, *rows[i + 1 :]))


def survivors(
    table: Table = TRANSITIONS, notices: Callable[[Table], bool] | None = None
) -> list[str]:
    """Return the mutants nothing notices."""
    found = notices or is_noticed
    return [mutant.name for mutant in mutants(table) if not found(mutant.table)]


def is_noticed(table: Table) -> bool:
    """Return whether a law or the machine's form gives a wrong table away."""
    return bool(faults(table)) or explore(table).violation is not None


# Dropping these changes nothing an observer of status and executions could see: the row only says
# that a message is expected, and an unexpected status message is dropped as stale.
ACCEPTED_SURVIVORS: tuple[str, ...] = (
    "drop accept from pending",
    "drop activate from pending",
    "drop amend from pending",
    "drop amend from partial",
)


def mermaid(table: Iterable[Row] = TRANSITIONS) -> str:
    """Return the drawing of a table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "  [*] --> pending"]
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in table:
        arrows.setdefault((row.source.value, row.target.value), []).append(row.trigger)
    lines += [f"  {a} --> {b} : {' / '.join(names)}" for (a, b), names in arrows.items()]
    lines += [f"  {status.value} --> [*]" for status in _S if status in TERMINAL]
    return "\n".join(lines) + "\n"
