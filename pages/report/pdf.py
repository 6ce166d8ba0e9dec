"""A report as PDF, with text that can be searched and charts as vectors."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer

from pages.report.document import Block, Chart, Document, Table, Words
from pages.report.drawing import WIDTH, drawing

PLACES = (
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/dejavu",
    "/usr/share/fonts/dejavu-sans-fonts",
    "/usr/share/fonts/TTF",
    "/Library/Fonts",
)
"""Where DejaVu lies, whose letters reach from Greek to Arabic; reportlab's own Vera has those of western Europe."""
FACES = (("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"), ("Vera.ttf", "VeraBd.ttf"))
PLAIN, BOLD = "report", "report-bold"
LACKING = "□"
"""In place of a sign that the font lacks."""
MARGIN = (A4[0] - WIDTH) / 2 - 6.0
"""A frame keeps 6 points of its own."""
LAST_SHARE = 0.45
"""Of a table's width, for its last column."""
RULE, GREY = HexColor("#e5e7eb"), HexColor("#4b5563")
_TEXT = {"fontName": PLAIN, "fontSize": 8.5, "leading": 11}
STYLES = {
    "title": ParagraphStyle("title", fontName=BOLD, fontSize=16, leading=20),
    "heading": ParagraphStyle("heading", fontName=BOLD, fontSize=12, leading=15, spaceBefore=12, spaceAfter=4),
    "text": ParagraphStyle("text", **_TEXT, spaceAfter=3),
    "strong": ParagraphStyle("strong", **{**_TEXT, "fontName": BOLD}, spaceBefore=6, spaceAfter=2),
    "note": ParagraphStyle("note", **_TEXT, textColor=GREY, spaceBefore=3),
    "cell": ParagraphStyle("cell", **{**_TEXT, "fontSize": 7.5, "leading": 9.5}, splitLongWords=1),
    "head": ParagraphStyle("head", **{**_TEXT, "fontSize": 7.5, "leading": 9.5, "fontName": BOLD}),
}
_LOCK = threading.Lock()


def pdf(found: Document) -> bytes:
    """The whole file. What the font lacks is said at its end."""
    with _LOCK:  # reportlab's fonts are the process' own
        written = _Written()
        story = list(written.story(found))
        if written.lacking:
            words = f"{written.lacking:,} signs that the font here lacks are shown as {LACKING}; the HTML has them."
            story.append(Paragraph(escape(words), STYLES["note"]))
        out = io.BytesIO()
        page = {"leftMargin": MARGIN, "rightMargin": MARGIN, "topMargin": 36, "bottomMargin": 36}
        SimpleDocTemplate(out, pagesize=A4, title=written.text(found.title), author="Prism HUD", **page).build(story)
        return out.getvalue()


class _Written:
    """One file on its way: it counts what its font cannot say."""

    def __init__(self) -> None:
        self._known = _fonts()
        self.lacking = 0

    def text(self, words: str) -> str:
        """The words with what the font lacks replaced."""
        kept = [one if ord(one) in self._known or one == " " else LACKING for one in words]
        self.lacking += kept.count(LACKING) - words.count(LACKING)
        return "".join(kept)

    def _paragraph(self, words: str, style: str) -> Paragraph:
        return Paragraph(escape(self.text(words)), STYLES[style])

    def story(self, found: Document) -> Iterator[Any]:
        """The parts of the file, from its title on."""
        yield self._paragraph(found.title, "title")
        yield self._paragraph(found.about, "text")
        for section in found.sections:
            yield self._paragraph(section.title, "heading")
            for block in section.blocks:
                yield from self._block(block)

    def _block(self, block: Block) -> Iterator[Any]:
        if isinstance(block, Words):
            yield self._paragraph(block.text, "strong" if block.strong else "text")
        elif isinstance(block, Chart):
            yield self._paragraph(block.title, "note")
            yield drawing(self._legible(block), PLAIN)
        elif block.rows:
            yield self._table(block)
            yield self._paragraph(block.more, "note") if block.more else Spacer(1, 4)
        else:
            yield self._paragraph(block.empty, "text")

    def _legible(self, chart: Chart) -> Chart:
        lines = [(self.text(name), line) for name, line in chart.lines]
        return Chart(chart.title, chart.times, lines, chart.worded, chart.since, chart.until, chart.marks)

    def _table(self, block: Table) -> LongTable:
        cells = [[self._paragraph(one, "head") for one in block.heads]]
        cells += [[self._paragraph(one, "cell") for one in row] for row in block.rows]
        last = WIDTH * LAST_SHARE if len(block.heads) > 2 else WIDTH * 0.8
        widths = [(WIDTH - last) / (len(block.heads) - 1)] * (len(block.heads) - 1)
        style = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEABOVE", (0, 1), (-1, -1), 0.4, RULE),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ]
        return LongTable(cells, colWidths=[*widths, last], repeatRows=1, style=style)


def _fonts() -> frozenset[int]:
    """Registers the best fonts that there are, and says which signs they have."""
    if PLAIN not in pdfmetrics.getRegisteredFontNames():
        plain, bold = _files()
        pdfmetrics.registerFont(TTFont(PLAIN, str(plain)))
        pdfmetrics.registerFont(TTFont(BOLD, str(bold)))
    face: Any = pdfmetrics.getFont(PLAIN)
    bold_face: Any = pdfmetrics.getFont(BOLD)
    return frozenset(face.face.charToGlyph) & frozenset(bold_face.face.charToGlyph)


def _files() -> tuple[Path, Path]:
    for plain, bold in FACES:
        for place in (*PLACES, *rl_config.TTFSearchPath):
            if (Path(place) / plain).is_file() and (Path(place) / bold).is_file():
                return Path(place) / plain, Path(place) / bold
    raise FileNotFoundError("reportlab's own fonts are missing")
