"""Faults of the page: figures that are not those of the result, and what is undefined drawn as zero."""

from __future__ import annotations

from tools.fault import Fault

_FIT = "tests/runtime/reports/test_page_fit.py"
_CASES = "tests/runtime/reports/test_page_cases.py"
_COLUMNS = "tests/runtime/reports/test_page_columns.py"
_LINES = "tests/runtime/reports/test_lines.py"
_RETURNS = "tests/runtime/reports/test_page_returns.py"

REPORT_FAULTS: tuple[Fault, ...] = (
    Fault(
        "own-rest-cautioned", "what the card's own limits refuse is no caution of the report",
        "runtime/reports/trust_refused.py", "lost - own >= MANY_REFUSED * asked", "lost >= MANY_REFUSED * asked",
        ("tests/runtime/reports/test_trust_refused.py",),
    ),
    Fault(
        "late-trail-for-a-stop", "a trail that waits for a gain limits no loss, whoever sets it",
        "compiler/lints/protection.py", "    return brings_trail(setting) and not begins_later(setting)\n", "    return brings_trail(setting)\n",
        ("tests/compiler/lints/test_entries_that_trail_late.py",),
    ),
    Fault(
        "never-moved-and-no-word", "a stop that is refused at every close of a position is a caution",
        "runtime/reports/trust_refused.py", ", *_held(made), *_others", ", *_others",
        ("tests/runtime/reports/test_trust_refused.py",),
    ),
    Fault(
        "two-positions-as-one", "what is refused of two positions is counted for each",
        "runtime/reports/refused_while_held.py", "row.action), trade.trade_id", "row.action), 0",
        ("tests/runtime/reports/test_trust_refused.py",),
    ),
    Fault(
        "other-layers-forgotten", "a layer that is gone is no harm where the others are moved",
        "runtime/reports/refused_while_held.py", "row.code != RefusalCode.UNKNOWN_REF or not _names_others(row, blocks)", "True",
        ("tests/runtime/reports/test_trust_refused.py",),
    ),
    Fault(
        "trades-letter-by-letter", "a trade beside others keeps to its line on a narrow page",
        "tools/compare_page.py", ".trades td, .trades th { white-space: nowrap; overflow-wrap: normal; }\n", "",
        ("tests/tools/test_cli_compare.py",),
    ),
    Fault(
        "envelope-wider-than-a-phone", "the ranges of an envelope fit a narrow page",
        "tools/envelope_page.py", "@media (max-width: 640px)", "@media (max-width: 64px)",
        ("tests/runtime/reports/test_envelope.py",),
    ),
    Fault(
        "trades-wider-than-the-page", "the table of trades fits a desktop",
        "runtime/reports/report.css", ".rows th, .rows td { padding: 5px 7px; }\n", "", (_FIT,),
    ),
    Fault(
        "one-value-on-an-axis", "an axis names two values or more where they stand apart",
        "runtime/reports/axes.js", "for (let more = count; more <= 2 * count; more++)", "for (let more = count; more <= count; more++)", (_FIT,),
    ),
    Fault(
        "look-back-explained-by-now", "beside a look back stands what it saw, not what is so now",
        "runtime/explain/close.py", "value = values.earlier(read, bars)", "value = values.value(read)",
        ("tests/runtime/explain/test_explain.py",),
    ),
    Fault(
        "drawdown-without-an-end", "a drawdown that lasts is one too",
        "runtime/reports/page_returns.py", "    if is_below:\n        found.append(fell(None",
        "    if False:\n        found.append(fell(None", (_RETURNS,),
    ),
    Fault(
        "cases-told-by-a-page-alone", "how often conditions were true is in the result, with and without a page",
        "tools/running.py", '        return {"conditions": counted}\n', "        return {}\n",
        (_CASES,),
    ),
    Fault(
        "undefined-drawn-as-zero", "what is undefined breaks a curve",
        "runtime/reports/page_returns.py", "None if worth is None else worth * scale",
        "(worth or 0.0) * scale", (_RETURNS,),
    ),
    Fault(
        "day-that-lost-nothing-won", "a day that neither won nor lost is in no bar",
        "runtime/reports/page_returns.py", "        if value:  # neither", "        if True:  # neither",
        (_RETURNS,),
    ),
    Fault(
        "days-end-at-any-bar", "a day's return is that of its last bar",
        "runtime/reports/measures.py", "+ 1) * DAY_MS, lo=row)", "+ 1) * DAY_MS + 1, lo=row)",
        (_RETURNS, "tests/runtime/reports/test_metrics.py"),
    ),
    Fault(
        "share-of-what-is-not-there", "with no equity left there is no largest leverage",
        "runtime/reports/columns.py", "    if pc.any(pc.and_(pc.invert(has), pc.not_equal(parts, 0.0))).as_py():\n        return None\n",
        "", ("tests/runtime/reports/test_columns.py",),
    ),
    Fault(
        "fall-below-no-peak", "an account that never was above zero has not fallen from a peak",
        "runtime/reports/columns.py", "pc.greater(top, 0.0), pc.divide", "pc.not_equal(top, 0.0), pc.divide",
        ("tests/runtime/reports/test_columns.py",),
    ),
    Fault(
        "line-of-bars-that-only-warm-up", "a line begins where the run does",
        "runtime/reports/lines.py", "bars = [first + end for", "bars = [end for", (_LINES,),
    ),
    Fault(
        "range-drawn-as-a-level", "only levels of price lie over the bars",
        "runtime/reports/lines.py", "c <= _NEAR * v and v <= _NEAR * c", "v <= _NEAR * c", (_LINES,),
    ),
    Fault(
        "unknown-carried-on", "what was unknown is a gap in its line",
        "runtime/reports/lines.py", "steps.append(None)", "steps.append(0)", (_LINES,),
    ),
    Fault(
        "candle-without-its-last-bar", "candles end where lines are read",
        "runtime/reports/detail.py", "range(per - 1, bars, per)", "range(0, bars, per)", (_LINES,),
    ),
    Fault(
        "unknown-counted-as-false", "unknown is counted apart",
        "runtime/reports/conditions.py", "    return Counted(block, case, text, true, false, len(values) - true - false)",
        "    return Counted(block, case, text, true, len(values) - true, 0)", (_CASES,),
    ),
    Fault(
        "warm-up-counted", "closes are counted from the first traded bar on",
        "runtime/reports/conditions.py", "arrow_of(column(index)).slice(first)", "arrow_of(column(index))",
        (_CASES,),
    ),
    Fault(
        "every-true-case-fired", "a case fires where it is the first of its block that is true",
        "runtime/decide/blocks.py", "                    fired[block][case] += 1\n",
        "                    fired[block][0] += 1\n", (_CASES,),
    ),
    Fault(
        "kernel-counts-no-case", "both engines count the closes at which a case fired",
        "runtime/batch/decide.py", "                z[case + 4] += 1\n", "                z[case + 4] += 0\n",
        ("tests/runtime/batch/test_batch_equals_engine.py",),
    ),
    Fault(
        "silent-case-unsaid", "a case that never fired is said first",
        "runtime/reports/page_cases.py", "if not row.fired]", "if row.fired < 0]", (_CASES,),
    ),
    Fault(
        "figure-without-its-unit", "every figure of the page has a sentence and a unit",
        "runtime/reports/page_parts.py", "Unit: {UNIT_WORDS[metric.unit]}.{why}", "{why}",
        ("tests/runtime/reports/test_page_compared.py",),
    ),
    Fault(
        "last-candle-left-out", "the last candle holds the bars that are left, however few",
        "runtime/reports/detail.py", "    if left:\n", "    if len(left) > 1:\n", (_COLUMNS,),
    ),
    Fault(
        "month-ends-an-hour-late", "a month ends with the close at its midnight",
        "runtime/reports/page_parts.py", "int(following.timestamp()) * 1000, lo=row",
        "int(following.timestamp()) * 1000 + 3_600_000, lo=row", (_COLUMNS,),
    ),
    Fault(
        "equity-at-the-wrong-bar", "bars before the first close of equity hold the starting equity",
        "runtime/reports/page_data.py", "    before = min(max(0, skipped), count)\n", "    before = 0\n", (_COLUMNS,),
    ),
    Fault(
        "table-wider-than-a-phone", "a table that is too wide scrolls by itself, not the page",
        "runtime/reports/page_groups.py", "<div class='scroll'><table>", "<div><table>", ("tests/runtime/reports/test_page.py",),
    ),
    Fault(
        "takers-among-all", "of the orders that were filled as taker only limits took at once",
        "runtime/reports/limit_metrics.py", 'if o.order_type == "limit" and o.order_id in takers', "if o.order_id",
        ("tests/runtime/reports/test_limit_metrics.py",),
    ),
    Fault(
        "warming-up-as-trouble", "the headline of refusals says how many only warmed up", "runtime/reports/summary.py",
        " if early else \"\"", " if False else \"\"", ("tests/runtime/reports/test_summary.py",),
    ),
    Fault(
        "round-lot-for-the-least", "a round lot of the volumes is not taken for the smallest order", "runtime/market/plausible.py",
        "min(1.0, _step([frame.volume]))", "_step([frame.volume])", ("tests/tools/test_cli_backtest.py",),
    ),
    Fault(
        "weekend-untold", "a week that ends in a weekend is said to be known on Monday", "runtime/rules/ended_in_holes.py",
        "        if ended:\n", "        if False:\n", ("tests/runtime/rules/test_ended_in_holes.py",),
    ),
    Fault(
        "begun-before-untold", "a week that began before the first bar is said to be unknown", "runtime/rules/begun_before.py",
        "if not _begins(span, ts):", "if False:", ("tests/runtime/test_backtest.py",),
    ),
    Fault(
        "takers-untold", "limits that took at once are told on the terminal", "runtime/reports/summary.py",
        "*_taken(made), ", "", ("tests/runtime/reports/test_summary.py",),
    ),
    Fault(
        "empty-first-cell-for-no-column", "the rows shown are saved with all their columns",
        "runtime/reports/tables.js", "columnsOf(this.spec.rows[0]) : []",
        "columnsOf(this.spec.rows[0]).filter((name) => this.spec.rows[0][name] !== null) : []",
        ("tests/runtime/reports/test_page.py",),
    ),
    Fault(
        "no-hole-in-any-history", "the page tells the time of a bar behind a hole",
        "runtime/reports/page_data.py", "    if ts[-1] - ts[0] == (len(ts) - 1) * interval and longest_step(ts) <= interval:\n",
        "    if True:\n", ("tests/runtime/reports/test_page_columns.py",),
    ),
    Fault(
        "figures-that-touch", "figures side by side never touch, however narrow the screen",
        "runtime/reports/report.css", ".columns .num + .num { padding-left: 12px; } ", "", ("tests/runtime/reports/test_page.py",),
    ),
    Fault(
        "quicker-is-unknown", "an order that filled before its change arrived is no unknown ref",
        "runtime/records/recorder.py", "if too_late(event, order) is None:", "if True:",
        ("tests/runtime/batch/test_too_late.py",),
    ),
    Fault(
        "batch-quicker-is-unknown", "an order that filled before its change arrived is no unknown ref, in numbers, too",
        "runtime/batch/said.py", " and _too_late(reader, n) is None", "", ("tests/runtime/batch/test_too_late.py",),
    ),
    Fault(
        "too-late-unexplained", "an explained close says what the market refused since the one before",
        "runtime/explain/text.py", "for said in explanation.late]", "for said in ()]",
        ("tests/runtime/batch/test_too_late.py",),
    ),
)  # fmt: skip
