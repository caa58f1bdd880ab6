"""Topics, tags and skills by name, made when a file brings new ones."""

from collections.abc import Callable, Iterable
from typing import Any

from slugify import slugify
from sqlalchemy import func, select

from webapp.extensions import db
from webapp.importing.bulk import ids_by, insert_new
from webapp.models import Skill, Tag, Topic

_HUE_STEP = 47  # degrees: neighbors in the list get colors far apart
_LONGEST = 80


class _Words:
    """Rows of one vocabulary table by slug. In a dry run missing ones get negative ids."""

    def __init__(self, model: Any, slug_length: int, dry: bool, columns: Callable[[int], dict[str, Any]]) -> None:
        self.model, self.slug_length, self.dry, self.columns = model, slug_length, dry, columns
        self.ids = ids_by(model, model.slug)

    def slug(self, name: str) -> str:
        return slugify(name, max_length=self.slug_length) if len(name) <= _LONGEST else ""

    def ensure(self, names: Iterable[str]) -> None:
        missing = {slug: name for name in names if (slug := self.slug(name)) and slug not in self.ids}
        if not missing:
            return
        if self.dry:
            self.ids.update((slug, -1 - len(self.ids) - place) for place, slug in enumerate(missing))
            return
        rows = [{"slug": slug, "name": name} | self.columns(place) for place, (slug, name) in enumerate(missing.items())]
        insert_new(self.model, rows)
        self.ids |= ids_by(self.model, self.model.slug, missing)

    def of(self, names: Iterable[str]) -> list[int]:
        found = (self.ids.get(self.slug(name)) for name in names)
        return list(dict.fromkeys(number for number in found if number is not None))


class Vocabulary:
    """The words courses and profiles use."""

    def __init__(self, dry: bool) -> None:
        self._first_free = (db.session.scalar(select(func.max(Topic.position))) or 0) + 1
        self._topics = _Words(Topic, 64, dry, self._topic_columns)
        self._tags = _Words(Tag, 80, dry, lambda place: {})
        self._skills = _Words(Skill, 80, dry, lambda place: {})

    def _topic_columns(self, place: int) -> dict[str, Any]:
        position = len(self._topics.ids) + place
        return {"position": self._first_free + position, "hue": (165 + _HUE_STEP * position) % 360}

    def ensure_topics(self, names: Iterable[str]) -> None:
        """Make the topics that are missing."""
        self._topics.ensure(names)

    def ensure_tags(self, names: Iterable[str]) -> None:
        """Make the tags that are missing."""
        self._tags.ensure(names)

    def ensure_skills(self, names: Iterable[str]) -> None:
        """Make the skills that are missing."""
        self._skills.ensure(names)

    def topics_of(self, names: Iterable[str]) -> list[int]:
        """Ids of topics, in the order of the names."""
        return self._topics.of(names)

    def tags_of(self, names: Iterable[str]) -> list[int]:
        """Ids of tags."""
        return self._tags.of(names)

    def skills_of(self, names: Iterable[str]) -> list[int]:
        """Ids of skills."""
        return self._skills.of(names)
