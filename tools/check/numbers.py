"""The numbers of a recording against book/results.toml, and the models that pages run."""

from typing import Any

from tools import page_model, results
from tools.check.outputs import AGAIN
from tools.lessons import Course, Lesson, tags


def contract(lesson: Lesson, entry: dict[str, Any] | None) -> list[str]:
    """The recording against its entry in book/results.toml."""
    if entry is None:
        tagged = any("band" in tags(cell) for cell in lesson.cells)
        return [f"has cells tagged `band` and no entry in {results.FILE}"] if tagged else []
    values, compared = lesson.values, entry.get("compare", [])
    found = [
        f"glues no {line['value']}, which results.toml names: {AGAIN}"
        for line in [entry, *compared]
        if line["value"] not in values
    ]
    # A scale of its own means errors, not accuracy: no majority there, a rule of thumb instead.
    simple = {results.RULE_OF_THUMB} if "scale" in entry else {results.MAJORITY, results.LINEAR}
    if not simple <= (names := {line["name"] for line in compared}):
        found.append(f"lacks a baseline beside its network in results.toml: {sorted(names)}")
    cited = f"`{entry.get('source', {}).get('cite')}`"
    if "source" in entry and cited not in f"{lesson.text}\n{lesson.code}":
        found.append("does not cite where its source figure is from: {cite}`…`, as results.toml")
    band = entry.get("band", {"seeds": [], "values": []})
    if len(set(band["seeds"])) < 5 or len(band["values"]) != len(band["seeds"]):
        return [*found, "has fewer than five seeds in results.toml: run `make band LESSON=?`"]
    (low, high), ours = results.bounds(band["values"]), values.get(entry["value"])
    if ours is not None and not low <= ours <= high:
        found.append(
            f"has {entry['value']} = {ours:.4f} outside its band {low} to {high}: find out why "
            "before recording again"
        )
    return found


def models(course: Course) -> list[str]:
    """The models that pages run are those of the recordings, which know their hashes."""
    lessons, files = course.numbered(), page_model.scripts(course.root)
    made = [(lesson.record or {}).get("models", {}) for lesson in lessons]
    left = {f"{name}.js": digest for models in made for name, digest in models.items()}
    found = [
        f"{page_model.MODELS}/{name} is not what its lesson recorded: record it again"
        for name in sorted({*left, *files})
        if files.get(name) != left.get(name)
    ]
    return found + [
        f"{lesson.path.name} was recorded with another {name} than the one that is here: {AGAIN}"
        for lesson in lessons
        for name, digest in page_model.read(files, lesson.code).items()
        if lesson.record and lesson.record["data"].get(name) != digest
    ]
