"""Makes, from photos of cameras, the kinds of files that reach the server without having passed the page's script.

    python kinds.py OUT PHOTO...

Writes OUT/{photo}-{kind}: the same pixels as other cameras, editors and phones would store them. Nothing is done to what is compared
but the coding: quality 92, as cameras have it. `screenshot.png` is drawn: a phone's screen with text, flat areas and a part of the photo.
"""

import sys
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image, ImageDraw

QUALITY = 92


def without_profile(photo, path):
    """The file itself, without its segments APP1 to APP15: not a bit of the picture changes."""
    data, out, at = photo.read_bytes(), bytearray(b"\xff\xd8"), 2
    while data[at + 1] != 0xDA:
        length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if not 0xE1 <= data[at + 1] <= 0xEF:
            out += data[at : at + length]
        at += length
    path.write_bytes(bytes(out) + data[at:])


def screenshot(picture, path):
    """A phone's screen, 1170 × 2532: a bar, a part of a photo, lines of text on white."""
    screen = Image.new("RGB", (1170, 2532), "white")
    screen.paste(picture.resize((1170, 877)), (0, 180))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 1170, 180), fill="#20508c")
    for line in range(48):
        draw.text((40, 1100 + 29 * line), f"{line:02} " + "Technicians keep the school running. " * 3, fill="#202020", font_size=20)
    screen.save(path)


def main():
    out, photos = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    out.mkdir(parents=True, exist_ok=True)
    for photo in photos:
        picture = Image.open(photo).convert("RGB")
        name = lambda kind: out / f"{photo.stem}-{kind}"
        (out / f"{photo.stem}-camera.jpg").write_bytes(photo.read_bytes())
        without_profile(photo, name("bare.jpg"))
        pixels = np.ascontiguousarray(picture)
        for sampling in ("422", "444", "440"):
            name(f"{sampling}.jpg").write_bytes(simplejpeg.encode_jpeg(pixels, QUALITY, "RGB", sampling))
        picture.save(name("progressive.jpg"), quality=QUALITY, subsampling="4:2:0", progressive=True)
        picture.save(name("lossy.webp"), quality=QUALITY, method=2)
        screenshot(picture, name("screenshot.png"))


main()
