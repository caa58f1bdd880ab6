"""Types of recsys that others may use: of what a recommendation and a chance to finish are made, and what is wrong where there is none."""

from typing import TYPE_CHECKING

from recsys.explain.reason_order import is_understandable
from recsys.types import LEVELS, Basis, FinishReasonKind, Reason, ReasonKind, Recommendation, Statement

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
    "Statement",
    "is_understandable",
]
