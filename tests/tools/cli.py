"""Running the command line in process: exit code, standard output, standard error."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tools import cli


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], args: Sequence[str]) -> Ran:
    """Run `ideacard ARGS` as `main` does, exit codes and error texts included."""
    old = sys.argv
    sys.argv = ["ideacard", *args]
    try:
        with pytest.raises(SystemExit) as stop:
            cli.main()
    finally:
        sys.argv = old
    captured = capsys.readouterr()
    code = stop.value.code
    return Ran(code if isinstance(code, int) else 1, captured.out, captured.err)
