"""Did you mean: the nearest known word to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable


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


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` most probably means, None if none is near.

    Case and hyphens do not count; about one edit per three letters is near, and so is a word that
    lacks only the end (`starting_equity`). Ties go to the candidate with the same last
    letter, then of the same length (`16m` is rather `15m` than `1m`), then to the earlier one.
    """
    if not 0 < len(word) <= 80:
        return None
    wanted = _plain(word)
    limit = min(3, len(wanted) // 3)
    best: tuple[int, bool, int, str] | None = None
    for candidate in candidates:
        edits = distance(wanted, _plain(candidate), limit)
        if edits > limit and len(wanted) >= 4 and _plain(candidate).startswith(wanted + "_"):
            edits = limit
        if edits > limit or candidate == word:
            continue
        rank = (edits, candidate[-1:] != word[-1:], abs(len(candidate) - len(wanted)))
        if best is None or rank < best[:3]:
            best = (*rank, candidate)
    return best[3] if best else None


def _plain(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return `, did you mean `x`?` or the empty text."""
    near = closest(word, candidates)
    return f", did you mean `{near}`?" if near else ""
