"""`import ideacard`: the run of the command, as values; the notebook of the cards runs as written."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ideacard as ic
from tests.tools.cli import run as command
from tools.face_run import Table

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "cards" / "gallery"
COOKBOOK = ROOT / "cards" / "cookbook"
NOTEBOOK = ROOT / "cards" / "first_steps.ipynb"


@pytest.fixture(scope="module", autouse=True)
def somewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tries are noted under `runs/` of where one stands: not in this repository."""
    with contextlib.chdir(tmp_path_factory.mktemp("face")):
        yield


@pytest.fixture(scope="module")
def market() -> ic.Bars:
    return ic.synthetic("BTCUSDT", "15m", bars=3_000)


@pytest.fixture(scope="module")
def run(market: ic.Bars) -> ic.Run:
    return ic.load(GALLERY / "pullback_ladder.yaml").backtest(market)


def test_a_run_is_the_run_of_the_command(
    run: ic.Run, market: ic.Bars, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = command(
        capsys,
        ["backtest", str(GALLERY / "pullback_ladder.yaml"), "--data", str(market.feeds.data),
         "--out", str(tmp_path), "--json"],
    )  # fmt: skip
    assert said.code == 0
    made = json.loads(said.out)
    assert made == run.result
    assert run.save(tmp_path / "kept").exists()


def test_tables_are_those_of_the_folder_in_every_library(run: ic.Run) -> None:
    for name in ("trades", "orders", "fills", "layers", "refusals", "equity"):
        table = getattr(run, name)
        stored = pq.read_table(run.files.table(name))
        assert table.arrow.equals(stored)
        assert table.pandas().shape == table.polars().shape == (len(table), len(table.columns))
        assert table.rows() == stored.to_pylist()
    assert pl.DataFrame(run.trades).equals(run.trades.polars())
    assert "<table>" in run.trades._repr_html_()
    assert run.trades["net_pnl"] == [row["net_pnl"] for row in run.trades]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_data_frame_without_its_library_says_what_to_install(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table(pa.table({"ts": [1, 2]}))
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=f"python -m pip install {library}; the rows"):
        getattr(table, library)()
    assert table.rows() == [{"ts": 1}, {"ts": 2}]


@pytest.mark.parametrize("library", ["pandas", "pandas index", "polars", "arrow", "dict"])
def test_a_data_frame_of_any_library_is_the_same_market(
    run: ic.Run, market: ic.Bars, library: str
) -> None:
    assert market.feeds.data is not None
    stored = market.feeds.data / "synthetic" / "BTCUSDT" / "15m.parquet"
    table = pq.read_table(stored)
    frame = {
        "pandas": lambda: table.to_pandas(),
        "pandas index": lambda: (
            table.to_pandas()
            .assign(time=lambda f: pd.to_datetime(f["ts"], unit="ms", utc=True))
            .drop(columns="ts").set_index("time")
        ),
        "polars": lambda: pl.from_arrow(table),
        "arrow": lambda: table,
        "dict": lambda: table.to_pydict(),
    }[library]()  # fmt: skip
    bars = ic.bars(
        frame, symbol="BTCUSDT", mark=stored.with_name("mark_15m.parquet"),
        funding=stored.with_name("funding.csv"), start="2024-01-01", end="2030-01-01",
    )  # fmt: skip
    again = ic.gallery("pullback_ladder").backtest(bars)
    assert again.metrics == run.metrics
    assert again.trades.arrow.equals(run.trades.arrow)


def test_settings_stand_above_those_of_the_card(market: ic.Bars) -> None:
    card = ic.gallery("pullback_ladder")
    harder = card.set({"execution.fill_model": "conservative"})
    assert harder.hash != card.hash
    result = harder.backtest(market).result
    assert result["settings"]["execution"]["fill_model"] == "conservative"


def test_a_card_that_may_not_run_says_every_error_in_its_place() -> None:
    bad = ic.card("foo: 1\nname: x\n", "mine.yaml")
    assert not bad.check().ok
    with pytest.raises(ic.CardError, match=r"mine\.yaml:1:1") as error:
        bad.backtest(ic.bars("nowhere"))
    assert error.value.findings[0].code == "IC107"
    assert issubclass(ic.CardError, ic.IdeaCardError)


def test_data_that_do_not_fit_say_why() -> None:
    card = ic.gallery("ema_cross")
    with pytest.raises(ic.DataError, match="no such file or store"):
        card.backtest("nowhere.parquet")
    with pytest.raises(ic.DataError, match="does not say its symbol"):
        ic.bars(pd.DataFrame({"ts": [1]}))
    with pytest.raises(TypeError, match="knows no colour"):
        ic.bars("x", colour=1)
    with pytest.raises(KeyError, match="there are: breakout_stops"):
        ic.gallery("nothing")


def test_the_gallery_gives_cards_of_the_cookbook_too() -> None:
    assert ic.gallery("03_rsi2").source.text == (COOKBOOK / "03_rsi2.card.yaml").read_text("utf-8")


def test_everything_promised_is_there_and_documented() -> None:
    for name in ic.__all__:
        assert getattr(ic, name).__doc__, name
    with pytest.raises(AttributeError, match="it has: Bars, Card"):
        ic.nothing  # noqa: B018


def test_a_command_does_not_load_what_a_notebook_needs() -> None:
    code = (
        "import ideacard, sys; print(sorted(m for m in sys.modules if m.startswith("
        "('compiler', 'runtime', 'tools', 'pyarrow', 'click'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_the_notebook_runs_as_written_and_shows_the_report(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells)  # stored clean
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    shown = notebook.cells[-1]["outputs"][0]["data"]["text/html"]
    assert shown.startswith("<iframe srcdoc=")
    assert "http://" not in shown.split("</iframe>")[0].replace("http://www.w3.org", "")
