"""Every product and layer on fresh random inputs against dense ones in float64, and twice
for the same bits. Prints JSON, one line each; `error` is the largest, in units of the mean
result."""

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


def rounded(values, product):
    return values.to(TYPES[product["element"]]).double()


def reference(inputs, product):
    """The outputs, in float64."""
    if product["kind"] == "weight_gradient":
        return [blocks_of(inputs[0].T @ inputs[1], product)]
    weight = dense_of(inputs[1], product)
    if product["kind"] != "layer":
        return [inputs[0] @ (weight.T if product["kind"] == "forward" else weight)]
    x, _, u, v, dy = inputs
    h, dh = rounded(x @ v, product), rounded(dy @ u, product)
    return [x @ weight.T + h @ u.T, dy @ weight + dh @ v.T, blocks_of(dy.T @ x, product),
            dy.T @ h, x.T @ dh]


def allowed_error(inputs, expected, product):
    """An element's error may be 2^-22 for each term of its sum of absolute values. What a
    layer rounds on the way may be rounded to the other side."""
    terms = max(product["rows"], product["width"])
    share = terms * 2.0**-22
    if product["kind"] == "layer":
        share += 2 * ROUNDING[product["element"]]
    sums = reference([values.abs() for values in inputs], product)
    return [share * total + ROUNDING[product["result"]] * values.abs()
            for total, values in zip(sums, expected)]


def check(product, runtime):
    inputs = [torch.randn(shape, device="cuda").to(TYPES[type])
              for shape, type in product["inputs"]]
    # What a kernel forgets to write stays no number.
    outputs = [torch.full(shape, float("nan"), device="cuda", dtype=TYPES[type])
               for shape, type in product["outputs"]]
    arena = torch.empty(max(product["arena"], 1), dtype=torch.uint8, device="cuda")
    code = device.Product(product)
    runtime.pixelfly_cuda_use_stream(torch.cuda.Stream().cuda_stream)
    runs = []
    for _ in range(2):
        torch.cuda.synchronize()
        code.launch([values.data_ptr() for values in inputs + outputs], arena.data_ptr())
        torch.cuda.synchronize()
        runs.append([values.clone() for values in outputs])
    runtime.pixelfly_cuda_use_stream(None)
    inputs = [as_multiplied(values) for values in inputs]
    expected = reference(inputs, product)
    allowed = allowed_error(inputs, expected, product)
    errors = [(values.double() - right).abs() for values, right in zip(outputs, expected)]
    # Not "error > allowed": what is no number must not pass.
    wrong = sum(int((~(error <= limit)).sum()) for error, limit in zip(errors, allowed))
    return {"name": product["name"], "chip": product["chip"], "wrong": wrong,
            "error": max(float(error.max() / right.abs().mean())
                         for error, right in zip(errors, expected)),
            "same_bits": all(torch.equal(*pair) for pair in zip(*runs))}


def main():
    runtime = device.open_runtime()
    seed = torch.seed()
    torch.manual_seed(seed)
    print(json.dumps({"seed": seed}), flush=True)
    failed = 0
    for product in device.load_products(chips=sys.argv[1].split(",")):
        result = check(product, runtime)
        failed += result["wrong"] > 0 or not result["same_bits"]
        print(json.dumps(result), flush=True)
    sys.exit(failed != 0)


main()
