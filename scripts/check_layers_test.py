#!/usr/bin/env python3
"""Tests scripts/check_layers.py: a small tree that keeps the rules passes, and each way of breaking one is found."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check_layers

SOUND = {
    "engine/core/error.hpp": "#pragma once\n",
    "engine/glm/fit.cpp": '#include "engine/core/error.hpp"\n// fmt::print is only named in this comment\n'
                          'for (; n > 0; --n, --left) text = "a -- b";  // -- so\n',
    "engine/glm/order.cpp": "namespace a {\nconstexpr int kMost = 3;\nint f() {\n  static const auto all = names();\n"
                            "  return all.size();\n}\nclass B {\n  static Table of(double dof);\n};\n}\n",
    "engine/glm/kernels/sums.cpp": "#include <cstdint>\n",
    "io/bytes/json.hpp": '#include "engine/core/error.hpp"\n',
    "io/bytes/value.hpp": "namespace a {\nstruct Value;\nnamespace b {\nclass Reader {\n  struct Value {\n    int x;\n  };\n};\n}\n"
                          "struct Value final {\n};\n}\n",
    "io/images/reader.hpp": "namespace a {\nclass Reader {\n};\n}\n",
    "cli/jobs/session.hpp": '#include "io/bytes/json.hpp"\n',
    "cli/jobs/group/job.cpp": '#include "cli/jobs/session.hpp"\n// values.mean() is only named here\nfail(code, "give --memory");\n'
                              "const bool none = std::isnan(p) ? true : false;\n"
                              "n += rows.size();\nlist[names[v]] = 1;\nmean = e.mean(positions);\n",
    "cli/options/bind.hpp": "#include <CLI/CLI.hpp>\n",
    "cli/commands/command_fit.cpp": '#include <CLI/CLI.hpp>\n#include "cli/options/bind.hpp"\n',
    "cli/terminal/journal.cpp": '#include <cstdio>\nvoid f() { fmt::print(stderr, "x"); }\n',
    "cli/main.cpp": '#include "cli/commands/commands.hpp"\nint main() { return kDoneWithFailures; }\n',
}

# File, what is written into it, and a part of the fault that must be found.
BROKEN = [
    ("engine/roi/value.hpp", "namespace a {\nstruct Value {\n  int x;\n};\n}\n", "a::Value is defined in engine/roi/value.hpp and io/bytes/value.hpp"),
    ("engine/core/error.hpp", '#include "engine/glm/fit.hpp"\n', "engine/core may not include engine/glm"),
    ("engine/glm/fit.cpp", '#include "io/bytes/json.hpp"\n', "engine/glm may not include io/bytes"),
    ("engine/glm/fit.cpp", 'fmt::print("x");\n', "the engine prints nothing"),
    ("engine/glm/fit.cpp", "#include <fstream>\n", "reads no files"),
    ("engine/glm/fit.cpp", 'getenv("HOME");\n', "the engine prints nothing"),
    ("engine/glm/kernels/sums.cpp", "#include <vector>\n", "kernels include no library header"),
    ("io/bytes/json.hpp", '#include "io/images/nifti.hpp"\n', "io/bytes may not include io/images"),
    ("io/bytes/json.hpp", "std::cerr << 1;\n", "only main and the terminal print"),
    ("cli/jobs/group/job.cpp", "#include <CLI/CLI.hpp>\n", "only options, commands and main know CLI11"),
    ("cli/jobs/group/job.cpp", "CLI::Option* option;\n", "only options, commands and main know CLI11"),
    ("cli/jobs/group/job.cpp", '#include "cli/options/bind.hpp"\n', "cli/jobs/group may not include cli/options"),
    ("cli/jobs/group/job.cpp", '#include "cli/jobs/regions/job.hpp"\n', "cli/jobs/group may not include cli/jobs/regions"),
    ("cli/jobs/group/job.cpp", 'fmt::print(stderr, "x");\n', "only main and the terminal print"),
    ("cli/jobs/group/job.cpp", "std::exit(1);\n", "only main exits"),
    ("cli/jobs/group/job.cpp", "x.ldlt();\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "w = x.completeOrthogonalDecomposition();\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(x);\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "w = decomposition.solve(y);\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "x.rowwise() -= x.colwise().mean();\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "const double squares = residuals.col(v).squaredNorm();\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "n = (p.array() <= alpha).count();\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "passed = first.cwiseProduct(second);\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "frequency.maxCoeff(&best);\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "error = std::sqrt(variance);\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "std::nth_element(x.begin(), middle, x.end());\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "for (const double v : values) sum += v;\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "for (size_t i = 0; i < n; ++i) sum[i] += values[i];\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "x = std::isfinite(value) ? value : kNaN;\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "for (double& v : values) v = -v;\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "if (p[v] <= alpha) passing[v] = 1;\n", "jobs compute nothing"),
    ("engine/glm/fit.cpp", 'fail(code, "use another --noise-model");\n', "texts name quantities, not options"),
    ("engine/glm/fit.cpp", "int lags;  ///< as --tukey-lags\n", "texts name quantities, not options"),
    ("cli/jobs/group/job.cpp", "#include <boost/math/distributions.hpp>\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "cli::Summary summary;\n", "jobs know nothing of the command line"),
    ("cli/jobs/group/job.cpp", "std::string g_last_command;\n", "no globals"),
    ("engine/glm/fit.cpp", "void f() {\n  static std::map<int, double> cache;\n}\n", "no globals"),
    ("engine/glm/fit.cpp", "void f() {\n  static auto* all = new Cache;\n}\n", "no globals"),
    ("engine/glm/fit.cpp", "struct S {\n  inline static int count = 0;\n};\n", "no globals"),
    ("io/bytes/json.hpp", "std::vector<int> counts;\n", "no globals"),
    ("io/bytes/json.hpp", 'open("https://a.org"); std::exit(1);\n', "only main exits"),
    ("cli/commands/command_fit.cpp", "return kDoneWithFailures;\n", "only main knows exit codes"),
    ("cli/commands/command_fit.cpp", "int a;\n" * 90, "a command has at most 80"),
    ("cli/options/bind.hpp", '#include "cli/commands/commands.hpp"\n', "cli/options may not include cli/commands"),
]


def faults_with(name, text):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, content in {**SOUND, **({name: text} if name else {})}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(content)
        return check_layers.faults_of(root)[0]


def main():
    failures = [f"a sound tree has faults: {faults_with(None, '')}"] if faults_with(None, "") else []
    for name, text, expected in BROKEN:
        faults = faults_with(name, text)
        if not any(expected in fault for fault in faults):
            failures.append(f"not found in {name} ({text.splitlines()[0]}): {expected}; found {faults}")
    if check_layers.cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) is None or check_layers.cycle({"a": {"b", "c"}, "b": {"c"}}):
        failures.append("circles are not told from ways that meet")
    print("\n".join(failures) if failures else f"the layer script finds each of {len(BROKEN)} faults")
    return 1 if failures else 0


sys.exit(main())
