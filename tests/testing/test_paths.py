"""A golden's path by the test's name: one for every test, on every file system."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xraytap.testing.paths import file_name, golden_path

MODULE = Path("/project/tests/test_guest.py")


@pytest.mark.parametrize(
    ("named", "test", "path"),
    [
        (None, "test_it", "/project/tests/goldens/test_guest/test_it.yaml"),
        (None, "TestA.test_it[x]", "/project/tests/goldens/test_guest/TestA.test_it-x.yaml"),
        ("a.yaml", "test_it", "/project/tests/goldens/a.yaml"),
        ("deep/a.yaml", "test_it", "/project/tests/goldens/deep/a.yaml"),
        ("../a.yaml", "test_it", "/project/tests/goldens/../a.yaml"),
        ("/elsewhere/a.yaml", "test_it", "/elsewhere/a.yaml"),
    ],
)
def test_a_golden_stands_beside_its_module(named: str | None, test: str, path: str) -> None:
    assert str(golden_path(named, module=MODULE, test=test, folder="goldens")) == path


NAMES = st.one_of(
    st.text(max_size=200),
    st.sampled_from(["..", "a/b", "a\\b", "a_b", "CON", "a:b", "a\0b", "x" * 300, "\ud800"]),
)


@given(NAMES)
def test_any_parameter_makes_a_safe_file_name(parameter: str) -> None:
    name = file_name(f"test_it[{parameter}]")
    assert name.startswith("test_it-")
    assert not set(name) & set('/\\:*?"<>|\0\n\r')
    assert len(name) <= 120
    assert name.encode()


@given(NAMES, NAMES)
def test_two_tests_never_share_a_file(one: str, two: str) -> None:
    same = file_name(f"test_it[{one}]") == file_name(f"test_it[{two}]")
    assert same == (one == two)
