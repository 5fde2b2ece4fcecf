"""
The semantic types, the cleaning rules, and the stage that applies them.

For the rooms above, which never need to know what a phone is:

- `TYPES[field.type]` is the `SemanticType` of a field. All its questions take and give text.
  - `parse(raw, context)` -> `Cleaned` (canonical `value`, None where the cell said nothing; `rules` that changed it; `also`:
    what the cell tells of other fields; `notes`), or the `Fault` that says why it cannot be read. A canonical value reads as
    itself.
  - `normal(value)`: form for comparison; equal forms mean the same thing (`苏州` = `苏州市`, `張偉先生` = `张伟`, E.164 without
    its extension).
  - `keys(value)`: forms to find it again by, the most telling first. Company: whole name; region|brand|trade|branch;
    brand|trade|branch. Person: name; sound. E-mail: address; `@domain` unless anybody may have it. Mobile: number;
    `139****5678`. Credit code: code; organisation. Address: whole; road|number|city. Url: domain.
  - `mask(value)`: what a report may show. `split(raw)`: the cells in a cell. `personal`: masked unless the field says otherwise.
  - `facts(value)`: phone `kind` (mobile, landline, switchboard, foreign, masked), `area`, `city`, `ext`, `country`; e-mail
    `domain`, `role`, `free`; person `surname`, `given`, `title`; company `region`, `brand`, `trade`, `form`, `branch`; address
    `region`, `city`, `county`, `road`, `number`; city `region`, `city`, `county`; uscc `organisation`, `province`, `city`;
    url `domain`; country `zh`, `en`.
  - `looks_like(raw)`: whether a cell could be of this type. `recognise_share(type, values)` is the share that could.
- `company_parts(name, city)` -> `CompanyParts(region, brand, trade, form, branch, english)` with `.sound`; remembered, so call
  it freely.
- `pinyin(text)`, `fold(text)`: sound, and simplified characters, for keys of your own.
- `choices_of(table)`: a code table as `Context.choices` wants it.
- `hide_residents(text)`: no report shows a resident identity number, whatever its field.
- `RULES` and `STAGE_RULES`: what each name in the column `rule` of changes means. `SAFETY`: which of them may be written
  without a person; `trusted(rules, before, after, safe=…)` holds a single change against that.
- `clean(batch, rules=clean_rules(project, entity, source))` is the stage; `clean_one(record, rules)` its twin for one record.

A context is only needed for reading raw cells; canonical values parse in the plain one, but for choices and owners.
"""

from crmetl.clean.catalogue import RULES, Rule
from crmetl.clean.choice import choices_of
from crmetl.clean.company import CompanyParts, company_parts
from crmetl.clean.identity import hide_residents
from crmetl.clean.kind import PLAIN, Cleaned, Context, SemanticType, recognise_share
from crmetl.clean.one import CleanedOne, clean_one
from crmetl.clean.registry import TYPES
from crmetl.clean.rules import CleanRules, clean_rules
from crmetl.clean.safety import SAFE_RULES, SAFETY, Safety, trusted
from crmetl.clean.script import fold, pinyin
from crmetl.clean.stage import STAGE_RULES, clean

__all__ = [
    "PLAIN",
    "RULES",
    "SAFETY",
    "SAFE_RULES",
    "STAGE_RULES",
    "TYPES",
    "CleanRules",
    "Cleaned",
    "CleanedOne",
    "CompanyParts",
    "Context",
    "Rule",
    "Safety",
    "SemanticType",
    "choices_of",
    "clean",
    "clean_one",
    "clean_rules",
    "company_parts",
    "fold",
    "hide_residents",
    "pinyin",
    "recognise_share",
    "trusted",
]
