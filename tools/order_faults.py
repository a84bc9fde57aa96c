"""Faults seeded in what orders say of themselves: sizes that are calculated, limits, what follows a fill."""

from __future__ import annotations

from tools.fault import Fault

_LIMITS = "tests/runtime/decide/test_limits.py"
_SIZES = "tests/runtime/decide/test_size_expressions.py"
_AT_ONCE = "tests/runtime/decide/test_replaced_at_once.py"

ORDER_FAULTS: tuple[Fault, ...] = (
    Fault(
        "risk-without-its-stop", "a risk among other numbers is measured to the order's own stop",
        "runtime/decide/sizes.py", "context.value_with(size.value, price / basis.stop_distance)",
        "context.value_with(size.value, price / (price * 0.05))", (_SIZES,),
    ),
    Fault(
        "rest-takes-what-is-claimed", "the rest of a position is what no working exit takes",
        "runtime/decide/exit_lots.py",
        "left = context.capacity.exit_room(at_market=False) +", "left = context.capacity.exit_room(at_market=True) +",
        (_SIZES,),
    ),
    Fault(
        "risk-in-a-condition", "a risk is known only when an order is priced",
        "compiler/check/risks.py", '_report(risks.in_expression(root), "is known only',
        '_report(None, "is known only', ("tests/compiler/check/test_size_expressions.py",),
    ),
    Fault(
        "limit-forgotten-with-the-loss", "a limit of the day stands until the day ends",
        "runtime/account/limits.py", "kept = {Limit.DRAWDOWN} | (set() if at.is_new_day else _OF_A_DAY)",
        "kept = {Limit.DRAWDOWN}", (_LIMITS,),
    ),
    Fault(
        "limit-lets-entries-work", "where a limit stands no entry works on",
        "runtime/decide/limits.py", "            commands += cancelled(context, order, reason)\n",
        "            pass\n", (_LIMITS,),
    ),
    Fault(
        "limit-only-where-a-block-asks", "a limit is judged at every close",
        "runtime/engine.py", "or self._blocks.wants(machine) or self._stops():",
        "or self._blocks.wants(machine):", ("tests/runtime/decide/test_limits_quiet.py",),
    ),
    Fault(
        "pause-ends-a-close-early", "a pause is the closes after that of the exit",
        "runtime/account/limits.py", "at.since_exit <= bars", "at.since_exit < bars", (_LIMITS,),
    ),
    Fault(
        "change-of-a-ladder-is-of-one", "a change of a ladder is one of each of its orders",
        "compiler/resolve/ladders.py", "for one in self._names[ref]]", "for one in self._names[ref][:1]]",
        ("tests/compiler/resolve/test_ladder_changes.py",),
    ),
    Fault(
        "exits-of-a-ladder-without-a-name", "the ref of an exit of a ladder means that of every rung",
        "compiler/resolve/ladder_names.py", "_note(action.on_fill, rung, orders, found)",
        "_note(action.on_fill, (), orders, found)", ("tests/compiler/resolve/test_ladder_changes.py",),
    ),
    Fault(
        "on-fill-of-another-rung", "an `on_fill` of a ladder speaks of the order of its own rung",
        "compiler/resolve/ladders.py", "if ref in self._inside:", "if False:",
        ("tests/compiler/resolve/test_ladder_changes.py",),
    ),
    Fault(
        "filled-rung-cannot-be-changed", "of a ladder that is changed the orders that work are meant",
        "runtime/decide/cancel.py", "if order is None and intent.text(OptionName.ORDER_GROUP) is None:",
        "if order is None:", ("tests/validation/test_validation_cards.py",),
    ),
    Fault(
        "filled-rung-cannot-be-changed-in-the-kernel", "the kernel changes of a ladder the orders that work",
        "runtime/batch/amending.py", "N_UNKNOWN_REF if z[a + ON_GROUP] == 0 else N_NONE", "N_UNKNOWN_REF",
        ("tests/runtime/batch/test_ladders.py",),
    ),
    Fault(
        "limit-of-an-armed-stop", "a stop-limit waits at its trigger until the market has come there",
        "runtime/account/builtins.py", "order.limit_price is not None and not order.is_armed_stop", "order.limit_price is not None",
        ("tests/runtime/account/test_order_price.py",),
    ),
    Fault(
        "price-of-an-order-that-goes", "an order whose cancel was sent waits at no price",
        "runtime/account/builtins.py", "_waits_at(order if is_working else None)", "_waits_at(order)",
        ("tests/runtime/account/test_order_price.py",),
    ),
    Fault(
        "batch-limit-of-an-armed-stop", "a stop-limit waits at its trigger until the market has come there, in numbers, too",
        "runtime/batch/builtins.py", "not isnan(f[s + LIMIT]) and not is_armed(z, s)", "not isnan(f[s + LIMIT])",
        ("tests/runtime/batch/test_builtins.py",),
    ),
    Fault(
        "older-word-of-a-close-stays", "of two orders of one close under a ref the newer word leaves, the other does not",
        "runtime/orders/commands.py", "one.spec.order_id not in gone", "True", (_AT_ONCE,),
    ),
    Fault(
        "no-replacing-at-one-close", "what `on_live_ref: replace` takes the place of may be of the same close",
        "runtime/decide/cancel.py", "ref in capacity.refs and ref not in capacity.placed:", "ref in capacity.refs:", (_AT_ONCE,),
    ),
    Fault(
        "replaced-at-once-holds-its-room", "an order that a newer word of its close replaces holds no margin",
        "runtime/decide/capacity.py", "            self.used[spec.side] -= order_margin(self.ledger, spec.side, notional)",
        "            pass", (_AT_ONCE,),
    ),
    Fault(
        "replaced-exit-brings-nothing-again", "by an exit that takes the place of one of its close the entry comes again",
        "runtime/decide/leave.py", "        spec = taken_over(spec, before)\n", "        pass\n", (_AT_ONCE,),
    ),
    Fault(
        "batch-no-replacing-at-one-close", "the kernel takes the newer word of a close, too",
        "runtime/batch/cancels.py", "        return _withdraw(f, z, decided(z, z[s + REF]))\n", "        return False\n",
        ("tests/runtime/batch/test_replaced_at_once.py",),
    ),
    Fault(
        "batch-older-word-of-a-close-stays", "the kernel lets the older word of a close not leave",
        "runtime/batch/drafts.py", "    z[DECIDED] = without(z, DECIDED_LIST, z[DECIDED], s)\n", "",
        ("tests/runtime/batch/test_replaced_at_once.py",),
    ),
    Fault(
        "cut-of-an-order-that-never-left", "a size that did not fit of an order that does not leave is not told",
        "runtime/engine.py", "if one.order_id not in gone]", "if True]", (_AT_ONCE,),
    ),
    Fault(
        "batch-cut-of-an-order-that-never-left", "the kernel tells of no size of an order that does not leave",
        "runtime/batch/said.py", " if not note.more or note.more in asked]", "]",
        ("tests/runtime/batch/test_replaced_at_once.py",),
    ),
)  # fmt: skip
