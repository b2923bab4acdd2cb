"""The client stays small: at most 1,000 lines of code, without blank lines, comments and docstrings."""

import ast
from pathlib import Path


def code_lines(path):
    text = path.read_text()
    told = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node):
            told.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(1 for number, line in lines if number not in told and line.strip() and not line.strip().startswith("#"))


def test_the_client_has_at_most_1000_lines_of_code():
    files = list((Path(__file__).parent.parent / "src/heliograph").glob("*.py"))
    sizes = {path.name: code_lines(path) for path in files}
    assert sum(sizes.values()) <= 1000, sizes
    assert all(len(path.read_text().splitlines()) <= 400 for path in files)
