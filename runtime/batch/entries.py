"""Entries of a list of whole numbers, all equally wide, found by what one of their places holds."""

from __future__ import annotations

from runtime.kernel import IntState


def entry_with(z: IntState, first: int, width: int, count: int, place: int, wanted: int) -> int:
    """Return where the first entry begins that holds a number in a place, -1 for none."""
    for k in range(count):
        at = first + k * width
        if z[at + place] == wanted:
            return at
    return -1


def entry_after(z: IntState, first: int, width: int, count: int, place: int, number: int) -> int:
    """Return where the entry begins that holds the smallest number beyond one in a place, -1 for none."""
    found = -1
    for k in range(count):
        at = first + k * width
        if z[at + place] > number and (found < 0 or z[at + place] < z[found + place]):
            found = at
    return found
