"""The identity of a text: what was computed for it once is looked up by its digest, and not computed again."""

import hashlib

DIGEST_BYTES = 16


def digest(text: str) -> bytes:
    """DIGEST_BYTES bytes of the text's sha256; any text has them, lone surrogates included."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:DIGEST_BYTES]


def vector_digest(text: str, as_passage: bool) -> bytes:
    """Identity of a text and of the way in which it is embedded."""
    return digest(f"{int(as_passage)}:{text}")
