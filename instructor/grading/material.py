"""What the material of a homework shows a box: the files of a data set, with labels taken out."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import tomlkit
from coursekit import fetch


def show(folder: Path, name: str, contents: Mapping[str, bytes | pd.DataFrame]) -> None:
    """Write a data set as a box sees it in /course/data: its files, and the registry of them.

    ``contents`` is by the file names of the registry, all of the data set's; a table is written
    with tabs. The folder's registry knows these bytes in place of the real ones, and no mirror.
    """
    cache = folder / "cache"
    cache.mkdir(parents=True)
    registry = tomlkit.parse(fetch.REGISTRY.read_text("utf-8")).unwrap()
    for spec in registry[name]["file"]:
        content = contents[spec["name"]]
        if not isinstance(content, bytes):
            content = content.to_csv(sep="\t", index=False).encode()
        (cache / spec["name"]).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        spec |= {"bytes": len(content), "sha256": digest, "mirror": []}
    (folder / "registry.toml").write_text(tomlkit.dumps(registry), encoding="utf-8")
