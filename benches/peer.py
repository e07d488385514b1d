#!/usr/bin/env python3
"""Time and memory of `rolecall guard validate` and of the real `cfn-guard`, side by side in one run.

    benches/peer.py --peer CFN_GUARD --rolecall ROLECALL --rules FOLDER TEMPLATE...

For each template: processor seconds (user and system, the better of several runs, which an otherwise busy machine disturbs
least), peak memory, and the ratios. Both write the whole JSON report.
"""
import argparse
import os
import subprocess


def measure(command, template, rules, runs):
    best, peak = None, 0
    for _ in range(runs):
        with open(os.devnull, "wb") as sink:
            arguments = [*command, "validate", "-r", rules, "-d", template, "-z", "-o", "json", "-S", "none"]
            child = subprocess.Popen(arguments, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 19):
            raise SystemExit(f"{command[0]} ends with {child.returncode} on {template}")
        seconds = usage.ru_utime + usage.ru_stime
        best = seconds if best is None else min(best, seconds)
        peak = max(peak, usage.ru_maxrss)
    return best, peak / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--rolecall", required=True)
    parser.add_argument("--rules", required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("templates", nargs="+")
    options = parser.parse_args()
    print("template                        peer s  rolecall s  times faster   peer MB  rolecall MB  share of memory")
    for template in options.templates:
        ours, our_peak = measure([options.rolecall, "guard"], template, options.rules, options.runs)
        theirs, their_peak = measure([options.peer], template, options.rules, 1)
        name = os.path.basename(template)
        print(
            f"{name:30} {theirs:8.2f} {ours:11.3f} {theirs / ours:13.1f} {their_peak:9.0f} {our_peak:12.0f}"
            f" {our_peak / their_peak:16.2f}"
        )


if __name__ == "__main__":
    main()
