"""Permissions: everything that may be allowed, as scope:resource:action. The scope says who holds it (webapp.policies.role_permissions)."""

from enum import StrEnum


class Permission(StrEnum):
    """scope:resource:action. The scope is the least role that holds it: a creator may what learners may, an administrator everything."""

    LEARN_COURSE = "learner:course:learn"
    GIVE_FEEDBACK = "learner:feedback:give"
    EDIT_PROFILE = "learner:profile:edit"
    READ_NOTIFICATIONS = "learner:notification:read"
    SEE_STUDIO = "creator:studio:see"
    EDIT_COURSE = "creator:course:edit"
    EDIT_ANY_COURSE = "admin:course:edit"
    SEE_ADMIN = "admin:overview:see"
    TRAIN_MODEL = "admin:model:train"
    PROMOTE_MODEL = "admin:model:promote"
    TUNE_RANKING = "admin:policy:tune"
    RUN_JOB = "admin:job:run"
    SEE_LEARNER_HOME = "admin:learner:see_home"
    IMPORT_DATA = "admin:data:import"
    MANAGE_ACCOUNTS = "admin:account:manage"

    @property
    def scope(self) -> str:
        """The least role that holds it."""
        return self.value.partition(":")[0]
