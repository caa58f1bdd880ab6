"""What can go wrong, as types a caller can tell apart. What exactly it is, is a fault with its values, see `recsys.faults`."""

from typing import Any

from recsys.faults import Fault, fault_sentence, fault_statement


class RecsysError(Exception):
    """Base of every error this library raises on purpose; `statement` can be stored and said in any language, `str` says it in English."""

    def __init__(self, fault: Fault, **values: Any) -> None:
        super().__init__(fault)
        self.statement = fault_statement(fault, **values)

    def __str__(self) -> str:
        return fault_sentence(self.statement)


class DataError(RecsysError):
    """The data given cannot be used; the fault says which row or column and why."""


class ArtifactError(RecsysError):
    """A stored model is missing, damaged, or of another format; it must not be served."""


class MisfitError(RecsysError, ValueError):
    """Parts of a model do not belong together; whoever opens the whole says which model it is."""


class NotFittedError(RecsysError):
    """A model was asked to score before it was fitted."""
