"""The house itself: sizes of modules, documents that keep step, nothing that names a registry."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "xraytap").rglob("*.py"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 400
    if text.strip():
        assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize(
    "arguments",
    [
        ["docs/tools/make_cli.py", "--check"],
        ["docs/tools/make_keys.py", "--check"],
        ["docs/tools/make_lint.py", "--check"],
        ["captures/build.py", "--check"],
    ],
    ids=lambda a: a[0],
)
def test_what_is_generated_is_in_step(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_link_between_documents_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert dead == []


def test_every_command_of_the_readme_exists() -> None:
    from xraytap.cli.main import cli

    known = set(cli.list_commands(None))  # type: ignore[arg-type]
    named = set(re.findall(r"^(?:\$ )?xraytap ([a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert named
    assert named <= known


def test_no_file_names_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    hosts = re.compile(rb"(?:pypi|pythonhosted|anaconda|npmjs)\.(?:org|com)|(?:--|extra-)index-url")
    found = [
        name
        for name in listed.stdout.split("\n")
        if name and name != "tests/test_house.py" and hosts.search((ROOT / name).read_bytes())
    ]
    assert found == []
