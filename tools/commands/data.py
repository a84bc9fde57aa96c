"""`ideacard data`: the market data store."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compiler.catalog.timeframes import DAY_MS, interval_ms
from runtime.errors import DataError
from tools.cards import json_option
from tools.commands import data_import
from tools.data_options import parse_tf, store_option
from tools.progress import progress_bar
from tools.times import parse_time

if TYPE_CHECKING:
    from runtime.market.instrument_facts import Instrument

_MOST_MADE_UP = 35_040
_CHECK_EXAMPLES = "\b\nExamples:\n  ideacard data check\n  ideacard data check btc.csv --json\n"


@click.group(
    epilog="\b\nExamples:\n  ideacard data synth --bars 10000\n"
    "  ideacard data download BTCUSDT --tf 15m --from 2025-01-01\n"
    "  ideacard data import btc.csv --symbol BTCUSDT\n  ideacard data check\n"
)
def command() -> None:
    """Import, list, check, make up and download market data."""


command.add_command(data_import.command)


def _describe(path: Path, symbol: str, timeframe: str | None) -> dict[str, Any]:
    from runtime.market.bar_files import load_bars
    from runtime.market.checks import utc

    loaded = load_bars(path, symbol, timeframe, has_volume="mark_" not in path.name)
    frame = loaded.frame
    return {
        "path": str(path),
        "symbol": symbol,
        "timeframe": frame.timeframe,
        "bars": len(frame),
        "from": utc(frame.ts[0]),
        "to": utc(frame.close_time(len(frame) - 1)),
        "gaps": [str(gap) for gap in loaded.gaps],
    }


@command.command("list")
@store_option
@json_option
def list_(store: Path, as_json: bool) -> None:
    """List the stored series."""
    from runtime.market.store import list_series

    series = list_series(store)
    rows: list[dict[str, Any]] = []
    for one in series:
        try:
            rows.append(_describe(one.path, one.symbol, one.timeframe) | {"venue": one.venue})
        except DataError as error:  # the others are listed all the same
            click.echo(f"error: {error}", err=True)
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    elif not series:
        click.echo(f"{store}: no series. Fetch some: ideacard data download BTCUSDT --tf 15m")
    for row in () if as_json else rows:
        holes = f"  {len(row['gaps'])} holes" if row["gaps"] else ""
        click.echo(
            f"{row['venue']:<10} {row['symbol']:<12} {row['timeframe']:>4} {row['bars']:>9} bars  "
            f"{row['from'][:16]} … {row['to'][:16]}{holes}"
        )
    raise click.exceptions.Exit(int(len(rows) < len(series)))


@command.command("check", epilog=_CHECK_EXAMPLES)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@store_option
@json_option
def check(files: tuple[Path, ...], store: Path, as_json: bool) -> None:
    """Judge FILES, or all that is stored: what a run would refuse, and what is odd.

    Refused: times out of order or off the grid, impossible bars, prices off the instrument's tick, mark
    prices far from the bars beside them, funding above any cap, a file that lies where another belongs.
    Odd: holes, bars without volume, jumps, prices that stand still. Exit 1 where a run would refuse.
    """
    from runtime.market.judging import stored_files

    paths = list(files) or stored_files(store)
    if not paths:
        raise click.ClickException(f"{store}: nothing to check")
    rows = [_judged(path, store) for path in paths]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        for row in rows:
            _print_check(row)
    if any(row["error"] for row in rows):
        raise click.exceptions.Exit(1)


def _judged(path: Path, store: Path) -> dict[str, Any]:
    from runtime.market.checks import utc
    from runtime.market.judging import judge

    try:
        found = judge(path, _instrument_of(path, store), round(time.time() * 1000))
    except DataError as error:
        return {"path": str(path), "error": str(error)}
    return {
        "path": str(path),
        "symbol": found.symbol,
        "what": found.what,
        "timeframe": found.timeframe,
        "bars": found.rows,
        "from": utc(found.first_ts),
        "to": utc(found.end_ts),
        "gaps": list(found.gaps),
        "notes": list(found.notes),
        "error": "\n".join(found.errors) or None,
    }


def _instrument_of(path: Path, store: Path) -> Instrument | None:
    """Return the facts a run on a file would trade by, None where it would ask for them."""
    from runtime.market.bar_files import identity_of
    from runtime.market.instrument_table import instrument_for
    from tools.instrument_file import stored_instrument

    identity = identity_of(path)
    symbol = identity.symbol or path.parent.name
    try:
        stored = stored_instrument(store, symbol, identity if identity.timeframe else None)
        return stored or instrument_for(symbol)
    except DataError:
        return None


def _print_check(row: dict[str, Any]) -> None:
    if row["error"]:
        click.echo(row["error"])
    if "what" not in row:
        return
    verdict = "" if row["error"] else "fine, "
    click.echo(
        f"{row['path']}: {verdict}{row['bars']:,} {_what(row)}, {row['from']} to {row['to']}"
    )
    for note in (*row["notes"], *row["gaps"][:10]):
        click.echo(f"  {note}")
    if len(row["gaps"]) > 10:
        click.echo(f"  … and {len(row['gaps']) - 10} more holes")


def _what(row: dict[str, Any]) -> str:
    timeframe, _, rest = row["what"].partition(" ")
    return f"{rest} of {timeframe}" if row["timeframe"] else row["what"]


@command.command("synth", epilog="Example:\n\n  ideacard data synth --symbol BTCUSDT --seed 3")
@click.option("--symbol", default="BTCUSDT", show_default=True)
@click.option("--tf", default="15m", show_default=True)
@click.option(
    "--bars",
    type=click.IntRange(1, 5_000_000),
    help=f"How many.  [default: a year of them, at most {_MOST_MADE_UP:,}]",
)
@click.option("--seed", default=7, show_default=True)
@store_option
def synth(symbol: str, tf: str, bars: int | None, seed: int, store: Path) -> None:
    """Make up a market (bars, mark prices, funding), the same for the same seed.

    Of one seed all timeframes from 15m on are bars of one path; shorter ones are of another, and so is each symbol.
    """
    from runtime.market.synthetic import SyntheticSpec
    from tools.made_market import is_walked, write_made_market

    timeframe = parse_tf(tf)
    bars = bars or min(_MOST_MADE_UP, 365 * DAY_MS // interval_ms(timeframe))
    spec = SyntheticSpec(symbol=symbol, timeframe=timeframe, bars=bars, seed=seed)
    made = write_made_market(store, spec)
    click.echo(f"{made.path}: {bars} made-up bars of {timeframe}, seed {seed}")
    if made.is_mixed:
        click.echo(
            "funding.csv holds rates of another seed or path at the times after these: a longer market beside it."
        )
    if is_walked(timeframe):
        click.echo(
            "A bar is twelve steps, so a level inside it is met too seldom and stop orders look better than they are; "
            "bars of 1h, 4h or 1d are joined from more."
        )


def _tell(text: str) -> None:
    click.echo(text, err=True)


@command.command(
    "download", epilog="Example:\n\n  ideacard data download BTCUSDT --tf 15m --from 2025-01-01"
)
@click.argument("symbol")
@click.option("--tf", default="15m", show_default=True)
@click.option("--from", "start", required=True, help="First day or time, UTC.")
@click.option("--to", "end", help="End, UTC; default: now.")
@click.option("--no-mark", is_flag=True, help="Skip the mark-price series.")
@click.option("--no-funding", is_flag=True, help="Skip the funding series.")
@click.option("--endpoint", help="Another address of the venue (a mirror, a local server).")
@click.option("--testnet", is_flag=True, help="Use the test network; stored as bybit-testnet.")
@store_option
def download(
    symbol: str,
    tf: str,
    start: str,
    end: str | None,
    no_mark: bool,
    no_funding: bool,
    endpoint: str | None,
    testnet: bool,
    store: Path,
) -> None:
    """Fetch public bars, mark prices and funding of SYMBOL. Interrupt and repeat at will."""
    import time

    from runtime.market.download import (
        TEST_VENUE,
        VENUE,
        Download,
        download_bars,
        download_funding,
        public_session,
        venue_time,
    )

    first = parse_time(start)
    assert first is not None
    last = parse_time(end) or int(time.time() * 1000)
    if last <= first:
        raise click.UsageError("--to must be later than --from")
    timeframe = parse_tf(tf)
    session = public_session(endpoint, testnet)
    venue = TEST_VENUE if testnet else VENUE
    click.echo(f"asking {session.endpoint}", err=True)
    venue_time(session, _tell)
    for kind in ("klines", *(() if no_mark else ("mark",))):
        with progress_bar(f"{symbol} {timeframe} {kind}") as tick:
            job = Download(symbol, timeframe, first, last, kind, venue)
            frame = download_bars(session, store, job, tick, tell=_tell)
        click.echo(f"{symbol} {timeframe} {kind}: {len(frame)} bars stored")
    if not no_funding:
        with progress_bar(f"{symbol} funding") as tick:
            count = download_funding(
                session, store, symbol, first, last, tick, tell=_tell, venue=venue
            )
        click.echo(f"{symbol} funding: {count} settlements stored")


@command.command(
    "instruments",
    epilog="\b\nExamples:\n  ideacard data instruments APEUSDT WIFUSDT\n"
    "  ideacard backtest card.yaml --data data/      (facts beside the bars are used)",
)
@click.argument("symbols", nargs=-1, required=True)
@click.option("--endpoint", help="Another address of the venue (a mirror, a local server).")
@click.option("--testnet", is_flag=True, help="Use the venue's test network.")
@store_option
def instruments(symbols: tuple[str, ...], endpoint: str | None, testnet: bool, store: Path) -> None:
    """Fetch tick, lot, limits and risk tiers of SYMBOLS and keep them beside their bars."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from runtime.market.download import (
        TEST_VENUE,
        VENUE,
        download_instrument,
        public_session,
        venue_time,
    )
    from tools.instrument_file import NAME, write_instrument

    session = public_session(endpoint, testnet)
    venue = TEST_VENUE if testnet else VENUE
    click.echo(f"asking {session.endpoint}", err=True)
    venue_time(session, _tell)
    today = datetime.now(UTC).date().isoformat()
    for symbol in symbols:
        facts = replace(download_instrument(session, symbol, today), venue=venue)
        path = store / venue / symbol / NAME
        write_instrument(path, facts)
        click.echo(f"{path}: tick {facts.tick:g}, lot {facts.lot:g}, {len(facts.tiers)} risk tiers")
