"""YAML words as people write them: plain where that is safe, quoted where it is not."""

import json
import re

_PLAIN = re.compile(r"[^\W\d_][\w./@+-]*(?: [\w./@+-]+)*", re.UNICODE)
_KEPT = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""Words that some YAML reader takes for something other than text; quoted for the reader's sake."""


def word(text: str) -> str:
    """
    Return a text as a YAML scalar that reads back as the same text, in block or flow style.

    >>> word("客户名称"), word("金额(元)"), word("NO"), word("a: b")
    ('客户名称', '"金额(元)"', '"NO"', '"a: b"')
    """
    if _PLAIN.fullmatch(text) and text.casefold() not in _KEPT:
        return text
    return json.dumps(text, ensure_ascii=False)
