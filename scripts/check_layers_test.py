#!/usr/bin/env python3
"""Tests scripts/check_layers.py: a small tree that keeps the rules passes, and each way of breaking one is found."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check_layers

SOUND = {
    "engine/core/error.hpp": "#pragma once\n",
    "engine/glm/fit.cpp": '#include "engine/core/error.hpp"\n// fmt::print is only named in this comment\n',
    "engine/glm/kernels/sums.cpp": "#include <cstdint>\n",
    "io/bytes/json.hpp": '#include "engine/core/error.hpp"\n',
    "cli/jobs/session.hpp": '#include "io/bytes/json.hpp"\n',
    "cli/jobs/group/job.cpp": '#include "cli/jobs/session.hpp"\n',
    "cli/options/bind.hpp": "#include <CLI/CLI.hpp>\n",
    "cli/commands/command_fit.cpp": '#include <CLI/CLI.hpp>\n#include "cli/options/bind.hpp"\n',
    "cli/terminal/journal.cpp": '#include <cstdio>\nvoid f() { fmt::print(stderr, "x"); }\n',
    "cli/main.cpp": '#include "cli/commands/commands.hpp"\nint main() { return kDoneWithFailures; }\n',
}

# File, what is written into it, and a part of the fault that must be found.
BROKEN = [
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
    ("cli/jobs/group/job.cpp", "#include <boost/math/distributions.hpp>\n", "jobs compute nothing"),
    ("cli/jobs/group/job.cpp", "cli::Summary summary;\n", "jobs know nothing of the command line"),
    ("cli/jobs/group/job.cpp", "std::string g_last_command;\n", "no globals"),
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
    if check_layers.circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) is None or check_layers.circle({"a": {"b", "c"}, "b": {"c"}}):
        failures.append("circles are not told from ways that meet")
    print("\n".join(failures) if failures else f"the layer script finds each of {len(BROKEN)} faults")
    return 1 if failures else 0


sys.exit(main())
