"""Addresses as everyone may read them: without passwords, signatures and tokens."""

from __future__ import annotations

import re

from pipeline.core.path_secrets import without_path_secrets

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?:::[A-Za-z][A-Za-z0-9+.-]*)*://[^\s'\"<>|]+")
_AUTHORITY = re.compile(r"://([^/?#{},]*)")
_PORT = re.compile(r"[^:]*:\d*|\[[0-9A-Fa-f:.]*\](?::\d*)?")
_CONTAINER_SCHEMES = ("abfs", "abfss", "wasb", "wasbs")
"""Azure's, where what stands before the `@` is a container and no user."""

_SECRET_PARAMETERS = re.compile(
    r"(?:x-(?:amz|goog|oss|cos|obs|ms)-.*|q-(?:sign|ak|signature).*|(?:access|auth|api|refresh|"
    r"bearer)?[-_]?token|security-token|access[-_]?key(?:[-_]?id)?|api[-_]?key|"
    r"pass(?:word|wd)?|pwd|secret|client[-_]?secret|authorization|credentials?|jwt)",
    re.IGNORECASE,
)
_SAS_PARAMETERS = frozenset(
    {"sig", "sv", "se", "sp", "st", "sr", "ss", "srt", "spr", "sip", "si"}
    | {"skoid", "sktid", "skt", "ske", "sks", "skv"}
)


_PICTURE_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?//\S+|www\.\S+|\S+\.(?:jpe?g|jfif|png|webp|gif)(?:[?#]\S*)?",
    re.IGNORECASE,
)


_STORE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(.*)", re.DOTALL)


def store_address(path: str) -> str | None:
    """The address of a store's folder; None for a path of this machine.

    An address that went through :class:`pathlib.Path`, which folds slashes, is known too.

    >>> store_address("s3:/bucket/run")
    's3://bucket/run'

    Raises:
        ValueError: It holds a key, a password or a query, which would be written down.
    """
    found = _STORE.fullmatch(path)
    if found is None or found[1].lower() in {"file", "local"}:
        return None
    address = f"{found[1].lower()}://{found[2].rstrip('/')}"
    user = "@" in found[2].partition("/")[0] and found[1].lower() not in _CONTAINER_SCHEMES
    if user or "?" in found[2] or without_secrets(address) != address:
        raise ValueError(
            f"the address of a run on {found[1]} holds more than a place: give credentials as the "
            "store's own tools take them, in the environment or a profile, and here the plain "
            "address"
        )
    return address


def looks_like_address(cell: str) -> bool:
    """Whether a cell of a table is the address or the file of a picture, and no caption."""
    return _PICTURE_ADDRESS.fullmatch(cell.strip()) is not None


def public_address(address: str) -> str:
    """An input's address without user, password, query and fragment, and tokens in its path.

    All of the query goes, not only what has a known name, because nobody can list the names
    that servers give their keys. Brace patterns and chained addresses (`zip://a::https://b`)
    are kept otherwise.

    >>> public_address("https://me:pw@host/{0..9}.tar?X-Amz-Signature=abc")
    'https://host/{0..9}.tar'
    """
    if "://" not in address:
        return address
    return "::".join(_public_part(part) for part in address.split("::"))


def _public_part(part: str) -> str:
    return without_path_secrets(_without_query(_without_user(part)), long_random_too=True)


def without_secrets(address: str) -> str:
    """A picture's address without a password, tokens in its path and known keys in its query.

    Other parameters, and long random names, stay, since they may be what names the picture.

    >>> without_secrets("https://u:p@host/a.jpg?size=2&token=abc")
    'https://host/a.jpg?size=2'
    """
    if "://" not in address:
        return address
    address = without_path_secrets(address, long_random_too=False)
    if "@" in address and ":" in address.split("://", 1)[1].partition("@")[0]:
        address = _without_user(address)
    path, mark, query = address.partition("?")
    if not mark:
        return address
    query, fragment_mark, fragment = query.partition("#")
    parameters = query.split("&")
    names = {parameter.partition("=")[0].lower() for parameter in parameters}
    is_sas = {"sig", "sv"} <= names
    kept = [
        parameter
        for parameter in parameters
        if not _SECRET_PARAMETERS.fullmatch(name := parameter.partition("=")[0].lower())
        and not (is_sas and name in _SAS_PARAMETERS)
    ]
    if len(kept) == len(parameters):
        return address
    return path + ("?" + "&".join(kept) if kept else "") + fragment_mark + fragment


def without_private_addresses(text: str) -> str:
    """A message of a library, with every address in it made public."""
    return _ADDRESS.sub(lambda match: public_address(match[0]), text)


def _without_user(address: str) -> str:
    scheme = address.partition("://")[0].lower()
    found = _AUTHORITY.search(address)
    # A password may hold a slash that should have been written as %2F.
    if found and ":" in found[1] and "@" not in found[1] and not _PORT.fullmatch(found[1]):
        start = found.start(1)
        return address[:start] + address[start:].rpartition("@")[2]

    def bare(match: re.Match[str]) -> str:
        user, _, host = match[1].rpartition("@")
        if scheme in _CONTAINER_SCHEMES and ":" not in user:
            return match[0]
        return f"://{host}"

    return _AUTHORITY.sub(bare, address)


def _without_query(address: str) -> str:
    """Cut at `?` or `#`: to the end, or inside braces to the end of the alternative."""
    is_web = address.partition("://")[0].lower() in {"http", "https", "ftp"}
    kept: list[str] = []
    depth = 0
    skipping = 0
    for character in address:
        if skipping and depth == skipping and character in ",}":
            skipping = 0
        if character == "{" and not skipping:
            depth += 1
        elif character == "}" and depth and not skipping:
            depth -= 1
        elif not skipping and (character == "?" or (character == "#" and is_web)):
            if not depth:
                break
            skipping = depth
        if not skipping:
            kept.append(character)
    return "".join(kept)
