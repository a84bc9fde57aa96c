"""Dependency order of names, and the cycles that forbid one. Iterative: any chain length is fine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def dependency_order(
    needs: Mapping[str, Sequence[str]],
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the names with every need before its user, and the cycles.

    Names on a cycle, or that need one, are left out of the order. Needs that are not names of the
    mapping are ignored. Both results follow the order of the mapping.
    """
    done: dict[str, bool] = {}  # name -> free of cycles
    order: list[str] = []
    cycles: list[tuple[str, ...]] = []
    for root in needs:
        if root not in done:
            _visit(root, needs, done, order, cycles)
    return tuple(order), tuple(cycles)


def _visit(
    root: str,
    needs: Mapping[str, Sequence[str]],
    done: dict[str, bool],
    order: list[str],
    cycles: list[tuple[str, ...]],
) -> None:
    path = [root]
    at = {root: 0}  # name on the path -> how many of its needs were looked at
    good = {root: True}
    while path:
        name = path[-1]
        wanted = [need for need in needs[name] if need in needs]
        if at[name] == len(wanted):
            path.pop()
            done[name] = good[name]
            if good[name]:
                order.append(name)
            elif path:
                good[path[-1]] = False
            continue
        need = wanted[at[name]]
        at[name] += 1
        if need in done:
            good[name] = good[name] and done[need]
        elif need in at and need in path:
            cycles.append(tuple(path[path.index(need) :]))
            good[name] = False
        else:
            path.append(need)
            at[need], good[need] = 0, True
