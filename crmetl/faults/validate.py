"""Faults that the room `validate` finds."""

from crmetl.faults.kind import Fault
from crmetl.text import Text

NAME_MISSING = Fault(
    "NAME_MISSING",
    "hold",
    Text("没有名称，无法建档", "There is no name, so no record can be opened"),
    Text("在来源表中补上名称；确实没有的行可以删去", "fill in the name in the source; take the row out if there is none"),
)
REQUIRED_EMPTY = Fault(
    "REQUIRED_EMPTY",
    "hold",
    Text("必填项是空的", "A field that must be filled is empty"),
    Text(
        "补上该项；若允许为空，请在 schema.yaml 中去掉 required",
        "fill it in; if it may be empty, take `required` out of schema.yaml",
    ),
)
TEXT_TOO_LONG = Fault(
    "TEXT_TOO_LONG",
    "hold",
    Text("文字比 CRM 字段允许的更长", "The text is longer than the CRM's field allows"),
    Text(
        "缩短文字，或在 schema.yaml 中加大 max；绝不自动截断",
        "shorten it, or raise `max` in schema.yaml; it is never cut off by itself",
    ),
    "251 个字符 / 200",
)
NOT_A_DATE = Fault(
    "NOT_A_DATE",
    "hold",
    Text("不是存在的日期，CRM 存不进去", "This is no date of the calendar, and the CRM cannot store it"),
    Text("按 年-月-日 改正", "write it as year-month-day"),
    "2023-02-30",
)
NOT_A_TIME = Fault(
    "NOT_A_TIME",
    "hold",
    Text("不是存在的日期和时间，CRM 存不进去", "This is no date and time, and the CRM cannot store it"),
    Text("按 年-月-日 时:分:秒 改正", "write it as year-month-day hour:minute:second"),
    "2023-02-28 25:10",
)
NOT_A_NUMBER = Fault(
    "NOT_A_NUMBER",
    "hold",
    Text("不是数字", "This is no number"),
    Text("只留数字；币种和单位在映射中声明", "leave only the number; declare currency and unit in the mapping"),
    "约三千",
)
NUMBER_RANGE = Fault(
    "NUMBER_RANGE",
    "hold",
    Text(
        "数字超出可保存的范围（整数部分最多 14 位，小数最多 4 位）",
        "The number does not fit: at most 14 digits before the point and 4 after it",
    ),
    Text("核对单位和小数位", "check the unit and the decimal places"),
    "0.123456",
)
NOT_YES_NO = Fault(
    "NOT_YES_NO",
    "hold",
    Text("应为“是”或“否”", "This must be yes or no"),
    Text("在来源中改正，或在代码表中给出对应值", "correct it in the source, or add it to the code table"),
    "大概",
)
NOT_A_CHOICE = Fault(
    "NOT_A_CHOICE",
    "hold",
    Text("不在该字段的可选值之内", "This is none of the values that the field allows"),
    Text("在 rules/values.yaml 的代码表中加上这个写法", "add this spelling to the code table in rules/values.yaml"),
)
DATE_FUTURE = Fault(
    "DATE_FUTURE",
    "note",
    Text("日期在将来", "The date lies in the future"),
    Text("核对年份，常见原因是年份多写或日月颠倒", "check the year; often a digit slipped, or day and month are swapped"),
    "2203-04-01",
)
ONE_OF_EMPTY = Fault(
    "ONE_OF_EMPTY",
    "hold",
    Text("这几项至少要填一项，现在全是空的", "At least one of these fields must be filled, and all are empty"),
    Text("补上其中任意一项", "fill in any one of them"),
    "姓名、手机、邮箱",
)
NOT_UNIQUE = Fault(
    "NOT_UNIQUE",
    "hold",
    Text("应当唯一的值出现在多条记录上", "A value that must be unique stands on several records"),
    Text("合并这些记录，或改正其中的错误", "merge these records, or correct the wrong one"),
)
PARENT_HELD = Fault(
    "PARENT_HELD",
    "hold",
    Text("所属的记录还在等待处理，本条随之等待", "The record it belongs to waits for a person, so this one waits too"),
    Text("先处理上级记录，本条会自动继续", "settle the record above; this one then goes on by itself"),
)
PARENT_MISSING = Fault(
    "PARENT_MISSING",
    "hold",
    Text("没有填写所属的记录", "Nothing says which record it belongs to"),
    Text("补上编号、名称、电话或邮箱中的任意一项", "give its key, name, phone or e-mail"),
)
PARENT_UNKNOWN = Fault(
    "PARENT_UNKNOWN",
    "hold",
    Text("指向的记录不存在", "The record it points to does not exist"),
    Text("核对编号；上级记录可能尚未迁入", "check the key; the record above may not have been migrated yet"),
)
TOTAL_DIFFERS = Fault(
    "TOTAL_DIFFERS",
    "note",
    Text("订单金额与明细之和不一致", "The order's total is not the sum of its lines"),
    Text("核对折扣、退货和运费是否单独成行", "see whether discount, returns or freight have lines of their own"),
    "1,200.00 / 1,180.00",
)
LINE_CURRENCY = Fault(
    "LINE_CURRENCY",
    "note",
    Text("订单与明细的币种不同，金额无法核对", "Order and lines have different currencies, so the total cannot be checked"),
    Text("统一币种，或在映射中声明币种", "use one currency, or declare it in the mapping"),
    "CNY / USD",
)
CASE_BEFORE_ORDER = Fault(
    "CASE_BEFORE_ORDER",
    "note",
    Text("服务单早于该客户的第一张订单", "The case is older than the customer's first order"),
    Text("核对受理日期，或该服务单是否属于别的客户", "check the date, or whether the case belongs to another customer"),
)
