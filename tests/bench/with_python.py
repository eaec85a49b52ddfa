"""One photo into four sizes by pyvips (libvips' `thumbnail`) or Pillow, each in its own best way, and nothing that we do not do either:
no code tables of its own for each picture, and no conversion of colours that are sRGB already. Prints a line of JSON: CPU of each run
after the first, and the largest memory.

    python with_python.py (pyvips|pillow) FILE OUT (jpeg|both) RUNS
"""

import io
import json
import os
import resource
import sys
from pathlib import Path

os.environ["VIPS_CONCURRENCY"] = "1"
EDGES = [2016, 1280, 640, 320]


def is_srgb(profile):
    return profile is None or b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile


def pyvips_way(file, out, both):
    import pyvips

    pyvips.cache_set_max(0)
    header = pyvips.Image.new_from_file(file, access="sequential")
    profile = header.get("icc-profile-data") if header.get_typeof("icc-profile-data") else None
    # `thumbnail` shrinks on load and turns; the smaller ones come from its result.
    colours = {} if is_srgb(profile) else {"export_profile": "srgb"}
    largest = pyvips.Image.thumbnail(file, 2016, height=2016, size="down", **colours)
    largest = largest.flatten(background=255) if largest.hasalpha() else largest
    largest = largest.copy_memory()
    for edge in EDGES:
        picture = largest if edge == 2016 else largest.thumbnail_image(edge, height=edge, size="down")
        picture.jpegsave(f"{out}/{edge}.jpg", Q=80, keep="none")
        if both:
            picture.webpsave(f"{out}/{edge}.webp", Q=85, keep="none")


def pillow_way(file, out, both):
    from PIL import Image, ImageCms, ImageOps

    picture = Image.open(file)
    profile = picture.info.get("icc_profile")
    picture.draft("RGB", (2016, 2016))
    picture = ImageOps.exif_transpose(picture)
    picture.thumbnail((2016, 2016), Image.Resampling.LANCZOS, reducing_gap=None)
    if not is_srgb(profile):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        picture = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"))
    picture = picture.convert("RGB")
    for edge in EDGES:
        picture.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=None)
        picture.save(f"{out}/{edge}.jpg", quality=80, icc_profile=None, exif=b"")
        if both:
            picture.save(f"{out}/{edge}.webp", quality=85, icc_profile=None, exif=b"")


def main():
    tool, file, out, formats, runs = sys.argv[1:]
    Path(out).mkdir(parents=True, exist_ok=True)
    way = {"pyvips": pyvips_way, "pillow": pillow_way}[tool]
    used = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    cpu = []
    for run in range(int(runs) + 1):
        before = used()
        way(file, out, formats == "both")
        if run > 0:
            cpu.append((used() - before) * 1000)
    print(json.dumps({"cpu_ms": cpu, "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


main()
