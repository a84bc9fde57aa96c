"""What `import ideacard` gives: cards, bars and runs as values that show themselves in a notebook.

The law: nothing is decided here; a run is that of `ideacard backtest`, a face opens its files.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any, cast

from compiler.findings.diagnostics import CompileFailed, Diagnostic
from compiler.findings.errors import IdeaCardError
from compiler.findings.source import Source
from runtime.reports.run_files import RunFiles
from tools.face_run import Run
from tools.feeds import Feeds
from tools.run_folders import RUNS
from tools.times import parse_time

Settings = Mapping[str, object]


class CardError(IdeaCardError):
    """A card that cannot be compiled or that lint stops; its text shows every error in its place."""

    def __init__(self, failure: CompileFailed) -> None:
        self.findings = Findings(failure.source, tuple(failure.diagnostics))
        super().__init__("\n" + str(self.findings))


@dataclass(frozen=True, slots=True)
class Findings(Sequence[Diagnostic]):
    """What the compiler found in a card, in the order of the text. True when nothing was found."""

    source: Source
    items: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        """Return whether the card may run: no finding is an error."""
        return not any(d.is_error for d in self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __str__(self) -> str:
        if not self.items:
            return f"{self.source.path}: no findings"
        from compiler.findings.render import render

        return render("text", [(self.source, self.items)]).rstrip()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


@dataclass(frozen=True, slots=True)
class Card:
    """A card: its text, and settings that stand above those it states."""

    source: Source
    settings: tuple[tuple[str, str], ...] = ()

    def check(self) -> Findings:
        """Return everything that lint has to say."""
        from compiler.pipeline import check
        from tools.symbol_table import findings_by_table

        return Findings(self.source, findings_by_table(check(self.source, self.settings)))

    def set(self, settings: Settings | None = None, **words: object) -> Card:
        """Return the card with other settings, as `--set` takes them.

        `card.set({"execution.fill_model": "conservative"})`; names without a dot may be given as
        keywords. CardError says which name is unknown when the card is used.
        """
        given = {**(settings or {}), **words}
        pairs = tuple((name, _word(value)) for name, value in given.items())
        return replace(self, settings=(*self.settings, *pairs))

    def backtest(
        self, bars: Bars | str | Path | None = None, *, out: str | Path | None = None,
        flip: bool = True, despite_lint: bool = False, progress: bool = False, runs: str | Path = RUNS,
    ) -> Run:  # fmt: skip
        """Return the run of the card on bars (default: the store `data/`).

        With `out` the run folder is kept there, as the command keeps it under `runs/`. Without, its files
        live as long as the run does. Unless its folder lies under `runs`, at whatever depth, a note of the try stays
        there, for `ideacard robust` counts what was tried on bars (UserWarning where it cannot be written). A card for
        several symbols runs on its first one; `bars(..., symbol=…)` says another. `flip` runs bars that
        settled decisions by their path once more the other way. CardError for a card that may not run,
        DataError for data that do not fit.
        """
        from tools.progress import progress_bar
        from tools.running import run_card

        if not isinstance(bars, Bars):
            bars = Bars(Feeds() if bars is None else Feeds(data=Path(bars)))
        feeds = bars.feeds
        if feeds.symbol is None:
            feeds = replace(feeds, symbol=self.symbol)
        held = None if out is not None else tempfile.TemporaryDirectory(prefix="ideacard-")
        folder = Path(held.name) if held is not None else Path(cast("str | Path", out))
        try:
            with progress_bar(self.source.path) as draw:
                (made,) = run_card(
                    self.source, feeds, self.settings, folder, flip=flip,
                    progress=draw if progress else None, despite_lint=despite_lint,
                )  # fmt: skip
        except CompileFailed as failure:
            raise CardError(failure) from None
        self._note(Path(runs), made.files)
        return Run(made.files, made.summary, held)

    def _note(self, runs: Path, files: RunFiles) -> None:
        """Leave word of a run whose files are not kept under `runs`."""
        from tools.search.tries import note_elsewhere, uncounted

        try:
            note_elsewhere(runs, files, self.source.text, self.settings)
        except OSError as error:
            warnings.warn(uncounted(error), UserWarning, stacklevel=3)

    @property
    def symbol(self) -> str:
        """Return the (first) symbol the card trades; CardError for a card that does not compile."""
        return cast(str, self._graph().symbols[0])

    @property
    def hash(self) -> str:
        """Return the hash of what the card means: the same for every way of writing it."""
        from compiler.graph.serde import graph_hash

        return graph_hash(self._graph())

    def _graph(self) -> Any:
        from compiler.pipeline import check

        checked = check(self.source, self.settings, lints=False)
        if checked.graph is None:
            raise CardError(CompileFailed(self.source, checked.diagnostics))
        return checked.graph

    def __repr__(self) -> str:
        return f"<Card {self.source.path}>"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.source.text)}</pre>"


def _word(value: object) -> str:
    """Return a setting as YAML writes it."""
    return json.dumps(value) if isinstance(value, (bool, dict, list)) else str(value)


@dataclass(frozen=True, slots=True)
class Bars:
    """The data of a run: where they are, what symbol, which part. Nothing is read before a run."""

    feeds: Feeds
    held: Any = field(default=None, repr=False)  # a folder that lives as long as these bars


def load(path: str | Path, settings: Settings | None = None) -> Card:
    """Return the card in a file; FileNotFoundError when there is none."""
    text = Path(path).read_bytes().decode("utf-8-sig")
    return Card(Source(str(path), text)).set(settings)


def card(text: str, name: str = "card") -> Card:
    """Return the card that a text is; `load` reads one from a file. TypeError for what is no text."""
    if not isinstance(text, str):
        raise TypeError(f"a card is a text, found {type(text).__name__}; `load(path)` reads a file")
    return Card(Source(name, text))


def bars(data: Any = "data", symbol: str | None = None, **words: Any) -> Bars:
    """Return the data of a run: a file, a store folder, or a data frame (pandas, polars, Arrow).

    `start`, `end`: times as text (`2025-01-01`), UTC. `venue`, `market`: of two stored series, which.
    `mark`, `funding`, `fine`: files beside the bars. `cold`: drop the bars before `start` instead of
    warming up on them. `tick`, `lot`: the grid of an instrument that the table lacks; `instrument`: a
    YAML file of facts. A data frame needs `symbol`. TypeError for an unknown word, DataError for a frame
    that cannot be read.
    """
    held = None
    if isinstance(data, (str, Path)):
        place = Path(data)
    else:
        held, place = _as_file(data, symbol)
    tick, lot = words.pop("tick", None), words.pop("lot", None)
    if (tick is None) != (lot is None):
        raise TypeError("tick and lot go together")
    known = {name: words.pop(name) for name in ("venue", "market") if name in words}
    paths: dict[str, Any] = {
        name: Path(words.pop(name)) for name in ("mark", "funding", "fine") if words.get(name)
    }
    facts = words.pop("instrument", None)
    feeds = Feeds(
        data=place, symbol=symbol, **known, **paths,
        start=parse_time(words.pop("start", None)), end=parse_time(words.pop("end", None)),
        cold=bool(words.pop("cold", False)), grid=None if tick is None else (tick, lot),
        instrument_file=None if facts is None else Path(facts),
    )  # fmt: skip
    if words:
        raise TypeError(f"bars() knows no {', '.join(words)}")
    return Bars(feeds, held)


def synthetic(
    symbol: str = "BTCUSDT", timeframe: str = "15m", bars: int = 17_520, seed: int = 7
) -> Bars:
    """Return a made-up market, the same for the same seed: to try a card, never to judge it."""
    from runtime.market.synthetic import SyntheticSpec
    from tools.data_options import parse_tf
    from tools.made_market import write_made_market

    held = tempfile.TemporaryDirectory(prefix="ideacard-")
    store = Path(held.name)
    spec = SyntheticSpec(symbol=symbol, timeframe=parse_tf(timeframe), bars=bars, seed=seed)
    write_made_market(store, spec)
    return Bars(Feeds(data=store, symbol=symbol), held)


def gallery(name: str) -> Card:
    """Return a card that comes with the package, of the gallery (`ema_cross`) or the cookbook (`03_rsi2`).

    KeyError for another, with the names there are; `ideacard new --list` says what each does.
    """
    from tools.shipped_cards import shipped_card

    found = shipped_card(name)
    return card(found.text, found.file)


def _as_file(frame: Any, symbol: str | None) -> tuple[Any, Path]:
    """Return (a folder to keep alive, a file with the bars of a data frame)."""
    from runtime.errors import DataError
    from runtime.market.bar_files import BAR_COLUMNS, write_table
    from runtime.market.identity import DataOrigin, Identity, Market
    from runtime.market.imports.containers import of_frame
    from runtime.market.imports.read import Asked, understand
    from runtime.market.imports.sources import open_source

    if symbol is None:
        raise DataError('a data frame does not say its symbol: bars(frame, symbol="BTCUSDT")')
    found = understand(open_source(of_frame(frame)), None, Asked(symbol=symbol))
    held = tempfile.TemporaryDirectory(prefix="ideacard-")
    path = Path(held.name) / f"{symbol}.parquet"
    identity = Identity(
        venue="unknown", market=Market.OTHER, symbol=symbol, timeframe=found.timeframe,
        origin=DataOrigin.IMPORTED, detail="data frame",
    )  # fmt: skip
    write_table(found.table.select(BAR_COLUMNS), path, identity)
    return held, path
