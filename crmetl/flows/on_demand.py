"""A mapping whose values are made when they are asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class OnDemand(Mapping[str, T]):
    """Name -> value, made anew each time it is asked for, so that nobody holds all of them."""

    def __init__(self, names: Sequence[str], make: Callable[[str], T]) -> None:
        self._names, self._make = tuple(names), make

    def __getitem__(self, name: str) -> T:
        """Make a value."""
        if name not in self._names:
            raise KeyError(name)
        return self._make(name)

    def __contains__(self, name: object) -> bool:
        """Say whether there is a value, without making it."""
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """Name the values."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self._names)
