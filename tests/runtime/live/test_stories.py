"""Some of the random stories; thousands more by `python -m tests.runtime.live.scenarios`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime.live.looped import Looped
from tests.runtime.live.scenarios import play


# Seeds below a hundred are a sample; the others are stories that once broke a law.
@pytest.mark.parametrize("seed", [*range(24), 38, 180, 192, 235, 10373, 30036, 8001855])
def test_a_story_with_a_hostile_venue_keeps_every_law(tmp_path: Path, seed: int) -> None:
    play(seed, tmp_path)


@pytest.mark.parametrize("seed", [0, 1, 11])
def test_a_story_through_pybit_and_sockets_keeps_every_law(tmp_path: Path, seed: int) -> None:
    story = play(seed, tmp_path, Looped)
    assert story.posted
