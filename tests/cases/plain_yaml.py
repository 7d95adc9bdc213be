"""Goldens as another YAML reader sees them: what has a tag of ours is a text or a list, dates are texts."""

from __future__ import annotations

from typing import Any

import yaml


class _Loader(yaml.CSafeLoader):
    """PyYAML's C loader."""


def _tagged(loader: Any, _suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return loader.construct_sequence(node, deep=True)


_Loader.add_multi_constructor("!", _tagged)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def read_plain(text: str) -> Any:
    """The document in `text`."""
    return yaml.load(text, _Loader)
