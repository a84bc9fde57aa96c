"""A search on a cluster comes to the bytes of one process, also where a worker is killed on the way."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from compiler.findings.errors import IdeaCardError
from compiler.findings.source import Source
from runtime.market.synthetic import SyntheticSpec
from tests.tools.cli import run as cli
from tests.tools.search.test_sweep import CARD, GRID, asked, text
from tools.feeds import Feeds
from tools.made_market import write_made_market
from tools.search.cluster import Cluster, workers_at
from tools.search.matter import matter_of
from tools.search.sweep import sweep

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cluster") / "data"
    write_made_market(folder, SyntheticSpec(bars=1_500, seed=5))
    return folder


def test_a_sweep_whose_worker_is_killed_ends_with_the_bytes_of_one_process(
    store: Path, tmp_path: Path
) -> None:
    params = ("fast=5:20", "slow=30:60:10")
    made, space = matter_of(Source(str(CARD), CARD.read_text()), Feeds(data=store), (), params)
    killed = list[int]()

    with workers_at("local:2", made) as workers:
        assert isinstance(workers, Cluster)
        pids = dict(workers._client.run(os.getpid))

        def kill_one(done: int, _all: int) -> None:
            if done and not killed:
                killed.append(next(iter(pids.values())))
                os.kill(killed[0], signal.SIGKILL)

        there = sweep(
            made, asked(store, tmp_path / "a", space, GRID), workers, lambda: False, kill_one
        )
    here = sweep(made, asked(store, tmp_path / "b", space, GRID))
    assert killed
    assert (there.ran, there.is_whole) == (len(space), True)
    assert text(there) == text(here)


def test_the_command_runs_on_processes_and_says_what_it_does_not_understand(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--data", str(store), "--param", "fast=5,9", "--param", "slow=40", "--json"]
    here = cli(capsys, ["sweep", str(CARD), *words, "--out", "a"])
    there = cli(capsys, ["sweep", str(CARD), *words, "--out", "b", "--dask", "local:1"])
    assert there.code == 0, there.err
    assert there.out == here.out
    for word in ("local:0", "local", "here", "local:two"):
        refused = cli(capsys, ["walk", str(CARD), *words, "--dask", word])
        assert refused.code == 1
        assert "expected local:N" in refused.err


def test_a_worker_with_other_code_is_refused(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, space = matter_of(
        Source(str(CARD), CARD.read_text()), Feeds(data=store), (), ("fast=5", "slow=40")
    )
    monkeypatch.setattr("tools.search.cluster.code_digest", lambda: "another")
    with (
        workers_at("local:1", made) as workers,
        pytest.raises(IdeaCardError, match="another version"),
    ):
        sweep(made, asked(store, tmp_path, space, GRID), workers)
