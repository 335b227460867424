// RUN: pixelfly-opt %s --pixelfly-cpu-vectorize-elementwise -split-input-file | FileCheck %s

// Row sums: four vectors of partial sums, one horizontal sum at the end, onto
// what the output holds.
// CHECK-LABEL: func.func @rows
// CHECK-SAME:    %[[Y:[a-z0-9]+]]: memref<8xf32>
// CHECK:         scf.for
// CHECK:           %[[SUMS:.*]]:4 = scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-4:     vector.load
// CHECK:           %[[LOW:.*]] = arith.addf %[[SUMS]]#0, %[[SUMS]]#2
// CHECK:           %[[HIGH:.*]] = arith.addf %[[SUMS]]#1, %[[SUMS]]#3
// CHECK:           %[[ALL:.*]] = arith.addf %[[LOW]], %[[HIGH]]
// CHECK:           %[[SUM:.*]] = vector.reduction <add>, %[[ALL]]
// CHECK:           %[[OLD:.*]] = memref.load %[[Y]]
// CHECK:           %[[NEW:.*]] = arith.addf %[[OLD]], %[[SUM]]
// CHECK:           memref.store %[[NEW]], %[[Y]]
func.func @rows(%x: memref<8x256xf32>, %y: memref<8xf32>) {
  linalg.reduce { arith.addf } ins(%x : memref<8x256xf32>)
      outs(%y : memref<8xf32>) dimensions = [1]
  return
}

// -----

// The end of a row does not disturb the maximum.
// CHECK-LABEL: func.func @masked_rows
// CHECK:         %[[LOWEST:.*]] = arith.constant dense<0xFF800000> : vector<16xf32>
// CHECK:         %[[MASK:.*]] = vector.constant_mask [10]
// CHECK:         %[[TERMS:.*]] = vector.maskedload %{{.*}}, %[[MASK]]
// CHECK:         %[[ALL:.*]] = arith.select %[[MASK]], %[[TERMS]], %[[LOWEST]]
// CHECK:         vector.reduction <maximumf>, %[[ALL]]
func.func @masked_rows(%x: memref<8x10xf32>, %y: memref<8xf32>) {
  linalg.reduce { arith.maximumf } ins(%x : memref<8x10xf32>)
      outs(%y : memref<8xf32>) dimensions = [1]
  return
}

// -----

// Column sums: neighbouring columns in the lanes, several vectors a row.
// CHECK-LABEL: func.func @columns
// CHECK:         scf.for
// CHECK-COUNT-4:   vector.load %{{.*}} : memref<64xf32>
// CHECK:           %[[SUMS:.*]]:4 = scf.for
// CHECK-COUNT-4:     vector.load
// CHECK-COUNT-4:   vector.store
// CHECK-NOT:     vector.reduction
func.func @columns(%x: memref<32x64xf32>, %y: memref<64xf32>) {
  linalg.reduce { arith.addf } ins(%x : memref<32x64xf32>)
      outs(%y : memref<64xf32>) dimensions = [0]
  return
}

// -----

// A long sum with one result: threads compute parts, then the parts are summed
// in their order. The number of parts comes from the shape.
// CHECK-LABEL: func.func @norm
// CHECK:         %[[PARTS:.*]] = memref.alloc() {alignment = 64 : i64} : memref<32xf32>
// CHECK:         scf.parallel (%[[PART:.*]]) =
// CHECK:           scf.for
// CHECK:           memref.store %{{.*}}, %{{.*}}[%[[PART]]]
// CHECK:         vector.load %{{.*}} : memref<32xf32>, vector<16xf32>
// CHECK:         vector.reduction <add>
// CHECK:         memref.dealloc %[[PARTS]]
func.func @norm(%x: memref<1048576xf32>, %y: memref<f32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>],
                  iterator_types = ["reduction"]}
      ins(%x : memref<1048576xf32>) outs(%y : memref<f32>) {
  ^bb0(%a: f32, %sum: f32):
    %square = arith.mulf %a, %a : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  }
  return
}

// -----

// A product with one element, as the gradient of a mixing scalar is: a
// reduction over both operands.
// CHECK-LABEL: func.func @scalar_gradient
// CHECK:         %[[SUM:.*]] = scf.for
// CHECK:           vector.load
// CHECK:           vector.load
// CHECK:           arith.mulf %{{.*}} : vector<16xf32>
// CHECK:         vector.reduction <add>
// CHECK-NOT:     memref.load %{{.*}} : memref<8x256xf32>
func.func @scalar_gradient(%x: memref<8x256xf32>, %dy: memref<8x256xf32>,
                           %y: memref<f32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
                                   affine_map<(i, j) -> (i, j)>,
                                   affine_map<(i, j) -> ()>],
                  iterator_types = ["reduction", "reduction"]}
      ins(%x, %dy : memref<8x256xf32>, memref<8x256xf32>) outs(%y : memref<f32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %product = arith.mulf %a, %b : f32
    %next = arith.addf %sum, %product : f32
    linalg.yield %next : f32
  }
  return
}

// -----

// Lanes follow the module's target.
// CHECK-LABEL: func.func @narrow
// CHECK:         vector.load %{{.*}}, vector<8xf32>
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_width_in_bits" = 256 : i64>>} {
  func.func @narrow(%x: memref<8x256xf32>, %y: memref<8xf32>) {
    linalg.reduce { arith.addf } ins(%x : memref<8x256xf32>)
        outs(%y : memref<8xf32>) dimensions = [1]
    return
  }
}
