"""Kinds of personal data: what is kept about people, in the words in which the privacy page says it.

A kind is a member of PersonalData with its PersonalDataSpec; each column that names a person says which kind its rows are
(webapp.models.personal_data), so nothing is kept that the page does not name.
"""

from dataclasses import dataclass

from webapp.registries.declared_kind import DeclaredKind
from webapp.registries.permissions import Permission
from webapp.support.messages import N_


@dataclass(frozen=True, slots=True)
class PersonalDataSpec:
    """What is kept: `title`, then `contents`, messages in English that whoever shows them translates. Where only those who hold a
    permission can have such rows, it is said to them alone."""

    title: str
    contents: str
    permission: Permission | None = None


class PersonalData(DeclaredKind):
    """The kinds of personal data, in the order in which people read of them."""

    spec: PersonalDataSpec

    ACCOUNT = (
        "account",
        PersonalDataSpec(
            N_("Your account"),
            N_("name, e-mail address, a password nobody can read, when you signed in last, what an administrator changed about it."),
        ),
    )
    SIGN_INS = (
        "sign_ins",
        PersonalDataSpec(
            N_("Where you are signed in"),
            N_("kind of browser, the coarse part of the network address, times; a week longer than the session."),
        ),
    )
    STATED = (
        "stated",
        PersonalDataSpec(N_("What you told us"), N_("interests, career goal, level, hours a week, language, time zone.")),
    )
    LEARNING = (
        "learning",
        PersonalDataSpec(
            N_("What you do with courses"),
            N_("which ones you open, take, finish, save, rate, like or wave away, and how far you are."),
        ),
    )
    RECOMMENDED = (
        "recommended",
        PersonalDataSpec(N_("What we recommended to you"), N_("the courses, why, which of them you saw and which you opened.")),
    )
    MESSAGES = (
        "messages",
        PersonalDataSpec(
            N_("What we told you"), N_("your notifications and when you read them; mail to you until it is sent, and when it was.")
        ),
    )
    AUTHORED = (
        "authored",
        PersonalDataSpec(N_("What you made"), N_("your courses, and the versions of courses that you wrote."), Permission.EDIT_COURSE),
    )
    DECISIONS = (
        "decisions",
        PersonalDataSpec(
            N_("What you decided"),
            N_("what you published, changed, started or granted, and when; it stays without your name once you are gone."),
            Permission.SEE_STUDIO,
        ),
    )
