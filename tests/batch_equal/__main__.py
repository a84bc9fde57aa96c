"""python -m tests.batch_equal FIRST COUNT [BARS] [full] [python] [each N] [with WORD]: run made-up cards by both engines.

Prints every seed whose records differ, with the first difference, and why runs were given up. `with WORD`:
of the COUNT seeds those alone whose card has the word. `full`: every card draws from all words.
`each N`: every card runs N times, each time on another market, by another fill model and another path.
Where it is interrupted it says what it has come to.
"""

from __future__ import annotations

import sys
from collections import Counter

from runtime.batch.machine_code import InPython, in_machine_code
from tests.batch_equal.runs import card_of, compare, crossed


def main() -> int:
    said = sys.argv[1:]
    word = said.pop() if "with" in said[:-1] else ""
    if word:
        said.pop()
    times = int(said.pop()) if "each" in said[:-1] else 1
    first, count, bars = (*(int(one) for one in said if one.isdigit()), 300)[:3]
    kernels = InPython() if "python" in said else in_machine_code()
    given_up: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    same = fills = different = 0
    seed = first
    try:
        for seed in range(first, first + count):
            text = card_of(seed, is_full="full" in said)
            if word not in text:
                continue
            for market, card in crossed(text, seed, times):
                outcome = compare(market, bars, kernels, text=card)
                if outcome.given_up:
                    given_up[outcome.given_up] += 1
                elif outcome.difference:
                    different += 1
                    print(f"seed {seed}, market {market}: {outcome.difference}", flush=True)
                else:
                    same += 1
                    fills += outcome.fills
                    reasons.update(outcome.reasons)
    except KeyboardInterrupt:
        print(f"stopped at seed {seed}")
    print(f"{same} the same ({fills} fills), {different} different")
    print("fills by", ", ".join(f"{why} {times}" for why, times in reasons.most_common()))
    for why, times in given_up.most_common():
        print(f"{times:6} given up: {why}")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
