"""What people write: subjects and bodies of mails, in the words of the trade."""

from typing import NamedTuple


class Topic(NamedTuple):
    """A matter: its subject, what the customer asks, what we answer, what the customer says then."""

    subject: str
    ask: str
    answer: str
    thanks: str


CHINESE = (
    Topic(
        "询价：{product} {many}台",
        "您好，\n\n我司新上一条产线，需要{product}（{model}）{many}台，请报含税价和交期。如果有同规格的国产替代型号也请一并推荐。\n最好本周五之前给到，下周一要上会。",
        "{call}您好，\n\n{product}（{model}）{many}台，含13%增值税，现货交期7个工作日，报价单见附件，有效期30天。\n数量超过50台可以再谈。有问题随时电话联系。",
        "收到，价格比去年高了一些，我和领导再商量一下。付款方式能不能改成月结60天？",
    ),
    Topic(
        "关于{order}的交货时间",
        "你好，\n\n订单{order}原定本月20日到货，现场安装队已经排好了，请确认能否按期发出。如果不能整批发，先发{product}也可以。",
        "{call}，\n\n和工厂核实过了，{product}本周四发出，其余的顺延三天，运费我们承担。物流单号发出后我第一时间给您。",
        "好的，请务必盯紧，我们停一天线损失不小。",
    ),
    Topic(
        "{product}使用中跳闸的问题",
        "您好，\n\n上月装的{product}（{model}）运行约40分钟后报过热并停机，环境温度32℃左右，负载不到七成。现场照片我稍后补发，请安排技术人员看一下。",
        "{call}您好，\n\n从描述看可能是散热风道被堵或载波频率设得偏高，请先把参数P0-17改为4kHz再观察。我们何婷明天上午电话跟您对一遍，必要时派人到场。",
        "改了参数以后今天没再报警，先观察一周，谢谢。",
    ),
    Topic(
        "申请开具{order}的增值税专用发票",
        "财务您好，\n\n请开具订单{order}的增值税专用发票，开票资料没有变化，发票请寄到公司前台，备注收件人。",
        "{call}，\n\n发票今天已开出，顺丰寄出，预计后天送达。麻烦收到后回个消息。",
        "发票已收到，金额无误，款项安排在25号支付。",
    ),
    Topic(
        "对账单核对（截至上月底）",
        "你好，\n\n附件是我司截至上月底的应付明细，和贵司对账单差了两笔，一笔是退货的{product}，一笔运费，请核对后回复。",
        "{call}您好，\n\n退货那笔红字发票上周才开，所以没进对账单；运费我们已经冲减。更正后的对账单见附件，请盖章回传。",
        "核对一致，盖章件明天寄出。",
    ),
    Topic(
        "年度框架合同续签",
        "您好，\n\n今年的框架合同下月到期，我们希望续签一年。主要有两点：一是{product}的年度返利，二是质保期从12个月延到18个月。请提供合同草稿。",
        "{call}，\n\n续签没有问题。返利按阶梯走，质保18个月需要总部批，我这周内答复。合同草稿见附件，您先看其他条款。",
        "法务看过了，第七条违约责任要改成对等的，其他没意见。",
    ),
    Topic(
        "邀请贵司参加设备选型交流",
        "您好，\n\n我们计划在{product}和配套仪表上做一次集中选型，想请贵司技术同事来厂里交流半天，时间下周三或周四，您看哪天方便？",
        "{call}您好，\n\n周四上午可以，我和技术部一位工程师过去，样机一并带上。请发一个定位给我。",
        "定位已发微信，到门口提前打我电话，访客要登记。",
    ),
    Topic(
        "更换联系人通知",
        "您好，\n\n因岗位调整，今后{product}的采购由我负责，原来的同事已转岗，报价和发货通知请发到这个邮箱，谢谢。",
        "{call}您好，\n\n已在系统里更新，后续单据都发给您。近期方便的话我过来拜访一下。",
        "下周都在厂里，欢迎。",
    ),
)
ENGLISH = (
    Topic(
        "Quotation request: {model} x {many}",
        "Hello,\n\nPlease quote {many} pcs of {model} (or your current equivalent), CIF, with lead time and HS code.\nWe need the prices by Friday for our budget round.",
        "Dear {call},\n\nThank you for your enquiry. Please find our offer for {many} pcs of {model} attached; ex works in 10 working days.\nThe offer is valid for 30 days.",
        "Thanks, received. Could you split the delivery in two lots? The second one is needed in autumn only.",
    ),
    Topic(
        "Delivery of {order}",
        "Hi,\n\nOur forwarder still has no booking for {order}. When will the goods be ready for pick-up?",
        "Dear {call},\n\nThe goods leave our plant this Thursday. Packing list and commercial invoice are attached.",
        "Great, we have passed it on to the forwarder.",
    ),
    Topic(
        "{model}: two units dead on arrival",
        "Hello,\n\nTwo of the {model} from the last shipment show no output. Serial numbers are on the photos. Please advise how to return them.",
        "Dear {call},\n\nSorry for the trouble. We are sending two replacements by courier today; no need to return the old ones, photos are enough.",
        "Replacements arrived and work fine. Thank you for the quick help.",
    ),
)
NEWSLETTERS = (
    (
        "【工控周报】本周行业要闻与展会预告",
        "自动化渠道网每周为您精选：\n1. 上半年工业自动化市场回顾\n2. 传感器国产化进展\n3. 六月展会一览\n\n如不想再收到此类邮件，请点击退订。",
    ),
    ("会员专享｜办公用品年中大促，满300减80", "尊敬的会员：\n打印纸、硒鼓、文件柜全场直降，活动三天。\n退订请回复TD。"),
    (
        "Industrial Sensors Monthly: June issue",
        "In this issue: wireless IO-Link masters, a buyer's guide to encoders, and the trade show calendar.\n\nUnsubscribe: https://news.sensors-monthly.example/u/2218",
    ),
    ("您的域名服务月度报告", "本月解析请求总数及安全事件统计见网页版。\n\n本邮件由系统自动发送，退订请登录控制台。"),
)
SPAM = (
    ("代开发票 优惠点数", "长期代开各类发票，点数低，可先验后付，联系微信见签名。"),
    ("您有一份包裹清关失败，请尽快处理", "请点击链接补交关税 12.60 元，否则包裹将被退回。\nhttp://parcel-pay.example/cn/8832"),
    (
        "Increase your web ranking in 7 days",
        "We offer first page guarantee for your website at best price. Reply YES for the offer.",
    ),
)
INTERNAL = (
    (
        "六月销售例会纪要",
        "各位，\n\n例会纪要如下：一、上半年回款率92%，重点跟进三家逾期客户；二、展会线索本周内分配完；三、老系统客户资料月底前核对完毕。\n\n请各分公司周五前反馈。",
    ),
    ("关于端午节放假的通知", "各部门：\n端午节放假三天，值班安排见公告栏。发货请提前与仓库确认。"),
    ("客户资料清理分工", "大家好，新CRM下月上线，请华东、华南、北方各自先把客户表里已注销的标出来，撞单的客户写清楚归属。"),
)
AWAY = (
    ("自动回复：{subject}", "您好，我于本周出差，邮件可能不能及时回复，急事请拨打手机。本邮件为自动回复。"),
    ("自动回复: {subject}", "您好！您的邮件我已收到，会尽快给您回复。"),
    (
        "Automatic reply: {subject}",
        "I am out of the office until Monday with limited access to e-mail. For urgent matters please call our switchboard.",
    ),
)
STRANGER_ASKS = (
    "想了解贵司{product}",
    "你好，我在展会上拿到了贵司的样本，我们是做小型灌装线的，想了解{product}的价格和代理政策，请联系我。",
)
