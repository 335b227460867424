// A pattern without a rule: positions come from constant tables.
//
// RUN: pixelfly-opt %s --pixelfly-lower-to-linalg \
// RUN:     --one-shot-bufferize="bufferize-function-boundaries" \
// RUN:     --convert-linalg-to-loops --convert-scf-to-cf --expand-strided-metadata --lower-affine \
// RUN:     --convert-cf-to-llvm --convert-arith-to-llvm --finalize-memref-to-llvm \
// RUN:     --convert-func-to-llvm --reconcile-unrealized-casts \
// RUN:   | mlir-runner -e main -entry-point-result=void %runner_libs \
// RUN:   | FileCheck %s

// The conversions bufferize on their own, too.
// RUN: pixelfly-opt %s --one-shot-bufferize="bufferize-function-boundaries" \
// RUN:     --convert-linalg-to-loops --convert-scf-to-cf --expand-strided-metadata --lower-affine \
// RUN:     --convert-cf-to-llvm --convert-arith-to-llvm --finalize-memref-to-llvm \
// RUN:     --convert-func-to-llvm --reconcile-unrealized-casts \
// RUN:   | mlir-runner -e main -entry-point-result=void %runner_libs \
// RUN:   | FileCheck %s

#p = #pixelfly.block_mask<block = 8, mask = ["#.##",
                                             "....",
                                             ".#.#"]>

func.func private @printMemrefF32(tensor<*xf32>)

func.func @main() {
  // Block s holds 100 s + 10 i + j.
  %c10 = arith.constant 10 : index
  %empty = tensor.empty() : tensor<5x8x8xf32>
  %w = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>],
                       iterator_types = ["parallel", "parallel", "parallel"]}
      outs(%empty : tensor<5x8x8xf32>) {
  ^bb0(%out: f32):
    %s = linalg.index 0 : index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %0 = arith.muli %s, %c10 : index
    %1 = arith.addi %0, %i : index
    %2 = arith.muli %1, %c10 : index
    %3 = arith.addi %2, %j : index
    %4 = arith.index_cast %3 : index to i32
    %5 = arith.sitofp %4 : i32 to f32
    linalg.yield %5 : f32
  } -> tensor<5x8x8xf32>

  // Element (3, 5) of each block.
  // CHECK:      sizes = [3, 4]
  // CHECK-NEXT: [35, 0, 135, 235],
  // CHECK-NEXT: [0, 0, 0, 0],
  // CHECK-NEXT: [0, 335, 0, 435]
  %dense = pixelfly.to_dense %w : tensor<5x8x8xf32> pattern #p -> tensor<24x32xf32>
  %grid = tensor.extract_slice %dense[3, 5] [3, 4] [8, 8] : tensor<24x32xf32> to tensor<3x4xf32>
  %u = tensor.cast %grid : tensor<3x4xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()

  // CHECK:      sizes = [5]
  // CHECK-NEXT: [35, 135, 235, 335, 435]
  %blocks = pixelfly.from_dense %dense : tensor<24x32xf32> pattern #p -> tensor<5x8x8xf32>
  %elements = tensor.extract_slice %blocks[0, 3, 5] [5, 1, 1] [1, 1, 1] : tensor<5x8x8xf32> to tensor<5xf32>
  %v = tensor.cast %elements : tensor<5xf32> to tensor<*xf32>
  call @printMemrefF32(%v) : (tensor<*xf32>) -> ()
  return
}
