"""Path rules against finer bars."""

from __future__ import annotations

from runtime.market.bar_files import load_bars
from tests.data_files import shared
from tools.path_truth import Scores, compare, first_hit


def scores() -> Scores:
    name = "data/bybit_perp_WIFUSDT_{}_20250423_20250524.parquet"
    coarse = load_bars(shared(name.format("15m")), "WIFUSDT").frame
    return compare(coarse, load_bars(shared(name.format("1m")), "WIFUSDT").frame)


def test_a_path_meets_its_levels_in_order() -> None:
    assert first_hit((100, 110, 90, 95), 92, 108) == "target"
    assert first_hit((100, 90, 110, 105), 92, 108) == "stop"
    assert first_hit((100, 101, 99, 100), 92, 108) is None


def test_magnify_is_right_wherever_the_finer_bars_decide_and_direction_beats_nearest() -> None:
    found = scores()
    assert found.contested - found.undecided > 500
    assert found.share("magnify") == 1.0
    direction, nearest = found.share("direction"), found.share("nearest")
    assert direction is not None
    assert nearest is not None
    assert direction > nearest > 0.5
    adverse, favourable = found.share("adverse"), found.share("favourable")
    assert adverse is not None
    assert favourable is not None
    assert abs(adverse + favourable - 1.0) < 1e-9
