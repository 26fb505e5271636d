"""Finding and running the program."""
from __future__ import annotations

import functools
import numbers
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_DONE, _DONE_WITH_FAILURES = 0, 5

# What joins a name and its value, and the parts of a value that is a list.
_JOINS = {"modulators": (":", ","), "f-contrast": ("=", ";")}
_USUAL_JOINS = ("=", ",")


class ProgramNotFound(FileNotFoundError):
    """There is no program sociometer where it was looked for."""


class SociometerError(RuntimeError):
    """A command that was not done.

    message    the program's error line
    exit_code  1 bug, 2 usage, 3 bad input, 4 cannot write; negative: the signal that ended it
    command    list of words
    messages   all lines that the program wrote to stderr
    """

    def __init__(self, message: str, exit_code: int, command: list, messages: list):
        super().__init__(f"{message} (exit code {exit_code})")
        self.message, self.exit_code = message, exit_code
        self.command, self.messages = command, messages


@dataclass(frozen=True)
class Result:
    """A command that was done.

    command    list of words
    exit_code  0, or 5: some contrasts, runs or participants failed, the others are there
    stdout     text that was asked for (help, settings, plans, findings)
    messages   lines of stderr
    """

    command: list
    exit_code: int
    stdout: str = field(repr=False)
    messages: list = field(repr=False)

    @property
    def failures(self) -> list:
        """Empty unless the exit code is 5; then the warnings, which name what failed."""
        if self.exit_code != _DONE_WITH_FAILURES:
            return []
        return [line for line in _of_level("warning", self.messages)
                if not _OTHER_WARNINGS.match(line)] or [
            "some contrasts, runs or participants failed; no warning was written that names them"]


# The line in which `run` counts the warnings of jobs, those that did not fail.
_OTHER_WARNINGS = re.compile(r"\d+ of \d+ jobs? gave warnings;")


def _of_level(level: str, messages: list) -> list:
    return [line[len(level) + 2:] for line in messages if line.startswith(f"{level}: ")]


def _text(value) -> str:
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    if isinstance(value, numbers.Number) and not _is_flag(value):
        return str(value)
    raise TypeError(f"{value!r} is {type(value).__name__}; values are text, paths and numbers")


def _is_flag(value) -> bool:
    return type(value).__name__ in ("bool", "bool_")  # also numpy's


def _is_list(value) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, os.PathLike))


def _named(option: str, name, value) -> str:
    between, inside = _JOINS.get(option, _USUAL_JOINS)
    parts = value if _is_list(value) else [value]
    return _text(name) + between + inside.join(_text(part) for part in parts)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _option_words(keyword: str, value) -> list:
    name = (keyword[:-1] if keyword.endswith("_") else keyword).replace("_", "-")
    option = f"-{name}" if len(name) == 1 else f"--{name}"
    if value is None or (_is_flag(value) and not value):
        return []
    if _is_flag(value):
        return [option]
    if isinstance(value, Mapping):
        texts = [_named(name, key, part) for key, part in value.items()]
    else:
        texts = [_text(part) for part in value] if _is_list(value) else [_text(value)]
    # Only an equals sign ties empty text, or text that looks like an option, to its option.
    if any(t == "" or (t.startswith("-") and not _is_number(t)) for t in texts):
        return [f"{option}={t}" for t in texts]
    return [option, *texts]


def _words(name: str, arguments: tuple, options: dict) -> list:
    words = name.replace("_", " ").split()
    for argument in arguments:
        words += [_text(part) for part in argument] if _is_list(argument) else [_text(argument)]
    for keyword, value in options.items():
        words += _option_words(keyword, value)
    return words


def command(name: str, *arguments, **options) -> list:
    """The words of a command, which is not run.

    @param name       as `fit`, `roi extract` or `roi_extract`.
    @param arguments  what the command takes without an option; they come first.
    @param options    the program's options, with underscores for hyphens (a trailing one is
                      dropped): True for flags, None and False for nothing, lists for several
                      values, mappings for NAME=VALUE.
                      A list in a mapping is joined as the option wants it: by `;` in f_contrast,
                      else by `,`. `modulators` takes {TYPE: COLUMN}.
    @raise TypeError  for values that are neither text, path nor number.
    """
    return ["sociometer", *_words(name, arguments, options)]


@functools.lru_cache(maxsize=None)
def _version(path: str, modified_ns: int) -> str:
    try:
        done = subprocess.run([path, "--version"], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProgramNotFound(f"{path} cannot be run: {error}") from error
    first = done.stdout.decode("utf-8", "replace").split("\n")[0].split()
    if done.returncode != 0 or len(first) < 2 or first[0] != "sociometer":
        raise ProgramNotFound(f"{path} is not the program sociometer: `{path} --version` says"
                              f" '{' '.join(first)}' (exit code {done.returncode})")
    return first[1]


def _find(path) -> str:
    where = "given" if path is not None else "from $SOCIOMETER"
    name = os.environ.get("SOCIOMETER") if path is None else os.fspath(path)
    found = shutil.which(name or "sociometer")
    if found:
        return os.path.abspath(found)
    if name:
        raise ProgramNotFound(f"'{name}' ({where}) is no program that can be run;"
                              " it must be the path of sociometer")
    raise ProgramNotFound("there is no program sociometer in PATH; install it, or name it by"
                          " $SOCIOMETER or sociometer.Program(path)")


class Program:
    """The program sociometer: its commands are methods, as `program.fit(...)`.

    @param path    of the program; else that of $SOCIOMETER; else the first in PATH.
    @param folder  where commands run; relative paths start there (default: here).
    @param show    whether messages of the program are written to stderr as they come.
    @raise ProgramNotFound  if there is none, or it does not answer `--version` as sociometer.
    """

    def __init__(self, path=None, folder=None, show: bool = True):
        self.path, self.folder, self.show = _find(path), folder, show
        self.version = _version(self.path, os.stat(self.path).st_mtime_ns)

    def __repr__(self) -> str:
        return f"Program({self.path!r})  # sociometer {self.version}"

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(f"'Program' has no attribute '{name}'")
        return functools.partial(self.call, name)

    def command(self, name: str, *arguments, **options) -> list:
        """As `sociometer.command`, with the path of this program."""
        return [self.path, *_words(name, arguments, options)]

    def call(self, name: str, *arguments, **options) -> Result:
        """Runs a command and waits for it. No shell is involved: values mean what they say.

        Arguments as in `sociometer.command`.
        @return its Result; `failures` is not empty if parts of it failed (exit code 5).
        @raise SociometerError  if it was not done.
        """
        words = self.command(name, *arguments, **options)
        exit_code, stdout, messages = self._run(words)
        if exit_code not in (_DONE, _DONE_WITH_FAILURES):
            raise SociometerError(_reason(exit_code, messages), exit_code, words, messages)
        return Result(words, exit_code, stdout, messages)

    def _run(self, words: list):
        messages = []
        with tempfile.TemporaryFile() as stdout:
            process = subprocess.Popen(words, cwd=self.folder, stdin=subprocess.DEVNULL,
                                       stdout=stdout, stderr=subprocess.PIPE, encoding="utf-8",
                                       errors="replace")
            try:
                for line in process.stderr:
                    messages.append(line.rstrip("\n"))
                    if self.show:
                        print(messages[-1], file=sys.stderr, flush=True)
                process.wait()
            except BaseException:
                # Ended by SIGTERM, it removes what it had begun to write.
                process.terminate()
                process.wait()
                raise
            finally:
                process.stderr.close()
            stdout.seek(0)
            return process.returncode, stdout.read().decode("utf-8", "replace"), messages


def _reason(exit_code: int, messages: list) -> str:
    errors = _of_level("error", messages)
    if errors:
        return errors[-1]
    if exit_code < 0:
        return f"ended by signal {-exit_code}"
    return messages[-1] if messages else "no message"
