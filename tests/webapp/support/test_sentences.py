"""Sentences out of parts."""

import pytest

from webapp.support.sentences import Sentence, SentencePart, fill_message, listed


@pytest.mark.parametrize(
    ("names", "said"),
    [((), ""), (("SQL",), "SQL"), (("SQL", "हिन्दी"), "SQL and हिन्दी"), (("SQL", "C#", "مقدمة"), "SQL, C# and مقدمة")],
)
def test_listed_names_read_as_a_list_and_each_is_a_foreign_part(names: tuple[str, ...], said: str) -> None:
    parts = listed(names)
    assert "".join(part.text for part in parts) == said
    assert tuple(part.text for part in parts if part.foreign) == names


def test_a_sentence_set_into_another_keeps_its_parts() -> None:
    inner: Sentence = (SentencePart("Ada", foreign=True), SentencePart(" and others"))
    assert fill_message("By %(who)s, today", who=inner) == (SentencePart("By "), *inner, SentencePart(", today"))
