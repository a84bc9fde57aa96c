"""A real browser without a window: what the page looks like once its script has run."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_WAIT_SECONDS = 120


def dump(page: Path, *, script: str = "", window: str = "1400,1600") -> str:
    """Return the document of a page after its scripts; `script` runs at the end of a copy of it.

    Skips where there is no browser; on continuous integration there is one.
    """
    if script:
        page = _with_script(page, script)
    return dump_address(page.as_uri(), page.parent, window=window)


def dump_address(address: str, folder: Path, *, window: str = "1400,1600") -> str:
    """Return the document behind an address after its scripts; the browser's profile goes to `folder`."""
    browser = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if browser is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no chromium on CI")
        pytest.skip("no chromium to open the page in")
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--virtual-time-budget=4000", f"--window-size={window}",
        f"--user-data-dir={folder / 'profile'}", "--dump-dom", address,
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_WAIT_SECONDS, check=True
    )
    return done.stdout


def _with_script(page: Path, script: str) -> Path:
    """Return a copy without the content policy (which would stop ours) that runs one more script."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    at = text.rindex("</body>")
    copy = page.with_name("with_script.html")
    copy.write_text(f"{text[:at]}<script>{{{script}\n}}</script>{text[at:]}", encoding="utf-8")
    return copy


def attribute(document: str, name: str) -> str | None:
    """Return the value of the first attribute of that name in a document."""
    match = re.search(rf'\s{name}="([^"]*)"', document)
    return html.unescape(match.group(1)) if match else None


def section(document: str, name: str) -> str:
    """Return the text of a section by its id, without markup."""
    match = re.search(rf'<section[^>]*id="{name}".*?</section>', document, re.DOTALL)
    assert match is not None, f"the page has no section `{name}`"
    return html.unescape(re.sub(r"<[^>]+>", " ", match.group(0)))
