"""The faults that are seeded on purpose: each breaks one law, and names the tests that hold it.

The law: the text a fault replaces stands in its file exactly once, and one of its tests fails with it.
"""

from __future__ import annotations

from tools.at_hand_faults import AT_HAND_FAULTS
from tools.closing_faults import CLOSING_FAULTS
from tools.compiler_faults import COMPILER_FAULTS
from tools.data_faults import DATA_FAULTS
from tools.demand_faults import DEMAND_FAULTS
from tools.execution_faults import EXECUTION_FAULTS
from tools.fault import Fault
from tools.language_faults import LANGUAGE_FAULTS
from tools.line_faults import LINE_FAULTS
from tools.live_faults import LIVE_FAULTS
from tools.order_faults import ORDER_FAULTS
from tools.report_faults import REPORT_FAULTS
from tools.search_faults import SEARCH_FAULTS
from tools.speed_faults import SPEED_FAULTS
from tools.sweep_faults import SWEEP_FAULTS
from tools.venue_faults import VENUE_FAULTS

_SIM = "tests/runtime/backends/sim/test_fills_on_the_path.py"
_JUMP = "tests/runtime/backends/sim/test_jump.py"
_ARRIVALS = "tests/runtime/backends/sim/test_arrivals.py"
_EDGE = "tests/runtime/backends/sim/test_at_the_edge.py"
_BUDGET = "tests/runtime/backends/sim/test_budget.py"
_LIQUIDATION = "tests/runtime/backends/sim/test_liquidation_on_the_way.py"
_FUNDING = "tests/runtime/backends/sim/test_funding_on_the_way.py"
_LAWS = "tests/properties/test_exchange_laws.py"
_ORDERS = "tests/properties/test_order_laws.py"
_WORKED = "tests/runtime/test_worked_examples.py"
_AVERAGE = "tests/runtime/account/test_average.py"
_PROTECTION = "tests/runtime/account/test_protection.py"
_OUTCOMES = "tests/runtime/backends/bybit/test_outcomes.py"
_SYNC = "tests/runtime/backends/bybit/test_synchronizer.py"
_FITS = "tests/runtime/decide/test_what_fits.py"
_FLIPS = "tests/runtime/decide/test_flips.py"
_SHARE = "tests/runtime/decide/test_exits_share.py"
_PRICES = "tests/runtime/decide/test_prices.py"


FAULTS: tuple[Fault, ...] = (
    Fault(
        "duplicate-taken-for-refusal", "a duplicate link id exists",
        "runtime/backends/bybit/outcomes.py", "if request is Request.SUBMIT:\n                return Verdict(",
        "if False:\n                return Verdict(", (_SYNC, _OUTCOMES),
    ),
    Fault(
        "funding-paid-twice", "funding counts once per execution id",
        "runtime/backends/bybit/synchronizer.py",
        "if row.execution_id not in self.remembered:\n                    self._say(funding_of",
        "if row.execution_id:\n                    self._say(funding_of", (_SYNC,),
    ),
    Fault(
        "doubt-for-ever", "an answer that is late to an accepted order is no news",
        "runtime/backends/bybit/synchronizer.py", "if request.value not in order.in_flight:",
        "if False:", (_SYNC,),
    ),
    Fault(
        "lost-execution-unnoticed", "a row that counts more than was booked makes a question due",
        "runtime/backends/bybit/synchronizer.py", "if row.filled > order.filled:",
        "if False:", (_SYNC,),
    ),
    Fault(
        "outside-fills-dropped", "fills of orders the venue made are booked",
        "runtime/backends/bybit/synchronizer.py", "order = order or self._take_in_by(row, bar)",
        "pass", (_SYNC,),
    ),
    Fault(
        "execution-counted-twice", "an execution counts once", "runtime/orders/order.py",
        "if event.execution_id in self.executions:", "if event.execution_id in ():", (_ORDERS,),
    ),
    Fault(
        "late-fill-forgotten", "a fill after the end is still booked", "runtime/orders/order.py",
        'fire(self, "fill_late")', "return False", (_ORDERS,),
    ),
    Fault(
        "reduce-cap-loosened", "a reduction never exceeds the position",
        "runtime/backends/sim/matcher.py",
        "return min(lots, position.quantity if layer is None else layer.quantity)", "return lots",
        (_SIM, _LAWS),
    ),
    Fault(
        "filled-at-the-deciding-close", "nothing decided at a close fills before the next open",
        "runtime/backends/sim/opening.py",
        "scene.phase, scene.price, scene.place = Phase.OPEN, scene.bar.open, 0.0",
        "scene.phase, scene.price, scene.place = Phase.OPEN, scene.before, 0.0", (_SIM, _JUMP),
    ),
    Fault(
        "better-than-limit", "a resting limit fills at its limit",
        "runtime/backends/sim/matcher.py", "price = scene.bar.open if is_jumped and scene.terms.gap_improves else limit",
        "price = scene.bar.open if is_jumped and scene.terms.gap_improves else limit - scene.terms.instrument.tick * order.side.sign",
        (_SIM,),
    ),
    Fault(
        "budget-per-order", "limits of a side share one budget of a bar's volume",
        "runtime/backends/sim/budget.py", "        self.taken += lots\n        if serving.is_behind:",
        "        self.taken += 0\n        if serving.is_behind:", (_BUDGET,),
    ),
    Fault(
        "shares-do-not-nest", "limits from a price on to worse ones share what is its",
        "runtime/formulas/shares.py", "            lefts[i] -= taken", "            lefts[i] -= 0",
        (_BUDGET,),
    ),
    Fault(
        "whole-volume-on-the-rest-of-a-path", "who came to be inside a bar has what is ahead",
        "runtime/formulas/path.py",
        "return length_ahead(a, b, c, d, place) / whole", "return 1.0", (_BUDGET,),
    ),
    Fault(
        "jump-by-age", "the jump meets orders in the order in which they lie on it",
        "runtime/backends/sim/line.py", "return (0, self.fraction, self.kind, self.age)",
        "return (0, 0.0, 0, self.age)", (_JUMP,),
    ),
    Fault(
        "gift-of-the-jump", "what only the jump made marketable fills at its own price",
        "runtime/backends/sim/arrival.py", "    elif was_marketable:", "    elif reach > 0:",
        (_ARRIVALS,),
    ),
    Fault(
        "served-at-an-equal-open", "a limit exactly at the open rests until the path begins",
        "runtime/backends/sim/arrival.py", "    if not scene.trades or reach <= 0:",
        "    if not scene.trades or reach < 0:", (_EDGE,),
    ),
    Fault(
        "nearer-by-a-rounding-error", "at equal distance the high comes first",
        "runtime/formulas/path.py", "return (high - open_) - (open_ - low) > _SAME * open_",
        "return open_ - low < high - open_", (_EDGE,),
    ),
    Fault(
        "stop-rescued-by-an-entry", "a stop that the jump passes acts before anything arrives",
        "runtime/backends/sim/exchange.py",
        "        go(matcher, replace(line, pace=way.pace), precedence=way.precedence)",
        "        if line.start == line.end:\n            go(matcher, line, precedence=way.precedence)",
        (_ARRIVALS,),
    ),
    Fault(
        "tie-of-liquidation-and-order", "at one place a liquidation comes before stops",
        "runtime/backends/sim/line.py",
        "Meeting(fraction, _REACHED, 0,",
        "Meeting(fraction, LIMIT_KIND + 1, 0,",
        (_LIQUIDATION,),
    ),
    Fault(
        "funding-by-the-position-at-the-close", "who holds at a funding time pays it",
        "runtime/backends/sim/funding.py",
        "yield Due(place, ts, series.rate[row], marks.starting_at(ts))",
        "yield Due(3.0, ts, series.rate[row], marks.starting_at(ts))", (_FUNDING,),
    ),
    Fault(
        "post-only-takes", "post-only never takes", "runtime/backends/sim/arrival.py",
        "if was_marketable and order.spec.post_only:", "if False:", (_SIM,),
    ),
    Fault(
        "ttl-off-by-one", "ttl counts the bars an order may fill on",
        "runtime/consequences.py", "ledger.bar >= expires", "ledger.bar > expires", (_SIM,),
    ),
    Fault(
        "maker-for-taker", "who takes pays the taker's fee", "runtime/backends/sim/matcher.py",
        "(terms.maker if is_maker else terms.taker)", "terms.maker",
        (_WORKED, _SIM),
    ),
    Fault(
        "fee-dropped", "every execution's fee is booked", "runtime/account/ledger.py",
        "self.account.fees += event.fee", "self.account.fees += 0.0", (_WORKED, _SIM),
    ),
    Fault(
        "slippage-in-our-favour", "slippage is against us", "runtime/formulas/fills.py",
        "price_above(price * (1.0 + relative), tick)",
        "price_below(price * (1.0 - relative), tick)", (_SIM,),
    ),
    Fault(
        "funding-sign", "longs pay when the rate is positive", "runtime/formulas/pnl.py",
        "return sign * base * mark * rate", "return -sign * base * mark * rate",
        (_WORKED,),
    ),
    Fault(
        "tier-deduction-forgotten", "each tier's rate holds for its own part only",
        "runtime/formulas/margin.py", "return tier_rate - deduction / value",
        "return tier_rate", (_WORKED,),
    ),
    Fault(
        "liquidation-ignored", "mark at the liquidation price ends the position",
        "runtime/account/ledger.py", "return self.instrument.on_grid(price) if price > 0.0 else None",
        "return None", (_WORKED, _SIM),
    ),
    Fault(
        "liquidation-without-its-fee", "a liquidation pays the fee to close",
        "runtime/backends/sim/takeover.py", "            fee=fee,", "            fee=0.0,",
        (_WORKED,),
    ),
    Fault(
        "margin-never-short", "an entry needs free margin", "runtime/account/margin.py",
        "if need <= free + 1e-9:", "if need >= 0:", (_SIM,),
    ),
    Fault(
        "profit-by-layer", "what leaves realizes by the average", "runtime/account/layers.py",
        "        return profit(self.side.sign, base, self.avg_entry_price, price)",
        "        return profit(self.side.sign, base, self.layers[0].entry_price, price)",
        (_AVERAGE, _WORKED),
    ),
    Fault(
        "average-by-method", "a reduction leaves the average", "runtime/account/layers.py",
        "        if not self.quantity:\n            self.avg_entry_price = nan\n",
        "        held = [(x.quantity, x.entry_price) for x in self.layers]\n"
        "        worth = [lots * price for lots, price in held]\n"
        "        self.avg_entry_price = sum(worth) / self.quantity if held else nan\n",
        (_AVERAGE,),
    ),
    Fault(
        "average-of-all-entries", "an entry averages with what is still held",
        "runtime/formulas/pnl.py", "(lots / (held + lots))", "(lots / (held + lots + lots))",
        ("tests/runtime/formulas/test_pnl.py", _WORKED),
    ),
    Fault(
        "rr-by-the-moved-stop", "the target is measured from the stop as it was planned",
        "runtime/account/ledger.py",
        "        made = Protection(event.stop_loss, event.take_profit, event.take_profit_type)\n",
        "        target, moved = event.take_profit, event.stop_loss\n"
        "        if target and moved and target.by_model and not moved.by_model:\n"
        "            away = 2 * abs(position.avg_entry_price - moved.value)\n"
        "            target = replace(target, kind=type(target.kind).DISTANCE, value=away)\n"
        "        made = Protection(event.stop_loss, target, event.take_profit_type)\n",
        (_PROTECTION,),
    ),
    Fault(
        "position-stop-takes-an-owned-layer", "the position's stop covers layers without their own",
        "runtime/account/booking.py", "    if role in PROTECTIVE:\n        return [layer",
        "    if False:\n        return [layer", (_PROTECTION,),
    ),
    Fault(
        "moved-stop-undone-by-the-rest-of-an-entry", "a level the card moved is the card's",
        "runtime/account/protection.py", "return planned if follows and held.by_model else held",
        "return planned", (_PROTECTION,),
    ),
    Fault(
        "moved-stop-undone-by-a-scale-in", "the risk model leaves what the card moved",
        "runtime/account/protection.py",
        "return planned if held.by_model or not planned.by_model else held", "return planned",
        (_PROTECTION,),
    ),
    Fault(
        "layers-anchor-on-the-position", "a layer's levels are measured from its own entry",
        "runtime/account/ledger.py", "held, entry = layer.protection, layer.entry_price",
        "held = layer.protection", (_PROTECTION,),
    ),
    Fault(
        "fired-level-kept", "a level that has fired is spent", "runtime/account/booking.py",
        "else held.without(role)", "else held", (_PROTECTION,),
    ),
    Fault(
        "oco-sibling-lives", "one cancels the other", "runtime/account/dismissal.py",
        'member.leave("oco")', "pass", (_SIM,),
    ),
    Fault(
        "trailing-loosens", "a stop that only tightens never moves away", "runtime/decide/protect.py",
        'if intent.flag(OptionName.ONLY_TIGHTEN) and current is not None and current != level.value:',
        "if False:",
        ("tests/runtime/decide/test_intents.py",),
    ),
    Fault(
        "exit-frees-no-room", "what a close leaves frees margin for what it enters",
        "runtime/decide/capacity.py", "self.used[side] -= margin_of(self.ledger, side, entered)",
        "self.used[side] -= 0.0", (_FITS, _FLIPS),
    ),
    Fault(
        "exit-realizes-nothing", "the profit of what a close leaves carries what it enters",
        "runtime/decide/capacity.py", "self.balance += self.closing_gain(lots, price)",
        "self.balance += 0.0", (_FITS, _FLIPS),
    ),
    Fault(
        "resting-flip-only-nets", "an entry that turns the position opens its full size",
        "runtime/consequences.py", "if not now.ledger.settings.policy.allow_flip:\n        return",
        "if True:\n        return", (_FLIPS,),
    ),
    Fault(
        "two-orders-turn", "at most one resting order turns the position",
        "runtime/decide/enter.py", "if asked.side in others:", "if False:",
        (_FLIPS,),
    ),
    Fault(
        "stated-size-cut", "an amount the card states is never made smaller in silence",
        "runtime/decide/checks.py", "    if is_stated:\n        for bound", "    if False:\n        for bound",
        (_FITS,),
    ),
    Fault(
        "cut-not-counted", "a computed size that is cut is counted", "runtime/decide/checks.py",
        "context.cuts.append(Cut(tightest", "repr(Cut(tightest", (_FITS,),
    ),
    Fault(
        "band-on-triggers", "only limits that could execute at once are held to the band",
        "runtime/decide/prices.py", "    if limit is None:\n        return\n    start",
        "    limit = trigger if limit is None else limit\n    trigger = None\n"
        "    if limit is None:\n        return\n    start", (_PRICES,),
    ),
    Fault(
        "passed-trigger-placed", "a stop entry the close has passed is refused",
        "runtime/decide/prices.py", "side.sign * (close - trigger) >= 0", "side.sign * (close - trigger) > 1e9",
        ("tests/runtime/decide/test_intents_refused.py",),
    ),
    Fault(
        "trigger-rounded-early", "a trigger rounds to the side that triggers later",
        "runtime/decide/prices.py", "down=side is Side.SELL", "down=side is Side.BUY", (_PRICES,),
    ),
    Fault(
        "tier-ignored", "no position beyond the tier of its leverage", "runtime/decide/checks.py",
        "most = instrument.largest_value_usdt(leverage)", "most = 1e18", (_FITS,),
    ),
    Fault(
        "exits-do-not-share", "resting exits share a position", "runtime/decide/capacity.py",
        "taken = self.waiting if at_market else self.waiting + self.exiting", "taken = 0",
        (_SHARE,),
    ),
    Fault(
        "on-flat-takes-what-came-after", "on_flat reaches what worked before the position closed",
        "runtime/account/dismissal.py", "and _worked_before(other, order, bar):",
        "and other.spec.role is Role.ENTRY:", (_SHARE,),
    ),
    Fault(
        "on-fill-when-complete-only", "an order that ends partly filled asks for what follows",
        "runtime/engine.py", "bool(order.filled) and (not order.is_terminal",
        "not order.remaining and (not order.is_terminal",
        ("tests/runtime/decide/test_follow_ups.py",),
    ),
    Fault(
        "replaced-order-grows-old", "an order placed anew has its time to live anew",
        "runtime/orders/order.py", "self.expires_bar = event.expires_bar", "pass",
        ("tests/runtime/decide/test_amendments.py",),
    ),
    Fault(
        "rejection-swallowed", "the venue's refusal is always an event",
        "runtime/backends/sim/arrival.py", "        code, text = refusal\n",
        "        code, text = refusal\n        return\n", (_SIM,),
    ),
    Fault(
        "refusal-swallowed", "what the runtime refuses is always recorded", "runtime/engine.py",
        "self.refusals.append(", "repr(",
        ("tests/runtime/explain/test_explain.py", "tests/runtime/decide/test_intents_refused.py"),
    ),
    Fault(
        "unknown-compares-false", "unknown is not false", "runtime/rules/semantics.py",
        "if left != left or right != right:\n            return UNKNOWN",
        "if left != left or right != right:\n            return FALSE",
        ("tests/runtime/rules/test_semantics.py", "tests/runtime/rules/test_market_stage.py"),
    ),
    Fault(
        "not-unknown-is-true", "the negation of unknown is unknown", "runtime/rules/semantics.py",
        "return UNKNOWN if value != value else 1.0 - value",
        "return TRUE if value != value else 1.0 - value", ("tests/runtime/rules/test_semantics.py",),
    ),
    Fault(
        "higher-bar-seen-while-open", "a higher bar is seen from its close on",
        "runtime/rules/clocks.py", "frame.close_time(rows) <= now", "frame.ts[rows] <= now",
        ("tests/runtime/rules/test_market_stage.py",),
    ),
    Fault(
        "higher-bar-closed-early", "only complete bars are made from finer ones",
        "runtime/market/resample.py", "if ts + step == bucket + width:",
        "if ts + 2 * step >= bucket + width:",
        ("tests/runtime/market/test_resample.py", "tests/runtime/rules/test_market_stage.py"),
    ),
    Fault(
        "journal-guesses", "a field nobody knows is refused, not left out", "runtime/live/codec.py",
        "Converter(forbid_extra_keys=True)", "Converter()", ("tests/runtime/live/test_codec.py",),
    ),
    Fault(
        "journal-converts", "what is decoded equals what was encoded", "runtime/live/codec.py",
        "    return value\n", "    return kind(value)\n", ("tests/runtime/live/test_codec.py",),
    ),
    Fault(
        "logarithm-of-the-machine", "a result has the same bits on every machine",
        "runtime/rules/semantics.py", "return log(value)", "return math.log(value)",
        ("tests/test_own_functions.py",),
    ),
    *DEMAND_FAULTS,
    *COMPILER_FAULTS,
    *LANGUAGE_FAULTS,
    *ORDER_FAULTS,
    *LIVE_FAULTS,
    *CLOSING_FAULTS,
    *AT_HAND_FAULTS,
    *LINE_FAULTS,
    *EXECUTION_FAULTS,
    *SPEED_FAULTS,
    *SWEEP_FAULTS,
    *VENUE_FAULTS,
    *SEARCH_FAULTS,
    *DATA_FAULTS,
    *REPORT_FAULTS,
)  # fmt: skip

__all__ = ["FAULTS", "Fault"]
