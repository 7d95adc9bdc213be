"""A host behind TLS, as XAPI is."""

from __future__ import annotations

import ssl
import warnings
from typing import TYPE_CHECKING

import pytest
from mitmproxy.certs import CertStore

from tests.tap.peers import ByteHost, Peer, Tap, ok, post
from xraytap.protocol.call import Outcome
from xraytap.tap.process import TapConfig

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tap.nursery import Nursery


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody vouches for, with its key."""
    folder = tmp_path_factory.mktemp("tls")
    CertStore.create_store(folder, "host", 2048, organization="test", cn="test")
    return folder / "host-ca.pem"


def _talk_tls(host: ByteHost, certificate: Path, *, old: bool = False) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.load_cert_chain(certificate)

    def talk(peer: Peer) -> None:
        try:
            inside = Peer(context.wrap_socket(peer.sock, server_side=True))
        except (ssl.SSLError, ConnectionError):
            return
        while inside.message():
            inside.send(ok())
        inside.close()

    host.talk = talk


def test_a_host_that_speaks_tls_1_0_is_reached_when_insecurity_is_asked_for(
    certificate: Path, host: ByteHost, tmp_path: Path, nursery: Nursery
) -> None:
    _talk_tls(host, certificate, old=True)
    config = TapConfig(
        to=f"https://127.0.0.1:{host.port}", store=str(tmp_path / "calls.db"), capture="old", insecure=True
    )
    tap = Tap(config, nursery.start)
    with tap.process:
        assert ok() == tap.ask(post())
        assert [row.outcome for row in tap.rows(1)] == [Outcome.SUCCESS]
        assert tap.process.poll_events() == []


@pytest.mark.parametrize("insecure", [True, False])
def test_an_unknown_certificate_is_accepted_only_when_asked(
    insecure: bool, certificate: Path, host: ByteHost, tmp_path: Path, nursery: Nursery
) -> None:
    _talk_tls(host, certificate)
    store = str(tmp_path / "calls.db")
    url = f"https://127.0.0.1:{host.port}"
    tap = Tap(TapConfig(to=url, store=store, capture="tls", insecure=insecure), nursery.start)
    with tap.process:
        came = tap.ask(post())
        (row,) = tap.rows(1)
        if insecure:
            assert ok() == came
            assert row.outcome == Outcome.SUCCESS
        else:
            assert came.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
            assert b"accept any certificate with --insecure" in came
            assert row.outcome == Outcome.NO_RESPONSE
