"""Commands of a run: plan, show, approve, apply, run, rollback, report, explain."""

from typing import Annotated, Literal

import typer

from crmetl.cli.asked import asked, project_folder, runs_as
from crmetl.cli.entry import Done
from crmetl.cli.words import say, tell

Run = Annotated[
    str, typer.Argument(metavar="RUN", help=say("运行编号，或其开头，或 latest", "a run, the head of its name, or latest"))
]
Reveal = Annotated[
    bool, typer.Option("--reveal", help=say("显示个人信息（默认脱敏）", "show personal fields (masked by default)"))
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=say("同 plan：只做计划，不写入", "the same as plan: nothing is written"))]


def plan(reveal: Reveal = False) -> None:
    """Make a plan; the target is only read."""
    from crmetl.cli.watcher import watcher
    from crmetl.flows.migrate import make_plan

    made = make_plan(project_folder(), watch=watcher(asked().lang), lang=asked().lang, reveal=reveal, operator=runs_as())
    tell(*made.lines(asked().lang))
    raise Done(made.facts(), 1 if made.status == "gated" else 0)


def run(dry_run: DryRun = False, reveal: Reveal = False) -> None:
    """Plan and apply in one go, where the project asks for no approval."""
    from crmetl.cli.watcher import watcher
    from crmetl.flows.migrate import migrate

    if dry_run:
        plan(reveal)
    done = migrate(project_folder(), watch=watcher(asked().lang), lang=asked().lang, reveal=reveal, operator=runs_as())
    tell(*done.lines(asked().lang))
    raise Done(done.facts(), done.exit)


def show(
    run: Run = "latest",
    entity: Annotated[str | None, typer.Option(metavar="E", help=say("只看一个对象", "one entity only"))] = None,
    form: Annotated[
        Literal["table", "xlsx", "html"], typer.Option("--format", help=say("表格、工作簿或网页", "table, workbook or page"))
    ] = "table",
    reveal: Reveal = False,
) -> None:
    """Show what a plan would change."""
    from crmetl.flows.show import shown

    seen = shown(project_folder(), run, entity=entity, form=form, reveal=reveal, lang=asked().lang)
    tell(*seen.lines)
    raise Done(seen.facts)


def approve(
    run: Run,
    by: Annotated[str, typer.Option(metavar="NAME", help=say("签字人", "who signs"))],
    role: Annotated[str | None, typer.Option(metavar="ROLE", help=say("职务", "role"))] = None,
    comment: Annotated[str | None, typer.Option(help=say("附言", "a remark"))] = None,
) -> None:
    """Sign exactly this plan."""
    from crmetl.flows.write import approve_run

    signed = approve_run(project_folder(), run, by=by, role=role, comment=comment)
    tell(
        say(f"{by} 已签计划 {signed.plan[:16]}。", f"{by} has signed plan {signed.plan[:16]}."),
        say(f"下一步：crmetl apply {signed.run}", f"Next: crmetl apply {signed.run}"),
    )
    raise Done({"run": signed.run, "plan": signed.plan, "by": by, "role": role, "at": signed.at})


def apply(run: Run) -> None:
    """Write an approved plan; resumes after a kill."""
    from crmetl.cli.watcher import watcher
    from crmetl.flows.write import apply_run

    done = apply_run(project_folder(), run, watch=watcher(asked().lang))
    tell(*done.lines(asked().lang))
    raise Done(done.facts(), done.exit)


def rollback(run: Run) -> None:
    """Take a run back."""
    from crmetl.cli.watcher import watcher
    from crmetl.flows.write import roll_back

    done = roll_back(project_folder(), run, watch=watcher(asked().lang), operator=runs_as())
    tell(*done.lines(asked().lang))
    raise Done(done.facts(), done.exit)


def report(run: Run = "latest", reveal: Reveal = False) -> None:
    """Say where the reports of a run are; write them anew with --reveal."""
    from crmetl.flows.show import reported

    found = reported(project_folder(), run, reveal=reveal, lang=asked().lang)
    tell(*found.lines)
    raise Done(found.facts)


def explain(
    rid: Annotated[
        str, typer.Argument(metavar="RID", help=say("记录编号、其开头，或 CRM 主键", "a record id, its head, or a CRM key"))
    ],
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="[OTHER]", help=say("与另一条比：为何是、或不是同一个", "another one: why the two are, or are not, one")
        ),
    ] = None,
    run: Annotated[str, typer.Option(metavar="RUN")] = "latest",
    reveal: Reveal = False,
) -> None:
    """Tell the life of one record, or why two are or are not one."""
    if other is not None:
        from crmetl.flows.explain.pairs import explain_two

        two = explain_two(project_folder(), (rid, other), run=run)
        tell(*two.lines(asked().lang))
        raise Done(two.facts())
    from crmetl.flows.explain.story import explain_record

    story = explain_record(project_folder(), rid, run=run, reveal=reveal)
    tell(*story.lines(asked().lang))
    raise Done(story.facts())


COMMANDS = (
    (
        "plan",
        plan,
        say(
            "做出计划与报告，从不写入 CRM。例：crmetl plan",
            "Make the plan and its reports; never writes the CRM. Example: crmetl plan",
        ),
    ),
    (
        "show",
        show,
        say(
            "看将改什么，前后对照。例：crmetl show latest --entity account",
            "What would change, before and after. Example: crmetl show latest --entity account",
        ),
    ),
    (
        "approve",
        approve,
        say(
            "签这一份计划。例：crmetl approve latest --by 王敏 --role 销售总监",
            "Sign exactly that plan. Example: crmetl approve latest --by 'M. Wang' --role owner",
        ),
    ),
    (
        "apply",
        apply,
        say(
            "写入已签的计划；中断后重跑即续。例：crmetl apply latest",
            "Write an approved plan; resumes. Example: crmetl apply latest",
        ),
    ),
    (
        "run",
        run,
        say(
            "计划加写入（项目不要求签字时）。例：crmetl run",
            "Plan and apply, where no approval is asked for. Example: crmetl run",
        ),
    ),
    ("rollback", rollback, say("撤回一次写入。例：crmetl rollback latest", "Take a run back. Example: crmetl rollback latest")),
    ("report", report, say("报告在哪里。例：crmetl report latest", "Where the reports are. Example: crmetl report latest")),
    (
        "explain",
        explain,
        say(
            "一条记录的来龙去脉，或两条为何是、不是同一个。例：crmetl explain 3f2a…",
            "One record's whole life, or why two are or are not one. Example: crmetl explain 3f2a…",
        ),
    ),
)
