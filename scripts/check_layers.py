#!/usr/bin/env python3
"""Checks the rules of docs/architecture.md: which folder may include which, and what each may know.

Usage: check_layers.py [SOURCE_TREE]
Exits 1 and names each include or word that breaks a rule. scripts/check_layers_test.py tests it.
"""
import pathlib
import re
import sys

ENGINE = ["engine/core", "engine/stats", "engine/learning", "engine/mixed", "engine/design", "engine/connectivity", "engine/glm", "engine/group", "engine/stats_models", "engine/roi", "engine/rsa", "engine/simulate"]
IO = ["io/bytes", "io/bids", "io/tables", "io/images", "io/stores", "io/records", "io/report", "io/dataset", "io/models"]
JOBS = ["cli/jobs", "cli/jobs/first_level", "cli/jobs/group", "cli/jobs/regions", "cli/jobs/trials", "cli/jobs/rsa", "cli/jobs/mixed", "cli/jobs/connectivity", "cli/jobs/learning", "cli/jobs/simulation", "cli/jobs/clusters", "cli/jobs/report", "cli/jobs/study", "cli/jobs/models"]

# What each folder may include, beside itself.
ALLOWED = {
    "engine/core": [],
    "engine/stats": ENGINE[:1],
    "engine/learning": ENGINE[:2],
    "engine/mixed": ENGINE[:3],
    "engine/design": ENGINE[:2],
    "engine/connectivity": ENGINE[:2] + ["engine/design"],
    "engine/glm": ENGINE[:2] + ["engine/design"],
    "engine/group": ENGINE[:2] + ["engine/design", "engine/glm"],
    "engine/stats_models": ENGINE[:2] + ["engine/design", "engine/glm", "engine/group"],
    "engine/roi": ENGINE[:2] + ["engine/design", "engine/glm", "engine/group"],
    "engine/rsa": ENGINE[:2] + ["engine/roi"],
    "engine/simulate": ENGINE[:-1],
    "io/bytes": ["engine/core"],
    "io/bids": ["engine/core"],
    "io/tables": ENGINE + IO[:2],
    "io/images": ENGINE + IO[:3],
    "io/stores": ENGINE + IO[:2],
    "io/records": ENGINE + IO[:5],
    "io/report": ENGINE + IO[:6],
    "io/dataset": ["engine/core"] + IO[:4],
    "io/models": ENGINE + IO[:3] + ["io/dataset"],
    "cli/terminal": ["engine/core", "io/bytes"],
    "cli/jobs": ENGINE + IO,
    "cli/jobs/first_level": ENGINE + IO + ["cli/jobs"],
    "cli/jobs/clusters": ENGINE + IO + ["cli/jobs"],
    "cli/jobs/group": ENGINE + IO + ["cli/jobs", "cli/jobs/first_level"],
    "cli/jobs/regions": ENGINE + IO + ["cli/jobs", "cli/jobs/first_level"],
    "cli/jobs/trials": ENGINE + IO + ["cli/jobs", "cli/jobs/first_level", "cli/jobs/regions"],
    "cli/jobs/mixed": ENGINE + IO + ["cli/jobs"],
    "cli/jobs/connectivity": ENGINE + IO + ["cli/jobs", "cli/jobs/first_level"],
    "cli/jobs/rsa": ENGINE + IO + ["cli/jobs", "cli/jobs/regions"],
    "cli/jobs/learning": ENGINE + IO + ["cli/jobs"],
    "cli/jobs/report": ENGINE + IO + ["cli/jobs"],
    "cli/jobs/simulation": ENGINE + IO + ["cli/jobs"],
    "cli/jobs/study": ENGINE + IO + JOBS[:-1],
    "cli/jobs/models": ENGINE + IO + JOBS,
    "cli/options": ENGINE + IO + JOBS + ["cli/terminal"],
    "cli/commands": ENGINE + IO + JOBS + ["cli/options", "cli/terminal"],
    "cli": ENGINE + IO + JOBS + ["cli/options", "cli/commands", "cli/terminal"],
    "tests": ENGINE + IO + JOBS,
    "tests/cli": ENGINE + IO + JOBS + ["tests", "cli/options"],
    "bench": ENGINE + IO,
}


class Rule:
    """Words that some folders may not have: in their code, or in its strings and comments."""

    def __init__(self, folders, pattern, why, but=(), of_texts=False):
        self.folders, self.pattern, self.why, self.but, self.of_texts = folders, re.compile(pattern), why, but, of_texts

    def is_broken_by(self, line):
        code = without_comments(line)
        return self.pattern.search(texts_of(code) + line[len(code):] if self.of_texts else without_strings(code))

    def holds_for(self, folder, path):
        return any(folder == f or folder.startswith(f + "/") for f in self.folders) and path not in self.but


RULES = [
    Rule(["engine"],
         r"\b(std::cout|std::cerr|std::clog|printf|fprintf|puts|fmt::print|std::exit|exit|abort|getenv|fopen|std::ifstream|std::ofstream|std::filesystem)\b"
         r"|#include\s*<(iostream|fstream|cstdio|filesystem)>",
         "the engine prints nothing, exits nowhere, reads no files"),
    Rule(["io", "cli/jobs", "cli/options"], r"\b(std::cout|std::cerr|std::clog|stderr|stdout|fmt::print|std::exit|exit|abort)\b|#include\s*<iostream>",
         "only main and the terminal print, only main exits"),
    Rule(["cli/commands"], r"\b(std::cerr|std::clog|stderr|std::exit|exit|abort)\b", "only main knows stderr and exits"),
    Rule(["engine", "io", "cli/jobs", "cli/terminal"], r"#include\s*<CLI/|\bCLI::", "only options, commands and main know CLI11"),
    Rule(["cli/commands", "cli/options", "cli/jobs"], r"\bkDoneWithFailures\b|\bexit_code\b", "only main knows exit codes"),
    Rule(["cli/jobs"],
         r"#include\s*[<\"](boost/|Eigen/(Cholesky|QR|SVD|LU|Eigenvalues)|engine/\w+/kernels/)"
         r"|\b(ldlt|llt|LDLT|LLT|\w*[hH]ouseholderQ[rR]|\w*PivL[uU]|[cC]ompleteOrthogonalDecomposition|\w*EigenSolver|[jJ]acobiS(vd|VD)|bdcSvd|BDCSVD)\b|\.solve\(",
         "jobs compute nothing: the engine does"),
    # Reductions and maps over values, functions of them, loops that add up, loops over the voxels of a map.
    Rule(["cli/jobs"],
         r"\.(array|sum|mean|prod|norm|squaredNorm|stableNorm|minCoeff|colwise|rowwise|trace|determinant|inverse|isNaN|isFinite)\(\)"
         r"|\.(dot|cross|cwise\w+|unaryExpr|binaryExpr|maxCoeff|lpNorm)\("
         r"|\bstd::(sqrt|cbrt|hypot|pow|log|log2|log10|log1p|expm1|sin|cos|tan|atan2?|tanh|erfc?|[tl]gamma)\("
         r"|\bstd::(accumulate|reduce|inner_product|transform_reduce|partial_sum|nth_element)\("
         r"|\b(sum|sums|squares|products?)(\[[^\]]*\])? [-+*/]= "
         r"|\bstd::isfinite\((?P<kept>\w+)\) \? (?P=kept)\b|\b(?P<turned>\w+) = -(?P=turned);"
         r"|\w\[(\w+\()?v\)?\] [-+*/]?= ",
         "jobs compute nothing: the engine does"),
    Rule(["cli/jobs"], r"(?<![\w:])cli::|namespace sociometer::cli", "jobs know nothing of the command line"),
    Rule(["engine"], r"(?<![\w-])--[a-z][a-z0-9]*(-[a-z0-9]+)*\b",
         "the engine is a library: its texts name quantities, not options", of_texts=True),
    # Variables outside functions, which start their line, and static ones in functions and classes.
    Rule(["engine", "io", "cli"],
         r"^(?!(const|constexpr|constinit const|using|return|namespace|template|struct|class|enum|union|friend|typedef|case|goto)\b|(inline|static|extern) (const|constexpr)\b)"
         r"\w[\w:<>*&, ]*[\w>*&] \w+( = .*|\{.*)?;"
         r"|^\s+((inline|thread_local) )*static (?!(inline )?(const|constexpr)\b)[\w:<>*&, ]*[\w>*&] ?\w+( =|;|\{)"
         r"|^(static |inline |thread_local )*\w[\w:<>*, ]*\bg_\w+( =|;|\{)", "no globals",
         # What signals, the system and the processor share with the process, not what analyses do; locks of
         # libraries that are global themselves; words that CLI11 has no place for.
         but=("engine/core/instruction_set.cpp", "io/bytes/staging_folder.cpp", "io/bytes/read_log.cpp",
              "cli/terminal/interruption.cpp", "cli/main.cpp", "io/images/nifti_header.cpp",
              "io/stores/estimates_file.cpp", "cli/options/option_listing.cpp")),
]
# Kernels are compiled once per instruction set: library code in them could end up in every caller.
KERNEL_INCLUDE = re.compile(r"#include\s*<(?!cstdint>)")
MOST_LINES_OF_A_COMMAND = 80


def folder_of(path):
    """The longest folder of ALLOWED that holds the path."""
    text = path.as_posix()
    found = [f for f in ALLOWED if text.startswith(f + "/")]
    return max(found, key=len) if found else None


def without_comments(line):
    """A line up to //, unless that is quoted, as in "https://"."""
    return re.match(r'''("(\\.|[^"\\])*"|'(\\.|[^'\\])'|(?!//).)*''', line).group()


def without_strings(code):
    """A line without what it quotes, but for the names of includes."""
    return code if code.lstrip().startswith("#") else re.sub(r'"(\\.|[^"\\])*"', '""', code)


def texts_of(code):
    """What a line quotes, strings apart from each other."""
    return " ".join(match.group() for match in re.finditer(r'"(\\.|[^"\\])*"', code))


def included(code):
    """The folder that an include line names, if it is one of ours."""
    include = re.match(r'\s*#include\s*"([^"]+)"', code)
    return folder_of(pathlib.PurePosixPath(include.group(1))) if include else None


def check(path, relative, edges):
    faults = []
    folder = folder_of(relative)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        code = without_comments(line)
        target = included(code)
        if target and target != folder:
            edges.setdefault(folder, set()).add(target)
            if target not in ALLOWED[folder]:
                faults.append(f"{relative}:{number}: {folder} may not include {target}")
        for rule in RULES:
            if rule.holds_for(folder, relative.as_posix()) and rule.is_broken_by(line):
                faults.append(f"{relative}:{number}: {rule.why}: {line.strip()}")
        if relative.parent.name == "kernels" and relative.name != "dispatch.cpp" and KERNEL_INCLUDE.search(code):
            faults.append(f"{relative}:{number}: kernels include no library header")
    n_lines = len(path.read_text().splitlines())
    if folder == "cli/commands" and relative.name.startswith("command_") and n_lines > MOST_LINES_OF_A_COMMAND:
        faults.append(f"{relative}: {n_lines} lines; a command has at most {MOST_LINES_OF_A_COMMAND}: the rest is a job or options")
    return faults


def cycle(edges):
    """A cycle in the graph of folders, as the list of its folders; None without one."""
    state = {}

    def visit(folder, way):
        if state.get(folder) == "done":
            return None
        if folder in way:
            return way[way.index(folder):] + [folder]
        for target in sorted(edges.get(folder, ())):
            found = visit(target, way + [folder])
            if found:
                return found
        state[folder] = "done"
        return None

    for folder in sorted(edges):
        found = visit(folder, [])
        if found:
            return found
    return None


def types_of(path):
    """Qualified names of the types that a header defines at the level of its namespaces."""
    namespaces, depth, found = [], 0, []
    for line in path.read_text().splitlines():
        code = without_strings(without_comments(line))
        opened = re.match(r"\s*(?:inline )?namespace\s*([\w:]*)\s*\{", code)
        defined = re.match(r"(?:struct|class|enum class|union)\s+(\w+)\b(?!<)[^;(]*$", code)
        if defined and depth == len(namespaces) and "" not in [name for name, _ in namespaces]:
            found.append("::".join([name for name, _ in namespaces] + [defined[1]]))
        if opened:
            namespaces.append((opened[1], depth))
        depth += code.count("{") - code.count("}")
        while namespaces and depth <= namespaces[-1][1]:
            namespaces.pop()
    return found


def defined_twice(root, files):
    """Types that two headers define under one name: the linker would mix their functions without a word."""
    where = {}
    for path in sorted(files):
        relative = path.relative_to(root)
        if path.suffix == ".hpp" and relative.parts[0] != "tests":
            for name in set(types_of(path)):
                where.setdefault(name, []).append(str(relative))
    return [f"{name} is defined in {' and '.join(paths)}" for name, paths in sorted(where.items()) if len(paths) > 1]


def faults_of(root):
    """All faults of a source tree, and how many files were looked at."""
    files = [p for top in ("engine", "io", "cli", "tests", "bench") for p in (root / top).rglob("*") if p.suffix in (".hpp", ".cpp")]
    edges = {}
    faults = [fault for p in sorted(files) for fault in check(p, p.relative_to(root), edges)]
    faults += defined_twice(root, files)
    found = cycle(edges)
    if found:
        faults.append("the graph of folders has a cycle: " + " -> ".join(found))
    return faults, len(files)


def main(words):
    root = pathlib.Path(words[0]) if words else pathlib.Path(__file__).resolve().parent.parent
    faults, n_files = faults_of(root)
    print("\n".join(faults) if faults else f"layers hold: {n_files} files")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
