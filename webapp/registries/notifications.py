"""Notification kinds: everything somebody can be told, each with who is told, in what words, by which way, and how often.

A kind is a member of NotificationKind with its NotificationSpec; no other list of kinds exists.
"""

from dataclasses import dataclass
from enum import StrEnum

from webapp.registries.declared_kind import DeclaredKind
from webapp.registries.permissions import Permission
from webapp.support.messages import N_


class Audience(StrEnum):
    """Who is told. `ADDRESSEE`: the one person that whoever tells it names, such as the author of what it is about."""

    ADDRESSEE = "addressee"
    TOPIC_FOLLOWERS = "topic_followers"
    COURSE_CREATOR = "course_creator"
    ADMINISTRATORS = "administrators"


class Channel(StrEnum):
    """A way to tell somebody."""

    PRODUCT = "product"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class NotificationSpec:
    """What a notification of a kind says and to whom. Messages are in English with names in braces, which the notification fills: {course}
    and {topic}, whose text is set apart, and {reason}; who shows one translates it. `happens` says when it is written, for docs/kinds.md;
    `announced` ends "You hear about …".

    `without_topic` is said where no topic is known. `note` is the line below; without one it is what is known of the course. `link` is the
    endpoint it leads to: the address of the course, or one without parts for readers who hold `link_permission`. `channels` are among those
    that are built (webapp.services.notifications.CHANNELS). `daily_cap` limits how many one person is told of a day.
    """

    audience: Audience
    happens: str
    announced: str
    message: str
    note: str = ""
    without_topic: str = ""
    link: str = ""
    link_permission: Permission | None = None
    channels: frozenset[Channel] = frozenset({Channel.PRODUCT})
    daily_cap: int | None = None

    @property
    def about_a_course(self) -> bool:
        """Whether it is about a course."""
        return "{course}" in self.message


class NotificationKind(DeclaredKind):
    """The kinds of notification."""

    spec: NotificationSpec

    NEW_COURSE = (
        "new_course",
        NotificationSpec(
            Audience.TOPIC_FOLLOWERS,
            happens="a course is published for the first time; one that is imported or comes back is no news",
            announced=N_("new courses in the topics you follow"),
            message=N_("New in {topic}: {course}"),
            without_topic=N_("New: {course}"),
            link="course.show",
            daily_cap=20,
        ),
    )
    FIRST_LEARNER = (
        "first_learner",
        NotificationSpec(
            Audience.COURSE_CREATOR,
            happens="somebody other than its creator enrolls and nobody has before, whatever became of it",
            announced=N_("the first learner of a course of yours"),
            message=N_("{course} has its first learner"),
            note=N_("Its counts are in the studio."),
            link="studio.index",
            link_permission=Permission.SEE_STUDIO,
        ),
    )
    TRAINING_FAILED = (
        "training_failed",
        NotificationSpec(
            Audience.ADMINISTRATORS,
            happens="a run of the training fails or its process dies",
            announced=N_("trainings that fail"),
            message=N_("Training the recommender has failed"),
            note="{reason}",
            link="admin.jobs",
            link_permission=Permission.SEE_ADMIN,
        ),
    )
    MODEL_HELD_BACK = (
        "model_held_back",
        NotificationSpec(
            Audience.ADMINISTRATORS,
            happens="a trained model is worse than the one that serves",
            announced=N_("models that are held back"),
            message=N_("The new model was held back"),
            note="{reason}",
            link="admin.index",
            link_permission=Permission.SEE_ADMIN,
        ),
    )
    WORSE_MODEL_SERVES = (
        "worse_model_serves",
        NotificationSpec(
            Audience.ADMINISTRATORS,
            happens="a new model is worse than the one before and serves all the same, because that one may hold somebody who was erased",
            announced=N_("models that serve though they are worse"),
            message=N_("The new model serves, though it is worse"),
            note="{reason}",
            link="admin.index",
            link_permission=Permission.SEE_ADMIN,
        ),
    )
