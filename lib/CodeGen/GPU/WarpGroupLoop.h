//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The main loop of a product on warp groups: one group of four warps fetches
// panels by TMA, the others multiply them with `wgmma`.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_WARPGROUPLOOP_H
#define PIXELFLY_LIB_CODEGEN_GPU_WARPGROUPLOOP_H

#include "BlockShape.h"
#include "ResultTile.h"
#include "TensorMaps.h"

namespace mlir::pixelfly {

/// Emits a persistent, warp-specialised kernel.
///
/// Thread blocks stay on their multiprocessor and compute one tile of the
/// result after the other: those whose number is theirs modulo the grid. The
/// first warp group is the producer: one of its threads starts the copies of
/// panel after panel, of all tiles in a row, as far ahead as there are stages.
/// The other groups are consumers, each with 64 rows (or a multiple) of the
/// tile. Two mbarriers a stage hand it to and fro: `full` completes when the
/// bytes have arrived, `empty` when every warp of the consumers has read them.
/// While consumers write a tile's results the panels of the next one come in.
///
/// The order of the sums is fixed by the tile alone: the same bits in every
/// run.
class WarpGroupLoop {
public:
  /// Panels of one product.
  struct Segment {
    Value panels; ///< their number
    /// Addresses of one panel.
    std::function<std::pair<TensorTile, TensorTile>(DeviceBuilder &, Value)>
        panel;
    bool rightReductionAlongRows;
  };
  /// What both kinds of groups know of a tile of the result: the sum of the
  /// segments, one after the other.
  struct Work {
    SmallVector<Segment> segments;
    GlobalTile result;
    Value row, column; ///< as of ResultStart
    /// Writes a thread's sums.
    std::function<void(DeviceBuilder &, const ResultPart &, ValueRange)> store;
  };

  /// Creates the module's shared memory and the thread's place in the block.
  WarpGroupLoop(DeviceBuilder &b, const BlockShape &shape,
                gpu::GPUModuleOp module);

  /// The whole kernel: `tiles` tiles of the result for `grid` thread blocks;
  /// `work` emits what is known of one of them.
  void run(DeviceBuilder &b, int64_t tiles, int64_t grid, bool startsFromZero,
           function_ref<Work(DeviceBuilder &, Value)> work);

private:
  SharedLayout rightLayout(bool reductionAlongRows) const;

  /// The stage whose turn it is, and the parity of its turn.
  struct Ring {
    Value stage, parity;
  };
  Ring next(DeviceBuilder &b, Ring ring) const;
  void forEachTile(DeviceBuilder &b, int64_t tiles, int64_t grid,
                   function_ref<Ring(Value, Ring)> body) const;

  void initializeBarriers(DeviceBuilder &b) const;
  void produce(DeviceBuilder &b, Ring ring, const TensorTile &left,
               const TensorTile &right, const SharedLayout &rightLayout) const;
  /// Products of one panel, added to the accumulators: a struct of registers
  /// for every 64 rows.
  SmallVector<Value> consume(DeviceBuilder &b, Ring ring,
                             bool rightReductionAlongRows,
                             ValueRange accumulators) const;
  ResultPart resultPart(DeviceBuilder &b) const;

  Value full(DeviceBuilder &b, Value stage) const;
  Value empty(DeviceBuilder &b, Value stage) const;
  /// The matrix descriptor of an operand's tile in the first stage, where the
  /// group's part of it begins.
  Value descriptor(DeviceBuilder &b, int64_t tileStart,
                   const SharedLayout &layout, bool reductionAlongRows) const;

  BlockShape shape;
  Value memory; ///< pointer to all shared memory
  Value thread, lane, warpInGroup, group;
  Value leftDescriptor;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_WARPGROUPLOOP_H
