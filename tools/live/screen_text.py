"""A session in lines of text: for pipes, logs and `status`, 80 columns and any encoding.

The law: what the screen and the page show is here too; nothing is cut that a person would act on.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tools.live.view import OrderRow, PositionView, PromiseView, View

_WIDTH = 80


def clock(ts: int | None) -> str:
    """Return a time as people read it, UTC."""
    if ts is None:
        return "never"
    return datetime.fromtimestamp(ts / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def age(ms: int | None) -> str:
    """Return a duration in the largest unit that says enough."""
    if ms is None:
        return "never"
    seconds = ms / 1000
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3600:.1f} h"


def number(value: float | None, digits: int = 10) -> str:
    return "-" if value is None else f"{value:.{digits}g}"


def money(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"


def headline(view: View) -> str:
    """Return one line for a log: time, state, price, equity, position, what works."""
    position = "flat"
    if view.position is not None:
        held = view.position
        position = f"{held.side} {number(held.quantity)} at {number(held.entry, 8)}"
    return (
        f"{clock(view.last_bar)}  {view.state}  {number(view.close)}  equity {money(view.equity)}  "
        f"{position}  {len(view.orders)} working"
    )


def fees(view: View) -> str:
    """Return what fees came to: in USDT, and beside it in every other coin."""
    others = "".join(f" + {amount:g} {coin}" for coin, amount in view.coin_fees.items())
    return f"{money(view.fees)}{others}"


def status_text(view: View) -> str:
    """Return everything about a session, in paragraphs."""
    lines = [
        f"{view.card} on {view.symbol} {view.timeframe}, {view.venue}, run {view.run}",
        f"{view.state}{': ' + view.why if view.why else ''}",
        *([f"what to do: {view.do}"] if view.do else []),
        "",
        f"last bar   {clock(view.last_bar)} UTC, {age(view.bar_age_ms)} ago, close {number(view.close)}",
        f"equity     {money(view.equity)} USDT (start {money(view.start_equity)}, realized "
        f"{money(view.realized)}, open {money(view.unrealized)}, fees {fees(view)})",
        f"decision   {view.decision}",
    ]
    lines += [f"           {one}" for one in view.outcomes]
    lines += ["", *_position(view), *_orders("orders", view.orders), *_orders("stops", view.stops)]
    cover = view.cover
    uncovered = f"{cover.open_lots} lots WITHOUT a stop" if cover.open_lots else "nothing uncovered"
    took = f"; from fill to stop {cover.median_ms} ms, worst {cover.worst_ms} ms ({cover.count})"
    lines.append(f"cover      {uncovered}{took if cover.count else ''}")
    links = ", ".join(f"{name} {'DOWN: ' + why if why else 'up'}" for name, why in view.links)
    lines.append(
        f"links      {links or 'none'}; compared with the venue {age(view.reconciled_ago_ms)} ago"
    )
    lines += [f"unknown    {what} since {age(ms)}" for what, ms in view.unknown]
    lines += [f"limit      {x.name}: {number(x.used)} of {number(x.limit)}" for x in view.limits]
    lines += [f"promise    {promise_words(one)}" for one in view.promises]
    lines += [f"refused    {clock(r.ts)} {r.what}: {r.code}, {r.text}" for r in view.refused[:5]]
    lines += [f"notice     {clock(n.ts)} {n.loudness} {n.kind}: {n.text}" for n in view.notices[:5]]
    return "\n".join(lines) + "\n"


def promise_words(one: PromiseView) -> str:
    """Return what became of a promise of the card so far, as a sentence."""
    count = f"broken {one.times} times, at {one.closes} closes" if one.closes else "kept"
    unknown = f", unknown at {one.unknown}" if one.unknown else ""
    return f"{one.text} (card line {one.line}): {count}{unknown}"


def target_of(held: PositionView) -> str:
    """Return a position's target, and how much of it does not stand at the venue."""
    missing = held.target_missing
    return number(held.target) + (f" ({number(missing)} DOES NOT STAND)" if missing else "")


def _position(view: View) -> list[str]:
    held = view.position
    if held is None:
        return ["position   flat"]
    away = held.to_liquidation_pct
    lines = [
        f"position   {held.side} {number(held.quantity)} at {number(held.entry, 8)}, open "
        f"{money(held.unrealized)}, stop {number(held.stop)}, target {target_of(held)}",
        f"           liquidation {number(held.liquidation, 8)}"
        + ("" if away is None else f" ({away:.1f} % away)"),
    ]
    lines += [
        f"           layer {layer.ref}: {number(layer.quantity)} at {number(layer.entry, 8)}"
        for layer in held.layers
    ]
    return lines


def _orders(title: str, rows: tuple[OrderRow, ...]) -> list[str]:
    if not rows:
        return [f"{title:<10} none"]
    lines = []
    for number_, row in enumerate(rows):
        price = f" limit {number(row.price)}" if row.price is not None else ""
        trigger = f" trigger {number(row.trigger)}" if row.trigger is not None else ""
        name = f" `{row.ref}`" if row.ref else ""
        sure = row.doubt or ("confirmed" if row.is_confirmed else "not confirmed")
        lines.append(
            f"{title if not number_ else '':<10} {row.id}{name} {row.side} "
            f"{number(row.quantity)} {row.type}{trigger}{price}, {number(row.filled)} filled, "
            f"{row.age_bars} bars, {sure}"
        )
    return lines


def summary_text(view: View, orders_at_venue: str = "") -> str:
    """Return what a session came to, for its end."""
    f = {name: int(value) for name, value in view.figures.items()}
    lines = [
        f"{view.card} on {view.symbol} {view.timeframe}, {view.venue}: {f['bars']} bars, "
        f"{f['decisions']} decisions{' since this start' if view.goes_on else ''}",
        f"orders     {f['placed']} placed, {f['fills']} fills, {f['cancelled']} cancelled, "
        f"{f['expired']} expired, {sum(view.refused_by_code.values())} refused",
        f"positions  {f['entries']} opened, {f['scale_ins']} scale-ins, {f['partial_exits']} partial "
        f"exits, {f['closed']} closed",
        f"equity     {money(view.equity)} USDT ({view.equity - view.start_equity:+,.2f}; fees "
        f"{fees(view)}, funding {money(view.funding)})",
    ]
    lines += [f"refused    {count} times {code}" for code, count in view.refused_by_code.items()]
    lines += _position(view)
    if view.position is not None:
        lines += _orders("stops", view.stops)
    if view.orders:
        lines += _orders("orders", view.orders)
    if orders_at_venue:
        lines.append(orders_at_venue)
    return "\n".join(lines) + "\n"
