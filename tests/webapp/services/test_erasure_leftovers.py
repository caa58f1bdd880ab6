"""Whether a row of a problem file may speak of somebody who is erased."""

import pytest

from webapp.services.erasure_leftovers import may_mention
from webapp.support.csv_injection import spreadsheet_safe

NAMES = ["zoltan@quux.example", "Zoltán Quüx", "u-42", "张伟", "🚀"]


@pytest.mark.parametrize(
    "row",
    [
        "7,Zoltán Quüx,nope",
        "7,Quux;Zoltan,nope",  # a column for each name, the last one first
        '7,"Quux, Zoltan",nope',
        "7,ＺＯＬＴＡＮ　ＱＵＵＸ,nope",
        "7,Zolta\u0301n,Quu\u0308x",
        spreadsheet_safe("7,Zoltan\0Quux,nope"),
        spreadsheet_safe(b"7,Zolt\xe1n Qu\xfcx,nope".decode("utf-8", "surrogateescape")),  # Latin-1
        spreadsheet_safe(b"7,\xc7\xee\xeb\xf2\xe0\xed,nope".decode("utf-8", "surrogateescape")),  # Windows-1251
        "7,mailto:Zoltan@Quux.Example,nope",
        "u-42,Somebody,nope",
        "7,张伟先生,nope",
        "7,Rocket 🚀 Man,nope",
    ],
)
def test_a_row_that_may_name_the_person(row: str) -> None:
    assert may_mention(row, NAMES)


@pytest.mark.parametrize(
    "row", ["7,Zoltan Kodály,nope", "7,Quuxley Zoltan,nope", "u-421,Somebody,nope", "7,张三,nope", "", "7,Ada Lovelace"]
)
def test_a_row_about_somebody_else(row: str) -> None:
    assert not may_mention(row, NAMES)
