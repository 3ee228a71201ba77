"""What a drawn picture says about itself, wherever it is copied: an XMP packet in its JPEG.

The packet says in the terms of IPTC and XMP that a model made the picture, which, from which
text, and what is needed to find it in its run. See IPTC Photo Metadata Standard 2025.1 and
https://cv.iptc.org/newscodes/digitalsourcetype/.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final

from pipeline.core.strategies import INPAINT

SOURCE_TYPES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MADE: Final = SOURCE_TYPES + "trainedAlgorithmicMedia"
"""Every pixel was made by a trained model."""
MADE_IN_PART: Final = SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"
"""A real picture of which a trained model made a part anew."""

NAMESPACES: Final = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "cf": "urn:counterfactory:picture:1",
}

LONGEST_PROMPT: Final = 5_000
"""Characters. It stands in the packet twice, and with every one escaped still fits the 64 KiB
that a JPEG allows."""

# XML 1.0 knows no other characters, not even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RUN: Final = re.compile(rb"<cf:run>([^<]*)</cf:run>")


@dataclass(frozen=True, slots=True)
class PictureOrigin:
    """Where a drawn picture comes from.

    Attributes:
        anchor_id: The set that it belongs to.
        variant: "control", "min0", "full0", …
        prompt: The text that was drawn.
        seed: Seed of its noise.
        strategy: How it was drawn; a name of :mod:`pipeline.core.strategies`.
        candidate: Its number among the candidates of the variant.
        model: The image model; empty if it has no name.
        run: Fingerprint of the config of the run that drew it; empty outside of a run.
    """

    anchor_id: str
    variant: str
    prompt: str
    seed: int
    strategy: str
    candidate: int
    model: str = ""
    run: str = ""


def write_packet(origin: PictureOrigin) -> bytes:
    """The packet of a picture, UTF-8; equal origins give equal bytes.

    Texts are escaped and so stay texts; a character that XML forbids becomes U+FFFD, and a
    prompt of more than :data:`LONGEST_PROMPT` characters is cut. No version is named: the same
    picture drawn by a later one shall have the same bytes, and run.json holds the versions.
    """
    prompt = _escape(origin.prompt)
    source_type = MADE_IN_PART if origin.strategy == INPAINT else MADE
    named = {
        "Iptc4xmpExt:DigitalSourceType": source_type,
        "Iptc4xmpExt:AISystemUsed": origin.model,
        "Iptc4xmpExt:AIPromptInformation": origin.prompt,
        "xmp:CreatorTool": "counterfactory",
        "cf:run": origin.run,
        "cf:anchor": origin.anchor_id,
        "cf:variant": origin.variant,
        "cf:seed": str(origin.seed),
        "cf:strategy": origin.strategy,
        "cf:candidate": str(origin.candidate),
    }
    lines = [f"   <{name}>{_escape(text)}</{name}>" for name, text in named.items() if text]
    known = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return "\n".join(
        [
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
            '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
            ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
            f'  <rdf:Description rdf:about=""{known}>',
            '   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">'
            f"{prompt}</rdf:li></rdf:Alt></dc:description>",
            *lines,
            "  </rdf:Description>",
            " </rdf:RDF>",
            "</x:xmpmeta>",
            '<?xpacket end="r"?>',
        ]
    ).encode()


def run_of(picture: bytes) -> str | None:
    """The run that a stored picture says it was drawn by; None where it says nothing.

    A picture may lie in another run than its own, where it was chosen anew there.

    Args:
        picture: JPEG file. A prompt cannot pose as the answer: its angle brackets are escaped.
    """
    found = _RUN.search(picture[: 1 << 16])
    return found.group(1).decode("utf-8", "replace") if found else None


def _escape(text: str) -> str:
    """Text as XML character data, with line ends that a reader leaves alone."""
    if len(text) > LONGEST_PROMPT:
        text = text[: LONGEST_PROMPT - 1] + "…"
    return html.escape(_NOT_XML.sub("\ufffd", text), quote=False).replace("\r", "&#13;")
