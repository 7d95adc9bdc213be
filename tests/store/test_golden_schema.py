"""The schema for editors takes what xraytap writes, and no more keys than xraytap reads."""

from __future__ import annotations

import json
from pathlib import Path

import fastjsonschema
import pytest

from tests.cases.plain_yaml import read_plain
from xraytap.protocol.golden import FORMAT
from xraytap.store.golden import loads_golden
from xraytap.store.golden_yaml import _CALL, _HEADER

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "golden.schema.json").read_text())
GOLDENS = sorted(
    [*(ROOT / "captures").glob("**/*.yaml"), *(ROOT / "tests" / "store" / "formats").glob("*.yaml")]
)
HEAD = "xraytap-golden: 2\napi: x\n"


check = fastjsonschema.compile(SCHEMA)


@pytest.mark.parametrize("path", GOLDENS, ids=[path.stem for path in GOLDENS])
def test_every_golden_of_ours_fits_the_schema(path: Path) -> None:
    check(read_plain(path.read_text()))


def test_the_schema_knows_the_keys_that_the_reader_knows() -> None:
    assert set(SCHEMA["properties"]) == set(_HEADER)
    assert set(SCHEMA["definitions"]["call"]["properties"]) == set(map(str, _CALL))
    assert SCHEMA["properties"]["xraytap-golden"]["maximum"] == FORMAT


@pytest.mark.parametrize(
    "text",
    [
        "calls: []",
        f"{HEAD}calls: 5",
        f"{HEAD}cals: []\ncalls: []",
        f"{HEAD}strings: soft\ncalls: []",
        f"{HEAD}calls:\n- VM.x: []",
        f"{HEAD}calls:\n- VM.x: 5\n  answer: 1",
        f"{HEAD}calls:\n- VM.x: []\n  fails: no",
        f"{HEAD}calls:\n- VM.x: []\n  http: 42",
        f"{HEAD}calls:\n- VM.x: []\n  fault: [1]",
        "xraytap-golden: 99\napi: x\ncalls: []",
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(text: str) -> None:
    with pytest.raises(Exception, match=r"data|golden|line"):
        loads_golden(text)
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check(read_plain(text))
