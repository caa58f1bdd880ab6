"""Compiling catalogs of messages: a translator's .po becomes the .mo that pages speak from (webapp.web.i18n).

A translation that could not be shown is left out and named, so that its message is said in English: one that wants a value the message
does not have, or has it written in another way (`%(name)d` of a name, `%s` of everything), or that is no format where the message is one.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from webapp.support.messages import gettext

CATALOGS = Path(__file__).parents[1] / "translations"
_NAMED = re.compile(r"%\((\w+)\)")
_CONVERSION = re.compile(r"%(?:\(\w+\))?[#0\- +]*[\d*]*(?:\.[\d*]*)?[hlL]?.?", re.DOTALL)
"""What Python takes for a value that is set in, from the percent sign to the letter that says how."""


@dataclass(frozen=True, slots=True)
class CompiledCatalog:
    """A language with how many of its messages are translated; `faults` say what was left out, or why nothing could be compiled."""

    language: str
    translated: int
    messages: int
    faults: tuple[str, ...] = ()


def compile_catalogs(folder: Path | None = None) -> list[CompiledCatalog]:
    """Compile `LANGUAGE/LC_MESSAGES/messages.po` for each language in the folder, by default this installation's."""
    return [_compile_catalog(file) for file in sorted((folder or CATALOGS).glob("*/LC_MESSAGES/messages.po"))]


def _compile_catalog(file: Path) -> CompiledCatalog:
    language = file.parts[-3]
    try:
        with file.open("rb") as source:
            catalog = read_po(source, locale=Locale.parse(language), abort_invalid=True)
    except (UnknownLocaleError, PoFileError, LookupError, ValueError, OSError) as error:
        return CompiledCatalog(language, 0, 0, (f"{file.name}: {error}",))
    for message in catalog:
        _fill_forms(message)
    faults = tuple(f"line {message.lineno}: {fault}" for message in catalog if message.id and (fault := _clear_faulty_translation(message)))
    try:
        _write(file.with_suffix(".mo"), catalog)
    except OSError as error:
        return CompiledCatalog(language, 0, len(catalog), (*faults, f"{file.with_suffix('.mo').name}: {error.strerror}"))
    return CompiledCatalog(language, sum(_is_translated(message) for message in catalog if message.id), len(catalog), faults)


def _fill_forms(message: Message) -> None:
    """Forms a translator has not written (French has a third one, for millions) are said as the last one that is there."""
    forms = message.string
    if isinstance(forms, tuple) and any(forms):
        message.string = tuple(form or [other for other in forms if other][-1] for form in forms)


def _clear_faulty_translation(message: Message) -> str:
    """What is wrong with a translation, which is then empty; nothing where all is well."""
    if not _is_translated(message):
        return ""
    originals, translations = _texts(message.id), _texts(message.string)
    values = {name for original in originals for name in _NAMED.findall(original)}
    unknown = sorted({name for text in translations for name in _NAMED.findall(text)} - values)
    fault = gettext("no such value: %(names)s", names=", ".join(unknown)) if unknown else ""
    if not fault and (values or any("%%" in original for original in originals)):
        known = {"%%", *(each for original in originals for each in _CONVERSION.findall(original))}
        fault = next((gettext("“%(text)s” is no format", text=text) for text in translations if not _is_format_of(text, known)), "")
    if fault:
        message.string = ("",) * len(translations) if isinstance(message.id, tuple) else ""
    return fault


def _is_translated(message: Message) -> bool:
    return not message.fuzzy and all(_texts(message.string))


def _is_format_of(text: str, conversions: Collection[str]) -> bool:
    """Whether each value stands in it as the message has it. Whether Python can set in some value says too little: `%s` takes all of them
    at once, and `%(name)d` fails with a name only when it is shown."""
    return all(each in conversions for each in _CONVERSION.findall(text))


def _texts(text: Any) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (text,)


def _write(path: Path, catalog: Catalog) -> None:
    """Whole or not at all: servers may be reading the one before."""
    fresh = path.with_suffix(".mo.new")
    with fresh.open("wb") as file:
        write_mo(file, catalog)
    fresh.replace(path)
