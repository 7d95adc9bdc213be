"""The schema for editors takes what xraytap writes, and no more keys than xraytap reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml

from xraytap.protocol.golden import FORMAT
from xraytap.store.golden import loads_golden
from xraytap.store.golden_yaml import _CALL, _HEADER

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "golden.schema.json").read_text())
GOLDENS = sorted(
    [*(ROOT / "captures").glob("**/*.yaml"), *(ROOT / "tests" / "store" / "formats").glob("*.yaml")]
)
HEAD = "xraytap-golden: 2\napi: x\n"


class _Loader(yaml.SafeLoader):
    """As an editor's YAML server reads it: what has a tag of ours is a text or a list; names of members are texts."""


def _tagged(loader: Any, _suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return loader.construct_sequence(node, deep=True)


_Loader.add_multi_constructor("!", _tagged)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))
check = fastjsonschema.compile(SCHEMA)


def read(text: str) -> Any:
    return yaml.load(text, _Loader)


@pytest.mark.parametrize("path", GOLDENS, ids=[path.stem for path in GOLDENS])
def test_every_golden_of_ours_fits_the_schema(path: Path) -> None:
    check(read(path.read_text()))


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
        check(read(text))
