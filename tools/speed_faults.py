"""Faults of what was made fast: short cuts that skip too much, code that says another thing."""

from __future__ import annotations

from tools.fault import Fault

_QUIET = "tests/runtime/test_quiet_bars.py"
_TIER = "tests/runtime/rules/test_tier.py"
_PASSED = "tests/runtime/batch/test_quiet.py"
_REARM = "tests/runtime/batch/test_rearm.py"
_BATCH = "tests/runtime/batch/test_batch_equals_engine.py"
_AMEND = "tests/runtime/batch/test_amend.py"
_RESIZE = "tests/runtime/batch/test_resize.py"
_BREACHES = "tests/runtime/batch/test_breaches.py"
_APART = "tests/runtime/batch/test_apart.py"
_TRIPS = "tests/runtime/batch/test_excursions.py"

SPEED_FAULTS: tuple[Fault, ...] = (
    Fault(
        "parts-looked-for-one-by-one", "a condition is gone through once for all its parts", "compiler/lints/context.py",
        "        if key not in self._within:", "        if True:", ("tests/compiler/lints/test_standing.py",),
    ),
    Fault(
        "kernels-parsed-side-by-side", "one thread at a time has its kernel parsed",
        "runtime/native/source.py", "    with _PARSER:\n", "    if _PARSER:\n",
        ("tests/runtime/native/test_language.py",),
    ),
    Fault(
        "code-at-hand-by-size-alone", "a file that changed and is as long as it was is read again",
        "runtime/native/at_hand.py", "yield file, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns", "yield file, facts.st_size, 0, 0",
        ("tests/runtime/native/test_at_hand.py",),
    ),
    Fault(
        "methods-written-at-once", "methods of a class are written when an object of it is made",
        "compiler/classes.py", "    for name, method in methods.items():\n",
        '    methods["__init__"] = _written_init(made, frozen)\n    for name, method in methods.items():\n',
        ("tests/compiler/test_classes.py",),
    ),
    Fault(
        "compared-in-spite-of-the-field", "a field that is not compared is none of equality",
        "compiler/classes.py", "_eq(_values([f.name for f in fields if f.compare]))",
        "_eq(_values([f.name for f in fields]))", ("tests/compiler/test_classes.py",),
    ),
    Fault(
        "close-at-end-of-no-volume", "a last bar that nobody traded has no volume for limits",
        "runtime/backends/sim/turns.py", "0.0 < bar.volume < math.inf", "bar.volume > 0", (_BATCH,),
    ),
    Fault(
        "batch-way-kept", "of two ways through a bar only the one that is taken stays",
        "runtime/batch/paths.py", "    copy_state(f, z, 0, OTHER)\n    copy_state(f, z, SAVED, 0)\n    _go_path",
        "    copy_state(f, z, 0, OTHER)\n    _go_path", (_BATCH,),
    ),
    Fault(
        "batch-losses-of-every-day", "losses of a day begin anew with it, in numbers, too",
        "runtime/batch/course.py", "        z[DAY_LOST] = z[COURSE_LOST]\n", "",
        ("tests/runtime/batch/test_builtins.py",),
    ),
    Fault(
        "batch-limit-lifted-too-soon", "a limit of a day stands until it ends, in numbers, too",
        "runtime/batch/course.py", "(limit == _LOSS or limit == _LOSSES) and not is_new", "False", (_BATCH,),
    ),
    Fault(
        "batch-size-without-its-stop", "a size that holds a risk is worked out of the order's stop",
        "runtime/batch/levels.py", "f[PER_LOSS] = price / distance if distance > 0.0 else nan",
        "f[PER_LOSS] = nan", (_BATCH,),
    ),
    Fault(
        "batch-rest-is-all", "the rest of a position is what no working exit takes, in numbers, too",
        "runtime/batch/amending.py", "        left = exit_room(z, False) +", "        left = z[ROOM_LOTS] +", (_BATCH,),
    ),
    Fault(
        "batch-moved-limit-rests-on", "a limit that is moved arrives like a new one, in numbers, too",
        "runtime/batch/changes.py", "    elif not isnan(f[c + C_LIMIT]):\n", "    elif False:\n", (_AMEND,),
    ),
    Fault(
        "batch-time-as-it-was", "a change that names a time to live counts it from its close, in numbers, too",
        "runtime/batch/changes.py", "        z[s + EXPIRES] = z[RENEW_LIST + MOST_ORDERS + k]\n", "", (_AMEND,),
    ),
    Fault(
        "batch-replaced-before-refused", "a placement that is refused leaves the order of its ref, in numbers, too",
        "runtime/batch/room.py", "        z[z[REPLACED] + GONE] = 0\n        z[CANCELS] -= 1\n", "        pass\n",
        (_AMEND,),
    ),
    Fault(
        "batch-change-counted-whole", "of a changed entry only what it grows by is added, in numbers, too",
        "runtime/batch/fitting.py", "        f[OWN_NOTIONAL] = own\n", "", (_AMEND,),
    ),
    Fault(
        "batch-target-as-entry", "a target below what is held is an exit, before the entries, in numbers, too",
        "runtime/batch/resizing.py", "                z[RANK_LIST + k] = V_EXIT\n", "                pass\n", (_RESIZE,),
    ),
    Fault(
        "batch-target-on-its-way", "what waits at market counts towards a target size, in numbers, too",
        "runtime/batch/resizing.py", "            lots += to_open(z, s)\n", "            pass\n", (_RESIZE,),
    ),
    Fault(
        "batch-risk-of-what-filled", "a trade is held to the risk of its whole first order, in numbers, too",
        "runtime/batch/results.py", "float(remaining(z, s) + opened)", "float(opened)",
        ("tests/runtime/batch/test_builtins.py",),
    ),
    Fault(
        "batch-nobody-carries", "an entry that turns the position is kept at what it closes and opens",
        "runtime/batch/follow.py", "        carries = _against(z, s, held)\n", "        carries = 0\n", (_BATCH,),
    ),
    Fault(
        "batch-exits-share-nothing", "resting exits share the position in numbers, too",
        "runtime/batch/room.py", "            z[ROOM_EXITING] += remaining(z, s)", "            pass", (_BATCH,),
    ),
    Fault(
        "batch-trail-goes-back", "a trail is never moved back, in numbers, too",
        "runtime/batch/protection.py", "    elif z[SIDE] * (price - f[y + L_TRAIL_BEST]) <= 0.0:\n", "    elif False:\n",
        ("tests/runtime/batch/test_trailing.py",),
    ),
    Fault(
        "batch-trail-from-the-fill", "a trail of an entry begins where it is activated",
        "runtime/batch/protection.py", "    f[y + L_TRAIL_START] = start\n", "    f[y + L_TRAIL_START] = nan\n",
        ("tests/runtime/batch/test_trailing.py",),
    ),
    Fault(
        "batch-stop-of-another-layer", "a layer's stop covers that layer alone, in numbers, too",
        "runtime/batch/layers.py", "is_one = z[y + L_ROW] + 1 == z[s + OF_LAYER]", "is_one = True", (_APART,),
    ),
    Fault(
        "batch-covered-twice", "the position's stop covers the layers without one of their own, in numbers, too",
        "runtime/batch/layers.py", "        if not owns(z, layer, is_stop):\n            lots +=",
        "        if z[layer + L_LOTS] > 0:\n            lots +=", (_APART,),
    ),
    Fault(
        "batch-layer-from-the-average", "a layer's levels are measured from its own entry, in numbers, too",
        "runtime/batch/protection.py", "        entry = f[y + L_PRICE]\n", "        entry = f[AVERAGE]\n", (_APART,),
    ),
    Fault(
        "batch-layers-trail-once", "the trail of every layer follows the price, in numbers, too",
        "runtime/batch/turns.py", "            if y >= 0:\n                _follow(f, z, lf, lz, y)\n",
        "            if y == 0:\n                _follow(f, z, lf, lz, y)\n", (_APART,),
    ),
    Fault(
        "batch-fill-asks-for-nothing", "the fill of an order asks for more, in numbers, too",
        "runtime/batch/orders.py", "    note_end(f, z, s)\n", "", ("tests/runtime/batch/test_on_fill.py",),
    ),
    Fault(
        "batch-fill-closed-again", "lots that are closed again ask for nothing",
        "runtime/batch/asking.py", "z[e + E_ROLE] == ENTRY and layer_of(z, z[e + E_NUMBER]) < 0", "False",
        ("tests/runtime/batch/test_on_fill.py",),
    ),
    Fault(
        "batch-again-at-another-price", "an entry that comes again stands at its first price, in numbers, too",
        "runtime/batch/rearming.py", "return price if isnan(first) else first", "return price", (_REARM,),
    ),
    Fault(
        "batch-rearm-outlives-a-stop", "a stop ends that entries come again, in numbers, too",
        "runtime/batch/booking.py", "        z[REARMS_ENDED] = z[BAR] - 1\n", "        pass\n", (_REARM,),
    ),
    Fault(
        "batch-rearm-outlives-a-cancel", "a cancel of its ref ends that an entry comes again, in numbers, too",
        "runtime/batch/rearming.py", "        z[s + REARM_LEFT] = ENDS_NOW", "        found = True", (_REARM,),
    ),
    Fault(
        "batch-again-after-its-cancel", "a cancel at the close of an entry's fill ends that it comes again, in numbers, too",
        "runtime/batch/rearming.py", "            z[e + E_REARM] = 0  # its exit is placed at this close, and knows of nothing\n", "",
        (_REARM,),
    ),
    Fault(
        "batch-fill-price-of-the-placing", "`fill_price` is what the order was filled at, in numbers, too",
        "runtime/batch/asking.py", "f[FILL_PRICE] = f[e + E_FILL_PRICE]", "f[FILL_PRICE] = f[e + E_FIRST_PRICE]",
        ("tests/runtime/batch/test_on_fill.py",),
    ),
    Fault(
        "batch-rearm-by-a-ref-alone", "an exit without a ref lets its entry come again, in numbers, too",
        "runtime/batch/lower.py", "int(placed.leaves)", "int(placed.leaves and ref is not None)", (_REARM,),
    ),
    Fault(
        "batch-rearm-uncounted", "an entry comes again as often as it says, in numbers, too",
        "runtime/batch/rearming.py", "            z[s + REARM_LEFT] -= 1\n", "            pass\n", (_REARM,),
    ),
    Fault(
        "batch-true-case-passed-by", "a bar at whose close a case may be true is lived through, in numbers, too",
        "runtime/batch/quiet.py", "if guards > 0 and _may_fire(", "if guards < 0 and _may_fire(", (_PASSED,),
    ),
    Fault(
        "first-bound-for-all", "a bar at whose close all bounds of a case are kept is lived through",
        "runtime/batch/quiet.py", "        elif z[guard + 2] == 0:\n", "        elif guards == 1:\n", (_PASSED,),
    ),
    Fault(
        "bound-turned", "a bound that stands left of what moves is turned round",
        "runtime/batch/watched.py", "_TURNED[op])", "op)", (_PASSED,),
    ),
    Fault(
        "age-not-counted-on", "what is watched while bars pass by counts them",
        "runtime/batch/quiet.py", "return since_entry(z, bar)", "return since_entry(z, z[BAR])", (_PASSED,),
    ),
    Fault(
        "moving-taken-for-steady", "what every close moves is not taken for what only events change",
        "runtime/batch/watched.py", "is_steady(accounts[int(step.arg)][0]) if step.op", "True if step.op",
        (_PASSED,),
    ),
    Fault(
        "batch-extremes-passed-by", "a bar that is passed by counts among the extremes of what is held",
        "runtime/batch/quiet.py", "            f[TRIP_LOW] = lowest\n", "", (_PASSED,),
    ),
    Fault(
        "batch-due-passed-by", "a bar in which funding is due or an order's time is up is lived through, in numbers, too",
        "runtime/batch/quiet.py", "min(stop - 1, _next_due(z, start))", "stop - 1", (_PASSED,),
    ),
    Fault(
        "ties-rounded-up", "of very many prices, too, each lies on its nearest tick",
        "runtime/formulas/rounding.py", "max(1.0, steps + _WHOLES - _WHOLES)", "max(1.0, float(floor(steps + 0.5)))",
        ("tests/runtime/formulas/test_rounding.py",),
    ),
    Fault(
        "time-to-live-passed-by", "a bar whose close demands something is walked",
        "runtime/backends/sim/quiet.py", "int(min(stop, max(t, self._demands)))", "stop", (_QUIET,),
    ),
    Fault(
        "hole-passed-by", "a hole in which mark liquidates is lived through",
        "runtime/backends/sim/quiet.py", "                return hole.bar\n", "                break\n",
        (_QUIET,),
    ),
    Fault(
        "stopped-kernel-keeps-its-state", "what machine code cannot do is done from where it began",
        "runtime/native/kernels.py", "                memory[:] = before", "                pass", (_TIER,),
    ),
    Fault(
        "unknown-decides", "an unknown operand does not decide a condition, in a row kernel neither",
        "runtime/rules/row_kernel.py", 'Op.AND: "0.0 if {v} == 0.0', 'Op.AND: "0.0 if {v} != 1.0',
        (_TIER,),
    ),
    Fault(
        "price-is-a-row", "a scalar formula may call a price `start`",
        "runtime/native/bind.py", "return (name, Scalar.INT) in self.signature.function.params",
        "return name in self._at", ("tests/runtime/native/test_formulas.py",),
    ),
    Fault(
        "archives-for-lint", "a card that is looked at loads nothing that reads archives",
        "tools/lean_arrow.py", "    Loader = object\n", "    from importlib.abc import Loader\n", ("tests/tools/test_cli.py",),
    ),
    Fault(
        "look-says-yes", "a card is right only where the schema has nothing to say",
        "compiler/parse/quick_look.py", "                if key not in value:\n                    return False\n",
        "                pass\n", ("tests/compiler/parse/test_quick_look.py",),
    ),
    Fault(
        "tried-in-short-too-soon", "a fix is tried in short only where nothing was wrong behind the shape of the card",
        "compiler/pipeline.py", "self.is_right_behind &= not any(d.is_error for d in new)", "pass",
        ("tests/compiler/test_pipeline.py",),
    ),
    Fault(
        "meant-and-parsed-again", "a card that is mended to what it was taken for is not parsed again",
        "compiler/parse/mended.py", "one.names() == other.names() and", "one is other and",
        ("tests/compiler/test_pipeline.py",),
    ),
    Fault(
        "breach-of-a-rest-passed-by", "what was true at the close before a fill bars it, however long it rested",
        "runtime/batch/quiet.py", "(z[WATCHES] == 1 and z[HELD] == 0 and z[WORKING] == 0)", "True", (_BREACHES,),
    ),
    Fault(
        "condition-passed-by", "a condition may be false at any close", "runtime/batch/quiet.py",
        "z[WATCHES] == 1 and z[HELD] == 0", "z[HELD] == 0", (_BREACHES,),
    ),
    Fault(
        "tried-without-it", "a condition is tried with the entry filled", "runtime/batch/promising.py",
        "f[TRIED + AS_LAYERS] = float(z[layers_at(side)] + adds)", "f[TRIED + AS_LAYERS] = float(z[layers_at(side)])",
        (_BREACHES,),
    ),
    Fault(
        "breach-by-any-layer", "a fill of a layer that is there averages nothing up", "runtime/batch/breaches.py",
        "is_new = held < 0 or z[held + L_PART] != 1", "is_new = True", (_BREACHES,),
    ),
    Fault(
        "breach-counted-anew", "a promise that stays broken was broken once", "runtime/batch/breaches.py",
        "            z[at + PR_BROKEN] = 1\n", "", (_BREACHES,),
    ),
    Fault(
        "batch-excursion-by-a-later-average", "a price is held against the average entry as it stood then, in numbers, too",
        "runtime/batch/booking.py", "        move_trip(f, z, before, price)\n", "        pass\n", (_TRIPS,),
    ),
    Fault(
        "batch-stretch-from-the-bar", "of the bar of an entry counts what came after it, in numbers, too",
        "runtime/batch/layers.py", "    f[TRIP_SINCE] = max(f[PLACE], 0.0)\n", "    f[TRIP_SINCE] = 0.0\n", (_TRIPS,),
    ),
    Fault(
        "figure-of-one-less", "figures are of the newest trades", "runtime/batch/results.py",
        "range(z[TRADE_ROWS] - count, z[TRADE_ROWS])", "range(z[TRADE_ROWS] - count, z[TRADE_ROWS] - 1)",
        ("tests/runtime/batch/test_builtins.py",),
    ),
    Fault(
        "layer-of-no-ref", "a layer keeps the ref of its order", "runtime/batch/layers.py",
        "        z[y + L_REF] = z[s + REF]\n", "", ("tests/runtime/batch/test_builtins.py",),
    ),
    Fault(
        "filled-while-it-worked", "an order that has ended stays as far filled as it was", "runtime/batch/orders.py",
        "        z[w + W_FILLED] = z[s + FILLED]\n", "", ("tests/runtime/batch/test_builtins.py",),
    ),
    Fault(
        "row-passes", "every row of a file is checked",
        "runtime/market/whole_columns.py", "pc.min(volume).as_py() < 0.0", "False",
        ("tests/runtime/market/test_whole_columns.py",),
    ),
    Fault(
        "written-number-by-number", "bars go to a file as whole columns",
        "runtime/market/bar_files.py", "pa.table({n: arrow_of(getattr(frame, n)) for n in BAR_COLUMNS})",
        "pa.table({n: pa.array(getattr(frame, n)) for n in BAR_COLUMNS})",
        ("tests/runtime/market/test_whole_columns.py",),
    ),
    Fault(
        "equity-steady", "equity is read at every close",
        "compiler/catalog/builtins.py", '_by_bars("equity",', '_by_events("equity",', (_QUIET,),
    ),
    Fault(
        "tried-one-by-one", "the fixes of a card that has many are tried together", "compiler/pipeline.py",
        "if len(sure) > _MOST_TRIES or len(source.text) > _LONG:", "if False:",
        ("tests/compiler/test_pipeline.py",),
    ),
    Fault(
        "meaning-of-nothing-to-mend", "a card without a fix is looked at once", "compiler/pipeline.py",
        "    if not sure:\n        return found\n", "    _looked_at(source, overrides, symbol, with_meaning=True)\n",
        ("tests/compiler/test_pipeline.py",),
    ),
)  # fmt: skip
