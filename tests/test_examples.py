"""The example project of the documents is run as its readers run it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

# What pytest inside pytest imports it forgets again, and PyYAML's C half does not bear a second time.
from xraytap.store.golden import load_golden

if TYPE_CHECKING:
    import pytest

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "pytest"

# No cache of theirs in the inner runs; and Hypothesis, which they do not use, imports itself for their summary.
QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")


def example(pytester: pytest.Pytester) -> Path:
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True)
    return pytester.path


def test_the_example_project_passes_without_a_host(pytester: pytest.Pytester) -> None:
    example(pytester)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=4)


def test_the_change_that_its_readme_suggests_is_found(pytester: pytest.Pytester) -> None:
    program = example(pytester) / "guests.py"
    program.write_text(
        program.read_text().replace("VM.start(found[0], False, False)", "VM.start(found[0], True, False)")
    )
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["*-   start_paused: false", "*+   start_paused: true"])


def test_its_goldens_hold_no_password_and_no_reference() -> None:
    for path in (EXAMPLE / "goldens").rglob("*.yaml"):
        assert load_golden(path).calls
        text = path.read_text()
        assert "!secret pwd" in text
        assert "OpaqueRef" not in text
