"""The table of keys: no two actions of one place share a key or a name."""

from __future__ import annotations

from collections import defaultdict

from xraytap.tui.keys import KEYS


def test_no_two_actions_of_one_place_share_a_key() -> None:
    held: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in KEYS:
        for key in each.keys.split(","):
            held[each.context, key].append(each.id)
    assert {key: ids for key, ids in held.items() if len(ids) > 1} == {}


def test_every_action_has_a_name_of_its_own() -> None:
    assert len({each.id for each in KEYS}) == len(KEYS)
