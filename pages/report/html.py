"""A report as one HTML file that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from html import escape

from reportlab.graphics import renderSVG

from pages.report.document import Block, Chart, Document, Table, Words
from pages.report.drawing import drawing

STYLE = (
    "body{font:14px/1.45 system-ui,sans-serif;color:#1f2937;background:#fff;max-width:1000px;margin:24px auto}"
    "body{padding:0 16px}"
    "h1{font-size:22px;margin:0}h2{font-size:17px;margin:28px 0 8px;border-bottom:1px solid #e5e7eb}"
    "table{border-collapse:collapse;width:100%;margin:8px 0}caption{text-align:left;color:#4b5563;padding:4px 0}"
    "th,td{text-align:left;vertical-align:top;padding:3px 12px 3px 0;border-top:1px solid #e5e7eb;white-space:nowrap}"
    "td:last-child,th:last-child{white-space:normal;overflow-wrap:anywhere;width:60%}figure{margin:8px 0}"
    "figcaption{color:#4b5563}svg{width:100%;height:auto;max-width:780px}p{margin:6px 0}.more{color:#4b5563}"
    "@media(max-width:600px){td,th{white-space:normal}}"
)
FONT = "Helvetica"
"""What the charts' text asks for: a sans serif of the reader's."""


def html(found: Document, pdf: str = "") -> str:
    """The whole file; `pdf` is the address of the same as PDF, '' for none."""
    link = f'<p><a href="{escape(pdf)}">as PDF</a></p>' if pdf else ""
    number, parts = 0, []
    for section in found.sections:
        parts.append(f"<section><h2>{escape(section.title)}</h2>")
        for block in section.blocks:
            number += 1
            parts.append(_block(block, number))
        parts.append("</section>")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(found.title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(found.title)}</h1><p>{escape(found.about)}</p>{link}{''.join(parts)}</main></body></html>"
    )


def _block(block: Block, number: int) -> str:
    if isinstance(block, Words):
        return f'<p dir="auto">{_strong(block)}</p>'
    return _figure(block, number) if isinstance(block, Chart) else _table(block)


def _strong(block: Words) -> str:
    return f"<strong>{escape(block.text)}</strong>" if block.strong else escape(block.text)


def _table(block: Table) -> str:
    if not block.rows:
        return f"<p>{escape(block.empty)}</p>"
    heads = "".join(f'<th scope="col">{escape(one)}</th>' for one in block.heads)
    rows = "".join(f"<tr>{''.join(_cell(one) for one in row)}</tr>" for row in block.rows)
    more = f'<p class="more">{escape(block.more)}</p>' if block.more else ""
    caption = f"<caption>{escape(block.title)}</caption>"
    return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}"


def _cell(text: str) -> str:
    return f'<td dir="auto">{escape(text)}</td>'


def _figure(chart: Chart, number: int) -> str:
    """The drawing without what only a file of its own needs; its parts have names of their own in the page."""
    drawn: str = renderSVG.drawToString(drawing(chart, FONT))
    svg = drawn[drawn.index("<svg") :].replace("<title>...</title>", f"<title>{escape(chart.title)}</title>")
    svg = svg.replace("<desc>...</desc>", "").replace('id="clip"', f'id="clip{number}"')
    svg = svg.replace("url(#clip)", f"url(#clip{number})").replace('id="group"', f'id="group{number}"')
    svg = svg.replace("<svg ", '<svg role="img" ', 1)
    return f"<figure><figcaption>{escape(chart.title)}</figcaption>{svg}</figure>"
