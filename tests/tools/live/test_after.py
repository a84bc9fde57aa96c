"""After a session: lived through again, held against a back-test, bundled, told to people."""

from __future__ import annotations

import http.server
import json
import sqlite3
import stat
import threading
import zipfile
from pathlib import Path

import pytest

from runtime.backends.base import Loudness, Notice
from runtime.live.journal import JournalError
from runtime.live.pulse import Pulse
from tests.tools.cli import run as cli
from tests.tools.live.made import GALLERY, LADDER, lived
from tools.live.bundle import LeftOut, write_bundle
from tools.live.compare import compare, compare_text
from tools.live.folders import HEARTBEAT, JOURNAL
from tools.live.notify import Note, Tail, Throttle, by_command, by_webhook
from tools.live.reading import ReadJournal, live_again
from tools.live.redact import redacted, secrets_of

NO_SLIPPAGE = (("account.slippage_bps", "0"),)


@pytest.mark.parametrize("card", sorted(GALLERY.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_obedient_venue_and_the_simulator_come_to_the_same(card: Path, tmp_path: Path) -> None:
    run, folder = lived(card, tmp_path, seed=11, overrides=NO_SLIPPAGE)
    run.close()
    found = compare(live_again(ReadJournal(folder)))
    assert found.bars == found.decided == 96
    assert [pair for pair in found.pairs if pair.why] == []
    assert found.funding[0] == pytest.approx(found.funding[1], abs=0.01)


def test_what_differs_has_its_cause_named(tmp_path: Path) -> None:
    run, folder = lived(GALLERY / "ema_cross.yaml", tmp_path, seed=11, bars=200)
    run.close()
    found = compare(live_again(ReadJournal(folder)))
    assert found.pairs
    assert found.same < len(found.pairs)
    assert {pair.why for pair in found.pairs if pair.why} == {
        "the back-test's slippage of 2 bps, which the session did not pay"
    }
    text = compare_text(found)
    assert "back-test  buy" in text


def test_bars_are_counted_from_the_session_s_first_as_from_a_back_test_s(tmp_path: Path) -> None:
    """A session counted what had warmed it up: a grid laid on bar 0 was never laid, and nothing said so."""
    text = LADDER.read_text(encoding="utf-8").replace(
        "when: up_trend", "when: mod(bar_index, 12) == 3 and bar_index[1] >= 0"
    )
    assert "bar_index[1]" in text
    run, folder = lived(LADDER, tmp_path, seed=11, text=text, overrides=NO_SLIPPAGE)
    run.close()
    found = compare(live_again(ReadJournal(folder)))
    assert found.pairs
    assert [pair.why for pair in found.pairs if pair.why] == []


def test_the_account_s_past_begins_with_the_session_as_a_back_test_s_does(tmp_path: Path) -> None:
    """`equity[40]` is unknown on the first forty bars of both, whatever has warmed up before."""
    text = LADDER.read_text(encoding="utf-8").replace(
        "when: up_trend", "when: equity[40] > 0 and up_trend"
    )
    assert "equity[40]" in text
    run, folder = lived(LADDER, tmp_path, seed=11, text=text, overrides=NO_SLIPPAGE)
    run.close()
    found = compare(live_again(ReadJournal(folder)))
    assert found.pairs
    assert [pair for pair in found.pairs if pair.why] == []


def test_what_a_person_held_back_is_said(tmp_path: Path) -> None:
    from tests.tools.live.made import made

    run, folder = made(LADDER, tmp_path, seed=11, overrides=NO_SLIPPAGE)
    run.cockpit.said("pause", "ann")
    run.run()
    run.close()
    found = compare(live_again(ReadJournal(folder)))
    assert any("refused in the session: held_back" in pair.why for pair in found.pairs)


def test_a_replay_is_the_same_and_says_where_it_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, folder = lived(LADDER, tmp_path, seed=11)
    state = run.desk.state_hash()
    run.close()
    ran = cli(capsys, ["live", "replay", str(folder), "--json"])
    assert json.loads(ran.out)["state"] == state
    db = sqlite3.connect(folder / JOURNAL)
    db.execute("update records set body = replace(body, '\"decides\":true', '\"decides\":false')")
    db.commit()
    db.close()
    ran = cli(capsys, ["replay", str(folder)])
    assert ran.code == 1
    assert "DIFFERS: record" in ran.err


def test_what_is_no_journal_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.journal").write_text("no database")
    for word in ("replay", "compare", "bundle"):
        ran = cli(capsys, ["live", word, str(tmp_path / "x.journal")])
        assert ran.code == 1
        assert "x.journal" in ran.err
    with pytest.raises(JournalError, match="no such journal"):
        ReadJournal(tmp_path / "nothing")


def test_compare_takes_one_session_where_it_takes_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, folder = lived(LADDER, tmp_path, bars=4)
    run.close()
    for where in (folder, folder / JOURNAL):
        ran = cli(capsys, ["compare", str(where), "--json"])
        assert ran.code == 0, ran.err
        assert json.loads(ran.out)["decided"] == 4
    assert cli(capsys, ["compare", str(tmp_path)]).code == 2


def test_a_journal_is_read_while_its_session_runs(tmp_path: Path) -> None:
    run, folder = lived(LADDER, tmp_path, bars=5)
    assert live_again(ReadJournal(folder)).desk.state_hash() == run.desk.state_hash()
    run.close()


# ---------------------------------------------------------------- bundle and notices


def test_a_bundle_holds_what_is_needed_and_is_replayed(tmp_path: Path) -> None:
    run, folder = lived(LADDER, tmp_path, bars=20)
    made = write_bundle(folder, tmp_path / "b.zip")
    state = run.desk.state_hash()
    run.close()
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    with zipfile.ZipFile(made) as zipped:
        assert set(zipped.namelist()) == {
            JOURNAL,
            "card.yaml",
            "facts.json",
            "state.txt",
            "versions.json",
        }
        zipped.extract(JOURNAL, tmp_path / "elsewhere")
        assert state in zipped.read("state.txt").decode()
    assert live_again(ReadJournal(tmp_path / "elsewhere")).desk.state_hash() == state
    inside = sqlite3.connect(tmp_path / "elsewhere" / JOURNAL)
    tables = {
        row[0] for row in inside.execute("select name from sqlite_master where type = 'table'")
    }
    inside.close()
    assert "snapshots" not in tables


def test_a_bundle_with_a_secret_in_it_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, folder = lived(LADDER, tmp_path, bars=2)
    run.session.warn(Notice(kind="odd", loudness=Loudness.NOTE, text="key hush-hush-9 refused"))
    run.close()
    monkeypatch.setenv("BYBIT_API_SECRET", "hush-hush-9")
    with pytest.raises(LeftOut):
        write_bundle(folder, tmp_path / "b.zip")
    assert not list(tmp_path.glob("b.zip*"))


def test_secrets_are_taken_out_by_their_own_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    assert secrets_of({"A_KEY": "abcdefgh", "B_TOKEN": "x", "HOME": "/home/ann"}) == ("abcdefgh",)
    monkeypatch.setenv("BYBIT_API_KEY", "abcdefgh")
    assert redacted("before abcdefgh after") == "before [hidden] after"


def test_notices_come_from_the_journal_of_a_running_session(tmp_path: Path) -> None:
    run, folder = lived(LADDER, tmp_path, bars=5)
    tail = Tail(folder)
    run.session.warn(Notice(kind="quiet", loudness=Loudness.NOTE, text="nothing"))
    run.session.warn(Notice(kind="adl_rank", loudness=Loudness.ALARM, text="rank 5 of 5"))
    run.session.link("private", is_up=False, why="silence")
    run.session.said("halt", "ann")
    found = [(note.kind, note.loudness) for note in tail.look(0)]
    assert found[:3] == [("adl_rank", "alarm"), ("link_private", "alarm"), ("halt", "note")]
    assert list(tail.look(0)) == []
    run.close()


def test_a_session_that_was_ended_in_order_is_no_silence(tmp_path: Path) -> None:
    run, folder = lived(LADDER, tmp_path, bars=5)
    tail, session = Tail(folder), run.session
    heart = Pulse(
        session, folder / HEARTBEAT, "testnet", seconds=lambda: 0.0, wall_ms=lambda: 1_000
    )
    heart.beat()
    assert [note.kind for note in tail.look(60_000)] == ["silent"]
    heart.end("a signal")
    found = [note for minute in range(3) for note in tail.look(61_000 + minute * 60_000)]
    assert [(note.kind, note.loudness) for note in found] == [("ended", "note")]
    assert "ended by a signal; it held" in found[0].text
    run.close()


def test_one_kind_is_told_once_a_minute() -> None:
    throttle = Throttle()
    passed = [throttle.passes("a", at) for at in (0.0, 1.0, 59.0, 60.0)]
    assert passed == [True, False, False, True]
    assert throttle.passes("b", 1.0)
    assert throttle.held == {"a": 2}


def test_a_command_gets_the_note_and_a_bad_one_harms_nothing(tmp_path: Path) -> None:
    note = Note("halted", "halt", "max_daily_loss_usdt", 1)
    assert by_command(f"cat > {tmp_path}/note.json")(note) == ""
    assert json.loads((tmp_path / "note.json").read_text())["kind"] == "halted"
    assert "ended with 3" in by_command("exit 3")(note)


def test_a_command_is_handed_no_keys_and_all_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BYBIT_API_KEY", "BYBIT_API_SECRET", "BYBIT_DEMO_API_SECRET"):
        monkeypatch.setenv(name, "of-the-account")
    monkeypatch.setenv("PAGER_API_KEY", "of-the-command")
    assert by_command(f"env > {tmp_path}/given")(Note("halted", "halt", "why", 1)) == ""
    given = (tmp_path / "given").read_text()
    assert "of-the-account" not in given
    assert "PAGER_API_KEY=of-the-command" in given


def test_a_webhook_is_posted_to_and_its_address_is_never_repeated() -> None:
    seen: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    note = Note("halted", "halt", "over", 1)
    assert by_webhook(f"http://127.0.0.1:{server.server_address[1]}/t0ken")(note) == ""
    server.shutdown()
    server.server_close()
    assert seen[0]["text"] == "halted: over"
    why = by_webhook(f"http://127.0.0.1:{server.server_address[1]}/t0ken")(note)
    assert why
    assert "t0ken" not in why
