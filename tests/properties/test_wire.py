"""One card, one market: an engine above a wire asks for what the simulator does, whatever the wire does.

What may differ, and why:

* the ids of protective orders: one that was refused is asked for anew, under the next id;
* how often an order is amended on the way: one amend flies at a time, what happens meanwhile is worked out
  anew when it is over, so the wire sees the last total where the simulator told each;
* an exit whose shrinking was refused keeps its lots until the venue shrinks it (reduce-only): it is not asked
  again as it was;
* what an entry is to carry of another whose cancel has no answer: the simulator knows that it is gone;
* requests: the simulator makes none for what an event demands.

What may not: the commands of a close, money, position, layers, protection and what works, with the answers
in. Answers about one order come in their order (the synchronizer of a venue sees to that), those about
several in any, but none before what led to it; that an order of the card has arrived is told at once, since
`on_flat` reaches what was known to work. Before a close is decided the answers of its bar are in, but for
the cancels that close itself demands. `attached` is `same_bar`: how long a simulated venue lets protection wait is
no demand.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.wire_twin import CALM, STORM, Twin, Weather
from tests.strategies.actions import bars
from tests.strategies.demands import demanding_cards, volumes
from tests.strategies.runs import Row

WEATHERS = {
    "calm": CALM,
    "late at the close": Weather(is_late_at_close=True),
    "late": Weather(late=0.7),
    "told twice": Weather(late=0.3, again=0.7),
    "failing": Weather(fails=0.6),
    "storm": STORM,
}


@pytest.mark.parametrize("weather", WEATHERS)
@settings(max_examples=max(12, settings.default.max_examples // 3))
@given(text=demanding_cards(), rows=bars(), traded=volumes(), seed=st.integers(0, 1_000))
def test_above_any_wire_the_same_is_asked_and_comes_about(
    weather: str, text: str, rows: list[Row], traded: list[float], seed: int
) -> None:
    Twin(text, rows, WEATHERS[weather], seed=seed, volumes=traded).play()
