"""Values for property tests: those that `xmlrpc.client` knows too, and all of ours."""

from __future__ import annotations

from hypothesis import strategies as st

from xraytap.protocol.values import Bare, DateTime, Struct

_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)
_LEAVES = (
    _TEXT
    | st.integers(-(2**31), 2**31 - 1)
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.binary(min_size=1, max_size=90)
    | st.none()
)
ORACLE_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)
OUR_VALUES = st.recursive(
    _LEAVES | _TEXT.map(Bare) | st.datetimes().map(lambda d: DateTime(d.strftime("%Y%m%dT%H:%M:%S"))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(_TEXT, inner, max_size=4)
        | st.tuples(_TEXT, inner, inner).map(lambda t: Struct(((t[0], t[1]), (t[0], t[2]))))
    ),
    max_leaves=12,
)
