"""`counterfactory benchmark score`: a model's scores beside what needs no picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.adapters.clip.encoder import open_joint_encoder
from pipeline.adapters.clip.open_clip_encoder import PREFIX, open_open_clip
from pipeline.adapters.language_model.scorer import open_text_scorer
from pipeline.audit.text import Guess, TextPair, guess_by, guess_by_length, guess_by_words
from pipeline.config.loading import build_config
from pipeline.core.ids import JsonValue
from pipeline.core.protocols import JointEncoder, TextScorer
from pipeline.training.vlm.benchmark.answers import score_encoder
from pipeline.training.vlm.benchmark.groups import ABOUT, read_about
from pipeline.training.vlm.benchmark.items import Question
from pipeline.training.vlm.benchmark.readers import read_benchmark
from pipeline.training.vlm.benchmark.scores import ALL, Share, mean_of_kinds


@dataclass(frozen=True, slots=True)
class BenchmarkReport:
    """What a model reaches, and what a reader of the captions alone does.

    Attributes:
        benchmark: Which benchmark.
        path: Where it is.
        model: As it was named.
        questions: How many.
        kinds: Kind → score → share.
        means: Score → mean of the kinds.
        text_only: Ways to guess the true caption without a picture, and how well each does.
        warnings: What must be known to read the numbers.
    """

    benchmark: str
    path: str
    model: str
    questions: int
    kinds: Mapping[str, Mapping[str, Share]]
    means: Mapping[str, float]
    text_only: Sequence[Guess]
    warnings: Sequence[str] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        found: dict[str, JsonValue] = asdict(self)
        return found


def open_model(name: str, device: str = "auto") -> JointEncoder:
    """A model by name: `builtin:world`, a folder, a hub id, or `open_clip:…`.

    Raises:
        ConfigError: There is no such model, or open_clip is not installed.
        PermanentError: It cannot be loaded.
    """
    if name.startswith(PREFIX):
        return open_open_clip(name, device=device)
    return open_joint_encoder(build_config({"scores": {"clip": name, "device": device}}).scores)


def open_language_model(name: str) -> TextScorer | None:
    """A language model by folder, hub id or `builtin:smollm2`; None for "none".

    Raises:
        ConfigError: There is no such model.
    """
    if name == "none":
        return None
    return open_text_scorer(build_config({"checks": {"fluency_model": name}}).checks)


def score_benchmark(
    path: Path,
    model: str,
    encoder: JointEncoder,
    *,
    images: Path | None = None,
    language_model: TextScorer | None = None,
    advance: Callable[[int, int], None] = lambda done, of: None,
) -> BenchmarkReport:
    """Let a model answer a benchmark.

    Args:
        path: A benchmark of `benchmark make`, or of others.
        model: Its name, for the report.
        encoder: The model.
        images: Folder of the pictures of others' benchmarks.
        language_model: Guesses without pictures, beside the guesses by length and words.
        advance: Called with how many questions were answered since, and how many there are.

    Raises:
        ConfigError: The benchmark cannot be read, or a picture is not there.
        PermanentError: A picture is none.
    """
    loaded = read_benchmark(path, images)
    number = len(loaded.questions)
    kinds = score_encoder(encoder, loaded.questions, lambda done: advance(done, number))
    return BenchmarkReport(
        loaded.name,
        str(path),
        model,
        number,
        kinds,
        mean_of_kinds(kinds),
        guess_without_pictures(loaded.questions, language_model),
        _warnings(path, model),
    )


def guess_without_pictures(
    questions: Sequence[Question], language_model: TextScorer | None
) -> list[Guess]:
    """How well the true caption, or the unedited one, is guessed from the captions alone."""
    pairs = [
        TextPair(question.group or question.name, question.kind, true, false)
        for question in questions
        for true, false in question.caption_pairs
    ]
    if not pairs:
        return []
    guesses = [*guess_by_length(pairs), *guess_by_words(pairs)]
    if language_model is not None:
        nats = language_model.score([text for p in pairs for text in (p.factual, p.caption)])
        scores = [(float(nats[2 * i]), float(nats[2 * i + 1])) for i in range(len(pairs))]
        guesses += guess_by("likelihood", pairs, scores)
    return guesses


def _warnings(path: Path, model: str) -> list[str]:
    if not (path / ABOUT).exists():
        return []
    about = read_about(path)
    found = []
    if about.scored_by == model:
        found.append(
            f"{model} also scored the pictures of this run: where they were selected or filtered "
            "by its scores, its own numbers here are too high"
        )
    if about.split in ("train", "all"):
        found.append(
            f"the benchmark is of the split {about.split}: it holds out nothing from a model "
            "that was trained on this run"
        )
    return found


def to_markdown(report: BenchmarkReport) -> str:
    """The report for a person: a table of scores, and one of what needs no picture."""
    names = list(dict.fromkeys(name for scores in report.kinds.values() for name in scores))
    lines = [
        f"# {report.model} on {report.benchmark}", "",
        f"{report.questions:,} questions of {report.path}. Shares with 95 % intervals "
        "(Wilson).", "",
    ]  # fmt: skip
    lines += [f"> {warning}\n" for warning in report.warnings]
    lines += _table(["kind", "questions", *names], _score_rows(report, names))
    if report.text_only:
        lines += ["", "## Without the pictures", "", TEXT_ONLY, ""]
        lines += _table(["kind", "pairs", *_ways(report.text_only)], _blind_rows(report.text_only))
    lines += ["", "## What the scores are", "", *(f"- {MEANINGS[name]}" for name in names)]
    return "\n".join(lines) + "\n"


TEXT_ONLY = (
    "How often the true caption is told from the false one by a reader who sees neither picture; "
    "0.5 is chance, and bold is what chance does not give: a shortcut for `factual` and `choice`. "
    "`text`, `image` and `group` ask about both pictures of a group: who does not look gets none."
)

MEANINGS = {
    "text": "**text**: for either picture its own caption is nearer than the other; chance 0.25.",
    "image": "**image**: for either caption its own picture is nearer than the other; chance 0.25.",
    "group": "**group**: text and image; chance 0.17.",
    "factual": "**factual**: for the unedited picture its caption is nearer, as benchmarks with "
    "one picture ask; chance 0.5.",
    "invariance": "**invariance**: the unedited caption in other words moves the score of its "
    "picture less than the edit does: |S(N) − S(T)| < |S(F) − S(T)|; only where a group has a "
    "neutral variant; chance 0.5.",
    "choice": "**choice**: of the captions of one picture the true one is nearest; chance 1 in as "
    "many as there are captions.",
}


def _score_rows(report: BenchmarkReport, names: Sequence[str]) -> list[list[str]]:
    rows = []
    for kind, scores in report.kinds.items():
        of = max(share.of for share in scores.values())
        cells = [_cell(scores[name]) if name in scores else "–" for name in names]
        rows.append([kind, f"{of:,}", *cells])
    if len(report.kinds) > 1:
        rows.append(["mean of kinds", "", *(f"{report.means[name]:.2f}" for name in names)])
    last = report.kinds[ALL] if ALL in report.kinds else next(iter(report.kinds.values()))
    rows.append(["chance", "", *(f"{last[name].chance:.2f}" for name in names)])
    return rows


def _blind_rows(guesses: Sequence[Guess]) -> list[list[str]]:
    by_kind: dict[str, dict[str, Guess]] = {}
    for guess in guesses:
        by_kind.setdefault(guess.kind, {})[guess.way] = guess
    ways = _ways(guesses)
    return [
        [kind, f"{next(iter(found.values())).pairs:,}", *(_blind_cell(found[w]) for w in ways)]
        for kind, found in by_kind.items()
    ]


def _blind_cell(guess: Guess) -> str:
    shown = f"{guess.accuracy:.2f} ({guess.low:.2f}–{guess.high:.2f})"
    return f"**{shown}**" if guess.is_marked else shown


def _ways(guesses: Sequence[Guess]) -> list[str]:
    return list(dict.fromkeys(guess.way for guess in guesses))


def _cell(share: Share) -> str:
    return f"{share.share:.2f} ({share.low:.2f}–{share.high:.2f})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]
