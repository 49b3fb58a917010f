"""The picture that a link to a page shows: its title, and the first figure of a lesson."""

import base64
import importlib.util
import io
from pathlib import Path

from cards import first_png
from PIL import Image, ImageDraw, ImageFont
from sphinx.application import Sphinx

from tools.lessons import COURSE

SIZE, EDGE = (1200, 630), 60  # pixels, as Open Graph asks for
BLUE, INK = "#0b5cad", "#1d2733"


def place(pagename: str) -> str:
    """Where a page's picture lies, from the root of the book."""
    return f"_images/preview-{pagename.replace('/', '-')}.png"


def font(size: int) -> ImageFont.FreeTypeFont:
    package = Path(importlib.util.find_spec("koreanize_matplotlib").origin).parent
    return ImageFont.truetype(package / "fonts" / "NanumGothicBold.ttf", size)


def wrapped(text: str, letters: ImageFont.FreeTypeFont, width: int) -> str:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and letters.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def draw(title: str, book: str, png: str | None) -> Image.Image:
    picture = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 24, SIZE[1]), fill=BLUE)
    width = SIZE[0] - 2 * EDGE
    if png:
        figure = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
        figure.thumbnail((width, 330))
        picture.paste(figure, ((SIZE[0] - figure.width) // 2, SIZE[1] - EDGE // 2 - figure.height))
    if title != book:
        pen.text((EDGE, 44), book, BLUE, font(30))
    pen.multiline_text((EDGE, 110), wrapped(title, font(54), width), INK, font(54), spacing=16)
    return picture


def write(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    pictures = {f"lessons/{lesson.name}": first_png(lesson) for lesson in COURSE.lessons()}
    pictures[app.config.root_doc] = next(iter(pictures.values()), None)
    for name in app.env.found_docs:
        target = Path(app.outdir) / place(name)
        target.parent.mkdir(exist_ok=True)
        title = app.env.titles[name].astext()
        draw(title, app.config.html_title, pictures.get(name)).save(target, optimize=True)


def setup(app: Sphinx) -> dict:
    app.connect("build-finished", write)
    return {"parallel_read_safe": True}
