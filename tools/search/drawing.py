"""Mirrors drawn one after the other, each timed, until there are enough of them or somebody says stop.

The law: a mirror's number decides it, so what was drawn is the same however it was drawn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from runtime.market.data import MarketData
from tools.search.mirrors import Mirrors
from tools.search.timing import Timing

Progress = Callable[[str, int, int], None]
Stops = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where mirrors come from. `progress` hears (what, done, of how many)."""

    mirrors: Mirrors
    seed: int
    progress: Progress
    stops: Stops

    def each(
        self,
        what: str,
        count: int,
        time: Callable[[MarketData], Timing],
        block: int = 1,
        *,
        threads: int = 1,
    ) -> Iterator[Timing]:
        """Yield the timing on one mirror after the other; one coin for `block` bars.

        They come in the order of their numbers, however many `threads` draw them.
        """

        def one(number: int) -> Timing:
            return time(self.mirrors.mirror(number, self.seed, block))

        most = 2 * threads if threads > 1 else 1
        with ThreadPoolExecutor(threads) as pool:
            ahead: deque[Future[Timing]] = deque()
            try:
                for number in range(count):
                    for further in range(number + len(ahead), min(number + most, count)):
                        ahead.append(pool.submit(one, further))
                    if self.stops():
                        return
                    made = ahead.popleft().result()
                    self.progress(what, number + 1, count)
                    yield made
            finally:
                for left in ahead:
                    left.cancel()
