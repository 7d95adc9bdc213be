"""Which characters the bytes of an XML document are: byte order mark, declaration, HTTP charset, guess.

Order of belief: byte order mark, XML declaration, HTTP charset, shape of the first bytes, UTF-8, and for
bytes that are no UTF-8 although nothing was declared, windows-1252 (what such peers mean in practice).
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from xraytap.errors import DecodeError

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# XML 1.0, appendix F: what "<" or "<?" looks like without a byte order mark.
_SHAPES = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")
USUAL = (b"<?xml version='1.0'?>", b'<?xml version="1.0"?>')
"""How Python peers, xend and XAPI begin. No encoding is declared and the bytes are no wide ones: this is UTF-8."""
_PLAIN = frozenset({"utf-8", "ascii"})


class Text(NamedTuple):
    """A body as UTF-8. `codec` and `skip` (bytes of byte order mark) lead offsets back to the body."""

    utf8: bytes
    codec: str
    skip: int

    def offset(self, utf8_offset: int) -> int:
        """The offset in the body as given of an offset into `utf8`."""
        if self.codec == "utf-8":
            return utf8_offset + self.skip
        before = self.utf8[:utf8_offset].decode("utf-8", "ignore")
        return len(before.encode(self.codec, "ignore")) + self.skip


def to_utf8(body: bytes, charset: str | None = None) -> Text:
    """`body` as UTF-8; DecodeError for an encoding nobody knows or bytes that are not in it."""
    if charset is None and body.startswith(USUAL):
        return Text(body, "utf-8", 0)
    for bom, codec in _BOMS:
        if body.startswith(bom):
            return _transcode(body, codec, len(bom))
    declared = _DECLARED.match(body[:256])
    if declared is not None:
        codec = _codec(declared[1].decode("ascii"), declared.start(1))
        # A declaration readable as ASCII cannot be in an encoding of wide units, whatever it says.
        if not codec.startswith(("utf-16", "utf-32")):
            return _transcode(body, codec, 0)
    for shape, codec in _SHAPES:
        if body.startswith(shape):
            return _transcode(body, codec, 0)
    if charset:
        codec = _codec(charset, 0)
        if not codec.startswith(("utf-16", "utf-32")):
            return _transcode(body, codec, 0)
    return Text(body, "utf-8", 0)


def guess_legacy(text: Text) -> Text | None:
    """The body read as windows-1252, for one that is no UTF-8; None if it is UTF-8 after all."""
    try:
        text.utf8.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return None
    for codec in ("cp1252", "latin-1"):
        try:
            return Text(text.utf8.decode(codec).encode(), codec, text.skip)
        except UnicodeDecodeError:
            continue
    return None


def declares_encoding(body: bytes) -> bool:
    """Whether the XML declaration names an encoding."""
    return _DECLARED.match(body[:256]) is not None


def _codec(name: str, offset: int) -> str:
    try:
        info = codecs.lookup(name)
    except LookupError:
        raise DecodeError(f"the declared encoding {name!r} is unknown", offset=offset) from None
    if not getattr(info, "_is_text_encoding", True) or info.name in {"utf-7", "idna", "punycode"}:
        raise DecodeError(f"the declared encoding {name!r} is no text encoding", offset=offset)
    return info.name


def _transcode(body: bytes, codec: str, skip: int) -> Text:
    if codec in _PLAIN:
        return Text(body[skip:] if skip else body, "utf-8", skip)
    try:
        return Text(body[skip:].decode(codec).encode(), codec, skip)
    except UnicodeDecodeError as error:
        raise DecodeError(f"byte is not in the encoding {codec}", offset=error.start + skip) from None
    except UnicodeEncodeError as error:
        raise DecodeError(f"half of a surrogate pair, in {codec}", offset=error.start) from None
