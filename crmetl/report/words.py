"""The words of all reports, in both languages, and how numbers are written."""

from collections.abc import Mapping

from crmetl.text import Text

SIGNS = {"created": "+", "updated": "~", "unchanged": "=", "absorbed": "∪", "held": "‖", "dropped": "−", "conflict": "≠"}
"""Outcome -> the sign that stands before its word, so that colour never stands alone."""

OUTCOMES = {
    "created": Text("新建", "created"),
    "updated": Text("更新", "updated"),
    "unchanged": Text("无变化", "unchanged"),
    "absorbed": Text("合并", "absorbed"),
    "held": Text("保留", "held"),
    "dropped": Text("剔除", "dropped"),
    "conflict": Text("冲突", "conflict"),
}

TERMS = {
    "created": Text("CRM 中没有，将写入新记录", "not in the CRM; a new record will be written"),
    "updated": Text("CRM 中已有，至少一格将改", "in the CRM; at least one cell will change"),
    "unchanged": Text("CRM 中已有，内容一致", "in the CRM and the same"),
    "absorbed": Text("与另一条是同一家（人），并入留存者", "the same as another; goes into the survivor"),
    "held": Text("有问题，等人处理，不写入", "has a problem; waits for a person; not written"),
    "dropped": Text("按写明的规则剔除，如测试数据", "left out by a named rule, e.g. test data"),
    "conflict": Text("来源与 CRM 都改过同一格，待裁定，不写入", "source and CRM both changed a cell; to be decided, not written"),
}

SEVERITIES = {"hold": Text("保留", "hold"), "blank": Text("写空", "blank"), "note": Text("提示", "note")}
SEVERITY_HEADS = {"hold": Text("保留", "Held"), "blank": Text("写空", "Written blank"), "note": Text("提示", "Notes")}
SEVERITY_BARS = {"hold": "held", "blank": "row", "note": "unchanged"}

STAGES = {
    "extract": Text("读取", "Extract"),
    "map": Text("映射", "Map"),
    "clean": Text("清洗", "Clean"),
    "validate": Text("校验", "Validate"),
    "filter": Text("筛选", "Filter"),
    "cascade": Text("连带", "Cascade"),
    "dedupe": Text("去重", "Dedupe"),
    "link": Text("关联", "Link"),
    "validate_links": Text("关联校验", "Validate links"),
    "derive": Text("派生", "Derive"),
    "relations": Text("关系校验", "Relations"),
    "records": Text("归并与关联", "Match and link"),
    "contact_point": Text("联系方式", "Contact points"),
    "xref": Text("来源编号", "Source keys"),
    "diff": Text("比对", "Diff"),
    "plan": Text("计划", "Plan"),
    "report": Text("报告", "Report"),
    "apply": Text("写入", "Apply"),
}

KINDS = {
    "merge": ("absorbed", Text("合并", "merge")),
    "retire": ("dropped", Text("停用", "retire")),
    "conflict": ("conflict", Text("冲突", "conflict")),
    "update": ("updated", Text("更新", "update")),
    "create": ("created", Text("新建", "create")),
}
"""Kind of a change -> outcome that gives its sign and colour, and its word."""

BECAUSE = {
    "new": Text("CRM 中无匹配", "no match in the CRM"),
    "source_moved": Text("来源有变，CRM 自上次写入未变", "the source moved; the CRM has not since the last load"),
    "first_match": Text("首次与 CRM 中的记录对上", "first time this record was matched to the CRM row"),
    "overwrite": Text("以来源为准", "the source decides"),
    "fill_blank": Text("填补空值", "fills a blank"),
    "append": Text("追加到原文之后", "appended to what is there"),
    "newest": Text("取较新者", "the newer one wins"),
    "longest": Text("取较完整者", "the fuller one wins"),
    "keep": Text("保留 CRM 原值", "the CRM's value stays"),
    "merged": Text("CRM 中两条为同一家（人）", "two CRM rows are one"),
    "merge": Text("合并后停用", "retired by a merge"),
    "repoint": Text("改挂到留存者", "re-pointed to the survivor"),
    "retire": Text("按规则停用", "retired by a rule"),
    "retired": Text("按规则停用", "retired by a rule"),
    "both_moved": Text("来源与人都改过，不写入，待裁定", "source and a person both changed it; not written until decided"),
    "would_loosen": Text("写入会放宽授权或状态，不写入", "would loosen a consent or status; not written"),
    "deleted_in_target": Text("CRM 中已被删除，不重建", "deleted in the CRM; not made again"),
    "key_split": Text("一条记录对应 CRM 中的两条", "one record answers to two CRM rows"),
    "parent_conflict": Text("所属记录有冲突", "the record it belongs to is in conflict"),
}

LEVELS = {
    "same": Text("相同", "same"),
    "short": Text("简称", "abbreviation"),
    "sound": Text("同音", "sounds alike"),
    "edit": Text("差一两个字", "a slip apart"),
    "close": Text("相近", "close"),
    "part": Text("一方包含另一方", "one contains the other"),
    "initial": Text("首字母相符", "initials fit"),
    "surname": Text("同姓（只知姓氏）", "surname, all that one side tells"),
    "family": Text("同姓不同名", "same family name, other given name"),
    "number": Text("同一门牌号", "same house number"),
    "words": Text("词语包含在另一方中", "its words stand in the other"),
    "far": Text("有些相似", "somewhat alike"),
    "bare": Text("一方缺区号", "area code missing on one side"),
    "masked": Text("去掩码后相符", "fits where not masked"),
    "trimmed": Text("去前后缀相同", "same without affixes"),
    "domain": Text("同一域名", "same domain"),
    "body": Text("组织机构代码在信用代码中", "the organisation code inside the credit code"),
    "unproven": Text("一方的校验位不对，不能作准", "one fails its check character, so it proves nothing"),
    "local": Text("@ 前相同", "same before the @"),
    "road": Text("同一道路", "same road"),
    "year": Text("同一年", "same year"),
    "shared": Text("多家共用，不计", "shared by several; tells nothing"),
    "nickname": Text("昵称相符", "nickname fits"),
    "swapped": Text("姓名互换", "names swapped"),
    "near": Text("略相近", "rather close"),
    "slip": Text("差两处以内", "two slips apart at most"),
    "alike": Text("写法相似", "made alike"),
    "new_year": Text("同年，一方为 1 月 1 日", "same year, one side 1 January"),
    "two": Text("年月日有两项相同", "two of year, month, day"),
    "area": Text("同一邮区", "same area"),
    "moved": Text("可能搬了家", "somebody who moved"),
    "household": Text("可能是同住家人", "perhaps of one household"),
    "partner": Text("可能是异姓同住人", "perhaps of one household under two family names"),
    "twins": Text("可能是双胞胎", "perhaps twins"),
    "kin": Text("可能是亲属", "perhaps kin"),
    "neighbour": Text("可能是同姓邻居", "perhaps neighbours of one name"),
    "housemate": Text("可能是同住或同事", "perhaps of one household or desk"),
    "double": Text("可能只是同名", "perhaps only of one name"),
    "namesake": Text("可能是同名家人", "perhaps a namesake of the family"),
    "other_contact": Text("同一客户的另一位联系人", "another contact of one customer"),
    "boss": Text("可能是同一人名下的两家公司", "perhaps two firms of one person"),
    "similar": Text("可能是名称相近的两家公司", "perhaps two firms of similar names"),
    "chain": Text("可能是两地同品牌的公司", "perhaps one brand in two cities"),
    "branch": Text("可能是总部与分支机构", "perhaps head office and branch"),
    "switchboard": Text("可能只是共用总机或地址", "perhaps only a shared switchboard or address"),
    "shared_name": Text("可能只是同名的人", "perhaps only people of one name"),
    "department": Text("可能是同一机构的下属部门", "perhaps a department of the house"),
    "outlet": Text("可能是同品牌的两家门店", "perhaps two outlets of one chain"),
    "other_script": Text("中外文不可比", "other script"),
    "sister": Text("同品牌不同业务", "same brand, other trade"),
    "other_city": Text("同品牌不同城市", "same brand, other city"),
    "other_branch": Text("不同分支机构", "other branch"),
    "else": Text("不同", "different"),
    "missing": Text("一方为空", "one side empty"),
}

COMPARED = {"alike": Text("相似关系", "look-alikes"), "also": Text("同一客户的另一种情形", "another way to be one")}
"""What stands among the compared fields and is none."""

SURVIVE = {
    "first": Text("取最可信的来源", "the most trusted source's"),
    "newest": Text("取最新的", "the newest"),
    "complete": Text("取写得最全的", "the one that tells most"),
    "longest": Text("取最长的", "the longest"),
    "frequent": Text("取最常见的", "the most frequent"),
    "verified": Text("取经核实或自身可验证的", "one that is verified, or proves itself"),
    "strictest": Text("取最严的", "the strictest"),
    "flag": Text("随它所说的值", "goes with the value it speaks of"),
    "union": Text("各方合在一起", "what all of them hold"),
}
"""Why a value of merged records survived: what follows `survive:` in the rule of a change."""

ASIDE = {
    "blank_row": Text("空行", "blank row"),
    "empty_row": Text("空行", "empty row"),
    "hidden_sheet": Text("隐藏工作表", "hidden sheet"),
    "title_row": Text("标题行", "title row"),
    "note_row": Text("说明行", "note row"),
    "no_header_row": Text("没有表头的行", "row without a header above it"),
    "other_sheet_row": Text("映射未指明的工作表的行", "row of a sheet that the mapping does not name"),
    "unmapped_sheet_row": Text("没有所映射列的工作表的行", "row of a sheet without the mapped columns"),
    "below_table_row": Text("映射写明的末行以下", "below the last row that the mapping pins"),
    "other_table_row": Text("同一工作表中的另一张表", "another table on the sheet"),
    "deleted_record": Text("已标记删除的记录", "record marked as deleted"),
    "header_row": Text("表头行", "header row"),
    "repeated_header": Text("重复表头", "repeated header"),
    "total_row": Text("合计行", "total row"),
    "footer_row": Text("表尾行", "footer row"),
    "hidden_sheet_row": Text("隐藏工作表的行", "row of a hidden sheet"),
    "preamble_row": Text("表前说明行", "preamble row"),
}
"""Rules by which the reader puts rows aside; other rules have their label in the project."""

THEN = {
    "drop": Text("剔除", "left out"),
    "inactive": Text("保留为停用状态", "kept, set inactive"),
    "retire": Text("剔除并在 CRM 停用", "left out and retired in the CRM"),
}


def word(table: Mapping[str, Text], name: str) -> Text:
    """
    Return the word for a name; a name without one stands for itself.

    >>> word(LEVELS, "same").zh, word(LEVELS, "nearby").en
    ('相同', 'nearby')
    """
    return table.get(name, Text(name, name))


def count(value: float) -> str:
    """
    Write a number with separators; 0 is written, a minus is U+2212.

    >>> count(12345), count(-3)
    ('12,345', '−3')
    """
    return f"{value:,}".replace("-", "−")


def amount(text: str) -> str:
    """
    Write an exact decimal with separators; nothing is rounded.

    >>> amount("48213907.40"), amount("-0.125")
    ('48,213,907.40', '−0.125')
    """
    sign = "−" if text.startswith("-") else ""
    whole, dot, decimals = text.removeprefix("-").partition(".")
    return f"{sign}{int(whole):,}{dot}{decimals}"


def bits(mbit: float) -> str:
    """
    Write 1/1000 bits with their sign.

    >>> bits(5700), bits(-13200)
    ('+5.7', '−13.2')
    """
    value = round(mbit / 1000, 1)
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{abs(value):.1f}"


def seconds(value: float) -> str:
    """
    Write seconds as people read them.

    >>> seconds(0.042), seconds(74.04)
    ('0.04', '74.0')
    """
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}"
