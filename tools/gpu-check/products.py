"""The products that a bundle checks: their patterns, from the paper's definition and
not from the compiler, and their programs."""

# Rows of the small ones are no multiple of any tile.
SMALL_ROWS = 331
MASK = ["##.#", "#...", "####", "..#."]
KINDS = ("forward", "input_gradient", "weight_gradient")
# Blocks and ranks of a layer 4096 wide that keeps a quarter of the parameters.
LAYERS = ((32, 384), (64, 288), (128, 128))


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
    """What kernels.json says of a product; shapes and types of its inputs, then outputs:
    forward         y[rows, out] = x[rows, in]  W^T
    input_gradient  x[rows, in]  = y[rows, out] W
    weight_gradient W's blocks   = of y[rows, out]^T x[rows, in]"""
    blocks, cells, attribute = pattern
    wide, stored = [rows, cells * block], [len(blocks), block, block]
    shapes = [wide, wide, stored] if kind == "weight_gradient" else [wide, stored, wide]
    return {"name": name, "kind": kind, "element": element, "result": result,
            "block": block, "rows": rows, "width": cells * block, "blocks": blocks,
            "inputs": [[shape, element] for shape in shapes[:2]],
            "outputs": [[shapes[2], result]], "timed": timed, "pattern": attribute}


def layer(name, element, block, rank, rows, pattern, timed=False):
    """A whole layer, forward and backward: y = x W^T + (x V) U^T from x, W, U, V; and from
    dy too the gradients of x, of W's blocks, of U and of V."""
    blocks, cells, attribute = pattern
    width = cells * block
    wide, stored, factor = [rows, width], [len(blocks), block, block], [width, rank]
    return {"name": name, "kind": "layer", "element": element, "result": "f32", "block": block,
            "rank": rank, "rows": rows, "width": width, "blocks": blocks,
            "inputs": [[shape, element] for shape in (wide, stored, factor, factor, wide)],
            "outputs": [[shape, "f32"] for shape in (wide, wide, stored, factor, factor)],
            "timed": timed, "pattern": attribute}


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
    for block in (32, 64, 128):
        yield layer(f"layer_bf16_{block}_butterfly", "bf16", block, 64, SMALL_ROWS,
                    butterfly(block, (2, 2, 2), 3))
    # As wide as the figures that docs/performance.md asks for.
    for kind in KINDS:
        for block in (32, 64, 128):
            cells = 4096 // block
            radices = (2,) * (cells.bit_length() - 1)
            result = "f32" if kind == "weight_gradient" else "bf16"
            yield product(f"{kind}_bf16_{block}_4096", kind, "bf16", result, block, 8192,
                          butterfly(block, radices, len(radices)), timed=True)
    for block, rank in LAYERS:
        cells = 4096 // block
        radices = (2,) * (cells.bit_length() - 1)
        yield layer(f"layer_bf16_{block}_4096", "bf16", block, rank, 8192,
                    butterfly(block, radices, len(radices)), timed=True)


def type_of(shape, element):
    return f"tensor<{'x'.join(map(str, shape))}x{element}>"


class Body:
    """The operations of a program, on tensors."""

    def __init__(self):
        self.lines, self.count = [], 0

    def new(self, text):
        self.count += 1
        self.lines.append(f"  %v{self.count} = {text}")
        return f"%v{self.count}"

    def zeros(self, type, element):
        zero = self.new(f"arith.constant 0.0 : {element}")
        empty = self.new(f"tensor.empty() : {type}")
        return self.new(f"linalg.fill ins({zero} : {element}) outs({empty} : {type}) -> {type}")

    def product(self, op, a, b, start, types, pattern):
        return self.new(f"pixelfly.{op} ins({a}, {b} : {types[0]}, {types[1]}) "
                        f"outs({start} : {types[2]}) pattern {pattern} -> {types[2]}")

    def dense(self, maps, a, b, start, types):
        """Sums over k into (i, j)."""
        maps = ", ".join(f"affine_map<(i, j, k) -> ({map})>" for map in (*maps, "i, j"))
        return self.new(f"linalg.matmul indexing_maps = [{maps}] ins({a}, {b} : {types[0]}, "
                        f"{types[1]}) outs({start} : {types[2]}) -> {types[2]}")

    def rounded(self, value, shape, element):
        wide, narrow = type_of(shape, "f32"), type_of(shape, element)
        empty = self.new(f"tensor.empty() : {narrow}")
        same = "affine_map<(i, j) -> (i, j)>"
        return self.new(f"""linalg.generic {{indexing_maps = [{same}, {same}],
      iterator_types = ["parallel", "parallel"]}} ins({value} : {wide}) outs({empty} : {narrow}) {{
  ^bb0(%a: f32, %b: {element}):
    %r = arith.truncf %a : f32 to {element}
    linalg.yield %r : {element}
  }} -> {narrow}""")


def product_body(body, p, types):
    op = {"forward": "matmul", "input_gradient": "matmul transposed",
          "weight_gradient": "sddmm"}[p["kind"]]
    start = body.zeros(types[2], p["result"])
    return [body.product(op, "%in0", "%in1", start, types, p["pattern"])]


def layer_body(body, p, types):
    element, hidden = p["element"], [p["rows"], p["rank"]]
    x, w, u, v, dy = (f"%in{i}" for i in range(5))
    wide, stored, factor = types[:3]
    y_type, dw_type, du_type = types[5], types[7], types[8]
    sums, narrow = type_of(hidden, "f32"), type_of(hidden, element)

    def through(value, matrix):
        """To the hidden side."""
        total = body.dense(("i, k", "k, j"), value, matrix, body.zeros(sums, "f32"),
                           (wide, factor, sums))
        return body.rounded(total, hidden, element)

    def apply(op, value, h, matrix):
        total = body.product(op, value, w, body.zeros(y_type, "f32"), (wide, stored, y_type),
                             p["pattern"])
        return body.dense(("i, k", "j, k"), h, matrix, total, (narrow, factor, y_type))

    def gradient(value, h):
        return body.dense(("k, i", "k, j"), value, h, body.zeros(du_type, "f32"),
                          (wide, narrow, du_type))

    h, dh = through(x, v), through(dy, u)
    dw = body.product("sddmm", dy, x, body.zeros(dw_type, "f32"), (wide, wide, dw_type),
                      p["pattern"])
    return [apply("matmul", x, h, u), apply("matmul transposed", dy, dh, v), dw,
            gradient(dy, h), gradient(x, dh)]


def program(p):
    """The product or layer as @evaluate, which becomes pf_evaluate."""
    types = [type_of(*value) for value in p["inputs"] + p["outputs"]]
    count = len(p["inputs"])
    body = Body()
    results = (layer_body if p["kind"] == "layer" else product_body)(body, p, types)
    inputs = ", ".join(f'%in{i}: {type} {{pixelfly.input = "in{i}"}}'
                       for i, type in enumerate(types[:count]))
    outputs = ", ".join(f'{type} {{pixelfly.output = "out{i}"}}'
                        for i, type in enumerate(types[count:]))
    lines = "\n".join(body.lines)
    return (f"func.func @evaluate({inputs}) -> ({outputs}) {{\n{lines}\n"
            f"  return {', '.join(results)} : {', '.join(types[count:])}\n}}\n")
