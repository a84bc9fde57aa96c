"""Faults of market data: bars, marks or rates of one thing that are taken for those of another."""

from __future__ import annotations

from tools.fault import Fault

_CLAIMS = "tests/runtime/market/imports/test_claims.py"

DATA_FAULTS: tuple[Fault, ...] = (
    Fault(
        "leap-at-the-seam", "bars of another instrument are never joined to a series",
        "runtime/market/imports/seams.py", "    if not leaps:\n        return", "    if True:\n        return",
        (_CLAIMS,),
    ),
    Fault(
        "basis-at-the-seam", "bars of another market do not go on where every bar opens at the last close",
        "runtime/market/imports/seams.py", "if fault is not None:", "if False:", (_CLAIMS,),
    ),
    Fault(
        "name-unheard", "a file named by another symbol is asked about",
        "runtime/market/imports/claims.py", "    if hinted is not None:\n        yield hinted, \"its name\"\n",
        "", (_CLAIMS,),
    ),
    Fault(
        "thousand-of-a-coin", "a multiple of a coin is another symbol",
        "runtime/market/whose.py", "return word == name or any(word + quote == name for quote in _QUOTES)",
        "return word.endswith(name) or any(word + quote == name for quote in _QUOTES)", (_CLAIMS,),
    ),
    Fault(
        "made-up-by-import-real", "what is made up stays made up wherever it is imported",
        "runtime/market/imports/claims.py", "origin=DataOrigin.MADE_UP if made_up else DataOrigin.IMPORTED",
        "origin=DataOrigin.IMPORTED", (_CLAIMS,),
    ),
    Fault(
        "marks-for-trades", "an import never turns marks into trades",
        "runtime/market/imports/claims.py", "if (part.kind is FileKind.MARK) != (held.price is PriceKind.MARK):",
        "if False:", (_CLAIMS,),
    ),
    Fault(
        "month-for-a-minute", "1M is a month", "compiler/catalog/timeframes.py",
        "if text.strip() == MONTH:", "if False:", (_CLAIMS,),
    ),
    Fault(
        "finer-of-another", "finer bars make the coarser ones, or are refused",
        "runtime/market/alike.py", '    raise DataError(f"{what}. {_why_off(fine, bars, slack)}")',
        "    return (what,)", (_CLAIMS,),
    ),
)  # fmt: skip
