"""The faults that are seeded in what a search over random scripts found in the simulated exchange.

The law: as in `fault_list`.
"""

from __future__ import annotations

from tools.fault import Fault

_HUNT = "tests/reference/test_hunt.py"
_HUNT_JUMP = "tests/reference/test_hunt_jump.py"
_HUNT_TRAILS = "tests/reference/test_hunt_trails.py"
_EXCURSIONS = "tests/runtime/records/test_excursions.py"
_KEPT = "tests/runtime/records/test_kept_promises.py"
_LIVE = "tests/runtime/live/test_promises.py"
_HOLES = "tests/runtime/backends/sim/test_holes.py"

EXECUTION_FAULTS: tuple[Fault, ...] = (
    Fault(
        "auction-of-old-orders-alone", "a session market gives a limit of the close before the open, too",
        "runtime/backends/sim/matcher.py", "scene.bar.open if is_jumped and scene", "scene.bar.open if is_jumped and scene.phase is Phase.JUMP and scene",
        ("tests/runtime/backends/sim/test_jump.py",),
    ),
    Fault(
        "batch-auction-of-old-orders-alone", "so does the kernel", "runtime/batch/serve.py",
        "if z[PHASE] != PATH and opens_beyond and z[GAP_IMPROVES]", "if z[PHASE] == JUMP and opens_beyond and z[GAP_IMPROVES]",
        ("tests/runtime/batch/test_auction.py",),
    ),
    Fault(
        "again-without-a-fill", "an entry of `size: fill` comes again with the lots that its exit closed",
        "runtime/engine.py", "intents.append(sized_by_fill(again, ledger.instrument.base(lots)))",
        "intents.append(again)", ("tests/runtime/batch/test_rearm.py",),
    ),
    Fault(
        "again-after-its-cancel", "a cancel at the close of an entry's fill ends that it comes again",
        "runtime/decide/rearm.py", "intent.is_again or intent.rearm in context.coming", "True",
        ("tests/runtime/decide/test_rearm.py",),
    ),
    Fault(
        "mark-stands-still-in-a-hole", "mark goes on where bars are missing, and liquidates there",
        "runtime/backends/sim/exchange.py",
        "                self._path(t, part, Turns.of(part.bar, self.terms))\n", "", (_HOLES,),
    ),
    Fault(
        "two-series-agree", "which of two series was where first is no fact, and is counted",
        "runtime/backends/sim/exchange.py",
        "if not self._beside.hangs_on_marks(part.bar, part.mark):", "if True:",
        ("tests/runtime/backends/sim/test_liquidation_on_the_way.py",),
    ),
    Fault(
        "tape-asks-for-no-volume", "limits of one side together stay within their part of a bar",
        "runtime/testing/tape.py", "taken.get(order.side, 0) + event.quantity", "event.quantity",
        ("tests/runtime/testing/test_tape.py",),
    ),
    Fault(
        "jump-from-before-the-hole", "the jump out of a hole begins at the mark that was known last",
        "runtime/backends/sim/exchange.py",
        "                self._mark_before = part.mark.close\n", "", (_HOLES,),
    ),
    Fault(
        "extremes-told-twice", "a coarse mark bar with bars in it lends them its extremes, no hole",
        "runtime/backends/sim/holes.py", "            last -= 1", "            pass", (_HOLES,),
    ),
    Fault(
        "nobody-carries-any-more", "the next entry carries the position when the one that did ends",
        "runtime/consequences.py",
"    yield from _over(now)\n    yield from _carry(now)", "    yield from _over(now)",
        (_HUNT,),
    ),
    Fault(
        "netted-and-opened-again", "lots that an entry netted it does not open as well",
        "runtime/account/ledger.py", "order.netted += max(0, booking.closed_lots - carried)",
        "order.netted += 0", (_HUNT,),
    ),
    Fault(
        "put-off-stop-on-the-jump", "protection put off to the next bar arrives at its open",
        "runtime/backends/sim/jump.py",
        "        elif order.order_id in postponed:\n            scene.turns.late[order.order_id] = 0",
        "", (_HUNT,),
    ),
    Fault(
        "put-off-until-anything-happens", "protection put off to the next bar is made at the close",
        "runtime/backends/sim/teller.py", "            if self._is_put_off(command):\n",
        "            if isinstance(event, OrderFilled) and self._is_put_off(command):\n", (_HUNT,),
    ),
    Fault(
        "stop-outlives-its-layer", "a stop goes with the layer that owns it, whatever is put off",
        "runtime/backends/sim/teller.py",
        "return self._what(command) in wanted(self.scene.ledger)", "return True", (_HUNT,),
    ),
    Fault(
        "buys-before-sells", "limits left behind are served furthest first, whatever their side",
        "runtime/backends/sim/opening.py",
        "return int(order.side.sign) * (ticks(scene.before) - ticks(order.limit_price))",
        "return int(order.side.sign) * -ticks(order.limit_price)", (_HUNT,),
    ),
    Fault(
        "second-change-of-a-close", "an order is changed once at a close",
        "runtime/decide/amend.py", "    if known is not None:\n        raise",
        "    if False:\n        raise", (_HUNT,),
    ),
    Fault(
        "changed-order-as-a-new-carrier", "an entry that is changed is no new carrier of the position",
        "runtime/decide/enter.py", "            return 0  # no new carrier",
        "            pass  # no new carrier", ("tests/runtime/decide/test_flips.py",),
    ),
    Fault(
        "target-takes-what-comes-later", "on the jump a target has the lots it had before",
        "runtime/backends/sim/teller.py", "if waits and order.spec.role in PROTECTIVE:",
        "if waits and is_moved and order.spec.role in PROTECTIVE:", (_HUNT_JUMP,),
    ),
    Fault(
        "change-on-its-way-keeps-back", "on the jump an order is kept in step whatever is sent to it",
        "runtime/backends/sim/teller.py", "after(event, ledger, at_once=True)",
        "after(event, ledger)", (_HUNT_JUMP,),
    ),
    Fault(
        "moved-trail-takes-more", "a trail that moves takes no lots whose protection is put off",
        "runtime/backends/sim/teller.py", "if isinstance(event, TrailMoved):", "if False:",
        (_HUNT_TRAILS,),
    ),
    Fault(
        "named-after-a-trail-to-come", "a stop that stood before a fill brought a trail leaves as a stop",
        "runtime/account/standing.py", " and following.bar < bar", "", (_HUNT_TRAILS,),
    ),
    Fault(
        "trail-before-the-open", "a trail put off tightens a stop at the open, not for the jump",
        "runtime/backends/sim/jump.py",
        "postponed and is_trailed_later(scene.ledger, order):", "postponed and False:",
        (_HUNT_TRAILS,),
    ),
    Fault(
        "trail-of-this-close-unseen", "a trail given at a close can be taken away at it",
        "runtime/decide/trails.py", "    capacity.trails[layer] = new\n", "", (_HUNT_TRAILS,),
    ),
    Fault(
        "older-than-it-arrived", "a stop-limit that the jump triggers comes to the book at the open",
        "runtime/backends/sim/matcher.py", "            return\n        self.teller.trigger(order)\n",
        "            self.teller.trigger(order)\n            return\n        self.teller.trigger(order)\n",
        ("tests/reference/test_hunt_jump.py",),
    ),
    Fault(
        "trail-that-never-stood-there", "a stop tighter than its trail is no trail's",
        "runtime/account/standing.py",
        "        return False  # a trail only tightens: it never stood there", "        pass",
        (_HUNT_TRAILS,),
    ),
    Fault(
        "age-of-the-asking", "the age of an order is that of its arrival",
        "runtime/account/ledger.py", "arrives = isinstance(event, OrderAccepted)", "arrives = False",
        (_HUNT,),
    ),
    Fault(
        "carries-what-is-closed", "an entry that is going sheds what it was to carry and is closed",
        "runtime/backends/sim/teller.py", "        if quantity < order.quantity:", "        if False:",
        (_HUNT,),
    ),
    Fault(
        "number-of-another", "what is put off has not taken its number",
        "runtime/backends/sim/teller.py",
        "                spec = replace(spec, order_id=self.scene.ledger.made_id())\n", "", (_HUNT,),
    ),
    Fault(
        "excursion-before-the-entry", "of the bar of an entry counts what came after it",
        "runtime/records/round_trips.py", "since = trade.since if trade.since_bar == bar else _START",
        "since = _START", (_EXCURSIONS,),
    ),
    Fault(
        "excursion-after-the-exit", "of the bar of an exit counts what came before it",
        "runtime/records/round_trips.py",
        "end = until[1] if part == until[0] else SEGMENTS + 1.0", "end = SEGMENTS + 1.0",
        (_EXCURSIONS,),
    ),
    Fault(
        "excursion-by-a-later-average", "a price is held against the average entry as it stood then",
        "runtime/records/round_trips.py", "        elif position.avg_entry_price != trade.average:\n",
        "        elif False:\n", (_EXCURSIONS,),
    ),
    Fault(
        "excursion-of-another-finer-bar", "an execution is in the finer bar of its time",
        "runtime/records/round_trips.py", "elapsed * parts //", "elapsed * min(parts, 2) //", (_EXCURSIONS,),
    ),
    Fault(
        "excursion-by-another-path", "excursions follow the path that the run took",
        "runtime/backends/sim/exchange.py",
        "            self._gone[1][part.number] = matcher.scene.path\n", "            pass\n",
        (_EXCURSIONS,),
    ),
    Fault(
        "promise-broken-unsaid", "a promise that a fill, the market or time breaks is counted",
        "runtime/backtest.py", "            kept.at_close(bar)\n", "            pass\n", (_KEPT,),
    ),
    Fault(
        "closes-passed-by-a-promise", "every close at which a promise could be broken is looked at",
        "runtime/records/kept_promises.py", "return self._asks_closes or", "return False and", (_KEPT,),
    ),
    Fault(
        "promise-broken-live-unsaid", "a promise that is broken in a session halts entries",
        "runtime/live/desk.py", "            self.promised.at_close(bar, self.guard)\n", "            pass\n", (_LIVE,),
    ),
    Fault(
        "promise-forgotten-by-a-snapshot", "what was broken before a restart is not forgotten",
        "runtime/live/snapshot.py", '"promises": ("_rows", "_broken")', '"promises": ()', (_LIVE,),
    ),
    Fault(
        "promise-told-at-every-close", "a promise that stays broken is told once",
        "runtime/records/kept_promises.py", "one.by_fill or one.number not in self._broken", "True", (_LIVE, _KEPT),
    ),
    Fault(
        "tick-beside-a-broken-promise", "no tick stands beside a broken promise",
        "runtime/reports/trust_run.py", "    earned = not broken and", "    earned =", (_KEPT,),
    ),
    Fault(
        "judged-by-what-it-carried", "an entry is judged on arrival by what it still closes",
        "runtime/backends/sim/arrival.py", "lots = min(order.remaining, order.to_open + closes)",
        "lots = order.remaining", (_HUNT,),
    ),
    Fault(
        "fund-bears-in-silence", "what the venue's fund bore of an exit beyond bankruptcy is counted",
        "runtime/backends/sim/matcher.py", "            scene.tally.borne += abs(paid - price)",
        "            scene.tally.borne += 0.0 * abs(paid - price)",
        ("tests/runtime/backends/sim/test_liquidation_on_the_way.py",),
    ),
    Fault(
        "level-moved-for-nobody", "a level that is moved when its layers have gone is remarked of nobody",
        "runtime/records/remarks.py", "len(shared) in (0, position.layer_count)", "len(shared) == position.layer_count",
        ("tests/runtime/records/test_remarks.py",),
    ),
    Fault(
        "choice-of-stops-unsaid", "an exit that chose whose own stop stays says so",
        "runtime/records/remarks.py", "self._owners.add(event.layer)", "pass",
        ("tests/runtime/records/test_remarks.py",),
    ),
    Fault(
        "cut-names-no-order", "a cut size names the order it was decided for",
        "runtime/engine.py", "SizeCut(bar, ts, cut, intent, order_id)", "SizeCut(bar, ts, cut, intent)",
        ("tests/runtime/records/test_remarks.py",),
    ),
    Fault(
        "rounding-untold", "a size of which whole lots leave out much is told",
        "runtime/decide/enter.py", "    note_rounding(context, whole.base, lots)\n", "",
        ("tests/runtime/batch/test_rounded_sizes.py",),
    ),
    Fault(
        "rounded-target-untold", "a target of which whole lots leave out much is told",
        "runtime/decide/adjust_size.py", "        note_rounding(context, base, target)", "        pass",
        ("tests/runtime/batch/test_rounded_sizes.py",),
    ),
    Fault(
        "rounded-change-untold", "a change of which whole lots leave out much is told",
        "runtime/decide/amend.py", "        note_rounding(context, change.asked, done + change.left)", "        pass",
        ("tests/runtime/batch/test_rounded_sizes.py",),
    ),
    Fault(
        "rounding-taken-for-a-cut", "an exit that whole lots made smaller has counted nothing of another as done",
        "runtime/live/desk.py", "for one in now if not one.cut.is_rounding", "for one in now",
        ("tests/runtime/live/test_exits_in_doubt.py",),
    ),
    Fault(
        "buffer-towards-the-entry", "the buffer of a structure level lies beyond it",
        "runtime/decide/levels.py",
        "factor = 1 + rule.buffer_pct / 100 if above else 1 - rule.buffer_pct / 100",
        "factor = 1 - rule.buffer_pct / 100 if above else 1 + rule.buffer_pct / 100",
        ("tests/runtime/decide/test_prices.py",),
    ),
)  # fmt: skip
