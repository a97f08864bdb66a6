"""What type checkers and users see of the package."""

import ast
import pathlib

import nmperm
from nmperm import _nmperm

FOLDER = pathlib.Path(nmperm.__file__).parent


def test_the_stub_names_all_that_is_compiled():
    tree = ast.parse((FOLDER / "_nmperm.pyi").read_text())
    stated = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    stated |= {node.target.id for node in tree.body if isinstance(node, ast.AnnAssign)}
    compiled = {name for name in dir(_nmperm) if not name.startswith("__")} | {"__version__"}
    assert stated == compiled
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            members = {member.name for member in node.body if isinstance(member, ast.FunctionDef)}
            assert members <= set(dir(getattr(_nmperm, node.name)))


def test_all_names_exist_and_are_documented():
    for name in nmperm.__all__:
        value = getattr(nmperm, name)
        assert name == "__version__" or value.__doc__, name


def test_the_package_is_marked_as_typed():
    assert (FOLDER / "py.typed").exists()
