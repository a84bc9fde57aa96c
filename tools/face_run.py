"""A finished run as a value: its figures, its tables, its page.

The law: metrics are those of `result.json`, tables those of the run's folder; nothing is counted here.
"""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, cast

from runtime.reports.run_files import RunFiles


def frame_library(name: str) -> Any:
    """Return the module of a library of data frames; ModuleNotFoundError says how to install it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ModuleNotFoundError(
            f"a {name} data frame needs {name}, which is not installed here: python -m pip install {name}; the rows as "
            "dictionaries (`rows`) need nothing more",
            name=name,
        ) from None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a run. Any library that speaks Arrow takes it as it is."""

    arrow: Any

    def pandas(self) -> Any:
        """Return a pandas DataFrame; times (`ts`, `*_ts`) stay ms UTC. ImportError where pandas is not installed."""
        frame_library("pandas")
        return self.arrow.to_pandas()

    def polars(self) -> Any:
        """Return a polars DataFrame. ImportError where polars is not installed."""
        return frame_library("polars").from_arrow(self.arrow)

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries."""
        return cast("list[dict[str, Any]]", self.arrow.to_pylist())

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns."""
        return cast("list[str]", self.arrow.column_names)

    def __len__(self) -> int:
        return cast(int, self.arrow.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows())

    def __getitem__(self, name: str) -> list[Any]:
        return cast("list[Any]", self.arrow.column(name).to_pylist())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.arrow.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<Table {len(self)} rows: {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        shown = self.arrow.slice(0, 20).to_pylist()
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(str(v))}</td>" for v in row.values()) + "</tr>"
            for row in shown
        )
        more = f"<p>{len(self) - 20:,} more rows</p>" if len(self) > 20 else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


@dataclass(frozen=True, slots=True)
class Plot:
    """A report page, shown inside a notebook; it needs no network."""

    html: str
    height: int

    def _repr_html_(self) -> str:
        page = escape(self.html, quote=True)
        return (
            f'<iframe srcdoc="{page}" style="width:100%;height:{self.height}px;border:0" '
            'title="IdeaCard report"></iframe>'
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run. Metrics are those of `result.json`, tables those of its folder."""

    files: RunFiles
    summary: str
    held: Any = field(default=None, repr=False)

    @property
    def result(self) -> dict[str, Any]:
        """Return the content of result.json."""
        return self.files.made

    @property
    def metrics(self) -> dict[str, Any]:
        """Return the figures by name; the unit is the end of the name (`_pct`, `_usdt`, `_days`)."""
        return cast("dict[str, Any]", self.files.made["metrics"])

    @property
    def trust(self) -> list[tuple[str, str]]:
        """Return what the result can be trusted for: (grade, sentence)."""
        from runtime.reports.trust import trust_notes

        notes = trust_notes(self.files.made)
        return [(str(note.grade), f"{note.title}: {note.text}") for note in notes]

    @property
    def trades(self) -> Table:
        """Return the trades: one row from the first fill to flat."""
        return self._table("trades")

    @property
    def orders(self) -> Table:
        """Return the orders with their ends."""
        return self._table("orders")

    @property
    def fills(self) -> Table:
        """Return the executions."""
        return self._table("fills")

    @property
    def layers(self) -> Table:
        """Return the layers of the position."""
        return self._table("layers")

    @property
    def refusals(self) -> Table:
        """Return what was asked and not done, with the reason."""
        return self._table("refusals")

    @property
    def remarks(self) -> Table:
        """What the run did to wishes of the card without refusing them, one row each."""
        return self._table("remarks")

    @property
    def equity(self) -> Table:
        """Return equity, balance and position at the close of every bar."""
        return self._table("equity")

    def _table(self, name: str) -> Table:
        from runtime.reports.artefacts import read_artefact

        return Table(read_artefact(self.files.table(name)))

    def plot(self, height: int = 900) -> Plot:
        """Return the report page for a notebook cell, `height` in CSS pixels."""
        assert self.files.report is not None
        return Plot(self.files.report.read_text(encoding="utf-8"), height)

    def save(self, folder: str | Path) -> Path:
        """Copy the run folder under `folder`; return where its report lies."""
        target = Path(folder) / self.files.folder.name
        return Path(shutil.copytree(self.files.folder, target, dirs_exist_ok=True)) / "report.html"

    def __str__(self) -> str:
        return self.summary

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary)}</pre>"
