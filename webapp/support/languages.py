"""Language tags: the language a text is in or a person reads, in one spelling."""

import re

_TAG = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}))?")


def language_tag(text: str) -> str:
    """A tag as BCP 47 writes it, whatever its case: `en`, `pt-BR`, `zh-Hans`. Raises ValueError for what is none."""
    match = _TAG.fullmatch(text.strip().replace("_", "-"))
    if match is None:
        raise ValueError("no language tag")
    language, script, region = match.groups(default="")
    return "-".join(filter(None, (language.lower(), script.title(), region.upper())))


def primary_language(tag: str) -> str:
    """What a tag begins with: who reads `pt-BR` reads `pt`."""
    return tag.strip().replace("_", "-").partition("-")[0].lower()
