"""All semantic types by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crmetl.clean.choice import BOOLEAN, CHOICE, LANGUAGE, OWNER
from crmetl.clean.company import COMPANY_NAME
from crmetl.clean.countries import COUNTRY
from crmetl.clean.currency import CURRENCY
from crmetl.clean.dates import DATE, DATE_OF_BIRTH, DATETIME
from crmetl.clean.email import EMAIL
from crmetl.clean.identity import TAX_ID, USCC
from crmetl.clean.kind import SemanticType
from crmetl.clean.numbers import MONEY, PERCENT, QUANTITY
from crmetl.clean.person import FAMILY_NAME, GIVEN_NAME, PERSON_NAME
from crmetl.clean.phone import MOBILE, PHONE
from crmetl.clean.place import ADDRESS, CITY, POSTCODE, REGION
from crmetl.clean.prose import ID_CODE, LONG_TEXT, REFERENCE, TEXT, URL

TYPES: Final[Mapping[str, SemanticType]] = MappingProxyType(
    {
        one.name: one
        for one in (
            COMPANY_NAME, PERSON_NAME, GIVEN_NAME, FAMILY_NAME, PHONE, MOBILE, EMAIL, ADDRESS, REGION, CITY, POSTCODE,
            DATE_OF_BIRTH, DATE, DATETIME, MONEY, QUANTITY, PERCENT, USCC, TAX_ID, ID_CODE, URL, COUNTRY, CURRENCY,
            LANGUAGE, CHOICE, TEXT, LONG_TEXT, BOOLEAN, REFERENCE, OWNER,
        )
    }
)  # fmt: skip
"""Name of a semantic type -> all that is known of it; covers `SEMANTIC_NAMES`."""
