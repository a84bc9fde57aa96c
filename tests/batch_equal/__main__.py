"""python -m tests.batch_equal FIRST COUNT [BARS] [python]: run made-up cards by both engines.

Prints every seed whose records differ, with the first difference, and why runs were given up.
"""

from __future__ import annotations

import sys
from collections import Counter

from runtime.batch.machine_code import InPython, in_machine_code
from tests.batch_equal.runs import compare


def main() -> int:
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    first, count, bars = (*numbers, 300)[:3]
    kernels = InPython() if "python" in sys.argv else in_machine_code()
    given_up: Counter[str] = Counter()
    same = fills = different = 0
    for seed in range(first, first + count):
        outcome = compare(seed, bars, kernels)
        if outcome.given_up:
            given_up[outcome.given_up] += 1
        elif outcome.difference:
            different += 1
            print(f"seed {seed}: {outcome.difference}")
        else:
            same += 1
            fills += outcome.fills
    print(f"{same} the same ({fills} fills), {different} different")
    for why, times in given_up.most_common():
        print(f"{times:6} given up: {why}")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
