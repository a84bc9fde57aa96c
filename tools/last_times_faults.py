"""Faults seeded in numbers of a value over the last times of a condition."""

from __future__ import annotations

from tools.fault import Fault

LAST_TIMES_FAULTS: tuple[Fault, ...] = (
    Fault(
        "session-counts-its-warm-up",
        "a session counts its bars from the first that may be decided on",
        "runtime/live/decider.py",
        "            self._data.first = bar + 1\n",
        "            pass\n",
        ("tests/runtime/live/test_counted_bars.py",),
    ),
    Fault(
        "count-not-taken-up",
        "a desk that was taken up counts on",
        "runtime/live/resume.py",
        "first_of(kept.body))",
        "0)",
        ("tests/runtime/live/test_counted_bars.py",),
    ),
    Fault(
        "one-time-too-few",
        "a mean over the last times is over as many as the card says",
        "compiler/lower/memory.py",
        "while len(found) < (times or 1):",
        "while len(found) + 1 < (times or 1):",
        ("tests/runtime/rules/test_last_times.py",),
    ),
    Fault(
        "upper-of-two-in-the-middle",
        "a median of an even number is the mean of the two in the middle",
        "runtime/rules/semantics.py",
        "low, high = ordered[half - 1], ordered[half]\n",
        "low, high = ordered[half], ordered[half]\n",
        ("tests/runtime/rules/test_last_times.py",),
    ),
    Fault(
        "network-that-does-not-sort",
        "the median of the rules' kernel is the value in the middle",
        "runtime/rules/row_kernel.py",
        "if i & p == r)",
        "if i & p != r)",
        ("tests/runtime/rules/test_last_times.py",),
    ),
    Fault(
        "newest-never-sorted",
        "the median of the account kernel is the readable engine's",
        "runtime/batch/values.py",
        "        while j > first and f[j - 1] > one:\n",
        "        while j > first + 1 and f[j - 1] > one:\n",
        ("tests/runtime/batch/test_builtins.py",),
    ),
    Fault(
        "waits-without-room",
        "an expression too deep for the kernel's stack runs in the readable engine",
        "runtime/batch/supported.py",
        "if max(map(_waiting, codes), default=0) > _DEEPEST:",
        "if False:",
        ("tests/runtime/batch/test_builtins.py",),
    ),
    Fault(
        "kept-is-anything",
        "what a memory keeps of something never negative is never negative",
        "compiler/lints/reasoning/facts.py",
        "self._told(self._kept(base)).never_negative",
        "self._told(base).never_negative",
        ("tests/compiler/check/test_last_times.py",),
    ),
    Fault(
        "whole-mean",
        "a mean of whole numbers lies between whole numbers too",
        "compiler/catalog/typing_rules.py",
        "replace(value, type=Type.NUMBER)",
        "replace(value)",
        ("tests/compiler/check/test_last_times.py",),
    ),
    Fault(
        "how-it-is-kept-is-shown",
        "an explanation of the last times reads as the card does",
        "runtime/explain/close.py",
        "read_by_times(graph, node) if node.op in OF_TIMES else node.args",
        "node.args",
        ("tests/runtime/explain/test_explain.py",),
    ),
)
