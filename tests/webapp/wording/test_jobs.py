"""Runs of jobs in words: every code has its sentence, in the language of whoever reads; what was stored as a sentence stays one."""

from typing import Any

import pytest

from webapp.models.operations import JobRun
from webapp.models.types import RunMessageType
from webapp.registries.run_messages import RunCode, RunMessage, read_message
from webapp.support.messages import language_context
from webapp.wording.jobs import run_sentence

PARAMS: dict[str, Any] = {
    "step": "fitting",
    "mails": 3,
    "interactions": 1200,
    "learners": 40,
    "courses": 12,
    "seconds": 7,
    "version": "model-2",
    "rows": 1,
    "sent": 1,
    "put_off": 2,
    "given_up": 0,
    "minutes": 30.0,
    "job": "dishes",
    "reason": {"code": "no_course", "params": {}},
    "error": "KeyError: 1",
}
OWN_WORDS = {RunCode.CRASHED}  # those of the exception


class Marked:
    """A language in which every message is set in marks."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return f"«{singular if count == 1 else plural}»"


@pytest.mark.parametrize("code", RunCode)
def test_every_code_is_said_in_the_language_of_the_reader(code: RunCode) -> None:
    kept = read_message(RunMessage(code, PARAMS).stored(1000))
    sentence = run_sentence(kept)
    assert sentence != code
    assert "%(" not in sentence
    with language_context(Marked()):
        assert run_sentence(kept).startswith("«") is (code not in OWN_WORDS)


@pytest.mark.parametrize("old", ["Learned from 12 interactions.", "{not JSON", '{"a": 1}', "[1]", "12", "null"])
def test_sentences_from_before_there_were_codes_stay_as_they_are(old: str) -> None:
    assert run_sentence(read_message(old)) == old
    with language_context(Marked()):
        assert run_sentence(read_message(old)) == old


@pytest.mark.parametrize(
    "message", [RunMessage("washed_up", {"dishes": 3}), RunMessage(RunCode.ROLLED_UP), RunMessage(RunCode.MAILS_TRIED, {"mails": None})]
)
def test_what_another_version_said_is_shown_by_its_code(message: RunMessage) -> None:
    assert run_sentence(message) == message.code


def test_a_run_that_says_nothing_yet_says_nothing() -> None:
    assert run_sentence(None) == ""


def test_why_a_model_was_held_back_comes_from_the_model() -> None:
    gate = {"reasons": [{"code": "neither_measured", "params": {}}, "NDCG fell."]}
    sentence = run_sentence(RunMessage(RunCode.HELD_BACK, {"version": "model-2"}), gate)
    assert sentence == (
        "The new model was held back; the one before it serves on. "
        "The serving model and the new one were never measured: there is nothing to compare. NDCG fell."
    )


@pytest.mark.parametrize("error", ["x" * 5000, '„ü"\\\n' * 900, "short"])
def test_what_is_too_long_to_keep_is_cut_and_can_be_read_still(error: str) -> None:
    stored = RunMessage(RunCode.CRASHED, {"error": error, "at": "y" * 400, "n": 4}).stored(300)
    assert len(stored) <= 300
    kept = read_message(stored)
    assert (kept.code, kept.params["n"]) == (RunCode.CRASHED, 4)
    assert error.startswith(kept.params["error"].removesuffix("…"))


def test_of_a_fault_with_many_rows_the_last_give_way() -> None:
    place = {"code": "row", "params": {"row": 3, "column": "user_id", "reason": {"code": "missing", "params": {}}}}
    reason = {"code": "no_usable_attempt", "params": {"problems": [place] * 40}}
    message = RunMessage(RunCode.UNUSABLE_DATA, {"reason": reason})
    stored = message.stored(300)
    assert len(stored) <= 300
    sentence = run_sentence(read_message(stored))
    assert sentence.startswith("These data cannot make a model: No attempt can be used: row 3, user_id: is missing")
    assert len(message.params["reason"]["params"]["problems"]) == 40  # the message itself stays whole


def test_a_long_text_within_a_fault_is_cut_and_its_code_is_not() -> None:
    reason = {"code": "target_chances_exceed_one", "params": {"target": "t" * 900}}
    kept = read_message(RunMessage(RunCode.NOT_STORED, {"reason": reason}).stored(300))
    assert kept.params["reason"]["code"] == "target_chances_exceed_one"
    assert run_sentence(kept).startswith("The new model could not be stored: tttt")
    assert "…: the chances" in run_sentence(kept)


def test_a_fault_that_was_stored_as_a_sentence_stays_one() -> None:
    old = RunMessage(RunCode.UNUSABLE_DATA, {"detail": "no course is left"})
    assert run_sentence(old) == "These data cannot make a model: no course is left"


def test_a_row_keeps_the_code(db_session) -> None:
    run = JobRun(job_id="prune", message=RunMessage(RunCode.PRUNED, {"rows": 12}))
    silent = JobRun(job_id="recount")
    db_session.add_all([run, silent])
    db_session.flush()
    db_session.expire_all()
    assert run.message == RunMessage("pruned", {"rows": 12})
    assert silent.message is None
    assert RunMessageType().process_result_value("Washed.", None) == RunMessage(sentence="Washed.")
