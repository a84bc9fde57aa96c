"""The account kernel as the tests of this folder call it."""

from __future__ import annotations

import pytest

from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import in_machine_code


@pytest.fixture(scope="session")
def kernels() -> Kernels:
    return in_machine_code()
