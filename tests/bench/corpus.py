"""Makes the photos that the comparison renders: photographic content, in the settings of several cameras.

    python corpus.py FOLDER

Each picture is a seeded sum of what photos are made of: light that falls off, shapes with sharp and with soft edges, textures whose
power falls with frequency as in nature (1/f), and a sensor's grain. The same seed gives the same picture in every size, so that
files differ in what is named in `PHOTOS` and in nothing else. None of the files is kept in the repository.
"""

import sys
from pathlib import Path

import numpy as np
import pyvips

# name: (width, height, seed, JPEG quality, chroma, progressive, colours, EXIF orientation)
PHOTOS = {
    "12mp-srgb": (4032, 3024, 1, 92, "on", False, "srgb", 1),
    "12mp-p3-turned": (4032, 3024, 2, 92, "on", False, "p3", 6),
    "12mp-4000": (4000, 3000, 3, 95, "on", False, "srgb", 1),
    "12mp-progressive": (4032, 3024, 1, 92, "on", True, "srgb", 1),
    "24mp-srgb": (6000, 4000, 4, 93, "on", False, "srgb", 1),
    "24mp-444": (6000, 4000, 4, 93, "off", False, "srgb", 1),
    "48mp-srgb": (8064, 6048, 5, 90, "on", False, "srgb", 1),
    "48mp-progressive": (8064, 6048, 5, 90, "on", True, "srgb", 1),
}


def texture(chance, height, width, slope):
    """Noise whose amplitude falls with frequency to the power of `slope`, between -1 and 1: octaves of noise, each enlarged."""
    field = np.zeros((height, width), np.float32)
    octave, weight, total = 4, 1.0, 0.0
    while octave < max(height, width):
        rows, columns = max(2, octave * height // width + 1), octave + 1
        noise = chance.uniform(-1, 1, (rows, columns)).astype(np.float32)
        image = pyvips.Image.new_from_array(noise)
        image = image.resize(width / columns, vscale=height / rows, kernel="cubic")
        field += weight * image.numpy()[:height, :width].reshape(height, width)
        total += weight
        octave, weight = octave * 2, weight * 2**-slope
    return field / total


def picture(width, height, seed):
    """Linear-ish red, green and blue from 0 to 255 as 8 bits."""
    chance = np.random.default_rng(seed)
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    ground = texture(chance, height, width, 0.7)
    light = 105 + 90 * (1 - y) * (0.4 + 0.6 * x) + 60 * ground
    tint = texture(chance, height, width, 1.3)
    rgb = np.stack([light * (1 + 0.25 * tint), light * 0.97, light * (0.9 - 0.3 * tint)], axis=2)
    for _ in range(24):
        left, top, size = chance.uniform(0, 1), chance.uniform(0, 1), chance.uniform(0.02, 0.22)
        sharp, colour = chance.choice([4.0, 40.0, 400.0]), chance.uniform(10, 245, 3).astype(np.float32)
        shape = chance.integers(0, 2)
        across, down = np.abs(x - left), np.abs(y - top) * height / width
        far = np.hypot(across, down) if shape else np.maximum(across, down)
        cover = np.clip((1 - far / size) * sharp, 0, 1)[:, :, None]
        rgb += (colour * (0.85 + 0.35 * ground[:, :, None]) - rgb) * cover
    rgb += chance.normal(0, 4.0, rgb.shape).astype(np.float32)
    return np.clip(rgb, 0, 255).astype(np.uint8)


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (width, height, seed, quality, chroma, progressive, colours, turned) in PHOTOS.items():
        path = folder / f"{name}.jpg"
        if path.exists():
            continue
        image = pyvips.Image.new_from_array(picture(width, height, seed)).copy(interpretation="srgb")
        if colours == "p3":
            image = image.icc_transform("p3", input_profile="srgb")
        if turned != 1:
            image = image.copy()
            image.set_type(pyvips.GValue.gint_type, "orientation", turned)
        keep = pyvips.enums.ForeignKeep.ALL if hasattr(pyvips.enums, "ForeignKeep") else None
        image.jpegsave(str(path), Q=quality, subsample_mode=chroma, interlace=progressive, keep=keep)
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
