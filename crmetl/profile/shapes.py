"""The shape of a value: what it is made of, without saying it."""

import re

_DIGIT, _LETTERS, _IDEOGRAPHS = (
    re.compile(r"\d"),
    re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"),
    re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"),
)
LONGEST = 40


def shape(value: str) -> str:
    """
    Return 9 for each digit, A for a run of letters, 字 for a run of Chinese (or Japanese, Korean) characters; the rest as it is.

    >>> shape("HD0013"), shape("启明 (杭州) 有限公司"), shape("0571-88001234")
    ('A9999', '字 (字) 字', '9999-99999999')
    """
    letters = _IDEOGRAPHS.sub("字", _LETTERS.sub("A", value.strip().replace("字", "一")))
    return _DIGIT.sub("9", letters)[:LONGEST]
