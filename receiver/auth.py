"""Who may post: tokens, signatures, addresses. Compared in constant time, kept as hashes."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from time import time

from pydantic import SecretStr

from contract.settings import Settings, SettingsError, Token

TOLERANCE_SECONDS = 300
INSECURE = "insecure"
Headers = Mapping[bytes, bytes]


class NoSecret(SettingsError):
    """Nothing would keep strangers out."""

    def __init__(self) -> None:
        super().__init__(
            "HIRING_WEBHOOK_TOKENS is not set, so anyone could post; `hiring init` makes a token"
        )


class Door:
    """The checks of one set of settings.

    Raises NoSecret when no token and no signing secret is set, unless `insecure` asks for it,
    and SettingsError when a signing secret can't be read.
    """

    def __init__(self, settings: Settings, *, insecure: bool = False) -> None:
        self._tokens = settings.webhook_tokens
        self._standard = [_standard_key(secret) for secret in settings.signing_secrets]
        self._plain = [secret.get_secret_value().encode() for secret in settings.hmac_secrets]
        self._settings = settings
        self._header = settings.hmac_header.lower().encode()
        self.needs_signature = bool(self._standard or self._plain)
        # Only this signature covers an id and a time, so that a repeat of it is a replay.
        self.knows_replays = bool(self._standard)
        if not (self._tokens or self.needs_signature or insecure):
            raise NoSecret

    def label(self, path_token: str, headers: Headers) -> str | None:
        """Label of the token in the path or in `Authorization: Bearer`; None when it is wrong."""
        if not self._tokens:
            return None if path_token else INSECURE
        return match(self._tokens, path_token or bearer(headers))

    def lets_in(self, peer: str | None, headers: Headers) -> bool:
        """Whether the address may post. X-Forwarded-For counts only from named proxies."""
        allowed, proxies = self._settings.allowed_ips, self._settings.trusted_proxies
        if not allowed:
            return True
        address = _address(peer or "")
        forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        while address and _among(address, proxies) and forwarded and forwarded[-1].strip():
            address = _address(forwarded.pop().strip())
        return address is not None and _among(address, allowed)

    def signed(self, headers: Headers, body: bytes) -> bool:
        """Whether every kind of signature that is configured is there and right."""
        return (not self._standard or self._standard_signature(headers, body)) and (
            not self._plain or self._plain_signature(headers, body)
        )

    def _standard_signature(self, headers: Headers, body: bytes) -> bool:
        """Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, five minutes either way."""
        message, stamp = headers.get(b"webhook-id"), headers.get(b"webhook-timestamp", b"")
        if not message or not stamp.isdigit() or len(stamp) > 12:
            return False
        if abs(time() - int(stamp)) > TOLERANCE_SECONDS:
            return False
        signed = b"%b.%b.%b" % (message, stamp, body)
        wanted = [hmac.digest(key, signed, "sha256") for key in self._standard]
        given = [
            _base64(part[3:])
            for part in headers.get(b"webhook-signature", b"").split()[:16]
            if part.startswith(b"v1,")
        ]
        return _any_equal(wanted, given)

    def _plain_signature(self, headers: Headers, body: bytes) -> bool:
        algorithm = self._settings.hmac_algorithm
        text = headers.get(self._header, b"").strip().removeprefix(algorithm.encode() + b"=")
        given = _base64(text) if self._settings.hmac_encoding == "base64" else _hex(text)
        return _any_equal([hmac.digest(key, body, algorithm) for key in self._plain], [given])


def bearer(headers: Headers) -> str:
    """The token of `Authorization: Bearer`, or nothing."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def match(tokens: Sequence[Token], text: str) -> str | None:
    """Label of the token that `text` is. All are compared, so that time tells nothing."""
    digest = hashlib.sha256(text.encode(errors="replace")).digest()
    found = None
    for token in tokens:
        if hmac.compare_digest(token.digest, digest):
            found = token.label
    return found


def _any_equal(wanted: Sequence[bytes], given: Sequence[bytes]) -> bool:
    found = [hmac.compare_digest(one, other) for one in wanted for other in given]
    return any(found)  # all are compared first, so that time tells nothing


def _standard_key(secret: SecretStr) -> bytes:
    text = secret.get_secret_value().removeprefix("whsec_")
    key = _base64(text.encode() + b"=" * (-len(text) % 4))
    if not key:
        raise SettingsError("HIRING_SIGNING_SECRETS: a secret must be whsec_ and base64")
    return key


def _base64(text: bytes) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _hex(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text.decode("latin-1"))
    except ValueError:
        return b""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _among(address: IPv4Address | IPv6Address, networks: Sequence[object]) -> bool:
    return any(address in network for network in networks)  # type: ignore[operator]
