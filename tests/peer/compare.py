#!/usr/bin/env python3
"""Compare `rolecall guard validate` with the real `cfn-guard` on rule files and templates.

    compare.py --peer CFN_GUARD --rolecall ROLECALL --rules FOLDER... --templates FOLDER [--limit N] [--jobs N]
    compare.py --npm ...      also fetch @cdklabs/cdk-validator-cfnguard with npm and take its rule files

Every rule file is evaluated on every template by both programs. Prints one line for each difference and a summary:
`rules × templates compared, differences`. A template that the peer cannot load is counted, not compared. Exit 1 on
differences.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile


def statuses(command, rules, template):
    arguments = [*command, "validate", "-r", *rules, "-d", template, "-z", "-o", "json", "-S", "none"]
    done = subprocess.run(arguments, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)
    if done.returncode not in (0, 5, 19):
        return None, done.returncode
    reports = json.loads(done.stdout)
    out = {}
    for report in reports:
        for name in report["compliant"]:
            out.setdefault(name, set()).add("PASS")
        for name in report["not_applicable"]:
            out.setdefault(name, set()).add("SKIP")
        for one in report["not_compliant"]:
            out.setdefault(one["Rule"]["name"], set()).add("FAIL")
    return out, done.returncode


def npm_rules(folder):
    package = "@cdklabs/cdk-validator-cfnguard"
    packed = subprocess.run(["npm", "pack", package], cwd=folder, capture_output=True, text=True, check=True)
    archive = packed.stdout.strip().splitlines()[-1]
    subprocess.run(["tar", "xzf", archive], cwd=folder, check=True)
    return pathlib.Path(folder) / "package" / "rules"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--rolecall", required=True)
    parser.add_argument("--rules", nargs="*", default=[])
    parser.add_argument("--templates", required=True)
    parser.add_argument("--npm", action="store_true")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--step", type=int, default=1, help="take every N-th template")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folders = [pathlib.Path(folder) for folder in options.rules]
        if options.npm:
            folders.append(npm_rules(scratch))
        rules = sorted(str(file) for folder in folders for file in folder.rglob("*.guard"))
        templates = sorted(str(file) for file in pathlib.Path(options.templates).rglob("*") if file.is_file())
        endings = (".yaml", ".yml", ".json", ".jsn", ".template")
        templates = [file for file in templates if file.endswith(endings)][:: options.step]
        templates = templates[: options.limit] if options.limit else templates
        return compare(options, rules, templates)


def compare(options, rules, templates):
    def one(template):
        theirs, code = statuses([options.peer], rules, template)
        ours, own = statuses([options.rolecall, "guard"], rules, template)
        return template, theirs, code, ours, own

    compared = differences = unloadable = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for template, theirs, code, ours, own in pool.map(one, templates):
            if theirs is None:
                unloadable += 1
                continue
            if ours is None:
                differences += 1
                print(f"DIFFERENCE {template}: the peer evaluates it, rolecall ends with {own}")
                continue
            compared += len(theirs)
            for name in sorted(theirs.keys() | ours.keys()):
                if theirs.get(name) != ours.get(name):
                    differences += 1
                    print(f"DIFFERENCE {template} {name}: peer {theirs.get(name)}, rolecall {ours.get(name)}")
            if code != own:
                differences += 1
                print(f"DIFFERENCE {template}: peer exits with {code}, rolecall with {own}")
    print(
        f"{len(rules)} rule files x {len(templates)} templates: {compared} rules x templates compared, "
        f"{differences} differences; {unloadable} templates that the peer cannot load"
    )
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
