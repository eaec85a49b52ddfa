"""What the program of docs/DRAW.md says of each draw in a folder of folders: a line of winners and reserves, or `refused`.

    python3 tests/tools/draws.py draw.py FOLDER
"""

import importlib.util
import json
import sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("draw", sys.argv[1])
draw = importlib.util.module_from_spec(spec)
spec.loader.exec_module(draw)

for folder in sorted(Path(sys.argv[2]).iterdir()):
    try:
        _, ranking, prizes = draw.verify(folder)
    except (SystemExit, ValueError):
        # It says so, or the file is no text, no JSON or no time. Anything else is a mistake of the program.
        print("refused")
        continue
    reserves = json.loads((folder / "commit.json").read_text("utf-8"))["reserves"]
    winners = ranking[:prizes]
    print(f"{len(winners)}|{','.join(ranking[:prizes + reserves])}")
