"""A small random SDXL, and the single file in Stability's own names that would hold it.

The names are those of `diffusion_model`, `first_stage_model` and `conditioner` in the published
checkpoints; the numbers of blocks follow the small model's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

WIDTHS = (32, 64)
"""Of the two text encoders, which differ as SDXL's do: by them each is found in the file."""


def build_small_sdxl(folder: Path) -> Any:
    """A pipeline of random weights, saved to a folder as diffusers does."""
    import torch
    from diffusers import StableDiffusionXLPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    from pipeline.adapters.sdxl.tiny import resolve_model

    torch.manual_seed(3)
    tiny = StableDiffusionXLPipeline.from_pretrained(resolve_model("builtin:tiny"))
    encoders = []
    for width, kind in zip(WIDTHS, (CLIPTextModel, CLIPTextModelWithProjection), strict=True):
        config = CLIPTextConfig(
            **{
                **tiny.text_encoder.config.to_dict(),
                "hidden_size": width,
                "intermediate_size": 2 * width,
                "projection_dim": width,
                "hidden_act": "quick_gelu" if width == WIDTHS[0] else "gelu",
            }
        )
        encoders.append(kind(config))
    unet = UNet2DConditionModel.from_config(
        {
            **tiny.unet.config,
            "cross_attention_dim": sum(WIDTHS),
            "projection_class_embeddings_input_dim": 6 * 8 + WIDTHS[1],
        }
    )
    made = StableDiffusionXLPipeline(
        vae=tiny.vae,
        text_encoder=encoders[0],
        text_encoder_2=encoders[1],
        tokenizer=tiny.tokenizer,
        tokenizer_2=tiny.tokenizer_2,
        unet=unet,
        scheduler=tiny.scheduler,
        add_watermarker=False,
    )
    made.save_pretrained(folder)
    return made


def original_names(pipeline: Any) -> dict[str, torch.Tensor]:
    """All weights of a pipeline under the names of Stability's code."""
    found = {
        f"model.diffusion_model.{name}": tensor for name, tensor in _unet(pipeline.unet).items()
    }
    found |= {f"first_stage_model.{name}": tensor for name, tensor in _vae(pipeline.vae).items()}
    first = pipeline.text_encoder.state_dict()
    found |= {
        f"conditioner.embedders.0.transformer.text_model.{name.removeprefix('text_model.')}": tensor
        for name, tensor in first.items()
    }
    found |= {
        f"conditioner.embedders.1.model.{name}": tensor
        for name, tensor in _open_clip(pipeline.text_encoder_2).items()
    }
    return {name: tensor.contiguous() for name, tensor in found.items()}


_RESNET = (
    ("norm1.", "in_layers.0."), ("conv1.", "in_layers.2."), ("norm2.", "out_layers.0."),
    ("conv2.", "out_layers.3."), ("time_emb_proj.", "emb_layers.1."),
    ("conv_shortcut.", "skip_connection."),
)  # fmt: skip
_OUTSIDE = (
    ("time_embedding.linear_1.", "time_embed.0."), ("time_embedding.linear_2.", "time_embed.2."),
    ("add_embedding.linear_1.", "label_emb.0.0."), ("add_embedding.linear_2.", "label_emb.0.2."),
    ("conv_in.", "input_blocks.0.0."), ("conv_norm_out.", "out.0."), ("conv_out.", "out.2."),
)  # fmt: skip


def _renamed(name: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for ours, theirs in pairs:
        name = name.replace(ours, theirs)
    return name


def _unet(unet: Any) -> dict[str, torch.Tensor]:
    each = unet.config.layers_per_block + 1
    found = {}
    for name, tensor in unet.state_dict().items():
        head, _, rest = name.partition(".")
        if head in {"down_blocks", "up_blocks"}:
            block, kind, layer, rest = rest.split(".", 3)
            if head == "down_blocks":
                place = each * int(block) + int(layer) + 1
                if kind == "downsamplers":
                    place = each * (int(block) + 1)
                    name = f"input_blocks.{place}.0.op.{rest.removeprefix('conv.')}"
                else:
                    name = f"input_blocks.{place}.{int(kind == 'attentions')}.{rest}"
            elif kind == "upsamplers":
                has_attention = hasattr(unet.up_blocks[int(block)], "attentions")
                place = each * int(block) + each - 1
                name = f"output_blocks.{place}.{2 if has_attention else 1}.{rest}"
            else:
                place = each * int(block) + int(layer)
                name = f"output_blocks.{place}.{int(kind == 'attentions')}.{rest}"
            name = _renamed(name, _RESNET) if kind == "resnets" else name
        elif head == "mid_block":
            kind, layer, rest = rest.split(".", 2)
            place = 1 if kind == "attentions" else 2 * int(layer)
            rest = _renamed(rest, _RESNET) if kind == "resnets" else rest
            name = f"middle_block.{place}.{rest}"
        else:
            name = _renamed(name, _OUTSIDE)
        found[name] = tensor
    return found


_VAE_ATTENTION = (
    ("group_norm.", "norm."), ("to_q.", "q."), ("to_k.", "k."), ("to_v.", "v."),
    ("to_out.0.", "proj_out."),
)  # fmt: skip


def _vae(vae: Any) -> dict[str, torch.Tensor]:
    levels = len(vae.config.block_out_channels)
    found = {}
    for name, tensor in vae.state_dict().items():
        side, _, rest = name.partition(".")
        if rest.startswith(("down_blocks.", "up_blocks.")):
            head, block, kind, layer, rest = rest.split(".", 4)
            down = head == "down_blocks"
            place = int(block) if down else levels - 1 - int(block)
            middle = {"resnets": f"block.{layer}", "downsamplers": "downsample",
                      "upsamplers": "upsample"}[kind]  # fmt: skip
            rest = rest.replace("conv_shortcut", "nin_shortcut")
            name = f"{side}.{'down' if down else 'up'}.{place}.{middle}.{rest}"
        elif rest.startswith("mid_block."):
            _, kind, layer, rest = rest.split(".", 3)
            if kind == "attentions":
                rest = _renamed(rest, _VAE_ATTENTION)
                name = f"{side}.mid.attn_1.{rest}"
                # Stability's are convolutions of one pixel.
                tensor = tensor[:, :, None, None] if tensor.ndim == 2 else tensor
            else:
                name = f"{side}.mid.block_{int(layer) + 1}.{rest}"
        else:
            name = name.replace("conv_norm_out", "norm_out")
        found[name] = tensor
    return found


def _open_clip(encoder: Any) -> dict[str, torch.Tensor]:
    import torch

    state = {
        name.removeprefix("text_model."): tensor for name, tensor in encoder.state_dict().items()
    }
    found = {
        "text_projection": state["text_projection.weight"].T,
        "positional_embedding": state["embeddings.position_embedding.weight"],
        "token_embedding.weight": state["embeddings.token_embedding.weight"],
        "ln_final.weight": state["final_layer_norm.weight"],
        "ln_final.bias": state["final_layer_norm.bias"],
    }
    for number in range(encoder.config.num_hidden_layers):
        ours, theirs = f"encoder.layers.{number}.", f"transformer.resblocks.{number}."
        for end in ("weight", "bias"):
            found[f"{theirs}attn.in_proj_{end}"] = torch.cat(
                [state[f"{ours}self_attn.{part}_proj.{end}"] for part in "qkv"]
            )
            for a, b in (
                ("self_attn.out_proj", "attn.out_proj"), ("layer_norm1", "ln_1"),
                ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"), ("mlp.fc2", "mlp.c_proj"),
            ):  # fmt: skip
                found[f"{theirs}{b}.{end}"] = state[f"{ours}{a}.{end}"]
    return found
