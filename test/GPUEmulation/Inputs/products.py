"""Prints a module with one product, `main`, and the same product in plain f64 loops,
`reference`, over positions of blocks computed here and not by the compiler.

usage: products.py forward|transposed|sddmm bf16|f16|f32 BLOCK GRID ROWS PATTERN

A product is a function of x, w and the result. PATTERN is `butterfly` (flat, radix 2
all the way, a GRID x GRID block grid) or `mask` (uneven, 4 x 4 blocks).
"""

import sys

kind, element, block, grid, rows, pattern = sys.argv[1:]
block, grid, rows = int(block), int(grid), int(rows)
MASK = ["##.#", "#...", "####", "..#."]

if pattern == "butterfly":
    digits = grid.bit_length() - 1
    # The own block first, then one neighbour for each digit.
    positions = [(i, i ^ flip) for i in range(grid)
                 for flip in [0] + [1 << t for t in range(digits)]]
    attribute = (f"#pixelfly.flat_butterfly<rows = {grid * block}, "
                 f"cols = {grid * block}, block = {block}, "
                 f"radices = [{', '.join(['2'] * digits)}], factors = {digits}>")
else:
    grid = len(MASK)
    positions = [(i, j) for i in range(grid) for j in range(grid)
                 if MASK[i][j] == "#"]
    strings = ", ".join(f'"{row}"' for row in MASK)
    attribute = f"#pixelfly.block_mask<block = {block}, mask = [{strings}]>"

count, width = len(positions), grid * block


def types(narrow, wide):
    x = f"memref<{rows}x{width}x{narrow}>"
    if kind == "sddmm":
        return x, x, f"memref<{count}x{block}x{block}x{wide}>"
    return (x, f"memref<{count}x{block}x{block}x{narrow}>",
            f"memref<{rows}x{width}x{wide}>")


a, b, c = types(element, "f32")
op = {"forward": "matmul", "transposed": "matmul transposed", "sddmm": "sddmm"}[kind]
print(f"""module attributes {{dlti.target_system_spec = #dlti.target_system_spec<
  "GPU" = #dlti.target_device_spec<"shared_memory_size_in_bytes" = 167936 : i64>>}} {{
func.func @main(%a: {a}, %b: {b}, %c: {c}) attributes {{llvm.emit_c_interface}} {{
  pixelfly.{op} ins(%a, %b : {a}, {b}) outs(%c : {c}) pattern {attribute}
  return
}}""")

a, b, c = types("f64", "f64")
# Places in the result, the first and the second operand, as functions of the block
# (s, at i, j), the row m and the place (p, q) in the block.
y, first, second = {
    "forward": ("%m, %ip", "%m, %jq", "%s, %p, %q"),
    "transposed": ("%m, %jq", "%m, %ip", "%s, %p, %q"),
    "sddmm": ("%s, %p, %q", "%m, %ip", "%m, %jq"),
}[kind]
rows_of = ", ".join(str(i) for i, _ in positions)
columns_of = ", ".join(str(j) for _, j in positions)
print(f"""
memref.global "private" constant @rows : memref<{count}xindex> = dense<[{rows_of}]>
memref.global "private" constant @columns : memref<{count}xindex> = dense<[{columns_of}]>
func.func @reference(%a: {a}, %b: {b}, %c: {c}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %count = arith.constant {count} : index
  %block = arith.constant {block} : index
  %number = arith.constant {rows} : index
  %rows = memref.get_global @rows : memref<{count}xindex>
  %columns = memref.get_global @columns : memref<{count}xindex>
  scf.for %s = %c0 to %count step %c1 {{
    %i = memref.load %rows[%s] : memref<{count}xindex>
    %j = memref.load %columns[%s] : memref<{count}xindex>
    %ib = arith.muli %i, %block : index
    %jb = arith.muli %j, %block : index
    scf.for %m = %c0 to %number step %c1 {{
      scf.for %p = %c0 to %block step %c1 {{
        %ip = arith.addi %ib, %p : index
        scf.for %q = %c0 to %block step %c1 {{
          %jq = arith.addi %jb, %q : index
          %u = memref.load %a[{first}] : {a}
          %v = memref.load %b[{second}] : {b}
          %uv = arith.mulf %u, %v : f64
          %old = memref.load %c[{y}] : {c}
          %new = arith.addf %old, %uv : f64
          memref.store %new, %c[{y}] : {c}
        }}
      }}
    }}
  }}
  return
}}
}}""")
