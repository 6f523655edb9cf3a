"""The digest of a file, as it is published."""

import hashlib


def digest(data: bytes | memoryview) -> str:
    """Its SHA-256."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
