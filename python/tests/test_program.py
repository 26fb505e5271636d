"""Finding the program, running it, and its errors."""
import io
import os
import stat
import subprocess
import unittest
from unittest import mock

import sociometer
from tiny_study import MODEL, files_of, folder, needs_program, program, study, temporary_folder

FAKE = """#!/bin/sh
if [ "$1" = --version ]; then echo "{version}"; exit 0; fi
{body}
"""


def fake_program(body, version="sociometer 9.8.7 (commit 1)"):
    path = temporary_folder() / "sociometer"
    path.write_text(FAKE.format(version=version, body=body))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


class Finding(unittest.TestCase):
    def test_the_argument_comes_before_the_variable_and_that_before_path(self):
        paths = [fake_program("exit 0") for _ in range(3)]
        environment = {"SOCIOMETER": str(paths[1]), "PATH": f"{paths[2].parent}:/usr/bin:/bin"}
        with mock.patch.dict(os.environ, environment):
            self.assertEqual(sociometer.Program(paths[0]).path, str(paths[0]))
            self.assertEqual(sociometer.Program().path, str(paths[1]))
            del os.environ["SOCIOMETER"]
            self.assertEqual(sociometer.Program().path, str(paths[2]))
            self.assertEqual(sociometer.Program().version, "9.8.7")

    def test_no_program_is_told_with_what_to_do(self):
        with mock.patch.dict(os.environ, {"PATH": str(temporary_folder()), "SOCIOMETER": ""}):
            with self.assertRaisesRegex(sociometer.ProgramNotFound, r"PATH.*\$SOCIOMETER"):
                sociometer.fit()
        with mock.patch.dict(os.environ, {"SOCIOMETER": "/nowhere/sociometer"}):
            with self.assertRaisesRegex(sociometer.ProgramNotFound, r"/nowhere.*\$SOCIOMETER"):
                sociometer.Program()

    def test_another_program_is_refused(self):
        with self.assertRaisesRegex(sociometer.ProgramNotFound, "is not the program.*other 1.0"):
            sociometer.Program(fake_program("exit 0", version="other 1.0"))

    @needs_program
    def test_package_and_program_have_one_version(self):
        self.assertEqual(program().version, sociometer.__version__)


class Running(unittest.TestCase):
    def test_words_arrive_as_they_are(self):
        odd = ["two words", "a'b\"c", "$HOME `ls` $(ls)", "*", "line\nend", "ünïcode", "a\\b"]
        fake = sociometer.Program(fake_program("printf '%s\\0' \"$@\""), show=False)
        result = fake.fit(odd, contrast={"a b": "$x;y"}, o=" ")
        self.assertEqual(result.stdout.split("\0")[:-1],
                         ["fit", *odd, "--contrast", "a b=$x;y", "-o", " "])
        self.assertEqual(result.exit_code, 0)
        self.assertEqual(result.failures, [])

    def test_an_error_has_the_line_and_the_code(self):
        for code in (1, 2, 3, 4):
            fake = fake_program(f"echo note >&2; echo 'error: bad thing' >&2; exit {code}")
            with self.assertRaises(sociometer.SociometerError) as caught:
                sociometer.Program(fake, show=False).fit(o="x")
            self.assertEqual(caught.exception.exit_code, code)
            self.assertEqual(caught.exception.message, "bad thing")
            self.assertEqual(caught.exception.messages, ["note", "error: bad thing"])
            self.assertEqual(caught.exception.command, [str(fake), "fit", "-o", "x"])
            self.assertIn("bad thing", str(caught.exception))

    def test_a_signal_is_an_error(self):
        with self.assertRaises(sociometer.SociometerError) as caught:
            sociometer.Program(fake_program("kill -9 $$"), show=False).fit()
        self.assertEqual(caught.exception.exit_code, -9)
        self.assertEqual(caught.exception.message, "ended by signal 9")

    def test_failures_of_parts_are_a_result(self):
        fake = fake_program("echo 'warning: sub-03 failed' >&2; echo done >&2; exit 5")
        result = sociometer.Program(fake, show=False).run()
        self.assertEqual((result.exit_code, result.failures), (5, ["sub-03 failed"]))
        silent = sociometer.Program(fake_program("exit 5"), show=False).run()
        self.assertEqual(len(silent.failures), 1)

    def test_messages_are_shown_unless_asked_not_to(self):
        fake = fake_program("echo working >&2")
        for show, shown in ((True, "working\n"), (False, "")):
            with mock.patch("sys.stderr", io.StringIO()) as stderr:
                self.assertEqual(sociometer.Program(fake, show=show).fit().messages, ["working"])
                self.assertEqual(stderr.getvalue(), shown)

    def test_an_interruption_ends_the_program(self):
        place = temporary_folder()
        fake = fake_program("trap 'touch ended; exit 1' TERM\necho go >&2\n"
                            "while :; do sleep .1; done")
        stderr = mock.Mock()
        stderr.write.side_effect = KeyboardInterrupt
        with mock.patch("sys.stderr", stderr), self.assertRaises(KeyboardInterrupt):
            sociometer.Program(fake, folder=place).fit()
        self.assertTrue((place / "ended").exists())

    def test_names_that_no_command_can_have(self):
        self.assertFalse(hasattr(sociometer, "_fit"))
        self.assertEqual(sociometer.roi_make.__name__, "roi_make")


@needs_program
class RealProgram(unittest.TestCase):
    def test_help_is_what_the_program_prints(self):
        printed = subprocess.run([program().path, "help", "roi", "make"], capture_output=True,
                                 text=True, check=True).stdout
        self.assertIn("--union", printed)
        self.assertEqual(program().help("roi", "make").stdout, printed)
        self.assertEqual(program().roi_make(help=True).stdout, printed)

    def test_its_own_error_line_and_code(self):
        options = {"bold": "none_bold.nii.gz", "events": "none_events.tsv", "o": "never"}
        done = subprocess.run(program().command("fit", **options), cwd=folder(),
                              capture_output=True, text=True)
        with self.assertRaises(sociometer.SociometerError) as caught:
            program().fit(**options)
        self.assertEqual(caught.exception.exit_code, 3)
        self.assertEqual(done.returncode, 3)
        self.assertEqual("error: " + caught.exception.message, done.stderr.strip().split("\n")[-1])
        self.assertFalse((folder() / "never").exists())

    def test_an_empty_list_of_files_is_refused(self):
        with self.assertRaises(sociometer.SociometerError) as caught:
            program().fit(bold=[], events="e.tsv", o="never")
        self.assertEqual(caught.exception.exit_code, 2)
        self.assertIn("--bold", caught.exception.message)

    def test_unknown_commands_and_options(self):
        for run in (program().fitt, lambda: program().fit(noise_modell="ar1")):
            with self.assertRaises(sociometer.SociometerError) as caught:
                run()
            self.assertEqual(caught.exception.exit_code, 2)
            self.assertIn("did you mean", caught.exception.message)

    def test_a_failed_participant_is_a_result_with_failures(self):
        links = folder() / "broken"
        subprocess.run(["cp", "-rl", study(), links], check=True)
        image = files_of(links, "03", "bold", run=2)[0].path
        start = image.read_bytes()[:1000]
        image.unlink()
        image.write_bytes(start)
        result = program().run("broken", "broken_results", "participant", model=MODEL,
                               participant_label=["02", "03"])
        self.assertEqual(result.exit_code, 5)
        self.assertEqual(len(result.failures), 1)
        self.assertIn("sub-03", result.failures[0])
        self.assertIn("truncated", result.failures[0])
        failures = sociometer.read_study(links.with_name("broken_results")).failures
        self.assertEqual(list(failures["participant"]), ["sub-03"])
        self.assertEqual(list(failures["state"]), ["failed"])
        self.assertIn("truncated", failures["reason"][0])


if __name__ == "__main__":
    unittest.main()
