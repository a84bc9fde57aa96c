"""What a run by the account kernel comes to: the row of its end, and its timing."""

from __future__ import annotations

from array import array

from runtime.batch import ends
from runtime.batch.account_run import AccountRun, Feed, Kernels
from tools.search import kernels as loops
from tools.search.calls import call_timing
from tools.search.mirrors import mean_log_return
from tools.search.timing import Timing


def measured(
    run: AccountRun, feed: Feed, kernels: Kernels, start: float
) -> tuple[array[float], Timing]:
    """Return both of a run over a feed from `start` of equity on; it kept equity and position (`Kept.POSITION`)."""
    first, count = feed.first, len(feed.frame)
    row = array("d", bytes(8 * ends.WIDTH))
    kernels.measure(run.f, run.z, run.rows_f, run.rows_z, run.columns, row, first, count)
    out = array("d", bytes(8 * loops.TIMING_WIDTH))
    equity, held = run.columns[:count], run.columns[count:]
    mean = mean_log_return(feed.frame, first)
    call_timing(equity, held, feed.frame.close, start, mean, out, first, count)
    return row, Timing.of(out, int(row[ends.E_TRADES]))
