#!/usr/bin/env python3
"""The lines of use that headers show must stand, statement by statement and in their order, in one test.

A header shows use in comment lines that are indented by three spaces or more ("///   const RunDesign design(..);"); a block
of at least three statements counts. Statements are compared without spaces, comments and "Eigen::", which tests often have
a using for; other statements may stand between them in the test.

    scripts/check_examples.py            list the examples, with the tests that have them; exit code 1 if one is in no test
"""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("engine", "io", "cli")
LEAST_STATEMENTS = 3


def squeezed(code):
    """Code as it is compared."""
    code = re.sub(r"//.*", "", code)
    return re.sub(r"\s+", "", code).replace("Eigen::", "")


def statements(code):
    """Statements of a block, in order; a loop's heading belongs to its body."""
    return [part for part in squeezed(code).split(";") if part]


def blocks(text):
    """(line, code) of each run of indented comment lines in a header."""
    found, lines, start = [], [], 0
    for number, line in enumerate(text.splitlines() + [""], 1):
        code = re.match(r"\s*///   (\s*\S.*)$", line)
        if code:
            start = start if lines else number
            lines.append(code.group(1))
        elif lines:
            found.append((start, "\n".join(lines)))
            lines = []
    return found


def is_use(code):
    """Statements, not prose that is indented, nor the declaration of a type."""
    code = re.sub(r"//.*", "", code)
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    if re.match(r"(template|struct|class|enum|SOCIOMETER_)\b", lines[0]):
        return False
    ends = sum(line.endswith((";", "{", "}", "(", ",", ")")) for line in lines)
    return ends == len(lines) and len(statements(code)) >= LEAST_STATEMENTS


def tests_of(text):
    """(name, squeezed body) of each test in a file."""
    parts = re.split(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", text, flags=re.M)
    return [(f"{parts[i]}.{parts[i + 1]}", squeezed(parts[i + 2])) for i in range(1, len(parts), 3)]


def first_missing(wanted, body):
    """The first statement that does not stand in a test behind those before it; None if all do."""
    at = 0
    for statement in wanted:
        found = body.find(statement, at)
        if found < 0:
            return statement
        at = found + len(statement)
    return None


def check(root):
    """(place, test or None, statement that the nearest test lacks) of each example."""
    tests = []
    for path in sorted(root.glob("tests/**/*.cpp")):
        tests += [(path, name, body) for name, body in tests_of(path.read_text())]
    out = []
    for header in sorted(path for folder in FOLDERS for path in root.glob(f"{folder}/**/*.hpp")):
        for line, code in blocks(header.read_text()):
            if not is_use(code):
                continue
            wanted = statements(code)
            best, missing = -1, wanted[0]
            place = f"{header.relative_to(root)}:{line}"
            for path, name, body in tests:
                lacks = first_missing(wanted, body)
                if lacks is None:
                    out.append((place, f"{name} ({path.relative_to(root)})", None))
                    break
                if wanted.index(lacks) > best:
                    best, missing = wanted.index(lacks), lacks
            else:
                out.append((place, None, missing))
    return out


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    examples = check(ROOT)
    for place, test, missing in examples:
        print(f"{place}: {'in ' + test if test else 'is in no test; the nearest lacks: ' + missing}")
    if not examples:
        print("no header shows any use", file=sys.stderr)
    return 0 if examples and all(test for _, test, _ in examples) else 1


if __name__ == "__main__":
    sys.exit(main())
