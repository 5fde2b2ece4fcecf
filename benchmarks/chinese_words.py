"""Words that the invented Chinese customers of `benchmarks/chinese.py` are made of. No real company or person is meant."""

from functools import cache
from typing import NamedTuple

from pypinyin import lazy_pinyin


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FREQUENT = _words(
    "恒通 华信 宏达 鑫源 永盛 金诚 天元 东方 瑞丰 嘉诚 宏发 华泰 中兴 盛达 新华 恒达 鸿运 金鑫 兴达 华盛 顺达 永兴 天成 大地 "
    "联创 诚信 佳美 华美 恒源 海天 金龙 鑫达 宏远 三鑫 万通 同创 德胜 百盛 信达 隆盛 中天 利达 飞达 博远 长城 天宇 金马 华阳 "
    "创新 众合 泰和 远大 力源 方圆 星光 双龙 康宁 兴业 金泰 时代"
)
"""Brands that many firms bear, the most frequent first."""
GLYPHS = (
    "恒华宏鑫永金天东中新大盛泰兴隆瑞祥嘉佳诚信达通源丰润康健安宁平和顺利美德义仁智慧明光辉耀亮星月海江河山岳峰岭林森松柏竹"
    "梅兰菊荣昌茂富贵福寿喜庆吉凯胜旺腾飞翔鹏龙凤麒麟骏驰捷速卓越超启航远志博文雅正方圆元亨贞鼎立建伟业广宇云蓝晶莹玉珠宝银"
    "铭锐力铁钢磊石坚固维科奇特艾尔思迪奥亚聚合众联同友邦国益惠百万千亿三优尚品格尊威英杰豪帆舟桥泽晨曦朗昊晟铠钧锦绣川溪浩"
    "淼泓沃禾谷穗麦禄骐翰墨砚哲睿尧舜景晖昱煜烨炜焱"
)
ENDS = "达尔特斯科美克利佳威力普莱诺"
"""Third characters of brands of three."""
MORE = (
    "桓衡珩桦红虹弘洪欣馨昕勇咏今津添冬忠钟忻升太形龄锋蕊详家加成城程承辰大答桐铜彤原缘园沅风枫闰抗剑凝萍合何丽莉镁得意艺"
    "任致汇鸣晖徽要裕玮维唯惟巨具居克可其齐骑"
)
SHAPES = dict(
    one.split("|")
    for one in _words(
        "恒|垣 华|毕 天|夭 大|太 永|水 宏|宠 瑞|端 源|原 嘉|喜 润|闰 泰|秦 盛|盆 明|朋 科|料 奥|粤 佳|住 捷|健 锐|说 安|宴 "
        "东|车 力|刀 海|梅 兴|光 龙|尤 元|无 优|犹 联|聊 金|全 鑫|蕊 达|迖 信|倍 通|涌 中|申 诚|城 丰|手 新|析 博|搏 创|刨 "
        "鸿|鹏 顺|须 百|白 万|方"
    )
)
"""Characters taken for one another by their shape."""


class Trade(NamedTuple):
    """A trade: as full names have it, as people shorten it, in English, its weight, letters for a domain."""

    full: str
    short: str
    english: str
    weight: int
    letters: str


TRADES = tuple(
    Trade(full, short, english.replace("_", " "), int(weight), letters)
    for full, short, english, weight, letters in (
        one.split()
        for one in """
    科技 科技 Technology 100 tech
    贸易 贸易 Trading 85 trade
    电子科技 电子 Electronics_Technology 60 dz
    商贸 商贸 Trading 45 sm
    机械 机械 Machinery 55 jx
    机械设备 机械 Machinery_Equipment 45 jx
    机械制造 机械 Machinery_Manufacturing 20 jx
    精密机械 精机 Precision_Machinery 22 jm
    包装 包装 Packaging 25 pack
    包装材料 包装 Packaging_Material 28 bz
    包装制品 包装 Packaging_Products 14 bz
    实业 实业 Industrial 50 sy
    国际贸易 国贸 International_Trade 30 gm
    进出口 进出口 Import_&_Export 25 ie
    工贸 工贸 Industry_&_Trade 18 gm
    电子 电子 Electronics 40 dz
    电器 电器 Electrical_Appliance 25 dq
    电气 电气 Electric 25 dq
    电气设备 电气 Electrical_Equipment 16 dq
    塑料制品 塑料 Plastic_Products 28 sl
    橡塑制品 橡塑 Rubber_&_Plastic 12 xs
    五金制品 五金 Hardware_Products 32 wj
    五金机电 五金 Hardware 12 wj
    化工 化工 Chemical 30 chem
    精细化工 化工 Fine_Chemical 8 chem
    建材 建材 Building_Materials 28 jc
    纺织 纺织 Textile 26 tex
    纺织品 纺织 Textile 10 tex
    服饰 服饰 Garment 20 fs
    物流 物流 Logistics 32 wl
    供应链管理 供应链 Supply_Chain_Management 14 scm
    食品 食品 Food 28 food
    餐饮管理 餐饮 Catering_Management 12 cy
    医疗器械 医疗 Medical_Instrument 20 med
    生物科技 生物 Biotechnology 24 bio
    信息技术 信息 Information_Technology 30 info
    信息科技 信息 Information_Technology 16 info
    软件 软件 Software 16 soft
    网络科技 网络 Network_Technology 24 net
    自动化设备 自动化 Automation_Equipment 32 auto
    自动化科技 自动化 Automation_Technology 14 auto
    智能科技 智能 Intelligent_Technology 24 zn
    模具 模具 Mould 20 mj
    环保科技 环保 Environmental_Technology 22 hb
    环保设备 环保 Environmental_Equipment 12 hb
    新能源 新能源 New_Energy 16 ne
    新材料 新材料 New_Materials 22 xcl
    新材料科技 新材料 New_Material_Technology 10 xcl
    汽车零部件 汽配 Auto_Parts 20 qp
    汽车配件 汽配 Auto_Parts 12 qp
    照明 照明 Lighting 14 zm
    照明电器 照明 Lighting_Appliance 8 zm
    家具 家具 Furniture 14 jj
    印刷 印刷 Printing 16 ys
    印务 印务 Printing 10 yw
    仪器仪表 仪表 Instruments 14 yb
    仪器设备 仪器 Instrument_Equipment 10 yq
    文化传播 文化 Culture_Communication 18 wh
    广告 广告 Advertising 16 ad
    装饰工程 装饰 Decoration_Engineering 16 zs
    建筑工程 建筑 Construction_Engineering 22 jz
    阀门 阀门 Valve 14 fm
    轴承 轴承 Bearing 10 zc
    电缆 电缆 Cable 12 dl
    农业发展 农业 Agriculture_Development 10 ny
    医药 医药 Pharmaceutical 12 yy
    光电科技 光电 Optoelectronics 14 gd
    """.strip().splitlines()
    )
)
FORMS = (("有限公司", 82), ("有限责任公司", 5), ("股份有限公司", 5), ("厂", 4), ("集团有限公司", 2), ("经营部", 2))
OFFICES = (("分公司", 78), ("办事处", 12), ("分厂", 2), ("营业部", 8))
SURNAMES = _words(
    "王710 李700 张670 刘530 陈450 杨300 黄220 赵200 吴200 周190 徐140 孙150 马120 朱120 胡110 林110 郭110 何100 高100 "
    "罗90 郑90 "
    "梁80 谢70 宋70 唐60 许60 邓60 冯60 韩60 曹60 曾50 彭50 肖60 蔡50 潘40 田40 董50 袁40 于50 余40 叶40 蒋40 杜40 苏40 "
    "魏40 程40 "
    "吕40 丁40 沈40 任30 姚30 卢30 傅20 钟30 姜30 崔30 谭30 廖30 范30 汪20 陆30 金30 石20 戴20 贾20 韦20 夏20 邱20 方20 "
    "侯20 邹20 熊20 "
    "孟20 秦20 白20 江20 阎10 薛20 尹10 段20 雷10 黎10 史10 龙10 陶10 贺10 顾20 毛10 郝10 龚10 邵10 万10 钱10 严10 武10 "
    "戚5 欧阳6 上官3"
)
ALONE = "伟强磊军勇杰涛明超刚平辉鹏斌波宇浩凯健俊峰敏静丽艳娟霞燕玲梅琳雪颖洁莹慧萍红倩婷蕾薇欣佳鑫晨洋旭帅亮飞龙林"
"""Given names of one character, the most frequent first."""
FIRST = "建志文晓国海小永明春玉秀雪丽俊子雨嘉思美家振德世红金立新荣庆光宏少正佳爱学伟云清一成东天凤桂维景耀彦启泽梦欣承书"
SECOND = (
    "华明平军林红玲英芳梅强辉峰伟杰涛波斌鹏飞勇刚龙生兰霞燕珍琴娟萍敏静丽慧洁怡婷轩涵宇航豪凯成才贵荣良民根山海江洋东文武斌琪瑶妍"
)
TITLES = (("总", 30), ("经理", 26), ("先生", 16), ("小姐", 12), ("女士", 8), ("工", 4), ("主任", 3), ("老师", 1))
POSTS = _words("采购 财务 老板 采购部 总经理 采购经理 工程部 仓库 业务 技术")
ENGLISH = _words("Kevin Jack Lily Tony Amy Jason Cindy Leo Vivian Eric Linda Frank")
ROADS = _words(
    "人民 解放 中山 建设 新华 和平 长江 黄河 文化 科技 创业 工业 兴业 迎宾 滨河 环城 振兴 学院 光明 朝阳 青年 友谊 园区 "
    "兴园 望江 金桥 "
    "东湖 西湖 南苑 北苑 望海 云栖 松涛 柳荫 桃园 梅林 竹海 星湖 同心 开元 永和 安康 锦绣 凤凰 金鸡湖 创新 龙腾 宝业 "
    "前进 胜利 民生 "
    "富强 育才 体育场 车站 港口 兴隆 泰山 嵩山 衡山 淮海 钱江 珠江 嘉陵 运河 虹桥 高新 科苑 软件园 平安 广场 惠民 康庄 "
    "丰收 翠竹 梧桐"
)
STREETS = _words("路 路 路 大道 街 东路 西路 南路 北路 中路 一路 二路")
BUILDINGS = _words("国际大厦 科技园 创业园 商务中心 工业园 产业园 广场 大厦 中心 写字楼 金融中心 数码城")
NOTES = _words("老客户 新客户 已付款 欠款 总部 勿重复 VIP 展会 转介绍 华东 待确认 停用 A类")
FREEMAIL = (
    ("qq.com", 46),
    ("163.com", 30),
    ("126.com", 9),
    ("139.com", 5),
    ("sina.com", 4),
    ("hotmail.com", 3),
    ("foxmail.com", 3),
)
WEST_BRANDS = _words(
    "bright ash north hart wood stone cross fair green red lake river sand berg hal brook mill ford well kess lind vog ren mar "
    "del tor win clay oak fell sea bram thorn wal pem gran dun kel rad bel"
)
WEST_ENDS = _words("well ton ley field ford mann stein berg wood worth ham by er son ell ridge")
WEST_TRADES = _words(
    "Tools Engineering Packaging Machinery Trading Logistics Foods Textiles Electronics Systems Instruments Plastics Chemicals "
    "Components Industries Automation Medical Lighting Furniture Valves"
)
WEST_FORMS = (
    ("Ltd", "Limited", "Ltd."),
    ("Inc.", "Incorporated", "Inc"),
    ("GmbH", "G.m.b.H.", "GMBH"),
    ("Corp.", "Corporation", "Corp"),
    ("LLC", "L.L.C.", "llc"),
    ("Pte Ltd", "Pte. Ltd.", "PTE LTD"),
    ("S.p.A.", "SpA", "S.P.A."),
    ("B.V.", "BV", "bv"),
)
WEST_CITIES = (
    ("Hamburg", "+49 40"), ("Munich", "+49 89"), ("London", "+44 20"), ("Leeds", "+44 113"), ("Chicago", "+1 312"),
    ("Houston", "+1 713"), ("Singapore", "+65"), ("Milan", "+39 02"), ("Rotterdam", "+31 10"), ("Lyon", "+33 4"),
    ("Sydney", "+61 2"), ("Toronto", "+1 416"),
)  # fmt: skip
WEST_GIVEN = _words(
    "John James Mark Peter David Paul Thomas Michael Anna Maria Laura Sarah Emma Julia Karen Stefan Martin Andreas "
    "Claudia Marco Luca "
    "Pierre Claire Kevin Brian Linda Susan Robert Daniel Helen"
)
WEST_FAMILY = _words(
    "Smith Miller Brown Taylor Wilson Weber Schmidt Fischer Meyer Wagner Rossi Bianchi Martin Bernard Clarke Hughes "
    "Walker Harris "
    "Lewis Turner Parker Collins Murphy Bailey Cooper Richter Klein Wolf Jansen Visser Whitcomb Delgado Ferris Lindqvist "
    "Hadley Kessler "
    "Barlow Ashdown Pemberton Crossley Marsden Holroyd Tindall Garrick Vogelsang Lindemann Oehler Thiele"
)


@cache
def latin(text: str) -> tuple[str, ...]:
    """
    Return the sound of each character, or of each phrase's reading.

    >>> latin("重庆")
    ('chong', 'qing')
    """
    return tuple(lazy_pinyin(text))


def _by_sound() -> dict[str, str]:
    heard: dict[str, str] = {}
    for glyph in dict.fromkeys(GLYPHS + MORE):
        heard[latin(glyph)[0]] = heard.get(latin(glyph)[0], "") + glyph
    return heard


_SOUND = _by_sound()


def heard(glyph: str) -> str:
    """
    Return other characters of the same sound, "" where none is known.

    >>> heard("恒")
    '亨衡'
    """
    return _SOUND.get(latin(glyph)[0], "").replace(glyph, "")
