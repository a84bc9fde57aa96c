"""A file that a command writes is written where it is, and stays what it was in everything but its words."""

from __future__ import annotations

import os
import stat
from codecs import BOM_UTF8
from pathlib import Path

import pytest

from runtime.market.whole_files import whole, write_whole
from tests.compiler.formatting.test_formatting import card
from tests.tools.cli import run

Capture = pytest.CaptureFixture[str]
LOOSE, NEAT = card("close>fast  # why"), card("close > fast  # why")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_linked_card_is_written_through_its_link(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    kept, link = tmp_path / "kept" / "a.card.yaml", tmp_path / "a.card.yaml"
    kept.write_text(LOOSE, encoding="utf-8")
    link.symlink_to(kept)
    assert run(capsys, ["fmt", str(link)]).code == 0
    assert link.is_symlink()
    assert kept.read_text(encoding="utf-8") == NEAT
    assert [p.name for p in kept.parent.iterdir()] == ["a.card.yaml"]


@pytest.mark.skipif(os.name == "nt", reason="no modes there")
@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_a_written_card_keeps_its_mode(capsys: Capture, tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.card.yaml"
    path.write_text(LOOSE, encoding="utf-8")
    path.chmod(mode)
    assert run(capsys, ["fmt", str(path)]).code == 0
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="no modes there")
def test_a_card_that_forbids_writing_stays_as_it_is(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "a.card.yaml"
    path.write_text(LOOSE, encoding="utf-8")
    path.chmod(0o444)
    ran = run(capsys, ["fmt", str(path)])
    assert ran.code != 0
    assert "read-only" in ran.err
    assert "Traceback" not in ran.err
    assert path.read_text(encoding="utf-8") == LOOSE


def test_byte_order_mark_and_line_ends_stay(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "a.card.yaml"
    path.write_bytes(BOM_UTF8 + LOOSE.replace("\n", "\r\n").encode())
    assert run(capsys, ["fmt", str(path)]).code == 0
    assert path.read_bytes() == BOM_UTF8 + NEAT.replace("\n", "\r\n").encode()


def test_what_fails_leaves_no_part_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.card.yaml"
    path.write_text(LOOSE, encoding="utf-8")

    def full(_from: object, _to: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, NEAT)
    assert [p.name for p in tmp_path.iterdir()] == ["a.card.yaml"]
    assert path.read_text(encoding="utf-8") == LOOSE


@pytest.mark.parametrize("before", [None, LOOSE])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_who_is_stopped_while_writing_leaves_what_was_there(
    tmp_path: Path, before: str | None, stop: type[BaseException]
) -> None:
    path = tmp_path / "a.card.yaml"
    if before is not None:
        path.write_text(before, encoding="utf-8")

    def written_by_half() -> None:
        with whole(path) as partial:
            partial.write_text(NEAT[:40], encoding="utf-8")
            raise stop

    with pytest.raises(stop):
        written_by_half()
    assert {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()} == (
        {} if before is None else {"a.card.yaml": before}
    )


@pytest.mark.skipif(os.name == "nt", reason="no modes there")
@pytest.mark.parametrize("had", [None, 0o644])
def test_a_private_file_is_for_its_owner_alone(tmp_path: Path, had: int | None) -> None:
    path = tmp_path / "address.json"
    if had is not None:
        path.touch()
        path.chmod(had)
    write_whole(path, "{}", private=True)
    assert (path.read_text(encoding="utf-8"), stat.S_IMODE(path.stat().st_mode)) == ("{}", 0o600)


@pytest.mark.skipif(os.name == "nt", reason="no pipes there")
def test_a_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(path, NEAT)
    assert os.read(reader, 1 << 16).decode() == NEAT
    os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)
