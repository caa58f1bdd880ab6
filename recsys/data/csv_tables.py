"""CSV reading: cells as text, or one line that says why the file cannot be read."""

import lzma
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from recsys.errors import DataError
from recsys.faults import Fault

UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, UnicodeDecodeError)
"""What reading a text file may raise, packed ones included: each library has its own word for damage."""
_WINDOWS = ("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN")
_NO_VALUE = frozenset(
    {"#N/A", "#N/A N/A", "#NA", "<NA>", "N/A", "n/a", "NA", "NULL", "null", "None", "NaN", "nan", "-NaN", "-nan", *_WINDOWS}
)
"""What pandas takes for a missing value."""


def read_table(path: Path) -> pd.DataFrame:
    """A CSV file, packed or not: cells as text, NaN where there is nothing, names of columns without blanks around them. Tabs may
    stand for commas.

    Raises DataError when the file is missing, damaged or no table.
    """
    try:
        frame = pd.read_csv(
            path, sep=_separator(path), dtype=str, encoding="utf-8-sig", skipinitialspace=True, keep_default_na=False, na_values=[""]
        )
    except FileNotFoundError as error:
        raise DataError(Fault.FILE_ABSENT, file=path) from error
    except (*UNREADABLE, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(Fault.CSV_UNREADABLE, file=path.name, error=error) from error
    frame.columns = [str(column).strip() for column in frame.columns]
    return frame


def _separator(path: Path) -> str:
    """Tab where tabs divide the header and no comma does, else comma."""
    if not path.is_file():  # a pipe can be read only once
        return ","
    header = [str(column) for column in pd.read_csv(path, sep="\t", nrows=0, dtype=str, encoding="utf-8-sig").columns]
    return "\t" if len(header) > 1 and not any("," in column for column in header) else ","


def null_words_to_nan(frame: pd.DataFrame, ids: Collection[str]) -> pd.DataFrame:
    """`frame` with NaN for words such as NA, null and None, but in the columns `ids`: learners and courses may be called so."""
    texts = [name for name in frame.select_dtypes(include=["object", "string"]).columns if name not in ids]
    return frame.assign(**{name: frame[name].mask(frame[name].isin(_NO_VALUE)) for name in texts})
