"""The seeded faults: every patch still applies, and the tool tells a caught one from a survivor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.fault_list import FAULTS, Fault
from tools.seeded_faults import ROOT, StalePatch, copy_of_the_house, judge, patched

BY_NAME = {fault.name: fault for fault in FAULTS}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_patch_applies_compiles_and_names_tests_that_exist(fault: Fault) -> None:
    text = patched(fault)
    if fault.file.endswith(".py"):
        compile(text, fault.file, "exec")
    assert fault.old != fault.new
    assert all((ROOT / name).is_file() for name in fault.tests)


def test_names_are_used_once_and_every_law_is_said() -> None:
    assert len(BY_NAME) == len(FAULTS) >= 20
    assert all(fault.law for fault in FAULTS)


def test_a_patch_that_no_longer_fits_says_so() -> None:
    with pytest.raises(StalePatch, match="stands 0 times"):
        patched(replace(FAULTS[0], old="no such text"))


def test_broken_laws_are_noticed_and_an_unbroken_one_is_not() -> None:
    """Two faults for real, and a patch that changes nothing: the tool must not cry wolf."""
    harmless = replace(BY_NAME["funding-sign"], new="return sign * base * mark * (rate)")
    with copy_of_the_house() as house:
        funding = judge(BY_NAME["funding-sign"], house, 300)
        deduction = judge(BY_NAME["tier-deduction-forgotten"], house, 300)
        nothing = judge(harmless, house, 300)
    assert "test_who_pays_funding" in funding.noticed_by
    assert "first_tier" in deduction.noticed_by
    assert not nothing.caught
