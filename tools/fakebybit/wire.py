"""The types of what goes over the wire."""

from __future__ import annotations

from dataclasses import dataclass, field

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer. `is_lost`: the connection was cut and no answer came.

    `is_cut`: the connection was cut in the middle of the body.
    `delay_ms`: how much later than the effect it leaves.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_lost: bool = False
    is_cut: bool = False
    delay_ms: int = 0
