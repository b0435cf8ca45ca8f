"""A secret of the installation, made at first need. What is signed with it holds over a restart."""

from __future__ import annotations

import secrets
from pathlib import Path

from pipeline.addresses import home

BYTES = 32


def installation_key(name: str, folder: Path | None = None) -> bytes:
    """The key of this name; several processes that ask at once get the same one."""
    path = (folder or home()) / f"{name}.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        part = path.with_suffix(f".{secrets.token_hex(8)}")
        part.touch(mode=0o600)
        part.write_bytes(secrets.token_bytes(BYTES))
        try:
            path.hardlink_to(part)  # the first one there stays
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_bytes()
