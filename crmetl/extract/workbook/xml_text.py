"""XML read as a stream, without entities or documents from outside."""

from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from crmetl.extract.encoding import Encoding

_PIECE = 1 << 18


class ForbiddenXml(ValueError):
    """The document declares a type or entities: no spreadsheet does, an attack may."""


def parse(
    pieces: Iterator[bytes],
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """
    Tell start, end and text of elements; names without their prefix or namespace.

    Args:
        pieces: Of the document in UTF-8, whatever its declaration says.

    Raises:
        ForbiddenXml: It has a document type.
        expat.ExpatError: It is not well formed.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: start(
        _local(name), {_local(one): value for one, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: end(_local(name))
    parser.CharacterDataHandler = text
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse(*_: object) -> None:
    raise ForbiddenXml


def pieces_of(file: BinaryIO, encoding: Encoding | None = None) -> Iterator[bytes]:
    """Yield a document in UTF-8."""
    import codecs  # noqa: PLC0415 beside its one use

    decoder = codecs.getincrementaldecoder(encoding.name)("replace") if encoding and encoding.name != "utf-8" else None
    while piece := file.read(_PIECE):
        yield decoder.decode(piece).encode("utf-8", "replace") if decoder else piece
