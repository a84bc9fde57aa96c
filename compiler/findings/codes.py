"""The one table of findings: codes, names, severities, fixes.

INVARIANT: codes and names are stable; a retired code is never used again. The pages behind
`ideacard rule CODE` are `rules_text/CODE.md` (read by `rule_pages.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from compiler.findings.diagnostics import Diagnostic, Fix, Label, Severity
from compiler.findings.source import Span


class FixKind(StrEnum):
    NONE = "none"
    # The card does the same; or it could not be compiled, and this is how its words are spelt.
    SAFE = "safe"
    UNSAFE = "unsafe"  # may change what the card does


class Basis(StrEnum):
    """What a rule looks at."""

    SYNTAX = "syntax"
    NAME = "name"
    TYPE = "type"
    INTERVAL = "interval"  # intervals and difference bounds
    ORDERS = "orders"  # what becomes of orders and of the position
    GRAPH = "graph"
    DATA = "data"  # needs the bars, so it is found when a card is run or checked against data


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding. `aliases` are further names under which it can be suppressed."""

    code: str
    name: str
    severity: Severity
    fix: FixKind
    basis: Basis
    summary: str
    aliases: tuple[str, ...] = ()


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO
_NO, _SAFE, _UNSAFE = FixKind.NONE, FixKind.SAFE, FixKind.UNSAFE
_SYN, _NAME, _TYPE, _IV, _ORD = Basis.SYNTAX, Basis.NAME, Basis.TYPE, Basis.INTERVAL, Basis.ORDERS

# fmt: off
_TEXT = (
    Code("IC100", "invalid-yaml", _E, _NO, _SYN, "the file cannot be read as YAML"),
    Code("IC101", "duplicate-key", _E, _NO, _SYN, "one mapping has the same key twice"),
    Code("IC102", "ambiguous-scalar", _W, _SAFE, _SYN, "other YAML tools read this text as something else"),
    Code("IC103", "leading-zero-number", _E, _UNSAFE, _SYN, "a number with a leading zero"),
    Code("IC104", "unquoted-expression-in-flow", _E, _UNSAFE, _SYN, "a comma or bracket cuts an unquoted expression inside `{}` or `[]`"),
    Code("IC105", "comment-inside-folded", _E, _UNSAFE, _SYN, "`#` inside a `>` or `|` text is text, not a comment"),
    Code("IC106", "alias-or-tag", _W, _NO, _SYN, "anchors and aliases; merge keys and tags are errors"),
    Code("IC107", "unknown-key", _E, _SAFE, _SYN, "a key that has no meaning at this place"),
    Code("IC108", "unused-suppression", _W, _SAFE, _SYN, "an ignore comment that names no rule or silences nothing", ("unknown-suppression",)),
    Code("IC109", "missing-key", _E, _NO, _SYN, "a required key is not there"),
    Code("IC110", "wrong-shape", _E, _SAFE, _SYN, "a value of the wrong kind, or outside what is allowed here"),
    Code("IC111", "expression-syntax", _E, _SAFE, _SYN, "an expression that does not parse"),
    Code("IC112", "limit-exceeded", _E, _NO, _SYN, "the file is larger or nested deeper than a card may be"),
    Code("IC113", "non-finite-number", _E, _NO, _SYN, "`.nan`, `.inf` or a number too large to compute with"),
    Code("IC114", "several-documents", _E, _NO, _SYN, "more than one YAML document in one file"),
    Code("IC115", "conflicting-keys", _E, _NO, _SYN, "two keys that say the same thing in different ways"),
    Code("IC116", "ignored-key", _W, _SAFE, _SYN, "a key that this card version reads past"),
)
_NAMES = (
    Code("IC201", "undefined-name", _E, _SAFE, _NAME, "a feature, field, variable or function that does not exist"),
    Code("IC202", "unused-feature", _W, _UNSAFE, _NAME, "a feature that no rule reads"),
    Code("IC203", "unused-variable", _W, _UNSAFE, _NAME, "a variable that no rule reads"),
    Code("IC204", "reserved-or-shadowing-name", _E, _NO, _NAME, "an id that is a keyword, builtin or enum word"),
    Code("IC205", "dependency-cycle", _E, _NO, _NAME, "variables or structures that depend on themselves", ("dependency-order",)),
    Code("IC206", "duplicate-id", _E, _NO, _NAME, "two features, structures or blocks with one id"),
    Code("IC207", "deprecated-name", _W, _SAFE, _NAME, "a name that has been replaced by a better one"),
    Code("IC208", "unused-tunable", _W, _NO, _NAME, "a tunable that nothing reads"),
    Code("IC209", "shadows-builtin", _I, _NO, _NAME, "an id that a newer builtin has, too: the card's own wins"),
    Code("IC210", "clock-words-changed", _I, _NO, _NAME, "a word of the clock in a card that names no version"),
)
_TYPES = (
    Code("IC301", "unit-mismatch", _E, _NO, _TYPE, "two values whose units cannot be compared or added"),
    Code("IC302", "tolerance-unit", _E, _UNSAFE, _TYPE, "a tolerance that is in the wrong unit or scale"),
    Code("IC303", "bool-compare", _I, _SAFE, _TYPE, "a truth value compared with `true` or `false`"),
    Code("IC304", "unknown-enum-value", _E, _SAFE, _TYPE, "a word that is not one of the values this can take"),
    Code("IC305", "float-equality", _E, _NO, _TYPE, "`==` between numbers that are almost never equal"),
    Code("IC306", "price-ref-type", _E, _NO, _TYPE, "a price slot that gets something other than a price"),
    Code("IC307", "pct-scale", _W, _UNSAFE, _TYPE, "a percentage where a fraction is meant, or the reverse"),
    Code("IC308", "missing-never-handled", _I, _NO, _TYPE, "a value that is often missing, used as if it were always there"),
    Code("IC309", "type-mismatch", _E, _NO, _TYPE, "a number where a truth value must stand, or the reverse"),
    Code("IC310", "window-length", _E, _NO, _TYPE, "a window or a look back that is not a sensible number of bars"),
    Code("IC311", "tunable-bounds", _E, _NO, _TYPE, "a tunable whose default, bounds and step do not go together"),
)
_LOGIC = (
    Code("IC401", "never-true", _E, _UNSAFE, _IV, "a condition that can never be true"),
    Code("IC402", "always-true-when-known", _W, _NO, _IV, "a condition that is true whenever it is known"),
    Code("IC403", "unreachable-case", _E, _NO, _IV, "a case that earlier cases always win over"),
    Code("IC404", "overlapping-cases", _I, _NO, _IV, "two cases that can be true together, so their order matters"),
    Code("IC405", "redundant-conjunct", _W, _UNSAFE, _IV, "a part of a condition that the other parts imply"),
    Code("IC406", "unknown-falls-through", _W, _NO, _ORD, "a case that fires only because an earlier one was unknown"),
    Code("IC407", "duplicate-condition", _I, _NO, Basis.GRAPH, "the same condition written out in two blocks"),
    Code("IC408", "constant-emit-block", _W, _NO, _IV, "a block that fires on every bar"),
    Code("IC409", "out-of-range-literal", _W, _NO, _IV, "a comparison with a number the value can never reach"),
    Code("IC410", "clock-span-end", _I, _UNSAFE, _IV, "a span of the day that takes the bar which opens at its end"),
    Code("IC411", "count-begins-here", _W, _NO, _IV, "a count that begins anew wherever it is asked for, or takes the bar before the entry along"),
)
_ORDERS = (
    Code("IC501", "unknown-order-ref", _E, _UNSAFE, _ORD, "an order ref that no action places"),
    Code("IC502", "order-ref-reuse", _W, _NO, _ORD, "an order placed under a ref that may still be working"),
    Code("IC503", "ttl-missing", _W, _UNSAFE, _ORD, "a resting order that nothing ever cancels", ("limit-without-ttl",)),
    Code("IC504", "ttl-tif-conflict", _E, _NO, _ORD, "a time to live that contradicts the time in force"),
    Code("IC505", "cancel-cannot-fire", _W, _NO, _IV, "a cancel rule that waits longer than any order lives"),
    Code("IC506", "exit-without-position-guard", _W, _UNSAFE, _ORD, "an exit that does not ask whether there is a position"),
    Code("IC507", "entry-without-flat-or-scale-guard", _W, _NO, _ORD, "an entry that can be placed on every bar"),
    Code("IC508", "opposite-entries-same-bar", _W, _NO, _IV, "a long and a short entry that can fire together"),
    Code("IC509", "marketable-limit", _W, _NO, _IV, "a limit price on the far side of the close"),
    Code("IC510", "amend-side-or-type", _E, _NO, _ORD, "an amend that would change an order's side or type"),
    Code("IC511", "unknown-group", _W, _NO, _ORD, "an order group that is cancelled but never placed, or placed but never used", ("group-never-used",)),
    Code("IC512", "entry-never-placed", _E, _NO, _IV, "an entry that is refused whenever it is asked for"),
    Code("IC513", "entry-survives-flat", _I, _NO, _ORD, "an addition to a position that outlives it without saying so"),
    Code("IC514", "oco-entries-over-layers", _I, _NO, _ORD, "entries that end one another, and a cap of layers that counts them all"),
    Code("IC515", "adjust-without-layer", _W, _NO, _ORD, "a stop or target of the position is moved, and each layer has its own"),
)
_RISK = (
    Code("IC601", "entry-without-stop", _W, _NO, _ORD, "an entry that no stop protects"),
    Code("IC602", "stop-wrong-side", _E, _NO, _IV, "a stop on the winning side of the entry"),
    Code("IC603", "target-wrong-side", _E, _NO, _IV, "a target on the losing side of the entry"),
    Code("IC604", "size-sum-over-limit", _W, _NO, _ORD, "entries that together exceed what the account can hold"),
    Code("IC605", "scale-in-without-cap", _W, _NO, _ORD, "adding to a position with no limit on how often"),
    Code("IC606", "reward-below-risk", _I, _NO, _IV, "a target closer than its stop"),
    Code("IC607", "exit-fraction-repeats", _W, _NO, _ORD, "a partial exit that fires again on every bar"),
    Code("IC608", "averaging-down-no-stop", _W, _NO, _ORD, "adding to a losing position that may have no stop"),
    Code("IC609", "promise-refuted", _W, _NO, _IV, "a promise that the card's own rules do not keep"),
    Code("IC610", "fixed-exit-on-fill", _W, _NO, _ORD, "an exit for the money of its entry, at another price"),
)
_TIME = (
    Code("IC701", "htf-not-multiple", _E, _NO, _TYPE, "a higher timeframe that is not a whole multiple of the card's"),
    Code("IC702", "warmup-exceeds-data", _E, _NO, Basis.DATA, "fewer bars than the card needs before it can know anything"),
    Code("IC703", "window-unit-mismatch", _W, _NO, _TYPE, "a window counted in bars of one timeframe over a value of another"),
    Code("IC704", "cross-of-held-value", _I, _NO, _TYPE, "a cross on a value that changes once per higher bar"),
    Code("IC705", "same-bar-feedback", _W, _NO, _ORD, "a condition that reads state its own action changes"),
    Code("IC706", "leverage-over-instrument", _E, _NO, Basis.DATA, "more leverage than the instrument allows: every entry is refused"),
    Code("IC707", "session-shorter-than-bar", _W, _NO, _TYPE, "prices of a session on bars of which it holds no whole one"),
    Code("IC708", "exit-on-last-bar", _I, _UNSAFE, _ORD, "an exit that waits for the one bar that ends a session"),
    Code("IC801", "cost-over-budget", _W, _NO, Basis.GRAPH, "a card that costs more per bar than its budget"),
)
# fmt: on

CODES: tuple[Code, ...] = (*_TEXT, *_NAMES, *_TYPES, *_LOGIC, *_ORDERS, *_RISK, *_TIME)

_LOOKUP: dict[str, Code] = {
    key: entry for entry in CODES for key in (entry.code.lower(), entry.name, *entry.aliases)
}


def code(name_or_code: str) -> Code | None:
    """Return the entry of `IC107` or `unknown-key` (any case), None if there is none."""
    return _LOOKUP.get(name_or_code.strip().lower())


def finding(
    code_text: str,
    message: str,
    span: Span,
    *,
    labels: Sequence[Label] = (),
    help: str | None = None,  # the field of Diagnostic it fills
    fix: Fix | None = None,
    severity: Severity | None = None,
) -> Diagnostic:
    """Build a finding with the severity of the table; `severity` replaces it where a rule has two."""
    entry = _LOOKUP[code_text.lower()]
    return Diagnostic(
        code=entry.code,
        severity=severity or entry.severity,
        message=message,
        span=span,
        labels=tuple(labels),
        help=help,
        fix=fix,
    )
