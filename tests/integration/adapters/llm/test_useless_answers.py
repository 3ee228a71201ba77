"""A run most of whose answers are useless stops; single useless answers stop nothing."""

from __future__ import annotations

import pytest

from pipeline.core.errors import PermanentError
from pipeline.core.protocols import Worth
from tests.integration.adapters.llm.chat_server import Answer, completion, fault

pytestmark = pytest.mark.integration


def test_useless_answers_stop_the_run_early_with_the_first_one_shown(
    serve, open_to, ask_for
) -> None:
    server = serve(lambda seen, number: Answer(completion(f"I am a poet, verse {number}")))
    chat = open_to(server, concurrency=4)
    with pytest.raises(
        PermanentError, match=r"0 got anything.*useless answer: 'I am a poet, verse \d"
    ):
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
    with pytest.raises(PermanentError, match="last 8 captions"):
        chat.complete(ask_for(1, first=7))


@pytest.mark.parametrize("useless", ["no", '{"other": 1}'])
def test_a_good_answer_at_first_does_not_hide_that_most_are_useless(
    serve, open_to, ask_for, useless
) -> None:
    def script(seen, number):
        return Answer() if seen.user == "u0" else Answer(completion(useless))

    server = serve(script)
    with pytest.raises(PermanentError, match="1 got anything usable"):
        open_to(server).complete(ask_for(400))
    assert server.count() < 60


def test_a_server_that_turns_bad_is_noticed(serve, open_to, ask_for) -> None:
    def script(seen, number):
        return Answer() if int(seen.user[1:]) < 600 else Answer(completion("no"))

    server = serve(script)
    with pytest.raises(PermanentError, match="got anything usable"):
        open_to(server).complete(ask_for(2000))
    assert 600 < server.count() < 600 + 256


def test_a_model_that_is_right_as_often_as_not_may_go_on(serve, open_to, ask_for) -> None:
    def script(seen, number):
        return Answer() if int(seen.user[1:]) % 5 < 3 else Answer(completion("no"))

    assert len(open_to(serve(script), concurrency=8).complete(ask_for(300))) == 300


def test_the_share_that_is_expected_is_a_setting(serve, open_to, ask_for) -> None:
    def script(seen, number):
        return Answer() if int(seen.user[1:]) % 4 == 0 else Answer(completion("no"))

    server = serve(script)
    with pytest.raises(PermanentError, match=r"llm\.min_useful_share"):
        open_to(server).complete(ask_for(200))
    weak = open_to(serve(script), min_useful_share=0.1)
    assert len(weak.complete(ask_for(200))) == 200


def test_what_is_remembered_counts_as_good(serve, open_to, ask_for) -> None:
    """A rerun asks again only for the useless ones, and sees none but those."""

    def script(seen, number):
        return Answer() if int(seen.user[1:]) % 3 else Answer(completion("no"))

    server = serve(script)
    for asked in (90, 30):
        before = server.count()
        assert len(open_to(server).complete(ask_for(90))) == 90
        assert server.count() - before == asked


def test_only_what_is_judged_worth_it_is_remembered(serve, open_to, ask_for) -> None:
    def judge(request, reply) -> Worth:
        return Worth(1, request.user != "u3", "it is three")

    server = serve(lambda seen, number: Answer())
    for asked in (10, 1):
        before = server.count()
        assert len(open_to(server).complete(ask_for(10), judge=judge)) == 10
        assert server.count() - before == asked
