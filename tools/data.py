"""make data: fetch every data set ahead and print what is here."""

import os

import pandas as pd
from coursekit import fetch


def main() -> int:
    """Fetch every data set and print a table; return 1 if any of them is not there."""
    os.environ["COURSE_STRICT"] = "1"
    rows, failures = [], []
    for dataset, table in fetch.registry().items():
        print(f"{dataset} …", end=" ", flush=True)
        try:
            found = fetch.locate(dataset)
        except fetch.DataUnavailable as error:
            print("missing")
            failures.append(f"\n{error}")
            files = " or ".join(" + ".join(names) for names in table["sources"])
            rows.append((dataset, files, "missing", "", "", table["licence"]))
            continue
        print("here")
        published = {spec["name"] for spec in table["file"] if "sha256" in spec}
        for name in found.paths:
            content, digest = found.checked[name]
            seen = "" if name in published else " (seen, not published)"
            size = f"{len(content):,}"
            rows.append((dataset, name, "ready", size, digest[:12] + seen, table["licence"]))
    columns = ["data set", "file", "state", "bytes", "sha256", "licence"]
    print("", pd.DataFrame(rows, columns=columns).to_string(index=False), *failures, sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
