"""Lint rules over a card that compiles: one file per rule, in the order findings are looked for.

Files that are no rule, what several rules ask, are named in `compiler/README.md`.

**A new rule**: an entry in `compiler/findings/codes.py`, a page in `compiler/findings/rules_text/`, a module here with
`check(context) -> Iterator[Diagnostic]`, one line in `RULES`, a card in `cards/broken/`.
A rule that cannot know stays silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source
from compiler.graph.rule_graph import RuleGraph
from compiler.lints import (
    adjust_without_layer,
    always_true_when_known,
    amend_side_or_type,
    averaging_down_no_stop,
    cancel_cannot_fire,
    clock_span_end,
    constant_emit_block,
    cost_over_budget,
    count_begins_here,
    duplicate_condition,
    entry_never_placed,
    entry_survives_flat,
    entry_without_flat_or_scale_guard,
    entry_without_stop,
    exit_fraction_repeats,
    exit_on_last_bar,
    exit_without_position_guard,
    fixed_exit_on_fill,
    marketable_limit,
    missing_never_handled,
    never_true,
    oco_entries_over_layers,
    opposite_entries_same_bar,
    order_ref_reuse,
    out_of_range_literal,
    overlapping_cases,
    promise_refuted,
    redundant_conjunct,
    reward_below_risk,
    same_bar_feedback,
    scale_in_without_cap,
    size_sum_over_limit,
    ttl_missing,
    ttl_tif_conflict,
    unknown_falls_through,
    unknown_group,
    unknown_order_ref,
    unreachable_case,
    wrong_side,
)
from compiler.lints.context import LintContext
from compiler.lints.promises import Judged, judged
from compiler.lints.reasoning.solver import chosen_solver
from compiler.syntax.tree import Card

Rule = Callable[[LintContext], Iterator[Diagnostic]]

RULES: tuple[Rule, ...] = (
    missing_never_handled.check,
    never_true.check,
    always_true_when_known.check,
    unreachable_case.check,
    overlapping_cases.check,
    redundant_conjunct.check,
    unknown_falls_through.check,
    duplicate_condition.check,
    constant_emit_block.check,
    out_of_range_literal.check,
    clock_span_end.check,
    count_begins_here.check,
    unknown_order_ref.check,
    order_ref_reuse.check,
    ttl_missing.check,
    ttl_tif_conflict.check,
    cancel_cannot_fire.check,
    exit_without_position_guard.check,
    entry_without_flat_or_scale_guard.check,
    opposite_entries_same_bar.check,
    marketable_limit.check,
    amend_side_or_type.check,
    unknown_group.check,
    entry_never_placed.check,
    entry_survives_flat.check,
    oco_entries_over_layers.check,
    adjust_without_layer.check,
    entry_without_stop.check,
    wrong_side.check,
    size_sum_over_limit.check,
    scale_in_without_cap.check,
    reward_below_risk.check,
    exit_fraction_repeats.check,
    averaging_down_no_stop.check,
    promise_refuted.check,
    fixed_exit_on_fill.check,
    same_bar_feedback.check,
    exit_on_last_bar.check,
    cost_over_budget.check,
)


def lint(
    source: Source, card: Card, graph: RuleGraph, solver: str | None = None
) -> list[Diagnostic]:
    """Return the findings of every rule over a card without errors; `graph` is not yet optimised.

    `solver="z3"` decides also what has too many branches for the bounds.
    """
    context = LintContext(source, card, graph, chosen_solver(graph, solver))
    return [finding for rule in RULES for finding in rule(context)]


def judge_promises(source: Source, card: Card, graph: RuleGraph) -> tuple[Judged, ...]:
    """Return what the card alone makes of each of its promises, in the order of the card."""
    return tuple(judged(LintContext(source, card, graph)))
