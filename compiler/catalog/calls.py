"""What may stand in front of `(`: functions, memory, indicators, builtins of one order.

The law: no name is two of them; what a card itself calls its things never matters in a call.
"""

from __future__ import annotations

from compiler.catalog.builtins import BUILTINS, OF_LAST_TRADES
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.operations import FUNCTIONS, OF_TIMES, Op
from compiler.catalog.types import EntryKind

# Functions of what has been so far, and how many arguments each takes at the least and most.
MEMORY_FUNCTIONS: dict[str, tuple[Op, int, int]] = {
    "value_when": (Op.LATCH, 2, 3),
    "bars_since": (Op.SINCE, 1, 1),
    "highest_since": (Op.HIGH_SINCE, 2, 2),
    "lowest_since": (Op.LOW_SINCE, 2, 2),
    "count_since": (Op.COUNT_SINCE, 2, 2),
    "mean_when": (Op.MEAN, 3, 3),
    "median_when": (Op.MEDIAN, 3, 3),
    "highest_when": (Op.HIGHEST, 3, 3),
    "lowest_when": (Op.LOWEST, 3, 3),
}
RISK = "risk"  # `risk(p)`: the size by which p percent of the equity are lost at the stop
MOST_BACK = 20  # `value_when(c, x, n)`: so many times before the last
MOST_TIMES = 50  # `mean_when(c, x, n)`: the last so many times
TIMES_FUNCTIONS = tuple(name for name, (op, _, _) in MEMORY_FUNCTIONS.items() if op in OF_TIMES)
# Builtins about one order: `order_pending(entry_1)`, in short `order_pending.entry_1`.
ORDER_BUILTINS = tuple(name for name, builtin in BUILTINS.items() if builtin.takes_ref)
INDICATORS = tuple(name for name, entry in CATALOGUE.items() if entry.kind is EntryKind.INDICATOR)
CALLABLE = (*FUNCTIONS, *MEMORY_FUNCTIONS, RISK, *ORDER_BUILTINS, *OF_LAST_TRADES, *INDICATORS)
