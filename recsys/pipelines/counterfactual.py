"""Logs and target policies as files, and the report on what a target would have brought.

A log has a row per place: `slate_id,user_id,position,item_id,propensity,reward[,context][,served_at][,score]`, as CSV (or CSV.GZ)
with a header or as JSONL with these names as keys. `position` counts from 1, `propensity` is the chance the item had of this place,
`reward` what came of it, `context` an optional label of the situation, `served_at` when the slate was shown (seconds since 1970 or
ISO-8601), which training on slates needs, `score` what the item was ranked by, which helps it; an empty `user_id` is a visitor.

A target has a row per slate of the log, position and item it would give a chance: `slate_id,position,item_id[,probability]`,
1 where no probability is given. Positions it does not name stay empty.
"""

import csv
import gzip
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal, TypeVar

from recsys.data.csv_tables import UNREADABLE
from recsys.data.slates import LoggedPlace, LoggedSlates
from recsys.errors import DataError
from recsys.evaluation.counterfactual import ESTIMATORS, Settings, estimate
from recsys.evaluation.log_support import LogFacts, facts_of, overlap_of, target_versus_logged_verdict
from recsys.evaluation.target_policy import TargetPlace, TargetPolicy
from recsys.faults import Fault
from recsys.report.log_sentences import log_sentence, log_verdict_sentence

Row = Mapping[str, Any]
Place = TypeVar("Place")


@dataclass(frozen=True)
class CounterfactualReport:
    """What the log holds, and per target its estimates, its overlap with the log and the verdict as a code."""

    log: LogFacts
    targets: dict[str, dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """{"log": {...}, "targets": {name: {"estimates", "overlap", "verdict"}}}; null where the log gives no figure."""
        return {"log": asdict(self.log), "targets": self.targets}

    def table(self) -> str:
        """The log in words, then for each target a line per estimator and the verdict."""
        lines = [log_sentence(asdict(self.log))]
        for name, target in self.targets.items():
            lines += ["", f"{name:<10} {'per slate':>10} {'interval':>19} {'against served':>15} {'interval':>19}"]
            lines += [_line(estimator, row) for estimator, row in target["estimates"].items()]
            overlap = target["overlap"]
            covered = f"{_figure(overlap['coverage'], '.1%')} of it covered by the log ({overlap['out_of_reach']:.1%} surely out of reach)"
            lines.append(
                f"{covered}; {overlap['matched']:,} places left to chance match, worth {overlap['effective']:,.0f} (effective sample size)"
            )
            lines.append(log_verdict_sentence(target["verdict"]))
        return "\n".join(lines)


def evaluate_targets(log: LoggedSlates, targets: Iterable[TargetPolicy], settings: Settings | None = None) -> CounterfactualReport:
    """Every target by every estimator."""
    facts = facts_of(log)
    results = {}
    for target in targets:
        result = estimate(log, target, settings)
        overlap = overlap_of(log, result)
        results[target.name] = {
            "estimates": {name: _nan_to_none(asdict(result.estimates[name])) for name in ESTIMATORS},
            "overlap": _nan_to_none(asdict(overlap)),
            "verdict": target_versus_logged_verdict(facts, overlap, result.estimates).to_json(),
        }
    return CounterfactualReport(facts, results)


def read_log(path: Path) -> LoggedSlates:
    """A log file; see the module. Raises DataError naming the row that cannot be used."""
    return LoggedSlates.from_places(_parsed(path, _logged_place))


def read_target(name: str, path: Path, log: LoggedSlates) -> TargetPolicy:
    """A target file for the slates of `log`. Raises DataError."""
    return TargetPolicy.from_places(name, log, _parsed(path, _target_policy_place_from_row))


def write_log(places: Iterable[LoggedPlace], path: Path) -> int:
    """Write places as CSV (compressed where the name ends in .gz), as they come; how many there were.

    Raises DataError when the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _open_text_file(path, "wt") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(LoggedPlace._fields)
            count = 0
            for count, place in enumerate(places, start=1):  # noqa: B007 - the count is what is returned
                writer.writerow(place)
            return count
    except OSError as error:
        raise DataError(Fault.FILE_NOT_WRITTEN, file=path, error=error.strerror) from error


def _parsed(path: Path, parse: Callable[[Row], Place]) -> Iterator[Place]:
    for number, row in enumerate(_rows(path), start=1):
        try:
            yield parse(row)
        except KeyError as error:
            raise DataError(Fault.LOG_COLUMN_ABSENT, file=path.name, row=number, column=error.args[0]) from error
        except (TypeError, ValueError) as error:
            raise DataError(Fault.LOG_ROW_UNREADABLE, file=path.name, row=number, error=error) from error


def _rows(path: Path) -> Iterator[Row]:
    try:
        with _open_text_file(path, "rt") as file:
            if ".jsonl" in path.suffixes or ".ndjson" in path.suffixes:
                yield from (_object(line) for line in file if line.strip())
            else:
                yield from csv.DictReader(file, skipinitialspace=True)
    except FileNotFoundError as error:
        raise DataError(Fault.FILE_ABSENT, file=path) from error
    except (*UNREADABLE, csv.Error, json.JSONDecodeError, RecursionError) as error:
        raise DataError(Fault.FILE_UNREADABLE, file=path.name, error=error) from error


def _object(line: str) -> Row:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise DataError(Fault.LOG_ROW_NOT_AN_OBJECT, row=line.strip()[:60])
    return row


def _open_text_file(path: Path, mode: Literal["rt", "wt"]) -> IO[str]:
    encoding = "utf-8-sig" if mode == "rt" else "utf-8"  # spreadsheets put a mark in front
    if path.suffix == ".gz":
        return gzip.open(path, mode, encoding=encoding, newline="")
    return path.open(mode, encoding=encoding, newline="")


def _logged_place(row: Row) -> LoggedPlace:
    return LoggedPlace(
        _clean_text(row["slate_id"]),
        _clean_text(row["user_id"]),
        int(row["position"]),
        _clean_text(row["item_id"]),
        float(row["propensity"]),
        float(row["reward"]),
        _clean_text(row.get("context")),
        _parse_timestamp(row.get("served_at")),
        float(_clean_text(row.get("score"))) if _clean_text(row.get("score")) else None,
    )


def _target_policy_place_from_row(row: Row) -> TargetPlace:
    stated = row.get("probability")
    return TargetPlace(
        _clean_text(row["slate_id"]), int(row["position"]), _clean_text(row["item_id"]), 1.0 if stated in (None, "") else float(str(stated))
    )


def _parse_timestamp(value: object) -> float | None:
    """Seconds since 1970 of a number or an ISO-8601 text (UTC where it names no zone), None of nothing."""
    text = _clean_text(value)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _clean_text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _nan_to_none(row: dict[str, Any]) -> dict[str, Any]:
    """The value, None for NaN: JSON has none."""
    return {name: (None if math.isnan(value) else round(value, 6)) if isinstance(value, float) else value for name, value in row.items()}


def _line(name: str, row: dict[str, Any]) -> str:
    cells = (
        f"{_figure(row['value'], '.4f'):>10}",
        f"{_figure(row['low'], '.4f')} to {_figure(row['high'], '.4f')}".rjust(19),
        f"{_figure(row['lift'], '+.4f'):>15}",
        f"{_figure(row['lift_low'], '+.4f')} to {_figure(row['lift_high'], '+.4f')}".rjust(19),
    )
    return " ".join([f"{name:<10}", *cells])


def _figure(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
