"""The `size:` form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.parse.sizes import hundredfold, hundredth, parse_size
from compiler.pipeline import check
from compiler.syntax import expr as e
from compiler.syntax.tree import Size, SizeKind


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("10% of equity", SizeKind.EQUITY_FRACTION, 0.1),
        ("12.5 % of  equity", SizeKind.EQUITY_FRACTION, 0.125),
        ("25% of max", SizeKind.MAX_FRACTION, 0.25),
        ("50% of position", SizeKind.POSITION_FRACTION, 0.5),
        ("1_000 usdt", SizeKind.USDT, 1000.0),
        ("0.01 base", SizeKind.BASE, 0.01),
        ("risk 1%", SizeKind.RISK_PCT, 1.0),
        ("risk 0.5% of equity", SizeKind.RISK_PCT, 0.5),
    ],
)
def test_each_form_has_its_kind(text: str, kind: SizeKind, value: float) -> None:
    size = parse_size(text).size
    assert size is not None
    assert isinstance(size.value, e.Number)
    assert (size.kind, size.value.value) == (kind, value)


def test_the_amount_may_be_a_tunable() -> None:
    param, hundred = e.ParamRef("p"), e.Number(100.0, True)
    part = e.Arith(e.ArithOp.DIV, param, hundred)
    assert parse_size("=p% of equity").size == Size(SizeKind.EQUITY_FRACTION, part)
    assert parse_size("=p usdt").size == Size(SizeKind.USDT, param)
    assert parse_size("risk =p%").size == Size(SizeKind.RISK_PCT, param)


@pytest.mark.parametrize(
    ("text", "fix"),
    [("10% of equty", "equity"), ("25% of Max", "max"), ("100 usd", "usdt"), ("1 bas", "base")],
)
def test_a_misspelt_unit_is_mended(text: str, fix: str) -> None:
    parsed = parse_size(text)
    assert parsed.size is not None
    assert [x.fix_text for x in parsed.errors] == [fix]


@given(
    st.text(max_size=30) | st.sampled_from(["10", "", "10%", "risk 1", "of", "1 btc", "9" * 999])
)
def test_any_text_is_a_size_or_an_error(text: str) -> None:
    parsed = parse_size(text)
    assert (parsed.size is None) <= bool(parsed.errors)


@given(st.integers(1, 10**6), st.integers(0, 6))
def test_percent_and_fraction_are_exact_decimals_of_each_other(digits: int, places: int) -> None:
    fraction = float(f"{digits}e-{places + 2}")
    percent = float(f"{digits}e-{places}")
    assert (hundredfold(fraction), hundredth(percent)) == (percent, fraction)


@pytest.mark.parametrize("text", ["0.01e999 base", "1e999% of equity", "risk 1e400%"])
def test_a_size_beyond_counting_is_refused_at_its_number(text: str) -> None:
    parsed = parse_size(text)
    assert parsed.size is None
    ((start, end, message),) = [(e.start, e.end, e.message) for e in parsed.errors]
    assert "too large" in message
    assert "e" in text[start:end]


@pytest.mark.parametrize("size", ["10 pct", '"1e999 base"'])
def test_a_size_that_cannot_be_read_is_one_finding_not_also_a_missing_size(size: str) -> None:
    text = (
        "name: t\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n  - id: a\n    cases:\n"
        "      - when: close > open and position_side == flat\n"
        f"        emit: [{{ action: entry_long, metadata: {{ size: {size}, stop_loss: low }} }}]\n"
    )
    assert [d.code for d in check(Source("t", text)).diagnostics if d.is_error] == ["IC111"]


def test_a_risk_said_the_other_way_round_is_told_the_right_one() -> None:
    for text in ("1% risk", "0.5 % risk", "=r% risk"):
        (error,) = parse_size(text).errors
        assert error.fix_text is not None
        assert not error.sure
        assert not parse_size(error.fix_text).errors
    assert parse_size("1% risk").errors[0].fix_text == "risk 1%"
