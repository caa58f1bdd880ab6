"""Languages of pages: which one a request gets, and the functions templates speak with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.support import Translations
from flask import Flask, Response, g, request
from flask_babel import Babel
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from webapp.config import Settings
from webapp.support.messages import MessageCatalog, gettext, ngettext, plural_form, set_language
from webapp.support.pseudo_locale import TAG, PseudoCatalog
from webapp.web import translation_compiler
from webapp.web.cookies import keep_cookie
from webapp.web.guards import current_account

COOKIE = "pseudo"
_ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class PageLanguage:
    """What stands in `<html lang dir>`, and the messages of that language; None is English as it is written."""

    tag: str
    direction: str
    catalog: MessageCatalog | None


_IN_ENGLISH = PageLanguage(_ENGLISH, "ltr", None)
_PSEUDO = PageLanguage(TAG, "rtl", PseudoCatalog())


def init_i18n(app: Flask, settings: Settings) -> None:
    """Choose a language for each request, and give templates `_`, `gettext`, `ngettext`, `{% trans %}` and `page_language`."""
    languages = _languages()
    Babel(configure_jinja=False).init_app(
        app,
        default_locale=_ENGLISH,
        default_translation_directories=str(translation_compiler.CATALOGS),
        locale_selector=lambda: _choose_language(languages),
    )
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.globals.update(_=_template_gettext, gettext=_template_gettext, ngettext=_template_ngettext, page_language=page_language)
    in_development = settings.environment == "development"

    @app.before_request
    def speak_to_reader() -> None:
        g.page_language = _PSEUDO if in_development and _pseudo_is_on(settings) else languages[_choose_language(languages)]
        set_language(g.page_language.catalog)

    @app.teardown_request
    def stop_speaking(_error: BaseException | None) -> None:
        set_language(None)

    if in_development:
        app.after_request(_remember_pseudo)


def page_language() -> PageLanguage:
    """The language of the page that is drawn; English where no request is."""
    language: PageLanguage = g.get("page_language", _IN_ENGLISH)
    return language


def _choose_language(languages: Mapping[str, PageLanguage]) -> str:
    """The reader's language where there is a catalog for it: what the profile says, else what the browser asks for."""
    if len(languages) == 1 or not request:
        return _ENGLISH
    user = current_account() if request.endpoint != "static" else None  # files have no unit of work and speak no language
    if user is not None and user.language in languages:
        return str(user.language)
    return request.accept_languages.best_match(languages, _ENGLISH) or _ENGLISH


def _languages() -> dict[str, PageLanguage]:
    """English, and every language whose catalog has been compiled, by its code."""
    codes = sorted(file.parts[-3] for file in translation_compiler.CATALOGS.glob("*/LC_MESSAGES/messages.mo"))
    return {_ENGLISH: _IN_ENGLISH} | {code: _language(code) for code in codes}


def _language(code: str) -> PageLanguage:
    return PageLanguage(
        code.replace("_", "-"), Locale.parse(code).text_direction, Translations.load(str(translation_compiler.CATALOGS), [code])
    )


def _pseudo_is_on(settings: Settings) -> bool:
    """Whether the pseudo-locale is on, in development: `?pseudo=on` or `off` from this request on, else as the process was started."""
    default = "on" if settings.pseudo_locale else "off"
    return request.args.get("pseudo", request.cookies.get(COOKIE, default)) == "on"


def _remember_pseudo(response: Response) -> Response:
    if (wanted := request.args.get("pseudo")) in ("on", "off"):
        keep_cookie(response, COOKIE, wanted)
    return response


@lru_cache(maxsize=4096)
def _without_values(text: str) -> Markup:
    """A message that has no values, where a percent sign is written twice; one that a translator wrote once stands as it is."""
    return Markup(text.replace("%%", "%"))  # noqa: S704 - from the catalog, written by us


@pass_eval_context
def _template_gettext(context: EvalContext, message: str, /, **values: Any) -> str:
    """Always a format, as Jinja's new style has it: a percent sign is written twice. Values are escaped, the message is markup."""
    text = gettext(message)
    if not context.autoescape:
        return text % values if values else str(_without_values(text))
    return Markup(text) % values if values else _without_values(text)  # noqa: S704 - from the catalog, written by us


@pass_eval_context
def _template_ngettext(context: EvalContext, singular: str, plural: str, count: int, /, **values: Any) -> str:
    """The form for the count; `%(num)s` is the count with thousands set apart."""
    if not context.autoescape:
        return ngettext(singular, plural, count, **values)
    text = plural_form(singular, plural, count)
    return Markup(text) % {"num": f"{count:,}", **values}  # noqa: S704 - from the catalog, written by us
