"""A picture and the caption below it become a figure; "그림 3.2" in any text links to it.

Each figure of a lesson comes with its size and is never shown smaller than its letters can be read.
"""

import re
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

CAPTION = re.compile(r"그림 (\d+\.\d+)\. ")
NAMED = re.compile(r"그림 (\d+\.\d+)")
# Of its own size: letters of 9 points (at 110 dpi), and of 13.75 in a drawing, are 11 px then.
LEAST = 0.8
NO_LINKS_IN = (nodes.reference, nodes.literal, nodes.title, nodes.literal_block, nodes.raw)


def captions(doctree: nodes.document) -> dict[str, nodes.paragraph]:
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


def note(app: Sphinx, doctree: nodes.document) -> None:
    if not hasattr(app, "figure_pages"):
        app.figure_pages = {}
    app.figure_pages |= dict.fromkeys(captions(doctree), app.env.docname)


def build(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Join each picture of this page and its caption."""
    for number, paragraph in captions(doctree).items():
        pictures = list(paragraph.parent.findall(nodes.image))
        before = [p for p in pictures if follows(paragraph, p)]
        if not before:
            raise ExtensionError(f"{docname}: the caption of 그림 {number} stands below no picture")
        picture = before[-1]
        figure = nodes.figure("", ids=[anchor(number)])
        picture.replace_self(figure)
        paragraph.parent.remove(paragraph)
        figure += [picture, nodes.caption("", "", *paragraph.children)]


def follows(paragraph: nodes.Node, picture: nodes.Node) -> bool:
    order = list(paragraph.parent.findall())
    return order.index(picture) < order.index(paragraph)


def link(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let each mention of a figure lead to it; one that is nowhere stops the build."""
    for text in list(doctree.findall(nodes.Text)):
        if isinstance(text.parent, (*NO_LINKS_IN, nodes.caption)) or not NAMED.search(text):
            continue
        parts: list[nodes.Node] = []
        for part in re.split(r"(그림 \d+\.\d+)", text):
            if found := NAMED.fullmatch(part):
                if not (page := app.figure_pages.get(found[1])):
                    raise ExtensionError(f"{docname} speaks of 그림 {found[1]}, which is nowhere")
                where = "" if page == docname else app.builder.get_relative_uri(docname, page)
                uri = f"{where}#{anchor(found[1])}"
                parts.append(nodes.reference("", part, internal=True, refuri=uri))
            else:
                parts.append(nodes.Text(part))
        text.parent.replace(text, parts)


def size(path: Path) -> tuple[int, int]:
    if path.suffix == ".svg":
        head = path.read_text(encoding="utf-8")[:1000]
        return tuple(int(re.search(rf'\b{side}="(\d+)', head)[1]) for side in ("width", "height"))
    with Image.open(path) as picture:
        return picture.size


def give_sizes(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    if doctree is None or not pagename.startswith("lessons/"):
        return
    source = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}

    def sized(image: re.Match) -> str:
        width, height = size(source[image[1]])
        least = f"min-width: {LEAST * width:.0f}px"
        return f'<img width="{width}" height="{height}" style="{least}" '

    context["body"] = re.sub(r'<img (?=[^>]*_images/([^"]+)")', sized, context["body"])


def setup(app: Sphinx) -> dict:
    app.connect("doctree-read", note)
    app.connect("doctree-resolved", build, priority=550)  # after the search index took its text
    app.connect("doctree-resolved", link, priority=560)
    app.connect("html-page-context", give_sizes)
    return {"parallel_read_safe": True}
