"""What looks like a mistake and is none: each rule beside a card it must leave alone.

The cards that must trigger are `cards/broken` and the pages of `rules_text`.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import compiler.lints
from compiler.findings.diagnostics import Severity
from compiler.findings.source import Source
from compiler.pipeline import check

HEAD = """\
name: example
symbol: BTCUSDT
tf: 15m
features:
  - {type: rsi, id: rsi_14}
  - {type: ema, id: fast, params: {length: 9}}
  - {type: ema, id: slow, params: {length: 21}}
  - {type: bbands, id: bb}
"""
LONG = "{action: entry_long, metadata: {size: 10% of equity, stop_loss_offset_pct: -2}}"
SHORT = "{action: entry_short, metadata: {size: 10% of equity, stop_loss_offset_pct: 2}}"
FREE = "position_side == flat and pending_order_count == 0"


def found(*blocks: list[tuple[str, str]], more: str = "") -> list[str]:
    """Return the codes of a card: each block a list of (when, actions)."""
    lines = ["blocks:"]
    for number, cases in enumerate(blocks):
        lines += [f"  - id: block_{number}", "    cases:"]
        for when, emit in cases:
            lines += [f"      - when: {when}", f"        emit: [{emit}]"]
    text = HEAD + more + "\n".join(lines) + "\n"
    checked = check(Source("card.yaml", text))
    assert checked.graph is not None, [d.message for d in checked.diagnostics]
    return sorted(d.code for d in checked.diagnostics if d.code not in ("IC202", "IC407"))


def limit(options: str, action: str = "place_limit_long") -> str:
    return f"{{action: {action}, metadata: {{size: 5% of equity, {options}}}}}"


ENTRY = [("close > open and position_side == flat", LONG)]
GOOD_LIMIT = limit("price_offset_pct: -1, ttl_bars: 20, stop_loss_offset_pct: -3, order_ref: dip")


@pytest.mark.parametrize(
    ("trail", "expected"),
    [
        ("distance_pct: 2", []),
        ("distance_pct: 0.02", ["IC307"]),
        (
            "distance_pct: 2, activate_pct: 0.01",
            ["IC307", "IC601"],
        ),  # it waits, so it is no stop yet
        ("distance_pct: 200", ["IC307", "IC601"]),
        ("distance: close", ["IC602"]),
        ("distance: close * 2", ["IC602"]),
        ("distance: close * 0.5", []),
        ("distance: bb.upper - bb.lower", []),
        ("distance: 200", []),  # nothing says what the price is
    ],
)
def test_the_numbers_of_a_trail_have_the_scale_of_a_stop(trail: str, expected: list[str]) -> None:
    entry = f"{{action: entry_long, metadata: {{size: 10% of equity, trail: {{{trail}}}}}}}"
    assert found([("close > open and position_side == flat", entry)]) == expected


@pytest.mark.parametrize(
    ("silent", "when"),
    [
        ("IC401", "rsi_14 > 70 or rsi_14 < 30"),
        ("IC401", "close > bb.upper and close[1] < bb.lower"),
        ("IC402", "rsi_14 > 0"),
        ("IC402", "slow is not missing and close > open"),
        ("IC405", "rsi_14 < 50 and rsi_14 > 30"),
        ("IC405", "fast > slow and close > fast"),
        ("IC409", "rsi_14 >= 100"),
        ("IC409", "rsi_14 > 99.5"),
    ],
)
def test_a_condition_that_can_go_either_way_is_left_alone(silent: str, when: str) -> None:
    assert found([(f"({when}) and position_side == flat", LONG)]) == [], silent


@pytest.mark.parametrize("type_", ["dema", "tema", "hma", "zlma", "linreg"])
def test_an_average_that_overshoots_may_be_below_zero(type_: str) -> None:
    more = f"  - {{type: {type_}, id: x, params: {{length: 9}}}}\n"
    assert found([(f"x < 0 and {FREE}", LONG)], more=more) == []
    assert found([(f"fast < 0 and {FREE}", LONG)]) == ["IC401"]


def test_a_wider_case_after_a_narrower_one_is_reachable() -> None:
    first = f"rsi_14 < 30 and {FREE}"
    assert found([(first, LONG), (f"rsi_14 < 40 and {FREE}", LONG)]) == []


def test_cases_that_exclude_each_other_do_not_overlap() -> None:
    up, down = "fast crosses above slow", "fast crosses below slow"
    assert found([(f"{up} and {FREE}", LONG), (f"{down} and {FREE}", SHORT)]) == []


def test_a_last_case_with_something_left_to_say_does_not_fall_through_unknowns() -> None:
    cases = [(f"rsi_14 < 30 and {FREE}", LONG), (f"rsi_14 > 70 and {FREE}", SHORT)]
    assert found([*cases, (FREE, "no_action")]) == []


def test_a_block_that_acts_on_every_bar_is_not_also_always_true() -> None:
    assert found(ENTRY, [("true", "cancel_all_orders")]) == ["IC408"]
    assert found(ENTRY, [("true", "no_action")]) == []


def test_a_cancel_that_can_still_meet_an_order_is_left_alone() -> None:
    stale = "oldest_pending_age_bars > %d"
    order = [(f"close > open and {FREE}", GOOD_LIMIT)]
    assert found(order, [(stale % 10, "cancel_all_orders")]) == []
    assert found(order, [(stale % 30, "cancel_all_orders")]) == ["IC505"]
    forever = [(f"close > open and {FREE}", GOOD_LIMIT.replace("ttl_bars: 20, ", ""))]
    assert found(forever, [(stale % 30, "cancel_all_orders")]) == []


@pytest.mark.parametrize(
    "guard",
    [
        "pending_order_count == 0",
        "pending_limit_buy_count < 1",
        "not order_pending(dip)",
        "pending_order_count <= 0",
        "oldest_pending_age_bars is missing",
    ],
)
def test_any_question_after_working_orders_guards_a_ref(guard: str) -> None:
    assert "IC502" not in found(
        [(f"close > open and position_side == flat and {guard}", GOOD_LIMIT)]
    )


def test_an_exit_of_a_fill_is_told_to_go_without_a_ref_and_never_to_replace_the_one_before() -> (
    None
):
    out = "{action: place_limit_exit_long, metadata: {price: high, size: fill, order_ref: out}}"
    entry = GOOD_LIMIT.replace("order_ref: dip", f"order_ref: dip, on_fill: [{out}]")
    blocks = f"blocks: [{{id: a, cases: [{{when: not order_pending(dip), emit: [{entry}]}}]}}]\n"
    diagnostics = check(Source("x", HEAD + blocks)).diagnostics
    [told] = [d.help for d in diagnostics if d.code == "IC502"]
    assert "leave its `order_ref` away" in (told or "")
    assert "replace" not in (told or "")


def test_a_replaced_ref_may_be_placed_again() -> None:
    moved = GOOD_LIMIT.replace("order_ref: dip", "order_ref: dip, on_live_ref: replace")
    assert found([("close > open and position_side == flat", moved)]) == []


def test_a_cross_does_not_repeat() -> None:
    when = "fast crosses above slow and position_side == flat"
    assert found([(when, GOOD_LIMIT)]) == []


def test_exits_guarded_in_any_way_are_left_alone() -> None:
    for guard in (
        "position_side == long", "position_side != flat", "not position_side == flat",
        "position_layers > 0", "bars_since_entry > 10", "position_avg_entry < close",
        "position_qty > 0", "position_unrealized_pct > 2", "bars_since_entry is not missing",
    ):  # fmt: skip
        assert found(ENTRY, [(f"close < slow and {guard}", "exit_long")]) == [], guard


def test_an_exit_of_one_side_asks_for_that_side_where_both_are_traded() -> None:
    short = [("close < open and position_side == flat and rsi_14 < 30", SHORT)]
    long = [("close > open and position_side == flat and rsi_14 > 70", LONG)]
    leave = "close < slow and position_side %s"
    assert found(long, short, [(leave % "!= flat", "exit_long")]) == ["IC506"]
    assert found(long, short, [(leave % "!= flat", "exit_all")]) == []
    assert found(long, short, [(leave % "== long", "exit_long")]) == []


def test_entries_of_one_oco_group_may_oppose() -> None:
    def stop(side: str, trigger: str, sign: str) -> str:
        return limit(
            f"trigger: {trigger}, ttl_bars: 5, stop_loss_offset_pct: {sign}2, order_group: box, "
            f"oco: true, order_ref: {side}",
            f"place_stop_{side}",
        )

    both = f"{stop('long', 'high * 1.01', '-')}, {stop('short', 'low * 0.99', '')}"
    when = f"close > open and {FREE}"
    assert found([(when, both)]) == []
    assert found([(when, both.replace("oco: true, ", ""))]) == ["IC508", "IC511"]


def test_a_limit_that_may_rest_is_left_alone() -> None:
    for price in ("bb.lower", "close * 0.99", "slow", "low"):
        order = limit(f"price: {price}, ttl_bars: 5, stop_loss_offset_pct: -3")
        assert found([(f"close > open and {FREE}", order)]) == [], price


def test_a_stop_of_the_card_or_of_a_rule_protects() -> None:
    bare = [
        ("close > open and position_side == flat", LONG.replace(", stop_loss_offset_pct: -2", ""))
    ]
    card = "risk_model: {stop_loss: {type: percent, value: 2.0}}\n"
    assert found(bare) == ["IC601"]
    assert found(bare, more=card) == []
    trail = [("position_side == long", "{action: adjust_stop, metadata: {price: low * 0.98}}")]
    assert found(bare, trail) == []


def test_an_addition_under_the_stop_of_the_first_entry_is_a_note() -> None:
    add = LONG.replace(", stop_loss_offset_pct: -2", "")
    when = "position_side == long and position_layers < 3 and close > position_avg_entry * 1.02"
    assert found(ENTRY, [(when, add)]) == ["IC601"]
    checked = check(Source("c", HEAD + f"blocks:\n  - id: a\n    cases:\n      - when: {when}\n"
        f"        emit: [{add}]\n  - id: b\n    cases:\n      - when: {ENTRY[0][0]}\n"
        f"        emit: [{LONG}]\n"))  # fmt: skip
    assert {d.severity for d in checked.diagnostics if d.code == "IC601"} == {Severity.INFO}


def test_levels_that_may_be_on_the_right_side_are_left_alone() -> None:
    for level in ("slow", "bb.lower", "low", "close - 10", "fast * 0.99"):
        entry = f"{{action: entry_long, metadata: {{size: 5% of equity, stop_loss: {level}}}}}"
        assert found([("close > open and position_side == flat", entry)]) == [], level


def test_entries_of_opposite_sides_do_not_add_up() -> None:
    big = LONG.replace("10%", "80%"), SHORT.replace("10%", "80%")
    up, down = "fast crosses above slow", "fast crosses below slow"
    first, second = [(f"{up} and {FREE}", big[0])], [(f"{down} and {FREE}", big[1])]
    assert found(first, second) == []


def test_a_cap_on_layers_in_any_place_is_a_cap() -> None:
    when = "position_side == long and close > position_avg_entry * 1.02"
    assert found(ENTRY, [(when, LONG)]) == ["IC605"]
    assert found(ENTRY, [(f"{when} and position_layers <= 2", LONG)]) == []
    assert found(ENTRY, [(when, LONG)], more="position_policy: {max_layers: 3}\n") == []


def test_max_layers_counts_orders_that_wait_and_position_layers_does_not() -> None:
    order = limit("price_offset_pct: -1, ttl_bars: 20, stop_loss_offset_pct: -3").replace(
        "5%", "10%"
    )
    when = "close > open and position_layers < 3"
    assert found([(when, order)]) == ["IC507", "IC604"]
    assert found([(when, order)], more="position_policy: {max_layers: 3}\n") == []
    assert found([(f"{when} and pending_order_count < 3", order)]) == []


def test_a_target_as_far_as_its_stop_is_left_alone() -> None:
    def with_target(percent: float) -> str:
        return LONG.replace("-2}", f"-2, take_profit_offset_pct: {percent}}}")

    assert found([(ENTRY[0][0], with_target(2))]) == []
    assert found([(ENTRY[0][0], with_target(1.9))]) == ["IC606"]


def test_a_partial_exit_that_happens_once_is_left_alone() -> None:
    half = "{action: exit_long, metadata: {size: 50% of position}}"
    when = "position_side == long and close > slow"
    assert found(ENTRY, [(when, half)]) == ["IC607"]
    assert found(ENTRY, [(f"{when} and exits_since_entry == 0", half)]) == []
    assert found(ENTRY, [("position_side == long and close crosses above slow", half)]) == []
    assert found(ENTRY, [(when, "exit_long")]) == []


def test_moving_the_stop_to_the_entry_with_a_partial_exit_is_no_feedback() -> None:
    half = "{action: exit_long, metadata: {size: 50% of position}}"
    stop = "{action: adjust_stop, metadata: {price: position_avg_entry}}"
    when = "position_side == long and close > slow and exits_since_entry == 0"
    assert found(ENTRY, [(when, f"{half}, {stop}")]) == []


def test_an_entry_that_is_never_placed_is_an_error_only_where_no_other_can_be() -> None:
    far = limit("price_offset_pct: 20, ttl_bars: 20, stop_loss_offset_pct: -3, order_ref: far")
    body = f"blocks:\n  - id: a\n    cases:\n      - when: {FREE}\n        emit: [{far}]\n"
    more = f"  - id: b\n    cases:\n      - when: close > open and {FREE}\n        emit: [{LONG}]\n"
    for text, wanted in ((body, Severity.ERROR), (body + more, Severity.WARNING)):
        found_here = check(Source("card.yaml", HEAD + text)).diagnostics
        assert [d.severity for d in found_here if d.code == "IC512"] == [wanted]


@pytest.mark.parametrize("layers", ["max_layers: 1", "allow_scale_in: false"])
def test_an_entry_beside_the_exit_that_makes_room_for_it_adds_no_layer(layers: str) -> None:
    policy = f"position_policy: {{{layers}}}\n"
    again = "position_side == long and close < open"
    assert found([(FREE, LONG)], [(again, f"exit_long, {LONG}")], more=policy) == []
    assert found([(FREE, LONG)], [(again, LONG)], more=policy) == ["IC512"]


@pytest.mark.parametrize("layers", ["max_layers: 1", "allow_scale_in: false"])
def test_an_entry_that_turns_the_position_adds_no_layer(layers: str) -> None:
    turned = ("position_side == long and close < open", SHORT)
    flip = f"position_policy: {{mode: long_short, allow_flip: true, {layers}}}\n"
    assert found([(FREE, LONG)], [turned], more=flip) == []
    assert found([(FREE, LONG)], [turned], more=flip.replace("true", "false", 1)) == ["IC512"]


def test_entries_of_one_close_come_to_no_more_than_the_layers_that_may_be() -> None:
    half = LONG.replace("10%", "45%")
    twice, when = f"{half}, {half}", "close > open"
    assert "IC604" not in found([(when, twice)], more="position_policy: {max_layers: 2}\n")
    assert "IC604" in found([(when, twice)], more="position_policy: {max_layers: 3}\n")


def test_the_extreme_of_a_window_may_equal_what_it_is_of() -> None:
    assert found([(f"{FREE} and close == lowest(close, 7)", LONG)]) == []
    assert found([(f"{FREE} and highest(high, 7) == high", LONG)]) == []
    other = (
        HEAD + f"blocks:\n  - id: a\n    cases:\n      - when: {FREE} and close == lowest(low, 7)\n"
    )
    checked = check(Source("card.yaml", f"{other}        emit: [{LONG}]\n"))
    assert [d.code for d in checked.diagnostics] == ["IC305"]


def test_an_order_that_may_be_given_a_new_life_can_grow_older_than_any_time_to_live() -> None:
    amend = "{action: amend_order, metadata: {order_ref: dip, MORE}}"
    cancel = ("oldest_pending_age_bars >= 25", "{action: cancel_order, metadata: {order_ref: dip}}")
    for more, wanted in (("ttl_bars: 15", []), ("price: close * 0.99", ["IC505"])):
        change = ("oldest_pending_age_bars == 5", amend.replace("MORE", more))
        assert found([(FREE, GOOD_LIMIT)], [change], [cancel]) == wanted


def test_a_large_card_is_linted_in_a_moment() -> None:
    blocks = []
    for n in range(50):
        when = f"fast > slow * {1 + n / 1000} and rsi_14 < {20 + n} and close > bb.lower and {FREE}"
        blocks.append([(when, GOOD_LIMIT.replace("dip", f"ref_{n}").replace("5%", "0.1%"))])
    found(*blocks[:1])
    started = time.process_time()
    found(*blocks)
    # Some 0.3 s, since answers are kept; beside much else a collector's pass alone takes two.
    assert time.process_time() - started < 8.0


def test_a_file_that_is_no_rule_is_named_in_the_guide() -> None:
    folder = Path(compiler.lints.__file__).parent
    rules = {
        path.stem
        for path in folder.glob("*.py")
        if path.read_text(encoding="utf-8").startswith('"""IC')
    }
    assert {rule.__module__.rpartition(".")[2] for rule in compiler.lints.RULES} <= rules
    others = {path.stem for path in folder.glob("*.py")} - rules - {"__init__"}
    guide = (folder.parent / "README.md").read_text(encoding="utf-8")
    row = next(line for line in guide.splitlines() if line.startswith("| `lints/` |"))
    assert {name for name in others if f"`{name}.py`" not in row} == set()


@pytest.mark.parametrize(
    ("when", "stop", "expected"),
    [
        ("rsi_14 > 70", "sar.long", 1),
        ("rsi_14 > 70", "min(sar.long, close - 5)", 1),
        ("rsi_14 > 70", "st.long", 1),
        ("rsi_14 > 70 and sar.long is not missing", "sar.long", 0),
        ("rsi_14 > 70 and st.direction == 1", "st.long", 0),
        ("close crosses above sar", "sar.long", 0),
        ("rsi_14 > 70", "sar.long ?? close - 5", 0),
        ("rsi_14 > 70", "sar.long if sar.long < close else close - 5", 0),
        ("rsi_14 > 70", "sar.value", 0),
        ("rsi_14 > 70", "st", 0),
    ],
)
def test_a_stop_that_one_side_alone_knows_is_asked_about(
    when: str, stop: str, expected: int
) -> None:
    entry = f'{{action: entry_long, metadata: {{size: 10% of equity, stop_loss: "{stop}"}}}}'
    more = "  - {type: psar, id: sar}\n  - {type: supertrend, id: st}\n"
    assert (
        found([(f"{when} and position_side == flat", entry)], more=more).count("IC308") == expected
    )


@pytest.mark.parametrize(
    ("when", "place", "because"),
    [
        ("close > open if month > 0 else close < open", "close < open", "month > 0"),
        ("close > open if month <= 12 and not day > 0 else close > 5", "close > open", "not day > 0"),
        ("close > open then (close > low[1] or not day > 0) within 5 bars", "not day > 0", "not day > 0"),
    ],
)  # fmt: skip
def test_what_can_never_be_true_is_pointed_at_inside_a_choice_or_a_sequence(
    when: str, place: str, because: str
) -> None:
    text = HEAD + f"blocks:\n  - {{id: a, cases: [{{when: '{when}', emit: [no_action]}}]}}\n"
    said = [d for d in check(Source("card.yaml", text)).diagnostics if d.code == "IC401"]
    source = Source("card.yaml", text)
    assert [source.slice(d.span) for d in said] == [place]
    assert [source.slice(label.span) for label in said[0].labels] == [because]
