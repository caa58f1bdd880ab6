"""Language tags in one spelling."""

import pytest

from webapp.support.languages import language_tag, primary_language


@pytest.mark.parametrize(
    ("text", "tag"),
    [("EN", "en"), ("fr-fr", "fr-FR"), ("PT_br", "pt-BR"), (" zh-hans ", "zh-Hans"), ("YUE-hant-hk", "yue-Hant-HK"), ("de", "de")],
)
def test_a_tag_has_one_spelling(text: str, tag: str) -> None:
    assert language_tag(text) == tag
    assert language_tag(tag) == tag


@pytest.mark.parametrize("text", ["", "e", "English", "en-", "en--GB", "١٢", "ﬁ", "en-GB-x", "e\u0301n", "../x"])
def test_what_is_no_tag_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no language tag"):
        language_tag(text)


@pytest.mark.parametrize(("tag", "language"), [("pt-BR", "pt"), ("ZH_hans", "zh"), ("EN", "en"), ("", "")])
def test_a_language_is_what_its_tag_begins_with(tag: str, language: str) -> None:
    assert primary_language(tag) == language
