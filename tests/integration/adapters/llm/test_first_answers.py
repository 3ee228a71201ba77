"""A run whose first answers are all useless stops; single useless answers stop nothing."""

from __future__ import annotations

import pytest

from pipeline.core.errors import PermanentError
from tests.integration.adapters.llm.chat_server import Answer, completion, fault

pytestmark = pytest.mark.integration


def test_useless_answers_stop_the_run_early_with_the_first_one_shown(
    serve, open_to, ask_for
) -> None:
    server = serve(lambda seen, number: Answer(completion(f"I am a poet, verse {number}")))
    chat = open_to(server, concurrency=4)
    with pytest.raises(PermanentError, match=r"all unusable.*first one: 'I am a poet, verse \d"):
        chat.complete(ask_for(500))
    assert 8 <= server.count() < 20
    assert chat.spend.total.failures == chat.spend.total.requests >= 8


def test_a_mended_server_is_asked_again(serve, open_to, ask_for) -> None:
    server = serve(lambda seen, number: Answer(completion("no")))
    with pytest.raises(PermanentError):
        open_to(server).complete(ask_for(10))
    server.script = lambda seen, number: Answer()
    replies = open_to(server).complete(ask_for(10))
    assert [reply.text for reply in replies] == ['{"ok": true}'] * 10


def test_quick_errors_do_not_hide_slow_answers(serve, open_to, ask_for) -> None:
    def script(seen, number):
        if int(seen.user[1:]) % 2:
            return Answer(fault("too odd"), 400)
        return Answer(delay_s=0.3)

    replies = open_to(serve(script), concurrency=8).complete(ask_for(60))
    assert len([reply for reply in replies if hasattr(reply, "text")]) == 30


def test_a_few_useless_answers_are_single_ones(serve, open_to, ask_for) -> None:
    server = serve(lambda seen, number: Answer(completion("no")))
    chat = open_to(server)
    assert len(chat.complete(ask_for(7))) == 7
    assert chat.spend.total.failures == 7
    with pytest.raises(PermanentError, match="first 8 answers"):
        chat.complete(ask_for(1, first=7))


@pytest.mark.parametrize("useless", ["no", '{"other": 1}'])
def test_one_good_answer_at_first_lets_the_run_go_on(serve, open_to, ask_for, useless) -> None:
    def script(seen, number):
        return Answer() if seen.user == "u0" else Answer(completion(useless))

    chat = open_to(serve(script))
    assert len(chat.complete(ask_for(40))) == 40
    assert chat.spend.total.failures == 39
