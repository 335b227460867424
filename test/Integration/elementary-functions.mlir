// The polynomials that stand for elementary functions on vectors, against libm
// in double: the largest relative error on a grid must stay below the bound.
// 1.0e-6 is about eight units in the last place of f32.
//
// RUN: pixelfly-opt %s --pixelfly-to-llvm \
// RUN:   | mlir-runner -e main -entry-point-result=void -O3 %runner_libs \
// RUN:   | FileCheck %s

!grid = tensor<4001xf32>
#id = affine_map<(i) -> (i)>

// 4001 points from %lower to %upper.
func.func private @grid(%lower: f32, %upper: f32) -> !grid {
  %empty = tensor.empty() : !grid
  %last = arith.constant 4000.0 : f32
  %range = arith.subf %upper, %lower : f32
  %step = arith.divf %range, %last : f32
  %points = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%empty : !grid) {
  ^bb0(%unused: f32):
    %i = linalg.index 0 : index
    %int = arith.index_cast %i : index to i32
    %float = arith.sitofp %int : i32 to f32
    %offset = arith.mulf %float, %step : f32
    %x = arith.addf %lower, %offset : f32
    linalg.yield %x : f32
  } -> !grid
  return %points : !grid
}

// Prints 1 if |%value - %expected| <= %bound * max(|%expected|, 1e-30) for all.
func.func private @check(%value: !grid, %expected: tensor<4001xf64>, %bound: f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 4001 : index
  %zero = arith.constant 0.0 : f64
  %tiny = arith.constant 1.0e-30 : f64
  %worst = scf.for %i = %c0 to %n step %c1 iter_args(%max = %zero) -> f64 {
    %v = tensor.extract %value[%i] : !grid
    %e = tensor.extract %expected[%i] : tensor<4001xf64>
    %w = arith.extf %v : f32 to f64
    %difference = arith.subf %w, %e : f64
    %absolute = math.absf %difference : f64
    %size = math.absf %e : f64
    %scale = arith.maximumf %size, %tiny : f64
    %relative = arith.divf %absolute, %scale : f64
    %next = arith.maximumf %max, %relative : f64
    scf.yield %next : f64
  }
  %good = arith.cmpf ole, %worst, %bound : f64
  vector.print %good : i1
  return
}

// The value of a function on vectors of f32 (it is a linalg operation), and one
// by one in f64 through libm (it is not).

func.func private @check_exp(%x: !grid) {
  %empty = tensor.empty() : !grid
  %value = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : !grid) outs(%empty : !grid) {
  ^bb0(%a: f32, %unused: f32):
    %f = math.exp %a : f32
    linalg.yield %f : f32
  } -> !grid
  %expected = tensor.generate {
  ^bb0(%i: index):
    %a = tensor.extract %x[%i] : !grid
    %b = arith.extf %a : f32 to f64
    %f = math.exp %b : f64
    tensor.yield %f : f64
  } : tensor<4001xf64>
  %bound = arith.constant 1.0e-6 : f64
  call @check(%value, %expected, %bound) : (!grid, tensor<4001xf64>, f64) -> ()
  return
}

func.func private @check_log(%x: !grid) {
  %empty = tensor.empty() : !grid
  %value = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : !grid) outs(%empty : !grid) {
  ^bb0(%a: f32, %unused: f32):
    %f = math.log %a : f32
    linalg.yield %f : f32
  } -> !grid
  %expected = tensor.generate {
  ^bb0(%i: index):
    %a = tensor.extract %x[%i] : !grid
    %b = arith.extf %a : f32 to f64
    %f = math.log %b : f64
    tensor.yield %f : f64
  } : tensor<4001xf64>
  %bound = arith.constant 1.0e-6 : f64
  call @check(%value, %expected, %bound) : (!grid, tensor<4001xf64>, f64) -> ()
  return
}

func.func private @check_erf(%x: !grid) {
  %empty = tensor.empty() : !grid
  %value = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : !grid) outs(%empty : !grid) {
  ^bb0(%a: f32, %unused: f32):
    %f = math.erf %a : f32
    linalg.yield %f : f32
  } -> !grid
  %expected = tensor.generate {
  ^bb0(%i: index):
    %a = tensor.extract %x[%i] : !grid
    %b = arith.extf %a : f32 to f64
    %f = math.erf %b : f64
    tensor.yield %f : f64
  } : tensor<4001xf64>
  %bound = arith.constant 1.0e-6 : f64
  call @check(%value, %expected, %bound) : (!grid, tensor<4001xf64>, f64) -> ()
  return
}

func.func private @check_tanh(%x: !grid) {
  %empty = tensor.empty() : !grid
  %value = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : !grid) outs(%empty : !grid) {
  ^bb0(%a: f32, %unused: f32):
    %f = math.tanh %a : f32
    linalg.yield %f : f32
  } -> !grid
  %expected = tensor.generate {
  ^bb0(%i: index):
    %a = tensor.extract %x[%i] : !grid
    %b = arith.extf %a : f32 to f64
    %f = math.tanh %b : f64
    tensor.yield %f : f64
  } : tensor<4001xf64>
  %bound = arith.constant 1.0e-6 : f64
  call @check(%value, %expected, %bound) : (!grid, tensor<4001xf64>, f64) -> ()
  return
}

func.func private @check_rsqrt(%x: !grid) {
  %empty = tensor.empty() : !grid
  %value = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : !grid) outs(%empty : !grid) {
  ^bb0(%a: f32, %unused: f32):
    %f = math.rsqrt %a : f32
    linalg.yield %f : f32
  } -> !grid
  %expected = tensor.generate {
  ^bb0(%i: index):
    %a = tensor.extract %x[%i] : !grid
    %b = arith.extf %a : f32 to f64
    %root = math.sqrt %b : f64
    %one = arith.constant 1.0 : f64
    %f = arith.divf %one, %root : f64
    tensor.yield %f : f64
  } : tensor<4001xf64>
  %bound = arith.constant 1.0e-6 : f64
  call @check(%value, %expected, %bound) : (!grid, tensor<4001xf64>, f64) -> ()
  return
}

// What is not a number must stay so: training stops on a loss that is NaN.
func.func private @keeps_nan() {
  %nan = arith.constant 0x7FC00000 : f32
  %empty = tensor.empty() : tensor<4xf32>
  %x = linalg.fill ins(%nan : f32) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
  %value = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%empty : tensor<4xf32>) {
  ^bb0(%a: f32, %unused: f32):
    %exp = math.exp %a : f32
    %erf = math.erf %exp : f32
    %log = math.log %erf : f32
    %max = arith.maximumf %log, %a : f32
    linalg.yield %max : f32
  } -> tensor<4xf32>
  %c0 = arith.constant 0 : index
  %first = tensor.extract %value[%c0] : tensor<4xf32>
  vector.print %first : f32
  return
}

func.func @main() {
  %small = arith.constant 0.001 : f32
  %four = arith.constant 4.0 : f32
  %minus_four = arith.constant -4.0 : f32
  %eighty = arith.constant 80.0 : f32
  %minus_eighty = arith.constant -80.0 : f32

  %wide = call @grid(%minus_eighty, %eighty) : (f32, f32) -> !grid
  %narrow = call @grid(%minus_four, %four) : (f32, f32) -> !grid
  %positive = call @grid(%small, %eighty) : (f32, f32) -> !grid
  // CHECK: 1
  call @check_exp(%wide) : (!grid) -> ()
  // CHECK-NEXT: 1
  call @check_exp(%narrow) : (!grid) -> ()
  // CHECK-NEXT: 1
  call @check_log(%positive) : (!grid) -> ()
  // CHECK-NEXT: 1
  call @check_erf(%narrow) : (!grid) -> ()
  // CHECK-NEXT: 1
  call @check_erf(%wide) : (!grid) -> ()
  // CHECK-NEXT: 1
  call @check_tanh(%narrow) : (!grid) -> ()
  // CHECK-NEXT: 1
  call @check_tanh(%wide) : (!grid) -> ()
  // CHECK-NEXT: 1
  call @check_rsqrt(%positive) : (!grid) -> ()
  // CHECK-NEXT: nan
  call @keeps_nan() : () -> ()
  return
}
