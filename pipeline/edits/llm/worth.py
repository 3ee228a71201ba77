"""What an answer is good for: whether anything of it passes the checks, caption by caption."""

from __future__ import annotations

from pipeline.core.protocols import ChatFailure, Worth
from pipeline.edits.llm.questions import Asked, Heard, Question, Read

NOTHING_WRITTEN = "nothing is written for a caption in which the rules find something to edit"


def worth_of_reading(question: Question, read: Read | ChatFailure) -> Worth:
    """Judge what was read in the answer to a question.

    An answer is useless for a caption when all that it holds for it is refused, in reading or by
    the checks, or when it holds nothing although the rules find something to edit. An answer is
    kept where it is useless for none of its captions. One that it leaves out is asked alone, and
    has an answer of its own to be judged.

    Args:
        question: What was asked.
        read: What was read, or why nothing could be.
    """
    if isinstance(read, ChatFailure):
        return Worth(0, False, f"{read.reason}: {read.detail}")
    useful, heard_of, why = 0, 0, ""
    for asked, heard in zip(question.asked, read, strict=True):
        if heard is None:
            continue
        heard_of += 1
        fault = _fault(asked, heard)
        if not fault:
            useful += 1
        else:
            why = why or fault
    return Worth(useful, bool(heard_of) and not why, why)


def _fault(asked: Asked, heard: Heard) -> str:
    """Why nothing of what was heard for a caption can be used; empty where something can."""
    if not heard.usable and not heard.why:
        return NOTHING_WRITTEN if asked.item.proposals else ""
    why = heard.why
    for one in heard.usable:
        fault = asked.item.fault_of(one)
        if fault is None:
            return ""
        why = why or f"{fault.reason}: {fault.detail}"
    return why
