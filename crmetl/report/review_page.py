"""The page on which a person decides pairs: one file, works offline, keeps the answers in the browser until they are exported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from crmetl.quality import RunSummary
from crmetl.report import words
from crmetl.report.pages import environment
from crmetl.report.review import DECISIONS, ReviewPair, effect, shown_ref
from crmetl.text import Lang, Text

WIDE, HIGH = 240, 36


class Scale:
    """
    Where bits stand on the picture: all pairs of a page share one axis.

    Args:
        pairs: Their running sums and their cut are all on it.
    """

    def __init__(self, pairs: Sequence[ReviewPair]) -> None:
        ends = [0, *(one.cut for one in pairs), *(one.prior for one in pairs), *(one.mbit for one in pairs)]
        ends += [one.review for one in pairs if one.review is not None]
        ends += [step.start + step.mbit for one in pairs for step in one.steps]
        self.low, self.high = min(ends) - 1500, max(ends) + 1500

    def x(self, mbit: float) -> float:
        """Return the place of 1/1000 bits, from the left."""
        return round((mbit - self.low) / (self.high - self.low) * WIDE, 1)

    def bar(self, start: int, mbit: int, pair: ReviewPair, kind: str = "") -> Markup:
        """Return one step of a score, joined to the rows above and below; the cut is a line, the review line dashed."""
        a, b = self.x(start), self.x(start + mbit)
        parts = [_line("axis", self.x(0), 0, HIGH), _line("strong", self.x(pair.cut), 0, HIGH)]
        parts += [] if pair.review is None else [_line("strong dash", self.x(pair.review), 0, HIGH)]
        if kind != "f-ink":
            parts.append(_line("span", b, HIGH // 2, HIGH))
            parts += [] if kind else [_line("span", a, 0, HIGH // 2)]
        if mbit:
            cls = kind or ("plus" if mbit > 0 else "minus")
            rect = Markup('<rect class="{}" x="{}" y="11" width="{}" height="14"/>')
            parts.append(rect.format(cls, min(a, b), max(abs(b - a), 1)))
        head = Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">').format(WIDE, HIGH)
        return head + Markup().join(parts) + Markup("</svg>")

    def axis(self, cut: int) -> Markup:
        """Return the numbers above the bars; none stands so near the cut's that they would touch."""
        at = self.x(cut)
        ticks = [bits for bits in range(-60, 61, 10) if self.low < 1000 * bits < self.high and abs(self.x(1000 * bits) - at) > 34]
        said = [_said(self.x(1000 * bits), str(bits).replace("-", "−"), "c s m") for bits in ticks]
        end = "e" if at > WIDE * 0.8 else "c"
        cuts = [
            Markup('<g class="{}">{}</g>').format(lang, _said(at, text, f"s b {end}"))
            for lang, text in zip(("zh", "en"), (f"合并线 {cut / 1000:.1f}", f"cut {cut / 1000:.1f}"), strict=True)
        ]
        label = f"{words.bits(self.low)} … {words.bits(self.high)} bits"
        head = Markup('<svg viewBox="0 0 {} 14" role="img" aria-label="{}">').format(WIDE, label)
        return head + Markup().join([*said, *cuts]) + Markup("</svg>")


def _line(cls: str, x: float, top: int, end: int) -> Markup:
    return Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(cls, x, x, top, end)


def _said(x: float, text: str, cls: str) -> Markup:
    return Markup('<text x="{}" y="10" class="{}">{}</text>').format(x, cls, text)


def odds(prior: int) -> Text:
    """
    Say what a prior means.

    >>> odds(-13_200).en
    'any two records are one by a chance of about 1 : 9,410'
    """
    against = 2 ** (-prior / 1000)
    said = f"{round(against, -1 if against > 100 else 0):,.0f}"
    return Text(f"任取两条，恰是同一个的机会约 1 : {said}", f"any two records are one by a chance of about 1 : {said}")


def short(pair: ReviewPair) -> Text:
    """Say how far a score is from the cut."""
    gap = abs(pair.cut - pair.mbit) / 1000
    if pair.mbit >= pair.cut:
        return Text(f"超过合并线 {gap:.1f} 比特", f"{gap:.1f} bits above the cut")
    return Text(f"差 {gap:.1f} 比特到合并线", f"{gap:.1f} bits short of the cut")


def review_page(pairs: Sequence[ReviewPair], summary: RunSummary, *, file: str, lang: Lang, sample: str = "") -> str:
    """
    Return the page.

    Args:
        pairs: In the order in which they are asked.
        summary: Of the run that they are of.
        file: What the exported decisions will be called.
        lang: The language that shows first.
        sample: How the pairs were drawn, where they are a sample.
    """
    started = datetime.fromisoformat(summary.started) if summary.started else None
    context: dict[str, Any] = {
        "s": summary,
        "page": "review",
        "reveal": True,
        "zone": (started.tzname() or "") if started else "",
        "pairs": pairs,
        "scale": Scale(pairs),
        "effect": effect,
        "odds": odds,
        "short": short,
        "ref": shown_ref,
        "file": file,
        "format": DECISIONS,
        "sample": sample,
        "facts": {"run": summary.run, "plan": summary.plan, "file": file, "format": DECISIONS, "sample": sample or None},
        "LEVELS": words.LEVELS,
    }
    return environment(lang).get_template("review.html.j2").render(**context)
