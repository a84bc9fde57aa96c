"""`# ic: ignore[rule-name] reason`: comments that silence findings, and findings about them.

A comment covers what it stands at: the key or list item of its line (or of the next line, where the
comment has a line of its own) with everything below it; above the first key, the whole file.
Errors that stop a card from compiling (IC1xx to IC3xx) cannot be silenced.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from compiler.findings.codes import CODES, Basis, code, finding
from compiler.findings.collected import GUESS, rename
from compiler.findings.diagnostics import Diagnostic, Edit, Fix
from compiler.findings.source import Source, Span
from compiler.findings.suggest import closest, did_you_mean, misspelt
from compiler.text.load import load
from compiler.text.nodes import Mapping, Node, Scalar

_MARKER = re.compile(r"#[ \t]*ic[ \t]*:[ \t]*ignore\b[ \t]*(\[([^\]\n]*)\])?[^\n]*")
_NAME = re.compile(r"[^,\s]+")
_NEVER_SILENCED = ("IC1", "IC2", "IC3")


@dataclass(slots=True)
class _Suppression:
    """One rule name in one comment. `lines` is the range of lines it covers, both ends included."""

    name: str
    span: Span
    comment: Span
    lines: tuple[int, int]
    is_alone: bool  # the only name in its comment
    code: str | None = None
    used: bool = False
    refused: bool = field(default=False)  # it met a finding that cannot be silenced


def apply_suppressions(
    source: Source, diagnostics: Sequence[Diagnostic], ran: Collection[str] | None = None
) -> list[Diagnostic]:
    """Return the findings that no comment silences, and those about the comments, in file order.

    `ran` are the codes that were looked for (None: all); a comment for another one is not stale.
    """
    if "ignore" not in source.text or not _MARKER.search(source.text):
        return list(diagnostics)
    found: list[Diagnostic] = []
    suppressions = list(_suppressions(source, found))
    kept = [d for d in diagnostics if not _silenced(source, d, suppressions)]
    # Rules behind an error may not have run, so nothing can be called unused.
    complete = not any(d.is_error and d.code.startswith(_NEVER_SILENCED) for d in kept)
    for suppression in suppressions:
        stale = _stale(source, suppression, ran if complete else ())
        if stale is not None:
            found.append(stale)
    return sorted([*kept, *found], key=lambda d: d.span.start) if found else kept


def _silenced(source: Source, d: Diagnostic, suppressions: Sequence[_Suppression]) -> bool:
    line = source.location(d.span.start).line
    silenced = False
    for suppression in suppressions:
        first, last = suppression.lines
        if suppression.code == d.code and first <= line <= last:
            if d.is_error and d.code.startswith(_NEVER_SILENCED):
                suppression.refused = True
            else:
                suppression.used = silenced = True
    return silenced


def _stale(source: Source, item: _Suppression, ran: Collection[str] | None) -> Diagnostic | None:
    entry = code(item.name)
    if entry is None:
        names = [name for known in CODES for name in (known.name, *known.aliases)]
        near, sure = closest(item.name, names), misspelt(item.name, names)
        message = f"no rule is called `{item.name}`{did_you_mean(item.name, names)}"
        fix = rename(item.span, near, safe=near == sure) if near else _deletion(source, item)
        if near is None:
            fix = replace(fix, safe=False, title=fix.title + GUESS)
        return finding("IC108", message, item.span, help="`ideacard rule` lists all", fix=fix)
    if item.refused:
        message = f"`{item.name}` is an error here and cannot be ignored"
        return finding("IC108", message, item.span, fix=_deletion(source, item))
    if item.used or entry.basis is Basis.DATA or (ran is not None and entry.code not in ran):
        return None
    message = f"`{item.name}` finds nothing here, so there is nothing to ignore"
    return finding("IC108", message, item.span, fix=_deletion(source, item))


def _deletion(source: Source, item: _Suppression) -> Fix:
    if not item.is_alone:
        end = item.span.end
        behind = re.compile(r"[ \t]*,[ \t]*").match(source.text, end)
        if behind:
            return Fix(f"delete `{item.name}`", (Edit(Span(item.span.start, behind.end()), ""),))
        before = source.text[: item.span.start].rstrip(" \t").removesuffix(",")
        return Fix(f"delete `{item.name}`", (Edit(Span(len(before), end), ""),))
    start, end = item.comment.start, item.comment.end
    line_start = source.text.rfind("\n", 0, start) + 1
    if source.text[line_start:start].strip():
        start = line_start + len(source.text[line_start:start].rstrip())
    else:
        start = line_start
        end = min(len(source.text), end + 1)
    return Fix("delete the comment", (Edit(Span(start, end), ""),))


# ---------------------------------------------------------------- reading the comments

# COST: what a comment covers is looked up line by line; no card has this many of them.
_MOST_COMMENTS = 300


def _suppressions(source: Source, found: list[Diagnostic]) -> Iterator[_Suppression]:
    texts = _scalar_spans(source)
    starts = [span.start for span in texts]
    top = _first_content_line(source)
    for count, marker in enumerate(_MARKER.finditer(source.text)):
        at = marker.start()
        if count == _MOST_COMMENTS:
            message = f"more than {_MOST_COMMENTS} ignore comments: from here on they do nothing"
            found.append(finding("IC112", message, Span(at, at + 1)))
            return
        before = bisect_right(starts, at) - 1
        inside = before >= 0 and texts[before].start <= at < texts[before].end
        if inside or (at > 0 and source.text[at - 1] not in " \t\n\r"):
            continue
        comment = Span(at, at + len(marker.group().rstrip()))
        names = list(_NAME.finditer(marker.group(2) or ""))
        if not names:
            message, help = "this comment names no rule", "write `# ic: ignore[rule-name] reason`"
            found.append(finding("IC108", message, comment, help=help))
        lines = _covered(source, at, top)
        for name in names:
            base = marker.start(2)
            span = Span(base + name.start(), base + name.end())
            entry = code(name.group())
            yield _Suppression(
                name.group(),
                span,
                comment,
                lines,
                is_alone=len(names) == 1,
                code=entry.code if entry else None,
            )


def _scalar_spans(source: Source) -> list[Span]:
    spans: list[Span] = []

    def visit(node: Node) -> None:
        if isinstance(node, Scalar):
            spans.append(node.span)
        elif isinstance(node, Mapping):
            for entry in node.entries:
                spans.append(entry.key.span)
                visit(entry.value)
        else:
            for item in node.items:
                visit(item)

    root, _ = load(source)
    if root is not None:
        visit(root)
    return sorted(span for span in spans if span.end > span.start)


def _covered(source: Source, at: int, top: int) -> tuple[int, int]:
    """Return the lines that a comment at this offset speaks for."""
    line = source.location(at).line
    if _is_blank(source.line_text(line)):
        if line < top:
            return 1, source.line_count
        # Behind the last line there is nothing to speak for; then the comment covers itself.
        while line < source.line_count and _is_blank(source.line_text(line)):
            line += 1
    indent = _indent(source.line_text(line))
    last = line
    for below in range(line + 1, source.line_count + 1):
        text = source.line_text(below)
        if _is_blank(text):
            continue
        # `key:` may be followed by a list that is not indented.
        flush_item = _indent(text) == indent and text.lstrip().startswith("- ")
        opens_list = not source.line_text(line).lstrip().startswith("- ")
        if _indent(text) <= indent and not (flush_item and opens_list):
            break
        last = below
    return line, last


def _first_content_line(source: Source) -> int:
    lines = range(1, source.line_count + 1)
    return next((n for n in lines if not _is_blank(source.line_text(n))), source.line_count + 1)


def _is_blank(text: str) -> bool:
    words = text.strip()
    return not words or words.startswith("#") or words == "---"


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
