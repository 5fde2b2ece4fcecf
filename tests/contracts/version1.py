"""A ledger of version 1 as its program left it: tables and rows frozen here, so that no later change of ours moves them."""

from sqlalchemy import Connection

from crmetl.load.connect import parse_url, writing_engine
from crmetl.load.relations import LEDGER, relations
from crmetl.load.tables import tables
from tests.diff.crm import SCHEMA

TABLES = """
CREATE TABLE crmetl_meta (name VARCHAR(40) NOT NULL, value VARCHAR(40), PRIMARY KEY (name));
CREATE TABLE crmetl_run (run VARCHAR(80) NOT NULL, "plan" VARCHAR(64), status VARCHAR(20), approved_by VARCHAR(120),
 approved_role VARCHAR(120), approved_at VARCHAR(40), started_at VARCHAR(40), finished_at VARCHAR(40), written TEXT,
 PRIMARY KEY (run));
CREATE TABLE crmetl_operation (run VARCHAR(80) NOT NULL, seq VARCHAR(10) NOT NULL, kind VARCHAR(20), entity VARCHAR(80),
 "rows" VARCHAR(12), undone VARCHAR(5), image TEXT, PRIMARY KEY (run, seq));
CREATE TABLE crmetl_crosswalk (entity VARCHAR(80) NOT NULL, "system" VARCHAR(80) NOT NULL, source_key VARCHAR(400) NOT NULL,
 "key" VARCHAR(64), run VARCHAR(80), PRIMARY KEY (entity, "system", source_key));
CREATE TABLE crmetl_record (entity VARCHAR(80) NOT NULL, "key" VARCHAR(64) NOT NULL, hashes TEXT, run VARCHAR(80),
 PRIMARY KEY (entity, "key"));
CREATE TABLE crmetl_lease (name VARCHAR(40) NOT NULL, holder VARCHAR(80), host VARCHAR(120), pid VARCHAR(20),
 fence VARCHAR(20), until VARCHAR(40), PRIMARY KEY (name))
"""

ROWS = """
INSERT INTO crmetl_meta VALUES ('version', '1');
INSERT INTO crmetl_lease VALUES ('apply', NULL, 'old', '1', '2', '0');
INSERT INTO kh_account (id, name, kh_city) VALUES ('k1', '甲公司', '北京');
INSERT INTO crmetl_run VALUES ('r0', 'p0', 'applied', '李经理', 'owner', '2025-01-01T00:00:00+00:00',
 '2025-01-01T00:00:00+00:00', '2025-01-01T00:01:00+00:00', '{"account":{"create":1}}');
INSERT INTO crmetl_run VALUES ('r1', 'p1', 'applied', NULL, NULL, NULL,
 '2025-01-02T00:00:00+00:00', '2025-01-02T00:01:00+00:00', '{"account":{"update":1}}');
INSERT INTO crmetl_operation VALUES ('r0', '00000001', 'create', 'account', '1', NULL,
 '{"keys":["k1"],"hashes":["df4230553363d4c6"],"walk":[],"records":[]}');
INSERT INTO crmetl_operation VALUES ('r1', '00000001', 'change', NULL, '1', NULL,
 '{"cells":[["account","k1","city","上海","北京","g1"]],"groups":["g1"],"operations":[["g1","update","account","k1"]],
"walk":[],"records":[["account","k1","{\\"city\\":\\"de38902def5a3502\\"}","r0"]]}');
INSERT INTO crmetl_crosswalk VALUES ('account', 'east', 'A1', 'k1', 'r0');
INSERT INTO crmetl_record VALUES ('account', 'k1', '{"city":"77ec0e4078262302"}', 'r1')
"""


def make_version1(url: str) -> None:
    """Make a CRM of one account that two runs of version 1 wrote: `r0` made it, `r1` moved it from 上海 to 北京."""
    engine = writing_engine(parse_url(url))
    entities = [one for name, one in tables(relations(SCHEMA)).items() if name not in LEDGER]
    with engine.begin() as connection:
        entities[0].metadata.create_all(connection, tables=entities)
        mariadb = connection.dialect.name == "mysql"
        for statement in TABLES.split(";"):
            _run(
                connection,
                statement.replace('"', "`").replace(" TEXT", " LONGTEXT") + " COLLATE utf8mb4_bin" if mariadb else statement,
            )
        for statement in ROWS.split(";"):
            _run(connection, statement.replace("\\", "\\\\") if mariadb else statement)


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
