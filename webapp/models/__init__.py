"""Tables, one file per noun: columns, constraints, relations. No queries, no saving."""

from webapp.models.course import UNDATED, Course, CourseSkill, CourseStatus, CourseTag, CourseTopic, Level, Prerequisite
from webapp.models.enrollment import Enrollment, EnrollmentStatus, LessonProgress
from webapp.models.event import Event, Feedback, SavedCourse, Slate
from webapp.models.lesson import Choice, Lesson, LessonKind, Module, Question
from webapp.models.notification import Notification
from webapp.models.operations import AuditEntry, ImportRun, JobRun, ModelStatus, ModelVersion, RunStatus
from webapp.models.session import UserSession
from webapp.models.topic import CareerGoal, GoalSkill, Skill, Tag, Topic
from webapp.models.user import Profile, ProfileTopic, Role, User

__all__ = [
    "UNDATED",
    "AuditEntry",
    "CareerGoal",
    "Choice",
    "Course",
    "CourseSkill",
    "CourseStatus",
    "CourseTag",
    "CourseTopic",
    "Enrollment",
    "EnrollmentStatus",
    "Event",
    "Feedback",
    "GoalSkill",
    "ImportRun",
    "JobRun",
    "Lesson",
    "LessonKind",
    "LessonProgress",
    "Level",
    "ModelStatus",
    "ModelVersion",
    "Module",
    "Notification",
    "Prerequisite",
    "Profile",
    "ProfileTopic",
    "Question",
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
