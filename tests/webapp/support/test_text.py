"""Text cleaned and folded; numbers and times as people read them."""

import sys
import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest

from webapp.support.text import (
    ago,
    bidi_isolated,
    clean_line,
    clean_text,
    duration,
    fold,
    is_blank,
    is_date_without_time,
    part_of_day,
    weeks_in_words,
)

ENGLAND, SCOTLAND = ("🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f" for region in ("gbeng", "gbsct"))


@pytest.mark.parametrize(("minutes", "words"), [(1, "1 min"), (59, "59 min"), (60, "1 h"), (95, "1 h 35 min"), (600, "10 h")])
def test_durations(minutes: int, words: str) -> None:
    assert duration(minutes) == words


@pytest.mark.parametrize(
    ("minutes", "weekly", "words"), [(60, 240, "under a week"), (250, 240, "about a week"), (480, 240, "about 2 weeks")]
)
def test_how_long_a_course_takes_somebody(minutes: int, weekly: int, words: str) -> None:
    assert weeks_in_words(minutes, weekly) == words


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (-1, "today"),
        (12, "today"),
        (13, "yesterday"),
        (23, "yesterday"),
        (24, "yesterday"),
        (36, "yesterday"),
        (37, "2 days ago"),
        (48, "2 days ago"),
        (13 * 24, "13 days ago"),
        (20 * 24, "2 weeks ago"),
        (60 * 24, "8 weeks ago"),
        (61 * 24, "2 months ago"),
        (400 * 24, "13 months ago"),
    ],
)
def test_how_long_ago(hours: int, words: str) -> None:
    moment = datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert ago(moment - timedelta(hours=hours), moment) == words


@pytest.mark.parametrize(
    ("hour", "zone", "part"),
    [
        (8, "Europe/London", "morning"),
        (8, "Asia/Tokyo", "afternoon"),
        (12, "Europe/London", "afternoon"),
        (18, "Europe/London", "evening"),
        (3, "Europe/London", "evening"),
        (20, "America/New_York", "afternoon"),
        (8, "UTC", None),
        (8, "Middle/Earth", None),
        (8, "../etc/passwd", None),
        (8, "", None),
    ],
)
def test_the_part_of_the_day_where_the_reader_is(hour: int, zone: str, part: str | None) -> None:
    assert part_of_day(datetime(2026, 1, 15, hour, 30, tzinfo=UTC), zone) == part


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("École", "ecole"),
        ("Введение", "введение"),
        ("café", "cafe\u0301"),
        ("don't", "Don’t"),
        ("İstanbul", "istanbul"),
        ("ISPARTA", "ısparta"),
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("Ångström", "angstrom"),
        ("ΟΔΟΣ", "οδος"),
        ("state‑of‑the‑art", "state-of-the-art"),
        ("１２　ＡＢＣ", "12 abc"),
        ("ﬁne print", "fine print"),
        ("می\u200cخواهم", "میخواهم"),
        ("أحمد", "احمد"),
        ("שָׁלוֹם", "שלום"),
        ("👩\u200d🚀", "👩🚀"),
        ("  two\u00a0 words ", "two words"),
        ("葛\U000e0100城", "葛城"),
        ("x\u034fy", "xy"),
        ("אל־תירא", "אל-תירא"),
        ("‹word›", '"word"'),
        ("ⱥȼɨ", "aci"),
        ("１〜２", "1～2"),
        ("Paris\U000e0041", "paris"),
        ("צה״ל", 'צה"ל'),
        ("ג׳ז", "ג'ז"),
        ("Qurʾān", "qur'an"),
        ("Kaʻahumanu", "ka'ahumanu"),
        ("½ Marathon", "1/2 marathon"),
        ("علی کریمی", "علي كريمي"),
    ],
)
def test_texts_that_are_one_when_looked_up(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C++"),
        ("C++", "C#"),
        (".NET", "Net"),
        ("中国寓言", "中国语言"),
        ("🚀", "🚁"),
        ("ハ", "バ"),
        ("कि", "कु"),
        ("อา", "อำ"),
        ("R", "R&D"),
        (ENGLAND, SCOTLAND),
        ("🇩🇪", "🇦🇹"),
        ("👍🏻", "👍🏿"),
        ("a = b", "a ≠ b"),
        ("∈", "∉"),
        ("على", "علي"),
        ("C♯", "C"),
        ("A/B", "AB"),
    ],
)
def test_texts_that_stay_two(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_folding_twice_changes_nothing_and_form_and_case_never_matter() -> None:
    assigned = (c for c in map(chr, range(sys.maxunicode)) if unicodedata.category(c) not in ("Cn", "Co", "Cs"))  # the rest has no forms
    folded = {c: fold(c) for c in assigned}
    assert [c for c, once in folded.items() if once != c and fold(once) != once] == []
    forms = {c: unicodedata.normalize("NFD", c) for c in folded}
    assert [c for c, form in forms.items() if form != c and fold(form) != folded[c]] == []
    assert [c for c in folded if c.upper() != c.lower() and fold(c.upper()) != fold(c.lower())] == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada\tByron\n", "Ada Byron"),
        ("Ada\u202emoc.elgoog", "Adamoc.elgoog"),
        ("\u2066Ada\u2069\x07\x9b", "Ada"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("ශ්\u200dරී", "ශ්\u200dරී"),
        ("Mia 👩🏽\u200d💻 🏴\U000e0067\U000e0062\U000e007f", "Mia 👩🏽\u200d💻 🏴\U000e0067\U000e0062\U000e007f"),
        ("Zoe\u0308", "Zoë"),
        ("\ufeffAda\ud800", "Ada"),
        (f"Mia {SCOTLAND}", f"Mia {SCOTLAND}"),
        ("Ada\U000e0041\U000e0001", "Ada"),
        ("葛\U000e0100城\U0001d173", "葛\U000e0100城"),
    ],
)
def test_a_line_keeps_what_scripts_need_and_loses_what_misleads(typed: str, kept: str) -> None:
    assert clean_line(typed) == kept


def test_a_text_keeps_its_lines() -> None:
    assert clean_text("\u202eone\r\ntwo\u2028three\x00\tend\n") == "one\ntwo\nthree\tend"


@pytest.mark.parametrize(("text", "blank"), [("", True), (" \u200d\u3164\u2800", True), ("\u200cا", False), (".", False)])
def test_what_cannot_be_seen(text: str, blank: bool) -> None:
    assert is_blank(text) is blank


@pytest.mark.parametrize(("text", "shown"), [("Git without fear", "Git without fear"), ("مقدمة C++", "\u2068مقدمة C++\u2069")])
def test_text_that_runs_from_right_to_left_is_isolated_in_sentences(text: str, shown: str) -> None:
    assert bidi_isolated(text) == shown


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (date(2026, 3, 14), True),
        (datetime(2026, 3, 14, tzinfo=UTC), True),
        (datetime(2026, 3, 14, 0, 0, 1, tzinfo=UTC), False),
    ],
)
def test_what_is_known_to_the_day_alone(value: date, day: bool) -> None:
    assert is_date_without_time(value) is day
