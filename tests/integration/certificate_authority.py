"""A certificate authority for tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import ipaddress
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

A_MONTH = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        """The certificate as PEM text, as users paste it."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        """The certificate in the form that servers present."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def save(self, folder: Path) -> tuple[Path, Path]:
        """Write certificate and key as files and return their paths."""
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        certificate.write_text(self.pem)
        key.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, key

    @classmethod
    def issue(
        cls,
        *names: str,
        issuer: Self | None = None,
        host: str | None = "127.0.0.1",
        lasts: timedelta = A_MONTH,
    ) -> Self:
        """Issue a certificate for these common names; self-signed without an issuer."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names]
        )
        ends = datetime.now(UTC) + lasts
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - 2 * A_MONTH)
            .not_valid_after(ends)
            .add_extension(
                x509.BasicConstraints(ca=issuer is None, path_length=None),
                critical=True,
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
                critical=False,
            )
        )
        if host is not None:
            address = x509.IPAddress(ipaddress.ip_address(host))
            addresses = x509.SubjectAlternativeName([address])
            builder = builder.add_extension(addresses, critical=False)
        signer = issuer or cls(certificate=builder.sign(key, hashes.SHA256()), key=key)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()),
            critical=False,
        )
        return cls(certificate=builder.sign(signer.key, hashes.SHA256()), key=key)
