"""Pictures as plain SVG. Colours are class names of style.css, so that dark mode and print follow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from crmetl.quality.summary import Matching, RunSummary
from crmetl.report.words import OUTCOMES, SIGNS, count
from crmetl.text import Text

TOP, SLOT, LEAST = 44, 18, 2.0
"""Where bars begin, the room for a line of text between two bars, and the thinnest bar, so that one record stays visible."""

LEFT, MAPPED, MINTED, RIGHT = 150, 320, 560, 830
"""x of the four columns of bars."""


@dataclass(frozen=True)
class Bar:
    """A bar of the flow: its place and height."""

    y: float
    h: float

    @property
    def middle(self) -> float:
        """Return where its label stands."""
        return self.y + self.h / 2


def text(x: float, y: float, words: Text | str, cls: str = "") -> str:
    """Write both languages at one place; style.css shows one. A plain string is shown in both."""
    if isinstance(words, str):
        return f'<text x="{x:.1f}" y="{y:.1f}" class="{cls}">{escape(words)}</text>'
    return "".join(
        f'<text x="{x:.1f}" y="{y:.1f}" class="{cls} {short}" lang="{lang}">{escape(said)}</text>'
        for short, lang, said in (("zh", "zh-CN", words.zh), ("en", "en", words.en))
    )


def _stacked(sizes: Mapping[str, float], scale: float, top: float = TOP) -> dict[str, Bar]:
    """Place bars below each other, with room for a label between."""
    bars, y = {}, top
    for name, size in sizes.items():
        bars[name] = Bar(y, max(size * scale, LEAST))
        y += bars[name].h + SLOT
    return bars


def _rect(x: float, bar: Bar, cls: str) -> str:
    return f'<rect class="{cls}" x="{x}" y="{bar.y:.1f}" width="8" height="{bar.h:.1f}"/>'


Point = tuple[float, Bar]
"""Where a ribbon starts or ends: x, and its place on the bar there."""


def _ribbon(start: Point, end: Point, cls: str, title: str) -> str:
    (x0, a), (x1, b) = start, end
    middle = (x0 + x1) / 2
    path = (
        f"M{x0} {a.y:.1f}C{middle} {a.y:.1f} {middle} {b.y:.1f} {x1} {b.y:.1f}V{b.y + b.h:.1f}"
        f"C{middle} {b.y + b.h:.1f} {middle} {a.y + a.h:.1f} {x0} {a.y + a.h:.1f}Z"
    )
    return f'<path class="ribbon {cls}" d="{path}"><title>{escape(title)}</title></path>'


@dataclass(frozen=True)
class Side:
    """Bars at one x; ribbons start and end on them one below the other."""

    x: float
    bars: Mapping[str, Bar]


def _ribbons(cells: Iterable[tuple[str, str, int, str, str]], left: Side, right: Side, scale: float) -> str:
    """Join bars: (left, right, number, class, title); each ribbon starts and ends where the one before it stopped."""
    out: list[str] = []
    at = {name: bar.y for name, bar in left.bars.items()}
    to = {name: bar.y for name, bar in right.bars.items()}
    for a, b, n, cls, title in cells:
        height = max(n * scale, 0.8)
        out.append(_ribbon((left.x, Bar(at[a], height)), (right.x, Bar(to[b], height)), cls, title))
        at[a] += n * scale
        to[b] += n * scale
    return "".join(out)


def flow(summary: RunSummary) -> Markup:
    """
    Draw where rows and records went: two linked flows, the unit changes at the middle rule.

    Returns:
        Nothing where no row was read.
    """
    sources = {one.source: one.read for one in summary.sources if one.read}
    entities = {one.entity: one.minted for one in summary.entities if one.minted}
    if not sources or not entities:
        return Markup("")
    outcomes = {name: summary.total(name) for name in OUTCOMES if summary.total(name)}
    height = max(330, SLOT * max(len(sources), len(entities), len(outcomes) + 2) + 220)
    rows, records = sum(sources.values()), sum(entities.values())
    per_row = (height - SLOT * max(len(sources), 4)) / rows
    per_record = (height - SLOT * max(len(entities), len(outcomes))) / records
    ways = {name: summary.rows(what) for name, what in (("mapped", "mapped"), ("held", "held"), ("dropped", "left_out"))}
    bars = (
        _stacked(sources, per_row),
        _stacked({name: n for name, n in ways.items() if n}, per_row, TOP + 14),
        _stacked(entities, per_record, TOP + 14),
        _stacked(outcomes, per_record),
    )
    return _svg(
        f"24 0 950 {height + TOP + 10}",
        Text("去向图，数字同下表", "Where rows went; the table below holds the same numbers"),
        _heads(rows, ways["mapped"], records) + _rows_side(summary, bars, per_row) + _records_side(summary, bars, per_record),
        "flow-t",
    )


def _svg(box: str, title: Text, content: str, ident: str) -> Markup:
    """Wrap shapes whose texts were escaped where they were put in."""
    head = Markup('<svg viewBox="{}" role="img" aria-labelledby="{}">').format(box, ident)
    name = Markup('<title id="{}">{} / {}</title>').format(ident, title.zh, title.en)
    return head + name + Markup(content) + Markup("</svg>")  # noqa: S704 see above


def _heads(rows: int, mapped: int, records: int) -> str:
    return (
        text(LEFT + 8, 14, Text("读入的行", "Rows read"), "b e")
        + text(LEFT + 8, 30, count(rows), "m s e")
        + text(MAPPED, 14, Text("映射", "Mapped"), "b")
        + text(MAPPED, 30, count(mapped), "m s")
        + text(MINTED, 14, Text("生成的记录", "Records minted"), "b")
        + text(MINTED, 30, count(records), "m s")
        + text(RIGHT, 14, Text("去向", "Outcome"), "b")
        + text(970, 14, count(records), "m s e")
    )


Bars = tuple[dict[str, Bar], dict[str, Bar], dict[str, Bar], dict[str, Bar]]


def _rows_side(summary: RunSummary, bars: Bars, scale: float) -> str:
    left, ways = bars[0], bars[1]
    labels = {one.source: one.label for one in summary.sources}
    out = [
        _rect(LEFT, bar, "f-row") + _labelled(LEFT - 8, bar, labels[name], one.read)
        for name, bar in left.items()
        for one in summary.sources
        if one.source == name
    ]
    cells = [
        (one.source, way, n, "f-row" if way == "mapped" else f"f-{way}", f"{one.label.en} → {way}: {count(n)}")
        for one in summary.sources
        for way, n in (("mapped", one.mapped), ("held", one.held), ("dropped", one.left_out))
        if n
    ]
    out.append(_ribbons(cells, Side(LEFT + 8, left), Side(MAPPED, ways), scale))
    for way, bar in ways.items():
        out.append(_rect(MAPPED, bar, "f-row" if way == "mapped" else f"f-{way}"))
        if way != "mapped":
            n = count(summary.rows("held" if way == "held" else "left_out"))
            said = Text(f"{SIGNS[way]} {OUTCOMES[way].zh} {n} 行", f"{SIGNS[way]} {OUTCOMES[way].en} {n} rows")
            out.append(text(MAPPED + 14, bar.middle + 4, said, "s"))
    return "".join(out)


def _labelled(x: float, bar: Bar, label: Text, n: int) -> str:
    """Write a name and its number on one line that ends at x."""
    return "".join(
        f'<text x="{x:.1f}" y="{bar.middle + 4:.1f}" class="e {short}" lang="{lang}">{escape(said)} '
        f'<tspan class="m s">{count(n)}</tspan></text>'
        for short, lang, said in (("zh", "zh-CN", label.zh), ("en", "en", label.en))
    )


def _records_side(summary: RunSummary, bars: Bars, scale: float) -> str:
    ways, minted, outcomes = bars[1], bars[2], bars[3]
    first, last = next(iter(minted.values())), list(minted.values())[-1]
    out = []
    if "mapped" in ways:
        middle = (MAPPED + MINTED) / 2
        mapped = ways["mapped"]
        out.append(
            f'<path class="f-rule" fill-opacity=".4" d="M{MAPPED + 8} {mapped.y:.1f}L{MINTED} {first.y:.1f}'
            f'V{last.y + last.h:.1f}L{MAPPED + 8} {mapped.y + mapped.h:.1f}Z"/>'
            f'<line class="strong dash" x1="{middle}" x2="{middle}" y1="{TOP - 6}" y2="{last.y + last.h:.1f}"/>'
        )
        out.append(text(middle, TOP - 12, Text("单位变换：行 → 记录", "unit changes: rows → records"), "c m s"))
    entities = [one for one in summary.entities if one.minted]
    cells = [
        (one.entity, name, n, f"f-{name}", f"{one.label.en} → {OUTCOMES[name].en}: {count(n)}")
        for one in entities
        for name in OUTCOMES
        if (n := int(getattr(one, name)))
    ]
    out.append(_ribbons(cells, Side(MINTED + 8, minted), Side(RIGHT, outcomes), scale))
    out += [
        _rect(MINTED, minted[one.entity], "f-row") + _labelled(MINTED - 8, minted[one.entity], one.label, one.minted)
        for one in entities
    ]
    for name, bar in outcomes.items():
        said = Text(f"{SIGNS[name]} {OUTCOMES[name].zh}", f"{SIGNS[name]} {OUTCOMES[name].en}")
        out.append(_rect(RIGHT, bar, f"f-{name}") + text(RIGHT + 16, bar.middle + 4, said))
        out.append(text(970, bar.middle + 4, count(summary.total(name)), "e"))
    return "".join(out)


def dumbbell(before: float | None, after: float | None, goal: float, low: float) -> Markup:
    """Draw one score: hollow dot before, solid dot after, a tick at the goal; all of a column share one scale up to 100."""

    def x(value: float) -> float:
        return 4 + (min(max(value, low), 100) - low) / (100 - low) * 92

    parts = [
        '<line class="axis" x1="4" x2="96" y1="8" y2="8"/>',
        f'<line class="goal" x1="{x(goal):.1f}" x2="{x(goal):.1f}" y1="2" y2="14"/>',
    ]
    if before is not None and after is not None:
        parts.append(f'<line class="span" x1="{x(before):.1f}" x2="{x(after):.1f}" y1="8" y2="8"/>')
    if before is not None:
        parts.append(f'<circle class="dot-b" cx="{x(before):.1f}" cy="8" r="3.2"/>')
    if after is not None:
        parts.append(f'<circle class="dot-a{" low" if after < goal else ""}" cx="{x(after):.1f}" cy="8" r="3.6"/>')
    return Markup(f'<svg width="100" height="16" viewBox="0 0 100 16" aria-hidden="true">{"".join(parts)}</svg>')  # noqa: S704 numbers only


WIDTH, HEIGHT, HEAD, MOST = 820, 150, 26, 40
"""Of the histogram; beyond `MOST` bars the last one gathers what is above."""


def histogram(matched: Matching) -> Markup:
    """
    Draw pairs by score in whole bits; the band between review line and cut waits for a person.

    Returns:
        Nothing where there are no pairs.
    """
    if not matched.bins:
        return Markup("")
    low = min(matched.bins[0].bits, int(matched.review // 1))
    high = min(max(matched.bins[-1].bits, int(matched.cut // 1) + 1), low + MOST)
    sums = dict.fromkeys(range(low, high + 1), 0)
    for one in matched.bins:
        sums[min(one.bits, high)] += one.pairs
    wide, most = WIDTH / len(sums), max(sums.values())
    sparse = len(sums) > 24
    parts = []
    for at, (bit, n) in enumerate(sums.items()):
        h = n / most * (HEIGHT - 14)
        kind = "absorbed" if bit >= matched.cut else "held" if bit + 1 > matched.review else "unchanged"
        if n:
            h = max(h, 1.5)
            parts.append(
                f'<rect class="f-{kind}" x="{at * wide + 1.5:.1f}" y="{HEAD + HEIGHT - h:.1f}" width="{wide - 3:.1f}" '
                f'height="{h:.1f}"><title>{bit}..{bit + 1} bits: {count(n)}</title></rect>'
            )
            parts.append(text(at * wide + wide / 2, HEAD + HEIGHT - h - 5, count(n), "c s m"))
        last = len(sums) - 1 - at
        if not sparse or last == 0 or (bit % 5 == 0 and last > 1):
            label = ("≥ " if bit == high and matched.bins[-1].bits > high else "") + count(bit)
            parts.append(text(at * wide, HEAD + HEIGHT + 15, label, "c s m"))
    parts += _lines(matched, low, wide)
    return _svg(
        f"-14 0 {WIDTH + 34} {HEAD + HEIGHT + 36}",
        Text("匹配分布", "Match scores"),
        "".join(parts),
        f"hist-{matched.entity}",
    )


def _lines(matched: Matching, low: int, wide: float) -> Sequence[str]:
    cut, review = (matched.cut - low) * wide, (matched.review - low) * wide
    bottom = HEAD + HEIGHT
    merged = Text("同一条（合并）→", "the same (merged) →")
    waiting = Text(f"{count(matched.doubts)} 对待人工判断", f"{count(matched.doubts)} pairs for a person")
    return [
        f'<line class="axis" x1="0" x2="{WIDTH}" y1="{bottom}" y2="{bottom}"/>',
        f'<line class="strong" x1="{cut:.1f}" x2="{cut:.1f}" y1="{HEAD - 4}" y2="{bottom + 5}"/>',
        text(cut, HEAD - 10, Text(f"合并线 {matched.cut:.1f}", f"cut {matched.cut:.1f}"), "b s c"),
        f'<line class="strong dash" x1="{review:.1f}" x2="{review:.1f}" y1="{HEAD + 30}" y2="{bottom + 5}"/>',
        text(max((cut + review) / 2, 50), HEAD + 44, waiting, "c s") if matched.doubts else "",
        text(WIDTH, HEAD - 10, merged, "s m e"),
        text(WIDTH, bottom + 30, Text("匹配分（比特，log₂ 胜率）", "match score, bits (log₂ odds)"), "e s m"),
    ]
