"""One home per concept: a made-up member is found everywhere, or mypy names who must look at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.made_up.copies import Change, answers, copy_with, refusals

# An action is its row and its sentence; a fill model its line, what it asks for and its file; an output and a setting's word their line.
TAKEN: list[Change] = [
    (
        "compiler/catalog/actions.py",
        '    "place_limit_long": _resting_entry(_LONG, OrderType.LIMIT, PriceSlot.PRICE),\n',
        '    "place_limit_long": _resting_entry(_LONG, OrderType.LIMIT, PriceSlot.PRICE),\n'
        '    "creep_in_long": _resting_entry(_LONG, OrderType.LIMIT, PriceSlot.PRICE),\n',
    ),
    (
        "compiler/catalog/sentences.py",
        '    "place_limit_long": Told("a resting buy',
        '    "creep_in_long": Told("a limit that creeps in", "creep_in_long"),\n'
        '    "place_limit_long": Told("a resting buy',
    ),
    (
        "compiler/catalog/settings.py",
        '    TOUCH = "touch"  # optimistic\n',
        '    TOUCH = "touch"  # optimistic\n    VAPOUR = "vapour"\n',
    ),
    (
        "compiler/catalog/settings.py",
        "            case FillModel.TOUCH | FillModel.THROUGH",
        "            case FillModel.VAPOUR | FillModel.TOUCH | FillModel.THROUGH",
    ),
    (
        "runtime/backends/sim/fill_models.py",
        "        case FillModel.TOUCH:\n            return quantity\n",
        "        case FillModel.TOUCH | FillModel.VAPOUR:\n            return quantity\n",
    ),
    (
        "runtime/backends/sim/fill_models.py",
        "    match model:\n        case FillModel.TOUCH:\n",
        "    match model:\n        case FillModel.VAPOUR:\n"
        '            return Bias("vapour fills whatever it touches")\n'
        "        case FillModel.TOUCH:\n",
    ),
    (
        "compiler/catalog/settings.py",
        '    OPEN = "open"\n',
        '    OPEN = "open"\n    SHRUG = "shrug"\n',
    ),
    (
        "compiler/catalog/indicators_range.py",
        'price("upper", reaches("max", "high"))),\n',
        'price("upper", reaches("max", "high"))),\n'
        '            level("floor_price"), price("any_price"),\n',
    ),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return answers(copy_with(TAKEN, tmp_path_factory.mktemp("taken") / "copy"))


def test_a_new_action_is_known_by_its_row(found: dict[str, Any]) -> None:
    assert "creep_in_long" in found["schema"]["actions"]
    assert found["sets"] == ["creep_in_long"]
    assert "creep_in_long" in found["offered actions"]
    assert "creep_in_long" in found["generated"]
    assert "IC503" in found["findings"]["action"]  # it rests, and nothing cancels it


def test_a_new_action_asks_for_the_order_of_its_row_whatever_it_is_called(
    found: dict[str, Any],
) -> None:
    assert found["orders"] == [["limit", "buy"]]


def test_a_new_fill_model_is_known_by_its_line_and_its_file(found: dict[str, Any]) -> None:
    assert "vapour" in found["schema"]["fill models"]
    assert "vapour" in found["choices"]
    assert "vapour" in found["envelope"]
    assert ">vapour</span>" in found["envelope page"]
    assert "vapour" in found["generated"]
    assert found["verdict"] == "vapour fills whatever it touches"


def test_a_new_output_is_known_by_its_line_and_unstated_is_unknown(found: dict[str, Any]) -> None:
    assert "floor_price" in found["offered outputs"]
    assert "floor_price" in found["reference"]
    assert "IC401" in found["findings"]["stated"] or "IC409" in found["findings"]["stated"]
    assert not {"IC401", "IC409"} & set(found["findings"]["unstated"])


def test_a_new_word_of_a_setting_is_in_the_schema(found: dict[str, Any]) -> None:
    assert "shrug" in found["schema"]["gaps"]


def test_the_schema_of_the_graph_knows_every_new_word(found: dict[str, Any]) -> None:
    assert {"creep_in_long", "vapour", "shrug"} <= set(found["schema"]["of the graph"])


# Words, each a line behind another one: (file, the line before it, who must not overlook it).
REFUSED: dict[str, tuple[str, str, set[str]]] = {
    "Verb": (
        "compiler/catalog/actions.py", '    NOTHING = "nothing"\n',
        {"runtime/decide/intent_processor.py", "tools/made_inputs/actions.py"},
    ),
    "SizeKind": (
        "compiler/catalog/orders.py", '    BASE = "size_base"  # base units (string form only)\n',
        {"compiler/check/actions.py", "compiler/lints/context.py", "runtime/decide/sizes.py"},
    ),
    "OptionName": (
        "compiler/catalog/orders.py", '    ON_FILL = "on_fill"\n', {"compiler/catalog/orders.py"},
    ),
    "TimeInForce": (
        "compiler/catalog/orders.py", '    FOK = "fok"\n', {"compiler/catalog/orders.py"},
    ),
    "OnFlat": (
        "compiler/catalog/orders.py", '    KEEP = "keep"\n', {"compiler/catalog/orders.py"},
    ),
    "OnPartial": (
        "compiler/catalog/orders.py", '    CONTINUE = "continue"\n', {"compiler/catalog/orders.py"},
    ),
    "Protect": (
        "compiler/catalog/orders.py", '    POSITION = "position"\n', {"compiler/catalog/orders.py"},
    ),
    "OnLiveRef": (
        "compiler/catalog/orders.py", '    REFUSE = "refuse"\n', {"compiler/catalog/orders.py"},
    ),
    "RemovalMethod": (
        "compiler/catalog/orders.py", '    FIFO = "fifo"  # oldest layers first\n',
        {"runtime/account/layers.py"},
    ),
    "Attached": (
        "compiler/catalog/settings.py", '    SAME_BAR = "same_bar"\n', {"compiler/catalog/settings.py"},
    ),
    "RestingGap": (
        "compiler/catalog/settings.py", '    OPEN = "open"\n', {"compiler/catalog/settings.py"},
    ),
    "FillModel": (
        "compiler/catalog/settings.py", '    TOUCH = "touch"  # optimistic\n',
        {"runtime/backends/sim/fill_models.py", "compiler/catalog/settings.py"},
    ),
    "Intrabar": (
        "compiler/catalog/settings.py", '    ADVERSE = "adverse"  # the path with less equity at the close\n',
        {"runtime/backends/sim/path.py", "runtime/reports/trust.py"},
    ),
    "ImpactModel": (
        "compiler/catalog/settings.py", '    SQRT = "sqrt"\n', {"runtime/backends/sim/fill_models.py"},
    ),
    "PositionMode": (
        "compiler/catalog/settings.py", '    LONG_SHORT = "long_short"\n',
        {"compiler/catalog/settings.py"},
    ),
    "TargetType": (
        "compiler/catalog/settings.py",
        '    RR_RATIO = "rr_ratio"  # a multiple of the stop\'s distance\n',
        {"runtime/decide/levels.py"},
    ),
    "SizingModel": (
        "compiler/catalog/settings.py", '    FIXED_USDT = "fixed_usdt"  # notional\n',
        {"runtime/decide/sizes.py", "tools/made_inputs/actions.py"},
    ),
    "Promise": (
        "compiler/catalog/promises.py", '    MAX_LAYERS = "max_layers"\n',
        {"runtime/decide/promises.py", "runtime/records/promises.py", "tools/schema/sections.py"},
    ),
}  # fmt: skip


def test_a_word_that_means_something_new_is_refused_until_it_is_looked_at(tmp_path: Path) -> None:
    changes = [
        (file, line, f'{line}    MADE_UP = "made_up"\n') for file, line, _ in REFUSED.values()
    ]
    found = refusals(copy_with(changes, tmp_path / "copy"))
    missed = {
        word: sorted(files - {file for file, said in found if said == f"{word}.MADE_UP"})
        for word, (_, _, files) in REFUSED.items()
    }
    assert {word: files for word, files in missed.items() if files} == {}
