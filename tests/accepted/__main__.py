"""python -m tests.accepted SEED FIRST COUNT [MARKETS [BARS]] [python | plain]: run those of COUNT made-up inputs that are accepted.

Each on so many made-up markets of at most so many bars, by both engines where the account kernel can, else twice. Prints every one that ended in a
traceback, did not add up, was not the same twice, or not by both engines; then what all came to, and which refusals
and words none of them had. `plain`: by the readable engine alone; `python`: the kernel not as machine code.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import InPython, in_machine_code
from runtime.decide.refusals import REFUSALS
from tests.accepted.lived import Stretch
from tools.made_inputs.told import lacking, pieces


def main() -> int:
    said = sys.argv[1:]
    given = [int(one) for one in said if one.isdigit()]
    seed, first, count, markets, bars = [*given, *(1, 0, 1000, 1, 400)[len(given) :]]
    kernels: Kernels | None = InPython() if "python" in said else None
    if not {"python", "plain"} & set(said):
        kernels = in_machine_code()
    stretch, shown, words = Stretch(), 0, {piece.name for piece in pieces()}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):  # a run that is stopped tells what it came to
        for index in range(first, first + count):
            text = stretch.live(seed, index, kernels, markets=markets, most_bars=bars)
            for found in stretch.found[shown:]:
                print(found, flush=True)
            shown = len(stretch.found)
            if text and words:
                words &= set(lacking(text))
            if stretch.made % 500 == 0:
                accepted = sum(stretch.accepted.values())
                print(f"{stretch.made:,} inputs, {accepted:,} accepted, {shown} found", flush=True)
    _tell(stretch, words)
    return int(bool(stretch.found))


def _tell(stretch: Stretch, words: set[str]) -> None:
    kinds = ", ".join(f"{kind} {number:,}" for kind, number in stretch.accepted.most_common())
    print(f"{stretch.made:,} inputs, {sum(stretch.accepted.values()):,} accepted ({kinds})")
    print(f"{stretch.runs:,} runs, {stretch.by_kernel:,} of them by both engines", end=", ")
    print(f"{stretch.with_orders:,} with orders, {stretch.fills:,} fills")
    print("refused:", ", ".join(f"{code} {n:,}" for code, n in stretch.refused.most_common()))
    print("never refused for:", ", ".join(sorted(set(REFUSALS) - set(stretch.refused))))
    print("in no accepted card:", ", ".join(sorted(words)) or "nothing")
    for what, n in stretch.no_data.most_common():
        print(f"{n:6} without data: {what}")
    print(f"{len(stretch.found)} found")


if __name__ == "__main__":
    sys.exit(main())
