"""What the run itself tells: promises that were broken, and what the simulated market did for the card.

The law: from `result.json` alone, as all of `trust`.
"""

from __future__ import annotations

from runtime.formulas.sums import whole
from runtime.records.remarks import Remark
from runtime.reports.run_files import Json
from runtime.reports.trust_note import LARGE_SHARE, Grade, TrustNote, plural, signed


def promised(made: Json) -> list[TrustNote]:
    """Return what became of the card's promises: a tick only where every one was kept at every close."""
    promises = made["promises"]
    broken = [row for row in promises if row["times"]]
    notes = [TrustNote(Grade.CAUTION, "Broken promise", _broken(row)) for row in broken]
    kept = [row for row in promises if not row["times"]]
    if not kept:
        return notes
    names = ", ".join(f"`{row['text']}`" for row in kept)
    text = f"{names}: kept at every close"
    refused = whole({row["promise"]: row["entries_refused"] for row in kept}.values())
    if refused:
        text += f"; {plural(refused, 'intent')} refused for that"
    unknown = max(row["unknown_closes"] for row in kept)
    if unknown:
        text += f"; at up to {plural(unknown, 'close')} it cannot be told"
    earned = not broken and not unknown and made["counts"]["fills"]
    return [*notes, TrustNote(Grade.GOOD if earned else Grade.NOTE, "Promises kept", text)]


def _broken(row: Json) -> str:
    """Return which promise was broken, how often, and how it began."""
    first = row["first"][0]
    where = f" (line {row['line']})" if row["line"] else ""
    return (
        f"`{row['text']}`{where} {plural(row['times'], 'time')}, at {plural(row['closes'], 'close')}; "
        f"first {first['time']}: {first['text']}"
    )


def matching(made: Json) -> list[TrustNote]:
    """Return what the simulated market did that its bars alone cannot vouch for."""
    counts, notes = made["matching"], []
    if counts["bars_without_volume"] and counts["bars_without_volume"] == made["data"]["bars"]:
        notes.append(
            TrustNote(
                Grade.CAUTION,
                "No volume",
                "no bar says that anything traded: nothing can fill; bars whose volume is not known "
                "want a `fill_model` that does not ask for it",
            )
        )
    if counts["market_above_volume"]:
        orders = plural(counts["market_above_volume"], "market execution")
        times = f"{counts['most_of_a_bars_volume']:,.1f}"
        text = f"{orders} took more than their whole bar traded, at one price; the largest {times} times"
        notes.append(TrustNote(Grade.CAUTION, "Above the bar's volume", text))
    gain, net = counts["remainder_improvement_usdt"], made["metrics"]["net_profit_usdt"]
    if gain:
        text = (
            f"limits that the fill model left unfilled were served at a later, better open: "
            f"{signed(gain)} USDT that a standing order would not have had"
        )
        is_large = abs(gain) > LARGE_SHARE * abs(net)
        level = Grade.CAUTION if is_large else Grade.NOTE
        notes.append(TrustNote(level, "Left behind and better", text))
    if counts["bounded_by_bankruptcy"]:
        exits = plural(counts["bounded_by_bankruptcy"], "exit")
        text = (
            f"{exits} beyond the bankruptcy price of the position paid that price: the venue's fund bore "
            f"the other {counts['borne_by_the_fund_usdt']:,.2f} USDT"
        )
        notes.append(TrustNote(Grade.CAUTION, "Bounded by bankruptcy", text))
    if counts["denied_by_model"]:
        times = plural(counts["denied_by_model"], "time")
        text = f"{times} a bar opened beyond a limit and the fill model left lots of it unfilled"
        notes.append(TrustNote(Grade.NOTE, "Denied by the fill model", text))
    told = [row["count"] for row in made["remarks"] if row["kind"] == Remark.FILLED_BEFORE_CANCEL]
    if counts["fill_before_cancel"] > whole(told):  # of orders that the cancel ended all the same
        fills = plural(counts["fill_before_cancel"], "fill")
        text = f"{fills} on a jump of orders whose cancel was on its way"
        notes.append(TrustNote(Grade.NOTE, "Filled before the cancel", text))
    return notes
