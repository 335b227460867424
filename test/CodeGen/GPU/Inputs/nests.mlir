// Operations of every class of kernel, with sizes that do not divide anything.

#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>
#transposed = affine_map<(d0, d1) -> (d1, d0)>
#none2 = affine_map<(d0, d1) -> ()>
#id1 = affine_map<(d0) -> (d0)>
#none1 = affine_map<(d0) -> ()>
#none = affine_map<() -> ()>

// Vectors of four; a transposed operand, broadcasts, elementary functions.
func.func @elementwise(%x: memref<37x44xf32>, %t: memref<44x37xf32>, %r: memref<37xf32>, %c: memref<44xf32>,
                       %y: memref<37x44xf32>) {
  linalg.generic {indexing_maps = [#id2, #transposed, #row, #column, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%x, %t, %r, %c : memref<37x44xf32>, memref<44x37xf32>, memref<37xf32>, memref<44xf32>)
      outs(%y : memref<37x44xf32>) {
  ^bb0(%a: f32, %b: f32, %d: f32, %e: f32, %out: f32):
    %0 = math.erf %a : f32
    %1 = math.exp %b : f32
    %2 = math.tanh %d : f32
    %3 = arith.mulf %e, %e : f32
    %4 = math.rsqrt %3 : f32
    %5 = arith.addf %0, %1 : f32
    %6 = arith.mulf %5, %2 : f32
    %7 = arith.mulf %6, %4 : f32
    linalg.yield %7 : f32
  }
  return
}

// One element a thread; the indices and the old value count.
func.func @in_place(%x: memref<7x13xf32>, %y: memref<7x13xf32>, %z: memref<7x13xf32>) {
  linalg.generic {indexing_maps = [#id2, #id2, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<7x13xf32>) outs(%y, %z : memref<7x13xf32>, memref<7x13xf32>) {
  ^bb0(%a: f32, %out: f32, %out2: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = arith.muli %i, %j : index
    %l = arith.index_cast %k : index to i32
    %m = arith.sitofp %l : i32 to f32
    %0 = arith.addf %a, %m : f32
    %1 = arith.mulf %out, %0 : f32
    linalg.yield %1, %m : f32, f32
  }
  return
}

// A warp for each row. The output has old contents.
func.func @rows(%x: memref<13x100xf32>, %y: memref<13xf32>) {
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<13x100xf32>) outs(%y : memref<13xf32>) {
  ^bb0(%a: f32, %out: f32):
    %0 = arith.mulf %a, %a : f32
    %1 = arith.addf %out, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// A thread block for each row; two results, no sum among them.
func.func @long_rows(%x: memref<3x1500xf32>, %y: memref<3xf32>, %z: memref<3xf32>) {
  %lowest = arith.constant 0xFF800000 : f32
  linalg.fill ins(%lowest : f32) outs(%y : memref<3xf32>)
  linalg.generic {indexing_maps = [#id2, #row, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<3x1500xf32>) outs(%y, %z : memref<3xf32>, memref<3xf32>) {
  ^bb0(%a: f32, %out: f32, %out2: f32):
    %0 = arith.maximumf %out, %a : f32
    %1 = arith.addf %out2, %a : f32
    linalg.yield %0, %1 : f32, f32
  }
  return
}

// Columns, their terms shared by eight threads.
func.func @columns(%x: memref<90x37xf32>, %y: memref<37xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<37xf32>)
  linalg.generic {indexing_maps = [#id2, #column], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<90x37xf32>) outs(%y : memref<37xf32>) {
  ^bb0(%a: f32, %out: f32):
    %0 = arith.addf %out, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// Everything, shared by several thread blocks.
func.func @everything(%x: memref<9x1371xf32>, %y: memref<f32>) {
  linalg.generic {indexing_maps = [#id2, #none2], iterator_types = ["reduction", "reduction"]}
      ins(%x : memref<9x1371xf32>) outs(%y : memref<f32>) {
  ^bb0(%a: f32, %out: f32):
    %0 = arith.mulf %a, %a : f32
    %1 = arith.addf %out, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// Columns, shared by several thread blocks.
func.func @tall_columns(%x: memref<700x10xf32>, %y: memref<10xf32>) {
  linalg.generic {indexing_maps = [#id2, #column], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<700x10xf32>) outs(%y : memref<10xf32>) {
  ^bb0(%a: f32, %out: f32):
    %0 = arith.addf %out, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// No tree: the terms are combined in their order, by one thread.
func.func @in_order(%x: memref<5x70xf32>, %y: memref<5xf32>) {
  %half = arith.constant 0.5 : f32
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<5x70xf32>) outs(%y : memref<5xf32>) {
  ^bb0(%a: f32, %out: f32):
    %0 = arith.mulf %out, %half : f32
    %1 = arith.addf %0, %a : f32
    linalg.yield %1 : f32
  }
  return
}

// A lookup, and its gradient: rows added to those of a table.
func.func @lookup(%table: memref<4x33xf32>, %places: memref<6xi32>, %y: memref<6x33xf32>) {
  linalg.generic {indexing_maps = [#row, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%places : memref<6xi32>) outs(%y : memref<6x33xf32>) {
  ^bb0(%place: i32, %out: f32):
    %j = linalg.index 1 : index
    %i = arith.index_cast %place : i32 to index
    %0 = memref.load %table[%i, %j] : memref<4x33xf32>
    linalg.yield %0 : f32
  }
  return
}

func.func @add_rows(%places: memref<6xi32>, %x: memref<6x33xf32>, %table: memref<4x33xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  scf.for %n = %c0 to %c6 step %c1 {
    %place = memref.load %places[%n] : memref<6xi32>
    %i = arith.index_cast %place : i32 to index
    %from = memref.subview %x[%n, 0] [1, 33] [1, 1] : memref<6x33xf32> to memref<33xf32, strided<[1], offset: ?>>
    %to = memref.subview %table[%i, 0] [1, 33] [1, 1] : memref<4x33xf32> to memref<33xf32, strided<[1], offset: ?>>
    linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
        ins(%from : memref<33xf32, strided<[1], offset: ?>>) outs(%to : memref<33xf32, strided<[1], offset: ?>>) {
    ^bb0(%a: f32, %out: f32):
      %0 = arith.addf %out, %a : f32
      linalg.yield %0 : f32
    }
  }
  return
}

// Scalars of the host, a power in f64 among them, and a constant tensor.
memref.global "private" constant @weights : memref<3xf32> = dense<[0.5, -1.25, 3.0]>

func.func @scalars(%step: memref<f32>, %x: memref<9x3xf32>, %y: memref<9x3xf32>, %s: memref<f32>) {
  %beta = arith.constant 0.999 : f64
  %one = arith.constant 1.0 : f64
  %hundred = arith.constant 100.0 : f64
  %weights = memref.get_global @weights : memref<3xf32>
  %0 = memref.load %step[] : memref<f32>
  %1 = arith.extf %0 : f32 to f64
  %2 = arith.addf %1, %hundred : f64
  %3 = math.powf %beta, %2 : f64
  %4 = arith.subf %one, %3 : f64
  %5 = arith.truncf %4 : f64 to f32
  memref.store %5, %s[] : memref<f32>
  linalg.generic {indexing_maps = [#id2, #column, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%x, %weights : memref<9x3xf32>, memref<3xf32>) outs(%y : memref<9x3xf32>) {
  ^bb0(%a: f32, %w: f32, %out: f32):
    %6 = arith.mulf %a, %w : f32
    %7 = arith.divf %6, %5 : f32
    linalg.yield %7 : f32
  }
  return
}

// Slices, and a copy between them.
func.func @slices(%x: memref<8x12xf32>, %y: memref<8x16xf32>) {
  %from = memref.subview %x[0, 4] [8, 8] [1, 1] : memref<8x12xf32> to memref<8x8xf32, strided<[12, 1], offset: 4>>
  %to = memref.subview %y[0, 3] [8, 8] [1, 1] : memref<8x16xf32> to memref<8x8xf32, strided<[16, 1], offset: 3>>
  memref.copy %from, %to : memref<8x8xf32, strided<[12, 1], offset: 4>> to memref<8x8xf32, strided<[16, 1], offset: 3>>
  return
}

// bf16 in and out.
func.func @narrow(%x: memref<10x24xbf16>, %y: memref<10x24xbf16>) {
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<10x24xbf16>) outs(%y : memref<10x24xbf16>) {
  ^bb0(%a: bf16, %out: bf16):
    %0 = arith.extf %a : bf16 to f32
    %1 = arith.mulf %0, %0 : f32
    %2 = arith.truncf %1 : f32 to bf16
    linalg.yield %2 : bf16
  }
  return
}

// Powers of constants in f64: between 1/2 and 2, and between 1e-30 and 1e30.
func.func @powers(%x: memref<100xf64>, %near: memref<100xf64>, %far: memref<100xf64>) {
  %scale = arith.constant 690.0 : f64
  %close = arith.constant 0.999 : f64
  %tenth = arith.constant 0.9 : f64
  linalg.generic {indexing_maps = [#id1, #id1, #id1], iterator_types = ["parallel"]}
      ins(%x : memref<100xf64>) outs(%near, %far : memref<100xf64>, memref<100xf64>) {
  ^bb0(%a: f64, %out: f64, %out2: f64):
    %0 = arith.mulf %a, %scale : f64
    %1 = math.powf %close, %0 : f64
    %2 = math.powf %tenth, %0 : f64
    linalg.yield %1, %2 : f64, f64
  }
  return
}
