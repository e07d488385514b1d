#!/usr/bin/env python3
"""Compare `rolecall guard validate` with the real `cfn-guard` on rule files and templates.

    compare.py --peer CFN_GUARD --rolecall ROLECALL --rules FOLDER... --templates FOLDER [--step N] [--limit N] [--jobs N]
    compare.py --npm ...          also fetch @cdklabs/cdk-validator-cfnguard with npm and take its rule files
    compare.py --state FILE ...   write down what was compared, and go on from there when started again

Every rule file is evaluated on every template by both programs, several templates in one run of each (`--batch`). A run
that does not end in a report (a template that the program cannot load, a crash) is divided until the template is
alone that is to blame. What is compared are the statuses of the rules, the exit codes, and the whole JSON reports.

Prints one line for each difference as it is found, progress on standard error, and a summary: `rules x templates
compared, differences`. A template that the peer cannot evaluate is counted, not compared. Exit 1 on differences.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ENDINGS = (".yaml", ".yml", ".json", ".jsn", ".template")
REPORTED = (0, 5, 19)
FAILED = 19


def reports(command, rules, templates, limit):
    """The report of each template, or the exit code of the run in which it was alone."""
    data = [argument for template in templates for argument in ("-d", template)]
    arguments = [*command, "validate", "-r", *rules, *data, "-z", "-o", "json", "-S", "none"]
    try:
        done = subprocess.run(
            arguments, capture_output=True, stdin=subprocess.DEVNULL, timeout=limit * len(templates)
        )
        code, text = done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        code, text = "no answer in time", b""
    if code in REPORTED:
        found = json.loads(text)
        if [report["name"] for report in found] == templates:
            failed = any(report["status"] == "FAIL" for report in found)
            if failed == (code == FAILED):
                return dict(zip(templates, found)), code
        code = f"{code} with reports of other templates"
    if len(templates) == 1:
        return {templates[0]: code}, code
    middle = len(templates) // 2
    out = {}
    for half in (templates[:middle], templates[middle:]):
        out.update(reports(command, rules, half, limit)[0])
    return out, None


def statuses(report):
    out = collections.defaultdict(set)
    for name in report["compliant"]:
        out[name].add("PASS")
    for name in report["not_applicable"]:
        out[name].add("SKIP")
    for one in report["not_compliant"]:
        out[one["Rule"]["name"]].add("FAIL")
    return out


def judge(template, theirs, ours):
    """What is written down of one template."""
    record = {"template": template, "compared": 0, "differences": [], "peer": None, "rolecall": None}
    if not isinstance(ours, dict):
        record["rolecall"] = ours
    if not isinstance(theirs, dict):
        record["peer"] = theirs
        return record
    if not isinstance(ours, dict):
        record["differences"].append(f"the peer evaluates it, rolecall ends with {ours}")
        return record
    expected, actual = statuses(theirs), statuses(ours)
    record["compared"] = len(expected)
    for name in sorted(expected.keys() | actual.keys()):
        if expected.get(name) != actual.get(name):
            record["differences"].append(f"{name}: peer {expected.get(name)}, rolecall {actual.get(name)}")
    if not record["differences"] and theirs != ours:
        record["differences"].append(f"report: {first_difference(theirs, ours)}")
    return record


def first_difference(theirs, ours, path=""):
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in [*theirs, *(key for key in ours if key not in theirs)]:
            if theirs.get(key) != ours.get(key):
                return first_difference(theirs.get(key), ours.get(key), f"{path}/{key}")
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for index, (one, other) in enumerate(zip(theirs, ours)):
            if one != other:
                return first_difference(one, other, f"{path}/{index}")
    return f"{path}: peer {json.dumps(theirs)[:300]}, rolecall {json.dumps(ours)[:300]}"


def npm_rules(folder):
    package = "@cdklabs/cdk-validator-cfnguard"
    packed = subprocess.run(["npm", "pack", package], cwd=folder, capture_output=True, text=True, check=True)
    archive = packed.stdout.strip().splitlines()[-1]
    subprocess.run(["tar", "xzf", archive], cwd=folder, check=True)
    return pathlib.Path(folder) / "package" / "rules"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--rolecall", required=True)
    parser.add_argument("--rules", nargs="*", default=[])
    parser.add_argument("--templates", required=True)
    parser.add_argument("--npm", action="store_true")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--step", type=int, default=1, help="take every N-th template")
    parser.add_argument("--batch", type=int, default=20, help="templates in one run of a program")
    parser.add_argument("--seconds", type=int, default=120, help="time that a program has for each template")
    parser.add_argument("--state", help="a file of what was compared, to go on from")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folders = [pathlib.Path(folder) for folder in options.rules]
        if options.npm:
            folders.append(npm_rules(scratch))
        rules = sorted(str(file) for folder in folders for file in folder.rglob("*.guard"))
        templates = sorted(str(file) for file in pathlib.Path(options.templates).resolve().rglob("*") if file.is_file())
        templates = [file for file in templates if file.endswith(ENDINGS)][:: options.step]
        templates = templates[: options.limit] if options.limit else templates
        return compare(options, rules, templates)


def remembered(state, templates):
    """Records of an earlier run, of templates that are asked for now."""
    wanted = set(templates)
    if not state or not os.path.exists(state):
        return {}
    with open(state, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines if line.endswith("\n")]
    return {record["template"]: record for record in records if record["template"] in wanted}


def compare(options, rules, templates):
    def one(batch):
        theirs, code = reports([options.peer], rules, batch, options.seconds)
        ours, own = reports([options.rolecall, "guard"], rules, batch, options.seconds)
        found = [judge(template, theirs[template], ours[template]) for template in batch]
        if None not in (code, own) and code != own and not any(record["differences"] for record in found):
            found[0]["differences"].append(f"its batch: peer exits with {code}, rolecall with {own}")
        return found

    records = remembered(options.state, templates)
    left = [template for template in templates if template not in records]
    batches = [left[start : start + options.batch] for start in range(0, len(left), options.batch)]
    for record in records.values():
        show(record)
    started = time.monotonic()
    state = open(options.state, "a", encoding="utf-8") if options.state else None
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for number, found in enumerate(pool.map(one, batches), 1):
            for record in found:
                records[record["template"]] = record
                show(record)
                if state:
                    state.write(json.dumps(record) + "\n")
            if state:
                state.flush()
            seconds = time.monotonic() - started
            print(
                f"{len(records)} of {len(templates)} templates, {seconds:.0f} s, "
                f"about {seconds / number * (len(batches) - number):.0f} s left",
                file=sys.stderr,
                flush=True,
            )
    return summary(rules, templates, records)


def show(record):
    for text in record["differences"]:
        print(f"DIFFERENCE {record['template']} {text}", flush=True)


def summary(rules, templates, records):
    compared = sum(record["compared"] for record in records.values())
    differences = sum(len(record["differences"]) for record in records.values())
    refused = [record for record in records.values() if record["peer"] is not None]
    codes = collections.Counter(str(record["peer"]) for record in refused)
    evaluated = sum(record["rolecall"] is None for record in refused)
    ends = ", ".join(f"{count} end with {code}" for code, count in sorted(codes.items()))
    print(
        f"{len(rules)} rule files x {len(templates)} templates: {compared} rules x templates compared, "
        f"{differences} differences; {len(refused)} templates that the peer cannot evaluate"
        + (f" ({ends}), {evaluated} of which rolecall can" if refused else "")
    )
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
