"""The page of a session on 127.0.0.1: one document without data, one picture as JSON, metrics.

The law: it reads and never acts. Nothing is told without the session's token, which no other site of the
browser can know, and nothing to a name that is not this machine's own (a site may point its name here).
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources

from tools.live.metrics import metrics_text
from tools.live.view import View

_HOSTS = ("127.0.0.1", "localhost")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    show: Callable[[], View | None]
    token: str


class _Handler(BaseHTTPRequestHandler):
    server_version = "ideacard"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing: a page that is open asks every second."""

    def do_GET(self) -> None:
        """Answer one question."""
        server = self.server
        assert isinstance(server, _Server)
        host = (self.headers.get("Host") or "").rpartition(":")
        if host[0] not in _HOSTS or host[2] != str(server.server_address[1]):
            return self._say(403, "text/plain", "this page is for 127.0.0.1 alone")
        if self.path == "/":
            return self._document()
        if self.path not in ("/view", "/metrics"):
            return self._say(404, "text/plain", "nothing here")
        said = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if not hmac.compare_digest(said.encode(), server.token.encode()):
            return self._say(403, "text/plain", "the session's token is needed")
        view = server.show()
        if view is None:
            return self._say(503, "text/plain", "the session does not answer")
        if self.path == "/metrics":
            return self._say(200, "text/plain; version=0.0.4", metrics_text(view))
        return self._say(200, "application/json", json.dumps(asdict(view)))

    def _document(self) -> None:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        self._say(200, "text/html", document(nonce), policy)

    def _say(self, status: int, kind: str, text: str, policy: str = "default-src 'none'") -> None:
        body = text.encode()
        self.send_response(status)
        has_charset = "charset" in kind
        self.send_header("Content-Type", kind if has_charset else f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


def document(nonce: str) -> str:
    """Return the page without data: markup, style and script in one."""
    home = resources.files("tools.live")
    text = {
        name: (home / f"page.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")
    }
    whole = text["html"].replace("/*STYLE*/", text["css"]).replace("/*SCRIPT*/", text["js"])
    return whole.replace("NONCE", nonce)


class Page:
    """Serves one session until `close`. `show` gives the picture, from any thread."""

    def __init__(self, show: Callable[[], View | None], port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.show, self._server.token = show, secrets.token_urlsafe(24)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def token(self) -> str:
        return self._server.token

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Return the address to open; the part after # never leaves the browser."""
        return f"{self.place}#{self.token}"

    @property
    def place(self) -> str:
        """Return the address without the token: what a log may have."""
        return f"http://127.0.0.1:{self.port}/"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
