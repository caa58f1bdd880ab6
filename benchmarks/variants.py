"""What was tried against what is: other bounds of the blend's weights, other regularizations of EASE.

    python -m benchmarks.variants --data mars-en|ibm-capstone|mooccubex|FILE [--items FILE] [--learners 5000] [--validation] [--json OUT]

The blend's sources are tuned once, as its fit does. `weights` rows learn its weights anew from the same choices: held positive, or
positive for all but what is popular. `EASE` rows put another EASE in, tuned on the same held-out courses, alone and in the blend:

    popularity  a penalty of λ (n / mean n)^γ for a course that n learners took
    edlae       Steck, Autoencoders that don't overfit towards the identity (NeurIPS 2020): β n is added to the penalty
    columns     courses scaled by n^(-γ) before solving, weights scaled back
    side        without what is written about courses, which the search may have found worth reading

Differences are paired, against what is. `--validation` holds the courses to measure on out of the training part: decide there.
"""

import argparse
import copy
import time
from collections.abc import Iterator
from typing import Any, cast
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.datasets import add_arguments, asked_source, describe, validation_split
from benchmarks.figures import beside, write_json
from recsys.candidates import MODELS
from recsys.candidates.coordinate_search import tune_by_coordinate
from recsys.candidates.ease import PENALTIES, EaseModel
from recsys.candidates.item_item_base import Dense, gram
from recsys.data.dataset import Dataset
from recsys.data.splits import Split
from recsys.evaluation.full_ranking import FullRanking
from recsys.evaluation.metrics import PerUser, accuracy
from recsys.ranking.blend import COMMON, HybridModel
from recsys.ranking.signals import SHAPES
from recsys.ranking.softmax import Choices, fit_weights
from recsys.ranking.tuning import ndcg_of, validation_folds

K = 10
STRENGTHS = {"popularity": (0.0, 0.25, 0.5, 1.0), "edlae": (0.0, 0.1, 0.3, 1.0), "columns": (0.0, 0.1, 0.2, 0.35)}
KINDS = ("weights", "side", *STRENGTHS)


class OtherEase(EaseModel):
    """EASE with another regularization, `kind`; as it is where `strength` is 0."""

    def __init__(self, kind: str, strength: float = 0.0, penalty: float = 100.0, power: float = 0.8, side: float = 0.0) -> None:
        super().__init__(penalty, power, side)
        self.kind = kind
        self.strength = strength

    def fit_from_gram(self, normal: Dense, alike: Dense | None = None) -> "OtherEase":
        """See EaseModel."""
        whole = normal.copy() if alike is None else normal + np.float32(self.side) * alike
        counts = np.maximum(np.diag(normal), 1)
        scale = np.ones_like(counts)
        if self.kind == "popularity":
            whole[np.diag_indices(len(whole))] += self.penalty * ((counts / counts.mean()) ** self.strength - 1)
        elif self.kind == "edlae":
            whole[np.diag_indices(len(whole))] += self.strength * counts
        else:
            scale = counts**-self.strength
            scale /= np.sqrt((counts * scale**2).mean() / counts.mean())
            whole *= scale[:, None] * scale
        super().fit_from_gram(whole)
        self.alike = alike
        self.weights_ = self.weights_ * scale[:, None] / scale
        return self

    def refit(self, dataset: Dataset, pairs: Dense | None = None) -> "OtherEase":
        """See EaseModel."""
        return OtherEase(**self.params()).fit_from_gram(gram(dataset.histories.matrix()) if pairs is None else pairs, self.alike)

    def params(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"kind": self.kind, "strength": self.strength, **super().params()}


def other_eases(plain: EaseModel, fold: Split, kinds: tuple[str, ...]) -> Iterator[tuple[str, EaseModel]]:
    """What stands in for the EASE that was found, by name."""
    if "side" in kinds:
        yield "no side information", EaseModel(**{**plain.params(), "side": 0.0})
    for kind in (kind for kind in STRENGTHS if kind in kinds):
        yield kind, _tuned(kind, plain, fold)


def _tuned(kind: str, plain: EaseModel, fold: Split) -> OtherEase:
    """The best of a kind on held-out courses: as EASE is tuned, then strength and penalty in turns."""
    normal = gram(fold.train.histories.matrix())

    def made(params: dict[str, Any]) -> OtherEase:
        return OtherEase(**params).fit_from_gram(normal, plain.alike)

    best, grid = made({"kind": kind, **plain.params()}), {"strength": STRENGTHS[kind], "penalty": PENALTIES}
    for _ in range(2):
        best = tune_by_coordinate(best, grid, made, lambda model: ndcg_of(model, fold), np.inf)
    return best


def bounds(blend: HybridModel) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Least weights by name, for each feature of the choices."""
    shape = (len(blend.signals), len(SHAPES), 2)
    common = np.array([signal.source in COMMON for signal in blend.signals])[:, None, None]
    yield "positive", np.zeros(shape).ravel()
    yield "positive but for popularity", np.broadcast_to(np.where(common, -np.inf, 0.0), shape).ravel()


def measured(model: Any, split: Split) -> PerUser:
    """NDCG of every test learner."""
    ranking = FullRanking(model).rank(split.train.histories.select(split.test_rows), K)
    return accuracy(ranking, split.test, K, split.unknown).ndcg


def compare(split: Split, seed: int, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    """A row for each variant, the first of each group what is."""
    blend = HybridModel(seed=seed).fit(split.train)
    folds = validation_folds(split.train, blend.sample, seed)
    full = measured(blend, split)
    rows = [_row("weights", "free, as is", full, full, seed)]
    if "weights" in kinds:
        choices = Choices.join([blend.choices(blend.sources_, fold) for fold in folds])
        for name, least in bounds(blend):
            other = copy.copy(blend)
            other.weights_ = fit_weights(choices, blend.penalty_ or 0.0, least).reshape(blend.weights_.shape)
            rows.append(_row("weights", name, measured(other, split), full, seed))
    plain = cast(EaseModel, blend.sources_["ease"])
    alone = measured(plain, split)
    rows.append(_row("EASE alone", "as is", alone, alone, seed, plain.params()))
    for name, ease in other_eases(plain, folds[0], kinds):
        rows.append(_row("EASE alone", name, measured(ease.refit(split.train), split), alone, seed, ease.params()))
        with patch.dict(MODELS, ease=type(ease)):
            other = HybridModel(seed=seed, tuned={**blend.tuned_parameters(), "ease": ease.params()}).fit(split.train)
        rows.append(_row("EASE in the blend", name, measured(other, split), full, seed, ease.params()))
    return rows


def _row(group: str, name: str, found: PerUser, against: PerUser, seed: int, params: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"group": group, "variant": name, **beside(found, against, seed), **({"params": params} if params else {})}


def table(rows: list[dict[str, Any]]) -> str:
    """For a terminal."""
    lines = [f"{'':<48}{'NDCG@10':>9}{'difference':>12}{'95 %':>20}"]
    for row in rows:
        low, high = row["difference_ci"]
        told = " ".join(f"{name}={value}" for name, value in row.get("params", {}).items() if name != "kind")
        name = f"{row['group']}, {row['variant']}"
        lines.append(f"{name:<48}{row['ndcg']:>9.4f}{row['difference']:>+12.4f}{f'{low:+.4f} to {high:+.4f}':>20}  {told}".rstrip())
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.variants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--sample", type=int, help="of that many learners, drawn once")
    parser.add_argument("--validation", action="store_true", help="measure on courses held out of the training part")
    parser.add_argument("--only", default=",".join(KINDS), help="some of %(default)s")
    options = parser.parse_args()
    kinds = tuple(options.only.split(","))
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        parser.error(f"--only: {', '.join(unknown)} is none of {', '.join(KINDS)}")
    source = asked_source(options, options.sample)
    split = source.split(options.seed)
    split = (validation_split(split.train, options.seed) if options.validation else split).sampled(options.learners, options.seed)
    started = time.perf_counter()
    rows = compare(split, options.seed, kinds)
    print(f"{source.name}, {len(split.test_rows)} learners, {time.perf_counter() - started:.0f} s\n{table(rows)}")
    if options.json:
        found = {"data": describe(source.name, split, K, options.seed, source.how), "variants": rows}
        write_json(options.json, found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
