"""Nothing secret in anything a session writes: searched for byte by byte, with every library talking."""

from __future__ import annotations

import hmac
import json
import pickle
import time
import traceback
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from runtime.backends.bybit import pybit_http
from runtime.backends.bybit.keys import read_keys
from runtime.backends.bybit.pybit_http import Keys, Place, PybitTransport
from runtime.backends.bybit.rest import Rest
from runtime.errors import BackendError
from runtime.live.lock import PanicMark, lock_account
from runtime.live.pulse import read_heartbeat
from tests.runtime.live.kills import kill_left, nursery
from tests.runtime.live.process import Given
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.server import Served, serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

KEY, SECRET = "CANARYkey7Qx2", "CANARYsecret9Zw4Kp"
LOCAL = Place(base="http://127.0.0.1:9")


def everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def trade(served: Served) -> None:
    served.do(lambda v: v.trade(Decimal(50_000)))
    time.sleep(0.5)


def test_096_a_session_in_trouble_writes_neither_key_nor_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs of all libraries, and the local variables of all threads twenty times a second."""
    settings = Settings(start_ms=1_700_000_040_000, key=KEY, secret=SECRET, rate_limits=False)
    venue = Venue(settings)
    monkeypatch.setenv("BYBIT_API_KEY", KEY)
    monkeypatch.setenv("BYBIT_API_SECRET", SECRET)
    lock_account("testnet", KEY, "BTCUSDT", tmp_path)
    PanicMark("testnet", KEY, "BTCUSDT", tmp_path).put("panic")
    troubles = (
        Switch(kind=Fault.DROP_ANSWER, p=0.2), Switch(kind=Fault.HTTP, value=502, p=0.1),
        Switch(kind=Fault.CODE, on="position/list", value=10004, p=0.3), Switch(kind=Fault.CUT, p=0.1),
    )  # fmt: skip
    with serving(venue, speed=20.0) as served, nursery() as born:
        given = Given(
            folder=str(tmp_path), http=served.http, streams=served.streams, speed=20.0,
            is_spied_on=True,
        )  # fmt: skip
        for _ in range(2):
            child = born.start(given)
            until = time.monotonic() + 30
            while not served.do(lambda v: len(v.state.orders)):
                assert time.monotonic() < until
                trade(served)
            for trouble in troubles:
                served.do(lambda v, trouble=trouble: v.faults.add(trouble))
            for _ in range(8):
                trade(served)
            served.do(lambda v: v.faults.clear())
            kill_left(child)
    written = dict(everything(tmp_path))
    assert {"session.journal", "log", "frames"} <= set(written)
    assert b"_submit_request" in written["frames"], "pybit was never caught at work"
    for name, content in written.items():
        assert SECRET.encode() not in content, name
        # The key alone opens nothing; in the frames of sockets that send it, it is what is sent.
        assert name == "frames" or KEY.encode() not in content, name


def _told(error: BaseException) -> str:
    """Return all that a tracer could show of an exception: locals, causes, contexts."""
    seen, todo, text = set[int](), [error], ""
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        text += "".join(
            traceback.TracebackException.from_exception(one, capture_locals=True).format()
        )
        todo += [x for x in (one.__cause__, one.__context__) if x is not None]
    return text


DEEP = (
    (requests.Session, "send"),
    (requests.Session, "prepare_request"),
    (pybit_http, "signature"),
    (hmac, "digest"),
    (requests.adapters.HTTPAdapter, "get_connection_with_tls_context"),
)


@pytest.mark.parametrize("kind", [RuntimeError, SystemExit])
@pytest.mark.parametrize(("home", "name"), DEEP, ids=[name for _, name in DEEP])
def test_096_a_traceback_with_locals_from_any_depth_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, home: object, name: str, kind: type[BaseException]
) -> None:
    def fail(*_words: object, **_named: object) -> None:
        raise kind("deep inside")

    monkeypatch.setattr(home, name, fail)
    transport = PybitTransport(Keys(KEY, SECRET), LOCAL, 1)
    with pytest.raises((BackendError, SystemExit)) as caught:
        transport.send("POST", "order/create", {"symbol": "BTCUSDT"})
    shown = _told(caught.value)
    assert SECRET not in shown
    assert KEY not in shown
    if kind is RuntimeError:
        assert "in _submit_request" not in shown, "the frames of pybit stay behind"


def test_what_the_venue_repeats_of_the_key_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = PybitTransport(Keys(KEY, SECRET), LOCAL, 1)
    answer = requests.Response()
    answer.status_code = 200
    said = f"error sign! origin_string[1700000000000{KEY}5000category=linear]"
    answer._content = json.dumps({"retCode": 10004, "retMsg": said}).encode()
    monkeypatch.setattr(requests.Session, "send", lambda *_w, **_n: answer)
    got = transport.send("GET", "order/realtime", {"category": "linear"})
    assert "origin_string" in str(got.answer)
    assert KEY not in str(got.answer)


def test_nothing_that_holds_the_keys_shows_them_or_can_be_written_down() -> None:
    keys = Keys(KEY, SECRET)
    transport = PybitTransport(keys, LOCAL, 1)
    for one in (keys, transport, Rest(transport, transport), [keys.secret, {"a": keys.key}]):
        assert "CANARY" not in f"{one!r} {one}"
    assert "CANARY" not in repr(vars(transport))
    assert "CANARY" not in repr(vars(transport._session))
    for one in (keys, keys.key):
        with pytest.raises(TypeError):
            pickle.dumps(one)
    assert keys.secret == SECRET


def test_keys_come_from_the_environment_of_the_venue_and_their_absence_is_told_without_them() -> (
    None
):
    both = {
        "BYBIT_API_KEY": "a", "BYBIT_API_SECRET": "b", "BYBIT_DEMO_API_KEY": "c",
        "BYBIT_DEMO_API_SECRET": "d",
    }  # fmt: skip
    assert read_keys("demo", both.get).key == "c"
    assert read_keys("testnet", both.get).secret == "b"
    with pytest.raises(BackendError, match="BYBIT_TESTNET_API_KEY"):
        read_keys("testnet", {"BYBIT_API_SECRET": SECRET}.get)


def test_a_heartbeat_of_another_shape_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{"pid": 1}')
    assert read_heartbeat(tmp_path / "a") is None
