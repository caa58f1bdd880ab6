import gzip
import os
import tracemalloc
from pathlib import Path

import pytest

from tests.webapp.importing.helpers import write
from webapp.importing.csv_records import Records
from webapp.importing.problems import ImportRefused


def read(path: Path) -> list[tuple[int, list[str] | str]]:
    with Records(path) as records:
        return [(record.line, record.reason or record.cells) for record in records]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.csv"


def test_quotes_may_hold_delimiters_quotes_and_line_breaks(path: Path) -> None:
    write(path, "id,text", 'a,"one, ""two""', 'three"', "b,four")
    assert read(path) == [(2, ["a", 'one, "two"\nthree']), (4, ["b", "four"])]


def test_an_unclosed_quote_costs_its_own_line_only(path: Path) -> None:
    write(path, "id,text", 'a,"never closed', "b,fine", "c,fine", 'd,"also, fine"', "e,fine")
    assert read(path) == [
        (2, "a quote is opened and not closed"),
        (3, ["b", "fine"]),
        (4, ["c", "fine"]),
        (5, ["d", "also, fine"]),
        (6, ["e", "fine"]),
    ]


def test_two_unclosed_quotes_do_not_swallow_what_lies_between(path: Path) -> None:
    write(path, "id,text", 'a,"open', "b,fine", "c,fine", 'd,"open too', "e,fine")
    assert [line for line, got in read(path) if isinstance(got, list)] == [3, 4, 6]


def test_quotes_inside_a_value_are_named(path: Path) -> None:
    write(path, "id,text", 'a,"x"y', "b,fine")
    assert read(path) == [(2, "quotes stand in the middle of a value"), (3, ["b", "fine"])]


def test_a_stray_quote_inside_a_value_swallows_no_lines(path: Path) -> None:
    write(path, "id,text", 'a,a 5" disk', "b,fine", 'c,"open', "d,fine", 'e,"closed"')
    assert read(path) == [
        (2, ["a", 'a 5" disk']),
        (3, ["b", "fine"]),
        (4, "a quote is opened and not closed"),
        (5, ["d", "fine"]),
        (6, ["e", "closed"]),
    ]


def test_a_quoted_value_past_the_readers_limit_says_so(path: Path) -> None:
    write(path, "id,text", f'a,"{"x" * 140_000}"', "b,fine")
    assert read(path) == [(2, "a value is longer than 131,072 characters"), (3, ["b", "fine"])]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,b,c", "2 columns are expected, 3 found"),
        ("a", "2 columns are expected, 1 found"),
        (b"a,caf\xe9", "not readable as UTF-8"),
        (b"a,nul\x00", "control characters (such as NUL) in the text"),
    ],
)
def test_rows_that_do_not_fit_the_header(path: Path, line: str | bytes, reason: str) -> None:
    write(path, "id,text", line, "b,fine")
    assert read(path) == [(2, reason), (3, ["b", "fine"])]


def test_gzip_is_recognized_whatever_the_name(path: Path) -> None:
    path.write_bytes(gzip.compress(b"id,text\na,b\n", mtime=0))
    assert read(path) == [(2, ["a", "b"])]


def test_byte_order_mark_windows_line_ends_blank_lines_and_semicolons(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbfid;text\r\n\r\na;b\r\n")
    with Records(path) as records:
        assert records.header == ["id", "text"]
    assert read(path) == [(3, ["a", "b"])]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"just a sentence\nand another\n", "one column only"),
        (b"PK\x03\x04\x14\x00", "spreadsheet"),
        ("id,text\n".encode("utf-16"), "UTF-16"),
        (b"\x89PNG\x00\x01,\x02\n", "not a CSV"),
        (b"id,id\n1,2\n", "names a column twice: id"),
        (gzip.compress(b"id,text\n" + b"a,b\n" * 10_000, mtime=0)[:-9], "damaged after line"),
    ],
)
def test_files_that_are_no_csv_are_refused_with_the_reason(path: Path, content: bytes, reason: str) -> None:
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=reason):
        read(path)


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(ImportRefused, match="There is no file"):
        read(path)


def test_a_line_without_end_costs_no_memory_and_no_other_line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"id,text\na,")
        for _ in range(64):
            file.write(b"x" * 2**20)
        file.write(b"\nb,fine\n")
    tracemalloc.start()
    try:
        assert read(path) == [(2, "longer than 1,000,000 characters"), (3, ["b", "fine"])]
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    finally:
        tracemalloc.stop()


def test_a_file_of_one_endless_line_is_no_csv(path: Path) -> None:
    path.write_bytes(b"id,text," * 2**20)
    with pytest.raises(ImportRefused, match="no header"):
        Records(path)


def test_a_line_of_commas_is_not_taken_apart(path: Path) -> None:
    write(path, "id,text", "," * 900_000, "b,fine")
    assert read(path) == [(2, "2 columns are expected, 900,001 found"), (3, ["b", "fine"])]


def test_a_value_is_as_long_as_a_value_may_be_quoted_or_not(path: Path) -> None:
    write(path, "id,text", f"a,{'x' * 140_000}", "b,fine")
    assert read(path) == [(2, "a value is longer than 131,072 characters"), (3, ["b", "fine"])]


def test_more_columns_than_any_table_has_are_refused(path: Path) -> None:
    write(path, ",".join(f"c{n}" for n in range(501)))
    with pytest.raises(ImportRefused, match="501 columns; 500 can be read"):
        Records(path)


@pytest.mark.parametrize("filling", [b"\0" * 2**20, (b"a," + b"1" * 1022 + b"\n") * 2**10], ids=["one line", "rows"])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, filling: bytes) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"id,text\n") + gzip.compress(filling) * 512)
    with pytest.raises(ImportRefused, match="unpacks to more than"), Records(path) as records:
        for _record in records:
            pass


def test_a_small_file_that_packs_well_is_read(tmp_path: Path) -> None:
    path = tmp_path / "zeros.csv.gz"
    path.write_bytes(gzip.compress(b"id,text\n" + b"0,0\n" * 200_000))
    assert len(read(path)) == 200_000


def test_a_damaged_gzip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "damaged.csv.gz"
    packed = bytearray(gzip.compress(b"id,text\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(200_000))))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = bytes(40)
    path.write_bytes(packed)
    with pytest.raises(ImportRefused, match="damaged"):
        read(path)


def test_what_waits_or_never_ends_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(ImportRefused, match="is no file"):
            Records(path)
    with pytest.raises(ImportRefused, match=r"is no file|directory"):
        Records(tmp_path)
