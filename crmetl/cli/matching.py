"""Commands of the matcher: train, evaluate, dedupe."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from crmetl.cli.asked import asked, project_folder
from crmetl.cli.entry import Done
from crmetl.cli.words import say, tell

FEW = 5
"""Places shown of each finding; JSON has all."""


def train(seed: Annotated[int, typer.Option(help=say("随机种子", "seed"))] = 0) -> None:
    """Make the pinned models anew."""
    from crmetl.cli.watcher import watcher
    from crmetl.flows.train import train_models

    made = train_models(project_folder(), seed=seed, watch=watcher(asked().lang))
    for one in made.models:
        tell(
            say(
                f"{one['entity']}：{one['records']:,} 条记录，{one['pairs']:,} 对，合并线 {one['cut']} 比特 → {one['file']}",
                f"{one['entity']}: {one['records']:,} records, {one['pairs']:,} pairs, cut {one['cut']} bits → {one['file']}",
            ),
            "  " + learning(one),
            "  " + expecting({"precision": one["expected_precision"], "recall": one["expected_recall"]}),
        )
    raise Done({"models": made.models, "seconds": made.seconds})


def evaluate(
    out: Annotated[Path, typer.Argument(metavar="OUT", help=say("dedupe 的输出", "what `dedupe` wrote"))],
    truth: Annotated[str, typer.Option(metavar="COL", help=say("真实编号所在列", "column of the true ids"))],
    cluster: Annotated[str, typer.Option(metavar="COL", help=say("聚类编号所在列", "column of the cluster ids"))] = "cluster_id",
) -> None:
    """Hold clusters against labels."""
    from crmetl.flows.table import evaluate_file

    found = evaluate_file(out, truth=truth, cluster=cluster)
    pairwise, bcubed = found["pairwise"], found["bcubed"]
    tell(
        say("成对", "pairwise") + f"  P {pairwise['precision']:.4f}  R {pairwise['recall']:.4f}  F1 {pairwise['f1']:.4f}",
        "B-cubed" + f"  P {bcubed['precision']:.4f}  R {bcubed['recall']:.4f}  F1 {bcubed['f1']:.4f}",
        say("各组大小", "cluster sizes") + "  " + sizes(found["clusters"]),
        say("最大一组", "largest cluster") + f"  {found['largest']:,} ({say('真实', 'true')} {found['largest_true']:,})",
    )
    raise Done(found)


def dedupe(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=say("任意表格文件", "a table in any format"))],
    *,
    out: Annotated[Path, typer.Option("-o", metavar="OUT", help=".csv · .xlsx · .parquet")],
    fields: Annotated[
        str,
        typer.Option(
            metavar="COL=TYPE,…",
            help=say(
                "列的语义类型，覆盖自动判断；none 表示不参与比较", "types of columns, over the inferred ones; none leaves one out"
            ),
        ),
    ] = "",
    pairs: Annotated[
        Path | None, typer.Option(metavar="P.parquet", help=say("另存配对与得分", "also write the pairs and scores"))
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(metavar="OLD_OUT", help=say("上次的输出：沿用其中的聚类编号", "an earlier OUT, whose cluster ids are kept")),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="COL",
            help=say("两张表共有的编号列，认出内容改过的行", "column of both that names a record, to find changed rows again"),
        ),
    ] = None,
    lineage: Annotated[
        Path | None,
        typer.Option(
            metavar="L.csv",
            help=say("另存聚类的拆分、合并、新增与消失", "also write which clusters were split, merged, are new or gone"),
        ),
    ] = None,
) -> None:
    """Find the duplicates of one table."""
    from crmetl.cli.watcher import watcher
    from crmetl.errors import UsageError
    from crmetl.flows.table import Before, dedupe_file
    from crmetl.text import Text

    if previous is None and (key is not None or lineage is not None):
        raise UsageError(
            Text("--key 和 --lineage 要与 --previous 同用", "--key and --lineage go with --previous"),
            next=Text("用 --previous 给出上次的输出", "give the earlier output with --previous"),
        )
    before = None if previous is None else Before(previous, key, lineage)
    done = dedupe_file(file, out=out, fields=fields, pairs=pairs, watch=watcher(asked().lang), before=before)
    for line in findings(done.facts["findings"]):
        sys.stderr.write(line + "\n")
    told = say("，", ", ").join(f"{column}={kind}" for column, kind in done.chosen.fields.items())
    records, clusters, doubles = (done.facts[name] for name in ("records", "clusters", "duplicates"))
    tell(
        say("按这些列比较：", "compared by: ") + told,
        *(
            say(f"不比较 {column}：{why.because.zh}", f"left out {column}: {why.because.en}")
            for column, why in done.chosen.left_out.items()
        ),
        say(
            "  判断有误？用 --fields 列=类型 改正，列=none 排除",
            "  wrong? --fields COL=TYPE changes a type, COL=none leaves a column out",
        ),
        say(
            f"{records:,} 行，{clusters:,} 个不同对象，{doubles:,} 行重复 → {out}",
            f"{records:,} rows, {clusters:,} distinct, {doubles:,} duplicates → {out}",
        ),
        *([carrying_on(done.facts["lineage"])] if previous else []),
        expecting(done.facts["expected"]),
    )
    raise Done(done.facts)


def findings(told: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what the reader has to tell about rows and about the file, a line each."""
    from crmetl.faults import CATALOGUE
    from crmetl.report.words import ASIDE, word

    out = []
    for one in told:
        fault = CATALOGUE.get(one["code"])
        what = fault.text if fault else word(ASIDE, one["code"])
        aside = "" if fault else say("，不是数据", ", no data")
        column = f" {one['column']}" if one["column"] else ""
        rows = say(f"（{one['rows']:,} 行）", f" ({one['rows']:,} rows)") if one["rows"] > 1 else ""
        shown = one["places"][:FEW] + ["…"] * (len(one["places"]) > FEW)
        out.append(" ".join([say(f"读取：{what.zh}", f"read: {what.en}") + aside + column + rows, *shown]))
    return out


def carrying_on(counts: Mapping[str, int]) -> str:
    """Say what became of the clusters of the earlier result."""
    kept, split, merge, new, gone = (f"{counts[name]:,}" for name in ("kept", "split", "merge", "new", "gone"))
    return say(
        f"与上次相比：{kept} 个不变，{merge} 次合并，{split} 次拆分，{new} 个新增，{gone} 个消失",
        f"beside the earlier result: {kept} clusters kept, {merge} merges, {split} splits, {new} new, {gone} gone",
    )


def expecting(told: Mapping[str, Any]) -> str:
    """Say what the scores promise of a matching."""
    from crmetl.quality.expected import Expected
    from crmetl.report.measured import promised

    text = promised(Expected(told["precision"], told["recall"]))
    return say(text.zh, text.en)


def learning(one: Mapping[str, Any]) -> str:
    """Say how the weights of a model came about, and which were not learnt."""
    if one["weights"] != "trained":
        return say(
            "记录太少，学不出权重，用预设权重和实测频率", "too few records to learn from: declared weights, measured frequencies"
        )
    settled = (
        say(f"{one['rounds']} 轮后收敛", f"settled after {one['rounds']} rounds")
        if one["converged"]
        else say(
            f"{one['rounds']} 轮后仍未收敛，权重仅供参考", f"NOT settled after {one['rounds']} rounds: take its weights with care"
        )
    )
    untrained = one["untrained"]
    left = say(
        f"；{len(untrained)} 档样本太少，沿用预设：{'、'.join(untrained[:FEW])}",
        f"; {len(untrained)} levels seen too rarely, declared weights hold: {', '.join(untrained[:FEW])}",
    ) + (" …" if len(untrained) > FEW else "")
    return settled + (left if untrained else "")


def sizes(clusters: Mapping[str, int]) -> str:
    """Say how many clusters there are of each size, the smallest first."""
    told = [f"{size}×{number:,}" for size, number in clusters.items()]
    return "  ".join(told[: 2 * FEW]) + ("  …" if len(told) > 2 * FEW else "")


COMMANDS = (
    (
        "train",
        train,
        say(
            "用本项目的数据重训匹配模型并固定。例：crmetl train",
            "Train the match models on this project's data and pin them. Example: crmetl train",
        ),
    ),
    (
        "evaluate",
        evaluate,
        say(
            "按标注计算准确率与召回率。例：crmetl evaluate out.csv --truth id",
            "Precision and recall against labels. Example: crmetl evaluate out.csv --truth id",
        ),
    ),
    (
        "dedupe",
        dedupe,
        say(
            "给任意一张表查重。例：crmetl dedupe 客户.xlsx -o 结果.xlsx",
            "Find duplicates in any table. Example: crmetl dedupe people.csv -o out.csv",
        ),
    ),
)
