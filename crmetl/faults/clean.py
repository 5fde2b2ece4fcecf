"""Faults that the room `clean` finds."""

from crmetl.faults.kind import Fault
from crmetl.text import Text

PLACEHOLDER = Fault(
    "PLACEHOLDER",
    "note",
    Text("单元格里是占位内容，不是真实数据", "The cell holds a filler, not a real value"),
    Text(
        "已按空值处理；如知道真实内容，请在来源中补上", "it counts as empty; fill in the real value in the source if you know it"
    ),
    "暂无",
)
TEXT_GARBLED = Fault(
    "TEXT_GARBLED",
    "note",
    Text("文字已损坏（乱码）", "The text is damaged (wrong encoding)"),
    Text("从原系统重新导出该列，或手工改正", "export the column again from the original system, or correct it by hand"),
    "锟斤拷",
)
NUMBER_IRRECOVERABLE = Fault(
    "NUMBER_IRRECOVERABLE",
    "blank",
    Text(
        "表格软件把长号码改成了科学计数，末尾数字已丢失",
        "A spreadsheet turned the long number into an exponent; its last digits are lost",
    ),
    Text("从原系统以文本格式重新导出该列", "export the column again from the original system, as text"),
    "1.39123E+10",
)
PERSON_SEVERAL = Fault(
    "PERSON_SEVERAL",
    "note",
    Text("姓名栏里有不止一个人", "The name's cell holds several people"),
    Text("在来源中每人一行", "give each person a row in the source"),
    "王伟/李娜",
)
PERSON_MIXED = Fault(
    "PERSON_MIXED",
    "note",
    Text("姓名栏里还有电话、邮箱或职务", "The name's cell also holds a number, an address or a position"),
    Text("把它们移到各自的栏", "move them to columns of their own"),
    "王伟 13912345678",
)
PERSON_NO_NAME = Fault(
    "PERSON_NO_NAME",
    "note",
    Text("姓名栏里是部门或职务，不是姓名", "The name's cell holds a department or a position, no name"),
    Text("填写联系人姓名", "give the person's name"),
    "采购部",
)
PHONE_SHAPE = Fault(
    "PHONE_SHAPE",
    "blank",
    Text("不是有效的电话号码（位数或号段不对）", "This is not a valid phone number (length or prefix)"),
    Text("核对号码；固定电话请带区号", "check the number; give landlines with their area code"),
    "1391234567",
)
PHONE_NO_AREA = Fault(
    "PHONE_NO_AREA",
    "note",
    Text(
        "固定电话缺少区号，记录中也没有城市可以推断",
        "The landline lacks its area code, and the record has no city to infer it from",
    ),
    Text("补上区号，或填写该记录的城市", "add the area code, or fill in the city of the record"),
    "61234567",
)
PHONE_MASKED = Fault(
    "PHONE_MASKED",
    "note",
    Text("号码中间被星号遮盖", "The middle of the number is masked"),
    Text("从原系统导出未脱敏的号码", "export the unmasked number from the original system"),
    "139****5678",
)
PHONE_SEVERAL = Fault(
    "PHONE_SEVERAL",
    "note",
    Text(
        "一个单元格里有多个号码，采用了第一个，原文已保留",
        "The cell holds several numbers; the first was taken and the text is kept",
    ),
    Text(
        "在映射中声明 split: phones，可把其余号码也分开保存",
        "declare `split: phones` in the mapping to keep the others as numbers too",
    ),
    "021-61234567/13912345678",
)
PHONE_UNASSIGNED = Fault(
    "PHONE_UNASSIGNED",
    "note",
    Text("境外号码位数正确，但号段未分配", "The foreign number has the right length, but its range is not in use"),
    Text("向客户核对该号码", "check the number with the customer"),
    "+44 20 0000 0000",
)
MOBILE_KIND = Fault(
    "MOBILE_KIND",
    "note",
    Text("手机栏里填的是固定电话", "The mobile field holds a landline"),
    Text(
        "在映射中声明 split: phones，或在来源中移到电话栏",
        "declare `split: phones` in the mapping, or move it to the phone column",
    ),
    "021-61234567",
)
EMAIL_SHAPE = Fault(
    "EMAIL_SHAPE",
    "blank",
    Text("不是有效的邮箱地址", "This is not a valid e-mail address"),
    Text("核对邮箱，检查 @ 和域名", "check the address, its @ and its domain"),
    "zhang@@qq",
)
EMAIL_SEVERAL = Fault(
    "EMAIL_SEVERAL",
    "note",
    Text(
        "一个单元格里有多个邮箱，采用了第一个，原文已保留",
        "The cell holds several addresses; the first was taken and the text is kept",
    ),
    Text("把其余邮箱另填一栏", "put the other addresses into a column of their own"),
    "a@x.cn; b@x.cn",
)
EMAIL_DOMAIN_TYPO = Fault(
    "EMAIL_DOMAIN_TYPO",
    "note",
    Text("邮箱域名像是拼写错误，未自动改动", "The domain looks misspelt; it was not changed"),
    Text("核对域名，例如 gmial.com 多为 gmail.com", "check the domain; gmial.com is mostly gmail.com"),
    "wang@gmial.com",
)
DATE_SHAPE = Fault(
    "DATE_SHAPE",
    "blank",
    Text("看不出是哪一天", "No date can be read from this"),
    Text("改成 年-月-日 的写法", "write it as year-month-day"),
    "上周三",
)
DATE_AMBIGUOUS = Fault(
    "DATE_AMBIGUOUS",
    "blank",
    Text("分不清日和月", "Day and month cannot be told apart"),
    Text("在映射中为该列声明 date_order", "declare `date_order` for the column in the mapping"),
    "03/04/2024",
)
DATE_IMPOSSIBLE = Fault(
    "DATE_IMPOSSIBLE",
    "blank",
    Text("这一天不存在，或年份不合理", "There is no such day, or its year is out of reason"),
    Text("在来源中改正日期", "correct the date in the source"),
    "2024-02-30",
)
DATE_HALF = Fault(
    "DATE_HALF",
    "blank",
    Text("日期不完整，缺年或缺日", "The date is incomplete: its year or its day is missing"),
    Text("补全日期", "complete the date"),
    "2024年3月",
)
MONEY_SHAPE = Fault(
    "MONEY_SHAPE",
    "blank",
    Text("不是可用的数字或金额", "This is no usable number or amount"),
    Text("只填数字，可带币种和单位", "give a number, with currency and unit if need be"),
    "约5万左右",
)
MONEY_AMBIGUOUS = Fault(
    "MONEY_AMBIGUOUS",
    "note",
    Text(
        "分不清小数点和千分位，按千分位读取", "A decimal mark and a thousands mark cannot be told apart; it was read as thousands"
    ),
    Text("在映射中为该列声明 decimal", "declare `decimal` for the column in the mapping"),
    "€ 1,234",
)
QUANTITY_UNIT = Fault(
    "QUANTITY_UNIT",
    "note",
    Text(
        "数量带有计量单位，只取了数字，原文已保留",
        "The quantity has a unit of measure; only its number was taken, the text is kept",
    ),
    Text("在映射中为该列声明 unit，例如 吨", "declare `unit` for the column in the mapping, 吨 for instance"),
    "1.5吨",
)
CURRENCY_CONFLICT = Fault(
    "CURRENCY_CONFLICT",
    "note",
    Text("金额里写的币种与记录的币种不同", "The currency in the amount differs from the record's currency"),
    Text("核对该行的币种", "check the currency of the row"),
    "$100 / CNY",
)
CURRENCY_UNKNOWN = Fault(
    "CURRENCY_UNKNOWN",
    "blank",
    Text("不认识的币种", "Unknown currency"),
    Text("使用三位币种代码，例如 CNY、USD", "use the three-letter code, CNY or USD for instance"),
    "圆圆",
)
USCC_CHECK = Fault(
    "USCC_CHECK",
    "blank",
    Text("统一社会信用代码的校验位不对", "The check character of the credit code does not hold"),
    Text("按营业执照核对 18 位代码", "compare the 18 characters with the business licence"),
    "91310000MA1FL4AX00",
)
USCC_SHAPE = Fault(
    "USCC_SHAPE",
    "blank",
    Text("不是 18 位的统一社会信用代码", "This is not a credit code of 18 characters"),
    Text("按营业执照补全代码", "complete the code from the business licence"),
    "9131000",
)
USCC_OLD = Fault(
    "USCC_OLD",
    "note",
    Text("是旧的 15 位注册号或 9 位组织机构代码", "This is an old registration number (15) or organisation code (9)"),
    Text("换成 18 位统一社会信用代码", "replace it by the credit code of 18 characters"),
    "310000400000000",
)
TAX_ID_SHAPE = Fault(
    "TAX_ID_SHAPE",
    "note",
    Text("税号的写法与该国规则不符", "The tax number does not fit the rules of its country"),
    Text("核对税号", "check the tax number"),
    "DE12",
)
RESIDENT_ID = Fault(
    "RESIDENT_ID",
    "blank",
    Text("这是公民身份号码，不是单位的代码", "This is a resident identity number, not the code of an organisation"),
    Text(
        "填单位的代码；身份号码不需要就从来源中删去",
        "give the organisation's code; take the number out of the source unless it is needed",
    ),
    "11010519491231002X",
)
POSTCODE_PLACE = Fault(
    "POSTCODE_PLACE",
    "note",
    Text("邮编不属于该省份", "The postcode is not of the record's region"),
    Text("核对邮编和省份", "check postcode and region"),
    "200040 / 江苏省",
)
POSTCODE_SHAPE = Fault(
    "POSTCODE_SHAPE",
    "note",
    Text("邮编的写法与该国规则不符", "The postcode does not fit its country"),
    Text("核对邮编和国家", "check postcode and country"),
    "20004",
)
COUNTRY_UNKNOWN = Fault(
    "COUNTRY_UNKNOWN",
    "blank",
    Text("不认识的国家或地区", "Unknown country or region"),
    Text("写国家全称或两位代码", "write the country's name or its two-letter code"),
    "东南亚",
)
REGION_UNKNOWN = Fault(
    "REGION_UNKNOWN",
    "note",
    Text("行政区划表里没有这个省份", "The division table has no such province"),
    Text("核对省份名称", "check the name of the province"),
    "江东省",
)
CITY_UNKNOWN = Fault(
    "CITY_UNKNOWN",
    "note",
    Text("行政区划表里没有这个城市", "The division table has no such city"),
    Text("核对城市名称", "check the name of the city"),
    "大苏市",
)
PLACE_AMBIGUOUS = Fault(
    "PLACE_AMBIGUOUS",
    "note",
    Text("同名地方不止一个，未作推断", "Several places have this name; nothing was inferred"),
    Text("补上省份或城市", "add the province or the city"),
    "鼓楼区",
)
PLACE_CONFLICT = Fault(
    "PLACE_CONFLICT",
    "note",
    Text("城市不在该省份内", "The city is not in the record's region"),
    Text("核对省份和城市", "check region and city"),
    "江苏省 / 广州市",
)
CHOICE_UNKNOWN = Fault(
    "CHOICE_UNKNOWN",
    "blank",
    Text("不在选项表里的值", "The value is not in the table of choices"),
    Text("在 rules/values.yaml 的对照表里加上它", "add it to its table in rules/values.yaml"),
    "半停用",
)
OWNER_UNKNOWN = Fault(
    "OWNER_UNKNOWN",
    "hold",
    Text("负责人不在对照表里", "The owner is not in the table of owners"),
    Text(
        "在 rules/values.yaml 的 owners 里加上此人，或设 unassigned",
        "add the person to `owners` in rules/values.yaml, or set `unassigned`",
    ),
    "老刘",
)
OWNER_UNASSIGNED = Fault(
    "OWNER_UNASSIGNED",
    "note",
    Text(
        "负责人不在对照表里，已交给指定的待分配用户",
        "The owner is not in the table; the record went to the user for unassigned ones",
    ),
    Text("在 rules/values.yaml 的 owners 里加上此人", "add the person to `owners` in rules/values.yaml"),
    "老刘",
)
BOOLEAN_SHAPE = Fault(
    "BOOLEAN_SHAPE",
    "blank",
    Text("看不出是“是”还是“否”", "Neither yes nor no"),
    Text("填 是 或 否", "write yes or no"),
    "也许",
)
LANGUAGE_UNKNOWN = Fault(
    "LANGUAGE_UNKNOWN",
    "note",
    Text("不认识的语言", "Unknown language"),
    Text("使用语言代码，例如 zh、en", "use a language code, zh or en for instance"),
    "火星文",
)
URL_SHAPE = Fault(
    "URL_SHAPE",
    "note",
    Text("不是有效的网址", "This is not a valid web address"),
    Text("核对网址", "check the address"),
    "www",
)
