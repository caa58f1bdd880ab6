"""What can go wrong, as types a caller can tell apart."""


class RecsysError(Exception):
    """Base of every error this library raises on purpose."""


class DataError(RecsysError):
    """The data given cannot be used; the message says which row or column and why."""


class ArtifactError(RecsysError):
    """A stored model is missing, damaged, or of another format; it must not be served."""


class NotFittedError(RecsysError):
    """A model was asked to score before it was fitted."""
