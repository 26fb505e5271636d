"""Inner loops on one thread, by Google Benchmark (bench/inner_loops).

Data: products: 56 rows, 16 scans, 64 voxels; else 40 participants, 217,000 voxels, as each file of bench/inner_loops says.
Check: each benchmark compares its result with plain loops, or with the equation that it solves, before it is timed.
Ratio: of CPU time, to a reference of the same run: products to those for SSE2, flips to a float32 product of the size that
their statistics need, the rest to one pass over the same numbers.
"""
import json
import statistics

from measuring import Disagreement, called

ELSEWHERE = "not on this processor"


def reference_of(name):
    if name.startswith("products/"):
        return "products/sse2"
    return "reference_product" if name.startswith("flips/") else "reference_sum"


def run(place):
    voxels = "voxels:20000" if place.quick else "voxels:217000"
    seconds = 0.01 if place.quick else 0.2
    text = called([place.build / "bench" / "bench_inner_loops", "--benchmark_format=json", f"--benchmark_filter=products|{voxels}$",
                   f"--benchmark_min_time={seconds}", f"--benchmark_repetitions={place.rounds}",
                   "--benchmark_enable_random_interleaving=true"])  # fmt: skip
    times = {}
    for entry in json.loads(text)["benchmarks"]:
        name = entry["run_name"].removesuffix(f"/{voxels}")
        if entry.get("error_occurred"):
            if entry["error_message"] != ELSEWHERE:
                raise Disagreement(f"{name}: {entry['error_message']}")
        elif entry["run_type"] == "iteration":
            unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[entry["time_unit"]]
            times.setdefault(name, []).append(entry["cpu_time"] * unit)
    medians = {name: statistics.median(values) for name, values in times.items()}
    results = []
    for name, cpu_s in sorted(medians.items()):
        each = 64 if reference_of(name) == "reference_product" or name == "reference_product" else 1
        own = name if name.startswith("reference_") else reference_of(name)
        results.append({"name": name, "cpu_s": float(f"{cpu_s / each:.3g}"), "cpu_ratio": round(cpu_s / medians[own], 3), "reference": own})
    return results
