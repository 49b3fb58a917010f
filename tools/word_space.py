"""Write the words of GloVe that a page carries: `python -m tools.word_space`, on the real data.

The most frequent words of lower-case letters and those of WANTED, with their vectors rounded to
bytes and a place on a map (t-SNE, for the eye only), into book/_static/touch/glove_words.js. The
file names the sha256 of the vectors it was made from; the page is not built with another.
"""

import base64
import json

import numpy as np
from coursekit import fetch

from tools import lessons

FILE = lessons.ROOT / "book" / "_static" / "touch" / "glove_words.js"
SOURCE = "glove_6B_50d_emb.npy"
COUNT = 2_500
# Words of lesson 07, and some that reviews and analogies ask for.
WANTED = (
    "korea korean seoul busan pyongyang japan tokyo osaka france paris germany berlin russia "
    "moscow china beijing italy rome spain madrid england london good great excellent wonderful "
    "superb bad terrible awful boring horrible dull stupid funny hilarious charming lovely "
    "beautiful brilliant king queen prince princess man woman boy girl brother sister son "
    "daughter uncle aunt husband wife actor actress waiter waitress doctor nurse engineer "
    "teacher movie film plot script scene director drama comedy horror romance cinema audience "
    "review critic worst best better worse apple banana orange rice bread cat dog puppy kitten "
    "horse"
)


def digest() -> str:
    """The sha256 of the vectors, as the registry has it."""
    files = fetch.registry()["glove"]["file"]
    return next(file["sha256"] for file in files if file["name"] == SOURCE)


def chosen(glove: dict[str, np.ndarray]) -> list[str]:
    """Words as GloVe writes them, the most frequent first."""
    plain = [word for word in glove if len(word) > 2 and word.isascii() and word.isalpha()]
    wanted = {*plain[:COUNT], *WANTED.split()}
    return [word for word in plain if word in wanted]


def rounded(vectors: np.ndarray) -> tuple[float, np.ndarray]:
    """Unit vectors as bytes, and what a byte is worth."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    scale = float(np.abs(unit).max()) / 127
    return scale, np.round(unit / scale).astype("int8")


def places(vectors: np.ndarray) -> np.ndarray:
    """A place on the map for each word, from 0 to 65,535 both ways."""
    from sklearn.manifold import TSNE

    flat = TSNE(metric="cosine", init="pca", random_state=0).fit_transform(vectors)
    flat -= flat.min(axis=0)
    return np.round(flat / flat.max(axis=0) * 65_535).astype("<u2")


def main() -> None:
    from coursekit import data  # the book reads this file without it

    glove = data.load_glove()
    words = chosen(glove)
    vectors = np.stack([glove[word] for word in words])
    scale, small = rounded(vectors)
    content = {
        "source": digest(),
        "words": " ".join(words),
        "size": small.shape[1],
        "scale": scale,
        "vectors": base64.b64encode(small.tobytes()).decode(),
        "places": base64.b64encode(places(vectors).tobytes()).decode(),
    }
    FILE.write_text(f"window.GLOVE_WORDS = {json.dumps(content)};\n", encoding="utf-8")
    print(f"{len(words):,} words, {FILE.stat().st_size:,} bytes: {FILE.relative_to(lessons.ROOT)}")


if __name__ == "__main__":
    main()
