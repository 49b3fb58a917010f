"""What the box is shown: coursekit, the training data, the test reviews without their labels."""

import hashlib
import json
import shutil
from pathlib import Path

import tomlkit

from tools.lessons import ROOT


def prepare(folder: Path) -> tuple[Path, dict[str, list[str]], Path]:
    """Lay out the course for the box, and the truth for the judge.

    Returns:
        The folder to show as /course; the documents to answer for, by name; the file of the
        truth, which stays out here: ``labels`` of the documents, ``train`` (text -> label).
    """
    from coursekit import data, fetch

    train, test = data.load_nsmc()
    course = folder / "course"
    shutil.copytree(
        ROOT / "lessons" / "coursekit",
        course / "lessons" / "coursekit",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    cache = course / "data" / "cache"
    cache.mkdir(parents=True)
    registry = tomlkit.document()
    entry = tomlkit.parse(fetch.REGISTRY.read_text("utf-8"))["nsmc"].unwrap()
    for spec, table in zip(
        entry["file"], (train, test.assign(label=0)), strict=True
    ):  # every test label becomes 0
        path = cache / spec["name"]
        table.to_csv(path, sep="\t", index=False)
        content = path.read_bytes()
        spec |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        spec["mirror"] = []
    registry["nsmc"] = entry
    (course / "data" / "registry.toml").write_text(tomlkit.dumps(registry), encoding="utf-8")
    kept = test.dropna(subset=["document"])
    known = train.dropna(subset=["document"]).drop_duplicates("document")  # as the homework does
    truth = {
        "labels": kept["label"].tolist(),
        "train": dict(zip(known["document"], known["label"].tolist(), strict=True)),
    }
    secret = folder / "truth"
    secret.mkdir(mode=0o700)
    (secret / "truth.json").write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")
    return course, {"reviews": kept["document"].tolist()}, secret / "truth.json"
