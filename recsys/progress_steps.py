"""Progress steps of a long run, as codes with parameters; whoever shows one chooses the words (`recsys.report.sentences`)."""

from collections.abc import Callable
from enum import StrEnum

from recsys.types import Statement


class StepCode(StrEnum):
    """Steps of long runs, as codes."""

    # Training.
    CHECKING_DATA = "checking_data"
    MEASURING = "measuring"
    NOT_MEASURING = "not_measuring"
    FITTING = "fitting"
    LEARNING_COMPLETION = "learning_completion"
    WRITING = "writing"
    DONE = "done"
    HELD_BACK = "held_back"  # done; the model does not serve
    # Measuring.
    RANKING = "ranking"  # `model` is fitted and ranks
    MODELS_MEASURED = "models_measured"
    FITTING_PARTS = "fitting_parts"  # what features are left out of
    ABLATING = "ablating"  # `sub_progress` is left out
    ABLATION_MEASURED = "ablation_measured"
    FITTING_AGEING = "fitting_ageing"  # the model that grows old
    AGEING_WINDOW = "ageing_window"  # `window` of `windows`
    AGEING_POSITION = "ageing_position"  # trained `age` courses before the last
    AGEING_MEASURED = "ageing_measured"
    FITTING_FACTORS = "fitting_factors"
    PREDICTING_RATINGS = "predicting_ratings"  # by `predictor`
    PREDICTING_COMPLETION = "predicting_completion"  # by `predictor`
    # Recommending for everybody.
    RECOMMENDED = "recommended"  # to `done` of `learners`


Progress = Callable[[float, Statement], None]
"""Hears the share done, 0 to 1, and what is done now: a StepCode with its parameters."""


def no_progress(_share: float, _step: Statement) -> None:
    """Progress for callers that want none."""


def sub_progress(progress: Progress, start: float, end: float) -> Progress:
    """Progress of a step that takes the run from `start` to `end`."""
    return lambda share, step: progress(start + (end - start) * share, step)
