#!/usr/bin/env python3
"""Which functions lie beside each other in the program: writes `src/build/layout.txt`.

    benches/layout.py --rolecall target/release/rolecall [--rules FOLDER --template TEMPLATE...] > src/build/layout.txt

`callgrind` says which functions run when examples are checked and, with `--rules`, when templates are validated. What most of
the functions of a module or of a name (by size) do is written for all of them; what is left, for one function alone.
"""
import argparse
import os
import re
import subprocess
import tempfile
from collections import Counter

# Of the functions of a name, as much (by size) has to run for all of them to be taken.
SHARE = 0.7


def ran(command):
    """The symbols of the functions that run."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        valgrind = ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out}"]
        subprocess.run([*valgrind, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        with open(out) as lines:
            found = re.findall(r"^c?fn=\(\d+\) ([^\s('0]\S*?)(?:'\d+)?$", lines.read(), re.MULTILINE)
    if not found:
        raise SystemExit(f"no function of {command} is known: does it have its symbols?")
    return set(found)


def sizes(program):
    """Symbols of functions, and how many bytes they take."""
    listed = subprocess.run(["nm", "-S", "--defined-only", program], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return {row[3]: int(row[1], 16) for row in rows if len(row) == 4 and row[2] in "tTwW"}


HASH = re.compile(r"17h[0-9a-f]{16}E")


def itself(symbol):
    """Copies of a function for a part of the program have the part's number, which changes with every change."""
    return re.sub(r"\.llvm\.\d+$", "*", symbol)


def names(symbol):
    """What finds a function and others, from what finds the most: the modules that it is in, its name."""
    at = 3
    while symbol.startswith("_ZN") and (length := re.match(r"\d+", symbol[at:])) and not HASH.match(symbol, at):
        at += len(length[0]) + int(length[0])
        if not HASH.match(symbol, at):
            yield symbol[:at] + "*"
    yield HASH.sub("17h*", symbol.split(".llvm.")[0])


def finder(symbols, size):
    """What finds a function of these, and little else."""
    all_of, running = Counter(), Counter()
    for symbol, taken in size.items():
        for name in set(names(symbol)):
            all_of[name] += taken
            running[name] += taken if symbol in symbols else 0
    enough = lambda name: running[name] >= SHARE * all_of[name]
    return lambda symbol: next(filter(enough, names(symbol)), itself(symbol))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rolecall", required=True)
    parser.add_argument("--rules")
    parser.add_argument("--template", action="append", default=[])
    options = parser.parse_args()
    program = options.rolecall
    checking = [["check", "examples/template.yaml"], ["check", "examples/terraform/plan.json"]]
    checking += [["check", "-f", "json", template] for template in options.template]
    validating = [
        ["guard", "validate", "-r", options.rules, "-d", template, *report]
        for template in options.template
        for report in (["-z", "-o", "json", "-S", "none"], [])
    ]
    check, validate = (
        set().union(*(ran([program, *arguments]) for arguments in commands)) for commands in (checking, validating)
    )
    size = sizes(program)
    parts = {"both": check & validate, "guard validate": validate - check, "check": check - validate}
    print("# Functions that run: made by benches/layout.py")
    for part, symbols in parts.items():
        find = finder(symbols, size)
        print(f"\n# {part}", *sorted({find(symbol) for symbol in symbols & size.keys()}), sep="\n")


if __name__ == "__main__":
    main()
