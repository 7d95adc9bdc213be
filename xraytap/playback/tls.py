"""TLS for a playback host: a certificate of the user's, or one made for the occasion."""

from __future__ import annotations

import ipaddress
import os
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from xraytap.errors import UsageError

if TYPE_CHECKING:
    from cryptography import x509


def context_of(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """From PEM files; `key` None where the certificate's file has the key as well. UsageError if they are no
    pair, or cannot be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # A key with a passphrase must not make a server ask on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        raise UsageError(
            f"{certificate} and {key or 'the key in it'} make no TLS server: {error.reason or error}. "
            "Expected a certificate and its key without passphrase, in PEM."
        ) from None
    except OSError as error:
        raise UsageError(f"cannot read {error.filename or certificate}: {error.strerror or error}.") from None
    return context


def self_signed(*hosts: str) -> tuple[ssl.SSLContext, str]:
    """A context with a certificate for `hosts` and loopback, and the certificate as PEM for clients to trust.

    The key is made anew and stays in this process, but for the moment in which OpenSSL reads it from a file
    that only this user can read.
    """
    key, certificate = _make(tuple(dict.fromkeys((*hosts, "localhost", "127.0.0.1", "::1"))))
    with tempfile.TemporaryDirectory(prefix="xraytap-tls-") as folder:
        path = Path(folder) / "both.pem"
        path.touch(mode=0o600)
        path.write_bytes(key + certificate)
        context = context_of(path, None)
        os.truncate(path, 0)
    return context, certificate.decode("ascii")


def _make(hosts: tuple[str, ...]) -> tuple[bytes, bytes]:
    """Key and certificate as PEM. No authority signed it: it is its own."""
    from cryptography import x509  # heavy, and only wanted here
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "xraytap playback")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([_alternative(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return (
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        certificate.public_bytes(serialization.Encoding.PEM),
    )


def _alternative(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
