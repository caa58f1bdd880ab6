"""Messages: English where no language is set, otherwise what the catalog says, with values set in."""

from webapp.support.messages import gettext, language_context, lazy_gettext, ngettext
from webapp.support.pseudo_locale import PseudoCatalog
from webapp.support.sentences import SentencePart, fill_message, joined


class Shouting:
    """A catalog that says everything loudly."""

    def gettext(self, message: str) -> str:
        return message.replace("Taken by", "TAKEN BY")

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return (singular if count == 1 else plural).upper().replace("%(NUM)S", "%(num)s")


def test_without_a_language_messages_are_english() -> None:
    assert gettext("95 % of them") == "95 % of them"
    assert gettext("Taken by %(name)s, %(share)s %%", name="Ada", share=3) == "Taken by Ada, 3 %"
    assert ngettext("%(num)s course", "%(num)s courses", 1) == "1 course"
    assert ngettext("%(num)s course", "%(num)s courses", 1024) == "1,024 courses"


def test_the_language_of_a_block_ends_with_it() -> None:
    label = lazy_gettext("Taken by %(name)s", name="Ada")
    with language_context(Shouting()):
        assert gettext("Taken by %(name)s", name="Ada") == "TAKEN BY Ada"
        assert ngettext("%(num)s course", "%(num)s courses", 2) == "2 COURSES"
        assert str(label) == "TAKEN BY Ada"
        with language_context(None):
            assert str(label) == "Taken by Ada"
        assert str(label) == "TAKEN BY Ada"
    assert gettext("Taken by %(name)s", name="Ada") == "Taken by Ada"


def test_a_sentence_takes_texts_in_and_keeps_parts_apart() -> None:
    title = SentencePart("Joins", strong=True)
    assert fill_message("Because %(you_did)s %(course)s", you_did="you took", course=title) == (SentencePart("Because you took "), title)
    assert fill_message("%(course)s: %(you_did)s!", you_did="you took", course=title) == (title, SentencePart(": you took!"))
    assert fill_message("100 % new") == (SentencePart("100 % new"),)


def test_words_are_joined() -> None:
    assert [joined(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def test_the_pseudo_locale_is_longer_and_keeps_what_is_no_text() -> None:
    say = PseudoCatalog().gettext
    message = 'Of %(num)s learners (%(share).0f %%) <b title="x">{course}</b> &amp; 5 %% finished\n'
    spoken = say(message)
    for kept in ("%(num)s", "%(share).0f", '<b title="x">', "{course}", "</b>", "&amp;", " %% "):
        assert kept in spoken
    assert "learners" not in spoken
    assert spoken.endswith("\n")
    assert spoken % {"num": 3, "share": 2.5}
    for text in ("Save", "Your goal", "A session ends by itself after two hours without use."):
        assert 1.35 <= len(say(text)) / len(text) <= 1.65
    assert say("%(first)s %(last)s") == "%(first)s %(last)s"
    assert say("") == ""


def test_the_pseudo_locale_counts_as_english_does() -> None:
    with language_context(PseudoCatalog()):
        assert ngettext("%(num)s day", "%(num)s days", 1).startswith("1 ďáý")
        assert ngettext("%(num)s day", "%(num)s days", 12).startswith("12 ďáýś")
