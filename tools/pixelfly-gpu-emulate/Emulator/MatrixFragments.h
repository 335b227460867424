//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which element of a matrix lies where in the registers of a warp, as the PTX
// ISA lays it down for mma.sync ("Matrix Fragments for mma.m16n8k16 ..." and
// its neighbours) and for ldmatrix. One rule covers all shapes with m of 8 or
// 16, n of 8, A by rows and B by columns.
//
// With P elements in a 32-bit register (64-bit for f64), the row group g = lane
// / 4 and the place in the group t = lane % 4:
//   A: register r, element e: row g + 8 (r % 2) (just g when m = 8), column
//      t P + e + 4 P (r / 2)  (4 P r when m = 8);
//   B: register r, element e: row t P + e + 4 P r, column g;
//   C, D: number i: row g + 8 (i / 2), column 2 t + i % 2.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_MATRIXFRAGMENTS_H
#define PIXELFLY_GPU_EMULATE_MATRIXFRAGMENTS_H

namespace mlir::pixelfly::emulator {

struct MatrixPosition {
  unsigned row, column;
};

/// Element `element` (counted through all registers) of A in `lane`.
inline MatrixPosition positionInA(unsigned m, unsigned packed, unsigned lane,
                                  unsigned element) {
  unsigned group = lane / 4, inGroup = lane % 4;
  unsigned reg = element / packed, part = element % packed;
  if (m == 8)
    return {group, inGroup * packed + part + reg * 4 * packed};
  return {group + 8 * (reg % 2),
          inGroup * packed + part + reg / 2 * 4 * packed};
}

inline MatrixPosition positionInB(unsigned packed, unsigned lane,
                                  unsigned element) {
  unsigned reg = element / packed, part = element % packed;
  return {lane % 4 * packed + part + reg * 4 * packed, lane / 4};
}

inline MatrixPosition positionInC(unsigned lane, unsigned element) {
  return {lane / 4 + 8 * (element / 2), 2 * (lane % 4) + element % 2};
}

/// The 16-bit element `element` (0 or 1) that ldmatrix gives `lane` of an 8 x 8
/// matrix.
inline MatrixPosition positionInLoaded(bool transposed, unsigned lane,
                                       unsigned element) {
  unsigned first = lane / 4, second = 2 * (lane % 4) + element;
  return transposed ? MatrixPosition{second, first}
                    : MatrixPosition{first, second};
}

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_MATRIXFRAGMENTS_H
