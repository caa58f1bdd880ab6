"""Run messages: what a job's run says of itself, as a code with parameters. The words are in `webapp.wording.jobs`."""

import json
from collections.abc import Iterator, Mapping
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
    UNUSABLE_DATA = "unusable_data"  # `reason` is a fault of the recommender's; once it was `detail`, a sentence
    NOT_STORED = "not_stored"  # the new model; `reason` as above
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
        """The message as stored text of at most `limit` characters.

        The longest text among the parameters gives way, then the end of the longest list.
        """
        if self.sentence:
            return self.sentence[:limit]
        content = json.loads(_compact(self.to_json()))
        while len(text := _compact(content)) > limit:
            inside = list(_inside(content["params"]))
            texts = [(place, key) for place, key in inside if isinstance(place[key], str) and len(place[key]) > _SHORTEST and key != "code"]
            lists = [place[key] for place, key in inside if isinstance(place[key], list) and place[key]]
            if texts:
                place, key = max(texts, key=lambda spot: len(spot[0][spot[1]]))
                place[key] = place[key][: max(len(place[key]) - (len(text) - limit) - 1, _SHORTEST - 1)] + _CUT
            elif lists:
                max(lists, key=len).pop()
            else:
                return _compact({"code": content["code"]})[:limit]
        return text


def _compact(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _inside(container: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in plain values, as the mapping or list and the key in it."""
    for key in container if isinstance(container, dict) else range(len(container)):
        yield container, key
        if isinstance(container[key], dict | list):
            yield from _inside(container[key])


def read_message(stored: str) -> RunMessage:
    """What `RunMessage.stored` wrote; anything else is a sentence from before there were codes."""
    try:
        content = json.loads(stored)
    except ValueError:
        return RunMessage(sentence=stored)
    return run_message_from_json(content) if isinstance(content, dict) and "code" in content else RunMessage(sentence=stored)


def run_message_from_json(content: Mapping[str, Any]) -> RunMessage:
    """The message that `RunMessage.to_json` gave as JSON."""
    params = content.get("params", {})
    return RunMessage(str(content["code"]), params if isinstance(params, dict) else {})
