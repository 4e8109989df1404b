"""Bodies as they come over the wire, unpacked within bounds."""

from __future__ import annotations

import zlib
from typing import Final, Protocol

LONGEST_BODY: Final = 10 * 1024 * 1024
"""Octets, both as sent and unpacked. The largest honest news feeds stay under 5 MiB."""

_STEP: Final = 64 * 1024
_GZIP: Final = zlib.MAX_WBITS | 16


class BodyRefused(Exception):
    """The body is too large, cut short or not coded as it says; `str()` is the rest of a sentence."""


class Decoder(Protocol):
    """Takes the body piece by piece and keeps it unpacked."""

    def feed(self, data: bytes) -> None:
        """Take the next piece; raises BodyRefused."""
        ...

    def finish(self) -> bytes:
        """The whole body; raises BodyRefused where it is cut short."""
        ...


def decoder_for(content_encoding: str) -> Decoder:
    """A decoder for a Content-Encoding header; raises BodyRefused for what we did not offer.

    Several codings at once are refused: no honest server packs twice, and every layer multiplies a bomb.
    """
    codings = [coding for part in content_encoding.split(",") if (coding := part.strip().lower())]
    if not codings or codings == ["identity"]:
        return _Plain()
    if codings in (["gzip"], ["x-gzip"]):
        return _Packed("gzip")
    if codings == ["deflate"]:
        return _Packed("deflate")
    named = ", ".join(coding[:20] for coding in codings[:3])
    raise BodyRefused(f"sends the coding {named!a}, of which we accept only one of gzip and deflate")


class _Plain:
    def __init__(self) -> None:
        self._body = bytearray()

    def feed(self, data: bytes) -> None:
        self._body += data
        require_within_bounds(len(self._body))

    def finish(self) -> bytes:
        return bytes(self._body)


class _Packed:
    """gzip, also in several members one behind the other, or deflate with or without zlib's header."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._body = bytearray()
        self._sent = 0
        self._open: zlib._Decompress | None = None
        self._ended = False

    def feed(self, data: bytes) -> None:
        self._sent += len(data)
        require_within_bounds(self._sent)
        while data:
            if self._ended:
                if self._coding != "gzip" or not data.startswith(b"\x1f"):
                    return  # padding behind the last member, which every browser forgives
                self._open, self._ended = None, False
            data = self._unpack(data)

    def _unpack(self, data: bytes) -> bytes:
        """Unpack one step and return what is left of the data."""
        if self._open is None:
            self._open = zlib.decompressobj(self._window(data))
        try:
            self._body += self._open.decompress(data, _STEP)
        except zlib.error:
            raise BodyRefused(f"sends a body that is not the {self._coding} that it says it is") from None
        require_within_bounds(len(self._body))
        if self._open.eof:
            self._ended = True
            return self._open.unused_data
        return self._open.unconsumed_tail

    def _window(self, data: bytes) -> int:
        if self._coding == "gzip":
            return _GZIP
        has_zlib_header = data[0] & 0x0F == zlib.DEFLATED and (
            len(data) < 2 or (data[0] << 8 | data[1]) % 31 == 0
        )
        return zlib.MAX_WBITS if has_zlib_header else -zlib.MAX_WBITS

    def finish(self) -> bytes:
        if self._open is not None and not self._ended:
            self._body += self._open.flush(_STEP)
            if not self._open.eof:
                raise BodyRefused(f"sends a {self._coding} body that is cut short")
        return bytes(self._body)


def require_within_bounds(octets: int) -> None:
    """Raise BodyRefused for more than LONGEST_BODY."""
    if octets > LONGEST_BODY:
        raise BodyRefused(f"sends more than {LONGEST_BODY // 1024 // 1024} MiB, too much for one feed")
