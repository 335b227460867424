"""Prints @main, one block-sparse product, and @reference, its float64 oracle:
plain loops over a table of the nonzero blocks, which is computed here from the
patterns' definitions and not by the compiler.

usage: product.py forward|transposed|sddmm TYPE BLOCK ROWS PATTERN [--result=TYPE]
                  [--add] [--tile=TILE] [--groups] [--rank=R] [--bias]
                  [--function=TYPE]

PATTERN: "butterfly RADICES FACTORS ROW_STRETCH COLUMN_STRETCH" with radices
joined by x, or "mask STRING STRING ...". With --add the product adds to what the
destination holds; else it is filled with zeros before. With --groups the GPU has warp groups
(sm_90a). --rank and --bias make a layer of it: the result begins with a row that
is the same everywhere, and h u^T of rank R is added. --function adds 0.75 max(y, 0)
of every result y, in TYPE.
"""

import argparse

parser = argparse.ArgumentParser()
parser.add_argument("kind")
parser.add_argument("element")
parser.add_argument("block", type=int)
parser.add_argument("rows", type=int)
parser.add_argument("pattern", nargs="+")
parser.add_argument("--result", default="f32")
parser.add_argument("--add", action="store_true")
parser.add_argument("--tile")
parser.add_argument("--groups", action="store_true")
parser.add_argument("--rank", type=int)
parser.add_argument("--bias", action="store_true")
parser.add_argument("--function")
options = parser.parse_args()
b = options.block


def digits(cell, radices):
    result = []
    for radix in radices:
        result.append(cell % radix)
        cell //= radix
    return result


def butterfly(radices, factors, row_stretch, column_stretch):
    """The blocks in storage order, the numbers of block rows and columns, and the
    attribute (paper, section 3.4; own cell first, then digit + 1, digit + 2, ...)."""
    cells = 1
    for radix in radices:
        cells *= radix
    blocks = []
    for row in range(cells * row_stretch):
        own = digits(row // row_stretch, radices)
        met = [own]
        for t in range(factors):
            for shift in range(1, radices[t]):
                other = list(own)
                other[t] = (own[t] + shift) % radices[t]
                met.append(other)
        for cell in met:
            number, weight = 0, 1
            for digit, radix in zip(cell, radices):
                number += digit * weight
                weight *= radix
            for i in range(column_stretch):
                blocks.append((row, number * column_stretch + i))
    grid = cells * row_stretch, cells * column_stretch
    attribute = (f"#pixelfly.flat_butterfly<rows = {grid[0] * b}, cols = {grid[1] * b}, "
                 f"block = {b}, radices = {radices}, factors = {factors}>")
    return blocks, grid, attribute


def mask(strings):
    blocks = [(row, column) for row, string in enumerate(strings)
              for column, block in enumerate(string) if block == "#"]
    text = ", ".join(f'"{string}"' for string in strings)
    return (blocks, (len(strings), len(strings[0])),
            f"#pixelfly.block_mask<block = {b}, mask = [{text}]>")


words = options.pattern
if words[0] == "butterfly":
    blocks, grid, attribute = butterfly([int(r) for r in words[1].split("x")],
                                        *map(int, words[2:]))
else:
    blocks, grid, attribute = mask(words[1:])

element, wide, m = options.element, "f64", options.rows
count, rows, columns = len(blocks), grid[0] * b, grid[1] * b
kind = options.kind


def types(operand, result):
    by_rows, by_columns = f"memref<{m}x{rows}x%s>", f"memref<{m}x{columns}x%s>"
    stored = f"memref<{count}x{b}x{b}x%s>"
    shapes = {"forward": (by_columns, stored, by_rows),
              "transposed": (by_rows, stored, by_columns),
              "sddmm": (by_rows, by_columns, stored)}[kind]
    return [shapes[0] % operand, shapes[1] % operand, shapes[2] % result]


def others(element, result):
    """Further arguments and their types, the bias last."""
    across = columns if kind == "transposed" else rows
    arguments = []
    if options.rank:
        arguments += [("h", f"memref<{m}x{options.rank}x{element}>"),
                      ("u", f"memref<{across}x{options.rank}x{element}>")]
    if options.bias:
        arguments.append(("bias", f"memref<{across}x{result}>"))
    return arguments


def function(c, result, type):
    """The function of the results, and its destination's type."""
    if not options.function:
        return
    narrow = "" if type == result else f"""
    %narrow = arith.truncf %scaled : {result} to {type}"""
    print(f"""  linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>,
      affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}}
    ins(%c : {c}) outs(%f : {c.replace(result, type)}) {{
  ^bb0(%x: {result}, %y: {type}):
    %zero_ = arith.constant 0.0 : {result}
    %factor = arith.constant 0.75 : {result}
    %relu = arith.maximumf %x, %zero_ : {result}
    %scaled = arith.mulf %relu, %factor : {result}{narrow}
    linalg.yield %{"narrow" if narrow else "scaled"} : {type}
  }}""")


def signature(a, b, c, element, result, type):
    more = "".join(f", %{name}: {type}" for name, type in others(element, result))
    if options.function:
        more += f", %f: {c.replace(result, type)}"
    return f"(%a: {a}, %b: {b}, %c: {c}{more})"


def low_rank(c, element, result):
    if not options.rank:
        return
    (_, h), (_, u) = others(element, result)[:2]
    wide = "" if element == result else f"""
    %xw = arith.extf %x : {element} to {result}
    %yw = arith.extf %y : {element} to {result}"""
    x, y = ("%xw", "%yw") if wide else ("%x", "%y")
    print(f"""  linalg.generic {{indexing_maps = [affine_map<(i, j, k) -> (i, k)>,
      affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>],
      iterator_types = ["parallel", "parallel", "reduction"]}}
    ins(%h, %u : {h}, {u}) outs(%c : {c}) {{
  ^bb0(%x: {element}, %y: {element}, %z: {result}):{wide}
    %product = arith.mulf {x}, {y} : {result}
    %added = arith.addf %z, %product : {result}
    linalg.yield %added : {result}
  }}""")


def fill(type, element):
    if options.bias:
        bias = others(element, element)[-1][1]
        return f"""  linalg.generic {{indexing_maps = [affine_map<(i, j) -> (j)>,
      affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}}
    ins(%bias : {bias}) outs(%c : {type}) {{
  ^bb0(%x: {element}, %y: {element}):
    linalg.yield %x : {element}
  }}
"""
    if options.add:
        return ""
    return (f"  %zero = arith.constant 0.0 : {element}\n"
            f"  linalg.fill ins(%zero : {element}) outs(%c : {type})\n")


a_type, b_type, c_type = types(element, options.result)
op = {"forward": "matmul", "transposed": "matmul transposed", "sddmm": "sddmm"}[kind]
tile = f" {{pixelfly.tile = {options.tile}}}" if options.tile else ""
table = ", ".join(f"[{row}, {column}]" for row, column in blocks)
gpu = '"shared_memory_size_in_bytes" = 167936 : i64'
if options.groups:
    # Three multiprocessors: some compute more tiles than others.
    gpu = ('"shared_memory_size_in_bytes" = 233472 : i64, "num_cores" = 3 : i64, '
           '"matrix_tile" = array<i64: 64, 256, 16>')
print(f"""module attributes {{dlti.target_system_spec = #dlti.target_system_spec<
  "GPU" = #dlti.target_device_spec<{gpu}>>}} {{
func.func @main{signature(a_type, b_type, c_type, element, options.result, options.function)} {{
{fill(c_type, options.result)}  pixelfly.{op} ins(%a, %b : {a_type}, {b_type})
    outs(%c : {c_type}) pattern {attribute}{tile}""")
low_rank(c_type, element, options.result)
function(c_type, options.result, options.function)
print("  return\n}")

a_type, b_type, c_type = types(wide, wide)
# Row and column of the term in each operand, from row m, and row i, column j of
# block p; "out" and "in" are the matrix row and column that i and j are.
left, right, sum = {
    "forward": ("%a[%m, %in]", "%b[%p, %i, %j]", "%c[%m, %out]"),
    "transposed": ("%a[%m, %out]", "%b[%p, %i, %j]", "%c[%m, %in]"),
    "sddmm": ("%a[%m, %out]", "%b[%m, %in]", "%c[%p, %i, %j]"),
}[kind]
print(f"""memref.global "private" constant @blocks : memref<{count}x2xindex> = dense<[{table}]>
func.func @reference{signature(a_type, b_type, c_type, wide, wide, wide)} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %count = arith.constant {count} : index
  %rows = arith.constant {m} : index
  %block = arith.constant {b} : index
  %table = memref.get_global @blocks : memref<{count}x2xindex>
{fill(c_type, wide)}  scf.for %p = %c0 to %count step %c1 {{
    %row = memref.load %table[%p, %c0] : memref<{count}x2xindex>
    %column = memref.load %table[%p, %c1] : memref<{count}x2xindex>
    %first_row = arith.muli %row, %block : index
    %first_column = arith.muli %column, %block : index
    scf.for %m = %c0 to %rows step %c1 {{
      scf.for %i = %c0 to %block step %c1 {{
        scf.for %j = %c0 to %block step %c1 {{
          %out = arith.addi %first_row, %i : index
          %in = arith.addi %first_column, %j : index
          %l = memref.load {left} : {a_type}
          %r = memref.load {right} : {b_type}
          %s = memref.load {sum} : {c_type}
          %term = arith.mulf %l, %r : f64
          %next = arith.addf %s, %term : f64
          memref.store %next, {sum} : {c_type}
        }}
      }}
    }}
  }}""")
low_rank(c_type, wide, wide)
function(c_type, wide, wide)
print("  return\n}\n}")
