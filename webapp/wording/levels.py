"""Levels of courses and learners in words."""

from collections.abc import Mapping

from webapp.models.course import Level
from webapp.support.messages import N_, gettext

_NAMES: Mapping[Level, str] = {
    Level.BEGINNER: N_("Beginner"),
    Level.INTERMEDIATE: N_("Intermediate"),
    Level.ADVANCED: N_("Advanced"),
}


def level_name(level: str) -> str:
    """The name of a level. Raises ValueError for what is none."""
    return gettext(_NAMES[Level(level)])
