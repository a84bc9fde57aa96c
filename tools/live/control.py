"""The control socket of a session: one line of JSON in, one out. Nobody else on the machine may speak.

The law: a Unix socket only its owner can open (0600), or 127.0.0.1 with a secret only its owner can read
where there are none. What comes in is a word of `words`; it is answered in the session's thread.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import socket
import socketserver
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from pathlib import Path
from typing import Any

from runtime.market.whole_files import write_whole
from tools.live.folders import CONTROL
from tools.live.words import Asked, Reply

_LONGEST = 64 * 1024
_MOST_PATH = 100  # bytes of a socket's path that every system takes
_HAS_UNIX = hasattr(socket, "AF_UNIX")
Ask = Callable[[Asked], Reply]


class NoSession(Exception):
    """Nobody answers there."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a session listens: a path of a socket, or a port of 127.0.0.1; `page` is a URL or ""."""

    path: str
    port: int
    token: str = field(repr=False)
    pid: int
    page: str = field(default="", repr=False)  # it ends in the page's token


class _Handler(socketserver.StreamRequestHandler):
    timeout = 15.0

    def handle(self) -> None:
        """Answer one line."""
        server = self.server
        assert isinstance(server, _Answers)
        reply = server.answered(self.rfile.readline(_LONGEST))
        self.wfile.write(json.dumps(asdict(reply)).encode() + b"\n")


class _Answers(socketserver.ThreadingMixIn, socketserver.BaseServer):
    daemon_threads = True
    ask: Ask
    token: str

    def answered(self, line: bytes) -> Reply:
        try:
            row = json.loads(line)
            if not hmac.compare_digest(str(row.pop("token", "")), self.token):
                return Reply(False, "this is another session's socket", {})
            asked = _asked(row)
        except (ValueError, TypeError, AttributeError) as error:
            return Reply(False, f"not a word: {error}", {})
        return self.ask(asked)


def _asked(row: dict[str, Any]) -> Asked:
    """Return a word as it was sent; TypeError or ValueError for what is none."""
    known = {one.name for one in fields(Asked)}
    if not set(row) <= known:
        raise ValueError(f"unknown: {', '.join(sorted(set(row) - known))}")
    texts = {name: row.get(name, "") for name in ("word", "by", "name")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError("word, by and name are texts")
    value = row.get("value", 0.0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise TypeError(f"value is a number, not {value!r}")
    return Asked(**texts, value=float(value))


class _Port(_Answers, socketserver.TCPServer):
    pass


if _HAS_UNIX:

    class _Socket(_Answers, socketserver.UnixStreamServer):
        pass


class Control:
    """Listens for a session until `close`. `folder` gets the address in a file only its owner reads."""

    def __init__(self, folder: Path, ask: Ask, page: str = "") -> None:
        self._file = folder / CONTROL
        self._home: tempfile.TemporaryDirectory[str] | None = None
        token = secrets.token_urlsafe(24)
        server: _Answers
        path, port = "", 0
        if _HAS_UNIX:
            path = self._path(folder)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            old = os.umask(0o177)
            try:
                server = _Socket(path, _Handler)
            finally:
                os.umask(old)
        else:
            server = _Port(("127.0.0.1", 0), _Handler)
            port = int(server.server_address[1])
        server.ask, server.token = ask, token
        self._server = server
        self.address = Address(path, port, token, os.getpid(), page)
        self._thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()
        write_whole(self._file, json.dumps(asdict(self.address)), private=True)

    def _path(self, folder: Path) -> str:
        """Return a path short enough for a socket: in the folder, else in one of our own."""
        path = str((folder / "control.sock").resolve())
        if len(path.encode()) <= _MOST_PATH:
            return path
        self._home = tempfile.TemporaryDirectory(prefix="ideacard-")  # 0700 by itself
        return str(Path(self._home.name) / "control.sock")

    def close(self) -> None:
        """Stop listening; the address is taken back."""
        self._server.shutdown()
        self._server.server_close()
        self._file.unlink(missing_ok=True)
        if self.address.path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.address.path)
        if self._home is not None:
            self._home.cleanup()


# ---------------------------------------------------------------- the other end


def address_of(folder: Path) -> Address:
    """Return where the session of a folder listens; NoSession where none does."""
    try:
        return Address(**json.loads((folder / CONTROL).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise NoSession(f"{folder}: no session runs there") from None


def speak(address: Address, asked: Asked, timeout_s: float = 15.0) -> Reply:
    """Say a word to a session and return its reply; NoSession where nobody answers."""
    row: dict[str, Any] = asdict(asked) | {"token": address.token}
    try:
        with _connected(address, timeout_s) as line:
            line.sendall(json.dumps(row).encode() + b"\n")
            with line.makefile("rb") as back:
                answer = json.loads(back.readline())
    except (OSError, ValueError) as error:
        why = f"the session of process {address.pid} does not answer: {error}"
        raise NoSession(why) from None
    return Reply(bool(answer["is_done"]), str(answer["text"]), answer["data"])


def _connected(address: Address, timeout_s: float) -> socket.socket:
    if address.path:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(timeout_s)
        line.connect(address.path)
        return line
    return socket.create_connection(("127.0.0.1", address.port), timeout=timeout_s)


def sessions(out: Path) -> list[Path]:
    """Return the folders under `out` in which a session says it runs, newest first."""
    found = sorted(out.glob(f"*/{CONTROL}"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.parent for path in found]
