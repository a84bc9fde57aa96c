"""What an order does where price meets it or where it comes to be: it fills, triggers, rests or goes."""

from __future__ import annotations

from math import isnan

from runtime.batch.booking import book
from runtime.batch.budgets import takeable
from runtime.batch.follow import (
    after_fill,
    cancel_now,
    hold_back,
    let_go,
    live_from_here,
    make_order,
    now_of,
    upkeep,
)  # fmt: skip
from runtime.batch.layers import layer_in_row, next_layer
from runtime.batch.layout import (
    AVERAGE,
    BROUGHT,
    BY_FOK,
    BY_IOC,
    BY_LAYER,
    BY_LIQUIDATION,
    BY_MARGIN,
    BY_POST_ONLY,
    DIRTY,
    DONE,
    FOK,
    FOLLOW_LIST,
    FORCE,
    GTD,
    HELD,
    JUMP,
    KIND,
    L_ORDER,
    L_ROW,
    L_TRAIL,
    LEVERAGE,
    LIMIT,
    LIQUIDATED,
    MARKET,
    MOST_ORDERS,
    NUMBER,
    PHASE,
    POST_ONLY,
    PRICE,
    ROLE,
    SIDE,
    STOP_MARKET,
    TAKE_PROFIT,
    TAKER,
    TRADES_NOW,
    TRIGGERED,
    WAY,
    WHOLE,
    WOKEN,
    WOKEN_LIST,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import held_notional, is_short_of_margin, remaining
from runtime.batch.orders import age_anew, end_by, is_armed, is_passed, works
from runtime.batch.protection import trail_comes
from runtime.batch.serve import at_market, rest, take, takes_at
from runtime.formulas.margin import bankruptcy_price, closing_fee
from runtime.kernel import IntState, State


def leave(f: State, z: IntState, lf: State, lz: IntState, s: int, number: int) -> None:
    """End what is left of an order that does not rest."""
    if z[s + FORCE] > GTD and works(z, s, number):
        cancel_now(f, z, lf, lz, s, BY_FOK if z[s + FORCE] == FOK else BY_IOC)


def take_or_leave(f: State, z: IntState, lf: State, lz: IntState, s: int, number: int) -> None:
    """Let a marketable limit take what it may; `fok` only all of it, `ioc` what there is."""
    if z[s + FORCE] != FOK or takeable(f, z, s) >= remaining(z, s):
        take(f, z, lf, lz, s, False)
    leave(f, z, lf, lz, s, number)


def _come(f: State, z: IntState, lf: State, lz: IntState, s: int, number: int) -> None:
    """Let a limit that comes to the book where price stands take, rest or go."""
    has_triggered = z[s + TRIGGERED] == 1
    if not is_passed(f, z, s, f[PRICE]):
        leave(f, z, lf, lz, s, number)
    elif z[s + POST_ONLY] == 1:
        cancel_now(f, z, lf, lz, s, BY_POST_ONLY)
    else:
        take_or_leave(f, z, lf, lz, s, number)
    if has_triggered and works(z, s, number):
        z[s + DONE] = 0  # what is left rests from here on


def _act(f: State, z: IntState, lf: State, lz: IntState, s: int) -> None:
    """Give an order its turn: a limit fills, a stop triggers."""
    number = z[s + NUMBER]
    if not is_armed(z, s):
        rest(f, z, lf, lz, s)
        return
    price = takes_at(f, z) if isnan(f[s + LIMIT]) else f[s + LIMIT]
    closes = z[HELD] > 0 and z[SIDE] != z[s + WAY]
    if not closes and is_short_of_margin(f, z, s, price, remaining(z, s)):
        cancel_now(f, z, lf, lz, s, BY_MARGIN)
        return
    is_at_market = z[s + ROLE] == TAKE_PROFIT or z[s + KIND] == STOP_MARKET
    if z[PHASE] == JUMP and not is_at_market:
        hold_back(z, s, 0)  # it triggers at the open: younger than what the jump brought
        return
    z[s + TRIGGERED] = 1
    z[DIRTY] = 1
    age_anew(z, s)
    if is_at_market:
        at_market(f, z, lf, lz, s)
    else:
        live_from_here(f, z, s)
        _come(f, z, lf, lz, s, number)


def wake(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Let orders act that were just made or moved and that price has passed already."""
    if z[TRADES_NOW] == 0:
        z[WOKEN] = 0
        return
    k = 0
    while k < z[WOKEN]:
        s = z[WOKEN_LIST + k]
        number = z[WOKEN_LIST + MOST_ORDERS + k]
        k += 1
        if not works(z, s, number):
            continue
        if isnan(f[s + LIMIT]) and not is_armed(z, s):
            at_market(f, z, lf, lz, s)
        elif not is_passed(f, z, s, f[PRICE]):
            z[s + BROUGHT] = 0
            leave(f, z, lf, lz, s, number)
        elif is_armed(z, s):
            _act(f, z, lf, lz, s)
        elif z[PHASE] == JUMP:
            hold_back(z, s, 0)
        else:
            z[s + DONE] = 0
            _come(f, z, lf, lz, s, number)
    z[WOKEN] = 0


def turn(f: State, z: IntState, lf: State, lz: IntState, s: int) -> None:
    """Give one order what the bar has for it where price stands, and let act what that woke."""
    _act(f, z, lf, lz, s)
    wake(f, z, lf, lz)


def follow_price(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Let what trails come to where price stands: layers by the age of their orders, then the position."""
    if z[TRADES_NOW] == 0:
        return
    has_one = z[WHOLE + L_TRAIL] == 1
    if z[BY_LAYER] == 1:
        # What acts on the way ends layers and begins others.
        for k in range(_note_trails(z)):
            y = layer_in_row(z, z[FOLLOW_LIST + k])
            if y >= 0:
                _follow(f, z, lf, lz, y)
    if has_one:
        _follow(f, z, lf, lz, WHOLE)


def _note_trails(z: IntState) -> int:
    """Note the rows of the layers that have a trail, by the age of their orders; return how many there are."""
    count = 0
    y = next_layer(z, 0)
    while y >= 0:
        if z[y + L_TRAIL] == 1:
            z[FOLLOW_LIST + count] = z[y + L_ROW]
            count += 1
        y = next_layer(z, z[y + L_ORDER])
    return count


def _follow(f: State, z: IntState, lf: State, lz: IntState, y: int) -> None:
    """Let one trail come to where price stands; on the way against it nothing moves."""
    if z[y + L_TRAIL] == 1 and trail_comes(f, z, y, f[PRICE]):
        upkeep(f, z, lf, lz, False, False)
        let_go(f, z, lf, lz)
        wake(f, z, lf, lz)


def take_over(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """The venue takes the position: everything that works is cancelled, then the margin is lost."""
    now = now_of(f, z)
    price = bankruptcy_price(z[SIDE], f[AVERAGE], f[LEVERAGE])
    fee = closing_fee(z[SIDE], held_notional(f, z), f[LEVERAGE], f[TAKER])
    while z[WORKING] > 0:
        end_by(f, z, lf, lz, z[WORK], BY_LIQUIDATION, now)
    s = make_order(f, z, LIQUIDATED, MARKET, z[HELD], BY_LIQUIDATION)
    book(f, z, lf, lz, s, z[HELD], price, fee, False, 0.0, BY_LIQUIDATION, now)
    after_fill(f, z, lf, lz, False)
