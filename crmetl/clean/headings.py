"""What the heading of a column says it holds, in either language and in the short forms of exports."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from crmetl.clean.script import fold

_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
_GAPS: Final = re.compile(r"[\s_\-.:#*]+")


@lru_cache(maxsize=4096)
def spelled(heading: str) -> str:
    """
    Return a heading as words in lower case, whatever it was joined by.

    >>> spelled("firstName"), spelled("VOTER_REG_NUM"), spelled("E-Mail"), spelled("addr1"), spelled("聯絡電話")
    ('first name', 'voter reg num', 'e mail', 'addr 1', '联络电话')
    """
    return fold(_GAPS.sub(" ", _CAMEL.sub(" ", unicodedata.normalize("NFKC", heading))).strip().lower())


def _words(listed: str) -> str:
    """Return the pattern of a list of whole words, a comma between two; a blank inside one may be missing in the heading."""
    inner = "|".join(one.strip().replace(" ", " ?") for one in listed.split(","))
    return f"(?<![a-z])(?:{inner})(?![a-z])"


_NO: Final = "(?:no|nos|num|number|nr|id|code|key|cd)"
_NM: Final = "(?:names?|nm)"

HEADINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # Registered numbers, numbers of people, codes
        "uscc": "信用代码|uscc|credit ?code",
        "tax_id": "税号|纳税人|识别号|统一编号|"
        + _words(f"tax {_NO}, tax ?payer.*, vat.*, tin, ein, gstin, abn, siren, siret, p iva, fiscal code"),
        "identity": "身份证|证件号|护照|社保号|组织机构代码|"
        + _words(
            "soc sec.*, social sec.*, ssn, nino, national (?:id|insurance).*, passport.*, id card.*,"
            "identity (?:card|no|number|document).*, dni, cpf, cnpj,"
            f"(?:drivers?|driving) licen[cs]e.*, licen[cs]es?(?: {_NO})?, dl no, dl number, nhs.*, medicare.*"
        ),
        "number": "会员号|会员卡号|卡号|学号|工号|注册号|病历号|型号|银行账号|银行账户|微信|qq|"
        + _words(
            "(?:member|membership|loyalty|policy|student|employee|staff|patient|voter|voter reg|registration|reg|enrol?lment|"
            f"chart) {_NO}, (?:company|registry|business|chamber|trade register|model|part) (?:no|num|number|nr|code),"
            "mrn, duns.*, npi, lei, isbn.*, issn, doi, ean, upc, gtin, sku, mpn, iban, we ?chat, whats ?app, telegram, skype"
        ),
        "row_number": "^(?:(?:unique|rec|record|row|line|seq|sequence|customer|client|account|contact|entity|ent|person|true|"
        f"match|object|item|source|src|cluster|group|parent|global|internal|system|sys) ?(?:{_NO}|index))$|"
        "^(?:[a-z]{0,2}ids?|uuid|guid|pk|index|idx|unnamed.*)$|^(?:客户|单位|公司|联系人|订单)?(?:编号|序号|行号|代码)$",
        "reference": "(?<![a-z])(?:ids?|uuid|guid|key)$",
        "code": f"(?<![a-z]){_NO}$|编[号码]|代码$|单号|号$",
        # Ways to reach somebody
        "email": "邮箱|邮件|电邮|e ?mail|" + _words("mail, courriel, correo(?: .*)?"),
        "mobile": "手机|移动电话|mobile|cell ?(?:phone|number)|" + _words("mob, cell, cellular, handy, gsm, movil, móvil"),
        "phone": "电话|座机|传真|固话|联系方式|phone|" + _words("tel, tele, ph, fax, telefon, telefax, telefono"),
        "url": "网址|网站|主页|web ?(?:site|page)|" + _words("url, uri, web, www, home ?page, domain"),
        # Places
        "postcode": "邮编|邮政编码|邮递区号|post ?code|postal ?code|code ?postal|"
        + _words("zip, zip code, plz, postal, pin code, eircode"),
        "country": "国家|国别|" + _words("country, land, pays, pais, país"),
        "region": "省份?$|省/|州$|所在省|" + _words("state, province, prov, region, bundesland, st"),
        "city": "城市|市$|所在地$|city|"
        + _words("town, post town, suburb, locality, municipality, village, ort, stadt, ville, ciudad, comune"),
        "district": "区$|区县|县$|街道$|乡镇$|"
        + _words("county, district, borough, ward, parish, precinct, neighbou?rhood, area"),
        "house_number": "门牌号|"
        + _words(
            "(?:street|house|address|building|bldg|hse) (?:no|num|number|nr), hausnummer, haus nr, unit(?: (?:no|num|number))?"
        ),
        "address": "地址|住址|住所|address|street|addr|"
        + _words("add, st, str, strasse, straße, anschrift, adresse, direccion, indirizzo, rue, road, residence"),
        "birth_place": "出生地|籍贯|"
        + _words("birth (?:place|city|town|state|country|county), (?:place|city|country) of birth, pob"),
        # Names
        "full_name": _words(f"(?:fore|first|given)(?: {_NM})? (?:and|n)? ?(?:sur|last|family)(?: {_NM})?, full {_NM}"),
        "given_name": "^名$|" + _words(f"(?:given|first|fore|christian)(?: {_NM})?, f names?, vorname, prenom, prénom, nombre"),
        "middle_name": _words(f"(?:mid|middle|midl|second) (?:{_NM}|initials?|init), mid, middle, m name, mi"),
        "family_name": "^姓氏?$|"
        + _words(f"(?:sur|last|family|maiden)(?: {_NM})?, l names?, s name, nachname, cognome, apellidos?, nom"),
        "person_name": "联系人|姓名|称呼|人员|名字|法人|法定代表|收货人|收件人|"
        + _words(
            f"contacts?(?: {_NM}| person)?, person(?: {_NM})?,"
            f"(?:patient|employee|student|member|applicant|owner|resident|player|voter) {_NM}"
        ),
        "company_name": "公司|单位|企业|机构|店名|商户|商家|供应商|经销商|开票名称|抬头|company|organi[sz]ation|"
        + _words(
            "(?:business|firm|trade|trading|legal|entity|org|vendor|supplier|merchant|facility|site|school|agency|institution|"
            f"provider|establishment|restaurant|store|shop|hotel|practice|club|charity|dba|program) {_NM}"
        )
        + "|^(?:firm|firma|vendor|supplier|merchant|facility|business|restaurant|hotel|school|empresa|soci[eé]t[eé]|azienda)$",
        "customer_name": "客户名|客户全称|客户简称|客户/名称|^客户$|^(?:customer|account|client)$|"
        + _words(f"(?:customer|account|client) {_NM}"),
        "employer": "工作单位|" + _words(f"employer(?: {_NM})?"),
        "name": "名称|(?<!user )(?<!host )(?<!domain )(?<!group )" + _words(f"{_NM}, nome"),
        # Dates and years
        "date_of_birth": "生日|出生|birth|"
        + _words(
            "dob, b day, d o b, born, geb datum, geburtsdatum, geboren,"
            "(?:date|fecha|data)(?: de| di)? (?:naissance|nacimiento|nascita)"
        )
        + "|^b[md]$",
        "birth_year": "出生年份?$|" + _words("birth (?:year|yr), year of birth, dob (?:year|yr), yob") + "|^by$",
        "age": "年龄|" + _words("ages?, age .*"),
        "lasting_date": "成立日期|成立时间|注册日期|"
        + _words("founded, established, incorporat.*, death(?: date)?, date of death, died, dod, deceased.*, registr.*"),
        "moment": "时间|日期|日$|" + _words("date.*, .* date, .* dt, since, .* at, time, day, month"),
        "year": "^年份?$|" + _words("year, yr"),
        # What is said of it
        "category": "(?:性别|民族|职业|职务|职位|岗位|部门|行业|类型|类别|分类|性质|级别|等级|国籍|品牌|学历|称谓|"
        "婚姻状况|婚姻状态)$|"
        + _words(
            "gender, sex, race, ethnic.*, occupation, profession, job(?: title)?, cuisine, .*type, kind, category, industry,"
            "class, genre, party.*, religion, marital.*, nationality, language, colou?r, brand, make, manufacturer, publisher,"
            "department, position, suffix, .* suffix, .* sufx.*, salutation, prefix, .* prefix, venue, level, tier, segment"
        ),
        "text": "产品|品名|主题|" + _words("titles?, authors?, journal, album, artist, song, product, book, track, subject"),
        "remarks": "备注|说明|" + _words("remarks?, comments?, notes?, memo"),
        "description": "描述|内容|简介|" + _words("description, desc, abstract, details"),
        "measure": "金额|单价|总额|价格|成交|合计|余额|万元|额度|资本|资金|数量|件数|台数|比例|折扣率|税率|%|\\(元\\)|"
        + _words(
            "amount, .*price, total, revenue, balance, turnover, salary, income, qty, quantity, percent, score, rating, votes,"
            "count, rank, lat, latitude, lon, lng, long, longitude, weight, height, credit limit"
        ),
        # How the record was kept
        "bookkeeping": "业务员|跟进人|客户经理|负责人|销售(?:员|代表)|受理人|归属|制表人|录入|创建|修改|更新|导入|同步|来源|"
        "(?<!婚姻)状态|"
        "是否|阶段|^is |^has |^entity$|^(?:account |record |lead )?owner$|"
        + _words(
            "sources?, src, data ?set, data ?source, file(?: ?name)?, batch.*, import(?:ed)?(?: .*)?, created?.*, creation.*,"
            "updated?.*, modified.*, inserted.*, loaded.*, last (?:seen|login|visit|contact).*, version, hash, checksum,"
            "cluster.*, truth, true .*, gold.*, is ?match, match, is ?dup.*, dup.*, split, fold, partition,"
            "(?<!marital\\s)status.*, account manager, sales ?(?:rep|person), confidence, time ?stamp"
        ),
        "label": _words("labels?, target"),
        "derived": "拼音|区号|助记码|" + _words("soundex.*, .*metaphone.*, phonetic.*, initials, area code, full text, search.*"),
    }
)
"""What a column may hold -> the headings that say so, as `spelled` writes them; those of semantic types have their names."""
