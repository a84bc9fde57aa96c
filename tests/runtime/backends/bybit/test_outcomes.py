"""The fate of a request by its answer: four outcomes, and none of them by guessing."""

from __future__ import annotations

import pytest

from runtime.backends.bybit.outcomes import Outcome, Remedy, Request, no_answer, of_answer, of_code
from runtime.backends.bybit.vocabulary import REFUSALS, SORTS, Sort
from tests.runtime.backends.bybit.test_messages import names, payload

R, X, N, U = Outcome.RECEIVED, Outcome.REFUSED, Outcome.NOT_SENT, Outcome.UNKNOWN


@pytest.mark.parametrize("code", [10000, 10016, 170007, 429, 110079, 40004])
def test_nobody_knows_what_became_of_it(code: int) -> None:
    for request in (Request.SUBMIT, Request.AMEND, Request.CANCEL):
        verdict = of_code(request, code, "")
        assert (verdict.outcome, verdict.remedy) == (U, Remedy.ASK)
    assert of_code(Request.QUERY, code, "").outcome is N


@pytest.mark.parametrize("code", [10006, 10019, 10429, 20003])
def test_too_many_requests_is_no_refusal(code: int) -> None:
    verdict = of_code(Request.SUBMIT, code, "", wait_ms=700)
    assert (verdict.outcome, verdict.remedy, verdict.wait_ms) == (N, Remedy.WAIT, 700)


@pytest.mark.parametrize("code", [-1, 10002])
def test_a_wrong_clock_was_not_carried_out(code: int) -> None:
    verdict = of_code(Request.SUBMIT, code, "")
    assert (verdict.outcome, verdict.remedy) == (N, Remedy.CLOCK)


@pytest.mark.parametrize("code", [110072, 10014, 20006])
def test_a_duplicate_exists_and_is_asked_for(code: int) -> None:
    verdict = of_code(Request.SUBMIT, code, "")
    assert (verdict.outcome, verdict.remedy) == (R, Remedy.ASK)
    assert of_code(Request.AMEND, code, "").outcome is U


@pytest.mark.parametrize("code", [110001, 110008, 110010])
def test_too_late_is_asked_about(code: int) -> None:
    verdict = of_code(Request.CANCEL, code, "")
    assert (verdict.outcome, verdict.code, verdict.remedy) == (X, "unknown_ref", Remedy.ASK)


def test_a_number_nobody_knows_costs_a_question_not_a_verdict() -> None:
    verdict = of_code(Request.SUBMIT, 987654, "odd")
    assert (verdict.outcome, verdict.code, verdict.remedy) == (U, "987654", Remedy.ASK)


def test_keys_halt_and_markets_stop_entries() -> None:
    assert of_code(Request.SUBMIT, 33004, "").remedy is Remedy.HALT
    assert of_code(Request.SUBMIT, 30228, "").remedy is Remedy.NO_ENTRIES


def test_what_was_so_already_is_received() -> None:
    assert of_code(Request.CHANGE, 34040, "").outcome is R
    same = "The order remains unchanged as the parameters entered match the existing ones."
    verdict = of_code(Request.AMEND, 10001, same)
    assert (verdict.outcome, verdict.code) == (R, "unchanged")


@pytest.mark.parametrize("answer", [None, [], "ok", {}, {"retCode": None}, {"retCode": True}])
def test_an_answer_of_no_shape_is_no_answer(answer: object) -> None:
    assert of_answer(Request.SUBMIT, answer) == of_answer(Request.SUBMIT, answer)
    assert of_answer(Request.SUBMIT, answer).outcome is U
    assert of_answer(Request.QUERY, answer).outcome is N


def test_a_code_written_as_text_is_a_code() -> None:
    assert of_answer(Request.SUBMIT, {"retCode": "0"}).outcome is R
    assert of_answer(Request.SUBMIT, {"retCode": "-1"}).remedy is Remedy.CLOCK


def test_silence_is_unknown_for_what_changes_and_nothing_for_a_question() -> None:
    assert no_answer(Request.CANCEL, "").outcome is U
    assert no_answer(Request.QUERY, "").outcome is N


def test_every_word_for_a_refusal_has_a_sort() -> None:
    assert set(REFUSALS) <= set(SORTS)
    assert SORTS[110001] is Sort.GONE


_ENVELOPES = [name for name in names("rest_") if "result_only" not in name]


@pytest.mark.parametrize("name", _ENVELOPES)
def test_every_recorded_answer_has_a_verdict(name: str) -> None:
    answer = payload(name)
    if "retCode" not in answer:
        pytest.skip("an excerpt without its envelope")
    verdict = of_answer(Request.SUBMIT, answer)
    assert (verdict.outcome is R) == (answer["retCode"] in (0, 110072, 110025, 110043))
