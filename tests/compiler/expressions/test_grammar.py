"""The parser's tables: kept between processes, rebuilt whenever they are not good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from compiler.expressions.grammar import grammar
from compiler.expressions.read import parse_expression


@pytest.fixture
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    grammar.cache_clear()
    yield tmp_path
    grammar.cache_clear()


def reads() -> bool:
    return parse_expression("a > 1 for 3 bars").errors == ()


def test_tables_are_kept_in_the_users_cache(cache_home: Path) -> None:
    assert reads()
    kept = cache_home / "ideacard" / "grammar.cache"
    first = kept.read_bytes()
    grammar.cache_clear()
    assert reads()
    assert kept.read_bytes() == first


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_damaged_tables_are_built_anew(cache_home: Path, damage: bytes | None) -> None:
    assert reads()
    kept = cache_home / "ideacard" / "grammar.cache"
    kept.write_bytes(kept.read_bytes()[:1000] if damage is None else damage)
    grammar.cache_clear()
    assert reads()


def test_no_place_for_a_cache_is_no_obstacle(cache_home: Path) -> None:
    (cache_home / "ideacard").write_text("a file where the folder would be")
    assert reads()


def test_reading_one_more_expression_builds_no_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reads()

    def built(_lexer: object) -> None:
        raise AssertionError("the scanner was built again")

    monkeypatch.setattr("lark.lexer.BasicLexer._build_scanner", built)
    assert reads()
