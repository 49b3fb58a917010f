"""A picture and the caption below it become a figure; "그림 3.2" in any text links to it.

Each figure of a lesson comes with its size and is never shown smaller than its letters can be read.

A plot, lines and letters on white, follows the dark theme: its ground becomes the page's, its
colours grow light and keep their names. One that is filled with colour, such as a map of heat,
and one of which the text says what is dark or light in it, stay as they were drawn.
"""

import ast
import re
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

CAPTION = re.compile(r"그림 (\d+\.\d+)\. ")
NAMED = re.compile(r"그림 (\d+\.\d+)")
# No letter is shown smaller, in pixels; a plot has 110 dots an inch, and letters of ten points
# where its code names none smaller, a drawing letters of 13.75 pixels.
LEAST, DPI, PLAIN, DRAWN = 11, 110, 10, 13.75
# The part of a picture that is white when it is lines and letters; maps of heat have 0.78 at most.
WHITE = 0.8
# What would not be true of a picture turned dark. A colour that is faint is so on either ground.
OF_LIGHT = re.compile(
    r"(?<![가-힣])(검은|검정(색| 선| 점| 틀| 띠)|까만|흰|하얀|하얗|어두|어둡|진한|진할|짙"
    r"|밝(?!히|혀|힌|힐|힙))"
)
POWERS = re.compile(r"loglog\(|semilog[xy]\(|[xy]scale(\(|=)['\"]log")
FOLLOWS = "follows-theme"
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
        app.figure_pages, app.figures_of_light, app.figure_letters = {}, set(), {}
    app.figure_pages |= dict.fromkeys(captions(doctree), app.env.docname)
    app.figures_of_light |= of_light(doctree)
    app.figure_letters |= letters(doctree)


def points(tree: ast.AST) -> list[float]:
    """The sizes of letters that this code names; an axis of powers counts as nine."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "fontsize":
            found.append(node.value)
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found += [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "fontsize"]
    either = [[e.body, e.orelse] if isinstance(e, ast.IfExp) else [e] for e in found]
    sizes = [e.value for each in either for e in each if isinstance(e, ast.Constant)]
    return sizes + [9] * bool(POWERS.search(ast.unparse(tree)))


def letters(doctree: nodes.document) -> dict[str, float]:
    """The smallest letters of each plot in points, as its cell and the functions it calls say."""
    functions, found = {}, {}
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code":
            continue
        source = [block.astext() for block in cell.findall(nodes.literal_block)][:1]
        try:
            tree = ast.parse("".join(source))
        except SyntaxError:
            tree = ast.parse("")
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        called = [size for name in used & functions.keys() for size in functions[name]]
        smallest = min([PLAIN, *points(tree), *called])
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                functions[node.name] = points(node)
        found |= {picture["uri"]: smallest for picture in cell.findall(nodes.image)}
    return found


def of_light(doctree: nodes.document) -> set[str]:
    """The figures of which this page says that something in them is dark or light: those that
    the paragraph names, or else the last one before it and the first one after.
    """
    own = {id(paragraph): number for number, paragraph in captions(doctree).items()}
    found, before, waits, alt = set(), set(), False, ""
    for node in doctree.findall():
        if isinstance(node, nodes.image):
            alt = node.get("alt", "")
        if not isinstance(node, nodes.paragraph):
            continue
        text = node.astext()
        if number := own.get(id(node)):
            if waits or OF_LIGHT.search(alt):
                found.add(number)
            before, waits = {number}, False
        if OF_LIGHT.search(text):
            found |= set(NAMED.findall(text)) or before
            waits = waits or not NAMED.search(text)
    return found


def build(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Join each picture of this page and its caption."""
    for number, paragraph in captions(doctree).items():
        pictures = list(paragraph.parent.findall(nodes.image))
        before = [p for p in pictures if follows(paragraph, p)]
        if not before:
            raise ExtensionError(f"{docname}: the caption of 그림 {number} stands below no picture")
        picture = before[-1]
        if number not in app.figures_of_light and is_lines(Path(app.srcdir, picture["uri"])):
            picture["classes"].append(FOLLOWS)
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


def is_lines(path: Path) -> bool:
    if path.suffix == ".svg":
        return False  # a drawing follows anyway: course.css
    with Image.open(path) as picture:
        shades = picture.convert("L").histogram()
    return shades[255] >= WHITE * sum(shades)


def give_sizes(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    if doctree is None or not pagename.startswith("lessons/"):
        return
    source = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}
    smallest = {name: app.figure_letters.get(uri) for uri, name in app.builder.images.items()}

    def sized(image: re.Match) -> str:
        width, height = size(source[image[1]])
        drawn = source[image[1]].suffix == ".svg"
        letter = DRAWN if drawn else (smallest[image[1]] or PLAIN) * DPI / 72
        least = f"min-width: {width * LEAST / letter:.0f}px"
        return f'<img width="{width}" height="{height}" style="{least}" '

    context["body"] = re.sub(r'<img (?=[^>]*_images/([^"]+)")', sized, context["body"])


def setup(app: Sphinx) -> dict:
    app.connect("doctree-read", note)
    app.connect("doctree-resolved", build, priority=550)  # after the search index took its text
    app.connect("doctree-resolved", link, priority=560)
    app.connect("html-page-context", give_sizes)
    return {"parallel_read_safe": True}
