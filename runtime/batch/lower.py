"""A program as numbers: settings, cases, actions and code in the places where the kernel reads them.

The law: nothing is decided here; a word of the card becomes its number and nothing else.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping

from compiler.catalog.actions import meaning_of
from compiler.catalog.builtins import layer_of_ref
from compiler.catalog.limits import Limit
from compiler.catalog.orders import (
    OPTION_DEFAULTS,
    TRAIL_KEYS,
    OnFlat,
    OnLiveRef,
    OnPartial,
    OptionName,
    Protect,
    RemovalMethod,
    Side,
    TakeProfitType,
    TimeInForce,
)
from compiler.catalog.promises import Promise
from compiler.graph.program import Code, Instruction, Program
from compiler.graph.rule_graph import NO_LIMITS, ActionNode
from runtime.account.builtins import COURSE
from runtime.account.course import MINUTE_MS
from runtime.batch import layout as at
from runtime.batch import values, words
from runtime.batch.facts import write_settings
from runtime.batch.orders import NEVER
from runtime.batch.results import forget_trade
from runtime.batch.tables import Lowered, LoweredAction, Tables, append
from runtime.batch.watched import watched
from runtime.decide.blocks import ELSE, PlacedAction, place_actions
from runtime.decide.limits import reason_of
from runtime.engine import account_reads
from runtime.market.instrument_facts import Instrument
from runtime.orders.order_spec import Origin


def lower(program: Program, instrument: Instrument) -> Lowered:
    """Return a program as numbers; `supported.reasons` has nothing against it."""
    tables = Tables(program, array("d", bytes(8 * at.TABLES)), array("q", bytes(8 * at.TABLES)))
    write_settings(tables, instrument)
    _refs(tables)
    _blocks(tables)
    _limits(tables)
    _promises(tables)
    _memos(tables)
    append(tables, at.ACTIONS_AT, tables.rows, ())
    append(tables, at.CODE_AT, tables.code, ())
    append(tables, at.NUMBERS_AT, (), tables.numbers)
    _newest(tables)
    f = tables.f
    f[at.AVERAGE] = f[at.LIQUIDATION] = f[at.CLOSE] = f[at.MARK] = math.nan
    f[at.LAST_ENTRY] = f[at.LAST_EXIT] = f[at.LAST_PNL] = f[at.LAST_R] = math.nan
    forget_trade(f)
    f[at.COURSE_HIGH] = f[at.COURSE_LOW] = f[at.PER_LOSS] = f[at.PLACED_AT] = f[at.FILL_PRICE] = (
        math.nan
    )
    f[at.PEAK] = f[at.COURSE_EQUITY] = f[at.DAY_EQUITY] = f[at.START_EQUITY]
    f[at.FALLS], f[at.RISES] = -math.inf, math.inf
    z = tables.z
    z[at.ENTRY_BAR] = z[at.EXIT_BAR] = z[at.LAST_AMBIGUOUS] = -1
    z[at.DIRTY] = z[at.STALE] = 1
    z[at.DEMANDS] = NEVER
    z[at.COURSE_DAY] = -NEVER
    z[at.ASKED_BY] = z[at.REARMS_ENDED] = z[at.STOPPED] = -1
    return Lowered(f, z, tables.actions, tables.reasons)


def _refs(tables: Tables) -> None:
    """Give the refs that a card may ask of a layer the first numbers, in the order of their words."""
    for name, _, refs in account_reads(tables.program):
        for ref in refs if layer_of_ref(name) is not None else ():
            tables.name(ref)
    tables.z[at.REFS] = len(tables.names)


def _newest(tables: Tables) -> None:
    """Make room for the newest order of each ref, where the card asks how far one has filled."""
    asks = any(name == "order_filled_pct" for name, _ in tables.program.accounts)
    refs = len(tables.names) if asks else 0
    tables.z[at.NEWEST] = refs
    append(tables, at.NEWEST_AT, [0] * (refs * at.NEWEST_WIDTH), ())


# ---------------------------------------------------------------- cases


def _blocks(tables: Tables) -> None:
    blocks, cases, bounds = array("q"), array("q"), array("q")
    graph = tables.program.graph
    for b, block in enumerate(tables.program.blocks):
        first = len(cases) // at.CASE_WIDTH
        for c, case in enumerate(block.cases):
            placed = place_actions(graph, b, c, case.emit)
            code = tables.program.code[case.when]
            seen = watched(code, tables.program.accounts)
            cases.extend(
                (
                    tables.code_of(case.when), len(tables.actions), len(placed), _first_column(code), 0,
                    -1 if seen.steady is None else tables.put(seen.steady),
                    len(bounds) // at.BOUND_WIDTH, len(seen.bounds),
                )
            )  # fmt: skip
            for bound in seen.bounds:
                bounds.extend((bound.moving, bound.op, tables.put(bound.code)))
            _actions(tables, placed)
        other = place_actions(graph, b, ELSE, block.otherwise)
        blocks.extend((first, len(block.cases), len(tables.actions), len(other)))
        _actions(tables, other)
    tables.z[at.BLOCKS] = len(tables.program.blocks)
    append(tables, at.BLOCKS_AT, blocks, ())
    append(tables, at.CASES_AT, cases, ())
    append(tables, at.BOUNDS_AT, bounds, ())


def _first_column(code: Code) -> int:
    """Return the column without whose truth code is false, -1 where there is none."""
    if code[0].op != "column":
        return -1
    whole = len(code) == 1 or (code[1].op == "jump_if_false" and int(code[1].arg) == len(code) - 2)
    return int(code[0].arg) if whole else -1


def _actions(tables: Tables, rows: Iterable[PlacedAction]) -> None:
    """Write actions one behind the other, then what the fills of each ask for."""
    parents = []
    for row in rows:
        parents.append((at.ACTION_WIDTH * len(tables.actions), row.on_fill))
        _action(tables, row)
    for parent, children in parents:
        tables.rows[parent + at.ON_FILL] = len(tables.actions)
        tables.rows[parent + at.ON_FILL_COUNT] = len(children)
        _actions(tables, children)


def _action(tables: Tables, placed: PlacedAction) -> None:
    action = placed.action
    options, row = dict(action.options), [-1] * at.ACTION_WIDTH
    only = _text(options, OptionName.SIDE)
    spec = meaning_of(action.kind, only)
    side, kind = spec.order_side, spec.order_type
    row[at.ON_VERB] = words.VERBS[spec.verb]
    row[at.ON_SIDE] = 0 if side is None else side.sign
    row[at.ON_KIND] = at.MARKET if kind is None else words.KINDS[kind]
    for slot, node in action.prices:
        row[words.SLOTS[slot]] = tables.code_of(node)
    if action.size is not None:
        row[at.ON_SIZE] = words.SIZES[action.size.kind]
        row[at.ON_SIZE_VALUE] = tables.code_of(action.size.value)
    row[at.ON_STATED] = int(placed.is_stated)
    for name, node in action.numbers:
        if name is OptionName.TTL_BARS:
            row[at.ON_TTL] = tables.code_of(node)
        elif name is OptionName.REARM:
            row[at.ON_REARM] = tables.code_of(node)
        elif name is OptionName.LAYER:
            row[at.ON_LAYER] = tables.code_of(node)
        elif name in TRAIL_KEYS:
            row[at.ON_TRAIL + TRAIL_KEYS.index(name)] = tables.code_of(node)
    ref, group = _text(options, OptionName.ORDER_REF), _text(options, OptionName.ORDER_GROUP)
    row[at.ON_REF], row[at.ON_GROUP] = tables.name(ref), tables.name(group)
    force = _text(options, OptionName.TTL_TYPE)
    row[at.ON_FORCE] = -1 if force is None else words.FORCES.index(TimeInForce(force))
    row[at.ON_POST] = int(options.get(OptionName.POST_ONLY) is True)
    row[at.ON_TARGET_RESTS] = int(TakeProfitType(_word(options, OptionName.TAKE_PROFIT_TYPE)).rests)
    row[at.ON_OWN_LAYER] = int(Protect(_word(options, OptionName.PROTECT)).is_by_layer)
    if row[at.ON_OWN_LAYER] == 1 or row[at.ON_LAYER] >= 0:
        tables.z[at.BY_LAYER] = 1
    row[at.ON_PARTIAL] = int(OnPartial(_word(options, OptionName.ON_PARTIAL)).cancels)
    row[at.ON_FLAT] = int(OnFlat(_word(options, OptionName.ON_FLAT)).cancels)
    row[at.ON_METHOD] = words.METHODS[RemovalMethod(_word(options, OptionName.METHOD))]
    row[at.ON_REASON] = tables.reason(_text(options, OptionName.REASON) or action.kind)
    row[at.ON_SHARES] = int(options.get(OptionName.OCO) is True and group is not None)
    row[at.ON_FILL_COUNT], row[at.ON_BY_ORDER] = 0, int(placed.is_by_order)
    row[at.ON_LEAVES] = int(placed.leaves)
    if options.get(OptionName.REARM) is True:
        row[at.ON_REARM] = at.IS_WITHOUT_END
    row[at.ON_REMOVE] = int(options.get(OptionName.REMOVE) is True)
    row[at.ON_REPLACES] = int(OnLiveRef(_word(options, OptionName.ON_LIVE_REF)).replaces)
    row[at.ON_TIGHTEN] = int(options.get(OptionName.ONLY_TIGHTEN) is True)
    row[at.ON_ONLY] = 0 if only is None or side is not None else Side(only).sign
    tables.rows.extend(row)
    tables.actions.append(LoweredAction(action.kind, placed.origin, ref, group))


def _limits(tables: Tables) -> None:
    """Write the limits of the card, and the exits with which they close a position, in their order."""
    limits, f, z = tables.program.graph.settings.limits, tables.f, tables.z
    is_limited = limits != NO_LIMITS
    z[at.HAS_LIMITS] = int(is_limited)
    z[at.FOLLOWS] = int(is_limited or any(name in COURSE for name, _ in tables.program.accounts))
    z[at.FLATTENS] = int(limits.on_breach.closes)
    z[at.DAY_STARTS] = limits.day_starts * MINUTE_MS
    f[at.LIMIT_LOSS], f[at.LIMIT_DRAWDOWN] = (
        math.nan if percent is None else float(percent)
        for percent in (limits.max_daily_loss_pct, limits.max_drawdown_pct)
    )
    for place, most in {
        at.LIMIT_TRADES: limits.max_trades_per_day,
        at.LIMIT_DAY_LOSSES: limits.max_losses_per_day,
        at.LIMIT_LOSSES: limits.max_consecutive_losses,
        at.LIMIT_COOLDOWN: limits.cooldown_bars,
    }.items():
        z[place] = -1 if most is None else most
    z[at.LIMIT_ACTIONS] = len(tables.actions)
    for limit in Limit:
        options = ((OptionName.REASON, reason_of(limit)),)
        _action(tables, PlacedAction(ActionNode("exit_all", options=options), Origin()))


def _text(options: Mapping[OptionName, str | bool], name: OptionName) -> str | None:
    value = options.get(name)
    return value if isinstance(value, str) else None


def _word(options: Mapping[OptionName, str | bool], name: OptionName) -> str:
    return _text(options, name) or OPTION_DEFAULTS[name]


def _promises(tables: Tables) -> None:
    """Write the promises of the card, in its order."""
    rows, numbers = array("q"), array("d")
    for promise in tables.program.graph.invariants:
        node = promise.condition
        row = [0] * at.PROMISE_WIDTH
        row[at.PR_KIND] = words.PROMISES[promise.name]
        row[at.PR_CODE] = -1 if node is None else tables.code_of(node)
        if node is not None and promise.name is Promise.CONDITION:
            row[at.PR_TRIED] = tables.put(_tried(tables.program, node))
        rows.extend(row)
        numbers.extend([promise.argument or 0.0] + [0.0] * (at.PROMISE_WIDTH - 1))
    kinds = {promise.name for promise in tables.program.graph.invariants}
    tables.z[at.PROMISES] = len(tables.program.graph.invariants)
    tables.z[at.WATCHES] = 2 if Promise.CONDITION in kinds else int(bool(kinds))
    append(tables, at.PROMISES_AT, rows, numbers)


def _tried(program: Program, node: int) -> Code:
    """Return a condition over what an entry would make of the account; its memory stays as it is."""
    return tuple(
        Instruction("tried", words.TRIED[program.accounts[int(step.arg)][0]])
        if step.op == "account" and program.accounts[int(step.arg)][0] in words.TRIED
        else step
        for step in program.code[node]
    )


# ---------------------------------------------------------------- memory


def _memos(tables: Tables) -> None:
    """Write the stateful nodes; their rings stand behind them, unknown before the first bar."""
    memos = tables.program.memos
    rows, ring = array("q"), 0
    for memo in memos:
        size = max(0, memo.bars) + (memo.kind == "prev")
        codes = [tables.put(code) for code in memo.codes] + [-1, -1]
        kind = words.MEMOS[memo.kind]
        rows.extend((kind, codes[0], size, memo.min_true, ring, 0, 0, 0, codes[1], codes[2]))
        ring += size
    tables.z[at.MEMOS] = len(memos)
    width = values.MEMO_WIDTH * len(memos)
    append(tables, at.MEMOS_AT, rows, [math.nan] * (width + ring))
    first = tables.z[at.MEMOS_AT]
    for m in range(len(memos)):
        tables.z[first + m * values.MEMO_WIDTH + 4] += first + width
