"""The match model: weights, frequencies and cut, readable, fingerprinted and pinned in a project."""

import hashlib
import io
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from crmetl.errors import ProjectError
from crmetl.text import Text

Mbit = npt.NDArray[np.int64]

PSEUDO = 1_000
"""Records of the declared frequencies that stand beside the measured ones, so that small batches lean on the declared."""


def prints_of(texts: npt.NDArray[np.object_]) -> list[str]:
    """
    Return a 16-digit print of each text, so that a pinned model names no customer.

    >>> prints_of(np.array(["恒通"], dtype=object))
    ['18c16b7d26d1f551']
    """
    return [f"{one:016x}" for one in _printed(texts).tolist()]


def _printed(texts: npt.NDArray[np.object_]) -> npt.NDArray[np.uint64]:
    out: npt.NDArray[np.uint64] = pd.util.hash_array(texts, hash_key="crmetl-frequency", categorize=False)
    return out


@dataclass(frozen=True)
class Frequency:
    """
    What frequency does to the weight of one counted level.

    Attributes:
        rest: 1/1000 bit added for every value that is not in `values`.
        values: Print of the value in common -> 1/1000 bit added for it (negative: frequent, or held under several names).
    """

    rest: int = 0
    values: Mapping[str, int] = field(default_factory=dict)

    def of(self, texts: npt.NDArray[np.object_]) -> Mbit:
        """Return what each text adds, in 1/1000 bit."""
        if not self.values:
            return np.full(len(texts), self.rest, dtype=np.int64)
        if len(texts) < len(self.values):
            return np.array([self.values.get(one, self.rest) for one in prints_of(texts)], dtype=np.int64)
        prints = np.array([int(one, 16) for one in self.values], dtype=np.uint64)
        order, mine = np.argsort(prints), _printed(texts)
        at = order[np.minimum(np.searchsorted(prints, mine, sorter=order), len(prints) - 1)]
        return np.where(prints[at] == mine, np.array(list(self.values.values()), dtype=np.int64)[at], self.rest)


@dataclass(frozen=True)
class KindOfPairs:
    """
    Pairs of one further kind, against strangers.

    Attributes:
        prior: Log2 of how many there are for each pair of strangers, in 1/1000 bit.
        weights: Comparison -> level -> 1/1000 bit; a comparison that is not here compares as among strangers. `missing` is what
            a pair without the field is worth, 0 where it is not told.
        tied: Comparisons that compare as among matches.
        same: Pairs of this kind are one.
    """

    prior: int
    weights: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tied: tuple[str, ...] = ()
    same: bool = False

    def tree(self) -> dict[str, Any]:
        """Return it as a model's YAML has it, in bits."""
        return {
            "prior": self.prior / 1000,
            "weights": {name: _bits(one) for name, one in sorted(self.weights.items())},
            **({"tied": list(self.tied)} if self.tied else {}),
            **({"same": True} if self.same else {}),
        }

    @classmethod
    def of_tree(cls, tree: Mapping[str, Any]) -> "KindOfPairs":
        """Read what `tree` gave."""
        weights = {name: _mbits(one) for name, one in tree["weights"].items()}
        return cls(_mbit(tree["prior"]), weights, tuple(tree.get("tied", ())), same=bool(tree.get("same", False)))


@dataclass(frozen=True)
class Model:
    """
    Everything a score needs beside the two records.

    Attributes:
        entity: Entity it was made for.
        prior: Log2 odds that two compared records are one, in 1/1000 bit.
        cut, review: Merge at or above `cut`, ask a person at or above `review`; 1/1000 bit.
        weights: Comparison -> level -> 1/1000 bit; a level that is not here has its declared weight. `level|context` is the
            level's weight where another field of the pair tells of this one; frequencies then add nothing.
        kinds: Further kinds of pairs, look-alikes and matches alike -> what their pairs show.
        learnt: Weights of all levels are learnt from records, contradictions among them.
        blocking: Blocking rules chosen by measurement, each the names of its keys; empty: those that are declared.
        frequencies: Comparison -> counted level -> Frequency.
        told: How it came about: records, pairs, rounds, converged (`yes`, `no`), untrained levels.
    """

    entity: str
    prior: int = -10_000
    cut: int = 0
    review: int = -4_000
    weights: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    frequencies: Mapping[str, Mapping[str, Frequency]] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, KindOfPairs] = field(default_factory=dict)
    blocking: tuple[tuple[str, ...], ...] = ()
    learnt: bool = False

    def frequency(self, comparison: str, level: str) -> Frequency:
        """Return the frequency adjustment of a level; none where nothing was measured."""
        return self.frequencies.get(comparison, {}).get(level, Frequency())

    @property
    def prior_of_one(self) -> int:
        """Return the log2 odds that two compared records are one, whatever the kind of the match; 1/1000 bit."""
        matches = [self.prior, *(one.prior for one in self.kinds.values() if one.same)]
        return round(1000 * math.log2(sum(2 ** (one / 1000) for one in matches)))

    @cached_property
    def fingerprint(self) -> str:
        """The sha256 of its content, whatever the order of its keys."""
        frequencies = {
            name: {level: [one.rest, dict(one.values)] for level, one in levels.items()}
            for name, levels in self.frequencies.items()
        }
        weights = {name: dict(one) for name, one in self.weights.items()}
        kinds = {name: asdict(one) for name, one in self.kinds.items()}
        content = [self.entity, self.prior, self.cut, self.review, weights, frequencies, dict(self.told)]
        if self.learnt:
            content += [kinds, self.blocking]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def to_yaml(self) -> str:
        """
        Return the model as YAML, in bits with three decimals, keys in order.

        >>> print(Model("account", weights={"phone": {"same": 18932}}).to_yaml())
        entity: account
        prior: -10.0
        cut: 0.0
        review: -4.0
        weights:
          phone: {same: 18.932}
        frequencies: {}
        told: {}
        <BLANKLINE>
        """
        tree = {
            "entity": self.entity,
            "prior": self.prior / 1000,
            "cut": self.cut / 1000,
            "review": self.review / 1000,
            "weights": {name: _bits(one) for name, one in sorted(self.weights.items())},
            "frequencies": {
                name: {level: {"rest": one.rest / 1000, "values": _bits(one.values)} for level, one in sorted(levels.items())}
                for name, levels in sorted(self.frequencies.items())
            },
            **({"learnt": True} if self.learnt else {}),
            **({"kinds": {name: one.tree() for name, one in sorted(self.kinds.items())}} if self.kinds else {}),
            **({"blocking": ["+".join(one) for one in self.blocking]} if self.blocking else {}),
            "told": dict(sorted(self.told.items())),
        }
        out = io.StringIO()
        _yaml().dump(tree, out)
        return out.getvalue()

    def to_json(self) -> str:
        """Return the model as JSON in 1/1000 bit: for programs, which read it a hundred times faster than YAML."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Model":
        """
        Read a model that `to_json` wrote, this version's or one from before kinds of pairs were learnt.

        >>> model = Model("account", frequencies={"phone": {"same": Frequency(0, {"18c16b7d26d1f551": -3000})}})
        >>> Model.from_json(model.to_json()) == model
        True
        """
        tree = json.loads(text)
        told = {
            name: {level: Frequency(**one) for level, one in levels.items()} for name, levels in tree.pop("frequencies").items()
        }
        kinds = {name: KindOfPairs(**{**one, "tied": tuple(one["tied"])}) for name, one in tree.pop("kinds", {}).items()}
        blocking = tuple(tuple(one) for one in tree.pop("blocking", []))
        return cls(frequencies=told, kinds=kinds, blocking=blocking, **tree)

    @classmethod
    def from_yaml(cls, text: str, *, where: str | None = None) -> "Model":
        """
        Read a model that `to_yaml` wrote.

        Raises:
            ProjectError: It is no YAML, or lacks a part or has an unknown one.
        """
        try:
            tree = _yaml().load(text)
            return cls(
                entity=str(tree["entity"]),
                prior=_mbit(tree["prior"]),
                cut=_mbit(tree["cut"]),
                review=_mbit(tree["review"]),
                weights={name: _mbits(one) for name, one in tree["weights"].items()},
                frequencies={
                    name: {level: Frequency(_mbit(f["rest"]), _mbits(f["values"])) for level, f in levels.items()}
                    for name, levels in tree["frequencies"].items()
                },
                kinds={name: KindOfPairs.of_tree(one) for name, one in tree.get("kinds", {}).items()},
                learnt=bool(tree.get("learnt", False)),
                blocking=tuple(tuple(one.split("+")) for one in tree.get("blocking", [])),
                told={name: str(one) for name, one in tree["told"].items()},
            )
        except (YAMLError, KeyError, TypeError, ValueError, AttributeError) as wrong:
            raise ProjectError(
                Text("匹配模型无法读取", "the match model cannot be read"),
                where=where,
                next=Text("用 crmetl train 重新生成", "make it anew with crmetl train"),
            ) from wrong


def _yaml() -> YAML:
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False
    yaml.allow_unicode = True
    yaml.width = 10_000
    return cast("YAML", yaml)


def _bits(weights: Mapping[str, int]) -> dict[str, float]:
    return {name: one / 1000 for name, one in sorted(weights.items())}


def _mbit(bits: float) -> int:
    return round(float(bits) * 1000)


def _mbits(bits: Mapping[str, float]) -> dict[str, int]:
    return {str(name): _mbit(one) for name, one in bits.items()}
