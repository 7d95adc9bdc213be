"""A host behind TLS: trusted through its authority, not at all, or whatever it shows."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.tap.peers import ByteHost, Peer, ok
from xraytap.errors import PeerError, UsageError
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
    pem.write_bytes(_self_signed())
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


def _self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "xenhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)
