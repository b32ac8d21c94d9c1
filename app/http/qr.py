"""QR codes as the pages draw them."""

from io import BytesIO

import segno


def drawn(text: str) -> tuple[str, int]:
    """An SVG path, to be drawn with a stroke of 1, and the side of its square in the same units."""
    qr = segno.make(text, error="m", micro=False)
    file = BytesIO()
    qr.save(file, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2, nl=False)
    path = file.getvalue().decode().partition(' d="')[2].partition('"')[0]
    return path, int(qr.symbol_size(border=2)[0])
