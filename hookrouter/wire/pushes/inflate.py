"""Compressed bodies, unpacked within a bound: a kilobyte can hold a gigabyte."""

from __future__ import annotations

import zlib

from hookrouter.domain.errors import PushRefused

GZIP_MARK = b"\x1f\x8b\x08"
AUTOMATIC = zlib.MAX_WBITS | 32
"""zlib's word for: gzip or zlib, whichever the header says."""
RAW = -zlib.MAX_WBITS
"""Deflate without a header, which some senders mean by `deflate`."""
MOST_MEMBERS = 100
"""Files that one gzip may be made of, one behind the other."""
PLAIN = frozenset({"", "identity", "none", "binary", "8bit", "utf-8", "utf8"})
"""What is no coding; some senders put here what belongs elsewhere."""
PACKED = frozenset({"gzip", "x-gzip", "deflate"})


def inflate(body: bytes, coding: str, limit: int) -> bytes:
    """A body as it was before it was packed.

    Args:
        body: as it came.
        coding: what Content-Encoding says; a gzip is unpacked whatever that is, and what is none is left alone.
        limit: bytes that may come out at most.

    Raises:
        PushRefused: 413 for too much, 415 for a coding of another kind, 400 for a broken one.
    """
    coding = coding.strip().lower()
    if coding not in PLAIN | PACKED:
        raise PushRefused(415, "unknown coding", "a body may be plain or packed with gzip or deflate, once")
    if body.startswith(GZIP_MARK):
        return _unpack(body, AUTOMATIC, limit)
    if coding == "deflate":
        return _unpack(body, AUTOMATIC if _has_zlib_header(body) else RAW, limit)
    return body  # plain, or a proxy has unpacked it and left the header as it was


def _has_zlib_header(body: bytes) -> bool:
    return len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2], "big") % 31 == 0


def _unpack(body: bytes, kind: int, limit: int) -> bytes:
    whole = b""
    for _ in range(MOST_MEMBERS):
        unpacker = zlib.decompressobj(kind)
        try:
            whole += unpacker.decompress(body, limit + 1 - len(whole))
        except zlib.error:
            raise _broken() from None
        if len(whole) > limit:
            raise PushRefused(413, "body too large", f"a body may hold {limit} bytes at most once it is unpacked")
        if not unpacker.eof:
            raise _broken()
        body = unpacker.unused_data.lstrip(b"\0")
        if not body:
            return whole
        if not body.startswith(GZIP_MARK):
            raise _broken()
    raise _broken()


def _broken() -> PushRefused:
    return PushRefused(400, "packed body broken", "the body cannot be unpacked: it is cut short or damaged")
