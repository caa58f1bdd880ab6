"""Decision: which policy, which arm of an experiment and which model a slate comes from."""

from dataclasses import dataclass

from webapp.recommender.serving.serving_model import POLICY, Serving


@dataclass(frozen=True, slots=True)
class Decision:
    """What composed a slate, stored with it. `arm` is that of an experiment, None outside of one; `model` is None where nothing but
    popularity could be asked."""

    policy: str
    arm: str | None = None
    model: str | None = None

    def columns(self) -> dict[str, str | None]:
        """The decision as columns of Slate."""
        return {"policy_version": self.policy, "arm": self.arm, "model_version": self.model}


def choose_policy_and_model(placement: str, serving: Serving | None) -> Decision:
    """The decision about a placement for this request."""
    if serving is None:
        return Decision(POLICY.version)
    return Decision(serving.policies.policy_for(placement).version, None, serving.version)
