"""The committed locks name every dependency exactly once per Python, and no place to fetch from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from runtime.reports.result import ENGINE_VERSION
from tools.locked_versions import moved, pins

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _names(requirements: list[str]) -> set[str]:
    found = [re.match(r"[A-Za-z0-9._-]+", line) for line in requirements]
    return {re.sub(r"[-_.]+", "-", match[0]).lower() for match in found if match}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_exact_versions_and_no_address(lock: str) -> None:
    for line in _text(lock).splitlines():
        assert re.fullmatch(r"[a-z0-9._-]+==\S+( ; .*)?", line), line
        assert "://" not in line


def test_the_locks_cover_every_dependency_and_agree() -> None:
    project = tomllib.loads(_text("pyproject.toml"))["project"]
    run, dev = pins(_text(LOCKS[0])), pins(_text(LOCKS[1]))
    assert _names(project["dependencies"]) <= run.keys()
    extras = project["optional-dependencies"]
    assert _names(extras["dev"] + extras["solver"]) <= dev.keys()
    assert {name: dev[name] for name in run} == run


def test_every_dependency_has_its_reason_in_the_documentation() -> None:
    project = tomllib.loads(_text("pyproject.toml"))["project"]
    page = _text("docs/dependencies.md")
    always, extras = page.split("## Extras")
    assert set(re.findall(r"^\| ([a-z][a-z0-9-]*) \|", always, re.M)) - {"package"} == _names(
        project["dependencies"]
    )
    for name in project["optional-dependencies"]:
        assert f"`{name}`" in extras, name


def test_what_moved_is_named_with_both_versions() -> None:
    locked = pins(
        "a==1.0\nb==1 ; python_full_version < '3.12'\nb==2 ; python_full_version >= '3.12'\n"
    )
    assert moved(locked, {"a": "1.1", "b": "2", "c": "3"}) == [
        "a 1.0 -> 1.1",
        "c 3: not in the lock",
    ]


def test_results_name_the_version_of_the_project() -> None:
    project = tomllib.loads(_text("pyproject.toml"))["project"]
    assert project["version"] == ENGINE_VERSION
