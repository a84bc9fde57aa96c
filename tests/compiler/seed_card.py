"""The complete example of the seed document, read from the gallery, where it stands unchanged."""

from __future__ import annotations

from pathlib import Path

from compiler.findings.source import Source

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "cards" / "gallery"


def seed_source() -> Source:
    path = GALLERY / "zone_scalper_v1.yaml"
    return Source(path.name, path.read_text(encoding="utf-8"))
