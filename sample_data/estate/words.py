"""Word lists that invented names are made of: brands, trades, people. No real company or person is meant."""

from typing import NamedTuple


class Glyph(NamedTuple):
    """A character of brands, its sound, and the character that a tired typist takes for it."""

    text: str
    sound: str
    mistaken: str


def _glyphs(lines: str) -> tuple[Glyph, ...]:
    return tuple(Glyph(one[0], one[1:-1], one[-1]) for one in lines.split())


BRAND = _glyphs(
    "云yun芸 岭ling玲 澜lan兰 川chuan穿 锦jin绵 宏hong洪 瀚han翰 昊hao浩 泽ze择 晟sheng盛 恒heng衡 远yuan源 卓zhuo桌 越yue悦 "
    "铭ming名 诚cheng城 嘉jia佳 瑞rui锐 祥xiang详 启qi起 航hang杭 拓tuo托 博bo搏 睿rui瑞 凯kai恺 旭xu煦 辰chen晨 曜yao耀 "
    "岳yue月 峰feng锋 松song淞 柏bai百 森sen林 沐mu木 禾he合 谷gu古 穗sui岁 茂mao贸 丰feng风 润run闰 泓hong鸿 源yuan原 "
    "淼miao渺 汇hui会 捷jie杰 驰chi弛 腾teng滕 骏jun俊 骐qi骑 麟lin林 翔xiang祥 鹏peng朋 雁yan燕 鹭lu露 舟zhou州 帆fan凡 "
    "桥qiao乔 砺li励 铸zhu筑 鼎ding顶 钧jun均 锐rui瑞 铠kai凯 钰yu玉 璟jing景 琛chen深 珩heng恒 瑜yu愉 璞pu朴 玥yue月 "
    "朗lang郎 晖hui辉 昱yu煜 晏yan宴 暖nuan缓 熙xi西 炬ju巨 灿can璨 烁shuo硕 德de得 善shan擅 元yuan园 亨heng哼 贞zhen真 "
    "乾qian前 坤kun昆 坦tan但 望wang旺 维wei唯 慧hui惠 迈mai麦 兆zhao照 亿yi忆 凌ling陵 霖lin琳 霁ji季 霆ting廷 岚lan岗 "
    "屿yu屹 峻jun骏 嵘rong荣 崇chong重 巍wei魏 庆qing清 康kang慷 弘hong宏 彦yan颜 彬bin斌 槿jin瑾 楠nan南 枫feng风 榆yu愉 "
    "荻di获 苇wei伟 芷zhi止 蔚wei尉 葳wei威 沁qin心 沅yuan元 沣feng沛 洛luo络 浔xun寻 涵han函 渝yu愉 湛zhan站 溪xi西"
)

BRAND_TAIL = tuple("达 华 宇 泰 兴 隆 特 尔 斯 科 美 利 佳 奇 安 力".split())

TAKEN = frozenset(
    "恒瑞 瑞丰 恒丰 嘉源 旭辉 锦江 凯瑞 启航 航天 博瑞 卓越 凯旋 康美 宏源 弘元 元亨 亨德 博彦 睿康 康恒 泽源 云帆 云舟 云谷 云溪 "
    "腾云 凌云 凌越 凌锐 亿航 亿嘉 德庆 重庆 安庆 庆元 康德 德润 华润 润泽 润丰 汇源 汇丰 兆丰 丰泽 泽润 嘉善 嘉瑞 嘉禾 嘉德 源德 泰康 "
    "桥西 元谷 慧云 乾元 乾坤 坤元 云亨 岳麓 松源 松溪 松桥 瑞昱 瑞金 兰溪 德兴 远望 瞭望 望远 鼎汇 鼎捷 捷豹 天铭 凯博 博远".split()
)
"""Pairs that are well-known names or places, left out so that nobody real is meant."""


class Trade(NamedTuple):
    """A trade as full names say it, as people shorten it, its sound, and the industry in the CRM."""

    full: str
    short: str
    sound: str
    industry: str


TRADES = tuple(
    Trade(*line.split())
    for line in """
    机械制造 机械 jixie 机械制造
    精密机械 精机 jingji 机械制造
    机械设备 机械 jixie 机械制造
    自动化设备 自动化 auto 自动化
    自动化科技 自动化 auto 自动化
    智能装备 装备 zhuangbei 自动化
    机电设备 机电 jidian 机电
    电气 电气 dianqi 机电
    电气设备 电气 dianqi 机电
    电子科技 电子 dianzi 电子
    电子元器件 电子 dianzi 电子
    光电科技 光电 guangdian 电子
    仪器仪表 仪表 yibiao 仪器仪表
    测控技术 测控 cekong 仪器仪表
    新材料 新材 xincai 新材料
    新材料科技 新材 xincai 新材料
    高分子材料 高分子 gfz 新材料
    化工 化工 huagong 化工
    精细化工 化工 huagong 化工
    环保科技 环保 huanbao 环保
    环境工程 环境 huanjing 环保
    水处理设备 水处理 water 环保
    食品 食品 shipin 食品
    食品机械 食机 shiji 机械制造
    饮料 饮料 yinliao 食品
    纺织 纺织 fangzhi 纺织
    纺织机械 纺机 fangji 机械制造
    印染 印染 yinran 纺织
    包装材料 包装 baozhuang 包装印刷
    包装制品 包装 baozhuang 包装印刷
    印刷 印刷 yinshua 包装印刷
    塑料制品 塑料 suliao 塑料橡胶
    橡塑制品 橡塑 xiangsu 塑料橡胶
    五金制品 五金 wujin 五金
    模具 模具 moju 五金
    阀门 阀门 famen 五金
    泵业 泵业 bengye 机械制造
    汽车零部件 汽配 qipei 汽车零部件
    汽车配件 汽配 qipei 汽车零部件
    医疗器械 医疗 yiliao 医药医疗
    制药 制药 zhiyao 医药医疗
    生物科技 生物 shengwu 医药医疗
    新能源科技 新能源 xny 新能源
    光伏科技 光伏 guangfu 新能源
    建材 建材 jiancai 建材
    家具 家具 jiaju 家具
    物流 物流 wuliu 物流
    物流设备 物流 wuliu 物流
    信息技术 信息 xinxi 信息技术
    软件 软件 ruanjian 信息技术
    贸易 贸易 maoyi 贸易
    工贸 工贸 gongmao 贸易
    """.strip().splitlines()
)

FORMS = (("有限公司", 80), ("有限责任公司", 7), ("股份有限公司", 5), ("厂", 5), ("经营部", 3))

SURNAMES = tuple(
    (one[0], one[1:].rstrip("0123456789"), int(one[-2:]))
    for one in "王wang70 李li72 张zhang68 刘liu54 陈chen45 杨yang31 黄huang22 赵zhao20 吴wu20 周zhou21 徐xu14 孙sun15 马ma12 "
    "朱zhu13 胡hu13 林lin11 郭guo11 何he10 高gao10 罗luo09 郑zheng09 梁liang08 谢xie08 宋song08 唐tang07 许xu07 邓deng07 "
    "冯feng06 韩han07 曹cao06 曾zeng06 彭peng06 萧xiao03 蔡cai05 潘pan05 田tian04 董dong05 袁yuan05 于yu06 余yu04 叶ye04 "
    "蒋jiang04 杜du04 苏su04 魏wei04 程cheng05 吕lv04 丁ding05 沈shen04 任ren04 姚yao03 卢lu03 傅fu02 钟zhong03 崔cui03 "
    "汪wang03 范fan03 陆lu03 金jin03 石shi02 戴dai02 贾jia02 韦wei02 夏xia02 邱qiu02 方fang02 侯hou02 邹zou02 熊xiong02".split()
)

GIVEN_HIM = tuple(
    (one[0], one[1:])
    for one in "伟wei 强qiang 磊lei 军jun 勇yong 杰jie 涛tao 明ming 超chao 刚gang 平ping 辉hui 鹏peng 斌bin 波bo 宇yu 浩hao 凯kai "
    "健jian 俊jun 峰feng 建jian 国guo 文wen 志zhi 海hai 东dong 立li 永yong 新xin 华hua 林lin 龙long 成cheng 锋feng 晨chen 翔xiang "
    "旭xu 博bo 栋dong 坤kun 诚cheng 毅yi 松song 航hang 泽ze 锐rui 哲zhe 彦yan 晓xiao 嘉jia 子zi 正zheng 启qi 瑞rui".split()
)
GIVEN_HER = tuple(
    (one[0], one[1:])
    for one in "芳fang 娜na 敏min 静jing 丽li 艳yan 娟juan 霞xia 燕yan 玲ling 梅mei 琳lin 雪xue 颖ying 洁jie 莹ying 慧hui 萍ping "
    "红hong 倩qian 婷ting 蕾lei 薇wei 欣xin 怡yi 佳jia 晓xiao 雅ya 文wen 思si 梦meng 雨yu 春chun 秀xiu 美mei 淑shu 玉yu 英ying 云yun "
    "瑶yao 璐lu 蓉rong 妍yan 岚lan 宁ning".split()
)

TITLES = (
    "采购经理",
    "采购主管",
    "总经理",
    "副总经理",
    "生产部长",
    "设备工程师",
    "技术总监",
    "财务经理",
    "业务经理",
    "采购员",
    "仓库主管",
    "质量经理",
)
