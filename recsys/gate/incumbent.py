"""The incumbent: the model that serves, as far as a trial needs it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recsys.completion.model import FinishModel
from recsys.ranking.blend import HybridModel
from recsys.registry.store import Artifact

NDCG_FILE = "ndcg.npy"  # one value per learner of the sample, in the order of the split: no ids
CHANCES_FILE = "chances.npy"  # what was stated of each scored attempt, by time: no ids
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Incumbent:
    """The model that serves: its artifact and, where this code can still read them, its blend and its chance to finish."""

    artifact: Artifact
    model: HybridModel | None
    item_ids: tuple[str, ...] = ()
    completion: FinishModel | None = None

    @property
    def ndcg(self) -> Floats | None:
        """NDCG per learner of its own trial; None where it was not kept."""
        return _load_array(self.artifact.directory / NDCG_FILE)

    @property
    def stated_chances(self) -> Floats | None:
        """Its stated chances of the attempts it was scored on; None where they were not kept."""
        return _load_array(self.artifact.directory / CHANCES_FILE)


def _load_array(path: Path) -> Floats | None:
    try:
        return np.asarray(np.load(path, allow_pickle=False), np.float64)
    except (OSError, ValueError):
        return None
