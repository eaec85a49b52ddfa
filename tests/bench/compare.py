"""Runs ours and the peers on the same photos, interleaved, and prints the table of functions/renditions/README.md.

    python compare.py --ours TECHOGNITION --sharp FOLDER_WITH_NODE_MODULES --out FOLDER [--rounds 5] PHOTO...

For each photo, format and tool: the least CPU (user and system, all threads) of all runs after a warming one, the ratio of each
round's to ours with its spread, the largest memory, the bytes of all files, and SSIMULACRA2 of the largest rendition by
`ssimulacra2` where the command `--score` names it. The reference is a full decode, turned, by the reference colour management,
Lanczos-3 from the source.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
TOOLS = ["ours", "sharp", "pyvips", "pillow"]
RUNS = 3


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True)
    parser.add_argument("--sharp", required=True)
    parser.add_argument("--score")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("photos", type=Path, nargs="+")
    options = parser.parse_args()
    os.environ["VIPS_CONCURRENCY"] = "1"
    options.out.mkdir(parents=True, exist_ok=True)

    print("| Photo | Formats | Tool | CPU ms | times ours (least to most) | peak MB | JPEG kB | WebP kB | SSIMULACRA2 of 2016 | of 1280 |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for photo in options.photos:
        for formats in ("jpeg", "both"):
            cpu = {tool: [] for tool in TOOLS}
            peak = {tool: 0.0 for tool in TOOLS}
            for _ in range(options.rounds):
                for tool in TOOLS:
                    used, most = run(tool, photo, options.out / tool / photo.stem / formats, formats, options)
                    cpu[tool].append(min(used))
                    peak[tool] = max(peak[tool], most)
            for tool in TOOLS:
                ratios = sorted(other / own for other, own in zip(cpu[tool], cpu["ours"]))
                paths = files(tool, photo, options.out / tool / photo.stem / formats)
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


main()
