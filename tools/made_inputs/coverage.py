"""Inputs that grow by what code they reach: atheris on the text layer and on the expression parser.

Seeds are the cards of this repository and expressions in them. What breaks a law is saved in the output
folder as `crash-…` and ends the run; `--replay` tries such files (and all seeds) without atheris.

    python -m tools.made_inputs.coverage --target expressions --minutes 30 --out FOLDER
    python -m tools.made_inputs.coverage --target text --replay FOLDER/crash-…
"""

from __future__ import annotations

import importlib
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

Law = Callable[[bytes], None]
ROOT = Path(__file__).resolve().parents[2]
CARDS = ("cards", "tests/compiler/parse/old_cards")
_MAX_LENGTH = 4096
# libFuzzer's clock runs on while the machine sleeps or is busy; the law's own counts work alone.
_SECONDS_EACH = 120
_WORK_SECONDS = 2.0
_WHEN = re.compile(
    r"(?:when|price|trigger|stop_loss|take_profit|size): ([^{}\n]*[a-z][^{}\n]*)$", re.M
)
_WORDS = {
    "text": (": ", "- ", "\n  ", "{", "}", "[", "]", "&a ", "*a", "<<: ", "!!str ", "| \n", ">-\n", "'",
             '"', "---\n", "...\n", "%YAML", "? ", "# ic: ignore[", "\ufeff", "\u2028", "blocks:", "when:",
             "\\ud800", "0x1F", ".nan", "1e999", "12:30", "~"),
    "expressions": (" and ", " or ", "not ", " for 3 bars", " for 2h", " within last 5 bars",
                    " at least 2 of last 3 bars", " between ", " in [", " near ", " within 0.5%", " crosses above ",
                    " crosses below ", " is missing", " is not missing", "abs(", "min(", "log(", " ?? ", "[1]",
                    "@4h", "close", "position_side == flat", "order_pending(x)", "=p", "%", "1e3", ".5", "'a'",
                    "level_0.618", "&&", "\u2264", " then ", " within 5 bars", " is rising", " is never", " crosses ", " if ",
                    " else ", "5% of ", "bars_since(", "value_when(", "mean_when(", "rsi(14)", " in 22:00-02:00", "2025-01-01",
                    "9 bars"),
}  # fmt: skip


def text_law() -> Law:
    """Return the law of the text layer: any bytes give nodes or findings, all inside the text."""
    from compiler.text.load import decode, load
    from compiler.text.suppressions import apply_suppressions

    def holds(data: bytes) -> None:
        source, found = decode("card.yaml", data)
        if found:
            return
        node, findings = load(source)
        assert node is not None or findings, "nothing read and nothing said"
        for d in apply_suppressions(source, findings):
            assert 0 <= d.span.start <= d.span.end <= len(source.text), f"{d.code} at {d.span}"

    return holds


def expression_law() -> Law:
    """Return the law of expressions: a tree or errors, and what a tree prints as reads back."""
    from compiler.expressions.read import parse_expression
    from compiler.syntax.printer import print_expression

    def holds(data: bytes) -> None:
        text = data.decode("utf-8", errors="ignore")
        parsed = parse_expression(text)
        assert parsed.expr is not None or parsed.errors, "no tree and no error"
        for error in parsed.errors:
            assert 0 <= error.start <= error.end <= len(text), f"{error} points outside"
        if parsed.expr is None or parsed.errors:
            return
        printed = print_expression(parsed.expr)
        again = parse_expression(printed)
        assert again.expr is not None, f"`{printed}` does not read back"
        assert not again.errors, f"`{printed}` reads back with {again.errors}"
        assert print_expression(again.expr) == printed, f"`{printed}` reads back as something else"

    return holds


LAWS: dict[str, Callable[[], Law]] = {"text": text_law, "expressions": expression_law}


def quick(law: Law) -> Law:
    """Return a law that also holds its subject to seconds of computing."""

    def holds(data: bytes) -> None:
        start = time.process_time()
        law(data)
        seconds = time.process_time() - start
        assert seconds < _WORK_SECONDS, f"{seconds:.1f} s for {len(data)} bytes"

    return holds


def seeds(target: str) -> Iterator[bytes]:
    """Yield what fuzzing starts from: whole cards, or every expression written in them."""
    files = sorted(path for folder in CARDS for path in (ROOT / folder).rglob("*.yaml"))
    for path in files:
        text = path.read_text(encoding="utf-8")
        if target == "text":
            yield text.encode()
        else:
            yield from (found.strip(" \"'").encode() for found in _WHEN.findall(text))


def replay(target: str, files: tuple[Path, ...] = ()) -> int:
    """Try the law on saved files, or on all seeds; return how many were tried. AssertionError etc.
    leave as they are."""
    law = quick(LAWS[target]())
    inputs = [path.read_bytes() for path in files] or list(seeds(target))
    for data in inputs:
        law(data)
    return len(inputs)


def fuzz(target: str, minutes: float, out: Path, seed: int) -> None:
    """Run libFuzzer; it ends the process itself, with code 0 when nothing was found."""
    atheris: Any = importlib.import_module("atheris")
    corpus = out / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(target)):
        (corpus / f"seed_{number}").write_bytes(data)
    words = out / "words.txt"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in _WORDS[target]), encoding="utf-8")
    with atheris.instrument_imports(include=["compiler", "lark"]):
        law = quick(LAWS[target]())
        law(b"close > open and close near open within 1%")  # imports what is imported on use
    options = {
        "max_total_time": int(minutes * 60),
        "max_len": _MAX_LENGTH,
        "timeout": _SECONDS_EACH,
        "dict": words,
        "artifact_prefix": f"{out}/",
        "seed": seed,
        "print_final_stats": 1,
    }
    arguments = [sys.argv[0], *(f"-{key}={value}" for key, value in options.items()), str(corpus)]
    atheris.Setup(arguments, law)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


@click.command()
@click.option("--target", type=click.Choice(list(LAWS)), required=True)
@click.option("--minutes", default=30.0, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--out", default="coverage_fuzz", type=click.Path(path_type=Path, file_okay=False))
@click.option("--replay", "is_replay", is_flag=True, help="Try FILES, or all seeds, once.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(
    target: str, minutes: float, seed: int, out: Path, is_replay: bool, files: tuple[Path, ...]
) -> None:
    """Look for inputs that break a law of the text layer or of expressions."""
    if is_replay:
        click.echo(f"{replay(target, files)} inputs, nothing found")
    else:
        fuzz(target, minutes, out, seed)


if __name__ == "__main__":
    main()
