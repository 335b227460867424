"""The products that a bundle checks: their patterns, from the paper's definition and
not from the compiler, and their programs."""

# Rows of the small ones are no multiple of any tile.
SMALL_ROWS = 331
MASK = ["##.#", "#...", "####", "..#."]
KINDS = ("forward", "input_gradient", "weight_gradient")


def digits(cell, radices):
    result = []
    for radix in radices:
        result.append(cell % radix)
        cell //= radix
    return result


def butterfly(block, radices, factors):
    """Blocks as (row, column) in storage order: the own cell, then one digit after
    the other changed (paper, section 3.4)."""
    cells = 1
    for radix in radices:
        cells *= radix
    blocks = []
    for row in range(cells):
        own = digits(row, radices)
        met = [own]
        for t in range(factors):
            for shift in range(1, radices[t]):
                other = list(own)
                other[t] = (own[t] + shift) % radices[t]
                met.append(other)
        for cell in met:
            column, weight = 0, 1
            for digit, radix in zip(cell, radices):
                column += digit * weight
                weight *= radix
            blocks.append((row, column))
    attribute = (f"#pixelfly.flat_butterfly<rows = {cells * block}, cols = {cells * block}, "
                 f"block = {block}, radices = {list(radices)}, factors = {factors}>")
    return blocks, cells, attribute


def mask(block):
    blocks = [(row, column) for row, string in enumerate(MASK)
              for column, place in enumerate(string) if place == "#"]
    strings = ", ".join(f'"{string}"' for string in MASK)
    return blocks, len(MASK), f"#pixelfly.block_mask<block = {block}, mask = [{strings}]>"


def product(name, kind, element, result, block, rows, pattern, timed=False):
    """What kernels.json says of a product. Operands and result by their shapes:
    forward         y[rows, out] = x[rows, in]  W^T
    input_gradient  x[rows, in]  = y[rows, out] W
    weight_gradient W's blocks   = of y[rows, out]^T x[rows, in]"""
    blocks, cells, attribute = pattern
    wide, stored = [rows, cells * block], [len(blocks), block, block]
    shapes = [wide, wide, stored] if kind == "weight_gradient" else [wide, stored, wide]
    return {"name": name, "kind": kind, "element": element, "result": result,
            "block": block, "rows": rows, "width": cells * block, "blocks": blocks,
            "shapes": shapes, "timed": timed, "pattern": attribute}


def all_products():
    for kind in KINDS:
        for element in ("bf16", "f16", "f32"):
            for block in (16, 32, 64, 128):
                patterns = (("butterfly", butterfly(block, (2, 2, 2), 3)),
                            ("radix4", butterfly(block, (4, 2), 2)),
                            ("uneven", mask(block)))
                for shape, pattern in patterns:
                    yield product(f"{kind}_{element}_{block}_{shape}", kind, element, "f32",
                                  block, SMALL_ROWS, pattern)
    # As wide as the figures that docs/performance.md asks for.
    for kind in KINDS:
        for block in (32, 64, 128):
            cells = 4096 // block
            radices = (2,) * (cells.bit_length() - 1)
            result = "f32" if kind == "weight_gradient" else "bf16"
            yield product(f"{kind}_bf16_{block}_4096", kind, "bf16", result, block, 8192,
                          butterfly(block, radices, len(radices)), timed=True)


def program(p):
    """The product as @evaluate, which becomes pf_evaluate."""
    def type_of(shape, element):
        return f"tensor<{'x'.join(map(str, shape))}x{element}>"

    a, b = (type_of(shape, p["element"]) for shape in p["shapes"][:2])
    c = type_of(p["shapes"][2], p["result"])
    op = {"forward": "matmul", "input_gradient": "matmul transposed",
          "weight_gradient": "sddmm"}[p["kind"]]
    return f"""
func.func @evaluate(%a: {a} {{pixelfly.input = "a"}}, %b: {b} {{pixelfly.input = "b"}})
    -> ({c} {{pixelfly.output = "c"}}) {{
  %zero = arith.constant 0.0 : {p["result"]}
  %empty = tensor.empty() : {c}
  %start = linalg.fill ins(%zero : {p["result"]}) outs(%empty : {c}) -> {c}
  %c = pixelfly.{op} ins(%a, %b : {a}, {b}) outs(%start : {c}) pattern {p["pattern"]} -> {c}
  return %c : {c}
}}
"""
