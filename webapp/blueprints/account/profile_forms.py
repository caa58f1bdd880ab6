"""Forms of the welcome steps and of the profile."""

from collections.abc import Iterable
from decimal import Decimal
from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from webapp.queries.accounts import Option
from webapp.services.accounts import MAX_NAME
from webapp.services.errors import Invalid
from webapp.services.profiles import MAX_WEEKLY_MINUTES, MIN_WEEKLY_MINUTES
from webapp.support.messages import gettext, lazy_gettext
from webapp.web.fields import LineField, NumberField

LEVELS = (
    ("beginner", lazy_gettext("New to it")),
    ("intermediate", lazy_gettext("I know the basics")),
    ("advanced", lazy_gettext("I do this already")),
)
PACES = (
    (60, lazy_gettext("About 1 hour")),
    (120, lazy_gettext("2 hours")),
    (180, lazy_gettext("3 hours")),
    (300, lazy_gettext("5 hours")),
    (480, lazy_gettext("8 hours")),
    (720, lazy_gettext("12 or more")),
)
LANGUAGES = {
    "ar": "العربية",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "hi": "हिन्दी",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "ru": "Русский",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh": "中文",
}
_CONTINENTS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_MOST_DIGITS = 6
_GONE = lazy_gettext("There is no such choice. Choose again.")


def _choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _option_choices(options: Iterable[Option]) -> list[SelectChoice]:
    return _choices((option.slug, option.name) for option in options)


class InterestsForm(FlaskForm):  # type: ignore[misc]
    """The form of topics of interest."""

    topics = SelectMultipleField(lazy_gettext("Topics"), description=lazy_gettext("Three to five work best."), validate_choice=False)

    def set_choices(self, topics: Iterable[Option]) -> "InterestsForm":
        """Set the choices."""
        self.topics.choices = _option_choices(topics)
        return self


class GoalForm(FlaskForm):  # type: ignore[misc]
    """The form of the career goal."""

    goal = RadioField(lazy_gettext("Career goal"), validate_choice=False)

    def set_choices(self, goals: Iterable[Option]) -> "GoalForm":
        """Set the choices."""
        self.goal.choices = _option_choices(goals)
        return self


class PaceForm(FlaskForm):  # type: ignore[misc]
    """The form of level and time."""

    level = RadioField(lazy_gettext("How much do you know about these topics?"), choices=_choices(LEVELS), validate_choice=False)
    pace = RadioField(
        lazy_gettext("How much time does a normal week have?"),
        choices=_choices((str(minutes), label) for minutes, label in PACES),
        validate_choice=False,
    )

    def weekly_minutes(self) -> int | None:
        """The pace in minutes; None where there is no answer. Raises Invalid."""
        chosen = self.pace.data
        if not chosen:
            return None
        if not (chosen.isascii() and chosen.isdigit() and len(chosen) <= _MOST_DIGITS):
            raise Invalid(gettext("There is no such choice. Choose again."), "pace")
        return int(chosen)


class ProfileForm(FlaskForm):  # type: ignore[misc]
    """Everything on the profile page."""

    name = LineField(
        lazy_gettext("Name"),
        [
            InputRequired(lazy_gettext("Tell us what to call you.")),
            Length(max=MAX_NAME, message=lazy_gettext("Use at most %(num)s characters.", num=MAX_NAME)),
        ],
        description=lazy_gettext("What we call you."),
        render_kw={"autocomplete": "name"},
    )
    topics = SelectMultipleField(lazy_gettext("Interests"), validate_choice=False)
    goal = SelectField(lazy_gettext("Career goal"), validate_choice=False)
    level = RadioField(lazy_gettext("Level"), choices=_choices([*LEVELS, ("", lazy_gettext("No answer"))]), validate_choice=False)
    hours = NumberField(
        lazy_gettext("Hours a week"),
        low=Decimal(MIN_WEEKLY_MINUTES) / 60,
        high=Decimal(MAX_WEEKLY_MINUTES) / 60,
        unit=lazy_gettext("hours"),
        description=lazy_gettext("What a normal week has room for."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    language = SelectField(
        lazy_gettext("Language of courses"), description=lazy_gettext("The one you prefer."), invalid_choice_message=_GONE
    )
    timezone = SelectField(
        lazy_gettext("Time zone"),
        description=lazy_gettext("To greet you by your clock."),
        invalid_choice_message=_GONE,
    )

    def set_choices(self, topics: Iterable[Option], goals: Iterable[Option], languages: Iterable[str]) -> "ProfileForm":
        """Set the choices; the languages courses are in come first."""
        self.topics.choices = _option_choices(topics)
        self.goal.choices = [SelectChoice("", gettext("No goal for now")), *_option_choices(goals)]
        codes = dict.fromkeys([*languages, "en", self.language.object_data or "en"])
        self.language.choices = [SelectChoice(code, LANGUAGES.get(code, code), {"lang": code}) for code in codes]
        self.timezone.choices = [SelectChoice(zone, zone.replace("_", " ")) for zone in _zones(self.timezone.object_data or "UTC")]
        return self

    def weekly_minutes(self) -> int | None:
        """The hours in minutes."""
        hours: Decimal | None = self.hours.data
        return None if hours is None else round(hours * 60)


def _zones(keep: str) -> list[str]:
    known = (zone for zone in available_timezones() if zone.split("/")[0] in _CONTINENTS)
    return ["UTC", *sorted({*known, keep} - {"UTC"})]
