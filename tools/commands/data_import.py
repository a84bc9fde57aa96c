"""`ideacard data import`: market data as people have them, into the store."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from runtime.market.identity import Market
from tools.cards import json_option
from tools.data_options import parse_tf, store_option
from tools.feeds import MARKETS
from tools.progress import progress_bar

if TYPE_CHECKING:
    from runtime.market.imports.files import Series

_EXAMPLES = """\b
Examples:
  ideacard data import BTCUSDT-1h-2025-09.zip BTCUSDT-1h-2025-10.zip --venue binance
  ideacard data import exports/ --symbol BTCUSDT --dry-run
  ideacard data import trades.csv.gz --tf 1m --venue bybit
  ideacard data import mt5.csv --tz Europe/Athens --columns volume=TICKVOL
  ideacard data import mine.csv --columns ts,open,high,low,close,-,volume
  ideacard data import funding.csv --symbol BTCUSDT --venue bybit
  ideacard data import XBTUSD.csv --symbol XBTUSD=BTCUSD --venue kraken --market spot
  cat bars.csv | ideacard data import - --symbol BTCUSDT
"""


@click.command("import", epilog=_EXAMPLES)
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--symbol",
    help="Symbol of the series; default: a column, a header, the file's name. THEIRS=OURS where a file "
    "calls it otherwise.",
)
@click.option("--tf", help="Timeframe; default: from the spacing of the rows. Needed for trades.")
@click.option("--venue", help="Where the bars were traded; default: `imported`.")
@click.option(
    "--market", type=click.Choice(MARKETS), help="Default: by the file's name, else linear."
)
@click.option(
    "--columns", help="What the columns are: `ts,open,high,low,close,-,volume` or `volume=NAME`."
)
@click.option(
    "--tz", "zone", help="Zone of times without one: Europe/Berlin, +02:00; default: UTC."
)
@click.option("--dayfirst/--monthfirst", default=None, help="Order of dates such as 03/04/2025.")
@click.option("--decimal", type=click.Choice(["comma", "point"]), help="Sign before the decimals.")
@click.option("--no-volume", is_flag=True, help="Read bars without volume.")
@click.option("--mark", is_flag=True, help="The bars are mark prices, not trades.")
@click.option(
    "--stamp",
    type=click.Choice(["open", "close"]),
    default="open",
    show_default=True,
    help="Which end of a bar its time is.",
)
@click.option("--drop-unfinished", is_flag=True, help="Leave out a last bar that is not over.")
@click.option("--dry-run", is_flag=True, help="Show the bars as understood; write nothing.")
@click.option("--append", is_flag=True, help="Add to a stored series; what overlaps must be equal.")
@click.option(
    "--as-one",
    is_flag=True,
    help="Take bars whose prices do not go on from one another for one series.",
)
@click.option("--force", is_flag=True, help="Replace a stored series of that name.")
@store_option
@json_option
def command(**options: Any) -> None:
    """Check FILES and put them into the store: files, folders, patterns, archives, `-`.

    CSV of any separator, JSON, Parquet, feather, Excel, gz, xz, zstd, zip, tar; the layouts of exchanges, charts
    and data vendors; bars, trades (made into bars), mark prices, funding. What cannot be told is
    asked for: the message names the row, what was seen and what to type.
    """
    from runtime.market.imports.claims import Said
    from runtime.market.imports.containers import expand
    from runtime.market.imports.files import Target, gather, read_files, write
    from runtime.market.imports.read import Asked

    alias, _, symbol = (options["symbol"] or "").rpartition("=")
    asked = Asked(
        symbol=symbol or None,
        alias=alias or None,
        timeframe=parse_tf(options["tf"]) if options["tf"] else None,
        columns=options["columns"],
        zone=options["zone"],
        dayfirst=options["dayfirst"],
        decimal={"comma": ",", "point": "."}.get(options["decimal"] or ""),
        has_volume=not options["no_volume"],
        is_mark=options["mark"],
        closes=options["stamp"] == "close",
        drop_unfinished=options["drop_unfinished"],
    )
    target = Target(
        store=options["store"],
        said=Said(
            venue=options["venue"],
            market=Market(options["market"]) if options["market"] else None,
            alias=alias or None,
        ),
        append=options["append"],
        as_one=options["as_one"],
        replace=options["force"] or options["dry_run"],
    )
    if options["append"] and options["force"]:
        raise click.UsageError("--append adds, --force replaces: give one of them")
    words = expand(options["files"])
    with progress_bar("reading") as tick:
        found = read_files(words, asked, sys.stdin.buffer, tick)
    series = gather(found, target)
    if not options["dry_run"]:
        for one in series:
            write(one)
    if options["as_json"]:
        click.echo(json.dumps([_as_json(one) for one in series], indent=2))
        return
    for one in series:
        _show(one, options["dry_run"])


def _show(series: Series, dry_run: bool) -> None:
    holes = f", {len(series.gaps)} holes" if series.gaps else ""
    what = f"bars of {series.timeframe}" if series.timeframe else "settlements"
    verb = "would be written" if dry_run else "written"
    click.echo(f"{series.path}: {series.table.num_rows} {what}{holes} {verb}")
    click.echo(f"  {series.symbol}, {_span(series)}, read as: {series.parts[0].layout}")
    for note in series.notes:
        click.echo(f"  {note}")
    if dry_run:
        for line in _rows(series):
            click.echo(f"  {line}")


def _span(series: Series) -> str:
    from runtime.market.checks import utc

    ts = series.table.column("ts")
    return f"{utc(ts[0].as_py())[:16]} … {utc(ts[len(ts) - 1].as_py())[:16]} UTC"


def _rows(series: Series) -> list[str]:
    """Return the columns and the first and last rows as they were understood."""
    from runtime.market.checks import utc

    table = series.table
    names = table.column_names
    taken = ", ".join(f"{role} = {called}" for role, called in series.parts[0].columns)
    lines = [taken, "  ".join(["time (UTC)".ljust(20), *(name.rjust(12) for name in names[1:])])]
    count = table.num_rows
    for row in [*range(min(3, count)), *range(max(3, count - 3), count)]:
        values = [table.column(name)[row].as_py() for name in names]
        lines.append(
            "  ".join([utc(values[0])[:19].ljust(20), *(f"{v:>12.10g}" for v in values[1:])])
        )
    return lines


def _as_json(series: Series) -> dict[str, Any]:
    ts = series.table.column("ts")
    return {
        "path": str(series.path),
        "kind": str(series.kind),
        "symbol": series.symbol,
        "timeframe": series.timeframe or None,
        "rows": series.table.num_rows,
        "first_ts": ts[0].as_py(),
        "last_ts": ts[len(ts) - 1].as_py(),
        "holes": len(series.gaps),
        "layout": series.parts[0].layout,
        "columns": dict(series.parts[0].columns),
        "files": [part.name for part in series.parts],
        "notes": list(series.notes),
    }
