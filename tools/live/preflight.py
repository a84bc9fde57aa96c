"""Pre-flight: everything a session rests on is looked at before it starts; what is wrong refuses the start.

The law: questions only. What is to be set at the venue is set by `--prepare`, when a person asks for it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from compiler.findings.diagnostics import Severity
from compiler.graph.program import Program
from compiler.graph.trail_words import trails
from compiler.pipeline import check
from runtime.backends.bybit.names import LinkNames, run_of
from runtime.backends.bybit.rest import Rest, measured_offset
from runtime.backends.bybit.vocabulary import ISOLATED
from runtime.live.guard import SessionLimits
from runtime.live.lock import PanicMark
from runtime.market.instrument_facts import Instrument
from runtime.orders.pieces import MOST_CONDITIONALS
from runtime.rules.data_fit import beside_bars
from tools.live.checks import Check, failed, judged, not_here, passed, warned
from tools.live.door import Door, wall_ms
from tools.live.plan import Place, Plan
from tools.live.venue_facts import Account, Contract, Setting
from tools.live.warm_up import bars_wanted, interval_word

_ANY = LinkNames(
    "-"
)  # a run that no session has: ids of every run of this program are others' to it
_MOST_OFFSET_MS = 500
_ROOM_BYTES = 200 * 1024 * 1024
_DAYS = 7
_MUST = ("max_daily_loss_usdt", "max_notional_usdt")


# ---------------------------------------------------------------- the card and this machine


def card_checks(plan: Plan, program: Program) -> Iterator[Check]:
    """Look at the card: lint, and what a live session can give it."""
    found = check(plan.source, plan.overrides).diagnostics
    errors = [d for d in found if d.is_error]
    notes = [d for d in found if d.severity is Severity.WARNING]
    yield judged(
        "lint",
        not (errors or notes),
        "clean" if not (errors or notes) else f"{len(errors)} errors, {len(notes)} warnings",
        f"ideacard lint {plan.source.path}",
        warns=not errors,
    )
    graph = program.graph
    if graph.invariants:
        yield (
            warned(
                "promises",
                f"{len(graph.invariants)} are made; nobody has searched for what breaks them here",
                f"ideacard check {plan.source.path}",
            )
            if plan.venue is Place.MAINNET and not plan.has_checked
            else passed(
                "promises",
                f"{len(graph.invariants)} are judged at every close; one that is broken halts entries",
            )
        )
    others = sorted({f.symbol for f in graph.features} - {"", graph.symbols[0]})
    yield judged(
        "other symbols",
        not others,
        ", ".join(others) or "none read",
        "a session reads one symbol's bars: take those features out of the card",
    )
    blind = beside_bars(graph)
    yield judged(
        "what it reads",
        not blind,
        ", ".join(blind) or "bars and the account",
        "these are unknown in a session, so conditions on them never hold: take them out",
    )


def machine_checks(plan: Plan, folder: Path) -> Iterator[Check]:
    """Look at the disk."""
    there = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(there).free
    yield judged(
        "disk",
        free >= _ROOM_BYTES,
        f"{free // 2**20:,} MiB free at {there}",
        "make room: without a journal nothing opens",
    )
    yield judged(
        "folder", os.access(there, os.W_OK), f"{folder}", "choose another with --out", warns=False
    )


# ---------------------------------------------------------------- the venue


def venue_checks(rest: Rest, door: Door, program: Program) -> Iterator[Check]:
    """Look at the venue's clock, its state and its bars."""

    def clock() -> Iterator[int]:
        while True:
            yield wall_ms()  # the clock that signs

    offset = measured_offset(rest, clock())
    if offset is None:
        yield failed("venue", "does not answer", "look at the network, a proxy, the address")
        return
    yield passed("venue", door.http or door.venue.value)
    yield judged(
        "clock",
        abs(offset) <= _MOST_OFFSET_MS,
        f"{offset:+d} ms of the venue's",
        "synchronise the clock of this machine (NTP): a request signed too early is refused",
    )
    yield _maintenance(rest)
    symbol, word = program.graph.symbols[0], interval_word(program.graph.timeframe)
    told = rest.bars(symbol, word, 0, 1)
    wanted = bars_wanted(program)
    yield judged(
        "bars",
        told is not None and bool(told.rows),
        f"{program.graph.timeframe} bars of {symbol}; {wanted} are taken in first",
        "the venue has no bars of that symbol and timeframe",
    )


def _maintenance(rest: Rest) -> Check:
    found = rest.ask("system/status", {})
    if found is None:
        return not_here("maintenance", "no answer; an announcement would stop entries")
    titles = [str(row.get("title")) for row in found.get("list") or []]
    return judged(
        "maintenance", not titles, "; ".join(titles) or "none announced", "wait until it is over"
    )


def contract_checks(
    contract: Contract | None, program: Program, *, is_taken_up: bool
) -> Iterator[Check]:
    """Look at what trades: a contract that opens nothing is none to begin with; one that is held is looked after."""
    if contract is None:
        yield failed("instrument", "no answer", "try again; the facts of another day may be wrong")
        return
    closed = contract.closed
    yield from instrument_checks(contract.instrument, program)
    yield judged(
        "contract",
        not closed or is_taken_up,
        f"{closed}; nothing opens, what is held is looked after" if closed else "trades, no end",
        f"nothing may be opened: {closed}; take another symbol, or wait until it trades",
    )


def instrument_checks(instrument: Instrument, program: Program) -> Iterator[Check]:
    """Hold the card against the facts of its symbol."""
    settings = program.graph.settings.account
    yield passed(
        "instrument",
        f"{instrument.symbol}: tick {instrument.tick:g}, lot {instrument.lot:g}, "
        f"at least {instrument.min_notional_usdt:g} USDT",
    )
    yield judged(
        "leverage it may have",
        settings.max_leverage <= instrument.max_leverage,
        f"the card asks for {settings.max_leverage:g}, the venue gives {instrument.max_leverage:g}",
        "--set account.max_leverage=…",
    )
    layers = program.graph.settings.policy.max_layers
    is_many = layers is not None and layers > MOST_CONDITIONALS - 1
    yield judged(
        "stops it may have",
        not is_many,
        f"{layers or 'any number of'} layers",
        f"the venue takes {MOST_CONDITIONALS} conditional orders of a symbol: lower "
        "policy.max_layers, or protect the position instead of layers",
        warns=True,
    )
    if trails(program.graph):
        text = (
            "moved at the close of each {} bar, not inside it as in a back-test: what a bar runs ahead and gives back "
            "is held through; never the venue's own trailing stop (docs/live.md)"
        )
        yield passed("trailing stops", text.format(program.graph.timeframe))


# ---------------------------------------------------------------- the account


def key_checks(door: Door) -> Iterator[Check]:
    """Say where keys are put, where they are missing."""
    if door.why_no_keys:
        yield failed(
            "keys", "none: the account and what it holds were not looked at", door.why_no_keys
        )


def account_checks(
    account: Account,
    rest: Rest,
    door: Door,
    program: Program,
    done: Sequence[Setting] = (),
    *,
    is_taken_up: bool,
) -> Iterator[Check]:
    """Look at keys, account, position. `done`: what was to be set; `is_taken_up`: its own may stand there."""
    settings = program.graph.settings.account
    if account.margin_mode is None:
        yield failed("account", "no answer", "look at key, secret and the venue they belong to")
        return
    yield _key(rest, door)
    yield judged(
        "margin", account.margin_mode == ISOLATED, account.margin_mode, _to_set("margin", done)
    )
    yield from _mode(account, settings.max_leverage, done)
    equity = account.equity_usdt
    yield judged(
        "money",
        equity is not None and (is_taken_up or equity >= settings.starting_equity_usdt),
        f"{'unknown' if equity is None else f'{equity:,.2f}'} USDT; the card counts from "
        f"{settings.starting_equity_usdt:,.2f}",
        f"--set account.starting_equity_usdt={equity or 0:.0f}, or bring the rest",
    )
    yield from _standing(account, is_taken_up=is_taken_up)
    yield _fees(rest, door, program)
    assert door.keys is not None
    mark = PanicMark(door.venue.value, door.keys.key, program.graph.symbols[0])
    yield judged(
        "panic",
        not mark.is_set,
        "a panic has closed everything" if mark.is_set else "none",
        f"look why, then: ideacard panic {program.graph.symbols[0]} --venue {door.venue.value} --lift",
    )


def _to_set(check: str, done: Sequence[Setting]) -> str:
    """Return how a setting is made right: by `--prepare`, or by what the venue said when that was done."""
    refusal = next((one.refusal for one in done if one.check == check), "")
    if refusal:
        return f"--prepare asked for it, and the venue said: {refusal}; set it on the venue's page"
    return "ideacard live … --prepare sets it"


def _mode(account: Account, asked: float, done: Sequence[Setting]) -> Iterator[Check]:
    """Look at position mode and leverage, which the position's row tells also where nothing is held."""
    if account.position is None:
        yield failed("mode", "no answer", "try again")
        yield failed("leverage", "no answer", "try again")
        return
    is_one_way = str(account.position.get("positionIdx", 0)) == "0"
    yield judged("mode", is_one_way, "one-way" if is_one_way else "hedge", _to_set("mode", done))
    lever = str(account.position.get("leverage") or "unknown")
    is_same = lever != "unknown" and float(lever) == asked
    told = f"{lever}, the card says {asked:g}"
    yield judged("leverage", is_same, told, _to_set("leverage", done))


def _standing(account: Account, *, is_taken_up: bool) -> Iterator[Check]:
    """A new session starts flat and alone; orders of others are named and left alone."""
    if account.position is None:
        yield failed("position", "no answer", "try again")
    else:
        size = str(account.position.get("size") or "0")
        is_flat = float(size) == 0
        yield judged(
            "position",
            is_flat or is_taken_up,
            "flat" if is_flat else f"{size} is held",
            "close it by hand, or take up the session it belongs to (--out, --name)",
        )
    if account.open_orders is None:
        yield failed("orders", "no answer", "try again")
        return
    ours = [o for o in account.open_orders if _ANY.is_foreign_run(str(o.get("orderLinkId", "")))]
    others = [o for o in account.open_orders if o not in ours]
    runs = sorted({str(run_of(str(o.get("orderLinkId", "")))) for o in ours})
    if ours and not is_taken_up:
        yield failed(
            "sessions",
            f"{len(ours)} orders of another session of this program (run {', '.join(runs)})",
            "take that session up (--out, --name) and stop it there; where its folder is lost, `ideacard panic` "
            "closes and cancels what it has left, or do so at the venue",
        )
    yield judged(
        "orders",
        not others,
        f"{len(others)} of others" if others else "none of others",
        "they are left alone and count for nothing here; cancel them if they are forgotten",
        warns=True,
    )


def _key(rest: Rest, door: Door) -> Check:
    """What the key may do, and for how long."""
    if door.venue is Place.DEMO:
        return not_here("key", "demo does not tell; the first order will")
    found = rest.ask("user/query-api", {})
    if found is None:
        return failed(
            "key", "no answer", "look at key and secret, and the address they are bound to"
        )
    may = found.get("permissions") or {}
    if found.get("readOnly") != 0 or "Order" not in (may.get("ContractTrade") or []):
        return failed(
            "key", "may not trade contracts", "make a key with the right Contract: Orders"
        )
    if "Withdraw" in (may.get("Wallet") or []):
        return failed("key", "may withdraw", "make a key that may not: nothing here ever needs it")
    days = int(found.get("deadlineDay") or 0)
    is_bound = found.get("ips") not in (["*"], None)
    said = (
        f"may trade, may not withdraw, {'bound to an address' if is_bound else f'{days} days left'}"
    )
    return judged("key", is_bound or days >= _DAYS, said, "renew it before it ends", warns=True)


def _fees(rest: Rest, door: Door, program: Program) -> Check:
    settings = program.graph.settings.account
    if door.venue is Place.DEMO:
        return not_here("fees", "demo does not tell; what executions cost is booked")
    rows = (rest.ask("account/fee-rate", _symbol(program)) or {}).get("list") or []
    if not rows:
        return not_here("fees", "no answer; what executions cost is booked")
    taker, maker = (float(rows[0][name]) * 10_000 for name in ("takerFeeRate", "makerFeeRate"))
    is_covered = taker <= settings.taker_bps + 1e-9 and maker <= settings.maker_bps + 1e-9
    return judged(
        "fees",
        is_covered,
        f"taker {taker:g}, maker {maker:g} bps; the card counts with "
        f"{settings.taker_bps:g} and {settings.maker_bps:g}",
        f"--set account.taker_bps={taker:g} --set account.maker_bps={maker:g}",
        warns=True,
    )


def _symbol(program: Program) -> dict[str, str]:
    return {"category": "linear", "symbol": program.graph.symbols[0]}


def limit_checks(limits: SessionLimits, venue: Place) -> Iterator[Check]:
    """With real money two limits must be set."""
    missing = [name for name in _MUST if getattr(limits, name) is None]
    is_set = [
        f"{n}={getattr(limits, n):g}"
        for n in SessionLimits.__slots__
        if getattr(limits, n) is not None
    ]
    said = ", ".join(is_set) or "none set"
    fix = " ".join(f"--limit {name}=…" for name in missing)
    yield judged("limits", not missing, said, fix, warns=venue is not Place.MAINNET)
