//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What one warp multiplies: `mma.sync` and the registers it wants, loaded from
// tiles in shared memory.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_FRAGMENTS_H
#define PIXELFLY_LIB_CODEGEN_GPU_FRAGMENTS_H

#include "SharedLayout.h"

namespace mlir::pixelfly {

/// Rows and columns of the result of one `mma.sync`.
inline constexpr int64_t kMmaRows = 16;
inline constexpr int64_t kMmaColumns = 8;
/// Columns whose right operand one `ldmatrix` brings: two instructions' worth.
inline constexpr int64_t kFragmentColumns = 16;
/// Registers of one thread that hold its part of an instruction's result.
inline constexpr int64_t kMmaAccumulators = 4;

/// Terms that one `mma.sync` sums: 16 of bf16 or f16, 8 of tf32.
int64_t mmaReduction(Type elementType);

/// A thread's place in its thread block, and what it owns of a result.
struct ThreadPlace {
  Value thread;        ///< in the thread block
  Value lane;          ///< in the warp
  Value warpRow;       ///< first row of the warp's part of the tile
  Value warpColumn;    ///< first column of it
  Value warpReduction; ///< first term of a panel that the warp sums
  Value reductionWarp; ///< which of the warps that share a part it is
};

/// Loads the fragments of one operand from its tile in shared memory.
///
/// A thread of the left operand's 16 x 16 fragment holds four registers of two
/// elements (four elements of 16 x 8 for tf32), of the right operand's two of
/// them. One `ldmatrix.x4` brings four 8 x 8 tiles: one left fragment, or the
/// right fragments of two instructions. An operand whose tile has the reduction
/// along its rows is transposed on the way, by `ldmatrix.trans` for 2-byte
/// elements and word by word for tf32.
class FragmentLoader {
public:
  enum class Operand { Left, Right };

  /// `shared`: memref of all stages of this operand's tile. `outer` is the
  /// warp's first row (left) or column (right).
  FragmentLoader(DeviceBuilder &b, Operand operand, Value shared,
                 const SharedLayout &layout, bool reductionAlongRows,
                 Value outer, const ThreadPlace &place);

  /// The four registers of the fragment at `outerStep` rows (columns) and
  /// `reductionStep` instructions from the warp's first, in the stage whose
  /// tile begins at element `stage`. Right operand: two of the first
  /// instruction's columns, two of the second's.
  SmallVector<Value> load(DeviceBuilder &b, Value stage, int64_t outerStep,
                          int64_t reductionStep) const;

private:
  SmallVector<Value> loadMatrices(DeviceBuilder &b, Value stage,
                                  int64_t outerStep,
                                  int64_t reductionStep) const;
  SmallVector<Value> loadWords(DeviceBuilder &b, Value stage, int64_t outerStep,
                               int64_t reductionStep) const;

  Operand operand;
  Value shared;
  SharedLayout layout;
  bool reductionAlongRows;
  /// Of this thread, the same for all fragments: its row of the tile, the chunk
  /// where its warp begins, its chunk from there, and its element in the chunk.
  Value row, chunk, laneChunk, inChunk;
};

/// `accumulators + left * right` for one instruction: four registers of the
/// left operand, two of the right, four f32 accumulators in and out.
SmallVector<Value> multiplyAccumulate(DeviceBuilder &b, Type elementType,
                                      ValueRange left, ValueRange right,
                                      ValueRange accumulators);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_FRAGMENTS_H
