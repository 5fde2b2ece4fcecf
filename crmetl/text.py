"""A sentence for people, in both languages of the product."""

from typing import Literal, NamedTuple

Lang = Literal["zh", "en"]


class Text(NamedTuple):
    """
    The same fact in zh-CN and English; neither is a translation of the other.

    >>> Text("客户", "account").read("en")
    'account'
    """

    zh: str
    en: str

    def read(self, lang: Lang) -> str:
        """Return the sentence in `lang`."""
        return self.zh if lang == "zh" else self.en

    def fill(self, **facts: object) -> "Text":
        """
        Put facts into both sentences; numbers get thousands separators by the caller's format.

        >>> Text("将新建 {n:,} 个客户", "{n:,} accounts will be created").fill(n=1204).zh
        '将新建 1,204 个客户'
        """
        return Text(self.zh.format(**facts), self.en.format(**facts))
