"""Faults seeded in what follows a fill in a live session: what waits, and what fills late."""

from __future__ import annotations

from tools.fault import Fault

_HELD = "tests/runtime/live/test_held_entries.py"
_RACED = "tests/runtime/live/test_late_fills.py"

FOLLOW_UP_FAULTS: tuple[Fault, ...] = (
    Fault(
        "turn-as-large-as-it-was", "an entry that turns a position does not wait: it is as large as that was",
        "runtime/live/desk.py", "is_asked_once and not spec.carries", "is_asked_once",
        (_HELD,),
    ),
    Fault(
        "asked-once-and-not-kept",
        "an entry that nothing asks for again waits for what passes by itself",
        "runtime/live/guard.py",
        "        return is_soon and bool(self.why_no_entries(ts))\n",
        "        return False\n",
        (_HELD,),
    ),
    Fault(
        "kept-through-a-pause",
        "what a person holds back does not pass by itself",
        "runtime/live/guard.py",
        "not self.halted and self.blocked.keys() <= _PASSING",
        "not self.halted",
        (_HELD,),
    ),
    Fault(
        "kept-and-asked-about",
        "what waits to leave is looked for at no venue",
        "runtime/backends/bybit/router.py",
        ".union(self._kept())",
        "",
        (_HELD,),
    ),
    Fault(
        "kept-on-another-market",
        "an entry at market does not wait until the market is another",
        "runtime/live/held.py",
        "if self.is_held and rests else STALE_MS",
        "if self.is_held else STALE_MS",
        (_HELD,),
    ),
    Fault(
        "unfollowed-in-silence",
        "lots that fill after their on_fill was asked for, and are refused theirs, are told",
        "runtime/live/decider.py",
        "        if one.bar == bar and (late",
        "        if one.bar < 0 and (late",
        (_RACED,),
    ),
    Fault(
        "late-lots-unheard",
        "lots that fill after their on_fill was asked for are followed",
        "runtime/engine.py",
        " or self._late.has_asked(order):",
        ":",
        (_RACED,),
    ),
    Fault(
        "followed-twice",
        "each lot is followed once",
        "runtime/decide/late_fills.py",
        "Asking(order, lots - before.lots, before.since",
        "Asking(order, lots, before.since",
        (_RACED,),
    ),
    Fault(
        "amounts-asked-twice",
        "an order asks once for what does not depend on its fill",
        "runtime/decide/late_fills.py",
        "    if verb is not Verb.EXIT or size is None or value is None:\n        return None\n",
        "    if verb is not Verb.EXIT or size is None or value is None:\n        return intent\n",
        (_RACED,),
    ),
    Fault(
        "joined-in-vain",
        "late lots whose exit has filled before they joined it are asked for anew",
        "runtime/engine.py",
        "for order_id in self._late.missed(self.ledger):",
        "for order_id in ():",
        (_RACED,),
    ),
    Fault(
        "raced-is-not-whole",
        "an entry that fills whole while its cancel flies comes again",
        "runtime/decide/rearm.py",
        "        if not ledger.in_pieces:\n            return list(intents)\n",
        "        return list(intents)\n",
        (_RACED,),
    ),
    Fault(
        "comes-before-late-lots-leave",
        "an entry comes again when its late lots have left, too",
        "runtime/decide/rearm.py",
        "entry in asking or ",
        "",
        (_RACED,),
    ),
    Fault(
        "raced-past-its-cancel",
        "an entry that a cancel names does not come again though it fills before that",
        "runtime/decide/rearm.py",
        " or _is_over(ledger, order) or _is_named(order):",
        " or _is_over(ledger, order):",
        (_RACED,),
    ),
)  # fmt: skip
