"""Customers of five countries."""

from datetime import timedelta
from random import Random

from sample_data.estate.companies import ABROAD, FIRST_DAY, Company
from sample_data.estate.numbers import Numbers
from sample_data.estate.people import sellers
from sample_data.estate.words import Trade

COUNTRIES = ("US", "GB", "DE", "JP", "SG")
ONSETS = (
    "Br Cal Dun El Fen Gar Hal Is Kest Lor Mer Nor Os Pel Quar Ros Sten Tal Ul Ver Wes Yar Zel Bal Corm Dray Hav Thorn".split()
)
MIDDLES = ("a", "e", "i", "o", "en", "or", "er", "in", "ar", "el")
ENDINGS = "vern dale mark ton wick stead holt gate ford berg lund ska row mont vale bridge combe tec dor nix".split()
TRADES = (
    Trade("Pumps", "Pumps", "pumps", "机械制造"),
    Trade("Instruments", "Instruments", "instruments", "仪器仪表"),
    Trade("Packaging", "Packaging", "packaging", "包装印刷"),
    Trade("Automation", "Automation", "automation", "自动化"),
    Trade("Filtration Systems", "Filtration", "filtration", "环保"),
    Trade("Food Machinery", "Food Machinery", "foodmachinery", "机械制造"),
    Trade("Textiles", "Textiles", "textiles", "纺织"),
    Trade("Plastics", "Plastics", "plastics", "塑料橡胶"),
    Trade("Logistics", "Logistics", "logistics", "物流"),
    Trade("Valves & Fittings", "Valves", "valves", "五金"),
)
FORMS = {
    "US": ("Inc.", "LLC", "Corp."),
    "GB": ("Ltd", "Limited", "PLC"),
    "DE": ("GmbH", "AG", "GmbH & Co. KG"),
    "JP": ("Co., Ltd.", "K.K."),
    "SG": ("Pte. Ltd.", "Pte Ltd"),
}
TOWNS = {
    "US": (("Toledo", "OH", "43604"), ("Tulsa", "OK", "74103"), ("Fresno", "CA", "93721"), ("Dayton", "OH", "45402")),
    "GB": (("Leeds", "West Yorkshire", "LS1 4AP"), ("Bristol", "", "BS1 5TR"), ("Derby", "Derbyshire", "DE1 2GU")),
    "DE": (("Bremen", "", "28195"), ("Kassel", "Hessen", "34117"), ("Ulm", "Baden-Württemberg", "89073")),
    "JP": (("Nagoya", "Aichi", "450-0002"), ("Sakai", "Osaka", "590-0078"), ("Hamamatsu", "Shizuoka", "430-0926")),
    "SG": (("Singapore", "", "609916"), ("Singapore", "", "159088"), ("Singapore", "", "408600")),
}
STREETS = {
    "US": "{n} Orchard Mill Road|{n} Foundry Avenue|{n} Lakeview Drive, Suite {m}",
    "GB": "Unit {m}, {n} Tannery Lane|{n} Weavers Row|{n} Canal Wharf",
    "DE": "Gerberstraße {n}|Am Alten Hafen {n}|Ziegeleiweg {n}",
    "JP": "{m}-{n} Sakuragaoka|{m}-{n} Nakamachi|{m}-{n} Minatodori",
    "SG": "{n} Tukang Crescent #0{m}-{n}|{n} Kallang Foundry Way|{n} Pandan Loop Lane",
}


class Trader:
    """Invents customers abroad; no two share a brand."""

    def __init__(self, numbers: Numbers, rng: Random) -> None:
        self._numbers, self._rng = numbers, rng
        self._seen: set[str] = set()

    def _brand(self) -> str:
        rng = self._rng
        for middles in (1, 1, 1, 2, 2, 3, 3, 4, 4, 5):
            brand = rng.choice(ONSETS) + "".join(rng.choices(MIDDLES, k=middles)) + rng.choice(ENDINGS)
            if brand not in self._seen:
                break
        self._seen.add(brand)
        return brand

    def found(self, number: int) -> Company:
        """Return a new customer abroad, the countries in turn."""
        rng = self._rng
        country = COUNTRIES[number % len(COUNTRIES)]
        brand, trade = self._brand(), rng.choice(TRADES)
        town, _, postcode = rng.choice(TOWNS[country])
        line = rng.choice(STREETS[country].split("|")).format(n=rng.randint(2, 240), m=rng.randint(1, 9))
        return Company(
            id=f"C{number:06d}",
            brand=brand,
            sound=brand.lower(),
            trade=trade,
            form=rng.choice(FORMS[country]),
            pattern="{brand} {trade} {form}",
            city=ABROAD,
            town=town,
            country=country,
            line=line,
            postcode=postcode,
            landline=self._numbers.abroad(country),
            credit_code="",
            domain=f"{brand.lower()}-{trade.sound}.example",
            owner=rng.choice(sellers("abroad")).name,
            since=FIRST_DAY + timedelta(days=rng.randint(0, 3_300)),
        )


def state(company: Company) -> str:
    """Return the state or county of a town abroad."""
    return next((region for town, region, _ in TOWNS[company.country] if town == company.town), "")
