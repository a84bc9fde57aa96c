"""The pages behind `ideacard rule CODE`: `rules_text/CODE.md`, all with one skeleton.

A page is: a heading, what the rule finds and why that is bad, a `## Wrong` and a `## Right` example,
and `## Fix`. An example is a part of a card; `whole_card` puts the rest around it. Every wrong
example triggers its own rule and no other, every right one none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources

from compiler.findings.codes import Code, code

_HEAD = (("name", "name: example"), ("symbol", "symbol: BTCUSDT"), ("tf", "tf: 15m"))
_BLOCKS = """\
blocks:
  - id: entry
    cases:
      - when: close > open and position_side == flat
        emit: [{action: entry_long, metadata: {size: 10% of equity, stop_loss_offset_pct: -2}}]
"""
_SECTIONS = re.compile(r"^## (Wrong|Right|Fix)\n", re.MULTILINE)
_YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """One rule's page, taken apart."""

    code: str
    why: str
    wrong: str
    right: str
    fix: str


def page(entry: Code) -> Page:
    """Return the page of a rule; FileNotFoundError if nobody has written it."""
    text = (resources.files("compiler.findings.rules_text") / f"{entry.code}.md").read_text(
        encoding="utf-8"
    )
    body = text.split("\n", 1)[1]
    why, *rest = _SECTIONS.split(body)
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    return Page(
        code=entry.code,
        why=why.strip(),
        wrong=_example(sections["Wrong"]),
        right=_example(sections["Right"]),
        fix=sections["Fix"].strip(),
    )


def _example(section: str) -> str:
    found = _YAML.search(section)
    assert found, "an example is a yaml block"
    return found.group(1)


def whole_card(example: str) -> str:
    """Return a complete card: the example with the keys it leaves out put around it."""

    def has(key: str) -> bool:
        return re.search(rf"^{key}:", example, re.MULTILINE) is not None

    if has("execution_tf"):
        return example
    head = "".join(f"{line}\n" for key, line in _HEAD if not has(key))
    return head + example + ("" if has("blocks") else _BLOCKS)


def explain(name_or_code: str) -> str:
    """Return the page of a rule for a terminal: what it does, why, a wrong and a right card, the fix."""
    entry = code(name_or_code)
    assert entry is not None, name_or_code
    return _text(entry)


def _text(entry: Code) -> str:
    found = page(entry)
    aliases = f" (also {', '.join(entry.aliases)})" if entry.aliases else ""
    fix = {"none": "no automatic fix", "safe": "fixed by --fix", "unsafe": "--unsafe-fixes"}
    return "\n".join(
        (
            f"{entry.code} {entry.name}{aliases}",
            f"{entry.severity}, {fix[entry.fix]}: {entry.summary}",
            "",
            found.why,
            "",
            "Wrong:",
            "",
            _indented(found.wrong),
            "Right:",
            "",
            _indented(found.right),
            f"Fix: {found.fix}",
            "",
            f"Silence one place with `# ic: ignore[{entry.name}] reason`.\n"
            if not entry.code.startswith(("IC1", "IC2", "IC3")) or entry.severity != "error"
            else "An error of this kind cannot be ignored.\n",
        )
    )


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())
