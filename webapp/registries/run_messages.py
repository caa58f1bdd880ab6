"""Run messages: what a job's run says of itself, as a code with parameters. The words are in `webapp.wording.jobs`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_SHORTEST = 20
_CUT = "…"


class RunCode(StrEnum):
    """How far a run is, what came of it, or why it ended."""

    STARTING = "starting"
    # Under way.
    READING_TABLES = "reading_tables"
    TRAINING = "training"  # `step` is one of the recommender's, with its own parameters
    MAILS_TRIED = "mails_tried"  # `mails`
    # Done.
    LEARNED = "learned"  # from `interactions` of `learners` with `courses` in `seconds`
    HELD_BACK = "held_back"  # the model `version`, whose row says why
    NOBODY_YET = "nobody_yet"
    RECOUNTED = "recounted"
    ROLLED_UP = "rolled_up"  # `rows`
    PRUNED = "pruned"  # `rows`
    MAILS_SENT = "mails_sent"  # `sent`, `put_off`, `given_up`
    # Ended before it was done.
    CANCELLED = "cancelled"
    CANCELLED_BEFORE_IT_BEGAN = "cancelled_before_it_began"
    TOO_LONG = "too_long"  # longer than `minutes`
    TERMINATED = "terminated"
    PROCESS_ENDED = "process_ended"
    UNRESPONSIVE = "unresponsive"
    NOT_STARTED = "not_started"
    UNDECLARED = "undeclared"  # there is no job `job`
    UNUSABLE_DATA = "unusable_data"  # `detail` is the recommender's own
    CRASHED = "crashed"  # `error` is the exception's own


@dataclass(frozen=True, slots=True)
class RunMessage:
    """A code with its parameters, plain values; `sentence` instead where a run was written down before there were codes."""

    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""

    def to_json(self) -> dict[str, Any]:
        """The message as JSON: {"code", "params"}."""
        return {"code": str(self.code), "params": dict(self.params)}

    def stored(self, limit: int) -> str:
        """The message as stored text of at most `limit` characters: the longest text among the parameters gives way."""
        if self.sentence:
            return self.sentence[:limit]
        content = self.to_json()
        while len(text := json.dumps(content, ensure_ascii=False, separators=(",", ":"))) > limit:
            texts = {name: value for name, value in content["params"].items() if isinstance(value, str) and len(value) > _SHORTEST}
            if not texts:
                return json.dumps({"code": content["code"]}, separators=(",", ":"))[:limit]
            name = max(texts, key=lambda name: len(texts[name]))
            content["params"][name] = texts[name][: max(len(texts[name]) - (len(text) - limit) - 1, _SHORTEST - 1)] + _CUT
        return text


def read_message(stored: str) -> RunMessage:
    """What `RunMessage.stored` wrote; anything else is a sentence from before there were codes."""
    try:
        content = json.loads(stored)
    except ValueError:
        return RunMessage(sentence=stored)
    return message_of(content) if isinstance(content, dict) and "code" in content else RunMessage(sentence=stored)


def message_of(content: Mapping[str, Any]) -> RunMessage:
    """The message that `RunMessage.to_json` gave as JSON."""
    params = content.get("params", {})
    return RunMessage(str(content["code"]), params if isinstance(params, dict) else {})
