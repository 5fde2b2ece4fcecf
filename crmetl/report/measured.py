"""What a labelled sample, or the scores alone, say of a matching, in plain words."""

from collections.abc import Sequence

from crmetl.quality.expected import Expected
from crmetl.quality.measured import Interval, Measured, Measures
from crmetl.text import Text

BANDS = {
    "sure": Text("已合并，远高于合并线", "merged, well above the cut"),
    "near": Text("已合并，刚过合并线或由第三条连起", "merged, just above the cut or through a third record"),
    "doubtful": Text("未合并，复核线以上", "apart, above the review line"),
    "below": Text("未合并，复核线以下 8 比特内", "apart, up to 8 bits under the review line"),
    "far": Text("未合并，更低", "apart, lower still"),
}


def percent(share: float | None) -> str:
    """
    Write a share as a percentage; a dash where there was nothing to measure.

    >>> percent(0.98105), percent(None)
    ('98.1 %', '–')
    """
    return "–" if share is None else f"{100 * share:.1f} %"


def interval(one: Interval | None) -> Text:
    """
    Say an estimate with its interval.

    >>> interval(Interval(0.981, 0.956, 0.994)).en
    '98.1 % (95 % interval 95.6-99.4 %)'
    """
    if one is None:
        return Text("标注太少，说不出", "too few labels to say")
    ends = f"{100 * one.low:.1f}-{100 * one.high:.1f} %"
    return Text(f"{percent(one.estimate)}（95 % 区间 {ends}）", f"{percent(one.estimate)} (95 % interval {ends})")


def sentence(one: Measures) -> Text:
    """
    Say what the labels of an entity, or of all, came to.

    >>> sentence(Measures("", 200, Interval(0.981, 0.956, 0.994), None)).zh
    '在标注的 200 对中推算：精确率 98.1 %（95 % 区间 95.6-99.4 %），召回率 标注太少，说不出'
    """
    precision, recall = interval(one.precision), interval(one.recall)
    return Text(
        f"在标注的 {one.labelled:,} 对中推算：精确率 {precision.zh}，召回率 {recall.zh}",
        f"from {one.labelled:,} labelled pairs: precision {precision.en}, recall {recall.en}",
    )


def unsure(measured: Measured) -> Text:
    """Say how many pairs the figures leave out; empty where none."""
    if not measured.unsure:
        return Text("", "")
    return Text(
        f"另有 {measured.unsure:,} 对未标注或无法判断，不计入",
        f"{measured.unsure:,} more were left open or could not be told, and are not counted",
    )


def measured_lines(measured: Measured) -> Sequence[Text]:
    """Return what a person reads after a sample was imported."""
    more = [
        Text(f"  {one.entity}：{sentence(one).zh}", f"  {one.entity}: {sentence(one).en}")
        for one in measured.entities
        if one.labelled
    ]
    left = unsure(measured)
    return [sentence(measured.whole), *(more if len(more) > 1 else []), *([left] if left.zh else [])]


def promised(expected: Expected) -> Text:
    """
    Say what the scores promise, which nobody has checked.

    >>> promised(Expected(None, None)).en
    'nothing was merged, so there is nothing to measure'
    """
    if expected.precision is None and expected.recall is None:
        return Text("没有合并任何一对，没有可衡量的", "nothing was merged, so there is nothing to measure")
    if expected.precision is None:
        recall = percent(expected.recall)
        return Text(
            f"没有合并任何一对；单看得分，其中应有同一个的（召回率 {recall}，未经人工核对）",
            f"nothing was merged; by the scores alone, some pairs are one (recall {recall})",
        )
    return Text(
        f"按得分预计精确率 {percent(expected.precision)}，召回率 {percent(expected.recall)}（未经人工核对）",
        f"expected by the scores alone: precision {percent(expected.precision)}, recall {percent(expected.recall)}",
    )
