"""Days of a local session in which everything happens that a card can ask for."""

from __future__ import annotations

from collections import Counter

from tests.tools.live.days import day, table
from tests.tools.live.made import GALLERY, LADDER


def test_days_of_gallery_cards_have_entries_scale_ins_partial_exits_and_cancels() -> None:
    ladder = day(LADDER, 1, 192)
    partials = day(GALLERY / "mean_reversion_partials.yaml", 4, 300)
    counts = ladder + partials
    for name in ("entries", "scale_ins", "partial_exits", "closed", "cancelled", "expired"):
        assert counts[name], name
    assert ladder["scale_ins"] > 1
    assert partials["partial_exits"] > 1


def test_the_table_ends_with_what_the_rows_add_up_to() -> None:
    rows = [("a", Counter(placed=2, refused=1)), ("b", Counter(placed=1_000))]
    head, first, _, total = table(rows).splitlines()
    assert head.split()[:3] == ["card", "placed", "fills"]
    assert first.split()[1] == "2"
    assert total.split()[:2] == ["all", "1,002"]
    assert total.split()[-1] == "1"
