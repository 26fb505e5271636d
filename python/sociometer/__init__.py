"""Commands of the program sociometer as functions, and readers of the files that they write.

Every command is a function of its name, with the program's own options as keywords:

    import sociometer
    sociometer.fit(bold=["run-1_bold.nii.gz"], events="run-1_events.tsv",
                   contrast={"outcome": "feedback:outcome_update"}, o="maps")
    sociometer.roi_make(like="maps/mask.nii.gz", set=["rejection", "striatum"], o="rois")
    print(sociometer.help("fit").stdout)

The program is the one that $SOCIOMETER names, else the first `sociometer` of PATH;
`Program(path)` has the same functions for any other. Nothing is computed in Python.
"""
from __future__ import annotations

from ._estimates import Estimates, read_estimates
from ._files import File, find_file, find_files, find_maps, load_map, read_sidecar, read_table
from ._program import Program, ProgramNotFound, Result, SociometerError, command
from ._study import Study, read_study
from ._version import __version__

__all__ = [
    "Estimates", "File", "Program", "ProgramNotFound", "Result", "SociometerError", "Study",
    "command", "find_file", "find_files", "find_maps", "load_map", "read_estimates",
    "read_sidecar", "read_study", "read_table",
]


def __getattr__(name: str):
    """The command of this name, run by the program that is found when the function is called."""
    if name.startswith("_"):
        raise AttributeError(f"module 'sociometer' has no attribute '{name}'")

    def run_command(*arguments, **options) -> Result:
        return Program().call(name, *arguments, **options)

    run_command.__name__ = run_command.__qualname__ = name
    run_command.__doc__ = f"Runs `sociometer {name.replace('_', ' ')}`; see Program.call."
    return run_command
