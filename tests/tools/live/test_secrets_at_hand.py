"""Nothing secret in what a session on a venue leaves and shows: folder, bundle, page, metrics, screen, errors."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from rich.console import Console

from runtime.backends.bybit.pybit_http import Keys
from tests.tools.live.made import LADDER, made
from tests.tools.live.over_sockets import plan, served
from tests.tools.live.test_wire import lived
from tools.fakebybit.faults import Fault, Switch
from tools.live.bundle import write_bundle
from tools.live.checks import report_text
from tools.live.control import Address
from tools.live.door import Door
from tools.live.folders import CONTROL, JOURNAL
from tools.live.metrics import metrics_text
from tools.live.plan import Place, Shown
from tools.live.screen_text import status_text
from tools.live.show import at_hand
from tools.live.start import wire_ready

TROUBLES = (
    Switch(kind=Fault.CODE, on="order/create", value=10004),
    Switch(kind=Fault.HTTP, on="position/list", value=502),
)
KEY, SECRET = "CANARYkey7Qx2", "CANARYsecret9Zw4Kp"


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder, those inside archives too."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            yield str(path), content
            if zipfile.is_zipfile(io.BytesIO(content)):
                with zipfile.ZipFile(io.BytesIO(content)) as held:
                    for name in held.namelist():
                        yield f"{path}/{name}", held.read(name)


def test_096_a_session_on_a_venue_shows_neither_key_nor_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("BYBIT_API_KEY", KEY)
    monkeypatch.setenv("BYBIT_API_SECRET", SECRET)
    caplog.set_level(logging.DEBUG)
    with served(key=KEY, secret=SECRET) as one:
        where = Door(
            venue=Place.TESTNET, http=one.http, streams=one.streams, keys=Keys(KEY, SECRET),
            now=lambda: one.venue.now,
        )  # fmt: skip
        ready = wire_ready(plan(tmp_path, Place.TESTNET, prepares=True), where)
        shown = [report_text(ready.report)]
        run = ready.make()
        since = -1

        def in_trouble() -> bool:
            """From the first entry on the venue refuses the keys and fails; that for three bars."""
            nonlocal since
            figures = run.watch.figures
            if since < 0 and figures.entries:
                since = figures.bars
                for trouble in TROUBLES:
                    one.do(lambda v, trouble=trouble: v.faults.add(trouble))
            return 0 <= since <= figures.bars - 3

        lived(run, in_trouble)
        view = run.cockpit.picture()
        shown += [status_text(view), metrics_text(view), json.dumps(asdict(view), default=str)]
        run.close()
        write_bundle(ready.folder / JOURNAL, tmp_path / "bundle.zip")
    console = Console(file=io.StringIO())
    console.print(where, run, ready)
    shown += [console.file.getvalue(), repr(run), repr(ready), repr(where), caplog.text]  # type: ignore[attr-defined]
    files = dict(written(tmp_path))
    assert any(name.endswith(JOURNAL) for name in files)
    assert any("bundle.zip/" in name for name in files)
    for name, content in files.items():
        assert SECRET.encode() not in content, name
        assert KEY.encode() not in content, name
    for text in shown:
        assert SECRET not in text
        assert KEY not in text


def test_the_pages_token_stands_in_no_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not written to a terminal may be kept; its owner finds the address in the folder."""
    run, folder = made(LADDER, tmp_path, bars=2)
    with at_hand(run.cockpit, folder, Shown(port=0, draws=False)):
        control = json.loads((folder / CONTROL).read_text())
        said = capsys.readouterr()
    run.close()
    address, _, token = control["page"].partition("#")
    assert token
    assert address in said.err
    assert token not in said.err + said.out
    assert str(folder / CONTROL) in said.err
    held = Address(**control)
    assert token not in repr(held)
    assert control["token"] not in repr(held)
