"""The NSMC reviews as a box sees them, without the test labels, and the truth for the judge."""

import hashlib
import json
import shutil
from pathlib import Path

import tomlkit
from coursekit import data, fetch

from tools.lessons import ROOT


def prepare(folder: Path) -> tuple[dict[str, list[str]], bytes]:
    """Lay out in ``folder`` what a box sees as /course: coursekit and the data.

    Returns:
        The documents to answer for, by name; and the truth, as JSON, which is never written to a
        disk: ``labels`` of the documents, ``train`` (text -> label).
    """
    train, test = data.load_nsmc()
    shutil.copytree(
        ROOT / "lessons" / "coursekit",
        folder / "lessons" / "coursekit",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    cache = folder / "data" / "cache"
    cache.mkdir(parents=True)
    registry = tomlkit.parse(fetch.REGISTRY.read_text("utf-8")).unwrap()
    entry = registry["nsmc"]
    for spec, table in zip(
        entry["file"], (train, test.assign(label=0)), strict=True
    ):  # every test label becomes 0
        path = cache / spec["name"]
        table.to_csv(path, sep="\t", index=False)
        content = path.read_bytes()
        spec |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        spec["mirror"] = []
    (folder / "data" / "registry.toml").write_text(tomlkit.dumps(registry), encoding="utf-8")
    kept = test.dropna(subset=["document"])
    known = train.dropna(subset=["document"]).drop_duplicates("document")  # as the homework does
    truth = {
        "labels": kept["label"].tolist(),
        "train": dict(zip(known["document"], known["label"].tolist(), strict=True)),
    }
    return {"reviews": kept["document"].tolist()}, json.dumps(truth).encode()
