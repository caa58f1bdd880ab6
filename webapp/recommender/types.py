"""Types of recsys that others may use: of what a recommendation and a chance to finish are made."""

from typing import TYPE_CHECKING

from recsys.explain.reasons import is_understandable
from recsys.types import LEVELS, Basis, FinishReasonKind, Reason, ReasonKind, Recommendation

if TYPE_CHECKING:  # it brings SciPy
    from recsys.serving.completion import FinishPart

__all__ = [
    "LEVELS",
    "Basis",
    "FinishPart",
    "FinishReasonKind",
    "Reason",
    "ReasonKind",
    "Recommendation",
    "is_understandable",
]
