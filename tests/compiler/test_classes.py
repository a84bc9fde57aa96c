"""`compiler.classes.dataclass` answers as the standard one does, and writes what is asked for only."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from compiler import classes

Decorator = Callable[..., Any]


def point(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Point:
        x: int
        y: float = 2.0
        names: list[str] = dataclasses.field(default_factory=list, hash=False)
        where: str = dataclasses.field(default="here", compare=False, kw_only=True)

    return Point


def bag(dataclass: Decorator) -> Any:
    @dataclass(slots=True, kw_only=True)
    class Bag:
        held: dict[str, int] = dataclasses.field(default_factory=dict)
        total: int = dataclasses.field(init=False, repr=False)

        def __post_init__(self) -> None:
            self.total = sum(self.held.values())

    return Bag


def span(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True, order=True)
    class Span:
        start: int

        def __repr__(self) -> str:
            return f"<{self.start}>"

    return Span


BOTH = (dataclasses.dataclass, classes.dataclass)


def answers(
    make: Callable[[Decorator], Any], calls: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...]
) -> list[list[Any]]:
    """Return what a class of each decorator answers to the same calls."""
    said = []
    for dataclass in BOTH:
        kind = make(dataclass)
        lines: list[Any] = [[f.name for f in dataclasses.fields(kind)], kind.__match_args__]
        objects = []
        for places, names in calls:
            try:
                objects.append(kind(*places, **names))
            except TypeError as error:
                lines.append(str(error))
        for one in objects:
            lines += [repr(one), [one == other for other in objects], one == "another kind"]
            lines.append(dataclasses.asdict(one))
            lines.append(copy.deepcopy(one) == one)
            try:
                lines.append(hash(one))
            except TypeError as error:
                lines.append(str(error))
            twin = copy.deepcopy(one)
            first = dataclasses.fields(kind)[0].name
            for change, given in ((setattr, (twin, first, 1)), (delattr, (twin, first))):
                try:
                    change(*given)
                    lines.append("changed")
                except AttributeError as error:
                    lines.append(f"{type(error).__name__}: {error}")
        said.append(lines)
    return said


@pytest.mark.parametrize(
    ("make", "calls"),
    [
        (point, (((1,), {}), ((1, 2.0), {"where": "there"}), ((2, 3.0, ["a"]), {}), ((), {}), ((1, 2, [], "x"), {}))),
        (bag, (((), {}), ((), {"held": {"a": 1}}), ((1,), {}), ((), {"total": 3}))),
        (span, (((1,), {}), ((2,), {}), ((), {"end": 1}))),
    ],
)  # fmt: skip
def test_a_class_answers_as_the_standard_one_does(
    make: Callable[[Decorator], Any], calls: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...]
) -> None:
    standard, ours = answers(make, calls)
    assert ours == standard


def test_ordered_objects_are_ordered_and_defaults_are_made_anew() -> None:
    Span, Point = span(classes.dataclass), point(classes.dataclass)
    assert sorted([Span(3), Span(1)]) == [Span(1), Span(3)]
    assert Point(1).names is not Point(1).names
    changed = dataclasses.replace(Point(1), y=5.0)
    assert (changed.x, changed.y) == (1, 5.0)


def test_a_frozen_object_of_a_card_can_be_pickled() -> None:
    from compiler.syntax import expr as e

    node = e.Not(e.Number(1.0, True))
    again = pickle.loads(pickle.dumps(node))
    assert (again, hash(again), again.span) == (node, hash(node), node.span)
    with pytest.raises(dataclasses.FrozenInstanceError):
        again.operand = node


def test_lint_writes_no_method_of_a_class_of_which_it_makes_no_object() -> None:
    code = (
        "import sys\n"
        "from tools.cli import ideacard\n"
        "ideacard.main(['lint', 'cards/gallery/ema_cross.yaml'], standalone_mode=False)\n"
        "from compiler.syntax import expr as e\n"
        "files = [getattr(kind, name).__code__.co_filename for kind in (e.InClock, e.Sequence, e.Choice)\n"
        "         for name in ('__init__', '__eq__', '__hash__')]\n"
        "sys.exit([f for f in files if not f.endswith('classes.py')] or 0)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
