"""Did you mean: the word that an unknown one misspells, or the nearest that might be meant.

A misspelling has one reading and may be repaired; everything else is a guess and is called one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from compiler.findings.own_words import REAL_WORDS

# Shorter words differ from their neighbours by one letter anyway (`rsi`, `rma`, `roc`).
_SHORTEST = 4
# Another candidate this near might have been meant as well, by a second slip.
_RIVAL = 2
# Words with a meaning of their own elsewhere, one letter from one of ours: nobody misspelt them.
_LOGIC = ("nand", "nor", "xor", "xnor")
_MONEY = (
    "usdt", "usdc", "usdd", "usde", "usdp", "ustc", "tusd", "busd", "fdusd", "gusd", "lusd", "susd",
    "rlusd", "pyusd", "frax", "eurc", "eurt", "euro", "eurs", "weth", "steth", "beth", "wbtc", "tbtc", "cbbtc",
)  # fmt: skip
_INDICATORS = (
    "stochf", "evwma", "vwmacd", "tvwap", "avwap", "rvwap", "smma", "lsma", "swma", "pwma", "fwma",
    "ewma", "zlsma", "mama", "fama", "frama", "vidya", "jma", "rvi", "rmi", "dpo", "pvt", "pvi", "nvi",
    "eom", "kvo", "kst", "gmma", "stc", "qqe",
)  # fmt: skip
_STATES = ("closed", "filled", "cancelled", "known")
OF_THEIR_OWN = frozenset((*_LOGIC, *_MONEY, *_INDICATORS, *_STATES))


def distance(left: str, right: str, limit: int) -> int:
    """Return how many edits (insert, delete, replace, swap neighbours) turn left into right.

    Stops counting above `limit` and returns `limit + 1`.
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before_last: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before_last, last = last, row
    return last[-1]


def misspelt(word: str, candidates: Iterable[str]) -> str | None:
    """Return the only candidate that `word` misspells; None if there is none, or more than one.

    A misspelling is the same word in other capitals (or with other joints), or one letter put in,
    left out, replaced or exchanged with its neighbour in a part of four letters or more (as it is meant)
    that keeps its first letter. What carries meaning is never misspelt: a digit (`zone1_lower` is not `zone2_lower`),
    the capital of `1M`, a short part (`no_long` is not `go_long`), a part that is a word (`loss`,
    `less`, a coin: `free_usdc` is no
    `free_usdt`), a word with another candidate two edits away (`filo` is `fifo` or `lifo`).
    """
    if not 0 < len(word) <= 80:
        return None
    return _misspelt(word, tuple(candidates))


@lru_cache(maxsize=64)  # a generated card misspells one key in every block
def _misspelt(word: str, candidates: tuple[str, ...]) -> str | None:
    wanted = _plain(word)
    known = [candidate for candidate in dict.fromkeys(candidates) if candidate != word]
    same = [candidate for candidate in known if _plain(candidate) == wanted]
    if same:
        return same[0] if len(same) == 1 and not _is_month(word, same[0]) else None
    near = [c for c in known if distance(wanted, _plain(c), _RIVAL) <= _RIVAL]
    if len(near) != 1:
        return None
    return near[0] if _is_slip(wanted, _plain(near[0])) else None


def _is_month(word: str, candidate: str) -> bool:
    """Return whether two words differ in the capital behind a digit: `1M` is a month, `1m` a minute."""
    return any(
        a != b and a.lower() == b.lower() and before.isdigit()
        for before, a, b in zip(word, word[1:], candidate[1:], strict=False)
    )


def _is_slip(wanted: str, known: str) -> bool:
    """Return whether one edit apart means a slip of the finger, not another word."""
    if wanted.replace("_", "") == known.replace("_", ""):
        return True
    mine, theirs = wanted.split("_"), known.split("_")
    differing = [(a, b) for a, b in zip(mine, theirs, strict=False) if a != b]
    if len(mine) != len(theirs) or len(differing) != 1 or _digits(wanted) != _digits(known):
        return False
    (part, meant) = differing[0]
    return (
        distance(part, meant, 1) == 1
        and len(meant) >= _SHORTEST
        and (len(part) >= _SHORTEST or len(part) == len(meant) - 1)
        and part[0] == meant[0]
        and part not in REAL_WORDS
        and part not in OF_THEIR_OWN
    )


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` might mean, None if none is near.

    Case and hyphens do not count; about one edit per three letters is near, in every part of a word
    (`position_pnl` is not near `position_qty`), and so is a word that has more parts around the same
    ones (`starting_equity_usdt`). Ties go to the candidate with the same last letter, then of the same
    length (`16m` is rather `15m` than `1m`), then to the earlier one.
    """
    if not 0 < len(word) <= 80:
        return None
    return _closest(word, tuple(candidates))


@lru_cache(maxsize=128)
def _closest(word: str, candidates: tuple[str, ...]) -> str | None:
    wanted = _plain(word)
    best: tuple[int, bool, int, str] | None = None
    for candidate in candidates:
        is_other = candidate == word or _is_month(word, candidate)
        edits = None if is_other else _edits(wanted, _plain(candidate))
        if edits is None:
            continue
        rank = (edits, candidate[-1:] != word[-1:], abs(len(candidate) - len(wanted)))
        if best is None or rank < best[:3]:
            best = (*rank, candidate)
    return best[3] if best else None


def related(word: str, candidates: Sequence[str]) -> list[str]:
    """Return the candidates, those that share parts with the word first, else in their order."""
    return list(_related(word, tuple(candidates)))


@lru_cache(maxsize=128)
def _related(word: str, candidates: tuple[str, ...]) -> tuple[str, ...]:
    parts = {part for part in _plain(word).split("_") if len(part) > 2}

    def rank(candidate: str) -> tuple[int, int]:
        theirs = _plain(candidate).split("_")
        shared = sum(1 for part in theirs if part in parts)
        return (-shared, 0) if shared else (0, -int(_begin_alike(parts, theirs)))

    return tuple(sorted(candidates, key=rank))


def _begin_alike(parts: Iterable[str], others: Iterable[str]) -> bool:
    return any(one[:4] == two[:4] for one in parts for two in others if len(two) > 3)


def _edits(wanted: str, known: str) -> int | None:
    """Return the edits between two near words, None if they are not near."""
    limit = min(3, len(wanted) // 3)
    if wanted == known:
        return 0
    edits = distance(wanted, known, limit)
    mine, theirs = wanted.split("_"), known.split("_")
    if edits <= limit and (edits == 1 or _parts_are_near(mine, theirs)):
        return edits
    # More parts around the same ones.
    if len(wanted) >= _SHORTEST and len(theirs) > len(mine) and _is_within(mine, theirs):
        return max(limit, 1) + len(theirs) - len(mine) - 1
    return None


def _parts_are_near(mine: list[str], theirs: list[str]) -> bool:
    if len(mine) != len(theirs):
        return True
    pairs = zip(mine, theirs, strict=True)
    return all(
        distance(a, b, 3) <= max(1, len(a) // 3) and (distance(a, b, 1) <= 1 or a[:1] == b[:1])
        for a, b in pairs
    )


def _is_within(mine: list[str], theirs: list[str]) -> bool:
    """Return whether all parts of a word stand in another one, in their order."""
    rest = iter(theirs)
    return all(part in rest for part in mine)


def _plain(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")


def _digits(word: str) -> str:
    return "".join(c for c in word if c.isdigit())


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return `, did you mean `x`?` or the empty text."""
    near = closest(word, candidates)
    return f", did you mean `{near}`?" if near else ""
