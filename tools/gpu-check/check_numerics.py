"""Every product on fresh random inputs against a dense product in float64. The error of
an element may be what its sum of |a| |b| allows: 2^-22 of it for each term, since matrix
units truncate, and the rounding of the result. Prints JSON, one line a product."""

import json
import sys

import device
import torch

TYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}
ROUNDING = {"bf16": 2.0**-8, "f16": 2.0**-11, "f32": 2.0**-24}


def as_multiplied(values):
    """f32 operands are rounded to tf32, to nearest, by the kernels."""
    if values.dtype == torch.float32:
        bits = values.view(torch.int32)
        return (((bits + 0x1000) & ~0x1fff).view(torch.float32)).double()
    return values.double()


def dense_of(blocks, product):
    dense = torch.zeros(product["width"], product["width"], dtype=torch.float64, device="cuda")
    b = product["block"]
    for place, (row, column) in enumerate(product["blocks"]):
        dense[row * b:(row + 1) * b, column * b:(column + 1) * b] = blocks[place]
    return dense


def blocks_of(dense, product):
    b = product["block"]
    return torch.stack([dense[row * b:(row + 1) * b, column * b:(column + 1) * b]
                        for row, column in product["blocks"]])


def reference(a, b, product):
    if product["kind"] == "weight_gradient":
        return blocks_of(a.T @ b, product)
    weight = dense_of(b, product)
    return a @ (weight.T if product["kind"] == "forward" else weight)


def terms(product):
    if product["kind"] == "weight_gradient":
        return product["rows"]
    return product["width"]


def check(product, runtime):
    element, result = TYPES[product["element"]], TYPES[product["result"]]
    a, b = (torch.randn(shape, device="cuda").to(element) for shape in product["shapes"][:2])
    # What a kernel forgets to write stays no number.
    c = torch.full(product["shapes"][2], float("nan"), device="cuda", dtype=result)
    arena = torch.empty(max(product["arena"], 1), dtype=torch.uint8, device="cuda")
    code = device.Product(product)
    runtime.pixelfly_cuda_use_stream(torch.cuda.Stream().cuda_stream)
    results = []
    for _ in range(2):
        torch.cuda.synchronize()
        code.launch([a.data_ptr(), b.data_ptr(), c.data_ptr()], arena.data_ptr())
        torch.cuda.synchronize()
        results.append(c.clone())
    runtime.pixelfly_cuda_use_stream(None)
    a, b = as_multiplied(a), as_multiplied(b)
    expected = reference(a, b, product)
    allowed = (reference(a.abs(), b.abs(), product) * terms(product) * 2.0**-22
               + expected.abs() * ROUNDING[product["result"]])
    error = (c.double() - expected).abs()
    # Not "error > allowed": what is no number must not pass.
    wrong = int((~(error <= allowed)).sum())
    return {"name": product["name"], "chip": product["chip"], "wrong": wrong,
            "error": float((error / (expected.abs().mean() + 1e-30)).max()),
            "same_bits": bool(torch.equal(*results))}


def main():
    runtime = device.open_runtime()
    seed = torch.seed()
    torch.manual_seed(seed)
    print(json.dumps({"seed": seed}))
    failed = 0
    for product in device.load_products(chips=sys.argv[1].split(",")):
        result = check(product, runtime)
        failed += result["wrong"] > 0 or not result["same_bits"]
        print(json.dumps(result), flush=True)
    sys.exit(failed != 0)


main()
