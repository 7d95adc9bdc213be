"""A wish to end: noted, read between two calls, and the second one ends at once."""

from __future__ import annotations

import signal

import pytest

from xraytap.cli.interrupt import ending_wished


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_only_noted(number: signal.Signals) -> None:
    with ending_wished() as wish:
        assert not wish.asked
        signal.raise_signal(number)
        assert wish.asked


def test_the_second_signal_ends_at_once() -> None:
    with ending_wished() as wish:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert wish.asked


def test_the_handlers_from_before_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ending_wished():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_in_mid_row_loses_no_row() -> None:
    shown = []
    with ending_wished() as wish:
        rows = iter(range(5))
        while not wish.asked:
            for row in rows:
                if row == 0:
                    signal.raise_signal(signal.SIGINT)
                shown.append(row)
    assert shown == [0, 1, 2, 3, 4]


def test_a_terminal_that_hangs_up_is_a_wish_and_under_nohup_it_is_none() -> None:
    before = signal.getsignal(signal.SIGHUP)
    try:
        with ending_wished() as wish:
            signal.raise_signal(signal.SIGHUP)
        assert wish.asked
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with ending_wished() as wish:
            signal.raise_signal(signal.SIGHUP)
        assert not wish.asked
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
