"""Which encoding a text file is in: proof where there is proof, likelihood where there is none."""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from crmetl.errors import SourceError
from crmetl.text import Text

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 before UTF-16, whose mark it begins with."""

LIKELY = ("gb18030", "big5hkscs", "cp932", "euc_jis_2004", "cp949", "cp1252", "cp1250", "cp1251")
"""Encodings that a company dealing from China meets; each stands for its family, as the widest member of it."""
_FAMILY = {
    "gbk": "gb18030", "gb2312": "gb18030", "hz": "hz", "big5": "big5hkscs", "cp950": "big5hkscs", "euc_kr": "cp949",
    "shift_jis": "cp932", "shift_jis_2004": "cp932", "shift_jisx0213": "cp932", "iso8859-1": "cp1252", "euc_jp": "euc_jis_2004",
}  # fmt: skip
"""Files that say GB2312 hold characters of its supersets as a rule; the widest member reads all of them."""
_WEIGHT = {"cp1250": 0.5}
"""Western and Central European text differ in a few letters; the more frequent one is preferred when in doubt."""
_NEAR = 0.7
_PIECE = 1 << 20
_SAMPLE = 1 << 16


@dataclass(frozen=True)
class Encoding:
    """
    How to decode a file.

    Attributes:
        name: Python's name.
        score: 1 where proven or pinned, else chardet's.
        runner_up: The next likely one.
        doubtful: The runner-up is nearly as likely.
        broken: Some bytes cannot be decoded; they become U+FFFD.
        nuls: The text holds NUL characters.
    """

    name: str
    score: float = 1.0
    runner_up: str | None = None
    doubtful: bool = False
    broken: bool = False
    nuls: bool = False


def widest(name: str) -> str:
    """
    Return Python's name of an encoding, the widest of its family.

    Raises:
        LookupError: Nobody knows it.

    >>> widest("GB2312"), widest("UTF8")
    ('gb18030', 'utf-8')
    """
    known = codecs.lookup(name).name
    return _FAMILY.get(known, known)


def pieces(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, a megabyte at a time."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        for piece in pieces(path):
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _telling(path: Path) -> bytes:
    """Return lines that hold more than ASCII, the only ones that tell encodings apart."""
    out: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while size < _SAMPLE and (line := file.readline(_SAMPLE)):
            if not line.isascii():
                out.append(line)
                size += len(line)
    return b"".join(out)


def _wide_without_mark(path: Path) -> str | None:
    """Return UTF-16 with the byte order that its NULs tell, where every second byte of the Latin characters is one."""
    with path.open("rb") as file:
        head = file.read(4096)
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < 0.2 * len(head) / 2 or min(even, odd) * 4 > max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _mostly_utf8(sample: bytes) -> bool:
    """Say whether it is UTF-8 with a few damaged bytes: no other encoding looks like it by chance."""
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(not one.isascii() for one in text) - bad
    return good >= 10 and good > 20 * bad


def _marked(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(4)
    return next((name for mark, name in _BOMS if head.startswith(mark)), None)


def declared(path: Path, pinned: str | None, said: str | None) -> Encoding:
    """
    Return the encoding of a file that names one itself: the pinned one, its own where all of it can be so read, else `detect`.

    Raises:
        SourceError: The pinned name is no encoding.
    """
    try:
        name = widest(said) if said and not pinned and not _marked(path) else None
    except LookupError:
        name = None
    # Text of another encoding is never UTF-8 by chance; a page that was written anew often keeps its old declaration.
    if name and name != "utf-8" and _decodes(path, "utf-8") and not all(piece.isascii() for piece in pieces(path)):
        name = "utf-8"
    return Encoding(name) if name and _decodes(path, name) else detect(path, pinned)


def likeliest(sample: bytes, pinned: str | None, said: str | None) -> Encoding:
    """
    Return the encoding of texts that stand between other bytes.

    Args:
        sample: The texts, one a line.
        pinned: By the mapping.
        said: By the file.
    """
    for name in (pinned, said, "utf-8"):
        if name and (pinned or _reads(sample, widest(name))):
            return Encoding(widest(name), broken=not _reads(sample, widest(name)))
    return _ranked(sample, lambda name: _reads(sample, name))


def _reads(sample: bytes, name: str) -> bool:
    try:
        sample.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _likely(path: Path) -> Encoding:
    sample = _telling(path)
    if _mostly_utf8(sample):
        return Encoding("utf-8", 0.9, broken=True)
    return _ranked(sample, lambda name: _decodes(path, name))


def _ranked(sample: bytes, decodes: Callable[[str], bool]) -> Encoding:
    import chardet  # noqa: PLC0415 asked of few files, and slow to load

    told = chardet.detect_all(sample, ignore_threshold=True, include_encodings=LIKELY, compat_names=False)
    scores: dict[str, float] = {}
    for one in told:
        name = widest(one["encoding"] or "cp1252")
        scores[name] = max(scores.get(name, 0.0), one["confidence"] * _WEIGHT.get(name, 1.0))
    order = sorted(scores, key=lambda name: -scores[name])
    fitting = list(islice((name for name in order if decodes(name)), 2))
    if not fitting:
        return Encoding(order[0], round(scores[order[0]], 3), next(iter(order[1:]), None), broken=True)
    best, second = fitting[0], next(iter(fitting[1:]), None)
    doubtful = second is not None and scores[second] > _NEAR * scores[best]
    return Encoding(best, round(scores[best], 3), second, doubtful=doubtful)


def detect(path: Path, pinned: str | None = None) -> Encoding:
    """
    Say how to decode a text file.

    The ladder: pinned, byte order mark, NULs (UTF-16), strict UTF-8 over the whole file, UTF-8 with damaged bytes, then the
    likeliest of `LIKELY` that decodes the whole file.

    Raises:
        SourceError: The pinned name is no encoding.
    """
    if pinned:
        try:
            name = widest(pinned)
        except LookupError:
            raise SourceError(
                Text(f"不认识编码 {pinned}", f"unknown encoding {pinned}"),
                where=str(path),
                next=Text("改正映射中的 table.encoding", "correct table.encoding in the mapping"),
            ) from None
        return Encoding(name, broken=not _decodes(path, name))
    nuls = any(0 in piece for piece in pieces(path))
    marked = _marked(path)
    if marked:
        return Encoding(marked, broken=not _decodes(path, marked), nuls=nuls and marked == "utf-8-sig")
    wide = _wide_without_mark(path) if nuls else None
    if wide and _decodes(path, wide):
        return Encoding(wide)
    if _decodes(path, "utf-8"):
        return Encoding("utf-8", nuls=nuls)
    likely = _likely(path)
    return Encoding(likely.name, likely.score, likely.runner_up, likely.doubtful, likely.broken, nuls)
