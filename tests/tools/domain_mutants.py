"""Changes the rules in one place at a time, and says which changes no test beside them notices. tests/MUTANTS.md says how to read it.

    python3 tests/tools/domain_mutants.py [--base REV] [FILE…]

--base REV  only what lies on lines that changed since that revision
FILE…       files of shared/src/domain; without one, all of them

The domain names no SDK, HTTP or async crate. So it is compiled alone: target/mutants/domain becomes a workspace of one crate, `shared`,
with a copy of shared/src/domain and nothing else, in which a mutant costs seconds. Paths and names of mutants read as in this repository,
and versions are those of Cargo.lock. Accepted survivors stand in mutants.toml, each with its reason. Exit status 1 if there is another one.
Needs cargo-mutants: `tests/run mutants` installs it.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALONE = ROOT / "target/mutants/domain"
OUT = ROOT / "target/mutants/out"
ACCEPTED = ROOT / "tests/tools/mutants.toml"
DOMAIN = "shared/src/domain"

# Tests that take seconds each: they see a mutant only after all others have missed it.
SLOW = ["no_character_that_hides", "whatever_is_asked_of_a_photo", "every_entry_wins"]
# Seconds after which a build or a run of tests is ended: a mutant that never comes to an end is noticed.
LIMIT_S = 90

# Dependencies are optimised: the tests verify signatures of a beacon, and walk through thousands of histories.
WORKSPACE = """[workspace]
resolver = "3"
members = ["shared"]

[profile.dev]
debug = false
[profile.dev.package."*"]
opt-level = 3
"""


def main() -> None:
    """Runs the mutants that the command line names, and ends with status 1 if one survives that is not accepted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", help="only lines that changed since this revision")
    parser.add_argument("files", nargs="*", metavar="FILE")
    asked = parser.parse_args()
    make_workspace()
    which = [word for file in asked.files for word in ("--file", inside(file))]
    if asked.base:
        OUT.mkdir(parents=True, exist_ok=True)
        diff = OUT / "diff"
        git = ["git", "-C", str(ROOT), "diff", asked.base, "--", DOMAIN]
        diff.write_bytes(subprocess.run(git, check=True, capture_output=True).stdout)
        if not diff.read_bytes():
            print(f"nothing in {DOMAIN} changed since {asked.base}")
            return
        which += ["--in-diff", str(diff)]
    mutate(which, quick=True)
    counts, missed = outcomes()
    if missed:
        mutate([*which, "--iterate"], quick=False)
        again, missed = outcomes()
        for name, found in counts.items():
            found["missed"] = 0
            found.update(again[name])
    wrong = judge(counts, missed, whole=not which)
    table(counts)
    print("\n".join(wrong))
    sys.exit(bool(wrong))


def inside(file: str) -> str:
    """A file of the domain relative to the repository; anything else ends the program."""
    path = Path(file).resolve()
    if not path.is_file() or not path.is_relative_to(ROOT / DOMAIN):
        sys.exit(f"{file}: no file of {DOMAIN}")
    return str(path.relative_to(ROOT))


def make_workspace() -> None:
    """Makes the workspace of the domain alone anew; what cargo has built there stays."""
    crate = ALONE / "shared"
    shutil.rmtree(crate, ignore_errors=True)
    crate.mkdir(parents=True)
    shutil.copytree(ROOT / DOMAIN, crate / "src/domain")
    (crate / "src/lib.rs").write_text("//! The domain alone.\n\npub mod domain;\n")
    sources = {path: path.read_text() for path in sorted((crate / "src/domain").rglob("*.rs"))}
    for path, text in sources.items():
        for included in re.findall(r'include_(?:str|bytes)!\("([^"]+)"\)', text):
            beside = (path.parent / included).resolve().relative_to(ALONE.resolve())
            (ALONE / beside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / beside, ALONE / beside)
    (crate / "Cargo.toml").write_text(manifest("\n".join(sources.values())))
    (ALONE / "Cargo.toml").write_text(WORKSPACE)
    shutil.copy(ROOT / "Cargo.lock", ALONE / "Cargo.lock")


def manifest(source: str) -> str:
    """The manifest of the crate: of the dependencies of `shared`, those that the domain names."""
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]
    shared = tomllib.loads((ROOT / "shared/Cargo.toml").read_text())
    lines = ["[package]", 'name = "shared"', f"edition = {inline(workspace['package']['edition'])}", "publish = false"]
    lines += ["", "[lib]", "doctest = false"]
    for kind in ("dependencies", "dev-dependencies"):
        lines += ["", f"[{kind}]"]
        for name in shared[kind]:
            if re.search(rf"(?<![\w.:]){name.replace('-', '_')}::", source):
                lines.append(f"{name} = {inline(workspace['dependencies'][name])}")
    return "\n".join(lines) + "\n"


def inline(value: object) -> str:
    """A value of a manifest as TOML on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {inline(one)}" for key, one in value.items()) + " }"
    return json.dumps(value)


def cargo_mutants(arguments: list[str], **more: object) -> subprocess.CompletedProcess:
    """Runs cargo-mutants in the workspace of the domain. Random cases are the same each time, and nothing is written for the next run: what
    fails by one mutant must not be tried with another."""
    environment = {**os.environ, "INSTA_UPDATE": "no", "PROPTEST_DISABLE_FAILURE_PERSISTENCE": "1", "PROPTEST_RNG_SEED": "1"}
    return subprocess.run(["cargo", "mutants", "--colors", "never", *arguments], cwd=ALONE, env=environment, **more)


def mutate(which: list[str], *, quick: bool) -> None:
    """Runs mutants: quickly all of them, or slowly those that the quick run has missed. Ends the program if nothing could be tried."""
    skip = [word for name in SLOW for word in ("--skip", name)] if quick else []
    baseline = "run" if quick else "skip"
    run = ["--no-config", "--in-place", "--baseline", baseline, "--timeout", str(LIMIT_S), "--output", str(OUT)]
    done = cargo_mutants([*run, *which, "--", "--lib", "--", *skip])
    # 0: all caught; 2: some missed; 3: some never came to an end.
    if done.returncode not in (0, 2, 3):
        sys.exit(f"cargo-mutants ended with status {done.returncode}; {OUT}/mutants.out/log says why")


def outcomes() -> tuple[dict[str, Counter], list[dict]]:
    """What became of the mutants of the last run: how many of each module, and those that were missed, as mutants.toml has them."""
    kinds = {"CaughtMutant": "caught", "Timeout": "caught", "Unviable": "unviable", "MissedMutant": "missed"}
    counts: dict[str, Counter] = defaultdict(Counter)
    missed = []
    for outcome in json.loads((OUT / "mutants.out/outcomes.json").read_text())["outcomes"]:
        if outcome["scenario"] == "Baseline":
            continue
        mutant, kind = outcome["scenario"]["Mutant"], kinds[outcome["summary"]]
        counts[module(mutant["file"])][kind] += 1
        if kind == "missed":
            line = mutant["span"]["start"]["line"]
            code = (ROOT / mutant["file"]).read_text().splitlines()[line - 1].strip()
            missed.append({"file": mutant["file"], "line": line, "code": code, "mutant": mutant["name"].split(": ", 1)[1]})
    return counts, sorted(missed, key=lambda one: (one["file"], one["line"], one["mutant"]))


def judge(counts: dict[str, Counter], missed: list[dict], *, whole: bool) -> list[str]:
    """Counts those that are accepted as such, and answers with all that is wrong: other survivors and, after a run of all mutants, reasons
    for what is no survivor."""
    accepted = tomllib.loads(ACCEPTED.read_text()).get("accepted", [])
    keys = ("file", "code", "mutant")
    wrong, used = [], []
    for one in missed:
        reason = next((entry for entry in accepted if all(entry[key] == one[key] for key in keys)), None)
        if reason is None:
            wrong.append(f"SURVIVED {one['file']}:{one['line']}: {one['mutant']}, in `{one['code']}`")
            continue
        used.append(reason)
        counts[module(one["file"])].update(missed=-1, accepted=1)
    if whole:
        wrong += [f"STALE    {ACCEPTED.name}: {one['mutant']}, in `{one['code']}`" for one in accepted if one not in used]
    return wrong


def module(file: str) -> str:
    """The module of a file of the domain."""
    return file.removeprefix(f"{DOMAIN}/").removesuffix(".rs")


def table(counts: dict[str, Counter]) -> None:
    """Prints a table of modules."""
    print("\n| Module | Mutants | Do not compile | Caught | Accepted | Survived |\n|---|---|---|---|---|---|")
    total: Counter = Counter()
    for name, row in sorted(counts.items()):
        total.update(row)
        print(line(f"`{name}`", row))
    print(line("all", total))


def line(name: str, row: Counter) -> str:
    """One line of the table."""
    return f"| {name} | {row.total()} | {row['unviable']} | {row['caught']} | {row['accepted']} | {row['missed']} |"


if __name__ == "__main__":
    main()
