"""Do the tests notice? Break one law on purpose, run the tests that hold it, and see who speaks.

Each fault is a small text patch on a copy of the repository. A fault that no test notices is a law
that nobody holds. A patch whose text is not found exactly once is stale and says so.

    python -m tools.seeded_faults                 # all of them, some minutes
    python -m tools.seeded_faults --only ttl-off-by-one
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from tools.progress import progress_bar

ROOT = Path(__file__).resolve().parents[1]
_COPIED = ("compiler", "runtime", "tools", "tests", "cards", "schemas")
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
_BODIES = "tests/runtime/backends/bybit/test_bodies.py"
_OUTCOMES = "tests/runtime/backends/bybit/test_outcomes.py"
_SYNC = "tests/runtime/backends/bybit/test_synchronizer.py"


@dataclass(frozen=True, slots=True)
class Fault:
    """A patch of `file` (`old` stands there once) and the tests that should notice it."""

    name: str
    law: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one fault: `noticed_by` is the first failing test, empty if none failed."""

    name: str
    law: str
    caught: bool
    noticed_by: str
    seconds: float


class StalePatch(Exception):
    """The text a fault replaces does not stand in its file exactly once."""


FAULTS: tuple[Fault, ...] = (
    Fault(
        "price-by-float-text", "a price leaves as the text of its ticks",
        "runtime/backends/bybit/bodies.py", 'return f"{(Decimal(repr(size)) * steps).normalize():f}"',
        'return f"{steps * size:.12f}".rstrip("0").rstrip(".")', (_BODIES,),
    ),
    Fault(
        "duplicate-taken-for-refusal", "a duplicate link id exists",
        "runtime/backends/bybit/outcomes.py", "if request is Request.SUBMIT:\n                return Verdict(",
        "if False:\n                return Verdict(", (_SYNC, _OUTCOMES),
    ),
    Fault(
        "funding-paid-twice", "funding counts once per execution id",
        "runtime/backends/bybit/synchronizer.py",
        "        if row.execution_id in self._booked:\n            return\n", "", (_SYNC,),
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
        "runtime/backends/bybit/synchronizer.py", "order = self._take_in_by(row, bar)",
        "return", (_SYNC,),
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
        "runtime/backends/sim/matcher.py", "price = scene.bar.open if improves else limit",
        "price = scene.bar.open if improves else limit - order.side.sign * scene.rules.instrument.tick",
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
        "runtime/backends/sim/exchange.py", "        go(matcher, line, precedence=precedence)",
        "        if line.start == line.end:\n            go(matcher, line, precedence=precedence)",
        (_ARRIVALS,),
    ),
    Fault(
        "tie-of-liquidation-and-order", "at one place a liquidation comes before stops",
        "runtime/backends/sim/line.py",
        "return Meeting(fraction, 0, 0, line.price_at(fraction), None) if fraction <= end else None",
        "return Meeting(fraction, 5, 0, line.price_at(fraction), None) if fraction <= end else None",
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
        "runtime/consequences.py", "event.bar >= expires", "event.bar > expires", (_SIM,),
    ),
    Fault(
        "maker-for-taker", "who takes pays the taker's fee", "runtime/backends/sim/matcher.py",
        "(rules.maker if is_maker else rules.taker)", "rules.maker",
        (_WORKED, _SIM),
    ),
    Fault(
        "fee-dropped", "every execution's fee is booked", "runtime/account/ledger.py",
        "self.account.fees += event.fee", "self.account.fees += 0.0", (_WORKED, _SIM),
    ),
    Fault(
        "slippage-in-our-favour", "slippage is against us", "runtime/formulas/fills.py",
        "instrument.ceil_price(price * (1 + relative))",
        "instrument.floor_price(price * (1 - relative))", (_SIM,),
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
        "runtime/account/ledger.py", "return price if price > 0.0 else None",
        "return None", (_WORKED, _SIM),
    ),
    Fault(
        "liquidation-without-its-fee", "a liquidation pays the fee to close",
        "runtime/backends/sim/takeover.py", "            fee=fee,", "            fee=0.0,",
        (_WORKED,),
    ),
    Fault(
        "margin-never-short", "an entry needs free margin", "runtime/account/ledger.py",
        "if need <= free + 1e-9 or lots == 0:", "if need >= 0:", (_SIM,),
    ),
    Fault(
        "profit-from-the-average", "what leaves realizes its own layer's profit",
        "runtime/account/ledger.py", "(event.price - part.entry_price)", "(event.price - event.price)",
        (_WORKED, _SIM),
    ),
    Fault(
        "later-fills-reprice-what-left", "a fill after a partial close averages with what is held",
        "runtime/account/layers.py", "if existing.entered != existing.quantity:", "if False:",
        (_WORKED,),
    ),
    Fault(
        "oco-sibling-lives", "one cancels the other", "runtime/account/ledger.py",
        'member.leave("oco")', "pass", (_SIM,),
    ),
    Fault(
        "trailing-loosens", "a stop that only tightens never moves away", "runtime/decide/amendments.py",
        'if intent.flag("only_tighten") and current is not None:', "if False:",
        ("tests/runtime/decide/test_intents.py",),
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
        ("tests/runtime/rules/test_semantics.py", "tests/runtime/rules/test_columns.py"),
    ),
    Fault(
        "not-unknown-is-true", "the negation of unknown is unknown", "runtime/rules/semantics.py",
        "return UNKNOWN if value != value else 1.0 - value",
        "return TRUE if value != value else 1.0 - value", ("tests/runtime/rules/test_semantics.py",),
    ),
    Fault(
        "higher-bar-seen-while-open", "a higher bar is seen from its close on",
        "runtime/rules/clocks.py", "frame.close_time(rows) <= now", "frame.ts[rows] <= now",
        ("tests/runtime/rules/test_columns.py",),
    ),
    Fault(
        "higher-bar-closed-early", "only complete bars are made from finer ones",
        "runtime/market/resample.py", "if ts + step == bucket + width:",
        "if ts + 2 * step >= bucket + width:",
        ("tests/runtime/market/test_resample.py", "tests/runtime/rules/test_columns.py"),
    ),
)  # fmt: skip


def patched(fault: Fault, root: Path = ROOT) -> str:
    """Return the file's text with the fault in it; StalePatch when its text is not there once."""
    text = (root / fault.file).read_text(encoding="utf-8")
    found = text.count(fault.old)
    if found != 1:
        raise StalePatch(f"{fault.name}: its text stands {found} times in {fault.file}, not once")
    return text.replace(fault.old, fault.new)


@contextmanager
def copy_of_the_house() -> Iterator[Path]:
    """Yield a temporary copy of the packages and tests, recorded data beside it."""
    with tempfile.TemporaryDirectory(prefix="seeded_faults_") as folder:
        copy = Path(folder) / "house"
        copy.mkdir()
        skip = shutil.ignore_patterns("__pycache__", "golden")
        for name in _COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=skip)
        shutil.copy(ROOT / "pyproject.toml", copy)
        data = ROOT.parent / "shared"
        if data.is_dir():
            (Path(folder) / "shared").symlink_to(data)
        yield copy


def run_tests(house: Path, tests: tuple[str, ...], seconds: float) -> str:
    """Return the first failing test, "" when all pass; a run beyond its time failed too."""
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(house)}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command, cwd=house, env=env, capture_output=True, text=True, timeout=seconds,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"no end within {seconds:g} s"
    if done.returncode == 0:
        return ""
    named = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if done.returncode != 1 or named is None:
        raise click.ClickException(f"the tests did not run:\n{done.stdout}{done.stderr}")
    return named.group(1)


def judge(fault: Fault, house: Path, seconds: float) -> Verdict:
    """Break the copy by one fault, run its tests, mend the copy."""
    place = house / fault.file
    whole = place.read_text(encoding="utf-8")
    started = time.monotonic()
    place.write_text(patched(fault, house), encoding="utf-8")
    try:
        noticed = run_tests(house, fault.tests, seconds)
    finally:
        place.write_text(whole, encoding="utf-8")
    spent = round(time.monotonic() - started, 1)
    return Verdict(fault.name, fault.law, bool(noticed), noticed, spent)


def _chosen(only: tuple[str, ...]) -> list[Fault]:
    known = {fault.name: fault for fault in FAULTS}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise click.UsageError(f"no fault is called {unknown[0]}; --list shows them")
    return [known[name] for name in only] or list(FAULTS)


@click.command()
@click.option("--list", "is_list", is_flag=True, help="Show the faults and stop.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this fault (may be repeated).")
@click.option("--json", "is_json", is_flag=True, help="Say it as JSON.")
@click.option("--seconds", default=180.0, show_default=True, help="Time limit of one fault.")
def main(is_list: bool, only: tuple[str, ...], is_json: bool, seconds: float) -> None:
    """Break laws on purpose; exit 1 if a broken one goes unnoticed or a patch is stale."""
    faults = _chosen(only)
    if is_list:
        for fault in faults:
            click.echo(f"{fault.name:30} {fault.law}  [{fault.file}]")
        return
    verdicts: list[Verdict] = []
    stale: list[str] = []
    with copy_of_the_house() as house, progress_bar("faults") as tick:
        for number, fault in enumerate(faults, 1):
            try:
                verdict = judge(fault, house, seconds)
            except StalePatch as problem:
                stale.append(str(problem))
            else:
                verdicts.append(verdict)
                if not is_json:
                    said = verdict.noticed_by if verdict.caught else "NOBODY NOTICED"
                    click.echo(f"{verdict.name:30} {verdict.seconds:6.1f} s  {said}")
            tick(number, len(faults))
    survivors = [verdict.name for verdict in verdicts if not verdict.caught]
    if is_json:
        found = {"verdicts": [asdict(v) for v in verdicts], "survivors": survivors, "stale": stale}
        click.echo(json.dumps(found, indent=2))
    else:
        for line in stale:
            click.echo(f"STALE {line}")
        click.echo(f"{len(verdicts) - len(survivors)} of {len(faults)} faults noticed")
    sys.exit(1 if survivors or stale else 0)


if __name__ == "__main__":
    main()
