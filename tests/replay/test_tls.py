"""A host behind TLS: trusted through its authority, not at all, or whatever it shows."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.tap.peers import ByteHost, Peer, ok
from xraytap.errors import PeerError, UsageError
from xraytap.playback.tls import _make
from xraytap.protocol.messages import Request
from xraytap.replay.client import send_once
from xraytap.replay.target import parse_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CALL = Request(method="VM.get_all", params=("68e3a009",))


class TlsHost(NamedTuple):
    """A host with a certificate for 127.0.0.1 that it signed itself."""

    url: str
    certificate: Path


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsHost]:
    pem = tmp_path_factory.mktemp("tls") / "host.pem"
    key, certificate = _make(("127.0.0.1",))
    pem.write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def talk(peer: Peer) -> None:
        try:
            inside = Peer(context.wrap_socket(peer.sock, server_side=True))
        except (ssl.SSLError, ConnectionError):
            return
        while inside.message():
            inside.send(ok())
        inside.close()

    made = ByteHost()
    made.talk = talk
    yield TlsHost(f"https://127.0.0.1:{made.port}", pem)
    made.close()


def test_a_certificate_of_a_named_authority_is_trusted(host: TlsHost) -> None:
    target = parse_target(host.url, cafile=str(host.certificate))
    assert send_once(target, CALL).error is None


def test_a_certificate_of_nobody_is_refused_with_what_to_do(host: TlsHost) -> None:
    with pytest.raises(PeerError, match=r"is not trusted: .* --cafile FILE, or accept any .* --insecure"):
        send_once(parse_target(host.url), CALL)


def test_insecure_takes_any_certificate(host: TlsHost) -> None:
    assert send_once(parse_target(host.url, insecure=True), CALL).error is None


def test_a_certificate_for_another_name_is_refused(host: TlsHost) -> None:
    other = host.url.replace("127.0.0.1", "localhost")
    with pytest.raises(PeerError, match=r"is not trusted: Hostname mismatch"):
        send_once(parse_target(other, cafile=str(host.certificate)), CALL)


def test_a_file_without_certificates_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("nothing")
    with pytest.raises(UsageError, match="no certificates could be read"):
        send_once(parse_target("https://127.0.0.1", cafile=str(tmp_path / "none.pem")), CALL)
