"""File readers: interactions and items of the house layout and of known public ones, told apart by their header.

House layout, as CSV or CSV.GZ: interactions `user_id,item_id[,timestamp][,weight]`, items `item_id[,title,description,
tags,level,duration_minutes,topics,skills,prerequisites,creator,published,language]`. Extra columns are ignored, tabs may stand for
commas. Every other layout is one entry of a table below: its columns (recsys.data.known_layouts) and a function to the house layout.
A file of no known layout may name these columns in other usual ways.

A `rating` is the weight where there is no `weight`, in the numbers of the file (but the IBM set's, see `_is_ibm`). So ratings are
predicted as given. For ranking, a rated course is a taken one, as in the published tables: models ask whether a weight is above
0, so one star is interest as five are, and 0 and less is dislike; only `user_profile` asks how large it is, and an event
of less than 1 counts that much less when scoring. To rank with low ratings as dislikes, give a `weight` column that says so.

Where interactions have a column of REVIEWS, what a learner wrote stands in for a weight or rating that is missing: a rating on the
scale of the file's own, else a weight as of a rated enrollment (see recsys.data.sentiment.review_weights). A text that says nothing for or
against, or is not English, leaves the row as it is.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from recsys.data.csv_tables import null_words_to_nan, read_table
from recsys.data.engagement import KINDS
from recsys.data.items import CheckedItems, parse_items
from recsys.data.known_layouts import (
    COURSERA_COURSES,
    GENERIC_COURSES,
    GENERIC_INTERACTIONS,
    IBM_COURSES,
    IBM_GENRE_FILE,
    IBM_INTERACTIONS,
    IBM_RATINGS,
    MARS_COURSES,
    MARS_VIEWS,
    MARS_WATCHED,
    MOOCCUBEX_COURSES,
    MOOCCUBEX_IDS,
    MOOCCUBEX_INTERACTIONS,
    MOVIELENS_ITEMS,
    UDEMY_COURSES,
    FileColumns,
)
from recsys.data.sentiment import review_weights
from recsys.errors import DataError
from recsys.faults import Fault
from recsys.folding import fold
from recsys.types import Columns, Item

Convert = Callable[[pd.DataFrame], pd.DataFrame]
REVIEWS = ("review", "review_text", "comment")
"""Columns of free text about a course; of several the first is read."""
_TEXT = "review"
_EVENT_FIELDS = {"learner_id": "user_id", "course_id": "item_id", "at": "timestamp", "order": "timestamp", "value": "weight"}
_ITEM_FIELDS = {"course_id": "item_id"} | {name: name for name in Item.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Layout:
    """A file layout: known by having all of `header` (compared folded); `convert` gives house columns.

    `accepts` looks at the rows where the header could be anybody's.
    """

    name: str
    header: frozenset[str]
    convert: Convert
    accepts: Callable[[pd.DataFrame], bool] = lambda frame: True


def read_interactions(path: Path | str) -> pd.DataFrame:
    """Interactions of any known layout as `user_id, item_id[, timestamp][, weight]`, ids as text, rows in file order.

    Rows are not judged here (see recsys.data.validation); what a rating counts is said above. Raises DataError when the file
    cannot be read or its header is of no known layout.
    """
    frame = read_table(Path(path))
    events = recognize(frame, INTERACTION_LAYOUTS).convert(frame)
    return null_words_to_nan(events, (Columns.USER, Columns.ITEM)).reset_index(drop=True)


def read_items(path: Path | str) -> tuple[Item, ...]:
    """The items of `read_catalog`, without a word on what was left out."""
    return read_catalog(path).items


def read_catalog(path: Path | str) -> CheckedItems:
    """Items of any known layout and what of the file could not be used; the first row of a repeated id wins.

    The IBM capstone set keeps descriptions and genres in two files: its `course_genre.csv` is joined when it lies beside.
    Raises DataError as `read_interactions` does.
    """
    path = Path(path)
    frame = read_table(path)
    layout = recognize(frame, ITEM_LAYOUTS)
    items = layout.convert(frame)
    companion = path.with_name("course_genre.csv")
    if layout.name == "ibm-capstone" and companion.exists() and companion != path:
        genres = _ibm_genres(read_table(companion))[[Columns.ITEM, "topics"]].drop_duplicates(Columns.ITEM)
        items = items.merge(genres, on=Columns.ITEM, how="left")
    return parse_items(null_words_to_nan(items, (Columns.ITEM,)))


def recognize(frame: pd.DataFrame, layouts: Sequence[Layout]) -> Layout:
    """The first of `layouts` whose header `frame` has and that accepts its rows. Raises DataError naming the columns that are there and
    expected."""
    columns = [str(column) for column in frame.columns]
    header = set(map(fold, columns))
    for layout in layouts:
        if layout.header <= header and layout.accepts(frame):
            return layout
    known = "; ".join(f"{layout.name}: {', '.join(sorted(layout.header))}" for layout in layouts if layout.header)
    if layouts is ITEM_LAYOUTS:
        raise DataError(Fault.ITEMS_UNRECOGNIZED, columns=columns, known=known)
    raise DataError(Fault.INTERACTIONS_UNRECOGNIZED, columns=columns, known=known)


def _renaming_converter(**names: str) -> Convert:
    """A conversion that renames columns (compared folded) and drops the rest; absent ones stay absent. Of several that
    become the same column, the one named first is taken."""

    def convert(frame: pd.DataFrame) -> pd.DataFrame:
        actual = {fold(str(column)): column for column in frame.columns}
        chosen: dict[str, str] = {}
        for old, new in names.items():
            if old in actual:
                chosen.setdefault(new, actual[old])
        return frame[list(chosen.values())].set_axis(list(chosen), axis=1)

    return convert


def _item_converter(layout: FileColumns) -> Convert:
    """House items of a file of `layout`; durations in minutes."""
    renamed = _renaming_converter(**layout.field_names_by_header(_ITEM_FIELDS))

    def convert(frame: pd.DataFrame) -> pd.DataFrame:
        items = renamed(frame)
        if "duration_minutes" not in items or layout.minutes_unit == 1:
            return items
        numbers, unit = pd.to_numeric(items["duration_minutes"], errors="coerce"), layout.minutes_unit
        return items.assign(duration_minutes=numbers * unit.numerator / unit.denominator)

    return convert


def _event_converter(user: str, item: str, time: str = "timestamp") -> Convert:
    """House interactions of a file that names its columns so; a rating is the weight where no column is called that, and what is
    written one where it is missing."""
    renamed = _renaming_converter(
        **{user: "user_id", item: "item_id", time: "timestamp", "weight": "weight", "rating": "weight"}, **dict.fromkeys(REVIEWS, _TEXT)
    )

    def convert(frame: pd.DataFrame) -> pd.DataFrame:
        events = renamed(frame)
        return (
            _with_review_weights(events, rated="weight" not in {fold(str(column)) for column in frame.columns})
            if _TEXT in events
            else events
        )

    return convert


def _with_review_weights(events: pd.DataFrame, rated: bool) -> pd.DataFrame:
    """Weights of `events` with those of reviews where there is none; `rated` says that they are ratings."""
    given = null_words_to_nan(events, (Columns.USER, Columns.ITEM))
    weights = given[Columns.WEIGHT] if Columns.WEIGHT in given else pd.Series(np.nan, events.index, object)
    missing = weights.isna() | (weights.astype("string").str.strip() == "").fillna(False)
    numbers = pd.to_numeric(weights, errors="coerce").astype(np.float64)
    ratings = numbers[np.isfinite(numbers)]
    scale = (float(ratings.min()), float(ratings.max())) if rated and ratings.nunique() > 1 else None
    filled = weights.astype(object)
    filled[missing] = review_weights(given.loc[missing, _TEXT], scale)
    return events.drop(columns=_TEXT).assign(weight=filled)


_HOUSE_EVENTS = _event_converter("user_id", "item_id")
_HOUSE_ITEMS = _renaming_converter(**{name: name for name in Item.__dataclass_fields__})


def _required_columns_predicate(layout: FileColumns) -> Callable[[pd.DataFrame], bool]:
    """Whether a file names all required columns of `layout` in one of the usual ways. Kinds of events are not read here."""

    def accepts(frame: pd.DataFrame) -> bool:
        there = {fold(str(column)) for column in frame.columns}
        return there.isdisjoint(layout.columns.get("kind", ())) and all(there & set(layout.columns[name]) for name in layout.required)

    return accepts


def _is_ibm(frame: pd.DataFrame) -> bool:
    """Whether a file of user, item and rating is the IBM set: no times, and ratings of 2 and 3 only."""
    actual = {fold(str(column)): column for column in frame.columns}
    ratings = pd.to_numeric(frame[actual["rating"]], errors="coerce").dropna()
    return "timestamp" not in actual and bool(ratings.isin([2.0, 3.0]).all())


def _ibm_events(frame: pd.DataFrame) -> pd.DataFrame:
    worth = {rating: sum(KINDS[kind].weight for kind in kinds) for rating, kinds in IBM_RATINGS.items()}
    events = _renaming_converter(**IBM_INTERACTIONS.field_names_by_header(_EVENT_FIELDS))(frame)
    ratings = pd.to_numeric(events["weight"], errors="coerce").map(lambda rating: worth.get(rating, rating))
    return events.assign(weight=ratings.where(ratings.notna(), events["weight"]))


def _ibm_genres(frame: pd.DataFrame) -> pd.DataFrame:
    genres = [column for column in frame.columns if column.upper() not in {"COURSE_ID", "TITLE"}]
    marks = frame[genres].apply(pd.to_numeric, errors="coerce").to_numpy() == 1
    items = _renaming_converter(**IBM_GENRE_FILE.field_names_by_header(_ITEM_FIELDS))(frame)
    topics = ["|".join(np.array(genres, object)[row]) for row in marks]
    return items.assign(topics=topics)


def _mars_watched(frame: pd.DataFrame) -> pd.DataFrame:
    fields = {**_EVENT_FIELDS, "watched": "weight"}
    del fields["value"]  # how much was watched says more than the few ratings
    events = _renaming_converter(**MARS_WATCHED.field_names_by_header(fields))(frame)
    return events.assign(weight=pd.to_numeric(events["weight"], errors="coerce") / 100)


def _mars_items(frame: pd.DataFrame) -> pd.DataFrame:
    items = _item_converter(MARS_COURSES)(frame)
    return items.assign(published=pd.to_datetime(items["published"], format="%Y", errors="coerce"))


def _movielens_items(frame: pd.DataFrame) -> pd.DataFrame:
    items = _item_converter(MOVIELENS_ITEMS)(frame)
    return items.assign(topics=items["topics"].mask(items["topics"] == "(no genres listed)"))


def _coursera_items(frame: pd.DataFrame) -> pd.DataFrame:
    items = _item_converter(COURSERA_COURSES)(frame)
    # Catalog rows carry no id. Some rows are shifted so that "(2.4k reviews)" stands among the skills.
    skills = [[s for s in re.findall(r'"\s*([^"]+?)\s*"', str(cell)) if "review" not in s] for cell in items["skills"]]
    ids = [re.sub(r"[^a-z0-9]+", "-", f"{c} {t}".lower()).strip("-") for c, t in zip(items["creator"], items["title"], strict=True)]
    return items.assign(item_id=ids, skills=["|".join(names) for names in skills])


INTERACTION_LAYOUTS: tuple[Layout, ...] = (
    Layout("mooccubex", MOOCCUBEX_INTERACTIONS.marks, _renaming_converter(**MOOCCUBEX_INTERACTIONS.field_names_by_header(_EVENT_FIELDS))),
    Layout("ibm-capstone", IBM_INTERACTIONS.marks, _ibm_events, _is_ibm),
    Layout("ratings", frozenset({"user", "item", "rating"}), _event_converter("user", "item")),
    Layout("movielens", frozenset({"userid", "movieid"}), _event_converter("userid", "movieid")),
    Layout("house in camel case", frozenset({"userid", "itemid"}), _event_converter("userid", "itemid")),
    Layout("mars-en watched", MARS_WATCHED.marks, _mars_watched),
    Layout("house", frozenset({"user_id", "item_id", "timestamp"}), _HOUSE_EVENTS),
    Layout("mars-en", MARS_VIEWS.marks, _event_converter(*(MARS_VIEWS.columns[field][0] for field in MARS_VIEWS.required))),
    Layout("house without times", frozenset({"user_id", "item_id"}), _HOUSE_EVENTS),
    Layout(
        "generic",
        frozenset(),
        _renaming_converter(**GENERIC_INTERACTIONS.field_names_by_header(_EVENT_FIELDS)),
        _required_columns_predicate(GENERIC_INTERACTIONS),
    ),
)
ITEM_LAYOUTS: tuple[Layout, ...] = (
    Layout("mars-en", MARS_COURSES.marks, _mars_items),
    Layout("house", frozenset({"item_id"}), _HOUSE_ITEMS),
    Layout("movielens", MOVIELENS_ITEMS.marks, _movielens_items),
    Layout("ibm-capstone", IBM_COURSES.marks, _item_converter(IBM_COURSES)),
    Layout("ibm-capstone genres", IBM_GENRE_FILE.marks, _ibm_genres),
    Layout("mooccubex", MOOCCUBEX_COURSES.marks, _item_converter(MOOCCUBEX_COURSES)),
    Layout("mooccubex ids", MOOCCUBEX_IDS.marks, _item_converter(MOOCCUBEX_IDS)),
    Layout("udemy", UDEMY_COURSES.marks, _item_converter(UDEMY_COURSES)),
    Layout("coursera", COURSERA_COURSES.marks, _coursera_items),
    Layout("generic", frozenset(), _item_converter(GENERIC_COURSES), _required_columns_predicate(GENERIC_COURSES)),
)
