"""Gives orders their turn where price stands: how much, at what price, as maker or taker.

The law: an order has one turn on a bar, and what it gets is bounded by the fill model, by what the
bar's volume has left, and for a reduction by the position.
"""

from __future__ import annotations

from dataclasses import dataclass

from runtime.account.margin import missing_margin, only_closing
from runtime.account.standing import is_trailed, trails
from runtime.backends.sim.budget import Serving
from runtime.backends.sim.fill_models import UNLIMITED, fillable, is_left_behind, slipped, takeable
from runtime.backends.sim.liquidation import bounded
from runtime.backends.sim.scene import Phase, Scene
from runtime.backends.sim.teller import Teller
from runtime.market.frame import Bar
from runtime.orders.events import OrderFilled, TrailMoved
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderType, Role, TimeInForce


@dataclass(slots=True)
class Matcher:
    """Matches the orders of one account on one scene."""

    scene: Scene
    teller: Teller

    def turn(self, order: Order) -> None:
        """Give one order what the bar has for it where price stands, and let act what that woke."""
        self._turn(order)
        self.wake()

    def wake(self) -> None:
        """Let orders act that were just made or moved and that price has passed already."""
        woken, turns = self.teller.woken, self.scene.turns
        if not self.scene.trades:
            woken.clear()  # they stand where they are, and act when somebody trades
        while woken:
            order = woken.popleft()
            if order.order_id not in self.scene.ledger.book:
                continue
            if order.limit_price is None and not order.is_armed_stop:
                self.market(order)  # it went on the jump; what that brought in late goes here
            elif not self.scene.is_passed(order):
                turns.brought.discard(order.order_id)
                self.leave(order)
            elif order.is_armed_stop:
                self._turn(order)
            elif self.scene.phase is Phase.JUMP:
                turns.late[order.order_id] = 0  # it is marketable at the open
            else:
                turns.done.discard(order.order_id)
                self._enter(order)

    def follow(self) -> None:
        """Let what trails follow the market to where it stands."""
        scene = self.scene
        if not scene.trades:
            return
        for layer, trail in trails(scene.ledger).items():
            position = scene.ledger.position
            if position is None or trail.after(position.side.sign, scene.price) is trail:
                continue
            moved = TrailMoved(price=scene.price, layer=layer, bar=scene.bar_index, ts=scene.now)
            # Else as what its fill brought, or is still to come to the stop that stands there.
            is_live = trail.bar < scene.bar_index and layer not in self._to_be_trailed()
            self.teller.tell(moved, moved=[Role.STOP_LOSS] if is_live else ())
            self.wake()

    def _to_be_trailed(self) -> set[str | None]:
        """Return the scopes whose stop the open is to tighten."""
        orders = self.scene.ledger.orders
        return {orders[order_id].spec.layer for order_id in self.scene.turns.trailed_later}

    def _turn(self, order: Order) -> None:
        """A stop triggers; a stop-limit that does so on the jump is in the book at the open."""
        scene = self.scene
        if not order.is_armed_stop:
            self.rest(order)
            return
        # VENUE: a stop takes margin when it triggers, and is cancelled when that is short. One that turns
        # the position closes it first.
        price = scene.takes_at if order.limit_price is None else order.limit_price
        position = scene.ledger.position
        closes = position is not None and position.side is not order.side
        if not closes and missing_margin(scene.ledger, order, price, order.remaining) is not None:
            self.teller.cancel(order, "no_margin")
            return
        is_at_market = order.is_target or order.spec.order_type is OrderType.STOP_MARKET
        if scene.phase is Phase.JUMP and not is_at_market:
            # It triggers there: in the book it is younger than what the jump brought.
            scene.turns.late[order.order_id] = 0
            return
        self.teller.trigger(order)
        if is_at_market:
            self.market(order)
        else:
            scene.live_from_here(order)
            self._enter(order)

    # ------------------------------------------------------------ limits that come to the book

    def enter(self, order: Order) -> None:
        """Decide a limit that comes to the book where price stands, and let act what that woke."""
        self._enter(order)
        self.wake()

    def _enter(self, order: Order) -> None:
        """It takes, rests, or (ioc, fok) is gone."""
        if not self.scene.is_passed(order):
            self.leave(order)
        elif order.spec.post_only:
            self.teller.cancel(order, "post_only_would_cross")
        else:
            self.take_or_leave(order)
        if order.triggered_at is not None:
            self.scene.turns.done.discard(order.order_id)  # what is left rests from here on

    def take_or_leave(self, order: Order) -> None:
        """Let a marketable limit take what it may; `fok` only all of it, `ioc` what there is."""
        is_fok = order.spec.time_in_force is TimeInForce.FOK
        if not (is_fok and self._takeable(order) < order.remaining):
            self.take(order)
        self.leave(order)

    def leave(self, order: Order) -> None:
        """End what is left of an order that does not rest."""
        force = order.spec.time_in_force
        if force.is_immediate and order.order_id in self.scene.ledger.book:
            is_fok = force is TimeInForce.FOK
            self.teller.expire(order, "fok_unfillable" if is_fok else "ioc_remainder")

    # ------------------------------------------------------------ executing

    def market(self, order: Order) -> None:
        """Fill a market or triggered order in full, with slippage and impact."""
        self.scene.turns.done.add(order.order_id)
        lots = self._capped(order, order.remaining)
        if lots <= 0:
            return
        scene = self.scene
        price = self._bounded(order, lots, self._slipped(order, lots))
        scene.tally.note_volume(scene.terms.instrument.base(lots), scene.bar.volume)
        self._fill(order, lots, price, is_maker=False, reference=scene.takes_at)

    def take(self, order: Order, *, has_rested: bool = False) -> None:
        """Fill a marketable limit; slippage is bounded by its limit.

        One that `has_rested` and is post-only pays the maker's fee; the price rule is the same.
        """
        scene, limit = self.scene, order.limit_price
        assert limit is not None
        scene.turns.done.add(order.order_id)
        lots = self._capped(order, self._takeable(order))
        if lots <= 0:
            return
        sign = order.side.sign
        price = sign * min(sign * self._slipped(order, lots), sign * limit)
        price = self._bounded(order, lots, price)
        if has_rested:
            scene.tally.remainder_improvement += (
                sign * (limit - price) * scene.terms.instrument.base(lots)
            )
        if scene.terms.fills.uses_volume:
            scene.turns.budget(order.side).take(lots)
        is_maker = has_rested and order.spec.post_only
        self._fill(order, lots, price, is_maker=is_maker, reference=scene.takes_at)

    def rest(self, order: Order) -> None:
        """Fill a limit that price has come to, by the fill model, at its limit."""
        scene, limit = self.scene, order.limit_price
        assert limit is not None
        scene.turns.done.add(order.order_id)
        serving = self.serving(order)
        lots = self._capped(order, self.offered(order, serving))
        opens_beyond = order.side.sign * (limit - scene.bar.open) > 0
        is_jumped = scene.phase is not Phase.PATH and opens_beyond
        if is_jumped and lots < order.remaining and order.order_id not in scene.turns.late:
            scene.tally.denied_by_model += 1
        if lots <= 0:
            return
        if scene.terms.fills.uses_volume:
            scene.turns.budget(order.side).serve(serving, lots)
        price = scene.bar.open if is_jumped and scene.terms.gap_improves else limit
        is_maker = not order.spec.time_in_force.is_immediate
        self._fill(order, lots, price, is_maker=is_maker, reference=price)

    # ------------------------------------------------------------ how much

    def serving(self, order: Order) -> Serving:
        """Return what the bar has for a resting limit, before others took from it."""
        scene, limit = self.scene, order.limit_price
        assert limit is not None
        fills, since = scene.terms.fills, scene.turns.since.get(order.order_id)
        if since is None or not fills.uses_volume:
            share = self._share(order, limit, scene.bar_of(order))
            is_behind = is_left_behind(order.side, limit, scene.bar, fills)
            return Serving(limit, share, scene.place, is_behind)
        rest = scene.bar_of(order)
        better = scene.turns.budget(order.side).better(limit)
        return Serving(
            limit,
            self._share(order, limit, scene.bar),
            scene.place,
            is_left_behind(order.side, limit, scene.bar, fills),
            since,
            tuple((price, self._share(order, price, rest)) for price in (limit, *better)),
        )

    def _share(self, order: Order, price: float, bar: Bar) -> int:
        terms = self.scene.terms
        return fillable(order.side, price, UNLIMITED, bar, terms.instrument, terms.fills)

    def offered(self, order: Order, serving: Serving) -> int:
        """Return the lots a resting limit gets now."""
        if not self.scene.terms.fills.uses_volume:
            return min(order.remaining, serving.share)
        return min(order.remaining, self.scene.turns.budget(order.side).for_resting(serving))

    def _takeable(self, order: Order) -> int:
        scene, fills = self.scene, self.scene.terms.fills
        if not fills.uses_volume:
            return order.remaining
        most = takeable(scene.bar_of(order), scene.terms.instrument, fills)
        return min(order.remaining, scene.turns.budget(order.side).for_taker(most))

    def _capped(self, order: Order, lots: int) -> int:
        """Return the lots of a turn: a reduction never takes more than the position or its layer, an
        entry no more than its own and what it closes (one whose cancel is on its way is kept in step no
        more), and on the jump an order has only what it had before the open let in more."""
        scene = self.scene
        position = scene.ledger.position
        if scene.phase is Phase.JUMP:
            lots = min(lots, scene.turns.late.get(order.order_id, lots))
        if order.spec.effect is Effect.OPEN:
            against = position is not None and position.side is not order.side
            closes = position.quantity if position is not None and against else 0
            return min(lots, order.to_open + closes)
        if position is None or position.side is order.side:
            return 0
        layer = None if order.spec.layer is None else position.layer(order.spec.layer)
        return min(lots, position.quantity if layer is None else layer.quantity)

    # ------------------------------------------------------------ one execution

    def _slipped(self, order: Order, lots: int) -> float:
        terms = self.scene.terms
        return slipped(
            order.side,
            self.scene.takes_at,
            lots,
            self.scene.bar,
            terms.instrument,
            terms.settings.account.slippage_bps,
            terms.impact,
        )

    def _bounded(self, order: Order, lots: int, price: float) -> float:
        """Return what an execution pays that would have paid `price`; what the venue's fund bears counts."""
        scene = self.scene
        paid = bounded(scene.ledger, order.side, lots, price)
        if paid != price:
            scene.tally.bounded += 1
            scene.tally.borne += abs(paid - price) * scene.terms.instrument.base(lots)
        return paid

    def _fill(
        self, order: Order, lots: int, price: float, *, is_maker: bool, reference: float
    ) -> None:
        scene, terms = self.scene, self.scene.terms
        scene.hold_price(order, reference, is_maker=is_maker)
        closing = only_closing(scene.ledger, order, price, lots)
        lots = lots if closing is None else closing
        is_on_jump = scene.phase is Phase.JUMP
        if is_on_jump and order.order_id in scene.going:
            scene.tally.fill_before_cancel += 1
        if order.order_id in scene.turns.late:
            scene.turns.late[order.order_id] -= lots
        is_trail = is_trailed(scene.ledger, order, scene.bar_index)
        reason = "trail" if is_trail else order.spec.reason
        if order.order_id in scene.turns.brought:
            reason = "sl_on_entry"
        event = OrderFilled(
            order_id=order.order_id,
            execution_id=scene.numbering.execution(),
            quantity=lots,
            price=price,
            fee=terms.instrument.notional(lots, price) * (terms.maker if is_maker else terms.taker),
            is_maker=is_maker,
            bar=scene.bar_index,
            ts=scene.now,
            path=scene.along,
            slippage=max(0.0, order.side.sign * (price - reference)),
            reason=reason,
        )
        self.teller.tell(event, waits=is_on_jump and order.limit_price is None)
        if closing is not None and order.order_id in scene.ledger.book:
            self.teller.cancel(order, "no_margin")
