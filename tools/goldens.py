"""The golden texts: what every gallery card lints, compiles and trades to, and how findings read.

One table of (file, text) so that writing them and checking them can never disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from compiler.findings.source import Source

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
ORDER_BARS = 3_000
ORDER_LINES = 60


def _source(path: Path) -> Source:
    return Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def lint_text(source: Source) -> str:
    """Return the findings of a card as the terminal shows them."""
    from compiler.findings.render import render
    from compiler.pipeline import check

    return render("text", [(source, check(source).diagnostics)]) or "no findings\n"


def order_text(source: Source) -> str:
    """Return the first orders of a card on the made-up market, one line each."""
    from compiler.pipeline import compile_card
    from runtime.backtest import run_backtest
    from runtime.market.instrument_table import instrument_for
    from runtime.market.synthetic import SyntheticSpec, synthetic_market

    program = compile_card(source)
    graph = program.graph
    spec = SyntheticSpec(symbol=graph.symbols[0], timeframe=graph.timeframe, bars=ORDER_BARS)
    record = run_backtest(program, synthetic_market(spec), instrument_for(graph.symbols[0]))
    lines = [
        f"orders {len(record.orders)}  fills {len(record.fills)}  trades {len(record.trades)}  "
        f"refusals {len(record.refusals)}  last equity {record.equity.equity[-1]:.2f}"
    ]
    for row in record.orders[:ORDER_LINES]:
        price = row.limit_price if row.limit_price is not None else row.trigger_price
        at = "market" if price is None else f"{price:.1f}"
        fill = "-" if row.avg_fill_price is None else f"{row.avg_fill_price:.2f}"
        lines.append(
            f"{row.created_bar:>5} {row.role:<12} {row.side:<4} {row.order_type:<11} {at:>9} "
            f"{row.quantity:>8.3f} -> {row.status:<9} {row.filled:>8.3f} @ {fill:>9} "
            f"{row.order_ref or ''} {row.reason}".rstrip()
        )
    return "\n".join(lines) + "\n"


def golden_texts() -> Iterator[tuple[Path, str]]:
    """Yield every golden file with the text it must hold."""
    from tools.reference_text import markdown

    yield ROOT / "docs" / "reference.md", markdown()
    from tools.cookbook import FOLDER, table

    yield FOLDER / "README.md", table()
    from compiler.graph import serde
    from compiler.graph.read_back import read_back
    from compiler.pipeline import compile_card

    for path in sorted((ROOT / "cards" / "gallery").glob("*.yaml")):
        source = _source(path)
        program = compile_card(source)
        base = GOLDEN / "gallery"
        yield base / f"{path.stem}.lint.txt", lint_text(source)
        yield base / f"{path.stem}.graph.txt", serde.dump_text(program.graph)
        yield base / f"{path.stem}.program.txt", serde.dump_program(program)
        yield base / f"{path.stem}.english.txt", read_back(program.graph)
        yield base / f"{path.stem}.orders.txt", order_text(source)
    for path in sorted((ROOT / "cards" / "broken").glob("*.yaml")):
        yield GOLDEN / "broken" / f"{path.stem}.txt", lint_text(_source(path))
