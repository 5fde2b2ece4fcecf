"""A score as a waterfall: where every pair starts, a signed bar per field, what other kinds of pairs do to it, the sum."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from crmetl.quality.pairs import evidence
from crmetl.quality.summary import Evidence
from crmetl.report import words
from crmetl.report.terminal import width
from crmetl.text import Lang, Text

COLUMNS = 44
"""Of a terminal that bars take."""
START, SUM = Text("起点", "start"), Text("合计", "sum")
VERDICTS = {
    "merge": Text("够合并线，是同一个", "at the cut: one and the same"),
    "review": Text("在两线之间，待人判断", "between the lines: waits for a person"),
    "apart": Text("不到复核线，分开", "below the review line: apart"),
}
VETOED = Text("有一票否决的矛盾，多少分都不合并", "a contradiction forbids it, whatever the score")
NEVER = Text("没有分组规则把这两条放在一起，运行时从未比对", "no blocking rule joins them: a run never compares the two")


@dataclass(frozen=True)
class Bar:
    """One field: its label, the word for the level found, what it adds to a score that stood at `start`; 1/1000 bit."""

    label: Text
    level: Text
    mbit: int
    start: int


@dataclass(frozen=True)
class Waterfall:
    """
    A score to look at.

    Attributes:
        prior, mbit, cut, review: 1/1000 bit.
        bars: In the order in which fields are compared; other kinds of pairs last.
        vetoed: A contradiction forbids the merge.
        joined: A blocking rule joins the two; otherwise a run never compares them.
    """

    prior: int
    bars: tuple[Bar, ...]
    mbit: int
    cut: int
    review: int
    vetoed: bool = False
    joined: bool = True

    def captions(self) -> tuple[Text, ...]:
        """Say what comes of the score, and what stands against it."""
        band = "merge" if self.mbit >= self.cut else "review" if self.mbit >= self.review else "apart"
        return (VETOED if self.vetoed else VERDICTS[band], *(() if self.joined else (NEVER,)))

    def ends(self) -> tuple[int, int]:
        """Return the lowest and the highest place of the picture."""
        stops = [0, self.cut, self.review, self.prior, self.mbit, *(one.start + one.mbit for one in self.bars)]
        return min(stops), max(stops)


def waterfall(because: str, mbit: int, lines: tuple[int, int], label: Callable[[str], Text]) -> Waterfall:
    """
    Lay out the JSON of a pair's comparisons.

    Args:
        because: Field -> [level, 1/1000 bit].
        mbit: The score.
        lines: Cut and review line.
        label: Field -> what people call it.

    >>> told = waterfall('{"name": ["same", 12400], "alike": ["chain", -900]}', 1300, (0, -4000), lambda name: Text(name, name))
    >>> told.prior, [(one.label.en, one.level.en, one.start) for one in told.bars]
    (-10200, [('name', 'same', -10200), ('look-alikes', 'perhaps one brand in two cities', 2200)])
    """
    return of_evidence(evidence(because), mbit, lines, label)


def of_evidence(told: Iterable[Evidence], mbit: int, lines: tuple[int, int], label: Callable[[str], Text]) -> Waterfall:
    """Lay out a pair's comparisons, read already."""
    found = sorted(told, key=lambda one: one.field in words.COMPARED)
    prior = start = mbit - sum(one.mbit for one in found)
    bars = []
    for one in found:
        name = words.COMPARED.get(one.field) or label(one.field)
        bars.append(Bar(name, words.word(words.LEVELS, one.level), one.mbit, start))
        start += one.mbit
    return Waterfall(prior, tuple(bars), mbit, *lines)


def drawn(one: Waterfall, lang: Lang) -> list[str]:
    """
    Return the waterfall as text: `+` adds, `-` takes away, `|` is the cut, `:` the review line; no colours, no escape codes.

    >>> name = Bar(Text("名称", "name"), Text("相同", "same"), 12_000, -10_000)
    >>> phone = Bar(Text("电话", "phone"), Text("不同", "different"), -1_000, 2_000)
    >>> for line in drawn(Waterfall(-10_000, (name, phone), 1_000, 0, -4_000), "en"):
    ...     print(line)
    start             −10.0  =====================================|
    name   same       +12.0  ++++++++++++++++++++++++++++++++++++++++++++
    phone  different   −1.0                        :              |  ----
    sum                +1.0                        :              ===
                             | cut ±0.0   : review line −4.0
    at the cut: one and the same
    """
    rows: Sequence[tuple[str, str, str, str]] = [
        (START.read(lang), "", words.bits(one.prior), _line(one, 0, one.prior, "=")),
        *((bar.label.read(lang), bar.level.read(lang), words.bits(bar.mbit), _bar(one, bar)) for bar in one.bars),
        (SUM.read(lang), "", words.bits(one.mbit), _line(one, 0, one.mbit, "=")),
    ]
    wide = [max(width(row[at]) for row in rows) for at in range(3)]
    out = [
        "  ".join([_left(label, wide[0]), _left(level, wide[1]), " " * (wide[2] - width(bits)) + bits, line]).rstrip()
        for label, level, bits, line in rows
    ]
    cut, review = words.bits(one.cut), words.bits(one.review)
    lines = Text(f"| 合并线 {cut}   : 复核线 {review}", f"| cut {cut}   : review line {review}").read(lang)
    return [*out, " " * (sum(wide) + 6) + lines, *(said.read(lang) for said in one.captions())]


STEP, HIGH, ROOM = 18, 52, 12
"""Width of a column of the small picture, its height, and the room below for signs; in pixels."""


def picture(one: Waterfall) -> Markup:
    """
    Return the waterfall as a small picture: a column per field from left to right, its sign below, the cut a line, the review
    line dashed. The words stand beside it, so that readers of the page aloud miss nothing.
    """
    low, high = one.ends()
    steps = [
        ("prior", START, 0, one.prior),
        *(("plus" if bar.mbit > 0 else "minus" if bar.mbit else "prior", _named(bar), bar.start, bar.mbit) for bar in one.bars),
        ("f-ink", SUM, 0, one.mbit),
    ]
    wide = STEP * len(steps)

    def y(mbit: int) -> float:
        return round(2 + (high - mbit) / max(high - low, 1) * (HIGH - 4), 1)

    parts = [
        Markup('<line class="{}" x1="0" x2="{}" y1="{}" y2="{}"/>').format(cls, wide, y(at), y(at))
        for cls, at in (("axis", 0), ("strong dash", one.review), ("strong", one.cut))
    ]
    for at, (cls, said, start, mbit) in enumerate(steps):
        top, tall = y(max(start, start + mbit)), max(abs(y(start) - y(start + mbit)), 1)
        sign = "+" if mbit > 0 else "−" if mbit < 0 else "0"
        shape = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{} {} / {}</title></rect>')
        parts.append(shape.format(cls, at * STEP + 3, top, STEP - 6, tall, words.bits(mbit), said.zh, said.en))
        parts.append(Markup('<text class="c s m" x="{}" y="{}">{}</text>').format(at * STEP + STEP // 2, HIGH + ROOM - 2, sign))
    head = Markup('<svg class="drop" width="{}" height="{}" viewBox="0 0 {} {}" aria-hidden="true">')
    return head.format(wide, HIGH + ROOM, wide, HIGH + ROOM) + Markup().join(parts) + Markup("</svg>")


def _named(bar: Bar) -> Text:
    return Text(f"{bar.label.zh} {bar.level.zh}", f"{bar.label.en} {bar.level.en}")


def _left(text: str, wide: int) -> str:
    return text + " " * (wide - width(text))


def _bar(one: Waterfall, bar: Bar) -> str:
    return _line(one, bar.start, bar.start + bar.mbit, "+" if bar.mbit > 0 else "-")


def _line(one: Waterfall, start: int, end: int, sign: str) -> str:
    """Return one row of the picture; what is too small to be seen takes a column, nothing takes none."""
    low, high = one.ends()
    a, b = sorted((_column(start, low, high), _column(end, low, high)))
    cells = [" "] * (COLUMNS + 1)
    cells[_column(one.review, low, high)] = ":"
    cells[_column(one.cut, low, high)] = "|"
    if start != end:
        cells[a : max(b, a + 1)] = sign * (max(b, a + 1) - a)
    return "".join(cells)


def _column(mbit: int, low: int, high: int) -> int:
    return round((mbit - low) / (high - low) * COLUMNS) if high > low else 0
