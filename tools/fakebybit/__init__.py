"""A venue that is not there: Bybit's linear perpetuals under virtual time, with faults on purpose."""

from __future__ import annotations
