"""One accepted card on one made-up market: what it must keep, and how often a whole stretch of inputs did."""

from __future__ import annotations

import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random

from compiler.catalog.limits import Limit
from compiler.findings.source import Source
from compiler.pipeline import check, compile_card
from runtime.backtest import market_stage, run_backtest
from runtime.batch.account_run import GivenUp, Kernels
from runtime.decide.refusals import REFUSALS
from runtime.errors import DataError
from runtime.records.rows import RunRecord
from tests.batch_equal.runs import data_of, differences, kernel_record
from tests.strategies.made_cards import broken_laws, instrument
from tools.made_inputs.run import as_bytes, make

_KNOWN = frozenset({*REFUSALS, *(f"limit:{limit}" for limit in Limit)})


def broken_by(record: RunRecord, start_equity: float) -> list[str]:
    """Return what a record breaks: sums that do not add up, refusals in words that no table has."""
    codes = {row.code for row in record.refusals if not row.code.startswith("invariant:")}
    unknown = [f"refused for {code}, which no table knows" for code in sorted(codes - _KNOWN)]
    return broken_laws(record, start_equity) + unknown


def broken(
    text: str, seed: int, bars: int, kernels: Kernels | None
) -> tuple[list[str], RunRecord, bool]:
    """Run an accepted card twice: by both engines where the account kernel can, else by the readable one.

    Return what went wrong, the record, and whether it was both engines.
    """
    source = Source("made.yaml", text)
    program = compile_card(source)
    graph = program.graph
    data, facts = data_of(graph, seed, bars), instrument(graph)
    record = run_backtest(program, data, facts, source=source)
    said = broken_by(record, graph.settings.account.starting_equity_usdt)
    columns = market_stage(program, data)
    made = None
    if kernels is not None:
        with suppress(GivenUp):
            made = kernel_record(program, data, facts, columns, kernels, source)
    if made is not None:
        alone = replace(record, warnings=[])
        said += [f"the account kernel differs: {found}" for found in differences(alone, made)]
        return said, record, True
    again = run_backtest(program, data, facts, source=source, market=columns)
    said += [f"not the same twice: {found}" for found in differences(record, again)]
    return said, record, False


@dataclass(slots=True)
class Stretch:
    """What a stretch of inputs came to: cards, runs, what they did, and each that broke a promise."""

    made: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    by_kernel: int = 0
    with_orders: int = 0
    fills: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    no_data: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def live(
        self,
        seed: int,
        index: int,
        kernels: Kernels | None,
        *,
        markets: int = 1,
        most_bars: int = 400,
    ) -> str:
        """Run input `index` of a seed on some markets if it is accepted; return its text, empty if it is not."""
        self.made += 1
        kind, data = make(seed, index)
        text = _accepted(data)
        if not text:
            return ""
        self.accepted[kind] += 1
        rng = Random(f"markets/{seed}/{index}")
        for _ in range(markets):
            market, bars = rng.getrandbits(40), rng.randint(most_bars // 2, most_bars)
            said = self._run(text, market, bars, kernels)
            self.found += [f"{kind} {index} market {market} bars {bars}: {one}" for one in said[:3]]
        return text

    def _run(self, text: str, market: int, bars: int, kernels: Kernels | None) -> list[str]:
        try:
            said, record, is_both = broken(text, market, bars, kernels)
        except DataError as error:  # a card may ask for data that this market lacks: it says so
            self.no_data[str(error).splitlines()[0]] += 1
            return []
        except Exception:  # whatever it is: it is what we look for
            return [traceback.format_exc()]
        self.runs += 1
        self.by_kernel += is_both
        self.with_orders += bool(record.orders)
        self.fills += len(record.fills)
        self.refused.update(row.code.partition(":")[0] for row in record.refusals)
        return said


def _accepted(data: str | bytes) -> str:
    """Return the text of an input that `check` has no mistake in (a lint rule may have), else nothing."""
    try:
        text = as_bytes(data).decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "" if check(Source("made.yaml", text), lints=False).has_errors else text
