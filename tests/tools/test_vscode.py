"""The VS Code extension without a window: what it starts, and what it says where nothing starts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tools.lsp_client import ROOT

FOLDER = ROOT / "tools" / "vscode"
NODE = shutil.which("node")
PACKAGE: dict[str, Any] = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))

needs_node = pytest.mark.skipif(NODE is None, reason="node is not on this machine")


def hosted(folder: Path, path: str = "") -> dict[str, Any]:
    """Activate, restart and end the extension with `folder` open."""
    assert NODE is not None
    host = ROOT / "tests" / "tools" / "vscode_host.js"
    words = [NODE, str(host), str(FOLDER / "extension.js"), str(folder), *([path] if path else [])]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@needs_node
def test_the_extension_starts_the_program_of_the_open_folder_and_starts_it_again_when_asked(
    tmp_path: Path,
) -> None:
    program = tmp_path / ".venv" / "bin" / "ideacard"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\ncd "{ROOT}" && exec "{sys.executable}" -m tools.cli "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    told = hosted(tmp_path)
    assert told["messages"] == []
    first, second = told["started"]
    assert first == second
    assert first["command"] == str(program)
    assert first["languages"] == ["ideacard"]
    wanted = {
        "completionProvider", "hoverProvider", "definitionProvider", "renameProvider",
        "codeActionProvider", "documentFormattingProvider", "documentSymbolProvider",
        "inlayHintProvider", "signatureHelpProvider", "semanticTokensProvider",
    }  # fmt: skip
    assert wanted <= set(first["capabilities"])


@needs_node
def test_a_program_that_is_not_there_is_said_with_the_setting_that_names_it(tmp_path: Path) -> None:
    told = hosted(tmp_path, path=str(tmp_path / "nowhere"))
    assert told["started"] == []
    assert len(told["messages"]) == 2  # at the start, and at the restart
    assert f"`{tmp_path / 'nowhere'} lsp` does not start" in told["messages"][0]
    assert "`ideacard.path`" in told["messages"][0]
    assert told["commands"][0] == ["workbench.action.openSettings", "ideacard.path"]


def test_every_file_and_setting_that_the_package_names_exists() -> None:
    gives = PACKAGE["contributes"]
    named = [
        PACKAGE["main"],
        *(one["configuration"] for one in gives["languages"]),
        *(one["path"] for one in gives["grammars"]),
    ]
    for name in named:
        assert (FOLDER / name).is_file(), name
        if name.endswith(".json"):
            json.loads((FOLDER / name).read_text(encoding="utf-8"))
    code = (FOLDER / "extension.js").read_text(encoding="utf-8")
    asked = set(re.findall(r'registerCommand\("([^"]+)"', code))
    assert asked == {one["command"] for one in gives["commands"]}
    settings = set(gives["configuration"]["properties"])
    assert set(re.findall(r'"(ideacard\.path)"', code)) <= settings
    assert PACKAGE["version"] == _version()


def _version() -> str:
    found = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert found is not None
    return found[1]
