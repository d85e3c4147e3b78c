"""A certificate authority on this machine, and a server's certificate for localhost and names of the tests."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NAMES = ("localhost", "socket.exchange.test")


class Authority:
    """An authority in a folder: ``bundle`` is its file, ``folder`` has it as OpenSSL looks for it in a folder."""

    def __init__(self, place: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the tests")])
        certificate = self._certificate(self._name, self._key, is_authority=True).public_bytes(Encoding.PEM)
        self.bundle = place / "authority.pem"
        self.bundle.write_bytes(certificate)
        self.folder = place / "authorities"
        self.folder.mkdir()
        (self.folder / f"{_hash(self._name)}.0").write_bytes(certificate)
        self.server = self._server(place / "server.pem")

    def _server(self, path: Path) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server of the tests")])
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(secret + self._certificate(name, key, is_authority=False).public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _certificate(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_authority: bool) -> x509.Certificate:
        names = [x509.DNSName(each) for each in NAMES]
        hosts = x509.SubjectAlternativeName([*names, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        mine, of_issuer = (x509.SubjectKeyIdentifier.from_public_key(each.public_key()) for each in (key, self._key))
        usage = dict.fromkeys(
            (
                *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
                *("crl_sign", "encipher_only", "decipher_only"),
            ),
            False,
        )
        builder = (
            x509.CertificateBuilder(self._name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
            .not_valid_after(dt.datetime(2120, 1, 1, tzinfo=dt.UTC))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(mine, critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(of_issuer), critical=False)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    key_cert_sign=is_authority,
                    **usage,
                ),
                critical=True,
            )
        )
        return (builder if is_authority else builder.add_extension(hosts, critical=False)).sign(
            self._key, hashes.SHA256()
        )


def _hash(name: x509.Name) -> str:
    """Return under which name OpenSSL looks for an authority in a folder; the name is in lower case already."""
    digest = hashlib.sha1(name.public_bytes()[2:]).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"
