"""Topics, tags and skills by name, made when a file brings new ones.

What a word is told from others by is its folded name: `École` and `ecole` are one, `C`, `C++` and `C#` are three.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.importing.bulk import insert_new
from webapp.importing.cells import Row
from webapp.models.vocabulary import Skill, Tag, Topic
from webapp.support.messages import gettext
from webapp.support.slugs import UniqueSlugs
from webapp.support.text import by_folded, fold

_HUE_STEP = 47  # degrees: neighbors in the list get colors far apart
_LONGEST = 80
_TRIES = 3  # another import may take the slug first


class _VocabularyTable:
    """Rows of one vocabulary table by folded name. In a dry run missing ones get negative ids."""

    def __init__(self, model: Any, slug_length: int, dry: bool, columns: Callable[[int], dict[str, Any]]) -> None:
        self.model, self.dry, self.columns = model, dry, columns
        self.ids: dict[str, int] = {}
        self._slugs = UniqueSlugs((), slug_length, model.__name__.lower())
        self._read()

    def _read(self) -> None:
        """The rows there are; of several with one name, as older versions could make, the first."""
        rows = db.session.execute(select(self.model.id, self.model.slug, self.model.name_folded).order_by(self.model.id.desc())).all()
        self.ids |= {folded: number for number, _slug, folded in rows}
        self._slugs.mark_taken(slug for _number, slug, _folded in rows)

    def create_missing(self, names: Iterable[str]) -> None:
        for _ in range(_TRIES):
            missing = {key: name for key, name in by_folded(_short_enough(names)).items() if key not in self.ids}
            if not missing:
                return
            if self.dry:
                self.ids.update((key, -1 - len(self.ids) - place) for place, key in enumerate(missing))
                return
            rows = [{"slug": self._slugs.make(name), "name": name} | self.columns(place) for place, name in enumerate(missing.values())]
            insert_new(self.model, rows)
            self._read()

    def ids_of(self, names: Iterable[str]) -> list[int]:
        numbers = (self.ids.get(fold(name)) for name in _short_enough(names))
        return list(dict.fromkeys(number for number in numbers if number is not None))


def _short_enough(names: Iterable[str]) -> Iterable[str]:
    """Names short enough for a column; longer ones are sentences that got into the wrong cell."""
    return (name for name in names if len(name) <= _LONGEST)


def warn_of_long_names(row: Row, field: str, names: Iterable[str]) -> None:
    """Warn of names that are left out because they are too long."""
    if long := [name for name in names if len(name) > _LONGEST]:
        sentence = gettext("%(name)r… is longer than %(most)s characters: left out", name=long[0][:40], most=_LONGEST)
        row.complain(field, sentence, "warning")


class Vocabulary:
    """The words courses and profiles use."""

    def __init__(self, dry: bool) -> None:
        self._first_free = (db.session.scalar(select(func.max(Topic.position))) or 0) + 1
        self._topics = _VocabularyTable(Topic, 64, dry, self._position_and_hue)
        self._tags = _VocabularyTable(Tag, 80, dry, lambda place: {})
        self._skills = _VocabularyTable(Skill, 80, dry, lambda place: {})

    def _position_and_hue(self, place: int) -> dict[str, Any]:
        position = len(self._topics.ids) + place
        return {"position": self._first_free + position, "hue": (165 + _HUE_STEP * position) % 360}

    def ensure_topics(self, names: Iterable[str]) -> None:
        """Make the topics that are missing."""
        self._topics.create_missing(list(names))

    def ensure_tags(self, names: Iterable[str]) -> None:
        """Make the tags that are missing."""
        self._tags.create_missing(list(names))

    def ensure_skills(self, names: Iterable[str]) -> None:
        """Make the skills that are missing."""
        self._skills.create_missing(list(names))

    def topic_ids(self, names: Iterable[str]) -> list[int]:
        """Ids of topics, in the order of the names."""
        return self._topics.ids_of(names)

    def tag_ids(self, names: Iterable[str]) -> list[int]:
        """Ids of tags."""
        return self._tags.ids_of(names)

    def skill_ids(self, names: Iterable[str]) -> list[int]:
        """Ids of skills."""
        return self._skills.ids_of(names)
