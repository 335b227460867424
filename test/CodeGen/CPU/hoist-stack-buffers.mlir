// RUN: pixelfly-opt %s --allow-unregistered-dialect --pixelfly-hoist-stack-buffers | FileCheck %s

// CHECK-LABEL: @parallel
func.func @parallel() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  // CHECK:      omp.parallel {
  // CHECK-NEXT:   %[[BUFFER:.*]] = memref.alloca() : memref<96x32xf32>
  // CHECK:        omp.loop_nest
  // CHECK-NOT:      memref.alloca_scope
  // CHECK:          "test.use"(%[[BUFFER]]
  omp.parallel {
    omp.wsloop {
      omp.loop_nest (%i) : index = (%c0) to (%c8) step (%c1) {
        memref.alloca_scope {
          %buffer = memref.alloca() : memref<96x32xf32>
          "test.use"(%buffer, %i) : (memref<96x32xf32>, index) -> ()
        }
        omp.yield
      }
    }
    omp.terminator
  }
  return
}

// Its size differs from iteration to iteration: it stays, in its scope.
// CHECK-LABEL: @dynamic
func.func @dynamic() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  omp.parallel {
    omp.wsloop {
      // CHECK: omp.loop_nest
      omp.loop_nest (%i) : index = (%c0) to (%c8) step (%c1) {
        // CHECK: memref.alloca_scope
        // CHECK: memref.alloca(
        memref.alloca_scope {
          %buffer = memref.alloca(%i) : memref<?xf32>
          "test.use"(%buffer) : (memref<?xf32>) -> ()
        }
        omp.yield
      }
    }
    omp.terminator
  }
  return
}
