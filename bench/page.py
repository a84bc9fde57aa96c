"""A report's page in a browser without a window: when it paints, when it answers, how it follows a pointer.

    python -m bench.page REPORT.html [--width 1400] [--repeats 3]

The law: nothing here fails on time. What is said is of the browser's own clock, from the address given to the page that
says it is ready; frames are the times between two of its pictures while the chart is dragged by a real pointer and while
its wheel zooms, without a graphics card.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_STARTS_S = 30.0
_HEIGHT = 1000
_MOVES = 60
# Notes when the page says that it is ready, and every picture from `mark()` on.
_WATCH = """
new MutationObserver((_, watch) => {
  if (!document.documentElement?.dataset.ready) return;
  window.readyAt = performance.now();
  watch.disconnect();
}).observe(document, { subtree: true, childList: true, attributes: true });
window.mark = () => {
  const mine = (window.frames_ = []);
  const next = (at) => { if (window.frames_ === mine) { mine.push(at); requestAnimationFrame(next); } };
  requestAnimationFrame(next);
};
"""
_READY = "new Promise((done) => { const ask = () => window.readyAt ? requestAnimationFrame(() => done(true)) : performance.now() > 60000 ? done(false) : setTimeout(ask, 20); ask(); })"
_PAINT = "performance.getEntriesByType('paint').find((e) => e.name === 'first-contentful-paint')?.startTime ?? null"
_PLACE = "(() => { const r = document.querySelector('.chart canvas, canvas').getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()"


class Browser:
    """One browser with one page, told what to do over its own protocol."""

    def __init__(self, width: int) -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        program = next((path for name in _NAMES if (path := shutil.which(name))), None)
        if program is None:
            sys.exit(f"no browser: one of {', '.join(_NAMES)} is needed")
        self._process = subprocess.Popen(
            [
                program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--remote-debugging-port=0", "--remote-allow-origins=*", f"--window-size={width},{_HEIGHT}",
                f"--user-data-dir={self._folder.name}", "about:blank",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._number = 0
        self._line = self._connected()

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._line.close()
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    def _connected(self) -> Any:
        from urllib.request import urlopen

        import websocket

        said = Path(self._folder.name) / "DevToolsActivePort"
        until = time.monotonic() + _STARTS_S
        while not (said.exists() and said.read_text().strip()):
            if time.monotonic() > until:
                sys.exit("the browser does not start")
            time.sleep(0.05)
        port = said.read_text().split()[0]
        with urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            pages = [page for page in json.load(answer) if page["type"] == "page"]
        return websocket.create_connection(pages[0]["webSocketDebuggerUrl"], timeout=300)

    def tell(self, method: str, **params: object) -> Any:
        """Return what the browser answers to one message of its protocol."""
        self._number += 1
        self._line.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._line.recv())
            if answer.get("id") == self._number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]

    def ask(self, script: str) -> Any:
        """Return the value of a script in the page."""
        found = self.tell(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        return found["result"].get("value")


def measure(page: Path, width: int) -> dict[str, float]:
    """Return ms: the first paint, until ready, and of each kind of move the median and longest frame."""
    with Browser(width) as browser:
        browser.tell("Page.enable")
        browser.tell("Page.addScriptToEvaluateOnNewDocument", source=_WATCH)
        browser.tell("Page.navigate", url=page.resolve().as_uri())
        if not browser.ask(_READY):
            sys.exit(f"{page}: does not say that it is ready")
        found = {"first paint": browser.ask(_PAINT), "ready": browser.ask("window.readyAt")}
        left, top, wide, tall = browser.ask(_PLACE)
        x, y = left + wide / 2, top + tall / 3
        for _ in range(4):  # closer, so that there is somewhere to go
            _mouse(browser, "mouseWheel", x, y, deltaX=0, deltaY=-240)
        for kind, moved in (("pan", _drag), ("zoom", _wheel)):
            browser.ask("window.mark()")
            moved(browser, x, y, wide)
            frames = browser.ask("window.frames_")
            steps = [after - before for before, after in itertools.pairwise(frames)]
            found |= {f"{kind}, a frame": statistics.median(steps), f"{kind}, longest": max(steps)}
        return found


def _drag(browser: Browser, x: float, y: float, wide: float) -> None:
    _mouse(browser, "mousePressed", x, y, button="left", clickCount=1)
    for step in range(1, _MOVES + 1):
        _mouse(browser, "mouseMoved", x - wide * 0.4 * step / _MOVES, y, button="left", buttons=1)
    _mouse(browser, "mouseReleased", x - wide * 0.4, y, button="left", clickCount=1)


def _wheel(browser: Browser, x: float, y: float, wide: float) -> None:
    for step in range(_MOVES):
        _mouse(browser, "mouseWheel", x, y, deltaX=0, deltaY=-60 if step < _MOVES // 2 else 60)


def _mouse(browser: Browser, kind: str, x: float, y: float, **more: object) -> None:
    browser.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    words.add_argument("page", type=Path)
    words.add_argument("--width", type=int, default=1400)
    words.add_argument("--repeats", type=int, default=3)
    asked = words.parse_args()
    runs = [measure(asked.page, asked.width) for _ in range(asked.repeats)]
    print(
        f"{asked.page.stat().st_size / 1e6:.1f} MB, {asked.width} pixels, ms: median (least - most)"
    )
    for name in runs[0]:
        values = sorted(run[name] for run in runs)
        print(f"{name:14} {statistics.median(values):7.0f} ({values[0]:.0f} - {values[-1]:.0f})")


if __name__ == "__main__":
    main()
