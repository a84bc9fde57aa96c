"""Notices to a chat of a Telegram bot: what is posted, what a refusal says, and where its token never stands."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from runtime.backends.base import Loudness, Notice
from tests.tools.cli import run as cli
from tests.tools.live.made import LADDER, lived
from tools.live.notify import Note, by_telegram, by_webhook

ROOT = Path(__file__).parents[3]
TOKEN = "123456:AAH-made_up_for_a_test"
HALTED = Note("halted", "halt", "max_daily_loss_usdt", 1)
Posts = list[tuple[str, dict[str, Any]]]


class Bot:
    """A bot API on loopback that takes what is posted, or refuses it with a description."""

    def __init__(self) -> None:
        self.posts: Posts = []
        self.came = threading.Event()
        self.refusal = ""
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                bot.posts.append((self.path, json.loads(body)))
                self.send_response(400 if bot.refusal else 200)
                self.end_headers()
                said = {"ok": False, "error_code": 400, "description": bot.refusal}
                self.wfile.write(json.dumps(said if bot.refusal else {"ok": True}).encode())
                bot.came.set()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def bot() -> Iterator[Bot]:
    made = Bot()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_note_is_written_to_the_chat_by_send_message(bot: Bot) -> None:
    assert by_telegram(TOKEN, "42", bot.url)(HALTED) == ""
    said = {"chat_id": "42", "text": "halted: max_daily_loss_usdt"}
    assert bot.posts == [(f"/bot{TOKEN}/sendMessage", said)]
    by_telegram(TOKEN, "42", bot.url)(Note("long", "alarm", "x" * 5_000, 1))
    assert len(bot.posts[1][1]["text"]) == 4_096


def test_a_refusal_says_what_the_bot_api_says_and_never_the_token(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDEACARD_TELEGRAM_TOKEN", TOKEN)
    bot.refusal = f"Bad Request: chat not found ({TOKEN})"
    why = by_telegram(TOKEN, "7", bot.url)(HALTED)
    assert why == "Telegram did not take it: 400 Bad Request: chat not found ([hidden])"
    nobody = by_telegram(TOKEN, "7", "http://127.0.0.1:9")(HALTED)
    assert nobody == "Telegram did not take it: URLError"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a b\n", "no address", "http://127.0.0.1:x/"])
def test_an_address_that_is_none_is_said_without_it_and_ends_nothing(url: str) -> None:
    why = by_webhook(url)(HALTED)
    assert why.startswith("the webhook did not take it: ")
    assert url not in why


def test_the_command_reads_the_token_from_the_environment_and_writes_it_nowhere(
    bot: Bot, tmp_path: Path
) -> None:
    run, folder = lived(LADDER, tmp_path, bars=5)
    env = {
        **os.environ, "IDEACARD_TELEGRAM_TOKEN": TOKEN, "IDEACARD_TELEGRAM_URL": bot.url, "no_proxy": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    words = [sys.executable, "ideacard.py", "live", "notify", str(folder), "--telegram", "42"]
    told = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
    try:
        while not bot.came.wait(0.5):  # what was there before it began is not told
            assert told.poll() is None, told.communicate()[0]
            run.session.warn(Notice(kind="adl_rank", loudness=Loudness.ALARM, text=f"5 of {TOKEN}"))
            run.session.flush()
    finally:
        told.send_signal(signal.SIGINT)
        out = told.communicate(timeout=60)[0]
        run.close()
    assert bot.posts[0][1] == {"chat_id": "42", "text": "adl_rank: 5 of [hidden]"}
    assert "alarm adl_rank: 5 of [hidden]" in out
    assert TOKEN not in out


@pytest.mark.parametrize(
    ("env", "args", "said"),
    [
        ({}, ["--telegram", "42"], "IDEACARD_TELEGRAM_TOKEN is not set: expected NUMBER:LETTERS"),
        ({"TOKEN": "s3cret/x"}, ["--telegram", "42"], "holds no token of a bot: expected"),
        ({"TOKEN": TOKEN}, [], "no chat is named: say --telegram CHAT"),
    ],
)
def test_a_chat_without_a_token_and_a_token_without_a_chat_are_refused(
    env: dict[str, str], args: list[str], said: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name, value in env.items():
        monkeypatch.setenv(f"IDEACARD_TELEGRAM_{name}", value)
    ran = cli(capsys, ["live", "notify", str(tmp_path), *args])
    assert ran.code == 2
    assert said in re.sub(r"[\s│]+", " ", ran.err)
    assert not any(value in ran.err for value in env.values())
