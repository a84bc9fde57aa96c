"""How an order lives, in words."""

from __future__ import annotations

from compiler.catalog.orders import OnFlat, OnLiveRef, OnPartial, OptionName, TimeInForce

ON, OFF = "true", "false"  # a switch, as a read-back spells it; not given it is off

# What an option says in words, by its value.
LIVES: dict[OptionName, dict[str, str]] = {
    OptionName.TTL_TYPE: {
        TimeInForce.GTC: "it waits until it is cancelled or expires",
        TimeInForce.GTD: "it waits until its time is over",
        TimeInForce.IOC: "what is not filled at once is cancelled",
        TimeInForce.FOK: "it is filled at once and whole, or not at all",
    },
    OptionName.POST_ONLY: {
        OFF: "it may trade at once",
        ON: "it is cancelled where it would trade at once",
    },
    OptionName.ON_PARTIAL: {
        OnPartial.CONTINUE: "what a partial fill leaves goes on waiting",
        OnPartial.CANCEL: "what a partial fill leaves is cancelled",
    },
    OptionName.ON_FLAT: {
        OnFlat.KEEP: "it goes on waiting when the position closes",
        OnFlat.CANCEL: "it is cancelled when the position closes",
    },
    OptionName.ON_LIVE_REF: {
        OnLiveRef.REFUSE: "a second order under its ref is refused",
        OnLiveRef.REPLACE: "a second order under its ref replaces it",
    },
    OptionName.OCO: {
        OFF: "a fill cancels no other order",
        ON: "a fill cancels the others of its group",
    },
}
# What is asked of an order that waits; one that is over at once has none of it.
WAITING = (OptionName.ON_PARTIAL, OptionName.ON_FLAT)


def rearm_in_words(times: str) -> str:
    """Say what `rearm` does, `times` as a read-back spells its value."""
    if times == OFF:
        return "it is placed once"
    most = "" if times == ON else f", {times} times at most"
    return f"it is placed again at its first price when its exit has filled whole{most}"


def counted(number: object, word: str) -> str:
    """Return a number with what it counts."""
    return f"{number} {word}" if str(number) == "1" else f"{number} {word}s"
