"""Decision 41: volume that is not known is not a volume of zero."""

from __future__ import annotations

from math import nan

import pytest

from runtime.errors import DataError
from runtime.rules.data_fit import check_fit
from tests.strategies.runs import SMALL, Run, at_bar, card_text, emit, flat


def run(fill_model: str, *volumes: float) -> Run:
    action = emit("place_limit_long", price=99.0, size_usdt=100)
    text = card_text(at_bar(0, action)).replace("fill_model: touch", f"fill_model: {fill_model}")
    made = Run(text, flat(100.0, 4))
    for row, volume in enumerate(volumes):
        made.data.exec.volume[row] = volume
    return made


@pytest.mark.parametrize("model", ["volume_weighted", "queue"])
def test_a_volume_model_refuses_bars_that_do_not_know_their_volume(model: str) -> None:
    made = run(model, 5.0, nan, nan, 0.0)
    with pytest.raises(DataError, match=f"2 of 4 bars .* `fill_model: {model}` .* `touch`"):
        check_fit(made.program, made.data, SMALL)


def test_models_without_volume_run_on_them_and_a_volume_of_zero_is_known() -> None:
    made = run("touch", nan, nan, nan, nan)
    check_fit(made.program, made.data, SMALL)
    made = run("volume_weighted", 0.0, 0.0, 0.0, 0.0)
    check_fit(made.program, made.data, SMALL)
