"""Chat exports."""

from pathlib import Path

import pytest

from crmetl.errors import SourceError
from tests.extract.conftest import Reading


def test_messages_run_until_the_next_stamp(tmp_path: Path, read: Reading) -> None:
    """A message is all lines from its stamp to the next; places are the lines of the stamps."""
    (tmp_path / "群.txt").write_text(
        "群聊：客户服务群\n\n2024-03-05 14:22:10 张三\n您好\n请报价\n\n2024/3/5 9:05 李四（13900000001）\n好的\n2024年03月06日 08:00:00 系统消息\n“王五”加入了群聊\n"
    )

    got = read("群.txt", format="chat")

    assert got.values() == [
        ["客户服务群", "2024-03-05T14:22:10", "张三", "您好\n请报价", None, "no"],
        ["客户服务群", "2024-03-05T09:05:00", "李四", "好的", "13900000001", "no"],
        ["客户服务群", "2024-03-06T08:00:00", "系统消息", "“王五”加入了群聊", None, "yes"],
    ]
    assert got.places() == ["群.txt!R3", "群.txt!R7", "群.txt!R9"]
    assert got.aside() == {"note_row": ["群.txt!R1"]}


def test_room_of_a_file_name_is_no_identity(tmp_path: Path, read: Reading) -> None:
    """A room is called after its file where the export does not name it; renaming the file moves no message."""
    (tmp_path / "启明-张三.txt").write_text("2024-03-05 14:22:10 张三\n您好\n")
    before = read("启明*.txt", format="chat")
    (tmp_path / "启明-张三.txt").rename(tmp_path / "启明2.txt")

    after = read("启明*.txt", format="chat")

    assert before.rows["room"].tolist() == ["启明-张三"]
    assert before.rows.index.tolist() == after.rows.index.tolist()


def test_exporters_csv(tmp_path: Path, read: Reading) -> None:
    """The CSV of an exporter gives the same columns."""
    (tmp_path / "a.csv").write_text(
        "localId,NickName,StrTime,StrContent,手机号\n1,张三,2024-03-05 14:22:10,您好,13900000001\n,,,,\n2,李四,bad,好,\n"
    )

    got = read("a.csv", format="chat")

    assert got.values() == [
        ["a", "2024-03-05T14:22:10", "张三", "您好", "13900000001", "no"],
        ["a", "bad", "李四", "好", None, "no"],
    ]


def test_sender_may_stand_before_the_time(tmp_path: Path, read: Reading) -> None:
    """Layouts with the sender first are read; a time inside a message is no stamp."""
    (tmp_path / "a.txt").write_text(
        "张三 2024-03-05 14:22:10\n明天 9:30 见，或 2024-03-06 10:00 电话\n李四 2024-03-05 14:23:00\n好\n"
    )

    assert [row[2:4] for row in read("a.txt", format="chat").values()] == [
        ["张三", "明天 9:30 见，或 2024-03-06 10:00 电话"],
        ["李四", "好"],
    ]


def test_what_is_no_chat_is_refused(tmp_path: Path, read: Reading) -> None:
    """A text without a single stamp is an error; an empty file is a finding."""
    (tmp_path / "a.txt").write_text("随便写写\n")
    (tmp_path / "b.txt").write_text("")

    with pytest.raises(SourceError, match="chat"):
        read("a.txt", format="chat")
    assert read("b.txt", format="chat").codes() == ["FILE_EMPTY"]


def test_chat_in_gbk(tmp_path: Path, read: Reading) -> None:
    """The encoding of an export is found as for any text."""
    (tmp_path / "a.txt").write_bytes("2024-03-05 14:22:10 张三\n您好，请问这个产品的报价\n".encode("gbk"))

    assert read("a.txt", format="chat").values()[0][2:4] == ["张三", "您好，请问这个产品的报价"]
