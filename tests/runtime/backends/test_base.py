"""Whatever answers commands takes them as the engine gives them, and a session's other side does too."""

from __future__ import annotations

import inspect
from typing import get_type_hints

import pytest

from runtime.backends.base import Backend
from runtime.backends.bybit.backend import BybitBackend
from runtime.backends.scripted import ScriptedBackend
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.live.paper import PaperBars
from runtime.live.session import OtherSide

BACKENDS: tuple[type[Backend], ...] = (SimulatedExchange, BybitBackend, ScriptedBackend, PaperBars)
OTHER_SIDES: tuple[type[OtherSide], ...] = (BybitBackend, PaperBars)


@pytest.mark.parametrize("kind", [*BACKENDS, OtherSide], ids=lambda kind: str(kind.__name__))
def test_a_backend_takes_commands_as_the_protocol_says(kind: type[Backend]) -> None:
    assert get_type_hints(kind.submit) == get_type_hints(Backend.submit)
    assert list(inspect.signature(kind.submit).parameters) == ["self", "commands"]


@pytest.mark.parametrize("kind", OTHER_SIDES, ids=lambda kind: kind.__name__)
def test_another_side_has_all_that_a_session_asks_of_it(kind: type[OtherSide]) -> None:
    asked = [name for name in vars(OtherSide) if not name.startswith("_")]
    assert {"start", "tick", "bars"} <= set(asked)
    for name in asked:
        wanted = inspect.signature(getattr(OtherSide, name)).parameters
        assert list(inspect.signature(getattr(kind, name)).parameters) == list(wanted)
