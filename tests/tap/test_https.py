"""A host behind TLS, as XAPI is."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
from mitmproxy.certs import CertStore

from tests.tap.peers import ByteHost, Peer, Tap, ok, post
from xraytap.protocol.call import Outcome
from xraytap.tap.process import TapConfig

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    CertStore.create_store(folder, "host", 2048, organization="test", cn="test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "host-ca.pem")
    return context


@pytest.mark.parametrize("insecure", [True, False])
def test_an_unknown_certificate_is_accepted_only_when_asked(
    insecure: bool, tls: ssl.SSLContext, host: ByteHost, tmp_path: Path
) -> None:
    def talk(peer: Peer) -> None:
        try:
            inside = Peer(tls.wrap_socket(peer.sock, server_side=True))
        except (ssl.SSLError, ConnectionError):
            return
        while inside.message():
            inside.send(ok())
        inside.close()

    host.talk = talk
    store = str(tmp_path / "calls.db")
    url = f"https://127.0.0.1:{host.port}"
    tap = Tap(TapConfig(to=url, store=store, capture="tls", insecure=insecure))
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
