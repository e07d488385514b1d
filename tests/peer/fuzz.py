#!/usr/bin/env python3
"""A differential fuzzer: random rules on random data, `rolecall guard` and the real `cfn-guard` compared.

    fuzz.py --peer CFN_GUARD --rolecall ROLECALL [--seed N] [--pairs N] [--seconds N]

Deterministic by seed. A pair is one rule on one document: its verdict is compared, and where all verdicts of a document
agree, the whole JSON reports are. A process judges some rules on many documents; only where one of the programs ends
otherwise than with verdicts are they taken apart to find the rule and the document. Pairs on which the peer crashes or
gives up are counted, not compared. A build of rolecall with debug assertions compares its two evaluators as well.
Prints each difference with its rule and its data, and a summary; exit 1 on differences.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time

KEYS = ["a", "b", "c", "Type", "Tags", "fooBar", "foo_bar", "Kms-Key", "items", "x"]
# Other spellings of keys, which are looked for where the key itself is not there.
SPELLINGS = ["FooBar", "foo-bar", "Foo Bar", "tags", "Tag", "kmsKey", "KmsKey", "kms_key", "Items", "type", "A", "X"]
WORDS = ["x", "abc", "ab", "", "A::B::C", "true", "80", "b", "arn:aws:s3:::b", "Abc"]
# Words that functions convert.
CONVERTIBLE = ["5", "1.5", "False", "9", "-3", "a%20b%2Fc", "2024-02-29T01:02:03Z", '{"a": [1, "x"], "b": {"c": null}}', "[80, true]", "é1ß", "a,b,c"]
# Why a text is no date is in each program's own words.
NO_DATE = re.compile(r"(Failed to parse datetime: [^`]*?\]: )(`[^`]*` is not an RFC 3339 date|[a-z ]+)(?=`)")
RULES_PER_FILE = 8
DATA_PER_FILE = 24


class Gen:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def one(self, *options):
        return self.r.choice(options)

    def chance(self, share):
        return self.r.random() < share

    # ---- data

    def value(self, depth=0):
        kind = self.r.randrange(10 if depth < 3 else 6)
        if kind == 0:
            return None
        if kind == 1:
            return self.chance(0.5)
        if kind == 2:
            return self.r.choice([0, 1, 2, 5, 80, -1, 9007199254740993])
        if kind == 3:
            return self.r.choice([0.5, 1.0, 2.5, 80.0, 1e3])
        if kind in (4, 5):
            return self.r.choice(WORDS if self.chance(0.85) else CONVERTIBLE)
        if kind in (6, 7):
            return [self.value(depth + 1) for _ in range(self.r.randrange(4))]
        return {self.r.choice(KEYS): self.value(depth + 1) for _ in range(self.r.randrange(4))}

    def document(self):
        doc = {key: self.value(1) for key in self.r.sample(KEYS, self.r.randrange(3, 8))}
        if self.chance(0.7):
            doc["Resources"] = {
                name: {"Type": self.one("A::B::C", "D::E::F"), **({"Properties": self.props()} if self.chance(0.9) else {})}
                for name in self.r.sample(["r1", "r2", "r3", "r4"], self.r.randrange(0, 4))
            }
        if self.chance(0.3):
            # As many as are looked up by their type.
            doc["Resources"] = {f"r{number}": self.resource() for number in range(self.r.randrange(8, 14))}
        return doc

    def resource(self):
        if self.chance(0.05):
            return self.value(2)
        kind = self.one("A::B::C", "A::B::C", "D::E::F", "D::E::G", self.value(2))
        out = {} if self.chance(0.05) else {self.one("Type", "Type", "Type", "Type", "Type", "type"): kind}
        if self.chance(0.8):
            out["Properties"] = self.props()
        if self.chance(0.2):
            out[self.one("Metadata", "metadata")] = self.props()
        return out

    def props(self):
        return {key: self.value(2) for key in self.r.sample(KEYS, self.r.randrange(0, 5))}

    # ---- rules

    def string(self, text=None):
        text = self.r.choice(WORDS) if text is None else text
        return f"'{text}'" if self.chance(0.7) else f'"{text}"'

    def literal(self, depth=0):
        kind = self.r.randrange(14 if depth < 2 else 9)
        if kind in (0, 1, 2):
            return self.string()
        if kind in (3, 4):
            return str(self.r.choice([0, 1, 2, 5, 80, -1]))
        if kind == 5:
            return self.one("0.5", "1.0", "2.5", "1e3", "-1.5")
        if kind == 6:
            return self.one("true", "false", "True", "FALSE")
        if kind == 7:
            return self.one("null", "NULL")
        if kind == 8:
            return self.one("/^a/", "/b$/", "/(?i)ABC/", "/^(?!x)/", "/./", "/a|^$/", r"/\d+/", r"/:\/?:/", "/(.)b\\1?/")
        if kind == 9:
            return self.one("r[0,5]", "r(0,80)", "r[0.5,2.5)", "r[80,1]", "r[a,f]", "r(a,z)", "r[ 1 , 80 ]")
        if kind in (10, 11, 12):
            return "[" + ", ".join(self.literal(depth + 1) for _ in range(self.r.randrange(4))) + "]"
        return "{" + ", ".join(f"{self.r.choice(KEYS[:6])}: {self.literal(depth + 1)}" for _ in range(self.r.randrange(3))) + "}"

    def key(self):
        key = self.r.choice(KEYS + ["Properties", "Resources", "missing"])
        if self.chance(0.1):
            key = self.r.choice(SPELLINGS)
        return f"'{key}'" if "-" in key or " " in key or self.chance(0.05) else key

    def step(self, variables, depth):
        kind = self.r.randrange(15)
        if kind < 6:
            return "." + self.key()
        if kind < 8:
            return ".*"
        if kind < 10:
            return "[*]"
        if kind == 10:
            return f"[{self.r.choice([0, 1, -1, 5])}]"
        if kind == 11 and depth < 2:
            return self.keys_filter()
        if kind == 12 and depth < 2:
            return f"[ {self.cnf(variables, depth + 1)} ]"
        if kind == 13:
            return "." + str(self.r.choice([0, 1, -1]))
        if kind == 14 and self.chance(0.3):
            return self.rare_step(variables, depth)
        return "." + self.key()

    def rare_step(self, variables, depth):
        kind = self.r.randrange(7)
        if kind < 2 and variables:
            return f".%{self.r.choice(variables + ['words'])}" + self.one("", "", "[0]", "[*]", "[-1]", "[5]")
        if kind == 2:
            return f"[ {self.one('cap', 'g1')} ]"
        if kind == 3 and depth < 2:
            return f"[ cap | {self.cnf(variables, depth + 1)} ]"
        if kind == 4:
            return f"['{self.r.choice(KEYS)}']"
        if kind == 5:
            return f".'{self.r.choice(['0', '1', 'Fn::Sub', 'a'])}'"
        return f"[{self.one('cap', ' *')}]"

    def keys_filter(self):
        op = self.one("==", "!=", "in", "not in", "IN", "!in")
        operand = self.one("%words", "%g1", "%g2", self.key()) if self.chance(0.2) else self.literal(1)
        return f"[ {self.one('', '', '', 'cap | ')}keys {op} {operand} ]"

    def query(self, variables, depth=0):
        head = self.r.randrange(10)
        if head < 2 and variables:
            text = "%" + self.r.choice(variables)
            if self.chance(0.2):
                text += self.one("[0]", "[*]", ".*", "[nm]", "[ nm ]", "[*][*]", "[-1]")
        elif head == 9 and self.chance(0.1):
            text = self.one("'a'", '"Kms-Key"', "'Resources'", "%words", "%cap")
        elif head == 2:
            text = "this"
        elif head == 3 and depth == 0:
            text = f"Resources{self.one('.*', '.*', '[*]', '')}[ {self.by_type()}\n {self.about_resource(variables)} ]"
        elif head in (4, 5) and depth == 0:
            text = self.one("Resources.*", "Resources", "Resources.*[ Type == 'A::B::C' ]", "Resources.*.Properties")
        else:
            text = self.key()
        last_filter = False
        for _ in range(self.r.randrange(4)):
            step = self.step(variables, depth)
            # The peer crashes on a filter after an index, `this` or another filter.
            is_filter = step.startswith("[ ")
            plain = text.endswith(("*", "[*]")) or not text.endswith("]") and not last_filter and text != "this"
            if is_filter and (last_filter or not plain or text[-1].isdigit()):
                continue
            text += step
            last_filter = is_filter
        return text

    def by_type(self):
        return self.one("Type == 'A::B::C'", "Type == /^D/", "Type in ['A::B::C', 'D::E::F']", "Type in [/E/, 'A::B::C']",
                        "Type in %g2", "Type != 'A::B::C'", "not Type == 'A::B::C'", "some Type == 'D::E::F'", "Type == 5")

    def about_resource(self, variables):
        lines = []
        for _ in range(self.r.randrange(3)):
            path = self.one("Metadata", "Properties") + "".join(self.step(variables, 1) for _ in range(self.r.randrange(3)))
            tail = self.one("exists", "not exists", "!empty", "empty", "is_string", f"== {self.literal()}", f"!= {self.literal()}",
                            f"not in {self.literal()}", f"< {self.literal()}", f"{{ {self.key()} exists }}")
            line = f"{self.one('', '', '', 'some ')}{path} {tail}"
            if self.chance(0.3):
                line += f" or\n {self.clause(variables, 2)}"
            lines.append(line)
        return "\n ".join(lines)

    def clause(self, variables, depth=0):
        some = "some " if self.chance(0.15) else ""
        negation = self.one("not ", "!") if self.chance(0.08) else ""
        query = some + self.query(variables, depth)
        kind = self.r.randrange(12)
        message = self.message() if self.chance(0.1) else ""
        if kind < 4:
            op = self.one("EXISTS", "NOT EMPTY", "IS_STRING") if self.chance(0.05) else self.one("exists", "!exists", "not exists", "empty", "!empty", "is_string", "is_list", "!is_struct",
                          "is_struct", "is_int", "is_bool", "is_null", "is_float", "!is_string")
            return f"{negation}{query} {op}{message}"
        if kind == 4 and depth < 2:
            block = "!empty " if self.chance(0.1) else ""
            return f"{query} {block}{{ {self.body(variables, depth + 1)} }}"
        if kind == 5 and depth < 2:
            return f"when {self.cnf(variables, depth + 1, True)} {{ {self.body(variables, depth + 1)} }}"
        if kind == 11 and depth < 2 and self.chance(0.2):
            return f"{self.one('', 'not ', '!')}{self.call(variables, depth)}{message}"
        op = self.one("==", "!=", "in", "not in", "<", "<=", ">", ">=", "==", "!=")
        if self.chance(0.05):
            op = self.one("IN", "NOT IN", "!in", "!IN")
        right = self.operand(variables, depth)
        return f"{negation}{query} {op} {right}{message}"

    def message(self):
        return self.one(" <<no>>", "<<a 'b' # c\n d>>", "\n  # why\n  << >>", " <<>>", " <<%g1 {x} é\"\\>>")

    def call(self, variables, depth):
        if self.chance(0.5):
            return f"p1({self.operand(variables, depth)})"
        return f"p2({self.operand(variables, depth)}, {self.operand(variables, depth)})"

    def function(self, variables, depth):
        inner = self.function if depth < 2 and self.chance(0.2) else self.query
        text = inner(variables, depth + 1)
        name = self.one("count", "to_lower", "to_upper", "count", "to_lower", "to_upper", "json_parse", "url_decode", "parse_int",
                        "parse_float", "parse_string", "parse_boolean", "parse_char", "parse_epoch", "join", "substring", "regex_replace")
        if name == "join":
            return f"join({text}, {self.one(chr(39) + ',' + chr(39), '%g2', self.string())})"
        if name == "substring":
            return f"substring({text}, {self.one('0', '1', '%g2', 'count(a)')}, {self.one('1', '2', '5', '1.5')})"
        if name == "regex_replace":
            pattern = self.one("a", "(.)b", "^(\\w+)$", "x*", "(?<n>[a-c])")
            return f"regex_replace({text}, {chr(39)}{pattern}{chr(39)}, {chr(39)}{self.one('', 'z', '${1}-', '$n', '$0$0')}{chr(39)})"
        return f"{name}({text})"

    def operand(self, variables, depth):
        kind = self.r.randrange(10)
        if kind < 6:
            return self.literal()
        if kind == 6:
            return self.function(variables, depth)
        some = "some " if self.chance(0.05) else ""
        return some + self.query(variables, depth + 1)

    def condition(self, variables, depth):
        while True:
            text = self.clause(variables, 9)
            if "{" not in text.split("'")[0]:
                return text

    def cnf(self, variables, depth, condition=False):
        lines = []
        for _ in range(self.r.choice([1, 1, 1, 2])):
            make = self.condition if condition else self.clause
            line = make(variables, depth)
            if self.chance(0.2):
                line += self.one(" or ", " OR ", " |OR| ", "\n or ", " or # c\n ") + make(variables, depth)
            lines.append(line)
        return " ".join(lines)

    def body(self, variables, depth):
        inner = list(variables)
        text = ""
        if self.chance(0.15):
            name = self.one("v", "w")
            value = self.one(self.query(variables, depth), self.literal(), self.query(variables, depth))
            if self.chance(0.2):
                value = self.one(f"some {self.query(variables, depth)}", self.function(variables, depth))
            text += f"let {name} {self.one('=', '=', ':=')} {value}\n "
            inner.append(name)
        return text + "\n ".join(self.cnf(inner, depth) for _ in range(self.r.choice([1, 1, 2])))

    def rule(self, number, names):
        variables = ["g1", "g2", "g3"]
        when = f" when {self.cnf(variables, 1, True)}" if self.chance(0.3) else ""
        if names and self.chance(0.1):
            reference = self.one("", "not ") + self.r.choice(names)
            when = f"{when}\n {reference}\n" if when else f" when {reference}\n"
        if self.chance(0.03):
            when = f"{when or ' when'} {self.one('', 'not ')}{self.call(variables, 1)}"
        body = self.body(variables, 0)
        if names and self.chance(0.15):
            body += f"\n {self.one('', 'not ')}{self.r.choice(names)}\n"
        if names and self.chance(0.05):
            body += f"\n {self.one('', '!')}{self.r.choice(names)} <<named>>"
        if self.chance(0.1):
            body += f"\n A::B::C {{ {self.body(variables, 1)} }}"
        if self.chance(0.05):
            name = self.one("A::B::C", "D::E::F", "A::B::C::MODULE", "A::B")
            condition = f" when {self.cnf(variables, 1, True)}" if self.chance(0.7) else ""
            block = self.clause(variables, 9) if not condition and self.chance(0.5) else f"{{ {self.body(variables, 1)} }}"
            body += f"\n {name}{condition} {block}"
        if self.chance(0.1):
            body += f"\n {self.one('', '', '', 'not ')}{self.call(variables, 0)}"
        if self.chance(0.1):
            body = f"# c {self.string()}\n {body} # d"
        name = f"r{number - 1}" if number and self.chance(0.02) else f"r{number}"
        return f"rule {name}{when} {{\n {body}\n}}\n"

    def head(self):
        return (
            f"let g1 = {self.query([], 1)}\nlet g2 = {self.literal()}\nlet g3 = some {self.query(['g1', 'g2'], 1)}\n"
            f"let words = ['a', 'fooBar', 'Tags', 'x']\n"
            f"rule p1(q) {{ {self.clause(['q', 'g1'], 1)} }}\n"
            f"rule p2(q, w) {{ {self.body(['q', 'w', 'g1'], 1)} }}\n"
        )


def run(command, rules, data):
    arguments = [*command, "validate", "-r", rules, "-d", *data, "-z", "-o", "json", "-S", "none"]
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return "timeout"
    if "internal error" in done.stderr:
        return done.stderr
    if done.returncode not in (0, 19):
        return done.returncode
    text = NO_DATE.sub(r"\1", done.stdout)
    return {os.path.basename(report["name"]): report for report in json.loads(text)}


def verdicts(report):
    out = {name: "PASS" for name in report["compliant"]}
    out.update({name: "SKIP" for name in report["not_applicable"]})
    out.update({one["Rule"]["name"]: "FAIL" for one in report["not_compliant"]})
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--rolecall", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    totals = {"compared": 0, "differences": 0, "other_reports": 0, "given_up": 0, "unparsable": 0}
    seed, start = options.seed, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        while totals["compared"] < options.pairs and time.monotonic() - start < options.seconds:
            batch(options, seed, folder, totals)
            seed += 1
    print(", ".join(f"{value} {name.replace('_', ' ')}" for name, value in totals.items()), f"(seeds {options.seed}..{seed - 1})")
    return 1 if totals["differences"] or totals["other_reports"] else 0


def batch(options, seed, folder, totals):
    gen = Gen(seed)
    head = gen.head()
    rules = []
    for number in range(RULES_PER_FILE):
        rules.append(gen.rule(number, [f"r{i}" for i in range(number)] if number % 4 else []))
    data = []
    for number in range(DATA_PER_FILE):
        path = os.path.join(folder, f"d{number:02}.json")
        with open(path, "w") as file:
            json.dump(gen.document(), file)
        data.append(path)
    evaluate(options, seed, folder, head, rules, data, totals)


def evaluate(options, seed, folder, head, rules, data, totals):
    path = os.path.join(folder, "rules.guard")
    with open(path, "w") as file:
        file.write(head + "".join(rules))
    theirs = run([options.peer], path, data)
    ours = run([options.rolecall, "guard"], path, data)
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name, report in theirs.items():
            compare(options, seed, head, rules, os.path.join(folder, name), report, ours.get(name), totals)
        return
    # Where the peer reads none of several rules, or crashes on one of them, the others are still compared.
    if len(rules) > 1:
        middle = len(rules) // 2
        evaluate(options, seed, folder, head, rules[:middle], data, totals)
        evaluate(options, seed, folder, head, rules[middle:], data, totals)
    elif theirs == ours == 5:
        totals["unparsable"] += 1
    elif len(data) > 1 and 5 not in (theirs, ours):
        middle = len(data) // 2
        evaluate(options, seed, folder, head, rules, data[:middle], totals)
        evaluate(options, seed, folder, head, rules, data[middle:], totals)
    elif theirs == "timeout":
        totals["given_up"] += 1
    elif isinstance(theirs, dict) or isinstance(ours, str) or (theirs == 5) != (ours == 5):
        totals["differences"] += 1
        show(options, seed, head, rules, "r", data[0], theirs, ours, totals)
    else:
        totals["given_up"] += 1


def compare(options, seed, head, rules, data, theirs, ours, totals):
    before = totals["differences"]
    own = verdicts(ours) if ours else {}
    for rule, status in verdicts(theirs).items():
        totals["compared"] += 1
        if own.get(rule) != status:
            totals["differences"] += 1
            show(options, seed, head, rules, rule, data, status, own.get(rule), totals)
    if totals["differences"] == before and ours != theirs:
        totals["other_reports"] += 1
        show(options, seed, head, rules, "r", data, theirs, ours, totals)


def show(options, seed, head, rules, rule, data, theirs, ours, totals):
    if totals["differences"] + totals["other_reports"] > options.show:
        return
    text = next((one for one in rules if one.startswith((f"rule {rule} ", f"rule {rule}{{"))), "".join(rules))
    print(f"--- seed {seed} rule {rule}: peer {theirs}\nrolecall {ours}\n{head}{text}data: {open(data).read()}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
