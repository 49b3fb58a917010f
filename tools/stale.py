"""What makes a recording stale: a change of what a lesson computes, and nothing else.

Words are no computation: the text of ``report.say``, alternative texts, captions, comments,
docstrings, the formatting and every markdown cell may change without a run (tools/derive.py shows
them). Neither are the set-up cell, which is derived as well, and a homework's hidden checks.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from coursekit import fetch
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from tools.lessons import HIDDEN, is_setup, record


@cache
def parse(source: str) -> ast.Module:
    """The syntax of a code cell, magics and shell commands turned into calls.

    Raises:
        SyntaxError: it is no Python.
    """
    source = HIDDEN.sub("", source)
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.parse(TransformerManager().transform_cell(source))


def is_say(statement: ast.stmt) -> bool:
    """Whether this is ``report.say(…)`` on a line of its own."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) == "report.say"


def code_hash(cells: Iterable[NotebookNode]) -> str:
    """sha256 over what these cells compute, cell by cell; the same in every Python."""
    code = [cell.source for cell in cells if cell.cell_type == "code" and not is_setup(cell)]
    text = json.dumps([*filter(None, map(computed, code))])
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def computed(source: str) -> list[Any]:
    """What a cell computes, a statement an item."""
    return [_plain(statement) for statement in parse(source).body if not is_say(statement)]


def why(notebook: NotebookNode) -> str | None:
    """What makes a notebook's recording no recording of it; None where it is one."""
    made = record(notebook)
    if made is None:
        return "was never recorded"
    if made["code_sha256"] != code_hash(notebook.cells):
        return "computes something else than its recording"
    return None


def other_data(opened: Mapping[str, str]) -> list[str]:
    """The files of a run, by their sha256, that are not those of the registry."""
    files = [file for dataset in fetch.registry().values() for file in dataset["file"]]
    real = {file["name"]: file["sha256"] for file in files if "sha256" in file}
    return [name for name, digest in opened.items() if real.get(name, digest) != digest]


def _plain(node: Any) -> Any:
    """A syntax tree as lists and texts, without words, places and what is empty."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, ast.AST):
        return repr(node)
    if is_word(node, "alt"):
        return ["alt"]
    fields = dict(ast.iter_fields(node))
    if isinstance(node, ast.Call):  # a caption may come and go
        fields["keywords"] = [item for item in node.keywords if not is_word(item, "caption")]
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) is not None:
        fields["body"] = node.body[1:]
    kept = [
        [name, _plain(value)]
        for name, value in fields.items()
        if name not in ("kind", "type_comment") and value not in (None, [])
    ]
    return [type(node).__name__, *kept]


def is_word(node: Any, name: str) -> bool:
    """Whether this is ``name="…"`` in a call."""
    return isinstance(node, ast.keyword) and node.arg == name and is_text(node.value)


def is_text(node: ast.expr | None) -> bool:
    """Whether this is one plain string."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
