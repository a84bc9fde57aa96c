"""Who may import whom. The imports are read from the text of every module, lazy ones included."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("compiler", "runtime", "schemas", "tools")

# One third-party package, one home (module prefixes).
HOMES: dict[str, tuple[str, ...]] = {
    "yaml": ("compiler.text",),
    "jsonschema": ("compiler.parse",),
    "referencing": ("compiler.parse",),
    "lark": ("compiler.expressions",),
    "transitions": ("runtime.orders.lifecycle",),
    "cattrs": ("runtime.live.codec",),
    "pybit": ("runtime.backends.bybit", "runtime.market.download"),
    "requests": (
        "runtime.backends.bybit",
        "runtime.market.download",
        "tools.fakebybit.adapter",
    ),
    "aiohttp": ("tools.fakebybit.server",),
    "llvmlite": ("runtime.native",),
    "pyarrow": ("runtime.market", "runtime.reports", "tools.fakebybit.feed"),
    "sqlite3": ("runtime.live.journal", "tools.search.kept"),
    "optuna": ("tools.search.plans",),
    "distributed": ("tools.search.cluster",),
    "dask": ("tools.search.cluster",),
    "pygls": ("tools",),
    "lsprotocol": ("tools",),
    "click": ("tools",),
    "rich": ("tools",),
    "hypothesis": ("runtime.testing",),
    "z3": ("compiler.lints",),
}
CORE = (
    "runtime.orders",
    "runtime.account",
    "runtime.formulas",
    "runtime.consequences",
    "runtime.decide",
)
# The rooms of the compiler as a card walks through them: each may import those before it.
# `formatting` asks the whole road whether its change left the meaning alone.
COMPILER_ROOMS = (
    "classes", "findings", "text", "catalog", "syntax", "expressions", "parse", "resolve", "check", "graph",
    "lower", "optimize", "lints", "pipeline", "formatting",
)  # fmt: skip
# The rooms of the runtime, folders and single modules, as its README lists them from top to bottom.
RUNTIME_ROOMS = (
    "kernel", "errors", "formulas", "native", "market", "features", "structures", "orders",
    "account", "rules", "decide", "consequences", "engine", "backends", "records", "live",
    "batch", "backtest", "reports", "explain", "testing",
)  # fmt: skip
ROOMS = {"compiler": COMPILER_ROOMS, "runtime": RUNTIME_ROOMS}
MOST_ROOMS = {"compiler": 16, "runtime": 21}
# `runtime` hands on words of its rooms, each loaded when it is asked for: their types are all it names.
HANDS_ON = ("runtime",)
# Circles still to be cut, each as its modules in order. Must equal what is there: one that is gone
# goes from here too.
KNOWN_CIRCLES: dict[str, tuple[tuple[str, ...], ...]] = {
    "compiler": (),
    "runtime": (),
    "schemas": (),
    "tools": (),
}
# What the runtime may see of the compiler.
VISIBLE = (
    "compiler.graph", "compiler.catalog", "compiler.findings.source", "compiler.findings.errors",
)  # fmt: skip


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


TREES = dict(modules())
EDGES = [(name, target, line) for name, tree in TREES.items() for target, line in imports(tree)]


def inside(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == p or name.startswith((p + ".", p + "_")) for p in prefixes)


def offending(edges: list[tuple[str, str, int]]) -> list[str]:
    return [f"{name}:{line} imports {target}" for name, target, line in edges]


def module_of(target: str) -> str:
    """Return the module that `from package.module import name` reads."""
    return target if target in TREES else target.rpartition(".")[0]


def circles(edges: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """Return the strongly connected components of more than one module, sorted (Tarjan)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for other in sorted(edges.get(name, ())):
            if other not in number:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == number[name]:
            members = stack[stack.index(name) :]
            del stack[-len(members) :]
            if len(members) > 1:
                found.append(tuple(sorted(members)))

    for name in sorted(edges):
        if name not in number:
            visit(name)
    return sorted(found)


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a", "e"}}) == [("b", "c")]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    edges: dict[str, set[str]] = {}
    for name, target, _ in EDGES:
        if inside(name, (package,)) and inside(target, (package,)):
            edges.setdefault(name, set()).add(module_of(target))
    assert tuple(circles(edges)) == KNOWN_CIRCLES[package]


@pytest.mark.parametrize("package", sorted(ROOMS))
def test_no_module_names_a_sibling_only_for_its_types(package: str) -> None:
    found = [
        f"{name}:{line} imports {target}"
        for name, tree in TREES.items()
        if inside(name, (package,)) and name not in HANDS_ON
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for target, line in imports(ast.Module(node.body, []))
        if inside(target, (package,))
    ]
    assert found == []


def rooms_of(package: str) -> set[str]:
    """Return the names of a package's rooms: its folders and the modules beside them."""
    return {name.split(".")[1] for name in TREES if name.startswith(f"{package}.")}


@pytest.mark.parametrize("package", sorted(ROOMS))
def test_the_rooms_are_those_of_the_road(package: str) -> None:
    assert sorted(ROOMS[package]) == sorted(rooms_of(package))


def test_the_readme_of_the_runtime_lists_the_rooms_in_the_order_of_the_road() -> None:
    table = (ROOT / "runtime/README.md").read_text(encoding="utf-8").split("\n\n**State**")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert tuple(re.findall(r"`(\w+)(?:/|\.py)`", " ".join(cells))) == RUNTIME_ROOMS


@pytest.mark.parametrize("package", sorted(ROOMS))
def test_no_import_runs_back_up_the_road(package: str) -> None:
    place = {room: number for number, room in enumerate(ROOMS[package])}
    back = [
        (name, target, line)
        for name, target, line in EDGES
        if name.startswith(f"{package}.") and target.startswith(f"{package}.")
        and place[target.split(".")[1]] > place[name.split(".")[1]]
    ]  # fmt: skip
    assert offending(back) == []


@pytest.mark.parametrize("package", sorted(MOST_ROOMS))
def test_a_package_has_few_rooms(package: str) -> None:
    assert len(rooms_of(package)) <= MOST_ROOMS[package], sorted(rooms_of(package))


def test_the_compiler_never_imports_the_runtime_or_the_tools() -> None:
    bad = [
        e for e in EDGES if e[0].startswith("compiler") and e[1].startswith(("runtime", "tools"))
    ]
    assert offending(bad) == []


def test_the_runtime_sees_only_graph_catalog_source_and_errors_of_the_compiler() -> None:
    bad = [
        e for e in EDGES
        if e[0].startswith("runtime.") and not e[0].startswith("runtime.testing")
        and e[1].startswith("compiler") and not inside(e[1], VISIBLE)
    ]  # fmt: skip
    assert offending(bad) == []


def test_the_runtime_never_imports_the_tools() -> None:
    assert (
        offending([e for e in EDGES if e[0].startswith("runtime") and e[1].startswith("tools")])
        == []
    )


def test_the_fake_venue_shares_no_code_with_what_it_tests() -> None:
    bad = [
        e for e in EDGES
        if e[0].startswith("tools.fakebybit") and e[1].startswith(("runtime", "compiler", "tools."))
        and not e[1].startswith("tools.fakebybit")
    ]  # fmt: skip
    assert offending(bad) == []


def test_the_core_knows_no_backend_feed_file_or_compiler_stage() -> None:
    # A bar and the facts of an instrument are the two things of the market the core may name; its
    # formulas are written in the language that `runtime.kernel` defines.
    allowed = (
        *CORE, "runtime.errors", "runtime.kernel", "runtime.rules", "runtime.market.frame",
        "runtime.market.instrument_facts", "compiler.graph", "compiler.catalog",
    )  # fmt: skip
    bad = [
        e for e in EDGES
        if inside(e[0], CORE) and e[1].startswith(("runtime.", "compiler."))
        and not inside(e[1], allowed)
    ]  # fmt: skip
    assert offending(bad) == []


def test_backends_never_import_each_other() -> None:
    bad = []
    for name, target, line in EDGES:
        parts, other = name.split("."), target.split(".")
        if name.startswith("runtime.backends.") and target.startswith("runtime.backends."):
            if parts[2] != other[2] and other[2] != "base":
                bad.append((name, target, line))
    assert offending(bad) == []


def test_the_engine_knows_only_the_backend_protocol() -> None:
    bad = [
        e for e in EDGES
        if e[0] == "runtime.engine" and e[1].startswith("runtime.backends")
        and not e[1].startswith("runtime.backends.base")
    ]  # fmt: skip
    assert offending(bad) == []


@pytest.mark.parametrize("package", sorted(HOMES))
def test_a_third_party_package_has_one_home(package: str) -> None:
    bad = [
        e for e in EDGES
        if e[1].split(".")[0] == package and not inside(e[0], HOMES[package])
    ]  # fmt: skip
    assert offending(bad) == []


def test_kernels_import_no_heavy_library() -> None:
    bad = [
        e for e in EDGES
        if e[0].startswith(("runtime.features", "runtime.structures"))
        and e[1].split(".")[0] not in
        {"math", "array", "__future__", "collections", "runtime", "compiler", "typing", "dataclasses"}
    ]  # fmt: skip
    assert offending(bad) == []


def test_no_file_is_past_four_hundred_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count}"
        for package in (*PACKAGES, "tests")
        for path in sorted((ROOT / package).rglob("*.py"))
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert long == []


def test_no_function_is_past_sixty_lines() -> None:
    long = [
        f"{name}.{node.name}: {node.end_lineno - node.lineno + 1}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 60
    ]
    assert long == []
