"""Runs ours and the peers on the same originals, interleaved, and prints the tables of functions/renditions/README.md.

    node from_browsers.mjs FOLDER PHOTO...
    python kinds.py FOLDER PHOTO...
    python compare.py --ours TECHOGNITION --sharp FOLDER_WITH_NODE_MODULES --out FOLDER [--rounds 3] [--score COMMAND] FOLDER/*

The first two make the originals: what the page sends, and what reaches the server otherwise. For each original, format and tool: the
least CPU (user and system, all threads) of each round after a warming run, the ratio of each round's to ours with its spread, the
largest memory, the bytes of all files, and SSIMULACRA2 of two sizes by the command `--score`, which takes two PNG files and prints a
number. The reference is a full decode, turned, by the reference colour management, Lanczos-3 from the original.

The last table weighs the kinds of originals by how often each is met (`WEIGHTS`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
TOOLS = ["ours", "sharp", "pyvips", "pillow"]
RUNS = 2

# Parts in a hundred of what is sent, by the end of the file's name. A judgement, not a count: nobody has counted yet. The page redraws
# every photo unless it has no script, no faithful canvas or no time (88 of 100 pass it), and 3 of 4 technicians have Chromium's engine on
# a school's computer or an Android phone, or WebKit on an iPhone. Of the rest most are phones' own files, with a profile (iPhones and
# newer Androids) more often than without; screenshots are shared as PNG; the other codings are those of a few cameras, editors and sites.
WEIGHTS = {
    "chromium.jpg": 45,
    "webkit.jpg": 35,
    "firefox.jpg": 8,
    "camera.jpg": 6,
    "bare.jpg": 2,
    "422.jpg": 1,
    "444.jpg": 0.5,
    "440.jpg": 0.1,
    "progressive.jpg": 0.5,
    "screenshot.png": 1.4,
    "lossy.webp": 0.5,
}


def kind(photo):
    """The key of `WEIGHTS` that ends a file's name."""
    return next((kind for kind in WEIGHTS if photo.name.endswith(f"-{kind}")), None)


def run(tool, photo, out, formats, options):
    """CPU milliseconds of several runs, and the peak in MB."""
    out.mkdir(parents=True, exist_ok=True)
    if tool == "ours":
        command = [options.ours, "render", *[str(photo)] * (RUNS + 1), "--out", str(out), "--json"]
        command += ["--jpeg-only"] if formats == "jpeg" else []
        lines = [json.loads(line) for line in subprocess.check_output(command, text=True).splitlines()]
        return [line["cpu_ms"] for line in lines[1:]], max(line["peak_bytes"] for line in lines) / 1e6
    if tool == "sharp":
        command = ["node", str(Path(options.sharp) / "with_sharp.mjs"), str(photo), str(out), formats, str(RUNS)]
    else:
        command = [sys.executable, str(HERE / "with_python.py"), tool, str(photo), str(out), formats, str(RUNS)]
    answer = json.loads(subprocess.check_output(command, text=True))
    return answer["cpu_ms"], answer["peak_kb"] * 1024 / 1e6


def files(tool, photo, out):
    folder = out / photo.stem if tool == "ours" else out
    return sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".webp"))


def size(paths, suffix):
    return sum(path.stat().st_size for path in paths if path.suffix == suffix) / 1000


def reference(photo, width, height, path):
    import pyvips

    image = pyvips.Image.new_from_file(str(photo), access="sequential").autorot()
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True)
    image = image.flatten(background=255) if image.hasalpha() else image
    image.resize(width / image.width, vscale=height / image.height, kernel="lanczos3").pngsave(str(path), keep="none")


def score(options, photo, picture, scratch):
    """SSIMULACRA2 of a rendition against the reference of its size; more is better, 100 is the same."""
    if not options.score:
        return None
    import pyvips

    shown = pyvips.Image.new_from_file(str(picture))
    wanted, seen = scratch / f"{photo.stem}-{shown.width}.png", scratch / "seen.png"
    if not wanted.exists():
        reference(photo, shown.width, shown.height, wanted)
    shown.pngsave(str(seen), keep="none")
    return float(subprocess.check_output([options.score, str(wanted), str(seen)], text=True).split()[-1])


def sums(cpu):
    """The table of sums: for each format and tool the CPU that a hundred originals take, and the ratio to ours."""
    print("\n| Formats | Tool | CPU ms, weighed | times ours |\n|---|---|---|---|")
    for formats, name in (("jpeg", "JPEG"), ("both", "JPEG + WebP")):
        kinds = {kind for kind, of in cpu if of == formats}
        whole = sum(WEIGHTS[kind] for kind in kinds)
        weighed = {
            tool: sum(WEIGHTS[kind] * statistics.mean(cpu[kind, formats][tool]) for kind in kinds) / whole for tool in TOOLS
        }
        for tool, used in weighed.items():
            print(f"| {name} | {tool} | {used:.0f} | {used / weighed['ours']:.2f} |")
        if whole < sum(WEIGHTS.values()):
            print(f"Only {whole:g} of 100 parts were there: {', '.join(sorted(kinds))}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True)
    parser.add_argument("--sharp", required=True)
    parser.add_argument("--score")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("photos", type=Path, nargs="+")
    options = parser.parse_args()
    os.environ["VIPS_CONCURRENCY"] = "1"
    options.out.mkdir(parents=True, exist_ok=True)
    weighed = defaultdict(lambda: defaultdict(list))

    print("| Original | Formats | Tool | CPU ms | times ours (least to most) | peak MB | JPEG kB | WebP kB | SSIMULACRA2 of the largest | of 1280 |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for photo in options.photos:
        for formats in ("jpeg", "both"):
            cpu = {tool: [] for tool in TOOLS}
            peak = {tool: 0.0 for tool in TOOLS}
            for _ in range(options.rounds):
                for tool in TOOLS:
                    used, most = run(tool, photo, options.out / tool / photo.name / formats, formats, options)
                    cpu[tool].append(min(used))
                    peak[tool] = max(peak[tool], most)
            for tool in TOOLS:
                if kind(photo):
                    weighed[kind(photo), formats][tool].append(min(cpu[tool]))
                ratios = sorted(other / own for other, own in zip(cpu[tool], cpu["ours"]))
                paths = files(tool, photo, options.out / tool / photo.name / formats)
                suffix = ".jpg" if formats == "jpeg" else ".webp"
                shown = sorted((p for p in paths if p.suffix == suffix), key=lambda p: -int(p.stem))
                scores = [score(options, photo, p, options.out) for p in shown[:2]]
                cells = [
                    photo.stem,
                    "JPEG" if formats == "jpeg" else "JPEG + WebP",
                    tool,
                    f"{min(cpu[tool]):.0f}",
                    f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})",
                    f"{peak[tool]:.0f}",
                    f"{size(paths, '.jpg'):.0f}",
                    f"{size(paths, '.webp'):.0f}" if formats == "both" else "",
                    *("" if s is None else f"{s:.1f}" for s in scores),
                ]
                print("| " + " | ".join(cells) + " |", flush=True)
    sums(weighed)


main()
