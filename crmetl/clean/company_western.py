"""Company names in Latin letters: of Chinese firms in English, and of firms elsewhere."""

import re
from typing import Final

from crmetl.clean.countries import country_code
from crmetl.clean.divisions import by_sound, short_name

TRADES: Final = {
    "technology": "科技", "technologies": "科技", "tech": "科技", "electronics": "电子", "electronic": "电子", "electric": "电气",
    "electrical": "电气", "trading": "贸易", "trade": "贸易", "commerce": "商贸", "commercial": "商贸", "import": "进出口", "export": "进出口",
    "imp": "进出口", "exp": "进出口", "international": "国际", "global": "国际", "industry": "工业", "industries": "工业", "industrial": "工业",
    "machinery": "机械", "machine": "机械", "machines": "机械", "mechanical": "机械", "equipment": "设备", "equipments": "设备",
    "logistics": "物流", "freight": "货运", "transport": "运输", "shipping": "航运", "chemical": "化工", "chemicals": "化工",
    "pharmaceutical": "制药", "pharmaceuticals": "制药", "pharma": "制药", "medical": "医疗", "medicine": "医药", "health": "健康",
    "healthcare": "健康", "biotech": "生物科技", "biotechnology": "生物科技", "biological": "生物", "bio": "生物", "material": "材料",
    "materials": "材料", "packaging": "包装", "packing": "包装", "textile": "纺织", "textiles": "纺织", "garment": "服装", "garments": "服装",
    "apparel": "服装", "clothing": "服装", "fashion": "服饰", "food": "食品", "foods": "食品", "foodstuff": "食品", "beverage": "饮料",
    "software": "软件", "network": "网络", "networks": "网络", "information": "信息", "data": "数据", "digital": "数字", "media": "传媒",
    "advertising": "广告", "consulting": "咨询", "consultancy": "咨询", "consultants": "咨询", "investment": "投资", "investments": "投资",
    "construction": "建筑", "engineering": "工程", "energy": "能源", "power": "电力", "environmental": "环保", "environment": "环保",
    "automation": "自动化", "intelligent": "智能", "smart": "智能", "precision": "精密", "metal": "金属", "metals": "金属", "steel": "钢铁",
    "plastic": "塑料", "plastics": "塑料", "rubber": "橡胶", "furniture": "家具", "printing": "印刷", "paper": "纸业", "auto": "汽车",
    "automotive": "汽车", "automobile": "汽车", "instrument": "仪器", "instruments": "仪器", "optical": "光电", "optoelectronics": "光电",
    "photoelectric": "光电", "semiconductor": "半导体", "semiconductors": "半导体", "development": "发展", "manufacturing": "制造",
    "manufacture": "制造", "enterprise": "实业", "enterprises": "实业", "holding": "控股", "holdings": "控股", "services": "服务",
    "service": "服务", "system": "系统", "systems": "系统", "solutions": "服务", "supply": "供应链", "chain": "供应链", "education": "教育",
    "culture": "文化", "cultural": "文化", "design": "设计", "hotel": "酒店", "hotels": "酒店", "lighting": "照明", "tools": "工具",
    "tool": "工具", "hardware": "五金", "valve": "阀门", "valves": "阀门", "bearing": "轴承", "bearings": "轴承", "glass": "玻璃",
    "ceramics": "陶瓷", "toys": "玩具", "gifts": "礼品", "jewelry": "珠宝", "leather": "皮革", "shoes": "鞋业", "bank": "银行",
    "insurance": "保险", "finance": "金融", "financial": "金融", "capital": "资本", "management": "管理", "science": "科学",
    "communication": "通信", "communications": "通信", "telecom": "通信", "agriculture": "农业", "agricultural": "农业", "hospital": "医院",
    "school": "学校", "university": "大学", "institute": "研究院", "laboratory": "实验室", "laboratories": "实验室", "retail": "零售",
    "supermarket": "超市", "stores": "零售", "products": "制品", "product": "制品", "works": "制造", "mining": "矿业", "oil": "石油",
    "gas": "燃气", "petroleum": "石油", "travel": "旅游", "tourism": "旅游", "property": "物业", "properties": "物业", "estate": "房地产",
    "cosmetics": "化妆品", "battery": "电池", "cable": "电缆", "cables": "电缆", "sensor": "传感", "sensors": "传感", "robot": "机器人",
    "robotics": "机器人", "new": "新", "real": "房地产",
}  # fmt: skip
"""English word of a trade -> the Chinese one, so that both names of a firm have equal trades."""

FORMS: Final = {
    "ltd": "有限公司", "limited": "有限公司", "llc": "有限公司", "gmbh": "有限公司", "ltda": "有限公司", "sarl": "有限公司", "srl": "有限公司",
    "bv": "有限公司", "pty": "有限公司", "pte": "有限公司", "sl": "有限公司", "sro": "有限公司", "doo": "有限公司", "kft": "有限公司", "spzoo": "有限公司",
    "aps": "有限公司", "pvt": "有限公司", "sdnbhd": "有限公司", "sdn": "有限公司", "bhd": "有限公司", "inc": "股份有限公司",
    "incorporated": "股份有限公司", "corp": "股份有限公司", "corporation": "股份有限公司", "plc": "股份有限公司", "ag": "股份有限公司",
    "sa": "股份有限公司", "spa": "股份有限公司", "nv": "股份有限公司", "ab": "股份有限公司", "oy": "股份有限公司", "oyj": "股份有限公司", "as": "股份有限公司",
    "kk": "股份有限公司", "kaisha": "股份有限公司", "kabushiki": "股份有限公司", "jsc": "股份有限公司", "ooo": "有限公司", "group": "集团",
    "co": "公司", "company": "公司", "cie": "公司", "lp": "合伙", "llp": "合伙", "kg": "合伙", "ohg": "合伙", "se": "股份有限公司",
}  # fmt: skip
_STRONG: Final = ("集团", "股份有限公司", "有限公司", "合伙", "公司")
_DOTTED: Final = re.compile(r"\b((?:[a-z]\.){2,}[a-z]?|[a-z](?:\s?/\s?[a-z])+)")
_TOKEN: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BRACKET: Final = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_BRANCH: Final = re.compile(
    r"^(.*?)[\s,-]*\b([a-z' ]*?)\s*\b(branch(?: office)?|representative office|rep\.? office|liaison office)\b\.?$"
)
_FRONT: Final = frozenset({"kk", "ooo", "pt", "zao"})
"""Legal forms that stand before the name."""
_SMALL_WORDS: Final = frozenset({"the", "and", "of", "for", "de", "und", "et", "y", "&"})


def place_of(words: str) -> str:
    """
    Return the short Chinese name of a Chinese place in Latin letters, or "".

    >>> place_of("Xi'an"), place_of("Hong Kong"), place_of("Paris")
    ('西安', '香港', '')
    """
    name = by_sound().get(re.sub(r"[^a-z]", "", words.lower()), "")
    return (short_name(name, "city") if name not in ("陕西省", "山西省") else name[:2]) if name else ""


def _tokens(text: str) -> list[str]:
    joined = _DOTTED.sub(lambda found: re.sub(r"[.\s/]", "", found[1]), text)
    return [token.replace("’", "'") for token in _TOKEN.findall(joined)]


def _bracket(text: str) -> tuple[str, str]:
    region = ""

    def settle(found: re.Match[str]) -> str:
        nonlocal region
        inner = found[1].strip()
        place = place_of(inner) or ("中国" if country_code(inner) == "CN" else "")
        region = region or place
        return " " if place or country_code(inner) else f" {inner} "

    return _BRACKET.sub(settle, text), region


def _leading_place(tokens: list[str]) -> tuple[str, list[str]]:
    for n in (2, 1):
        if len(tokens) > n and place_of("".join(tokens[:n])):
            return place_of("".join(tokens[:n])), tokens[n:]
    return "", tokens


def western_parts(text: str) -> tuple[str, str, str, str, str]:
    """
    Return region, brand, trade, form and branch of a name in lower-case Latin letters.

    >>> western_parts("shanghai huaxin technology co., ltd. beijing branch")
    ('上海', 'huaxin', '科技', '有限公司', '北京分公司')
    >>> western_parts("müller maschinenbau gmbh"), western_parts("the acme trading company (china) limited")
    (('', 'müller maschinenbau', '', '有限公司', ''), ('中国', 'acme', '贸易', '有限公司', ''))
    """
    found = _BRANCH.match(text)
    where = found[2].strip() if found else ""
    branch = (place_of(where) or where) + "分公司" if found else ""
    text, region = _bracket(found[1] if found else text)
    tokens = _tokens(text)
    if len(tokens) > 2 and tokens[0] in _FRONT:
        tokens = [*tokens[1:], tokens[0]]
    forms = [FORMS[token] for token in tokens[1:] if token in FORMS]
    words = [token for n, token in enumerate(tokens) if token not in _SMALL_WORDS and (n == 0 or token not in FORMS)]
    place, rest = _leading_place(words)
    region, words = (place or region), rest
    keep = len(words)
    while keep > 1 and words[keep - 1] in TRADES:
        keep -= 1
    trade = "".join(dict.fromkeys(TRADES[word] for word in words[keep:]))
    form = next((one for one in _STRONG if one in forms), "")
    return region, " ".join(words[:keep]) or text.strip(), trade, form, branch
