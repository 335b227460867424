// RUN: pixelfly-opt %s --pixelfly-cpu-vectorize-elementwise -split-input-file | FileCheck %s

// Dimensions that every operand steps through as one become one loop; what is
// the same for all lanes is loaded before it.
// CHECK-LABEL: func.func @one_loop
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<4x32xf32>, %[[S:[a-z0-9]+]]: memref<f32>
// CHECK-DAG:     %[[FLAT_X:.*]] = memref.reinterpret_cast %[[X]] {{.*}} to memref<128xf32>
// CHECK-DAG:     %[[FLAT_Y:.*]] = memref.reinterpret_cast %{{.*}} to memref<128xf32>
// CHECK:         %[[SCALE:.*]] = memref.load
// CHECK:         scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step %{{.*}} {
// CHECK-NOT:       scf.for
// CHECK:           %[[A:.*]] = vector.load %[[FLAT_X]][%[[I]]] : memref<128xf32>, vector<16xf32>
// CHECK:           %[[B:.*]] = vector.broadcast %[[SCALE]] : f32 to vector<16xf32>
// CHECK:           %[[P:.*]] = arith.mulf %[[A]], %[[B]] : vector<16xf32>
// CHECK:           vector.store %[[P]], %[[FLAT_Y]][%[[I]]]
func.func @one_loop(%x: memref<4x32xf32>, %s: memref<f32>, %y: memref<4x32xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
                                   affine_map<(i, j) -> ()>,
                                   affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x, %s : memref<4x32xf32>, memref<f32>) outs(%y : memref<4x32xf32>) {
  ^bb0(%a: f32, %b: f32, %unused: f32):
    %p = arith.mulf %a, %b : f32
    linalg.yield %p : f32
  }
  return
}

// -----

// The end of a row is masked.
// CHECK-LABEL: func.func @masked_end
// CHECK:         scf.for
// CHECK:           vector.load
// CHECK:         %[[MASK:.*]] = vector.constant_mask [5] : vector<16xi1>
// CHECK:         vector.maskedload %{{.*}}, %[[MASK]]
// CHECK:         vector.maskedstore %{{.*}}, %[[MASK]]
// CHECK-NOT:     memref.store
func.func @masked_end(%x: memref<37xf32>, %y: memref<37xf32>) {
  linalg.copy ins(%x : memref<37xf32>) outs(%y : memref<37xf32>)
  return
}

// -----

// A transpose gathers, along the dimension that leaves the store contiguous,
// and walks along the cache lines it has fetched.
// CHECK-LABEL: func.func @transpose
// CHECK:         scf.for
// CHECK:           scf.for
// CHECK:             vector.gather
// CHECK:             vector.store
func.func @transpose(%x: memref<32x64xf32>, %y: memref<64x32xf32>) {
  linalg.transpose ins(%x : memref<32x64xf32>) outs(%y : memref<64x32xf32>)
      permutation = [1, 0]
  return
}

// -----

// An index is a vector along its own dimension only.
// CHECK-LABEL: func.func @index
// CHECK:         scf.for %[[I:[a-z0-9]+]]
// CHECK:           arith.index_cast %[[I]] : index to i32
// CHECK:           scf.for %[[J:[a-z0-9]+]]
// CHECK:             %[[STEP:.*]] = vector.step : vector<16xindex>
// CHECK:             %[[BASE:.*]] = vector.broadcast %[[J]] : index to vector<16xindex>
// CHECK:             arith.addi %[[BASE]], %[[STEP]]
func.func @index(%y: memref<4x32xi32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
      outs(%y : memref<4x32xi32>) {
  ^bb0(%unused: i32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %a = arith.index_cast %i : index to i32
    %b = arith.index_cast %j : index to i32
    %c = arith.muli %a, %b : i32
    linalg.yield %c : i32
  }
  return
}

// -----

// Several outputs, each also read: an update in place.
// CHECK-LABEL: func.func @update
// CHECK-SAME:    (%[[G:[a-z0-9]+]]: memref<64xf32>, %[[P:[a-z0-9]+]]: memref<64xf32>, %[[M:[a-z0-9]+]]: memref<64xf32>)
// CHECK:         scf.for
// CHECK-DAG:       vector.load %[[G]]
// CHECK-DAG:       vector.load %[[P]]
// CHECK-DAG:       vector.load %[[M]]
// CHECK-DAG:       vector.store %{{.*}}, %[[P]]
// CHECK-DAG:       vector.store %{{.*}}, %[[M]]
func.func @update(%g: memref<64xf32>, %p: memref<64xf32>, %m: memref<64xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>,
                                   affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      ins(%g : memref<64xf32>) outs(%p, %m : memref<64xf32>, memref<64xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %sum = arith.addf %a, %c : f32
    %new = arith.subf %b, %sum : f32
    linalg.yield %new, %sum : f32, f32
  }
  return
}

// -----

// A division by what is the same for all lanes is a multiplication, where the
// program allows reciprocals.
// CHECK-LABEL: func.func @invariant_divisor
// CHECK-SAME:    %[[D:[a-z0-9]+]]: f32
// CHECK:         scf.for
// CHECK:           arith.divf %{{.*}}, %[[D]] : f32
// CHECK-NOT:       arith.divf
// CHECK:           arith.mulf %{{.*}} : vector<16xf32>
func.func @invariant_divisor(%x: memref<64xf32>, %d: f32) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]} outs(%x : memref<64xf32>) {
  ^bb0(%a: f32):
    %q = arith.divf %a, %d fastmath<arcp> : f32
    linalg.yield %q : f32
  }
  return
}

// -----

// Elementary functions are polynomials: no calls.
// CHECK-LABEL: func.func @functions
// CHECK-NOT:     math.exp
// CHECK-NOT:     math.erf
// CHECK:         vector.store
func.func @functions(%x: memref<64xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]} outs(%x : memref<64xf32>) {
  ^bb0(%a: f32):
    %e = math.exp %a : f32
    %f = math.erf %e : f32
    linalg.yield %f : f32
  }
  return
}

// -----

// Enough work goes to threads: here rows, or parts of one long row.
// CHECK-LABEL: func.func @threads
// CHECK:         scf.parallel
// CHECK:           scf.for
// CHECK:             vector.store
func.func @threads(%x: memref<1048576xf32>, %y: memref<1048576xf32>) {
  memref.copy %x, %y : memref<1048576xf32> to memref<1048576xf32>
  return
}

// -----

// But not inside a loop whose iterations already are on threads.
// CHECK-LABEL: func.func @nested
// CHECK:         scf.parallel
// CHECK-NOT:     scf.parallel
// CHECK:         scf.for
func.func @nested(%x: memref<1048576xf32>, %y: memref<1048576xf32>, %n: index) {
  scf.parallel (%i) = (%n) to (%n) step (%n) {
    linalg.copy ins(%x : memref<1048576xf32>) outs(%y : memref<1048576xf32>)
  }
  return
}
