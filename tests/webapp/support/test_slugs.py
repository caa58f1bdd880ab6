"""Slugs made from names."""

import pytest

from webapp.support.slugs import UniqueSlugs, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        (".NET", "dot-net"),
        ("Net", "net"),
        ("Modern C++ and C#", "modern-c-plus-plus-and-c-sharp"),
        ("Notepad+", "notepad-plus"),
        ("ASP.NET", "asp-net"),
        ("🚀", "rocket"),
        ("Введение", "vvedenie"),
        ("\u200d", "topic"),
        ("", "topic"),
    ],
)
def test_a_slug_is_readable_and_never_empty(name: str, slug: str) -> None:
    assert slug_of(name, 80, "topic") == slug


def test_names_that_read_alike_get_numbers_and_keep_within_the_column() -> None:
    slugs = UniqueSlugs(["data"], 10, "topic")
    assert [slugs.make(name) for name in ("Data", "data", "中国寓言", "中国语言", "\u200d", "\u200d")] == [
        "data-2",
        "data-3",
        "zhong-guo",
        "zhong-gu-2",
        "topic",
        "topic-2",
    ]


def test_ten_thousand_courses_of_one_title_are_numbered_at_once() -> None:
    slugs = UniqueSlugs((), 100, "course")
    assert len({slugs.make("Introduction") for _ in range(10_000)}) == 10_000
