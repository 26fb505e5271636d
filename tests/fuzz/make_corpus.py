#!/usr/bin/env python3
"""Makes the seeds of the fuzz targets from what the program itself writes about a tiny study.

Usage: make_corpus.py PROGRAM [FOLDER]     (default: corpus beside this file; files there are kept)
The stores hold paths of this machine, and are made anew for each use: FOLDER/stores/good.

Tables and JSON documents start with a byte that chooses the reader; see the lists in fuzz_tables.cpp and fuzz_json.cpp.
"""
import gzip
import pathlib
import struct
import subprocess
import sys
import tempfile

LARGEST = 6000  # bytes of a seed, so that the corpus stays small


def image(shape, code, bits, values, version=1):
    """A NIfTI image of a few voxels: by the standard's own layout, without our writer."""
    dims = [len(shape), *shape] + [1] * (7 - len(shape))
    if version == 1:
        header = struct.pack("<i10s18sihcb8hfffhhhh8ffffhcbffffii80s24shh6f", 348, b"", b"", 0, 0, b"r", 0, *dims, 0, 0, 0,
                             0, code, bits, 0, 1, 2, 2, 2, 2, 0, 0, 0, 352, 1, 0, 0, b"\0", 10, 0, 0, 0, 0, 0, 0, b"seed", b"",
                             1, 1, 0, 0, 0, 0, 0, 0)
        header += struct.pack("<12f16s4s", 2, 0, 0, -4, 0, 2, 0, -4, 0, 0, 2, -4, b"", b"n+1\0")
        return header + b"\0" * 4 + values
    header = struct.pack("<i8shh8qddd8dqdddddqqi", 540, b"n+2\0\r\n\032\n", code, bits, *dims, 0, 0, 0, 1, 2, 2, 2, 2, 0, 0, 0,
                         544, 1, 0, 0, 0, 0, 0, 0, 0)
    header = header.ljust(540, b"\0")
    return header + b"\0" * 4 + values


TABLES = {
    0: ["a\tb\n1\t2\n3\tn/a\n", "a,b\n1,\"x\ny\"\n", "1 2 3\n4 5 6\n", "a;b\r\n1,5;2\r\n"],
    1: ["a b\n1 3 4\n2 5 6\n"],
    2: ["frame_time\ta\tb\n0\t1\t0\n2\t0\t1\n4\t1\t1\n"],
    3: ["onset\tduration\ttrial_type\tmodulation\n1\t.5\ta\t1\n4\t0\tb\t2\nn/a\t1\ta\t1\n"],
    4: ["trans_x\trot_x\n0\t1\n1\t2\n"], 5: ["trans_x\ttrans_x_derivative1\n0\tn/a\n1\t2\n"],
    6: ["participant_id\tage\tgroup\nsub-01\t20\ta\nsub-02\tn/a\tb\n"],
    7: ["index\tname\n1\tleft\n2\tright\n", "Background\nA\nB\n", "1 A 255 0 0 255\n2 B 0 255 0 255\n", "A\n1 255 0 0 255\n"],
    8: ["/NumWaves 2\n/NumPoints 3\n/Matrix\n1 0\n0 1\n1 1\n", "/ContrastName1 a\n/NumWaves 1\n/NumContrasts 1\n/Matrix\n1\n"],
    9: ["/NumWaves 1\n/NumPoints 2\n/Matrix\n1\n2\n"], 10: ["0 1 1\n10 2 .5\n"],
    11: ["# <matrix\n# ni_type = \"2*double\"\n# ni_dimen = \"3\"\n# ColumnLabels = \"Run#1Pol#0 ; a#0\"\n"
         "# ColumnGroups = \"-1,1\"\n# RowTR = \"2\"\n# GoodList = \"0..2\"\n# NRowFull = \"3\"\n# RunStart = \"0\"\n# >\n"
         " 1 0\n 1 1\n 1 0\n# </matrix>\n"],
    13: ["participant_id\tage\n01\t20\n"],
    14: ["participant_id\toption\trating\tmean_rank\tp_match\n01\ta\t5\t2\t.2\n01\tb\t6\t7\t.8\n"],
    15: ["onset\tduration\ttrial_type\ttrial\toption_left\toption_right\tchosen\trank\tmatch\n1\t2\tchoice\t1\ta\tb\tleft\tn/a\tn/a\n"
         "4\t2\tfeedback\t1\ta\tb\tleft\t3\t1\n"],
    16: ["[fit]\nbold = [\"a.nii\", 'b']\ntr = 2.0\nlog-p = true\n"], 17: ["framewise_displacement>0.5,dvars<-2"], 18: ["0-3,7,9-"],
}
EXPRESSIONS = ["feedback:match - cue", "2*feedback + .5*(cue - rot_x)", "[1 -1 0 0]", "'feedback:match'/3", "cue - `rot_x`", "ar1",
               "arma11", "ar4-averaged", "spm-fast", "tukey", "auto"]


def write(folder, name, data):
    if len(data) <= LARGEST and tempfile.gettempdir().encode() not in data:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def run(program, *words, cwd):
    words = [str(word.relative_to(cwd) if isinstance(word, pathlib.Path) else word) for word in words]
    subprocess.run([program, *words], cwd=cwd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def from_program(program, out):
    """Stores, documents and tables of a study that is simulated and analysed."""
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        run(program, "simulate", "study", "--participants", 2, "--grid", "tiny", "--trials", 8, cwd=work)
        images = sorted(work.glob("study/derivatives/fmriprep/*/func/*bold.nii.gz"))
        tables = sorted(work.glob("study/sub-*/func/*events.tsv"))
        run(program, "roi", "make", "--like", images[0], "--sphere", "few=0,0,0,9", "-o", "rois", cwd=work)
        mask = next(work.glob("rois/*few*.nii.gz"))
        for i, (bold, events) in enumerate(zip(images, tables, strict=True)):
            run(program, "fit", "--bold", bold, "--mask", mask, "--events", events, "--contrast", "a=feedback", "--noise-model", "ar1",
                "--prefix", f"run{i}", "-o", "fit", cwd=work)
        effects = sorted(work.glob("fit/*stat-effect_statmap.nii.gz"))
        run(program, "group", "--effects", *effects, "--permutations", 20, "--shard", "1/2", "-o", "shards", cwd=work)
        good = out / "stores" / "good"
        good.mkdir(parents=True, exist_ok=True)
        (good / "estimates.h5").write_bytes(next((work / "fit").glob("*estimates.h5")).read_bytes())
        (good / "shard.h5").write_bytes(next((work / "shards").glob("*.h5")).read_bytes())
        for i, path in enumerate(sorted([*work.glob("study/*.json"), *work.glob("study/truth/*.json"), *work.glob("fit/*.json")])[:12]):
            write(out / "json", f"sidecar-{i}", b"\0" + path.read_bytes())
            write(out / "json", f"settings-{i}", bytes([5]) + path.read_bytes())
        write(out / "tables", "events", bytes([15]) + tables[0].read_bytes()[:3000])


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    here = pathlib.Path(__file__).resolve().parent
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else here / "corpus"
    root = here.parent.parent
    from_program(program, out)
    for reader, texts in TABLES.items():
        for i, text in enumerate(texts):
            write(out / "tables", f"table-{reader}-{i}", bytes([reader]) + text.encode())
    for i, model in enumerate(sorted((root / "docs" / "models").glob("*_smdl.json"))):
        write(out / "json", f"model-{i}", b"\1" + model.read_bytes())
    requests = {6: b'{"bold": ["a.nii"], "noise_model": "ar1", "contrasts": ["a"]}', 7: b'{"maps": {"effects": ["a.nii"]}}',
                8: b'{"bids": "study", "output": "out", "models": ["hybrid"]}', 9: b'{"estimates": ["e.h5"]}',
                3: b'{"choice": ["d"], "chosen": {"column": "r", "values": {"1": "left"}}, "rank": null}',
                4: b'{"n_ranks": 8, "priors": {"beta": {"family": "gamma", "shape": 1.2, "scale": 5}}}'}
    for reader, text in requests.items():
        write(out / "json", f"request-{reader}", bytes([reader]) + text)
    values = struct.pack("<24f", *range(24))
    images = {"float": image((2, 2, 2, 3), 16, 32, values), "short": image((2, 2, 2), 4, 16, values[:16]),
              "nifti2": image((2, 2, 2), 64, 64, values[:64], 2)}
    for name, data in images.items():
        write(out / "images", name, data)
        write(out / "images", name + ".gz", gzip.compress(data, mtime=0))
        write(out / "streams", name + ".gz", gzip.compress(data, mtime=0))
    write(out / "streams", "two.gz", gzip.compress(b"one", mtime=0) + gzip.compress(b"two" * 100, mtime=0))
    for i, text in enumerate(EXPRESSIONS):
        write(out / "expressions", str(i), text.encode())
    write(out / "stores", "raw", b"\0" + b"\x89HDF\r\n\x1a\n" + b"\0" * 60)
    for i in range(1, 8):
        write(out / "stores", f"changes-{i}", bytes([i]) + bytes(range(i, 200, 3)))
    total = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
    print(f"{sum(f.is_file() for f in out.rglob('*'))} files, {total} bytes")


if __name__ == "__main__":
    main()
