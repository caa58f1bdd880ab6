"""Faults: told with plain values, kept as JSON, said when somebody reads them, in their language."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recsys.data.state_store import load_state, save_state
from recsys.data.validation import check_interactions
from recsys.errors import ArtifactError, DataError, MisfitError, RecsysError
from recsys.faults import Fault, fault_sentence, fault_statement
from recsys.types import Statement


def mark(message: str, /, **values: Any) -> str:
    """A language in which every message is set in marks."""
    return f"«{message}»" % values if values else f"«{message}»"


@pytest.mark.parametrize("fault", Fault)
def test_a_sentence_takes_what_was_kept_of_its_values(fault: Fault) -> None:
    names = {part.partition(")")[0] for part in fault.value.split("%(")[1:]}
    kept = json.loads(json.dumps(fault_statement(fault, **dict.fromkeys(names, 3)).to_json()))
    assert kept["code"] == fault.code
    assert fault_sentence(kept) == fault.value % dict.fromkeys(names, 3)
    assert fault_sentence(kept, mark).startswith("«")


def test_values_become_plain() -> None:
    error = DataError(Fault.MODELS_UNKNOWN, models={"b": 1}.keys(), known=(Path("a/x"), np.int64(3), None))
    assert error.statement == Statement("models_unknown", {"models": ["b"], "known": ["a/x", 3, None]})
    assert isinstance(json.loads(json.dumps(error.statement.to_json()))["params"]["known"][1], int)
    assert str(error) == "Unknown model b; known are a/x, 3, None"


def test_where_there_is_nothing_none_is_said() -> None:
    error = DataError(Fault.ITEM_COLUMN_ABSENT, column="item_id", found=pd.DataFrame().columns)
    assert str(error) == "Items need a column 'item_id'; found: none"
    assert fault_sentence(error.statement, mark) == "«Items need a column 'item_id'; found: «none»»"


def test_a_fault_within_a_fault_is_said_in_the_same_language() -> None:
    inner = MisfitError(Fault.SKILLS_MISFIT, skills=3, rows=4)
    error = ArtifactError(Fault.PART_MISFIT, part="m1", model="skills", error=inner)
    assert str(error) == "m1: parameters do not fit 'skills': 3 skills but 4 rows"
    assert fault_sentence(error.statement.to_json(), mark) == "«m1: parameters do not fit 'skills': «3 skills but 4 rows»»"
    foreign = ArtifactError(Fault.PART_MISFIT, part="m1", model="skills", error=TypeError("no such argument"))
    assert str(foreign).endswith(": no such argument")


def test_rows_of_a_file_are_said_one_by_one() -> None:
    frame = pd.DataFrame({"user_id": ["a", None, "c", *[None] * 5], "item_id": ["x"] * 8, "timestamp": ["1", "2", "soon", *["4"] * 5]})
    with pytest.raises(DataError) as caught:
        check_interactions(frame).require_clean()
    assert str(caught.value) == (
        "row 2, user_id: is missing; row 3, timestamp: is neither a number nor a date; row 4, user_id: is missing; "
        "row 5, user_id: is missing; row 6, user_id: is missing; and 2 more"
    )
    said = fault_sentence(caught.value.statement, mark)
    assert said.startswith("««row 2, user_id: «is missing»»; «row 3, timestamp: «is neither a number nor a date»»; ")
    assert said.endswith("«and 2 more»»")


def test_a_row_that_only_stands_twice_is_no_reason_to_refuse_the_rest() -> None:
    checked = check_interactions(pd.DataFrame({"user_id": ["a", "a", " "], "item_id": ["x", "x", "y"]}))
    assert [(p.row, p.repeats) for p in checked.problems] == [(2, True), (3, False)]
    assert [p.row for p in checked.without_repeats().problems] == [3]
    assert len(checked.without_repeats().frame) == 1


@pytest.mark.parametrize("kind", [RecsysError, DataError, ArtifactError, MisfitError])
def test_an_error_comes_back_from_another_process_as_it_was(kind: type[RecsysError]) -> None:
    error = pickle.loads(pickle.dumps(kind(Fault.FILE_ABSENT, file=Path("a.csv"))))
    assert (type(error), str(error), error.args) == (kind, "a.csv does not exist", (Fault.FILE_ABSENT,))


@pytest.mark.parametrize(
    "kept",
    [
        {"code": "washed_up", "params": {"dishes": 3}},
        {"code": "file_absent"},
        {"code": "ratings_alike", "params": {"rating": "cut…"}},
        {"code": "part_misfit", "params": {"part": "m"}},
    ],
)
def test_what_another_version_kept_is_said_by_its_code(kept: dict[str, Any]) -> None:
    assert fault_sentence(kept) == kept["code"]


def test_what_the_system_says_stays_in_its_words(tmp_path: Path) -> None:
    save_state(tmp_path / "m", {"a": np.zeros(3)}, {})
    (tmp_path / "m" / "a.npy").unlink()
    with pytest.raises(ArtifactError) as caught:
        load_state(tmp_path / "m")
    assert caught.value.statement.code == "state_unreadable"
    assert "No such file" in str(caught.value)
