"""A check that answers as it is told to; it keeps to the protocol of the real one."""

from collections.abc import Callable, Mapping

from crmetl.errors import TargetError
from crmetl.flows.entry.verdict import BadField, BadFields, Candidate, IndexState, Readiness, Reason, Verdict
from crmetl.schema import Field
from crmetl.text import Text

FIELDS = {"name": Field(type="company_name"), "phone": Field(type="phone"), "contact.mobile": Field(type="mobile")}
FOUND = Candidate("a-1", 21400, "block", (Text("名称：相同", "name: the same"),), "江南精密**")
DUPLICATE = Reason("duplicate", Text("CRM 中已有这条记录", "the CRM already holds this record"))


class FakeChecks:
    """
    Blocks the names it was given, as long as its database is there.

    Attributes:
        away: The database does not answer.
        index: There is one.
        before: Called at the start of every call, to make it slow or to let it fail.
    """

    def __init__(self, *names: str) -> None:
        self.names = dict(enumerate(names))
        self.records: dict[tuple[str, str], Mapping[str, str]] = {
            ("account", f"a-{n}"): {"name": one} for n, one in enumerate(names, 1)
        }
        self.away = False
        self.index = True
        self.before: Callable[[], object] = lambda: None

    def fields(self, entity: str) -> Mapping[str, Field]:
        """Return three fields of accounts."""
        if entity != "account":
            raise BadFields((BadField("entity", "unknown_entity", Text("没有这个对象", "there is no such entity")),))
        return FIELDS

    def check(self, entity: str, record: Mapping[str, str], *, own: str | None = None) -> Verdict:
        """Block a name that is there."""
        self._look(entity, record)
        if self.away:
            return Verdict("unknown", (Reason("database_away", Text("数据库没有应答", "the database does not answer")),))
        keys = [key for (_, key), one in self.records.items() if one.get("name") == record.get("name") and key != own]
        found = tuple(Candidate(key, FOUND.score, FOUND.band, FOUND.because, FOUND.masked_name) for key in keys)
        return Verdict("block", (DUPLICATE,), found, "r1", 12.0, 0.5) if found else Verdict("allow", (), (), "r1", 12.0, 0.5)

    def put(self, entity: str, key: str, record: Mapping[str, str]) -> None:
        """Keep a record."""
        self._look(entity, record)
        self._reach()
        self.records[entity, key] = record

    def delete(self, entity: str, key: str) -> None:
        """Forget a record."""
        self._look(entity, {})
        self._reach()
        self.records.pop((entity, key), None)

    def ready(self) -> Readiness:
        """Say whether the database is there."""
        self.before()
        if self.away:
            return Readiness(
                ready=False, reasons=(Reason("database_away", Text("数据库没有应答", "the database does not answer")),)
            )
        return Readiness(ready=self.index, entities={"account": IndexState("ready" if self.index else "missing")})

    def _look(self, entity: str, record: Mapping[str, str]) -> None:
        self.before()
        known = self.fields(entity)
        unknown = [BadField(one, "unknown_field", Text("没有", "none")) for one in record if one not in known]
        if unknown:
            raise BadFields(tuple(unknown))

    def _reach(self) -> None:
        if self.away:
            raise TargetError("the target database does not answer")
