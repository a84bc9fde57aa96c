"""What stands on the page has room: tables fit their width, axes their height, long settings stay closed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from runtime.reports.page_parts import settings_tables
from tests.runtime.reports.browser import attribute
from tests.runtime.reports.made_up_run import made_up_run
from tests.runtime.reports.test_page import opened


def test_trades_fit_a_desktop_and_every_axis_names_two_values_that_stand_apart(
    tmp_path: Path,
) -> None:
    """Seventeen columns with an exit reason of three words; a range of money that holds one round number."""
    run = made_up_run()
    run.record.trades = [replace(t, exit_reason="far_band_or_late") for t in run.record.trades]
    script = """
      const table = document.querySelector("#trades .scroll");
      const at = (low, high, tall) => {
        const scale = new Scale({ x: 0, y: 10, w: 50, h: tall }, { from: 0, to: 9 }, low, high);
        return axisSteps(scale, 3)[0];
      };
      document.body.dataset.seen = JSON.stringify({
        wide: table.scrollWidth - table.clientWidth, money: at(9690, 10520, 96),
        few: at(9690, 10520, 20), plain: at(0, 100, 96),
      });
    """
    document = opened(run, tmp_path, script)
    seen = json.loads(attribute(document, "data-seen") or "{}")
    assert seen["wide"] <= 0
    assert seen["money"] == [9750, 10000, 10250]
    assert seen["few"] == [10000]  # two texts would touch
    assert seen["plain"] == [25, 50, 75]


def test_a_list_of_rows_among_the_settings_is_a_table_that_opens() -> None:
    made = {
        "card": {"params": {}}, "data": {}, "settings": {}, "engine": {"guessed": ""}, "hashes": {},
        "instrument": {"tiers": [{"limit_usdt": 1.0, "rate": 0.5}, {"limit_usdt": 2.0, "rate": None}]},
    }  # fmt: skip
    text = settings_tables(made)
    assert "<summary>tiers <small>2 rows</small></summary>" in text
    assert "<td>2</td><td>–</td>" in text
    assert '<th scope="row">guessed</th><td>–</td>' in text
