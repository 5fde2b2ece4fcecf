"""Invented telephone numbers and credit codes: the right shape, nobody's."""

from random import Random

MOBILE = (
    "130 131 132 133 134 135 136 137 138 139 150 151 152 153 155 156 157 158 159 166 173 176 177 178 180 181 182 183 185 186 "
    "187 188 189 191 198 199"
).split()
CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ABROAD = {
    "US": ("+1 212 555", "+1 312 555", "+1 415 555", "+1 216 555", "+1 713 555", "+1 503 555"),
    "GB": ("+44 113 496", "+44 114 496", "+44 121 496", "+44 131 496", "+44 161 496", "+44 20 7946"),
    "DE": ("+49 30 23125", "+49 40 66969", "+49 69 90009", "+49 89 99998"),
    "JP": ("+81 3 5550", "+81 6 5550"),
    "SG": ("+65 6555", "+65 6535"),
}
"""Beginnings of numbers kept for fiction (US 555, Ofcom's and BNetzA's drama numbers), or unlikely to be anybody's."""
TAIL = {"US": 4, "GB": 4, "DE": 3, "JP": 4, "SG": 4}


class Numbers:
    """
    Gives every number once.

    555 after the prefix marks a number as invented, as in films. An estate of many thousands takes a single 5, or numbers
    would stand so close that a typing error would often hit another customer, which it does not in life.
    """

    def __init__(self, size: int, rng: Random) -> None:
        self._mark = "555" if size <= 2_000 else "5"
        self._rng = rng
        self._given: set[str] = set()

    def _once(self, head: str, digits: int) -> str:
        while True:
            number = head + "".join(self._rng.choices("0123456789", k=digits))
            if number not in self._given:
                self._given.add(number)
                return number

    def mobile(self) -> str:
        """Return eleven digits."""
        return self._once(self._rng.choice(MOBILE) + self._mark, 8 - len(self._mark))

    def landline(self, area_code: str, digits: int) -> str:
        """Return `0571-55512345`."""
        return self._once(f"{area_code}-{self._mark}", digits - len(self._mark))

    def abroad(self, country: str) -> str:
        """Return `+44 113 496 0123`; numbers kept for fiction are few, so large estates lengthen them."""
        tail = TAIL[country] if self._mark == "555" else TAIL[country] + (country == "DE") * 3
        head = self._rng.choice(ABROAD[country]) + (" " if country != "DE" else "")
        if country == "GB" and self._mark == "555":
            return self._once(head + "0", 3)
        return self._once(head, tail)

    def credit_code(self, division: str) -> str:
        """Return a unified social credit code with a right check character (GB 32100-2015)."""
        return self._checked("91" + division + "00" + "".join(self._rng.choices("0123456789ABCDEFGH", k=9)))

    def _checked(self, head: str) -> str:
        total = sum(CODE.index(sign) * pow(3, place, 31) for place, sign in enumerate(head))
        code = head + CODE[-total % 31]
        if code in self._given:
            return self._checked(head[:8] + "".join(self._rng.choices(CODE[:18], k=9)))
        self._given.add(code)
        return code
