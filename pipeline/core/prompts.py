"""Loads and renders the prompts; what goes into them as data stays data."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import jinja2

from pipeline.core.errors import ConfigError
from pipeline.core.ids import JsonValue

PACKAGE = "prompts"

SPECIAL = frozenset("<>[]")
"""Brackets that spell special tokens, such as `</s>`, `<|im_end|>` and `[INST]`."""


def quote_json(value: JsonValue | jinja2.Undefined) -> str:
    """Write a value as one line of JSON that no tokenizer can read as an instruction.

    Inside strings, brackets and characters that are not printable are escaped; apostrophes
    and letters of any script stay as they are, because small models read them better so.
    """
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return "".join(_escape(c) for c in text)
    if isinstance(value, Mapping):
        pairs = (f"{quote_json(key)}: {quote_json(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(quote_json(item) for item in value) + "]"
    if isinstance(value, jinja2.Undefined):
        return str(value)  # Raises, with the name of the missing variable.
    return json.dumps(value, allow_nan=False)


def _escape(char: str) -> str:
    if char not in SPECIAL and char.isprintable():
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of one prompt.

    Attributes:
        version: File name without `.jinja`, such as "minimal_edit.v1".
        digest: Hash of the file, for fingerprints.
    """

    version: str
    digest: str
    _template: jinja2.Template = field(repr=False, compare=False)

    @property
    def cache_version(self) -> str:
        """Version and digest: an edited file never meets answers of the old one."""
        return f"{self.version}+{self.digest}"

    def render(self, **variables: JsonValue) -> tuple[str, str]:
        """Fill in the variables.

        Returns:
            The system text and the user text.

        Raises:
            ConfigError: A variable is missing.
        """
        try:
            context = self._template.new_context(dict(variables))
            system, user = (
                "".join(self._template.blocks[name](context)) for name in ("system", "user")
            )
        except jinja2.UndefinedError as error:
            raise ConfigError(f"prompt {self.version}: {error}; see prompts/README.md") from error
        return system, user


@functools.cache
def load_prompt(version: str) -> Prompt:
    """Load a prompt by its version.

    Raises:
        ConfigError: There is no such file, or it is no template with both blocks.
    """
    try:
        text = (importlib.resources.files(PACKAGE) / f"{version}.jinja").read_text("utf-8")
        environment = jinja2.Environment(
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701  (no HTML; data is quoted as JSON)
            keep_trailing_newline=False,
        )
        environment.filters["tojson"] = quote_json
        template = environment.from_string(text)
    except (OSError, ModuleNotFoundError) as error:
        raise ConfigError(f"there is no prompt {version!r} in the folder prompts/") from error
    except jinja2.TemplateSyntaxError as error:
        raise ConfigError(f"prompts/{version}.jinja, line {error.lineno}: {error}") from error
    if not {"system", "user"} <= set(template.blocks):
        raise ConfigError(f"prompts/{version}.jinja needs the blocks `system` and `user`")
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Prompt(version, digest, template)
