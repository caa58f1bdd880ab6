"""Readers of attempts: public data sets on course completion, and CSV files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from recsys.completion.attempt_checks import check_attempts
from recsys.completion.attempt_frames import AttemptColumns, attempts_from_frame
from recsys.completion.attempts import Attempts
from recsys.completion.feature_table import FinishTable, build_table, extra_feature
from recsys.completion.features import Feature
from recsys.data.csv_tables import null_words_to_nan, read_table
from recsys.data.engagement import DAY
from recsys.data.known_layouts import FINISHED_PERCENT
from recsys.data.layouts import read_items
from recsys.data.validation import RowProblem
from recsys.errors import DataError
from recsys.faults import Fault
from recsys.types import Columns, Item

_OPENING = {"B": "-02-01", "J": "-10-01"}  # OULAD: presentations begin in February and October
_EDUCATION = ("No Formal quals", "Lower Than A Level", "A Level or Equivalent", "HE Qualification", "Post Graduate Qualification")
_OULAD_EXTRAS = ("previous_attempts", "credits", "education", "days_before")


@dataclass(frozen=True)
class AttemptSource:
    """Attempts with what else is known.

    `split_at` is a sensible moment to learn up to, None for one by the number of attempts. Attempts begun from `test_from` on and settled
    after that moment are what to judge on; None stands for the moment itself. `problems` are rows and cells of a CSV that were
    not used.
    """

    name: str
    attempts: Attempts
    items: tuple[Item, ...] = ()
    activity: pd.DataFrame | None = None
    extras: tuple[Feature, ...] = ()
    split_at: float | None = None
    test_from: float | None = None
    problems: tuple[RowProblem, ...] = ()

    def feature_table(self, moment: float | None = None) -> FinishTable:
        """The table of all attempts, or of those begun before `moment` with what was known then."""
        attempts = self.attempts if moment is None else self.attempts.as_of(moment)
        return build_table(attempts, self.items, activity=self.activity, extras=self.extras)


def read_source(path: Path, items: Path | None = None, activity: Path | None = None) -> AttemptSource:
    """The source at `path`: a folder of mars-en or OULAD, known by its files, or a CSV as in `read_attempts`. Raises DataError."""
    if path.is_dir():
        for marker, read in _FOLDERS.items():
            if (path / marker).exists():
                return read(path)
        first, second = _FOLDERS
        raise DataError(Fault.NO_ATTEMPT_FILES, folder=path, first=first, second=second)
    return read_attempts(path, items, activity)


def read_attempts(path: Path, items: Path | None = None, activity: Path | None = None) -> AttemptSource:
    """The source of a CSV with the columns of a frame of attempts, with a catalog and moments of activity (CSV with user_id, timestamp).

    Raises DataError where no row can be used or no attempt says when it began.
    """
    checked = check_attempts(_csv(path))
    attempts = attempts_from_frame(checked.frame)
    if not len(attempts):
        raise DataError(Fault.NO_ATTEMPT_BEGAN, source=path.name)
    catalog = read_items(items) if items else ()
    moments = _csv(activity) if activity else None
    return AttemptSource(path.stem, attempts, catalog, moments, problems=checked.problems)


def read_mars(folder: Path) -> AttemptSource:
    """Mandarine Academy: one row per video watched; finished is FINISHED_PERCENT percent and more, known at once.

    Page views are activity. The record is the only sign that a video was begun: views without one tell nothing.
    """
    watched = _csv(folder / "explicit_ratings_en.csv.gz")
    percent = pd.to_numeric(watched["watch_percentage"], errors="coerce")
    frame = watched[[Columns.USER, Columns.ITEM]].assign(
        **{
            Columns.TIMESTAMP: watched["created_at"],
            AttemptColumns.ENDED: watched["created_at"],
            AttemptColumns.COMPLETED: percent >= FINISHED_PERCENT,
            AttemptColumns.DROPPED: percent < FINISHED_PERCENT,
            AttemptColumns.PROGRESS: percent / 100,
        }
    )
    views = _csv(folder / "implicit_ratings_en.csv.gz").rename(columns={"created_at": Columns.TIMESTAMP})
    items = read_items(folder / "items_en.csv.gz")
    return AttemptSource("mars-en", attempts_from_frame(frame, mature_days=0), items, views)


def read_oulad(folder: Path) -> AttemptSource:
    """Open University: one row per registration; finished is Pass or Distinction, stopped is Fail or Withdrawn.

    A presentation's results count from its end on, withdrawals too: counted as they come in, a running course would seem to have
    none but quitters. What is known at registration: earlier attempts, credits studied, education, days before the start. Gender, age,
    region, disability and deprivation are left out on purpose: nobody's chance should be told from them.
    """
    keys = ["code_module", "code_presentation"]
    info, registered, courses = (_csv(folder / f"{n}.csv.gz") for n in ("studentInfo", "studentRegistration", "courses"))
    rows = info.merge(registered, on=[*keys, "id_student"], validate="1:1").merge(courses, on=keys, validate="m:1")
    opening = pd.to_datetime(rows["code_presentation"].str[:4] + rows["code_presentation"].str[4].map(_OPENING), utc=True)
    start = (opening - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)
    offset = pd.to_numeric(rows["date_registration"], errors="coerce")
    finished = rows["final_result"].isin(["Pass", "Distinction"])
    education = {name: float(step) for step, name in enumerate(_EDUCATION)}
    frame = pd.DataFrame(
        {
            Columns.USER: rows["id_student"],
            Columns.ITEM: rows["code_module"],
            Columns.TIMESTAMP: start + offset * DAY,
            AttemptColumns.ENDED: start + pd.to_numeric(rows["module_presentation_length"]) * DAY,
            AttemptColumns.COMPLETED: finished,
            AttemptColumns.DROPPED: ~finished,
            "previous_attempts": pd.to_numeric(rows["num_of_prev_attempts"]),
            "credits": pd.to_numeric(rows["studied_credits"]),
            "education": rows["highest_education"].map(education),
            "days_before": -offset,
        }
    )
    # When the last presentation opens, the results of all others are out. It is judged by what was known at each registration.
    moment = pd.Timestamp("2014-10-01", tz="UTC").timestamp()
    attempts = attempts_from_frame(frame, mature_days=0, extras=_OULAD_EXTRAS)
    return AttemptSource("oulad", attempts, extras=tuple(extra_feature(name) for name in _OULAD_EXTRAS), split_at=moment, test_from=-np.inf)


_FOLDERS: dict[str, Callable[[Path], AttemptSource]] = {"explicit_ratings_en.csv.gz": read_mars, "studentInfo.csv.gz": read_oulad}


def accepted_csv_columns() -> Sequence[str]:
    """Columns a CSV of attempts may have."""
    own = [name for key, name in vars(AttemptColumns).items() if not key.startswith("_")]
    return (Columns.USER, Columns.ITEM, Columns.TIMESTAMP, *own)


def _csv(path: Path) -> pd.DataFrame:
    return null_words_to_nan(read_table(path), (Columns.USER, Columns.ITEM))
