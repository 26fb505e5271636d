#!/usr/bin/env python3
"""Tests scripts/check_examples.py: an example that a test has is found there, and each way of differing is reported."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check_examples

HEADER = """#pragma once
/// Fits.
///   - a list of prose; it ends
///     in two lines
///
///   const Design design(x);
///   for (Eigen::Index i = 0; i < 2; ++i)
///     design.set(i, 0.3);  // both
///   design.fit();
///   design.variance;  // 13
class Fit;
/// Records are declared so:
///     struct A {
///       int a;
///       int b;
///       int c;
///     };
"""
TEST = """TEST(Usage, OfFit) {
  const Matrix x = make();
  const Design design(x);
  for (Index i = 0; i < 2; ++i) design.set(i, 0.3);
  EXPECT_TRUE(design.ready());
  design.fit();
  EXPECT_EQ(design.variance, 13);
}
TEST(Other, IsAlone) { run(); }
"""
# What is replaced in the test, and the statement that must be reported as missing.
BROKEN = [
    ("design.fit();", "", "design.fit()"),
    ("design.set(i, 0.3)", "design.set(i, 0.4)", "++i)design.set(i,0.3)"),
    ("  design.fit();\n", "}\nTEST(Usage, OfTheRest) {\n  design.fit();\n", "design.fit()"),
    ("design.variance", "design.sd", "design.variance"),
]


def examples(test):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in (("engine/fit.hpp", HEADER), ("tests/engine/usage_test.cpp", test)):
            path = root / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
        return check_examples.check(root)


def main():
    faults = []
    found = examples(TEST)
    if found != [("engine/fit.hpp:6", "Usage.OfFit (tests/engine/usage_test.cpp)", None)]:
        faults.append(f"the sound example: {found}")
    for old, new, missing in BROKEN:
        assert old in TEST
        found = examples(TEST.replace(old, new))
        if found != [("engine/fit.hpp:6", None, missing)]:
            faults.append(f"{old!r} -> {new!r}: {found}, not {missing!r}")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"check_examples.py: {len(BROKEN) + 1 - len(faults)} of {len(BROKEN) + 1} cases")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
