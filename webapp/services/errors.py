"""Refusals of services; the web layer turns each into an answer."""


class ServiceError(Exception):
    """Base of refusals; the text is meant for people."""


class NotFound(ServiceError):
    """There is no such thing, or the actor may not know of it."""


class Invalid(ServiceError):
    """The data given do not fit; `field` names which."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Conflict(ServiceError):
    """Somebody else changed it meanwhile, or it stands in a state that forbids this."""
