"""Coordinate search: parameters tuned one after the other along a few values."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from recsys.candidates.base import Model, Quality

AnyModel = TypeVar("AnyModel", bound=Model)
Grid = Mapping[str, Sequence[float]]
"""Values of parameters, ascending, in the order in which the parameters are searched."""


def tune_by_coordinate(model: AnyModel, grid: Grid, made: Callable[[dict[str, Any]], AnyModel], quality: Quality, until: float) -> AnyModel:
    """`model`, which is fitted, or the one of higher quality that is reached by changing a parameter at a time.

    `made` fits a model of other parameters. Quality is taken to have one maximum along each parameter, so a walk goes down from
    where it stands, and up when that does not pay, for as long as quality rises: few models are fitted. None is after `until`.
    """
    if time.perf_counter() >= until:
        return model
    best, score = model, quality(model)
    for name, values in grid.items():
        here = best.params()[name]
        for way in ([v for v in reversed(values) if v < here], [v for v in values if v > here]):
            reached, score = _best_in_direction(best, score, ({name: value} for value in way), made, quality, until)
            if reached is not best:
                best = reached
                break  # better on this side, so not on the other
    return best


def _best_in_direction(
    best: AnyModel,
    score: float,
    steps: Iterable[dict[str, float]],
    made: Callable[[dict[str, Any]], AnyModel],
    quality: Quality,
    until: float,
) -> tuple[AnyModel, float]:
    """The last model that ranks better than the one before it, and its quality; `best` where the first step does not pay."""
    for change in steps:
        if time.perf_counter() >= until:
            break
        model = made({**best.params(), **change})
        reached = quality(model)
        if reached <= score:
            break
        best, score = model, reached
    return best, score
