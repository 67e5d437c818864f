"""How a provider proves that what it sends of its own accord is its own."""

from base64 import b64encode
from hashlib import sha256
from hmac import compare_digest, digest


def same(told: str, expected: str) -> bool:
    """Compare what a request says with what it should say.

    How long that takes depends on neither: what is compared are digests, which
    are of one length. Whatever a header may hold can be compared.
    """
    return compare_digest(_digest(told), _digest(expected))


def hash_with_key(body: bytes, key: str) -> str:
    """Return the SHA-256 of a body, a stroke and a key, in hexadecimal digits."""
    whole = sha256(body)
    whole.update(b"/" + _bytes(key))
    return whole.hexdigest()


def hmac_base64(body: bytes, key: str) -> str:
    """Return the HMAC (RFC 2104) of a body with SHA-256, in base64."""
    return b64encode(digest(_bytes(key), body, "sha256")).decode()


def _digest(text: str) -> bytes:
    return sha256(_bytes(text)).digest()


def _bytes(text: str) -> bytes:
    """Return any text as bytes, also one that is no Unicode."""
    return text.encode(errors="surrogatepass")
