"""Prints a module with a function per product, element type and block size, and
for each an uneven pattern and a number of rows that no tile divides; then dense
products, and layers with a bias and a low-rank term.

usage: all-products.py sm_80|sm_90a
"""

import sys

# Shared memory, multiprocessors, matrix unit; rows that give each of them work.
SHARED, CORES, MATRIX, ROWS = {"sm_80": (167936, 108, "16, 8, 16", 512),
                               "sm_90a": (233472, 132, "64, 256, 16", 8192)}[sys.argv[1]]
GPU = (f'"GPU" = #dlti.target_device_spec<"shared_memory_size_in_bytes" = {SHARED} : '
       f'i64, "num_cores" = {CORES} : i64, "matrix_tile" = array<i64: {MATRIX}>>')
MASK = ["##.#", "#...", "####", "..#."]


def product(name, kind, element, block, rows, pattern, grid, blocks):
    # Input gradients go from the pattern's rows to its columns; the grids here
    # are square.
    x = f"memref<{rows}x{grid * block}x{element}>"
    y = f"memref<{rows}x{grid * block}xf32>"
    w = f"memref<{blocks}x{block}x{block}x{element}>"
    if kind == "sddmm":
        operands, op = (x, x, f"memref<{blocks}x{block}x{block}xf32>"), "sddmm"
    else:
        operands = (x, w, y)
        op = "matmul" if kind == "forward" else "matmul transposed"
    a, b, c = operands
    print(f"""func.func @{name}(%a: {a}, %b: {b}, %c: {c}) {{
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : {c})
  pixelfly.{op} ins(%a, %b : {a}, {b}) outs(%c : {c}) pattern {pattern}
  return
}}""")


def layer(name, kind, element, block, rank):
    """A product on a butterfly with a bias and a low-rank term."""
    size = 8 * block
    pattern = (f"#pixelfly.flat_butterfly<rows = {size}, cols = {size}, "
               f"block = {block}, radices = [2, 2, 2], factors = 3>")
    x, y = f"memref<{ROWS}x{size}x{element}>", f"memref<{ROWS}x{size}xf32>"
    w, row = f"memref<32x{block}x{block}x{element}>", f"memref<{size}xf32>"
    h, u = f"memref<{ROWS}x{rank}x{element}>", f"memref<{size}x{rank}x{element}>"
    op = "matmul" if kind == "forward" else "matmul transposed"
    wide = "" if element == "f32" else f"""
    %av = arith.extf %a : {element} to f32
    %bv = arith.extf %b : {element} to f32"""
    factors = "%av, %bv" if wide else "%a, %b"
    print(f"""func.func @{name}(%x: {x}, %w: {w}, %y: {y}, %h: {h}, %u: {u}, %row: {row}) {{
  linalg.generic {{indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}} ins(%row : {row}) outs(%y : {y}) {{
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }}
  pixelfly.{op} ins(%x, %w : {x}, {w}) outs(%y : {y}) pattern {pattern}
  linalg.generic {{indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>,
      affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]}}
      ins(%h, %u : {h}, {u}) outs(%y : {y}) {{
  ^bb0(%a: {element}, %b: {element}, %c: f32):{wide}
    %p = arith.mulf {factors} : f32
    %s = arith.addf %c, %p : f32
    linalg.yield %s : f32
  }}
  return
}}""")


print(f"module attributes {{dlti.target_system_spec = "
      f"#dlti.target_system_spec<{GPU}>}} {{")
for kind in ("forward", "transposed", "sddmm"):
    for element in ("bf16", "f16", "f32"):
        for block in (16, 32, 64, 128):
            size = 8 * block
            butterfly = (f"#pixelfly.flat_butterfly<rows = {size}, cols = {size}, "
                         f"block = {block}, radices = [2, 2, 2], factors = 3>")
            product(f"{kind}_{element}_{block}", kind, element, block, ROWS,
                    butterfly, 8, 32)
            strings = ", ".join(f'"{row}"' for row in MASK)
            mask = f"#pixelfly.block_mask<block = {block}, mask = [{strings}]>"
            product(f"{kind}_{element}_{block}_uneven", kind, element, block, 331,
                    mask, 4, 9)


def dense(name, maps, loops, kinds, shapes):
    a, b, c = (f"memref<{shape}xf32>" for shape in shapes)
    maps = ", ".join(f"affine_map<({loops}) -> ({map})>" for map in maps)
    kinds = ", ".join('"parallel"' if kind == "p" else '"reduction"' for kind in kinds)
    print(f"""func.func @{name}(%a: {a}, %b: {b}, %c: {c}) {{
  linalg.generic {{indexing_maps = [{maps}], iterator_types = [{kinds}]}}
    ins(%a, %b : {a}, {b}) outs(%c : {c}) {{
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %z, %p : f32
    linalg.yield %s : f32
  }}
  return
}}""")


# A layer, its gradients and mixed tokens, large and small.
for m, n, k in ((8192, 1024, 784), (64, 10, 512)):
    dense(f"layer_{n}", ("i, k", "j, k", "i, j"), "i, j, k", "ppr",
          (f"{m}x{k}", f"{n}x{k}", f"{m}x{n}"))
    dense(f"input_{n}", ("i, k", "k, j", "i, j"), "i, j, k", "ppr",
          (f"{m}x{n}", f"{n}x{k}", f"{m}x{k}"))
    dense(f"weight_{n}", ("k, i", "k, j", "i, j"), "i, j, k", "ppr",
          (f"{m}x{n}", f"{m}x{k}", f"{n}x{k}"))
dense("tokens", ("o, t", "b, t, c", "b, o, c"), "b, o, c, t", "pppr",
      ("384x196", "32x196x768", "32x384x768"))
dense("tokens_weight", ("b, o, c", "b, t, c", "o, t"), "o, t, b, c", "pprr",
      ("32x384x768", "32x196x768", "384x196"))
for kind in ("forward", "transposed"):
    for element in ("bf16", "f32"):
        for block in (32, 64, 128):
            layer(f"layer_{kind}_{element}_{block}", kind, element, block, 64)
print("}")
