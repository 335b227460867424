// RUN: pixelfly-opt %s --pixelfly-cpu-vectorize-elementwise=remarks -split-input-file -verify-diagnostics | FileCheck %s

// What has no form on vectors runs as scalar loops, and a remark says why.

// CHECK-LABEL: func.func @dynamic
// CHECK:         memref.load
// CHECK:         memref.store
func.func @dynamic(%x: memref<?xf32>, %y: memref<?xf32>) {
  // expected-remark @+1 {{has a dynamic shape, so it runs as scalar loops}}
  linalg.copy ins(%x : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// -----

// CHECK-LABEL: func.func @unknown_strides
// CHECK:         memref.store
func.func @unknown_strides(%x: memref<8xf32, strided<[?], offset: ?>>, %y: memref<8xf32>) {
  // expected-remark @+1 {{has an operand whose strides are not known at compile time}}
  linalg.copy ins(%x : memref<8xf32, strided<[?], offset: ?>>) outs(%y : memref<8xf32>)
  return
}

// -----

// CHECK-LABEL: func.func @bits
// CHECK:         memref.store
func.func @bits(%x: memref<32xi1>, %y: memref<32xi1>) {
  // expected-remark @+1 {{has an operand of i1}}
  linalg.copy ins(%x : memref<32xi1>) outs(%y : memref<32xi1>)
  return
}

// -----

// CHECK-LABEL: func.func @complex
// CHECK:         memref.store
func.func @complex(%x: memref<32xcomplex<f32>>, %y: memref<32xcomplex<f32>>) {
  // expected-remark @+1 {{has an operand whose elements are not plain numbers}}
  linalg.copy ins(%x : memref<32xcomplex<f32>>) outs(%y : memref<32xcomplex<f32>>)
  return
}

// -----

// CHECK-LABEL: func.func @lookup
// CHECK:         memref.store
func.func @lookup(%table: memref<8xf32>, %x: memref<32xindex>, %y: memref<32xf32>) {
  // expected-remark @+1 {{contains 'memref.load', which has no form on vectors}}
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      ins(%x : memref<32xindex>) outs(%y : memref<32xf32>) {
  ^bb0(%at: index, %unused: f32):
    %value = memref.load %table[%at] : memref<8xf32>
    linalg.yield %value : f32
  }
  return
}

// -----

// CHECK-LABEL: func.func @folded_index
// CHECK:         memref.store
func.func @folded_index(%x: memref<4xf32>, %y: memref<32xf32>) {
  // expected-remark @+1 {{has an indexing map that is not linear}}
  linalg.generic {indexing_maps = [affine_map<(i) -> (i floordiv 8)>, affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      ins(%x : memref<4xf32>) outs(%y : memref<32xf32>) {
  ^bb0(%a: f32, %unused: f32):
    linalg.yield %a : f32
  }
  return
}

// -----

// Alternating signs: not a combination of terms in any order. The remaining
// dimension is no help, for there is none.
// CHECK-LABEL: func.func @ordered
// CHECK:         memref.store
func.func @ordered(%x: memref<32xf32>, %y: memref<f32>) {
  // expected-remark @+1 {{reduces in a way that has no form on vectors}}
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>],
                  iterator_types = ["reduction"]}
      ins(%x : memref<32xf32>) outs(%y : memref<f32>) {
  ^bb0(%a: f32, %sum: f32):
    %next = arith.subf %a, %sum : f32
    linalg.yield %next : f32
  }
  return
}

// -----

// The dead lanes of the last vector would divide by zero.
// CHECK-LABEL: func.func @integer_division
// CHECK:         arith.divsi %{{.*}} : i32
func.func @integer_division(%x: memref<5xi32>, %y: memref<5xi32>) {
  // expected-remark @+1 {{contains 'arith.divsi', which may trap on values that are not there}}
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      ins(%x : memref<5xi32>) outs(%y : memref<5xi32>) {
  ^bb0(%a: i32, %b: i32):
    %q = arith.divsi %b, %a : i32
    linalg.yield %q : i32
  }
  return
}
