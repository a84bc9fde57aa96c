"""What a caller may add to a run, and where a written run lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from runtime.reports.conditions import Counted
from runtime.reports.lines import Line
from runtime.reports.trust_note import TrustNote
from runtime.reports.zones import Zone

Json = dict[str, Any]
CARD = "card.yaml"  # in a run folder: the text that was run, byte for byte
OVERRIDES = (
    "overrides.json"  # values given beside it, as [path, text]; no file where there are none
)


class Extra(TypedDict, total=False):
    """What the caller knows beyond the run itself; every key may be left out.

    `card_hash` is the sha256 of the card's text; with `card_text` and `overrides` the run can be made again. `tier` says which evaluator ran the account stage,
    `tier_reason` why not a faster one. `report: False` skips the page. `zones` and `lines` are drawn in it, `conditions` counted.
    `further` stands on the page with the notes that the result itself gives.
    """

    card_hash: str
    card_text: str
    overrides: Sequence[tuple[str, str]]
    report: bool
    engine: str
    tier: str
    tier_reason: str
    zones: Sequence[Zone]
    lines: Sequence[Line]
    conditions: Sequence[Counted]
    further: Sequence[TrustNote]


@dataclass(frozen=True, slots=True)
class RunFiles:
    """Where things are; `made` is the content of result.json."""

    folder: Path
    result: Path
    report: Path | None
    made: Json

    def table(self, name: str) -> Path:
        """Return the path of a table: orders fills layers trades refusals remarks equity."""
        return self.folder / f"{name}.parquet"
