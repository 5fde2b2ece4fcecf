"""Which city and province a place in a name, a city field or an address stands for."""

from crmetl.clean.divisions import locate


def city_of(text: str) -> str:
    """
    Return the official city, or "" where the text tells none; a foreign place stands for itself.

    >>> city_of("上海"), city_of("江苏"), city_of("江苏苏州"), city_of("leeds"), city_of("")
    ('上海市', '', '苏州市', 'leeds', '')
    """
    found = locate(text)
    return found.city or ("" if found.province or found.candidates else text)


def province_of(text: str) -> str:
    """
    Return the official province, or "".

    >>> province_of("苏州"), province_of("leeds")
    ('江苏省', '')
    """
    return locate(text).province
