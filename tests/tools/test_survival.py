"""Every command survives its surroundings: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tools.cli import COMMANDS, ideacard
from tools.goldens import ROOT

CARD = ROOT / "cards" / "gallery" / "ema_cross.yaml"


def _ideacard(
    *words: str, cwd: Path = ROOT, limit: int | None = None, **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command; `limit` bounds the size of any file it writes, as a full disk would."""

    def small_disk() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "ideacard", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        check=False,
        preexec_fn=small_disk,
    )


def _leaves(command: click.Command, name: str = "") -> Iterator[str]:
    """Yield every command there is as one types it: `lint`, `data import`, `live status`."""
    if not isinstance(command, click.Group):
        yield name.strip()
        return
    context = click.Context(command)
    for word in command.list_commands(context):
        inner = command.get_command(context, word)
        assert inner is not None
        yield from _leaves(inner, f"{name} {word}")


LEAVES = tuple(_leaves(ideacard))

# One look at every command; `{card}`, `{data}`, `{bars}`, `{runs}`, `{run}`, `{other}`, `{journal}` are put in.
LOOKS: dict[str, str] = {
    "demo": "--bars 300", "new": "x", "lint": "{card}", "fmt": "--check {card}",
    "check": "{card} --examples 5", "compile": "{card}", "backtest": "{card} --data {data} --no-report",
    "envelope": "{card} --data {data} --html envelope.html", "diff": "{card} {card}",
    "robust": "{card} --data {data} --mirrors 19 --no-moves --html page.html",
    "sweep": "{card} --data {data} --param fast=8,9 --html page.html",
    "walk": "{card} --data {data} --param fast=8,9 --train 200 --test 150",
    "explain": "{card} --data {data} --why-not enter", "reference": "ttl_bars", "catalog": "ema",
    "rule": "IC401", "lsp": "--help", "schema": "", "runs": "{runs}",
    "compare": "{run} {other} --out page.html", "replay": "{journal}",
    "panic": "BTCUSDT --venue testnet", "watchdog": "nothing.json --once",
    "live run": "{card} --venue local --synthetic --bars 3 --no-page --plain",
    "live demo": "--bars 3 --no-page --plain", "live status": "", "live explain": "",
    "live why-not": "enter", "live pause": "", "live resume": "", "live halt": "", "live reduce": "50",
    "live flatten": "", "live cancel": "trend", "live limits": "", "live stop": "",
    "live replay": "{journal}", "live compare": "{journal}", "live bundle": "{journal} --out bundle.zip",
    "live notify": "nothing", "live archive": "nothing", "live panic": "BTCUSDT --venue testnet",
    "live watchdog": "nothing.json --once", "data list": "--store {data}", "data check": "--store {data}",
    "data download": "BTCUSDT --from 2025-01-01 --endpoint http://127.0.0.1:1",
    "data instruments": "BTCUSDT --endpoint http://127.0.0.1:1", "data import": "{bars}",
    "data synth": "--bars 100", "machine graph": "", "machine paths": "",
    # These take long and read nothing: their help has to do.
    "machine check": "--help", "machine explore": "--help",
}  # fmt: skip
# What a command answers where there is nothing to speak to, no keys or no network.
_MAY_FAIL = {
    "panic", "watchdog", "live status", "live explain", "live why-not", "live pause", "live resume",
    "live halt", "live reduce", "live flatten", "live cancel", "live limits", "live stop",
    "live panic", "live watchdog", "live notify", "live archive", "live compare", "data download",
    "data instruments",
}  # fmt: skip
# What writes into the folder it is started in, if nothing else is said.
_WRITES = {
    "demo", "new", "backtest", "envelope", "robust", "compare", "sweep", "walk", "live run", "live demo", "live bundle",
    "data import", "data synth",
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("survival") / "data"
    done = _ideacard("data", "synth", "--bars", "600", "--store", str(folder))
    assert done.returncode == 0, _said(done)
    runs = ("--data", str(folder), "--out", str(folder.parent / "runs"), "--no-report")
    for model in ("touch", "conservative"):
        done = _ideacard("backtest", str(CARD), "--fill-model", model, *runs)
        assert done.returncode == 0, _said(done)
    rows = (f"{1_700_000_100_000 + i * 900_000},10,12,9,11,5" for i in range(40))
    text = "ts,open,high,low,close,volume\n" + "\n".join(rows) + "\n"
    (folder.parent / "BTCUSDT.csv").write_text(text, encoding="utf-8")
    live = ("--no-page", "--plain", "--out", str(folder.parent / "live"))
    done = _ideacard("live", "demo", "--bars", "3", *live)
    assert done.returncode == 0, _said(done)
    return folder


def _look(command: str, store: Path) -> list[str]:
    runs = store.parent / "runs"
    run, other, *_ = sorted(path.parent for path in runs.glob("*/result.json"))
    (journal,) = store.parent.glob("live/*/session.journal")
    places = {
        "card": CARD, "data": store, "runs": runs, "run": run, "other": other, "journal": journal,
        "bars": store.parent / "BTCUSDT.csv",
    }  # fmt: skip
    return [*command.split(), *(word.format(**places) for word in LOOKS[command].split())]


def test_every_command_is_looked_at() -> None:
    """A new command needs its line in `LOOKS`."""
    assert set(LOOKS) == set(LEAVES)
    assert {leaf.partition(" ")[0] for leaf in LEAVES} == set(COMMANDS)


@pytest.mark.parametrize("command", LEAVES)
def test_a_command_survives_foreign_folders_no_home_and_an_old_encoding(
    command: str, store: Path, tmp_path: Path
) -> None:
    for name in ("tools", "compiler", "runtime", "schemas", "cards"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('foreign')\n")
    env = {k: v for k, v in os.environ.items() if k != "HOME" and not k.startswith("BYBIT")}
    env |= {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-m", "ideacard", *_look(command, store)],
        cwd=tmp_path, env={**env, "PYTHONPATH": f".{os.pathsep}{ROOT}"}, capture_output=True,
        check=False, stdin=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip
    assert "foreign" not in _said(done)
    assert done.returncode in ((0, 1, 2) if command in _MAY_FAIL else (0,)), _said(done)


@pytest.mark.parametrize("command", LEAVES)
def test_a_command_in_a_folder_nobody_may_write_to_works_or_says_so(
    command: str, store: Path
) -> None:
    folder = "/sys/kernel"  # not even root makes files there
    done = _ideacard(*_look(command, store), cwd=Path(folder), HOME=folder, XDG_STATE_HOME=folder)
    said = _said(done)
    if command in _WRITES:
        assert done.returncode == 1, said
        assert "permission" in said or "permitted" in said
        assert "choose another folder" in said
    else:
        assert done.returncode in ((0, 1, 2) if command in _MAY_FAIL else (0,)), said
        assert done.returncode == 0 or said.strip()


@pytest.mark.parametrize("command", LEAVES)
def test_a_disk_without_room_is_a_sentence_of_every_command(
    command: str, store: Path, tmp_path: Path
) -> None:
    done = _ideacard(*_look(command, store), cwd=tmp_path, limit=0)
    said = _said(done)
    if command in _WRITES:
        assert done.returncode == 1, said
        assert "error:" in said
        assert not [p for p in tmp_path.rglob("*") if p.is_file() and p.stat().st_size]
    elif command.endswith("replay"):  # SQLite keeps a small file beside what it reads
        assert (done.returncode, "cannot be read where it lies" in said) == (1, True), said
    else:
        assert done.returncode in ((0, 1, 2) if command in _MAY_FAIL else (0,)), said


@pytest.mark.parametrize("command", LEAVES)
def test_a_command_whose_output_cannot_be_written_says_so_or_stops(
    command: str, store: Path, tmp_path: Path
) -> None:
    words = [sys.executable, "-m", "ideacard", *_look(command, store)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            words, cwd=tmp_path, env=env, stdout=full, stderr=subprocess.PIPE, check=False,
            stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
    said = done.stderr.decode()
    assert "Traceback" not in said, said
    assert "Exception ignored" not in said, said
    assert done.returncode in (1, 2) or command == "fmt", said  # fmt speaks on standard error


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_whose_reader_went_away_stops(command: str, store: Path, tmp_path: Path) -> None:
    first = next(leaf for leaf in LEAVES if leaf.partition(" ")[0] == command)
    words = [sys.executable, "-m", "ideacard", *_look(first, store)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    reader, writer = os.pipe()
    os.close(reader)  # as `ideacard … | head -0` leaves it
    done = subprocess.run(
        words, cwd=tmp_path, env=env, stdout=writer, stderr=subprocess.PIPE, check=False,
        stdin=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip
    os.close(writer)
    assert "Traceback" not in done.stderr.decode()
    assert "Exception ignored" not in done.stderr.decode()


@pytest.mark.parametrize("wait", [0.05, 0.15, 0.4, 0.9])
def test_an_interrupted_command_says_so_at_any_moment(
    wait: float, store: Path, tmp_path: Path
) -> None:
    program = "import sys; print('up', flush=True); import ideacard; ideacard.main()"
    words = ["backtest", str(CARD), "--data", str(store), "--out", str(tmp_path / "runs")]
    with subprocess.Popen(
        [sys.executable, "-c", program, *words], cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        time.sleep(wait)
        running.send_signal(signal.SIGINT)
        said = running.stderr.read().decode()
    if running.returncode != 0:  # it may have been done
        assert (running.returncode, said.strip().splitlines()[-1:]) in (
            (130, ["interrupted"]), (-signal.SIGINT, []),
        ) or "import ideacard" in said, said  # fmt: skip
    assert not [p for p in tmp_path.glob("runs/*") if p.name.startswith(".")]


def test_one_bad_file_among_many_hides_none_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.card.yaml").write_bytes(b"name: \xff\xfe\n")
    (tmp_path / "b.card.yaml").write_text("name: [\n")
    (tmp_path / "c.card.yaml").write_text(CARD.read_text(encoding="utf-8"))
    (tmp_path / "d.card.yaml").mkdir()
    (tmp_path / "e.card.yaml").symlink_to("nowhere")
    (tmp_path / "f.card.yaml").write_text("")
    for words in (["lint"], ["fmt", "--check"], ["lint", "--fix"]):
        done = _ideacard(*words, str(tmp_path))
        said = _said(done)
        assert done.returncode in (1, 2), said
        for name in "ab":
            assert f"{name}.card.yaml" in said, (words, said)
    done = _ideacard("lint", str(tmp_path))
    assert "cards checked" in _said(done)


def test_a_broken_series_of_a_store_is_named_beside_the_others(store: Path, tmp_path: Path) -> None:
    shutil.copytree(store, tmp_path / "data")
    broken = tmp_path / "data" / "bybit" / "ETHUSDT" / "15m.parquet"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"no parquet")
    for words in (["data", "list"], ["data", "check"]):
        done = _ideacard(*words, "--store", str(tmp_path / "data"))
        said = _said(done)
        assert done.returncode == 1, said
        assert "ETHUSDT/15m.parquet: cannot be read as parquet" in said
        assert "600" in said  # the bars of the series that is fine


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    text = (done.stdout + done.stderr).decode("utf-8", errors="replace")
    assert "Traceback" not in text, text
    return text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_prints_in_an_encoding_without_our_signs(command: str) -> None:
    done = _ideacard(command, "--help", PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert done.returncode == 0, _said(done)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_a_run_is_told_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    done = _ideacard(
        "demo", "--bars", "400", "--out", str(tmp_path), PYTHONIOENCODING=encoding, PYTHONUTF8="0"
    )
    assert done.returncode == 0, _said(done)
    assert list(tmp_path.glob("*/result.json"))


def test_a_disk_that_fills_leaves_no_half_run(tmp_path: Path) -> None:
    done = _ideacard("demo", "--bars", "2000", "--out", str(tmp_path), limit=20_000)
    assert done.returncode == 1, _said(done)
    assert "error:" in _said(done)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", [None, "an older page"])
def test_a_disk_that_fills_leaves_no_half_page(
    there: str | None, store: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    if there is not None:
        page.write_text(there, encoding="utf-8")
    done = _ideacard(*_look("compare", store), cwd=tmp_path, limit=2_000)
    assert done.returncode == 1, _said(done)
    assert "error:" in _said(done)
    assert {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()} == (
        {} if there is None else {"page.html": there}
    )


def test_a_full_disk_behind_standard_output_is_a_sentence() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ideacard", "schema"],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert b"no space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_foreign_packages_of_our_names_are_not_taken_for_ours(tmp_path: Path) -> None:
    for name in ("tools", "compiler", "runtime", "schemas", "cards"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('foreign')\n")
    done = _ideacard("lint", str(CARD), cwd=tmp_path, PYTHONPATH=f".{os.pathsep}{ROOT}")
    assert done.returncode == 0, _said(done)
    assert "foreign" not in _said(done)


def test_the_demo_works_from_a_wheel_in_an_empty_folder(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True)
    wheels, home, empty = (tmp_path / name for name in ("wheels", "home", "empty"))
    empty.mkdir()
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels)]
    subprocess.run([*build, str(source)], check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    install = [*pip, "install", "--no-deps", "--target", str(home), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    done = _ideacard("demo", "--bars", "400", cwd=empty, PYTHONPATH=str(home))
    assert done.returncode == 0, _said(done)
    assert str(home) in _said(done)  # the card came from the wheel, not from a checkout
    assert list(empty.glob("runs/*/report.html"))
    done = _ideacard("new", "mine", "--like", "03_rsi2", cwd=empty, PYTHONPATH=str(home))
    assert done.returncode == 0, _said(done)
    assert "name: mine" in (empty / "mine.card.yaml").read_text(encoding="utf-8")
