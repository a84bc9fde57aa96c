"""A command that reads bars starts without pandas; Arrow finds it again where it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_BARS = "ts,open,high,low,close,volume\n" + "".join(
    f"{1_700_000_040_000 + 60_000 * i},10,11,9,10,1\n" for i in range(40)
)
_RUN = """\
import sys
from tools import cli
sys.argv = ['ideacard', 'data', 'import', sys.argv[1], '--store', sys.argv[2]]
try:
    cli.main()
except SystemExit as done:
    assert not done.code, done
assert 'pyarrow' in sys.modules and 'pandas' not in sys.modules, 'pandas was loaded'
"""


def test_an_import_of_bars_does_not_load_pandas(tmp_path: Path) -> None:
    file = tmp_path / "BTCUSDT_1m.csv"
    file.write_text(_BARS)
    _run(_RUN, str(file), str(tmp_path / "store"))


def test_arrow_finds_pandas_again_where_it_is_asked_for() -> None:
    pytest.importorskip("pandas")
    _run(
        "from tools.lean_arrow import keep_pandas_out\n"
        "keep_pandas_out()\n"
        "import pyarrow as pa, sys\n"
        "assert 'pandas' not in sys.modules and len(sys.meta_path) == len(set(sys.meta_path))\n"
        "import pandas\n"
        "table = pa.Table.from_pandas(pandas.DataFrame({'a': [1.5, None]}))\n"
        "assert table.to_pylist() == [{'a': 1.5}, {'a': None}]\n"
        "assert list(table.to_pandas().a.fillna(0.0)) == [1.5, 0.0]\n"
    )


def test_pandas_loads_arrow_where_nobody_has_yet() -> None:
    pytest.importorskip("pandas")
    _run(
        "from tools.lean_arrow import keep_pandas_out\n"
        "keep_pandas_out()\n"
        "import pandas\n"
        "import pyarrow as pa\n"
        "assert pa.Table.from_pandas(pandas.DataFrame({'a': [1.5]})).to_pylist() == [{'a': 1.5}]\n"
    )


def _run(code: str, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
