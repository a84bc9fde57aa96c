"""Every situation has its test."""

from __future__ import annotations

from tests.runtime.live.table import COUNT, table


def test_each_of_the_hundred_situations_has_a_test_that_tells_it_in_words() -> None:
    found = table()
    assert set(found) == set(range(1, COUNT + 1))
    assert [n for n, tests in found.items() if not any(len(one.words) > 20 for one in tests)] == []


def test_a_claim_is_a_sentence_of_its_own() -> None:
    claims = [one.claim for tests in table().values() for one in tests]
    assert all(claim.count(" ") >= 3 for claim in claims)
