"""Promotion and rollback of the serving model. The file beside the models is the only truth; every worker notices it within a second."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from recsys.errors import ArtifactError
from recsys.faults import Fault
from recsys.gate.codes import GateCode
from recsys.registry.promotion import SERVING_FILE, Promotion, promote, read_promotions, roll_back
from recsys.registry.store import directories
from recsys.types import Statement
from webapp.recommender.serving.serving_model import Refused, live_model


class ModelUnusable(Exception):
    """The model asked for cannot serve; `reason` says why, for those who know models."""

    def __init__(self, reason: Statement) -> None:
        super().__init__(reason.code)
        self.reason = reason


class NotDecided(Exception):
    """Which model serves can be neither read nor written; `reason` says why, for those who know models."""

    def __init__(self, reason: Statement) -> None:
        super().__init__(reason.code)
        self.reason = reason


class AnotherModelServes(Exception):
    """The model that was to be taken back does not serve any more."""


class NoEarlierModel(Exception):
    """No model that served before is left to go back to."""


def promote_version(version: str, why: str, by: str, write_down: Callable[[str], None]) -> None:
    """The model of this name serves from now on, once `write_down` has noted that. Raises ModelUnusable when it is gone or damaged."""
    live = live_model()
    try:
        promote(live.models_dir, version, why, by, _require_servable, _by_hand_reason_unless_stated(why), write_down)
    except ArtifactError as error:
        raise ModelUnusable(error.statement) from error
    live.check_on_next_call()


def roll_back_version(why: str, by: str, write_down: Callable[[str], None], only_from: str | None = None) -> str:
    """The model that served before serves again, once `write_down` has noted that; its name. Raises AnotherModelServes where that would
    take back another model than `only_from`, NoEarlierModel, and NotDecided where the file that says who serves cannot be used."""
    live = live_model()
    try:
        step = roll_back(live.models_dir, why, by, _require_servable, _by_hand_reason_unless_stated(why), only_from, write_down)
    except ArtifactError as error:
        if error.statement.code == Fault.ANOTHER_MODEL_SERVES.code:
            raise AnotherModelServes from error
        if error.statement.code in (Fault.NO_EARLIER_MODEL.code, Fault.NOT_A_MODELS_FOLDER.code):
            raise NoEarlierModel from error
        raise NotDecided(error.statement) from error
    live.check_on_next_call()
    return step.name


def promotion_in_force() -> Promotion | None:
    """What the file says of the model that is to serve; None where nobody decided, or the file cannot be read."""
    try:
        return read_promotions(live_model().models_dir).current
    except ArtifactError:
        return None


def _by_hand_reason_unless_stated(why: str) -> list[dict[str, Any]]:
    """That it was decided by hand stands for a reason where none was given."""
    return [] if why else [Statement(GateCode.BY_HAND).to_json()]


def stored_versions() -> frozenset[str]:
    """Names of the models whose files are still there."""
    return frozenset(directory.name for directory in directories(live_model().models_dir))


def is_refused_model(refused: Refused) -> bool:
    """Whether a model was refused, and not the file that says which one serves."""
    return refused.version != SERVING_FILE


def _require_servable(directory: Path) -> None:
    """Raise ArtifactError where the model in `directory` cannot serve."""
    # Loaded late: it brings SciPy and Numba, which commands do not need.
    from recsys.serving.bundle import Bundle  # noqa: PLC0415

    Bundle.open(directory)
