"""A lesson's pictures: what they say in words, their size, number and caption, a large view.

coursekit.plots.show stores with a picture what a page must know, in output.metadata["image/png"]:
``alt``; ``width`` in CSS pixels (the PNG has two dots a pixel); ``smallest``, the size in points of
its smallest letters; ``dark``, whether it may turn dark with the page; ``values``, which
book/_static/values.js tells under the pointer. A drawing (SVG) has only ``alt`` and always follows
the theme.

Each picture fits its page whole; book/_static/large.js opens it large, and without JavaScript the
browser does. "그림 3.2" in any text links to the figure of that number.
"""

import base64
import json
import posixpath
import re
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tools.lessons import COURSE, picture_kind

CAPTION = re.compile(r"그림 (\d+\.\d+)\. ")
NAMED = re.compile(r"그림 (\d+\.\d+)")
NO_LINKS_IN = (nodes.reference, nodes.literal, nodes.title, nodes.literal_block, nodes.raw)
READABLE, PLAIN = 11, 10  # the least letters of a large view in pixels; points where none is stored
PIXELS = 100 / 72  # of a plot to a point: coursekit.plots draws 100 to the inch


class picture(nodes.image):
    """An image with its size that links to its file."""


def read_metadata(path: Path) -> dict[str, dict]:
    """What a notebook stores of each picture, by the name that MyST-NB gives the file."""
    found = {}
    for output in COURSE.read(path).pictures:
        kind = picture_kind(output)
        content = output.data[kind]
        file = base64.b64decode(content) if kind == "image/png" else content.encode()
        found[sha256(file).hexdigest()] = output.metadata.get(kind, {})
    return found


def find_captions(doctree: nodes.document) -> dict[str, nodes.paragraph]:
    """The captions that coursekit.plots.show wrote into the outputs of cells, by number."""
    return {
        found[1]: paragraph
        for cell in doctree.findall(nodes.container)
        if cell.get("nb_element") == "cell_code_output"
        for paragraph in cell.findall(nodes.paragraph)
        if (found := CAPTION.match(paragraph.astext()))
    }


def anchor(number: str) -> str:
    return f"그림-{number.replace('.', '-')}"


def note_figures(app: Sphinx, doctree: nodes.document) -> None:
    """Give each picture what the notebook stores of it; remember on which page a figure is."""
    env = app.env
    path = Path(env.doc2path(env.docname))
    stored = read_metadata(path) if path.suffix == ".ipynb" else {}
    for image in doctree.findall(nodes.image):
        image["stored"] = stored.get(Path(image["uri"]).stem, image.get("stored", {}))
        if "alt" in image["stored"]:
            image["alt"] = image["stored"]["alt"]
    pages = dict.fromkeys(find_captions(doctree), env.docname)
    env.figure_pages = getattr(env, "figure_pages", {}) | pages


def join_captions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make a figure of each picture and the caption below it."""
    for number, caption in find_captions(doctree).items():
        above = None
        for node in caption.parent.findall():
            if node is caption:
                break
            above = node if isinstance(node, nodes.image) else above
        if above is None:
            raise ExtensionError(f"{docname}: the caption of 그림 {number} stands below no picture")
        figure = nodes.figure("", ids=[anchor(number)])
        above.replace_self(figure)
        caption.parent.remove(caption)
        figure += [above, nodes.caption("", "", *caption.children)]


def link_mentions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let each mention of a figure lead to it; one that is nowhere stops the build."""
    for text in list(doctree.findall(nodes.Text)):
        if isinstance(text.parent, (*NO_LINKS_IN, nodes.caption)) or not NAMED.search(text):
            continue
        parts: list[nodes.Node] = []
        for k, part in enumerate(NAMED.split(text)):  # words and numbers in turn
            if k % 2 == 0:
                parts.append(nodes.Text(part))
            elif page := app.env.figure_pages.get(part):
                where = "" if page == docname else app.builder.get_relative_uri(docname, page)
                uri = f"{where}#{anchor(part)}"
                parts.append(nodes.reference("", f"그림 {part}", internal=True, refuri=uri))
            else:
                raise ExtensionError(f"{docname} speaks of 그림 {part}, which is nowhere")
        text.parent.replace(text, parts)


def measure(path: Path) -> tuple[int, int]:
    """Width and height of a picture in its own pixels, of a drawing in its own units."""
    if path.suffix == ".svg":
        root = ElementTree.parse(path).getroot()
        width, height = (re.match(r"[\d.]+", root.get(side))[0] for side in ("width", "height"))
        return round(float(width)), round(float(height))
    with Image.open(path) as image:
        return image.size


def set_sizes(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Turn each image of a page into a picture with its size, as it is seen and opened large."""
    if app.builder.format != "html":
        return
    for number, image in enumerate(list(doctree.findall(nodes.image))):
        if "://" in image["uri"] or isinstance(image.parent, nodes.reference):
            continue
        stored, (dots, lines) = image.get("stored", {}), measure(Path(app.srcdir, image["uri"]))
        width = round(stored.get("width", dots))
        letters = stored.get("smallest", PLAIN) * PIXELS
        new = picture(
            "", **{k: image[k] for k in ("uri", "candidates", "alt", "classes") if k in image}
        )
        new["size"] = width, round(width * lines / dots)
        new["large"] = round(width * max(1, READABLE / letters))
        new["loading"] = "lazy" if number else "eager"  # only the first is waited for
        new["values"] = stored.get("values")
        if image["uri"].endswith(".svg") or stored.get("dark"):
            new["classes"].append("follows-theme")
        image.replace_self(new)


def visit(self, node: picture) -> None:
    name = self.builder.images[node["uri"]]
    uri = posixpath.join(self.builder.imgpath, quote(name))
    opens = {"href": uri, "title": "크게 보기", "data-width": node["large"]}
    self.body.append(self.starttag({}, "a", "", CLASS="picture", **opens))
    width, height = node["size"]
    said = {"src": uri, "alt": node.get("alt", ""), "width": width, "height": height}
    said["loading"] = node["loading"]
    if node["values"]:
        said["data-values"] = json.dumps(node["values"], ensure_ascii=False, separators=(",", ":"))
    self.body.append(self.emptytag(node, "img", "", **said) + "</a>")
    raise nodes.SkipNode


def add_script(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    if doctree and any(node["values"] for node in doctree.findall(picture)):
        app.add_js_file("values.js")


def setup(app: Sphinx) -> dict:
    app.add_node(picture, html=(visit, None))
    app.connect("doctree-read", note_figures)
    app.connect("html-page-context", add_script)
    app.connect("doctree-resolved", join_captions, priority=550)  # the search index has its text
    app.connect("doctree-resolved", link_mentions, priority=560)
    app.connect("doctree-resolved", set_sizes, priority=570)
    return {"parallel_read_safe": False}  # nor is a page ever read again: a build is from scratch
