"""Times our products and their peers in one process, round by round, so that what slows
the machine slows all of them. Writes JSON, and a table for docs/performance.md:

  check_timing.py CHIPS RESULTS.json TABLE.md

A time is that of a CUDA graph of some launches, divided by their number; the median of the
rounds counts. Fractions: of the largest rate of cuBLAS on this device, measured here, and
of the roofline, the larger of flop time at that rate and byte time at the rate of a copy,
measured here too (each operand and result once)."""

import json
import statistics
import sys

import device
import peers
import torch

LAUNCHES, ROUNDS = 20, 15


class Graph:
    """Some launches of a function as a CUDA graph; one after the other if it cannot be
    captured."""

    def __init__(self, run):
        self.stream = torch.cuda.Stream()
        self.is_graph = True
        # A graph does not hold the memory that it works on.
        self.keeps = run

        def launches():
            for _ in range(LAUNCHES):
                run()
        with torch.cuda.stream(self.stream):
            torch.cuda.synchronize()
            run()
            torch.cuda.synchronize()
            graph = torch.cuda.CUDAGraph()
            self.replay = graph.replay
            try:
                with torch.cuda.graph(graph, stream=self.stream,
                                      capture_error_mode="relaxed"):
                    launches()
            except RuntimeError:
                torch.cuda.synchronize()
                self.is_graph, self.replay = False, launches

    def seconds(self):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        with torch.cuda.stream(self.stream):
            start.record()
            self.replay()
            end.record()
        self.stream.synchronize()
        return start.elapsed_time(end) / 1e3 / LAUNCHES


def median_times(graphs):
    times = {name: [] for name in graphs}
    for _ in range(ROUNDS):
        for name, graph in graphs.items():
            times[name].append(graph.seconds())
    return {name: statistics.median(values) for name, values in times.items()}


def measured_peaks():
    """TFLOP/s of dense bf16 products, and bytes a second of a copy, both ways counted."""
    graphs = {}
    for size in (4096, 8192):
        a, b = (torch.randn(size, size, device="cuda").bfloat16() for _ in range(2))
        out = torch.empty_like(a)
        graphs[size] = Graph(lambda a=a, b=b, out=out: torch.mm(a, b, out=out))
    times = median_times(graphs)
    flops = max(2 * size**3 / seconds for size, seconds in times.items())
    source = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    copy = median_times({"copy": Graph(lambda: target.copy_(source))})["copy"]
    return flops, 2 * source.numel() / copy


def our_run(runtime, product, inputs):
    types = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}
    outputs = [torch.empty(shape, dtype=types[type], device="cuda")
               for shape, type in product["outputs"]]
    arena = torch.empty(max(product["arena"], 1), dtype=torch.uint8, device="cuda")
    code = device.Product(product)

    def run():
        runtime.pixelfly_cuda_use_stream(torch.cuda.current_stream().cuda_stream)
        code.launch([values.data_ptr() for values in inputs + outputs], arena.data_ptr())
        runtime.pixelfly_cuda_use_stream(None)
    run.keeps = (code, arena, outputs)
    return run, outputs[0]


def agree(one, other):
    """A peer that computes something else must not be compared with."""
    difference = (one.float() - other.float()).abs().max()
    return bool(difference <= 0.05 * one.float().abs().max())


def flops_of(product):
    """A layer is three products on the pattern and six with its factors."""
    stored = len(product["blocks"]) * product["block"]**2
    if product["kind"] == "layer":
        stored = 3 * stored + 6 * product["width"] * product["rank"]
    return 2 * product["rows"] * stored


def time_product(runtime, products, peak_flops, bandwidth):
    """`products`: the same one for several chips."""
    first = products[0]
    inputs = [torch.randn(shape, device="cuda").bfloat16() for shape, _ in first["inputs"]]
    graphs, skipped, ours = {}, {}, None
    for product in products:
        run, out = our_run(runtime, product, inputs)
        graphs[product["chip"]] = Graph(run)
        ours = out if ours is None else ours
    for name, make in peers.PEERS.items():
        try:
            run, out = make(first, *inputs)
            graph = Graph(run)
            value = out() if callable(out) else out
            if value is not None and not agree(ours, value):
                raise peers.Unavailable("its result differs from ours")
            graphs[name] = graph
        except Exception as error:  # whatever a library does, the others go on
            skipped[name] = f"{type(error).__name__}: {error}".splitlines()[0]
    times = median_times(graphs)
    flops = flops_of(first)
    moved = sum(device.bytes_of(first))
    roofline = max(flops / peak_flops, moved / bandwidth)
    best = min(times[product["chip"]] for product in products)
    return {"name": first["name"], "kind": first["kind"], "block": first["block"],
            "without_graph": [name for name, graph in graphs.items() if not graph.is_graph],
            "gflop": flops / 1e9, "seconds": times, "skipped": skipped,
            "tflops": {name: flops / seconds / 1e12 for name, seconds in times.items()},
            "of_peak": flops / best / peak_flops, "of_roofline": roofline / best,
            "faster_than": {name: times[name] / best for name in peers.PEERS if name in times}}


def table(results, chips):
    head = ["product", "block"] + [f"{chip}, TFLOP/s" for chip in chips]
    head += ["of the peak", "of the roofline"] + [f"times {name}" for name in peers.PEERS]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for r in results:
        cells = [r["kind"].replace("_", " "), str(r["block"])]
        cells += [f"{r['tflops'][chip]:.0f}" for chip in chips]
        cells += [f"{100 * r['of_peak']:.0f} %", f"{100 * r['of_roofline']:.0f} %"]
        cells += [f"{r['faster_than'][name]:.2f}" if name in r["faster_than"] else "-"
                  for name in peers.PEERS]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    chips = sys.argv[1].split(",")
    runtime = device.open_runtime()
    flops, bandwidth = measured_peaks()
    by_name = {}
    for product in device.load_products(chips=chips, timed=True):
        by_name.setdefault(product["name"], []).append(product)
    if not by_name:
        sys.exit("the bundle has no products to time; make one without --filter")
    results = []
    for products in by_name.values():
        results.append(time_product(runtime, products, flops, bandwidth))
        print(json.dumps(results[-1]), flush=True)
    with open(sys.argv[2], "w") as file:
        json.dump({"device": torch.cuda.get_device_name(), "torch": torch.__version__,
                   "peak_tflops": flops / 1e12, "bandwidth_tbs": bandwidth / 1e12,
                   "products": results}, file, indent=1)
    with open(sys.argv[3], "w") as file:
        file.write(f"{torch.cuda.get_device_name()}; cuBLAS reaches {flops / 1e12:.0f} TFLOP/s, "
                   f"a copy {bandwidth / 1e12:.2f} TB/s\n\n" + table(results, chips))


main()
