"""Faults that the room `link` finds."""

from crmetl.faults.kind import Fault
from crmetl.text import Text

KEY_UNKNOWN = Fault(
    "KEY_UNKNOWN",
    "note",
    Text("所填编号在该系统中没有对应的记录", "No record of that system has this key"),
    Text("核对编号；已改用名称、电话、邮箱查找", "check the key; name, phone and e-mail were tried instead"),
    "K9999",
)
LINK_AMBIGUOUS = Fault(
    "LINK_AMBIGUOUS",
    "hold",
    Text(
        "所填内容同时符合几条记录，无法确定属于哪一条",
        "What is given fits several records, so it is not certain which one is meant",
    ),
    Text("补上编号、全称、邮箱或电话，使之只符合一条", "add the key, the full name, e-mail or phone, so that it fits only one"),
    "总机相同的两家公司",
)
PARENT_NOT_FOUND = Fault(
    "PARENT_NOT_FOUND",
    "hold",
    Text("按编号、名称、电话和邮箱都找不到所属的记录", "Neither key, name, phone nor e-mail leads to the record it belongs to"),
    Text("核对写法，或先把该记录补进来源", "check the spelling, or add that record to a source first"),
)
OWNER_NOT_A_USER = Fault(
    "OWNER_NOT_A_USER",
    "hold",
    Text("负责人不是 CRM 的用户", "The owner is no user of the CRM"),
    Text(
        "先在 CRM 中建立该用户，或设 unassigned；绝不因此放入公海",
        "create the user in the CRM, or set `unassigned`; the record is never put into the public pool for it",
    ),
)
CONTACT_ELSEWHERE = Fault(
    "CONTACT_ELSEWHERE",
    "note",
    Text("联系人属于另一家客户", "The contact belongs to another account"),
    Text("核对联系人是否换了公司，或同时负责两家", "see whether the person moved, or stands for both companies"),
)
CONTACT_UNCLEAR = Fault(
    "CONTACT_UNCLEAR",
    "note",
    Text(
        "客户已确定，但其中有几位联系人都符合，联系人留空",
        "The account is certain, but several of its contacts fit; the contact stays empty",
    ),
    Text("需要时补上姓名、手机或邮箱", "add name, mobile or e-mail where it matters"),
    "公用邮箱",
)
NAME_DISAGREES = Fault(
    "NAME_DISAGREES",
    "note",
    Text("名称指向的记录与编号、邮箱或电话指向的不同", "The name leads to another record than the key, e-mail or phone"),
    Text(
        "已按编号、邮箱、电话的次序取用；核对哪一个有误",
        "key, e-mail and phone went first, in this order; see which one is wrong",
    ),
)
