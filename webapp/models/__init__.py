"""Tables, one file per noun: columns, constraints, relations. No queries, no saving."""

from webapp.models.course import UNDATED, Course, CourseSkill, CourseStatus, CourseTag, CourseTopic, CourseVersion, Level, Prerequisite
from webapp.models.enrollment import Enrollment, EnrollmentStatus, LessonProgress
from webapp.models.event import Event, Feedback, SavedCourse
from webapp.models.lesson import Choice, Lesson, LessonKind, Module, Question
from webapp.models.notification import Notification
from webapp.models.offered_lesson import OfferedLesson
from webapp.models.operations import AuditEntry, ImportRun, JobRun, ModelStatus, ModelVersion, RunStatus
from webapp.models.outbox import OutboxMail
from webapp.models.ranking_policy import EVERYWHERE, PolicyStatus, RankingPolicy
from webapp.models.rollup import CourseDay, CoursePair, CourseStats, GoalCourse, PlacementDay
from webapp.models.session import UserSession
from webapp.models.slate import Impression, Slate
from webapp.models.user import Profile, ProfileTopic, Role, User
from webapp.models.vocabulary import CareerGoal, GoalSkill, Skill, Tag, Topic

__all__ = [
    "EVERYWHERE",
    "UNDATED",
    "AuditEntry",
    "CareerGoal",
    "Choice",
    "Course",
    "CourseDay",
    "CoursePair",
    "CourseSkill",
    "CourseStats",
    "CourseStatus",
    "CourseTag",
    "CourseTopic",
    "CourseVersion",
    "Enrollment",
    "EnrollmentStatus",
    "Event",
    "Feedback",
    "GoalCourse",
    "GoalSkill",
    "ImportRun",
    "Impression",
    "JobRun",
    "Lesson",
    "LessonKind",
    "LessonProgress",
    "Level",
    "ModelStatus",
    "ModelVersion",
    "Module",
    "Notification",
    "OfferedLesson",
    "OutboxMail",
    "PlacementDay",
    "PolicyStatus",
    "Prerequisite",
    "Profile",
    "ProfileTopic",
    "Question",
    "RankingPolicy",
    "Role",
    "RunStatus",
    "SavedCourse",
    "Skill",
    "Slate",
    "Tag",
    "Topic",
    "User",
    "UserSession",
]
