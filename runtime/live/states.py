"""The states of a session, what leads from one to another, and every halt there is with what to do about it.

The law: these tables are what the screen says, what the drawing in the README shows and what the page for
users tells; tests hold all three, and the running session, to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from runtime.live.guard import Guard

_JOINING = ("start", "private")


class SessionState(StrEnum):
    """What a session may do. Stops, targets, exits and cancels go on in every one of them."""

    JOINING = "joining"  # ledger and venue were not compared yet: no entries
    RUNNING = "running"  # entries may leave
    HOLDING = "holding"  # something stands against entries; it ends by itself or by `resume`
    HALTED = "halted"  # entries are cancelled; only a person ends it
    ENDED = "ended"  # the process is over; what protects stands at the venue


@dataclass(frozen=True, slots=True)
class Transition:
    """One way from a state to another, and what takes it there."""

    source: SessionState
    target: SessionState
    by: str


_J, _R, _H = SessionState.JOINING, SessionState.RUNNING, SessionState.HOLDING
_X, _E = SessionState.HALTED, SessionState.ENDED
TRANSITIONS = (
    Transition(_J, _R, "ledger and venue agree"),
    Transition(_J, _H, "they agree, something else stands against entries"),
    Transition(_R, _J, "the private stream is down"),
    Transition(_R, _H, "a pause, a warning, no bars, a closed market"),
    Transition(_H, _R, "nothing stands against entries any more"),
    Transition(_H, _J, "the private stream is down"),
    Transition(_J, _X, "a halt"),
    Transition(_R, _X, "a halt"),
    Transition(_H, _X, "a halt"),
    Transition(_X, _R, "resume"),
    Transition(_X, _H, "resume, something still stands against entries"),
    Transition(_X, _J, "resume, not compared yet"),
    Transition(_J, _E, "stop"),
    Transition(_R, _E, "stop"),
    Transition(_H, _E, "stop"),
    Transition(_X, _E, "stop"),
    Transition(_E, _J, "started again on the same journal"),
)


def state_of(guard: Guard, now: int) -> tuple[SessionState, str]:
    """Return the state of a living session at `now` (ms UTC), and why it does not run, "" if it does."""
    if guard.halted:
        return SessionState.HALTED, guard.halted
    for name in _JOINING:
        if name in guard.blocked:
            return SessionState.JOINING, guard.blocked[name]
    why = guard.why_no_entries(now)
    return (SessionState.HOLDING, why) if why else (SessionState.RUNNING, "")


def drawing() -> str:
    """Return the states as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {_J.value}"]
    lines += [f"    {one.source.value} --> {one.target.value}: {one.by}" for one in TRANSITIONS]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Halt:
    """One kind of halt. `begins`: how its text begins; `means` and `do` are for people."""

    begins: str
    means: str
    do: str


HALTS = (
    Halt(
        "max_daily_loss_usdt", "the day has lost more than its limit",
        "stops stand. Look at the day; `resume` tries again under the same limit, so it halts again at "
        "the next close until midnight UTC; a looser limit needs a restart with another value",
    ),
    Halt(
        "max_drawdown_pct", "the equity has fallen further below its peak than its limit",
        "as above; the peak is remembered in the journal, so a restart on the same folder keeps it",
    ),
    Halt(
        "max_notional_usdt", "more is held, or at stake, than its limit: it was tightened below that, or an order that "
        "was given up filled after all",
        "stops stand. Close what is too much (`reduce`, `flatten`), look at how it came, then `resume`",
    ),
    Halt(
        "max_cost_per_day_usdt", "fees of the day are above their limit, or were paid in another coin: then nobody can say",
        "look at how often the card trades; the count begins anew at midnight UTC. As for fees in another coin see "
        "`fee_in_coin`",
    ),
    Halt(
        "fee_in_coin", "the venue took a fee in a coin that is not USDT (a discount that is paid in its own coin). It is "
        "counted in that coin (`status`) and in no amount in USDT: profit, losses of the day and drawdown are without it",
        "switch the payment of fees in that coin off at the venue, or bear it: `resume`; the same coin halts once. A limit "
        "`max_cost_per_day_usdt` cannot be held to it and halts again on every such day",
    ),
    Halt(
        "funding_in_coin", "funding was paid in a coin that is not USDT, or of an amount that nobody says; none was booked",
        "look at the venue's list of transactions: equity here is off by it. Then `resume`",
    ),
    Halt(
        "a position could not be protected",
        "a stop was refused three times, or stayed out three times too long: the position is being closed "
        "at market",
        "see that it is flat (`status`, the venue's page). Look at the refusals, then `resume`",
    ),
    Halt(
        "a stop could not be moved",
        "the card wants a stop elsewhere and the venue refused that three times, or did nothing for 15 seconds; "
        "it stands where it stood, and past the price where it should stand the position is closed at market",
        "look at stop and position (`status`); close (`flatten`) or live with it, then `resume`: it halts again "
        "as long as the stop stands elsewhere",
    ),
    Halt(
        "a stop could not be made smaller",
        "a stop covers more than it is for; making it smaller failed three times (refused, lost or no room) and the venue took no "
        "other in its place for 15 seconds: it would close lots that another stop is for",
        "make it smaller by hand on the venue's page, or close (`flatten`), then `resume`",
    ),
    Halt(
        "an exit could not be carried out",
        "an exit of the card, or a `reduce`, failed three times in a row (refused, lost, no room, nobody in the book); it is asked again",
        "look at the refusals (`explain`, the venue's page), close by hand or `flatten`, then `resume`",
    ),
    Halt(
        "promise", "a promise of the card (`invariants`) was broken by a fill, by time or by the market; the card's line is "
        "in the notice (`status`)",
        "nothing is closed for it. Look at position and orders (`status`), set right what it says or `flatten`, then "
        "`resume`: it halts again at the next close as long as the promise is broken",
    ),
    Halt(
        "position_differs", "the venue holds another position than the ledger, and nothing explains it",
        "look at the venue's order history. `flatten` closes what the venue holds (again, where trades are told "
        "after it), then `resume`; or `stop` and start with `--on-mismatch adopt`: the difference is taken in as a layer of others. "
        "Do not close it at the venue: that trade is booked like any, the ledger goes down with the venue, and "
        "the stops with it",
    ),
    Halt(
        "flatten", "a position nobody could explain is being closed, as configured",
        "see that it is flat, find out where it came from, then `resume`",
    ),
    Halt(
        "panic", "somebody's `panic` closes everything here; the venue shows its order",
        "find out who and why, see that it is flat, then `resume`; where the panic ran on this machine, "
        "`ideacard panic SYMBOL --venue V --lift` first",
    ),
    Halt(
        "foreign_run", "another session of this program trades the same symbol of the account, on this machine or "
        "another, or has left orders there",
        "end one of them; when its orders are gone, `resume`",
    ),
    Halt(
        "lost_order", "an order with this session's own name is at the venue and not in its journal: it left while that "
        "took nothing (a full disk) and the process ended, or the journal is older than the account",
        "a stop, target or exit that the position should have was adopted (`status`); a stop that may be that of a layer "
        "whose entry the journal lacks stays at the venue as it is, as an order of others, and is yours: cancel it when what "
        "it covers is closed. Look at the venue's order history, then `resume`. After a copy or a backup: cancel the order at "
        "the venue, start with the right folder",
    ),
    Halt(
        "keys", "the venue refuses the key",
        "renew or free the key (permissions, address, expiry), set it, stop and start again; until then "
        "only what stands at the venue protects",
    ),
    Halt(
        "hedge_mode", "the account is in hedge mode",
        "close both sides, `--prepare` or the venue's page sets one-way mode, `resume`",
    ),
    Halt(
        "taken_over", "the venue is liquidating or deleveraging the position",
        "it is the venue's by then. Look at what is left, lower the leverage, `resume` when flat",
    ),
    Halt(
        "settled", "the venue has settled or moved the contract",
        "look at the announcement; the contract may be gone. Flat, start anew on another symbol",
    ),
    Halt(
        "the grid of", "tick or lot of the contract are others now",
        "`flatten` (it closes everything, whatever the lot; a part cannot be closed any more), stop, and start in "
        "another folder: the old journal counts in the old lots; after `resume` it halts again",
    ),
    Halt(
        "journal", "the journal takes nothing: disk full, locked or broken",
        "make room. What protects goes on; nothing opens. `resume` when it can be written",
    ),
    Halt("by ", "a person said halt, or a panic closed everything", "`resume`; after a panic `ideacard "
         "panic SYMBOL --venue V --lift` first"),
)  # fmt: skip


def halt_of(text: str) -> Halt | None:
    """Return the entry of a halt by its text, None for one that is not in the table."""
    return next((halt for halt in HALTS if text.startswith(halt.begins)), None)


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that stands against entries for a while. `until`: what ends it."""

    name: str
    means: str
    until: str


HOLDS = (
    Hold("start", "ledger and venue were not compared yet", "they agree"),
    Hold("private", "the private stream is down: fills are not heard", "it is up and both agree"),
    Hold("public", "no bars come", "the stream is up"),
    Hold("paused", "a person said pause or flatten", "`resume`"),
    Hold("ending", "the session is being stopped: its entries are cancelled", "the next start"),
    Hold("closing", "a person said resume, and what `flatten` or a halt was to close is not closed yet: it is asked for "
         "until it is", "nothing is held"),
    Hold("market", "the venue lets nothing open: delisting, maintenance, a refusal of that kind",
         "the venue says otherwise; a refusal counts for a minute"),
    Hold("clock", "this machine's clock is off, or the session's was set wrong by it; requests are signed by the venue's "
         "meanwhile", "a minute after it was last found so; set the clock"),
    Hold("came_back", "an order that was given up works, or has filled, after all; what works of it is being "
         "cancelled", "a minute"),
    Hold("close_in_doubt", "a close of all that is held was not found at the venue and is asked for anew; if it is only "
         "late it would close what is opened next", "a minute, `resume` or not"),
    Hold("executions_missing", "an order has filled and its executions do not come: it was booked by its own "
         "row", "a minute"),
    Hold("position_differs", "the venue's position differs and may still be explained",
         "both agree, or it halts"),
    Hold("position_unread", "the venue answered, and nobody can read what it says of the position",
         "a minute after it was read again"),
    Hold("cancel_refused", "the venue refuses, twice in a row or more, to cancel an order that is to go, or the cancel is lost, "
         "or finds no room (a rate limit), as often (a stop of a position that is gone would close the next); it is asked again after 1, 2, 5, 10, then every 30 s",
         "a minute after it last refused; cancel it on the venue's page"),
    Hold("facts_unread", "the venue's facts of the contract (largest and smallest order, steps, tiers) cannot be read or "
         "cannot be true; the old ones hold", "a minute after they were read again"),
    Hold("no_bars", "a bar is overdue and cannot be had: nobody sees the market. An entry that rests is cancelled once its `ttl_bars` are over by the clock",
         "a minute after bars come again"),
    Hold("not_compared", "position, orders or executions were not told for three looks, or never fitted: "
         "ledger and venue did not agree for so long", "they agree"),
    Hold("banned", "the venue takes nothing from this address", "ten minutes"),
    Hold("leverage", "somebody has changed the leverage: sizes, margin and the price of liquidation are others than "
         "the card's; a higher one may liquidate before the stop",
         "a minute after it is what it was; set it back, or give the card the new one and start again"),
    Hold("margin_mode", "somebody has changed the account's margin mode: it is not isolated any more, so liquidation comes "
         "elsewhere than the card's numbers say and takes what else is on the account",
         "a minute after it is isolated again; set it back on the venue's page"),
    Hold("margin_unread", "the account has not said its margin mode for three looks: whether it is isolated is unknown",
         "a minute after it last did not say so"),
    Hold("reduce_only_now", "the venue lets the position only shrink", "a minute after it last said so"),
)  # fmt: skip


def halts_table() -> str:
    """Return the halts as a Markdown table for users."""
    rows = [f"| `{halt.begins.strip()}` | {halt.means} | {halt.do} |" for halt in HALTS]
    return "\n".join(["| it says | it means | what to do |", "|---|---|---|", *rows]) + "\n"


def holds_table() -> str:
    """Return what holds entries back as a Markdown table for users."""
    rows = [f"| `{hold.name}` | {hold.means} | {hold.until} |" for hold in HOLDS]
    return "\n".join(["| it says | it means | until |", "|---|---|---|", *rows]) + "\n"
