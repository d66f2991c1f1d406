"""What a small mistake would make of a module: one mutant after the other. Pure.

Strings are left as they are: what is a key breaks every test, what is wording is no decision. So are annotations.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

EDGES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
"""A comparison is taken at its edge, and turned round where it has none."""
SUMS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "first": "last", "last": "first"}
"""Called functions that are easily mistaken for each other."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one mistake.

    Attributes:
        line: of the module, 1 the first.
        text: of that line.
        was: what stands there.
        now: what stands there with the mistake.
        flips: whether a comparison says otherwise, and nothing else.
        tree: the whole module with it; only until the next mutant is made.

    """

    line: int
    text: str
    was: str
    now: str
    flips: bool
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Each mutant of a module."""
    tree, lines = ast.parse(source), source.splitlines()
    left = {id(below) for node in ast.walk(tree) for above in _left(node) for below in ast.walk(above)}
    for parent in list(ast.walk(tree)):
        for name, value in ast.iter_fields(parent):
            for place, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(node, ast.AST) or id(node) in left:
                    continue
                for changed in _changed(parent, name, node):
                    was, line = ast.unparse(node), getattr(node, "lineno", 1)
                    ast.fix_missing_locations(ast.copy_location(changed, node))
                    _put(parent, (name, place), changed)
                    flips = isinstance(node, ast.Compare) and isinstance(changed, ast.Compare)
                    yield Mutant(line, lines[line - 1].strip(), was, ast.unparse(changed), flips, tree)
                    _put(parent, (name, place), node)


def _left(node: ast.AST) -> Iterator[ast.AST]:
    """What is left as it is of a node: types, words, and that two lists are as long."""
    for name in ("annotation", "returns"):
        annotation = getattr(node, name, None)
        if isinstance(annotation, ast.AST):
            yield annotation
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        yield from node.decorator_list
    if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
        yield node
    if isinstance(node, ast.JoinedStr):
        yield from node.values
    if isinstance(node, ast.keyword) and node.arg == "strict":
        yield node


def _changed(parent: ast.AST, name: str, node: ast.AST) -> Iterator[ast.AST]:
    """What may stand for a node."""
    yield from _other_operator(node)
    if isinstance(node, ast.BoolOp):
        yield from node.values if len(node.values) == 2 else _less_one(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    if isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield ast.Constant(not node.value if isinstance(node.value, bool) else node.value + 1)
    if isinstance(node, ast.Call):
        yield from _other_call(node)
    if name in ("test", "ifs") and not isinstance(parent, ast.IfExp):
        yield from (ast.Constant(value=True), ast.Constant(value=False))
    if isinstance(node, ast.stmt) and _may_be_forgotten(node):
        yield ast.Pass()


def _other_operator(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            ops = [*node.ops[:place], EDGES[type(operator)](), *node.ops[place + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in SUMS:
        yield ast.BinOp(node.left, SUMS[type(node.op)](), node.right)
    elif isinstance(node, ast.AugAssign) and type(node.op) in SUMS:
        yield ast.AugAssign(node.target, SUMS[type(node.op)](), node.value)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)


def _less_one(node: ast.BoolOp) -> Iterator[ast.AST]:
    for place in range(len(node.values)):
        yield ast.BoolOp(node.op, [*node.values[:place], *node.values[place + 1 :]])


def _other_call(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name) and node.func.id in NAMES:
        keywords = [] if node.func.id == "sorted" else node.keywords
        yield ast.Call(ast.Name(NAMES[node.func.id], ast.Load()), node.args, keywords)
    for place, keyword in enumerate(node.keywords):
        if keyword.arg not in (None, "strict"):
            yield ast.Call(node.func, node.args, [*node.keywords[:place], *node.keywords[place + 1 :]])


def _may_be_forgotten(node: ast.stmt) -> bool:
    """Whether a module without this statement still runs: what is called or set, not what is named."""
    if isinstance(node, ast.Assign):
        return not any(isinstance(target, ast.Name | ast.Tuple) for target in node.targets)
    called = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    return called or isinstance(node, ast.AugAssign | ast.Continue | ast.Break | ast.Raise)


def _put(parent: ast.AST, at: tuple[str, int | None], node: ast.AST) -> None:
    name, place = at
    if place is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[place] = node
