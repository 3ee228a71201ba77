"""The dry run: what a run would make and what it would cost, before it costs anything."""

from __future__ import annotations

import json
import math
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from pipeline.config.checks import ChecksConfig
from pipeline.config.images import ImagesConfig
from pipeline.config.llm import LlmConfig
from pipeline.config.run import RunConfig
from pipeline.core.ids import canonical_json
from pipeline.core.progress import Observer, Silent, Step, advance_or_stop
from pipeline.core.protocols import ChatFailure, ChatReply, ChatRequest, Judge
from pipeline.core.records import Anchor, CounterfactualSet, EditKind
from pipeline.core.stage import Rejected, run_stage
from pipeline.render.plan import plan_set
from pipeline.runs.balance import run_balance
from pipeline.runs.excluded import excluded_captions
from pipeline.runs.job import output_folder
from pipeline.runs.opening import load_edit_stage, name_edit_stage
from pipeline.shards.layout import RunLayout
from pipeline.sources import ShardSpan, Source, open_source, settle_kind
from pipeline.tools.estimate import Estimate, KindEstimate
from pipeline.tools.measured_rate import measured_picture_s
from pipeline.tools.stored_sample import stored_size

if TYPE_CHECKING:
    from pipeline.edits.balance.table import BalanceTable

SAMPLE_SPANS = 8
BALANCE_CAPTIONS = 3000
"""Captions that are counted for the balance of edits; a run counts more of them."""

SAMPLE_ROWS = 1000
"""Rows that are really edited by the rules, to learn the yield; spread over the input."""

GPU_TFLOPS = 160.0
"""Sustained bf16 TFLOP/s that hours are computed with, unless the user names a rate: what a
plain diffusers loop reaches on one H100 (0.4 images/s at 30 guided steps, 1024 x 1024)."""

# SDXL's arithmetic, counted on its true configuration: TFLOP for 1024 x 1024 pixels. The
# UNet's attention grows with the square of the pixels, hence two terms.
UNET_LINEAR_TFLOP = 6.221
UNET_QUADRATIC_TFLOP = 0.540
UNET_CACHED_TFLOP = 0.455
"""A step that takes the block cache: the outermost blocks alone, which have no attention."""
VAE_TFLOP = 10.47
TEXT_TFLOP = 0.11
MEGAPIXEL = 1024 * 1024

REQUEST_CPU_S = 0.0026
"""What the client of a language model takes to ask and to read an answer, on a busy 2-core machine
(tests/bench/bench_llm_stage.py)."""

CHARS_PER_TOKEN = 3.75
"""Instructions, captions and JSON, as a common tokenizer counted them; the largest models' ones
need up to a fifth fewer."""
CHAT_TOKENS = 12
"""What the chat template adds."""

EDITS_WRITTEN, FULL_WRITTEN, PAIRS_WRITTEN = 5.5, 1.0, 0.25
"""What is written for a caption: edits, complete counterfactuals of each one asked for, causes
with effects. Counted in careful answers to sixty captions of the packaged sample."""

EDIT_TOKENS = 26
TOKENS_EACH = {"full": 35, "causal_order": 24}
"""One of these, as JSON; an edit of another kind takes `EDIT_TOKENS`."""

ENTRY_TOKENS = 22
"""What stands around those of one caption."""


def image_tflop(config: ImagesConfig) -> float:
    """Arithmetic of one SDXL picture in TFLOP, from its size, steps, guidance and cache."""
    megapixels = config.width_px * config.height_px / MEGAPIXEL
    step = UNET_LINEAR_TFLOP * megapixels + UNET_QUADRATIC_TFLOP * megapixels**2
    passes = 2 if config.guidance_scale > 1 else 1
    whole = math.ceil(config.steps / config.block_cache_interval)
    cached = (config.steps - whole) * UNET_CACHED_TFLOP * megapixels
    return passes * (whole * step + cached) + VAE_TFLOP * megapixels + passes * TEXT_TFLOP


def estimate_run(
    config: RunConfig,
    *,
    environ: Mapping[str, str],
    gpu_tflops: float = GPU_TFLOPS,
    observer: Observer | None = None,
) -> Estimate:
    """Read the whole input once, edit a sample of it by the rules, and compute the rest.

    Nothing is written, no model is asked and nothing is drawn. What a language model would be
    sent for the sample is built and measured, not sent.

    Args:
        config: The run to estimate.
        environ: The process environment.
        gpu_tflops: Sustained TFLOP/s of the GPU.
        observer: Told how many rows were read.

    Raises:
        ConfigError: The input or the spaCy pipeline is missing.
    """
    observer = observer or Silent()
    source = open_source(config.source)
    spans = list(
        source.partition(
            lambda rows: advance_or_stop(observer, Step.ROWS, rows),
            excluded_captions(config.source.exclude),
        )
    )
    sample = _sample(source, spans)
    rules_only = config.model_copy(update={"llm": LlmConfig(), "checks": ChecksConfig()})
    balance = _balance(rules_only, observer)
    stage = load_edit_stage(name_edit_stage(rules_only, environ, balance=balance), rules_only)
    rows = sum(span.rows for span in spans)
    anchors = [row for row in sample if isinstance(row, Anchor)]
    stage.run(anchors[:1])  # what is loaded at first use is loaded once to a run
    began_s = time.process_time()
    results = run_stage(stage, anchors)
    rules_s = time.process_time() - began_s
    sets = [result for result in results if isinstance(result, CounterfactualSet)]
    refused = [r for r in (*sample, *results) if isinstance(r, Rejected)]
    scale = rows / len(sample) if sample else 0.0
    minimal = round(scale * sum(len(cfset.minimal) for cfset in sets))
    full = round(scale * sum(len(cfset.full) for cfset in sets))
    made = round(scale * len(sets))
    draws = config.images.renderer != "none"
    plans = sum(len(plan_set(cfset, config.seed, config.images)) for cfset in sets)
    images = round(scale * plans) if draws else 0
    requests, tokens = _tokens(config, anchors, scale)
    tokens_in, tokens_out = (sum(numbers) for numbers in zip((0, 0), *tokens.values(), strict=True))
    kinds = Counter(str(edit.kind) for cfset in sets for edit in cfset.minimal)
    kinds["full"] = sum(len(cfset.full) for cfset in sets)
    outcomes = [r for r in sample if isinstance(r, Rejected)]
    size = stored_size(config, [*results, *outcomes])
    computed_s = image_tflop(config.images) / gpu_tflops
    picture_s = measured_picture_s(config, len(spans)) if draws else None
    gpu_s = images * computed_s
    if picture_s is not None:
        gpu_s = images / config.images.candidates * picture_s
    return Estimate(
        rows=rows,
        shards=len(spans),
        sampled=len(sample),
        anchors=made,
        minimal=minimal,
        full=full,
        images=images,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        usd=_price(config, tokens_in, tokens_out),
        llm_requests=requests,
        cpu_hours=(scale * rules_s + requests * REQUEST_CPU_S) / 3600,
        gpu_tflops=gpu_tflops,
        gpu_hours=gpu_s / 3600,
        picture_s=picture_s,
        disk_bytes=size.of_run(scale, len(spans)),
        rejects=_shares(refused, len(sample)),
        kinds={
            kind: KindEstimate(
                round(scale * kinds[kind]), *tokens[kind], _price(config, *tokens[kind])
            )
            for kind in (*map(str, config.edits.kinds), "full")
        },
    )


def _balance(config: RunConfig, observer: Observer) -> BalanceTable | None:
    """The balance that a run goes by, where need be from fewer captions than it counts."""
    settled = config.model_copy(update={"source": settle_kind(config.source)})
    most = min(BALANCE_CAPTIONS, settled.edits.balance_captions)
    fewer = settled.edits.model_copy(update={"balance_captions": most})
    layout = RunLayout(output_folder(config))
    return run_balance(settled.model_copy(update={"edits": fewer}), layout, observer)


def _sample(source: Source, spans: Sequence[ShardSpan]) -> list[Anchor | Rejected]:
    """Rows from the beginnings of shards that are spread evenly over the input."""
    step = max(1, len(spans) // SAMPLE_SPANS)
    chosen = spans[::step][:SAMPLE_SPANS]
    each = SAMPLE_ROWS // max(1, len(chosen))
    return [row for span in chosen for row in islice(source.read(span, images=False), each)]


def _shares(refused: Sequence[Rejected], rows: int) -> dict[str, float]:
    counts: dict[str, int] = {}
    for reject in refused:
        counts[reject.reason] = counts.get(reject.reason, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return {reason: count / rows for reason, count in ordered}


def asked_for(request: ChatRequest, config: RunConfig) -> dict[str, float]:
    """Kind → things of it that a request will be answered with."""
    if request.schema_name != "counterfactuals":
        options = request.schema["properties"]
        return dict.fromkeys(options, 1.0) if isinstance(options, Mapping) else {}
    captions = len(json.loads(request.user)["captions"])
    edits = config.edits
    minimal = edits.max_minimal > 0
    kinds = [str(kind) for kind in edits.kinds if kind is not EditKind.CAUSAL_ORDER]
    wanted = dict.fromkeys(kinds, EDITS_WRITTEN * captions / len(kinds)) if minimal else {}
    if minimal and EditKind.CAUSAL_ORDER in edits.kinds:
        wanted[str(EditKind.CAUSAL_ORDER)] = PAIRS_WRITTEN * captions
    if edits.max_full:
        wanted["full"] = FULL_WRITTEN * edits.max_full * captions
    return wanted


class _CountingChat:
    """A chat model that is never asked: it measures the requests that a run would send."""

    model = "none"
    fingerprint = "none"

    def __init__(self, config: RunConfig) -> None:
        self._config = config
        self.requests = 0
        self.tokens_in: dict[str, float] = defaultdict(float)
        self.tokens_out: dict[str, float] = defaultdict(float)

    def complete(
        self, requests: Sequence[ChatRequest], /, *, judge: Judge | None = None
    ) -> Sequence[ChatReply | ChatFailure]:
        """Measure, and answer that nothing was found, so that nothing is asked again."""
        self.requests += len(requests)
        for request in requests:
            chars = len(request.system) + len(request.user)
            if self._config.llm.base_url is None:
                # OpenAI's own server reads the schema as a part of the prompt; others compile it.
                chars += len(canonical_json(request.schema))
            asked = asked_for(request, self._config)
            around = ENTRY_TOKENS * request.user.count('"id"')
            for kind, number in asked.items():
                self.tokens_in[kind] += (chars / CHARS_PER_TOKEN + CHAT_TOKENS) / len(asked)
                written = number * TOKENS_EACH.get(kind, EDIT_TOKENS)
                self.tokens_out[kind] += written + around / len(asked)
        return [self._nothing(request) for request in requests]

    def _nothing(self, request: ChatRequest) -> ChatReply | ChatFailure:
        if request.schema_name != "counterfactuals":
            return ChatFailure("llm.dry_run")
        captions = json.loads(request.user)["captions"]
        return ChatReply(json.dumps({"captions": [{"id": one["id"]} for one in captions]}))

    def close(self) -> None:
        """Nothing was opened."""


def _tokens(
    config: RunConfig, anchors: Sequence[Anchor], scale: float
) -> tuple[int, Mapping[str, tuple[int, int]]]:
    """Requests to a language model, and kind → their tokens (in, out), from the sample's."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    if config.llm.provider == "none" or not anchors:
        return 0, found
    from pipeline.edits.llm.chat_proposer import LlmProposer
    from pipeline.edits.stage import EditStage

    chat = _CountingChat(config)
    proposer = LlmProposer(chat, config.llm, config.edits)
    run_stage(EditStage(config.edits, run_seed=config.seed, proposer=proposer), anchors)
    for kind, tokens in chat.tokens_in.items():
        found[kind] = round(scale * tokens), round(scale * chat.tokens_out[kind])
    return round(scale * chat.requests), found


def _price(config: RunConfig, tokens_in: int, tokens_out: int) -> float | None:
    """USD of the tokens; None where no price is known."""
    if config.llm.provider != "openai":
        return 0.0
    from pipeline.config.prices import BATCH_DISCOUNT, PRICES, find_price

    known = config.llm.model in PRICES or config.llm.model in config.llm.prices
    price = find_price(config.llm.model, config.llm.prices, needed=False)
    usd = price.cost_usd(tokens_in, tokens_out)
    if not known and not usd:
        return None
    return usd * (BATCH_DISCOUNT if config.llm.mode == "batch" else 1)
