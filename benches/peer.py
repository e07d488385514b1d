#!/usr/bin/env python3
"""Time and memory of `rolecall guard validate` and of the real `cfn-guard`, side by side in one run.

    benches/peer.py --peer CFN_GUARD --rolecall ROLECALL --rules FOLDER [--report json|summary] TEMPLATE...

For each template and report: processor seconds (user and system of all threads, which an otherwise busy machine disturbs
least), wall seconds, peak memory (both by GNU time), and the ratios. The programs take turns, and of several runs the best counts. Both write
the same report: with `json` the whole JSON report, with `summary` what is written without any option. Without `--peer`, or for
templates of more bytes than `--most`, rolecall is measured alone: the peer takes the square of the time for its summary.
"""
import argparse
import os
import subprocess
import tempfile
import time

REPORTS = {"json": ["-z", "-o", "json", "-S", "none"], "summary": []}


def once(command, template, rules, report):
    """Processor seconds, wall seconds, peak MB and a digest of the report's lines, in no order: the peer's changes."""
    arguments = [*command, "validate", "-r", rules, "-d", template, *REPORTS[report]]
    # A process that is started from here would begin with the memory of this one; one that writes into a pipe waits for its reader.
    with tempfile.NamedTemporaryFile("r") as usage, tempfile.TemporaryFile() as written:
        timed = ["time", "-o", usage.name, "-f", "%M", *arguments]
        start = time.perf_counter()
        child = subprocess.Popen(timed, stdout=written, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        _, status, spent = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 19):
            raise SystemExit(f"{command[0]} ends with {child.returncode} on {template}")
        peak = int(usage.read().split()[-1]) / 1024
        written.seek(0)
        lines = sum(hash(line) for line in written) % (1 << 61)
    return spent.ru_utime + spent.ru_stime, wall, peak, lines


def best(runs):
    return [min(run[field] for run in runs) for field in range(3)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer")
    parser.add_argument("--rolecall", required=True)
    parser.add_argument("--rules", required=True)
    parser.add_argument("--report", action="append", choices=sorted(REPORTS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer-runs", type=int, default=1)
    parser.add_argument("--most", type=int, default=1 << 40)
    parser.add_argument("templates", nargs="+")
    options = parser.parse_args()
    print(f"{'template':24} {'report':8} {'peer s':>8} {'ours s':>8} {'times':>7} {'wall':>7} {'peer MB':>8} {'ours MB':>8} {'share':>6} same")
    for template in options.templates:
        for report in options.report or sorted(REPORTS):
            measure(options, template, report)


def measure(options, template, report):
    ours, theirs = [], []
    for run in range(max(options.runs, options.peer_runs)):
        if run < options.runs:
            ours.append(once([options.rolecall, "guard"], template, options.rules, report))
        if options.peer and run < options.peer_runs and os.path.getsize(template) <= options.most:
            theirs.append(once([options.peer], template, options.rules, report))
    processor, wall, peak = best(ours)
    name = f"{os.path.basename(template):24} {report:8}"
    if not theirs:
        print(f"{name} {'':>8} {processor:8.3f} {'':>7} {'':>7} {'':>8} {peak:8.1f} {'':>6}", flush=True)
        return
    peer_processor, peer_wall, peer_peak = best(theirs)
    same = "yes" if {run[3] for run in ours} == {run[3] for run in theirs} else "no"
    print(
        f"{name} {peer_processor:8.2f} {processor:8.3f} {peer_processor / processor:7.1f} {peer_wall / wall:7.1f}"
        f" {peer_peak:8.1f} {peak:8.1f} {peak / peer_peak:6.2f} {same}",
        flush=True,
    )


if __name__ == "__main__":
    main()
