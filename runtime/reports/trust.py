"""How far a result can be trusted, in sentences made from `result.json`, and what was found out beside it.

Read by the page and by the terminal summary, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from compiler.catalog.settings import FillModel, ImpactModel, Intrabar, RestingGap
from runtime.backends.sim.fill_models import bias_of
from runtime.market.identity import SURE, UNKNOWN_VENUE, DataOrigin, Market, Stated
from runtime.records.remarks import Remark
from runtime.reports.run_files import Json
from runtime.reports.trust_note import LARGE_SHARE, Grade, TrustNote, plural, signed
from runtime.reports.trust_refused import MANY_REFUSED, refused
from runtime.reports.trust_run import matching, promised
from runtime.rules.data_fit import ALL_UNKNOWN

__all__ = ["FEW_TRADES", "Grade", "TrustNote", "trust_notes"]

FEW_TRADES = 30


# Warnings that the figures of the result say as well: shown once.
_SAID_ABOVE = ("the market is synthetic", "no mark", "no funding", "instrument facts of")
_FALLBACK = "had no finer bars to look into"


def trust_notes(made: Json, further: Sequence[TrustNote] = ()) -> list[TrustNote]:
    """Return what a reader must know before believing a result, gravest first.

    `further`: what was found out beside the result, with the rest of its grade.
    """
    notes = [
        *promised(made),
        *further,
        *_market(made),
        *_models(made),
        *_costs(made),
        _ambiguity(made),
        *_jumped(made),
        *matching(made),
        *refused(made),
        *_remarked(made),
        *_sample(made),
        *_warnings(made),
    ]
    order = [Grade.CAUTION, Grade.NOTE, Grade.GOOD]
    return sorted(notes, key=lambda note: order.index(note.grade))


def _market(made: Json) -> list[TrustNote]:
    data = made["data"]
    notes = [_series(data)]
    if data["synthetic"]:
        notes.append(
            TrustNote(
                Grade.CAUTION,
                "Synthetic market",
                "the bars are made up: the figures show how the card trades, not an edge",
            )
        )
    if data["mark_hash"] is None:
        notes.append(
            TrustNote(Grade.NOTE, "No mark prices", "liquidation was checked on last prices")
        )
    if data["funding_hash"] is None:
        notes.append(TrustNote(Grade.NOTE, "No funding", "funding is not part of this result"))
    return notes


def _series(data: Json) -> TrustNote:
    """Return which series was traded, and what says so."""
    name = f"{data['symbol']} {data['timeframe']}"
    if data["synthetic"] and data["venue"] is None:
        return TrustNote(Grade.NOTE, "Data", f"bars made up for {name}")
    if data["venue"] is None or data["stated_by"] not in SURE:
        known = data["stated_by"] or "nothing"
        asked = [] if known != Stated.PERSON else [data["venue"], data["market"]]
        whose = " ".join(w for w in asked if w not in (UNKNOWN_VENUE, Market.OTHER))
        text = f"bars taken for {f'{whose} {name}'.strip()}; {known} says what they are"
        return TrustNote(Grade.NOTE, "Unnamed data", text)
    sides = "".join(f"; {what} from {_from(side)}" for what, side in sorted(data["sides"].items()))
    text = f"{data['venue']} {data['market']} {name}, {data['origin']}{sides}"
    if data["stated_by"] != Stated.METADATA:
        text += f"; {data['stated_by']} says so"
    foreign = [what for what in sorted(data["sides"]) if not _is_of_the_bars(data, what)]
    if foreign:
        text += f"; nothing says that {' and '.join(foreign)} are of the same market"
    if data["origin"] == DataOrigin.IMPORTED:
        text += "; what it is was said when it was imported"
    weak = [why for what in sorted(data["sides"]) if (why := _weakness(data, what)) is not None]
    text += "".join(f"; {why}" for why in weak)
    is_sure = data["stated_by"] == Stated.METADATA and data["origin"] == DataOrigin.DOWNLOADED
    earned = is_sure and not foreign and not weak and not data["synthetic"]
    return TrustNote(Grade.GOOD if earned else Grade.NOTE, "Data", text)


def _from(side: Json) -> str:
    """Return where a side series came from: its file, after what the file is if more than a name says so."""
    if side["stated_by"] not in SURE:
        return str(side["file"])
    return f"{side['venue']}:{side['market']}:{side['symbol']} ({side['file']})"


def _is_of_the_bars(data: Json, what: str) -> bool:
    """Return whether a side series says that it is of the market of the bars, or was made from them."""
    side = data["sides"].get(what)
    if side is None:
        return True
    is_named = side["stated_by"] in SURE and side["venue"] != UNKNOWN_VENUE
    return is_named and all(side[word] == data[word] for word in ("venue", "market", "symbol"))


def _weakness(data: Json, what: str) -> str | None:
    """Return what else than a download says what a side series is; None for one of the download or of nobody."""
    side = data["sides"][what]
    which = "funding rates" if what == "funding" else what
    if side["origin"] == DataOrigin.IMPORTED:
        return f"what the {which} are was said when they were imported"
    if side["stated_by"] == Stated.PLACE:
        return f"{Stated.PLACE} alone says what the {which} are"
    if side["origin"] == DataOrigin.FILE and side["stated_by"] == Stated.METADATA:
        return f"nothing says how the {which} came here"
    return None


def _models(made: Json) -> list[TrustNote]:
    execution = made["settings"]["execution"]
    fill, path = execution["fill_model"], execution["intrabar"]
    bias = bias_of(FillModel(fill))
    path_level, path_text = _path(Intrabar(path))
    notes = [
        TrustNote(Grade.CAUTION if bias.flatters else Grade.NOTE, f"Fill model {fill}", bias.text),
        TrustNote(path_level, f"Path inside a bar: {path}", path_text),
    ]
    fallback = made["counts"]["magnify_fallback_bars"]
    if path == Intrabar.MAGNIFY and (fallback or made["data"]["fine_hash"] is None):
        notes[1] = TrustNote(
            Grade.NOTE, notes[1].title, "finer bars were walked where there were any"
        )
    elif path == Intrabar.MAGNIFY and not _is_of_the_bars(made["data"], "finer bars"):
        text = "bars are walked through finer ones that do not say they are of the same market"
        notes[1] = TrustNote(Grade.NOTE, notes[1].title, text)
    if fallback:
        notes.append(
            TrustNote(
                Grade.NOTE,
                "Finer bars missing",
                f"{plural(fallback, 'bar')} had no finer bars and followed `direction`",
            )
        )
    return notes


def _costs(made: Json) -> list[TrustNote]:
    """Return what is said of fees and slippage that no venue would let a card trade at."""
    account, impact = made["settings"]["account"], made["settings"]["execution"]["impact_model"]
    taker, maker, slippage = (account[f"{n}_bps"] for n in ("taker", "maker", "slippage"))
    is_free = taker == maker == slippage == 0.0 and impact == ImpactModel.NONE
    notes = []
    if is_free:
        text = "no fees, no slippage, no impact: what trading costs is not part of this result"
        notes.append(TrustNote(Grade.CAUTION, "No costs", text))
    elif taker < 0.0:
        text = f"every market execution is paid {-taker:g} bp of its value: the result holds what no venue gives"
        notes.append(TrustNote(Grade.CAUTION, "Negative taker fee", text))
    elif taker == 0.0 >= maker:
        text = "market executions pay no fee: what trading costs is not part of this result"
        notes.append(TrustNote(Grade.CAUTION, "No taker fee", text))
    if maker < 0.0:
        text = f"every limit that rested is paid {-maker:g} bp of its value: few accounts are"
        notes.append(TrustNote(Grade.NOTE, "Maker rebate", text))
    return notes


def _path(path: Intrabar) -> tuple[Grade, str]:
    match path:
        case Intrabar.DIRECTION:
            return Grade.NOTE, (
                "green bars open-low-high-close, red bars open-high-low-close; right on 87–89 % of "
                "bars measured against finer ones of other markets, on 65–82 % of those that hit "
                "both sides"
            )
        case Intrabar.NEAREST:
            return Grade.NOTE, (
                "the nearer extreme first; right on 79–82 % of bars measured against finer ones of "
                "other markets, on 56–64 % of those that hit both sides"
            )
        case Intrabar.ADVERSE:
            return (
                Grade.NOTE,
                "of the two paths of each bar the worse one, chosen bar by bar: strict, not a bound of the run",
            )
        case Intrabar.FAVOURABLE:
            return (
                Grade.CAUTION,
                "of the two paths of each bar the better one, chosen bar by bar: not a bound of the run",
            )
        case Intrabar.MAGNIFY:
            return Grade.GOOD, "bars are walked through finer recorded bars"
        case _:
            assert_never(path)


def _ambiguity(made: Json) -> TrustNote:
    ambiguity, net = made["ambiguity"], made["metrics"]["net_profit_usdt"]
    if not made["counts"]["fills"]:
        return TrustNote(Grade.NOTE, "Nothing filled", _unfilled(made))
    if not ambiguity["decisions"]:
        return TrustNote(
            Grade.GOOD,
            "No ambiguous bar",
            "no fill hangs on the order of prices inside a bar, or of orders that one jump passed",
        )
    what = f"{plural(ambiguity['decisions'], 'decision')} on {plural(ambiguity['bars'], 'bar')}"
    flipped = ambiguity["net_profit_if_flipped_usdt"]
    title = f"Ambiguous bars: {ambiguity['bars']}"
    alone = ambiguity.get("funding_only", 0)
    told = f", on {alone} of them only what a funding inside the bar was paid on" if alone else ""
    if flipped is None:
        return TrustNote(
            Grade.NOTE, title, f"{what} hung on the path{told}; the flip was not computed"
        )
    change = flipped - net
    text = f"{what} hung on the path{told}; with all of them flipped the net profit is {signed(flipped)} "
    text += f"instead of {signed(net)} USDT ({signed(change)})"
    is_large = abs(change) > LARGE_SHARE * abs(net) or (flipped > 0) != (net > 0)
    return TrustNote(Grade.CAUTION if is_large else Grade.NOTE, title, text)


def _unfilled(made: Json) -> str:
    """Return how far the orders of a run without a fill came."""
    counts = made["counts"]
    if counts["orders"]:
        return "no order found a price"
    if counts["refusals"]:
        return "no order was placed: what was asked for was refused"
    quiet = [row["block"] for row in made["cases"] if not row["fired"]]
    block = quiet[0] if quiet else "BLOCK"
    return f"no order was ever asked for; `ideacard explain CARD --data … --why-not {block}` says what kept a block quiet"


def _jumped(made: Json) -> list[TrustNote]:
    """Return what is said of limits that an open jumped over; a result of before tells none."""
    count = made["ambiguity"].get("limits_jumped", 0)
    if not count:
        return []
    if RestingGap(made["settings"]["execution"]["resting_gap"]).improves:
        text = "at the open, which is better (`execution.resting_gap: open`): so it is where trading pauses"
    else:
        text = "at the limit; where trading pauses they would at the open: `execution.resting_gap: open`"
    return [TrustNote(Grade.NOTE, "Limits jumped over", f"{plural(count, 'fill')} {text}")]


# What a remark is called in the panel.
_REMARKED = {
    Remark.SIZE_CUT: "Sizes cut",
    Remark.SIZE_ROUNDED: "Sizes rounded down",
    Remark.FILLED_BEFORE_CHANGE: "Filled before its change",
    Remark.FILLED_BEFORE_CANCEL: "Filled before its cancel",
    Remark.STOP_WITHOUT_MARGIN: "Stops without margin",
    Remark.TURN_WITHOUT_MARGIN: "Turns without margin",
    Remark.NETTED: "Entries that netted",
    Remark.LEVEL_OF_SOME_LAYERS: "Levels of some layers",
    Remark.STOP_CHOSEN_BY_METHOD: "Stops chosen by method",
    Remark.MARGIN_BEYOND_BALANCE: "Margin beyond the balance",
    Remark.BALANCE_BELOW_ZERO: "Balance below zero",
}
# A real account could not have gone on like this.
_IMPOSSIBLE = frozenset({Remark.MARGIN_BEYOND_BALANCE, Remark.BALANCE_BELOW_ZERO})


def _remarked(made: Json) -> list[TrustNote]:
    """Return what the run did to wishes of the card without refusing them, each kind with its count."""
    notes = []
    asked = made["counts"]["entries_placed"] + made["counts"]["entries_refused"]
    for row in made["remarks"]:
        kind, count = Remark(row["kind"]), row["count"]
        first = row["first"][0]
        lost = row["largest_lost_pct"]
        most = "" if lost is None else f", at most {lost:.3g} % of it"
        text = f"{plural(count, 'time')}: {row['meaning']}{most}; "
        text += f"first {first['time']}: {first['text']}"
        is_grave = kind in _IMPOSSIBLE or count >= MANY_REFUSED * asked
        notes.append(TrustNote(Grade.CAUTION if is_grave else Grade.NOTE, _REMARKED[kind], text))
    return notes


def _sample(made: Json) -> list[TrustNote]:
    figures, counts = made["metrics"], made["counts"]
    notes = []
    trades = figures["total_trades"]
    if trades < FEW_TRADES:
        notes.append(
            TrustNote(
                Grade.CAUTION,
                "Small sample",
                f"{plural(trades, 'closed trade')}: too few to tell skill from luck",
            )
        )
    if counts["liquidations"]:
        times = plural(counts["liquidations"], "time")
        notes.append(TrustNote(Grade.CAUTION, "Liquidated", f"the position was liquidated {times}"))
    if counts["closed_at_end"]:
        notes.append(
            TrustNote(
                Grade.NOTE,
                "Closed at the end",
                "the last position was closed only because the data ended; it is no closed trade",
            )
        )
    elif figures["open_trades"]:
        notes.append(
            TrustNote(Grade.NOTE, "Open at the end", "an open position is valued at the last close")
        )
    return notes


def _warnings(made: Json) -> list[TrustNote]:
    notes = [
        TrustNote(Grade.CAUTION, "Never known", text)
        if text.endswith(ALL_UNKNOWN)
        else TrustNote(Grade.NOTE, "From the run", text)
        for text in made["warnings"]
        if not text.startswith(_SAID_ABOVE) and not text.endswith(_FALLBACK)
    ]
    return [*notes, _instrument(made)]


def _instrument(made: Json) -> TrustNote:
    facts, data = made["instrument"], made["data"]
    if facts["is_typed_in"]:
        rate = made["settings"]["account"]["maintenance_margin_rate"]
        text = (
            f"tick {facts['tick']:g} and lot {facts['lot']:g} of {facts['symbol']} were given by hand "
            f"({facts['source']})"
        )
        theirs = (facts["venue"] or data["venue"], facts["market"] or data["market"])
        if theirs != (data["venue"], data["market"]):
            names = f"{theirs[0]} {theirs[1]}, the bars of {data['venue']} {data['market']}"
            text += f"; they are of {names}"
        if not facts["tiers"]:
            text += f"; without risk tiers `account.maintenance_margin_rate` {rate:g} liquidates"
        return TrustNote(Grade.NOTE, "Instrument", text)
    text = (
        f"tick, lot, limits and risk tiers of {facts['symbol']} as of {facts['as_of']} "
        f"({facts['source']})"
    )
    if facts["guessed"]:
        return TrustNote(Grade.NOTE, "Instrument", f"{text}; {facts['guessed']}")
    is_named = data["stated_by"] in SURE
    is_asked = data["stated_by"] == Stated.PERSON
    if (data["venue"], data["market"]) == (facts["venue"], facts["market"]):
        if is_named:
            return TrustNote(Grade.GOOD, "Instrument", text)
        if is_asked:
            text += (
                f"; that the bars are of {facts['venue']} {facts['market']}, {Stated.PERSON} says"
            )
            return TrustNote(Grade.NOTE, "Instrument", text)
    if data["synthetic"]:
        return TrustNote(Grade.NOTE, "Instrument", f"{text}; the market is made up")
    whose = "a market that nothing names"
    if is_named or is_asked:
        whose = f"{data['venue']} {data['market']}"
    return TrustNote(
        Grade.NOTE,
        "Instrument of another market",
        f"bars of {whose} were traded with the facts of {facts['venue'] or 'an unknown venue'} "
        f"{facts['market']}: {text}; fees, lots and leverage may differ there",
    )
