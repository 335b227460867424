"""Prints a kernel for one block that multiplies A (64 x k) by B (k x n) with wgmma,
and `reference`, the same in plain f64 loops.

usage: wgmma.py TYPE SWIZZLE N k|n [FAULT]

TYPE is bf16, f16 or f32 (tf32). With SWIZZLE 128, 64 or 32 (bytes) the operands come
by TMA, k as long as a row of the swizzle; with 0 each thread stores a part. B lies
k-major (n x k) or n-major (k x n, swizzle 128 only). FAULT leaves something out:
`fence` (between the stores and the product), `wait` (for the copies) or `reuse`
(copies over an operand before the product is done with it).
"""

import sys

type_, swizzle, n, major = sys.argv[1:5]
fault = sys.argv[5] if len(sys.argv) > 5 else ""
swizzle, n = int(swizzle), int(n)
size = 4 if type_ == "f32" else 2
ptx = "tf32" if type_ == "f32" else type_
per_unit = 16 // size
step = 32 // size
k = swizzle // size if swizzle else step
n_major = major == "n"
assert not n_major or (swizzle == 128 and size == 2)

registers = n // 2
struct = f"!llvm.struct<({', '.join(['f32'] * registers)})>"
bytes_a, bytes_b = 64 * k * size, n * k * size
a = f"memref<64x{k}x{type_}>"
b = f"memref<{k}x{n}x{type_}>" if n_major else f"memref<{n}x{k}x{type_}>"
d = f"memref<64x{n}xf32>"
boxes_b = n // 64 if n_major else 1
box_b = (k, 64) if n_major else (n, k)

print(f"""module attributes {{gpu.container_module}} {{
gpu.module @kernels {{
llvm.mlir.global internal @operands() {{addr_space = 3 : i32, alignment = 1024 : i64}} : !llvm.array<{bytes_a + bytes_b} x i8>
llvm.mlir.global internal @barrier() {{addr_space = 3 : i32, alignment = 8 : i64}} : i64
llvm.func @multiply(%mapA: !llvm.ptr, %mapB: !llvm.ptr, %a: !llvm.ptr, %b: !llvm.ptr, %d: !llvm.ptr) attributes {{gpu.kernel, nvvm.kernel}} {{
  %thread = nvvm.read.ptx.sreg.tid.x : i32
  %shared = llvm.mlir.addressof @operands : !llvm.ptr<3>
  %sharedB = llvm.getelementptr %shared[{bytes_a}] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8
  %barrier = llvm.mlir.addressof @barrier : !llvm.ptr<3>""")
for i in sorted({0, 1, 2, 3, 4, 7, 8, 16, 32, 64, 128, n, 1000, bytes_a + bytes_b}):
    print(f"  %c{i} = llvm.mlir.constant({i} : i32) : i32")
if swizzle:
    print("""  %first = llvm.icmp "eq" %thread, %c0 : i32
  nvvm.mbarrier.init %barrier, %c1, predicate = %first : !llvm.ptr<3>, i32, i1
  nvvm.barrier0""")
    print(f"  nvvm.mbarrier.arrive.expect_tx %barrier, %c{bytes_a + bytes_b}, "
          "predicate = %first : !llvm.ptr<3>, i32, i1")
    load = "nvvm.cp.async.bulk.tensor.shared.cluster.global"
    print(f"  {load} %shared, %mapA, %barrier, box[%c0, %c0] predicate = %first "
          ": !llvm.ptr<3>, !llvm.ptr")
    for i in range(boxes_b):
        print(f"  %to{i} = llvm.getelementptr %sharedB[{i * k * 128}] : (!llvm.ptr<3>) -> !llvm.ptr<3>, i8")
        print(f"  {load} %to{i}, %mapB, %barrier, box[%c{64 * i}, %c0] "
              "predicate = %first : !llvm.ptr<3>, !llvm.ptr")
    if fault != "wait":
        print("  nvvm.mbarrier.try_wait.parity %barrier, %c0, %c1000 : !llvm.ptr<3>, i32, i32")
else:
    # Thread t copies the unit of row t % 64 and column t / 64 of both.
    assert n == 64
    unit = f"vector<{per_unit}x{type_}>"
    print(f"""  %row = llvm.urem %thread, %c64 : i32
  %column = llvm.udiv %thread, %c64 : i32
  %inCore = llvm.urem %row, %c8 : i32
  %core = llvm.udiv %row, %c8 : i32
  %source0 = llvm.mul %row, %c2 : i32
  %source = llvm.add %source0, %column : i32
  %target0 = llvm.mul %core, %c8 : i32
  %target1 = llvm.mul %column, %c64 : i32
  %target2 = llvm.add %target0, %target1 : i32
  %target = llvm.add %target2, %inCore : i32""")
    for name, base in (("a", "shared"), ("b", "sharedB")):
        print(f"""  %from_{name} = llvm.getelementptr %{name}[%source] : (!llvm.ptr, i32) -> !llvm.ptr, {unit}
  %unit_{name} = llvm.load %from_{name} : !llvm.ptr -> {unit}
  %to_{name} = llvm.getelementptr %{base}[%target] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, {unit}
  llvm.store %unit_{name}, %to_{name} : {unit}, !llvm.ptr<3>""")
    if fault != "fence":
        print("  nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}")
    print("  nvvm.barrier0")

swizzle_code = {0: 0, 128: 1, 64: 2, 32: 3}[swizzle]


def descriptor(name, base, leading, stride, advance):
    bits = swizzle_code << 62 | stride >> 4 << 32 | leading >> 4 << 16
    bits -= 1 << 64 if bits >> 63 else 0
    print(f"""  %{name}address = llvm.ptrtoint %{base} : !llvm.ptr<3> to i64
  %{name}four = llvm.mlir.constant(4 : i64) : i64
  %{name}start = llvm.lshr %{name}address, %{name}four : i64
  %{name}bits = llvm.mlir.constant({bits} : i64) : i64
  %{name}0 = llvm.or %{name}start, %{name}bits : i64""")
    for i in range(1, k // step):
        print(f"""  %{name}step{i} = llvm.mlir.constant({i * advance >> 4} : i64) : i64
  %{name}{i} = llvm.add %{name}0, %{name}step{i} : i64""")


descriptor("da", "shared", 1024, 8 * swizzle if swizzle else 128, 32)
if n_major:
    descriptor("db", "sharedB", k * 128, 1024, 2048)
else:
    descriptor("db", "sharedB", 1024, 8 * swizzle if swizzle else 128, 32)
print(f"  %d0 = llvm.mlir.poison : {struct}\n  nvvm.wgmma.fence.aligned")
for i in range(k // step):
    print(f"""  %d{i + 1} = nvvm.wgmma.mma_async %da{i}, %db{i}, %d{i}, #nvvm.shape<m = 64, n = {n}, k = {step}>,
    D [<f32>, #nvvm.wgmma_scale_out<{'one' if i else 'zero'}>], A [<{ptx}>, #nvvm.wgmma_scale_in<one>, <row>],
    B [<{ptx}>, #nvvm.wgmma_scale_in<one>, <{'row' if n_major else 'col'}>] : {struct} -> {struct}""")
print("  nvvm.wgmma.commit.group.sync.aligned")
if fault == "reuse":
    print("""  %zero = llvm.mlir.constant(0 : i32) : i32
  %over = llvm.getelementptr %shared[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
  llvm.store %zero, %over : i32, !llvm.ptr<3>""")
last = k // step
print(f"""  nvvm.wgmma.wait.group.sync.aligned 0
  %warp = llvm.udiv %thread, %c32 : i32
  %lane = llvm.urem %thread, %c32 : i32
  %group = llvm.udiv %lane, %c4 : i32
  %inGroup = llvm.urem %lane, %c4 : i32
  %rows = llvm.mul %warp, %c16 : i32
  %row0 = llvm.add %rows, %group : i32
  %column0 = llvm.mul %inGroup, %c2 : i32
  %place0 = llvm.mul %row0, %c{n} : i32
  %place = llvm.add %place0, %column0 : i32
  %to = llvm.getelementptr %d[%place] : (!llvm.ptr, i32) -> !llvm.ptr, f32""")
for i in range(registers):
    offset = i // 4 * 8 + i % 2 + (i // 2 % 2) * 8 * n
    print(f"""  %r{i} = llvm.extractvalue %d{last}[{i}] : {struct}
  %p{i} = llvm.getelementptr %to[{offset}] : (!llvm.ptr) -> !llvm.ptr, f32
  llvm.store %r{i}, %p{i} : f32, !llvm.ptr""")
print("  llvm.return\n}\n}")

# Host.
types = {"bf16": 9, "f16": 6, "f32": 11}
swizzles = {0: 0, 32: 1, 64: 2, 128: 3}
unranked = f"memref<*x{type_}>"
print(f"""func.func private @mgpuTensorMapEncodeTiledMemref({unranked}, i32, i32, i32, i32, i32, !llvm.ptr) -> !llvm.ptr
func.func @main(%a: {a}, %b: {b}, %d: {d}) {{
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %none = arith.constant 0 : i32
  %type = arith.constant {types[type_]} : i32
  %swizzle = arith.constant {swizzles[swizzle]} : i32
  %null = llvm.mlir.zero : !llvm.ptr""")
maps = ("null", "null")
if swizzle:
    maps = ("mapA", "mapB")
    for name, memref, box, source in (("A", a, (64, k), "a"), ("B", b, box_b, "b")):
        print(f"""  %box{name} = memref.alloca() : memref<2xi64>
  %outer{name} = arith.constant {box[0]} : i64
  %inner{name} = arith.constant {box[1]} : i64
  %zero{name} = arith.constant 0 : index
  memref.store %outer{name}, %box{name}[%zero{name}] : memref<2xi64>
  memref.store %inner{name}, %box{name}[%c1] : memref<2xi64>
  %index{name} = memref.extract_aligned_pointer_as_index %box{name} : memref<2xi64> -> index
  %word{name} = arith.index_cast %index{name} : index to i64
  %pointer{name} = llvm.inttoptr %word{name} : i64 to !llvm.ptr
  %unranked{name} = memref.cast %{source} : {memref} to {unranked}
  %map{name} = func.call @mgpuTensorMapEncodeTiledMemref(%unranked{name}, %type, %none, %swizzle, %none, %none, %pointer{name}) : ({unranked}, i32, i32, i32, i32, i32, !llvm.ptr) -> !llvm.ptr""")
print(f"""  gpu.launch_func @kernels::@multiply blocks in (%c1, %c1, %c1) threads in (%c128, %c1, %c1)
    args(%{maps[0]} : !llvm.ptr, %{maps[1]} : !llvm.ptr, %a : {a}, %b : {b}, %d : {d})
  return
}}""")
wide = lambda text: text.replace(f"x{type_}>", "xf64>").replace("xf32>", "xf64>")
element = "%l, %j" if n_major else "%j, %l"
print(f"""func.func @reference(%a: {wide(a)}, %b: {wide(b)}, %d: {wide(d)}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = arith.constant 64 : index
  %n = arith.constant {n} : index
  %k = arith.constant {k} : index
  %zero = arith.constant 0.0 : f64
  scf.for %i = %c0 to %m step %c1 {{
    scf.for %j = %c0 to %n step %c1 {{
      %sum = scf.for %l = %c0 to %k step %c1 iter_args(%old = %zero) -> f64 {{
        %x = memref.load %a[%i, %l] : {wide(a)}
        %y = memref.load %b[{element}] : {wide(b)}
        %xy = arith.mulf %x, %y : f64
        %new = arith.addf %old, %xy : f64
        scf.yield %new : f64
      }}
      memref.store %sum, %d[%i, %j] : {wide(d)}
    }}
  }}
  return
}}
}}""")
