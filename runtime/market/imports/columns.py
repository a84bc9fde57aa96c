"""Which column is what: by the caller's word, by a known layout, by its name, by its numbers.

The law: a price or a volume is never taken from a column that might be another one. Two columns of
one name, a volume that may count contracts or quote, an order of prices that fits twice: asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from runtime.errors import DataError
from runtime.market.imports.layouts import (
    DATE_NAMES,
    TIME_NAMES,
    WITHOUT_HEADER,
    ColumnRole,
    Layout,
    layout_of,
    role_by_name,
)
from runtime.market.imports.numbers import Signs, signs_of
from runtime.market.imports.sources import Source
from runtime.market.imports.times import CLOCK_ONLY
from runtime.market.symbol_cells import is_sure, plain, speaks, symbol_columns, which_of_two
from runtime.market.whose import canonical

PRICES = (ColumnRole.OPEN, ColumnRole.HIGH, ColumnRole.LOW, ColumnRole.CLOSE)
# Quote volume is volume times an average price of the bar: within the bar, so near its close.
_NEAR = 0.15


@dataclass(frozen=True, slots=True)
class Roles:
    """Where each role stands, the layout it was told by, and what is to be said about it."""

    place: Mapping[ColumnRole, int]
    layout: Layout | None
    notes: tuple[str, ...] = field(default=())


def parse_columns(text: str, source: Source) -> dict[ColumnRole, int]:
    """Return the caller's `--columns`: `ts,open,high,…` by place, or `volume=TICKVOL,…` by name.

    `-` leaves a column out. DataError for an unknown role, name or place.
    """
    given: dict[ColumnRole, int] = {}
    words = [word.strip() for word in text.split(",")]
    for place, word in enumerate(words):
        left, _, right = word.partition("=")
        if left in ("", "-"):
            continue
        role = ColumnRole.TIME if left == "ts" else next((r for r in ColumnRole if r == left), None)
        if role is None:
            known = ", ".join(
                (
                    "ts",
                    *(
                        r
                        for r in ColumnRole
                        if r not in (ColumnRole.UNSURE_VOLUME, ColumnRole.TIME)
                    ),
                )
            )
            raise DataError(f"--columns: no role `{left}`; known: {known}, - to leave one out")
        given[role] = _place_of(right, source) if right else place
        if given[role] >= source.width:
            raise DataError(
                f"--columns: {source.name} has {source.width} columns, not {len(words)}"
            )
    return given


def _place_of(name: str, source: Source) -> int:
    if name.isdigit() and 1 <= int(name) <= source.width:
        return int(name) - 1
    exact = [i for i, have in enumerate(source.names) if have == name]
    found = exact or [i for i, have in enumerate(source.names) if plain(have) == plain(name)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise DataError(
            f"--columns: {source.name} has no column `{name}`; it has: "
            f"{', '.join(source.names) or f'{source.width} columns without names'}"
        )
    places = ", ".join(str(i + 1) for i in found)
    raise DataError(f"--columns: `{name}` stands {len(found)} times; give its place: {places}")


def find_roles(source: Source, asked: Mapping[ColumnRole, int], signs: Signs) -> Roles:
    """Return the roles of a source's columns; DataError where the caller must say."""
    if not source.names:
        if {ColumnRole.TIME, ColumnRole.OPEN} <= set(asked) or {
            ColumnRole.TIME,
            ColumnRole.PRICE,
        } <= set(asked):
            return Roles(asked, None)
        return _by_numbers(source, signs)
    layout = layout_of(source.names)
    candidates: dict[ColumnRole, list[int]] = {}
    is_bars = any(role_by_name(name) is ColumnRole.OPEN for name in source.names)
    for place, name in enumerate(source.names):
        key = plain(name)
        role = layout.columns[key] if layout and key in layout.columns else role_by_name(name)
        if is_bars and role is ColumnRole.SIZE:
            role = ColumnRole.UNSURE_VOLUME  # an `amount` of a bar is base units here, quote there
        if role is not None and place not in asked.values():
            candidates.setdefault(role, []).append(place)
    _choose_symbol(source, candidates, asked)
    _split_times(source, candidates)
    chosen = dict(asked)
    for role, places in candidates.items():
        if role not in (ColumnRole.UNSURE_VOLUME, ColumnRole.QUOTE_VOLUME, ColumnRole.VOLUME):
            if role not in chosen:
                chosen[role] = _only(source, role, places)
    notes = _choose_volume(source, candidates, chosen, signs)
    if ColumnRole.CLOSE not in chosen and ColumnRole.PRICE in chosen and ColumnRole.OPEN in chosen:
        chosen[ColumnRole.CLOSE] = chosen.pop(ColumnRole.PRICE)
    if layout and layout.note:
        notes = (*notes, layout.note)
    return Roles(chosen, layout, notes)


def _choose_symbol(
    source: Source, candidates: dict[ColumnRole, list[int]], asked: Mapping[ColumnRole, int]
) -> None:
    """Leave of the columns of symbols the surest that says one; DataError where two say different ones."""
    places = candidates.pop(ColumnRole.SYMBOL, [])
    if ColumnRole.SYMBOL in asked:
        return
    ordered = symbol_columns([source.names[place] for place in places])
    places.sort(key=lambda p: ordered.index(source.names[p]) if source.names[p] in ordered else -1)
    # A sure name without words in the first rows may have them further down.
    holding = [
        place
        for place in places
        if speaks(source.names[place], cells := source.cells(place))
        or (is_sure(source.names[place]) and not cells)
    ]
    alone = {source.names[p]: set(map(canonical, source.cells(p))) for p in holding}
    which = which_of_two({name: min(words) for name, words in alone.items() if len(words) == 1})
    if which is not None:
        raise DataError(f"{source.name}: {which} --columns symbol=NAME names it")
    if holding:
        candidates[ColumnRole.SYMBOL] = holding[:1]


def _split_times(source: Source, candidates: dict[ColumnRole, list[int]]) -> None:
    """Sort columns named as times into the time, a date with its time of day, and the rest."""
    places = candidates.pop(ColumnRole.TIME, [])
    clocks = [
        p
        for p in places
        if (cells := source.cells(p)) and all(":" in c and CLOCK_ONLY.fullmatch(c) for c in cells)
    ]
    named_time = [
        p
        for p in places
        if p not in clocks
        and plain(source.names[p]) in ("time", "zeit")
        and all(CLOCK_ONLY.fullmatch(c) for c in source.cells(p))
    ]
    full = [p for p in places if p not in clocks and p not in named_time and source.cells(p)]
    if not full:
        if places:
            candidates[ColumnRole.TIME] = places
        return
    best = min(full, key=lambda p: _rank(source.names[p]))
    is_date = plain(source.names[best]) in DATE_NAMES
    beside = clocks or named_time
    if is_date and beside and not any(":" in cell for cell in source.cells(best)):
        candidates[ColumnRole.DATE], candidates[ColumnRole.CLOCK] = [best], beside[:1]
    else:
        candidates[ColumnRole.TIME] = [best]


def _rank(name: str) -> int:
    """Return how well a name tells the time a bar opens: 0 is best; a layout's own word beats all."""
    key = plain(name)
    return TIME_NAMES.index(key) if key in TIME_NAMES else -1


def _only(source: Source, role: ColumnRole, places: Sequence[int]) -> int:
    if len(places) == 1 or role not in (
        *PRICES,
        ColumnRole.PRICE,
        ColumnRole.SIZE,
        ColumnRole.RATE,
    ):
        return places[0]
    listed = ", ".join(f"{source.called(p)} (column {p + 1})" for p in places)
    raise DataError(
        f"{source.name}: {len(places)} columns can be the {role}: {listed}; say which, e.g. "
        f"--columns {role}={places[-1] + 1}"
    )


def _choose_volume(
    source: Source,
    candidates: Mapping[ColumnRole, list[int]],
    chosen: dict[ColumnRole, int],
    signs: Signs,
) -> tuple[str, ...]:
    """Put the column of base units into `chosen`; it must not contradict a quote volume beside it."""
    if ColumnRole.VOLUME in chosen:
        return ()
    sure = candidates.get(ColumnRole.VOLUME, [])
    unsure = candidates.get(ColumnRole.UNSURE_VOLUME, [])
    quotes = candidates.get(ColumnRole.QUOTE_VOLUME, [])
    closes = numbers(source, chosen[ColumnRole.CLOSE], signs) if ColumnRole.CLOSE in chosen else []
    everything = [*sure, *unsure]
    proven = [
        p
        for p in everything
        if any(_is_product(source, p, q, closes, signs) for q in (*quotes, *everything) if q != p)
    ]
    if len(proven) == 1:
        chosen[ColumnRole.VOLUME] = proven[0]
        return ()
    if len(sure) == 1 and not unsure:
        wrong = [q for q in quotes if _tells(source, q, sure[0], signs)]
        if wrong and closes:
            ratio = _ratio(source, sure[0], wrong[0], closes, signs)
            raise DataError(
                f"{source.name}: {source.called(sure[0])} times the price is {ratio:.4g} of "
                f"{source.called(wrong[0])}: it counts contracts or quote, not units of the base; say which "
                "column is the volume in base units: --columns volume=NAME, or --no-volume"
            )
        if ColumnRole.TICKS in candidates and not any(numbers(source, sure[0], signs)):
            return ()  # a volume of zero throughout, beside a count of price changes
        chosen[ColumnRole.VOLUME] = sure[0]
        return ()
    if everything:
        listed = ", ".join(source.called(p) for p in everything)
        raise DataError(
            f"{source.name}: {listed}: which is the volume in base units? Contracts, quote and base look "
            "alike: --columns volume=NAME, or --no-volume"
        )
    return ()


def _tells(source: Source, quote: int, volume: int, signs: Signs) -> bool:
    return any(v > 0 for v in numbers(source, quote, signs)) and any(
        v > 0 for v in numbers(source, volume, signs)
    )


def _ratio(source: Source, volume: int, quote: int, closes: list[float], signs: Signs) -> float:
    """Return the median of volume × close ÷ quote volume; NaN where nothing can be compared."""
    rows = zip(numbers(source, volume, signs), closes, numbers(source, quote, signs), strict=True)
    shares = sorted(v * c / q for v, c, q in rows if q > 0 and v > 0)
    return shares[len(shares) // 2] if shares else float("nan")


def _is_product(source: Source, volume: int, quote: int, closes: list[float], signs: Signs) -> bool:
    # A price near 1 makes base and quote alike: nothing is proven then, and nothing is lost.
    return bool(closes) and abs(_ratio(source, volume, quote, closes, signs) - 1.0) < _NEAR


def numbers(source: Source, place: int, signs: Signs) -> list[float]:
    """Return the sampled cells of a column as numbers, NaN where one is none."""
    import pyarrow as pa

    from runtime.market.imports.numbers import parse_numbers

    parsed = parse_numbers(pa.array([row[place] for row in source.sample], pa.string()), signs)
    return [float("nan") if v is None else v for v in parsed.to_pylist()]


def _by_numbers(source: Source, signs: Signs) -> Roles:
    """Return the roles of a file without header: the one layout that makes sense in every row."""
    fitting = [known for known in WITHOUT_HEADER if _fits(known, source, signs)]
    named = [k for k in fitting if k.files and re.search(k.files, source.name, re.I)]
    fitting = named or [known for known in fitting if not known.files]
    orders = {tuple(known.order) for known in fitting}
    example = "ts,open,high,low,close,volume"
    if not fitting:
        raise DataError(
            f"{source.name}: {source.width} columns without names, in no known order; the first row is "
            f"`{' '.join(source.sample[0])[:80]}`. Say what they are: --columns {example}"
        )
    if len(orders) > 1:
        listed = " or ".join(known.name for known in fitting)
        raise DataError(
            f"{source.name}: columns without names that can be {listed}: say what they are, e.g. "
            f"--columns {example}"
        )
    layout = fitting[0]
    chosen = {role: place for place, role in enumerate(layout.order) if role is not None}
    candidates: dict[ColumnRole, list[int]] = {}
    for place, role in enumerate(layout.order):
        if role is not None:
            candidates.setdefault(role, []).append(place)
    for role in (ColumnRole.VOLUME, ColumnRole.UNSURE_VOLUME, ColumnRole.QUOTE_VOLUME):
        chosen.pop(role, None)
    notes = _choose_volume(source, candidates, chosen, signs)
    if layout.note:
        notes = (*notes, layout.note)
    return Roles(chosen, layout, notes)


def _fits(layout: Layout, source: Source, signs: Signs) -> bool:
    """Return whether every sampled row makes sense in the order of a layout."""
    if len(layout.order) != source.width:
        return False
    place = {role: i for i, role in enumerate(layout.order) if role is not None}
    when = place.get(ColumnRole.TIME, place.get(ColumnRole.DATE))
    assert when is not None
    cells = source.cells(when)
    compact = all(len(c) >= 15 and c[8] == " " for c in cells)
    if (layout.name in ("HistData", "NinjaTrader")) != (compact and source.width == 6):
        return False
    if ColumnRole.CLOCK in place and not all(
        ":" in c for c in source.cells(place[ColumnRole.CLOCK])
    ):
        return False
    if ColumnRole.PRICE in place:
        return _are_trades(place, source, signs)
    if ColumnRole.CLOSE_TIME in place and not _follows(place, source, signs):
        return False
    opens, highs, lows, closes = (numbers(source, place[role], signs) for role in PRICES)
    if ColumnRole.AVERAGE in place:
        averages = numbers(source, place[ColumnRole.AVERAGE], signs)  # 0: nothing was traded
        if any(
            a and not low <= a <= high for a, low, high in zip(averages, lows, highs, strict=True)
        ):
            return False
    if ColumnRole.UNSURE_VOLUME not in place and source.width == 7 and ColumnRole.VOLUME in place:
        # The seventh column is the quote volume or a count of trades: the product tells.
        last = source.width - 1
        is_quote = _is_product(source, place[ColumnRole.VOLUME], last, closes, signs)
        if is_quote != (ColumnRole.QUOTE_VOLUME in place) and ColumnRole.CLOCK not in place:
            return False
    return all(
        low <= min(o, c) and max(o, c) <= high and low > 0
        for o, high, low, c in zip(opens, highs, lows, closes, strict=True)
    )


def _follows(place: Mapping[ColumnRole, int], source: Source, signs: Signs) -> bool:
    """Return whether every bar's close time is a number above its open time."""
    begins, ends = (
        numbers(source, place[role], signs) for role in (ColumnRole.TIME, ColumnRole.CLOSE_TIME)
    )
    return all(end > begin for begin, end in zip(begins, ends, strict=True))


def _are_trades(place: Mapping[ColumnRole, int], source: Source, signs: Signs) -> bool:
    """Return whether a file can be trades: times that are epochs, positive prices and sizes."""
    times = numbers(source, place[ColumnRole.TIME], signs)
    prices, sizes = (
        numbers(source, place[role], signs) for role in (ColumnRole.PRICE, ColumnRole.SIZE)
    )
    return all(t > 1e9 for t in times) and all(
        p > 0 and s > 0 for p, s in zip(prices, sizes, strict=True)
    )


def signs_for(source: Source, decimal: str | None) -> Signs:
    """Return the signs of a source's numbers: those of every column that is no time."""
    if source.table is not None and not any("," in cell for row in source.sample for cell in row):
        return Signs()
    cells = [
        cell
        for place in range(source.width)
        if not (
            source.names
            and role_by_name(source.names[place]) in (ColumnRole.TIME, ColumnRole.SYMBOL)
        )
        for cell in source.cells(place)
        if cell[-1:].isdigit() or cell[-1:] in "KMBkmb%"
    ]
    return signs_of(source.name, [c for c in cells if "/" not in c and ":" not in c], decimal)
