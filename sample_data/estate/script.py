"""
Traditional characters for the simplified ones that the estate's names and addresses use.

Source: pairs of OpenCC's s2t table (Apache-2.0), only the characters that occur here.
"""

SIMPLE = (
    "云岭澜锦泽恒远铭诚启凯丰润汇驰腾骏骐鹏鹭桥砺铸钧锐铠钰晖灿烁贞维迈亿霁岚屿嵘庆彦枫苇沣浔达华兴尔机设备动装电气仪测术细"
    "环处饮纺织阀门业车医疗药软贸责厂经营张刘陈杨黄赵吴孙马罗郑谢许邓冯韩萧叶蒋苏吕卢钟陆贾韦邹伟强军杰涛刚辉国东龙锋栋晓静丽"
    "艳颖洁莹红梦瑶宁区长滨仑镇温湾瓯头绍岩邺楼园无锡进坛济开发扬广庐阳产芜镜鸠宝岗盐禅顺厦沧里仓晋乐乡琼兰庄陉矿竞莲满万历荫岛"
    "崂潍烟莱辽铁连陕创宾学谊绣凤际务场号"
)
TRADITIONAL = (
    "雲嶺瀾錦澤恆遠銘誠啟凱豐潤匯馳騰駿騏鵬鷺橋礪鑄鈞銳鎧鈺暉燦爍貞維邁億霽嵐嶼嶸慶彥楓葦灃潯達華興爾機設備動裝電氣儀測術細"
    "環處飲紡織閥門業車醫療藥軟貿責廠經營張劉陳楊黃趙吳孫馬羅鄭謝許鄧馮韓蕭葉蔣蘇呂盧鍾陸賈韋鄒偉強軍傑濤剛輝國東龍鋒棟曉靜麗"
    "豔穎潔瑩紅夢瑤寧區長濱侖鎮溫灣甌頭紹巖鄴樓園無錫進壇濟開發揚廣廬陽產蕪鏡鳩寶崗鹽禪順廈滄裡倉晉樂鄉瓊蘭莊陘礦競蓮滿萬歷蔭島"
    "嶗濰煙萊遼鐵連陝創賓學誼繡鳳際務場號"
)
_TABLE = str.maketrans(SIMPLE, TRADITIONAL)
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_WIDE_LETTERS = str.maketrans("ABCDEFGHJKLMNPQRTUWXY", "ＡＢＣＤＥＦＧＨＪＫＬＭＮＰＱＲＴＵＷＸＹ")


def traditional(text: str) -> str:
    """
    Write a text in traditional characters.

    >>> traditional("苏州云岭机械有限公司")
    '蘇州雲嶺機械有限公司'
    """
    return text.translate(_TABLE)


def wide(text: str) -> str:
    """
    Write digits and capital letters at full width.

    >>> wide("A8座")
    'Ａ８座'
    """
    return text.translate(_WIDE).translate(_WIDE_LETTERS)
