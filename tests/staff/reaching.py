"""What pages and commands call, read from the syntax trees: which of it asks for a right, and which asks nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.test_contracts import ROOT

_ASKING_NAMES = {"require_though_stopped"}
_HANDS = {"Reader", "Workspace", "UnitOfWork"}
"""Who is given one of these can read or write the village's rows."""

_LINES = {"cli", "commands", "backup_commands", "key_commands"}

Function = ast.FunctionDef


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the laptop's program, by its name below `desktop_app`."""
    root = ROOT / "desktop_app"
    return {
        ".".join(path.relative_to(root).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(root.rglob("*.py"))
    }


@cache
def functions() -> dict[str, Function]:
    """Those of modules, not of classes: `households.queries.list_households` and so on."""
    return {
        f"{module}.{node.name}": node
        for module, tree in modules().items()
        for node in tree.body
        if isinstance(node, Function)
    }


def is_handed_rows(function: Function) -> bool:
    """Whether it is given a reader, a workspace or a unit of work."""
    given = (*function.args.args, *function.args.kwonlyargs)
    return bool(_HANDS & {ast.unparse(one.annotation) for one in given if one.annotation is not None})


def asks_itself(node: ast.AST) -> bool:
    """Whether `.require` is called somewhere in it; for a page that is in the work it hands to the background."""
    calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    return any(
        (isinstance(call, ast.Attribute) and call.attr == "require")
        or (isinstance(call, ast.Name) and call.id in _ASKING_NAMES)
        for call in calls
    )


@cache
def asking() -> frozenset[str]:
    """The functions that ask, and those that use one that does."""
    used = {name: used_by(function, module_of(name)) for name, function in functions().items()}
    found = {name for name, function in functions().items() if asks_itself(function)}
    while more := {name for name in used.keys() - found if used[name] & found}:
        found |= more
    return frozenset(found)


def used_by(node: ast.AST, module: str) -> set[str]:
    """The functions that are called or handed on in `node`, by the names that its module has for them."""
    known = _names_in(module)
    found = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            found.add(known.get(one.id, ""))
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            found.add(f"{known.get(one.value.id, '')}.{one.attr}")
    return found & functions().keys()


def module_of(name: str) -> str:
    return name.rsplit(".", 1)[0]


@cache
def _names_in(module: str) -> dict[str, str]:
    """What a name stands for: a function of the module, a function or a module that it imports anywhere."""
    tree = modules()[module]
    own = {node.name: f"{module}.{node.name}" for node in tree.body if isinstance(node, Function)}
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}".removeprefix("desktop_app.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }
    return {**imported, **own}


def is_outer(module: str) -> bool:
    """Pages, the window, the command line: what a person's hand moves."""
    return ".screens." in module or module.startswith("window.") or module in _LINES


def outer_parts() -> Iterator[tuple[str, ast.stmt]]:
    """Their functions, and the methods of their classes."""
    for module, tree in modules().items():
        if not is_outer(module):
            continue
        for node in tree.body:
            parts = node.body if isinstance(node, ast.ClassDef) else [node]
            yield from ((module, part) for part in parts if not isinstance(part, ast.Import | ast.ImportFrom))


def behind_a_right(node: ast.AST, module: str) -> set[str]:
    """What is given to start page and search only for who has a right: `needing(Right.…, provider)`."""
    return {
        name
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "needing"
        for name in used_by(call.args[1], module)
    }
