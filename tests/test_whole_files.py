"""What a command leaves behind is written in one place, so that it is whole or not there at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.test_import_rules import TREES

HOME = "runtime.market.whole_files"
# Who writes files by itself, and why a half-written one does no harm there.
ELSEWHERE = {
    "runtime.live.journal": "grows by whole entries; what is torn at its end is known as such",
    "runtime.live.lock": "whether the file is there and locked is all it says",
    "runtime.live.pulse": "once a second for months under one name: a killed session leaves one part at most",
    "runtime.market.download": "pages beside a series, added as they come; what is torn is asked for again",
    "runtime.native.cache": "a room above the market's; code whose digest differs is never loaded",
    "runtime.reports": "in a folder that is made beside its place and put there whole",
    "runtime.reports.artefacts": "in the same folder",
    "tools.made_inputs.coverage": "seeds of a fuzzer, made anew on every start",
    "tools.made_inputs.run": "what a fuzzer tries, and numbers that it adds to a list",
    "tools.search.calibration": "a table that grows by lines",
    "tools.seeded_faults": "a copy of the house, to be broken and thrown away",
}
_WRITES = {
    "write_text", "write_bytes", "fdopen", "mkstemp", "to_csv", "write_csv", "write_parquet", "to_parquet",
    "write_table",
}  # fmt: skip


def _mode(call: ast.Call, place: int) -> str:
    said = [k.value for k in call.keywords if k.arg == "mode"] + call.args[place : place + 1]
    return next((str(word.value) for word in said if isinstance(word, ast.Constant)), "r")


def _writes(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Name(id="os"), attr="open" | "replace" | "rename"):
            return True
        case ast.Name(id="open") | ast.Attribute(attr="ZipFile" | "TarFile" | "GzipFile"):
            return bool(set(_mode(call, 1)) & set("wax+"))
        case ast.Attribute(attr="open"):
            mode = set(_mode(call, 0))
            return mode <= set("rwaxbt+") and bool(mode & set("wax+"))
        case ast.Attribute(attr=name):
            return name in _WRITES
    return False


def _loose(node: ast.AST) -> Iterator[int]:
    """Yield the lines that write to a file beneath a node, but where a new file of `whole` is at hand."""
    if isinstance(node, ast.With):
        calls = [item.context_expr for item in node.items]
        names = [
            c.func.id for c in calls if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)
        ]
        if "whole" in names:
            return
    if isinstance(node, ast.Call) and _writes(node):
        yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from _loose(child)


def test_every_file_is_written_whole_but_for_those_that_say_why() -> None:
    loose = {name: list(_loose(tree)) for name, tree in TREES.items() if name != HOME}
    found = {name: lines for name, lines in loose.items() if lines}
    assert sorted(found) == sorted(ELSEWHERE), {
        name: lines for name, lines in found.items() if name not in ELSEWHERE
    }


def test_a_file_written_by_itself_is_seen_however_it_is_written() -> None:
    for text in (
        "path.write_text(page)", "open(path, 'w')", "open(path, mode='ab')", "path.open('x')", "os.open(path, flags)",
        "os.replace(one, other)", "pq.write_table(table, path)", "zipfile.ZipFile(path, 'w')", "frame.write_csv(path)",
        "(folder / name).write_bytes(data)", "os.fdopen(handle, 'wb')",
    ):  # fmt: skip
        assert list(_loose(ast.parse(text))), text
        assert not list(_loose(ast.parse(f"with whole(path) as partial:\n    {text}"))), text
    for text in ("open(path)", "path.open('rb')", "journal.open(path)", "text.replace('a', 'b')"):
        assert not list(_loose(ast.parse(text))), text
