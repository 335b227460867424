//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MainLoop.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::pixelfly;

MainLoop::MainLoop(DeviceBuilder &b, const BlockShape &shape) : shape(shape) {
  auto shared =
      gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  auto view = [&](int64_t startByte, int64_t elements, Type type) -> Value {
    auto viewType =
        MemRefType::get({elements}, type, MemRefLayoutAttrInterface(), shared);
    return memref::ViewOp::create(b, viewType, memory, b.index(startByte),
                                  ValueRange());
  };
  memory = gpu::DynamicSharedMemoryOp::create(
      b, MemRefType::get({ShapedType::kDynamic}, b.getI8Type(),
                         MemRefLayoutAttrInterface(), shared));
  SharedLayout leftLayout = shape.leftLayout(),
               rightLayout = shape.rightLayout();
  int64_t stages = shape.tile.getStages();
  left = view(0, stages * leftLayout.size(), shape.elementType);
  right = view(stages * leftLayout.bytes(), stages * rightLayout.size(),
               shape.elementType);

  ThreadPlace &place = threadPlace;
  place.thread = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
  place.lane = b.rem(place.thread, kWarpSize);
  Value warp = b.div(place.thread, kWarpSize);
  ArrayRef<int64_t> warps = shape.tile.getWarps();
  place.warpRow = b.mul(b.rem(warp, warps[0]), shape.warpRows());
  warp = b.div(warp, warps[0]);
  place.warpColumn = b.mul(b.rem(warp, warps[1]), shape.warpColumns());
  place.reductionWarp = warps[2] == 1 ? b.index(0) : b.div(warp, warps[1]);
  place.warpReduction = b.mul(place.reductionWarp, shape.warpReduction());
  leftFragments.emplace(b, FragmentLoader::Operand::Left, left, leftLayout,
                        shape.leftReductionAlongRows, place.warpRow, place);
  rightFragments.emplace(b, FragmentLoader::Operand::Right, right, rightLayout,
                         shape.rightReductionAlongRows, place.warpColumn,
                         place);
}

SmallVector<Value>
MainLoop::run(DeviceBuilder &b, Value count,
              function_ref<Panel(DeviceBuilder &, Value)> panel,
              ValueRange accumulators) {
  int64_t stages = shape.tile.getStages();
  auto copy = [&](Value index, Value stage) {
    Value exists = b.less(index, count);
    if (matchPattern(exists, m_Zero()))
      return;
    b.when(matchPattern(exists, m_One()) ? Value() : exists, [&] {
      Panel operands = panel(b, index);
      copyTileAsync(b, operands.left, shape.leftLayout(), left,
                    b.mul(stage, shape.leftLayout().size()), threadPlace.thread,
                    shape.threads());
      copyTileAsync(b, operands.right, shape.rightLayout(), right,
                    b.mul(stage, shape.rightLayout().size()),
                    threadPlace.thread, shape.threads());
    });
  };
  // One group a panel, also where there is no panel left to copy: the number of
  // groups under way says which panels have arrived.
  auto closeGroup = [&] { NVVM::CpAsyncCommitGroupOp::create(b); };
  for (int64_t stage = 0; stage < stages - 1; ++stage) {
    copy(b.index(stage), b.index(stage));
    closeGroup();
  }

  SmallVector<Value> carried{b.index(0), b.index(stages - 1)};
  llvm::append_range(carried, accumulators);
  carried = b.loop(count, carried, [&](Value i, ValueRange values) {
    Value readStage = values[0], writeStage = values[1];
    NVVM::CpAsyncWaitGroupOp::create(b, stages - 2);
    // Panel i is visible to all threads, and all have read the stage that is
    // overwritten next, that of panel i - 1.
    gpu::BarrierOp::create(b);
    copy(b.add(i, stages - 1), writeStage);
    closeGroup();
    SmallVector<Value> next{b.nextInRing(readStage, stages),
                            b.nextInRing(writeStage, stages)};
    llvm::append_range(next, multiplyPanel(b, readStage, values.drop_front(2)));
    return next;
  });
  NVVM::CpAsyncWaitGroupOp::create(b, 0);
  gpu::BarrierOp::create(b);
  carried.erase(carried.begin(), carried.begin() + 2);
  return carried;
}

SmallVector<Value> MainLoop::multiplyPanel(DeviceBuilder &b, Value stage,
                                           ValueRange accumulators) const {
  SmallVector<Value> sums(accumulators);
  Value leftStage = b.mul(stage, shape.leftLayout().size());
  Value rightStage = b.mul(stage, shape.rightLayout().size());
  int64_t columnTiles = shape.warpColumns() / kMmaColumns;
  int64_t steps = shape.warpReduction() / mmaReduction(shape.elementType);
  for (int64_t step = 0; step < steps; ++step) {
    SmallVector<SmallVector<Value>> leftOperands;
    for (int64_t row = 0; row < shape.warpRows(); row += kMmaRows)
      leftOperands.push_back(leftFragments->load(b, leftStage, row, step));
    for (int64_t column = 0; column < shape.warpColumns();
         column += kFragmentColumns) {
      SmallVector<Value> rightOperands =
          rightFragments->load(b, rightStage, column, step);
      for (auto [rowTile, leftOperand] : llvm::enumerate(leftOperands))
        for (int64_t half : {0, 1}) {
          size_t first = kMmaAccumulators *
                         (rowTile * columnTiles + column / kMmaColumns + half);
          SmallVector<Value> result =
              multiplyAccumulate(b, shape.elementType, leftOperand,
                                 ArrayRef(rightOperands).slice(2 * half, 2),
                                 ArrayRef(sums).slice(first, kMmaAccumulators));
          llvm::copy(result, sums.begin() + first);
        }
    }
  }
  return sums;
}

SmallVector<Value> MainLoop::addReductionWarps(DeviceBuilder &b,
                                               ValueRange accumulators) {
  int64_t sharers = shape.tile.getWarps()[2];
  SmallVector<Value> sums(accumulators);
  if (sharers == 1)
    return sums;
  // The sums of warp w > 0 go to slab w - 1: register by register, the threads
  // side by side.
  int64_t perSlab = shape.threads() / sharers;
  int64_t slab = perSlab * accumulators.size();
  auto type = MemRefType::get(
      {(sharers - 1) * slab}, b.getF32Type(), MemRefLayoutAttrInterface(),
      cast<MemRefType>(memory.getType()).getMemorySpace());
  Value slabs =
      memref::ViewOp::create(b, type, memory, b.index(0), ValueRange());
  Value inSlab = b.rem(threadPlace.thread, perSlab);
  b.when(b.atLeast(threadPlace.reductionWarp, 1), [&] {
    Value own = b.mul(b.sub(threadPlace.reductionWarp, b.index(1)), slab);
    for (auto [i, sum] : llvm::enumerate(sums))
      memref::StoreOp::create(b, sum, slabs,
                              b.add(b.add(own, inSlab), i * perSlab));
  });
  gpu::BarrierOp::create(b);
  for (int64_t warp = 1; warp < sharers; ++warp)
    for (auto [i, sum] : llvm::enumerate(sums)) {
      Value other = memref::LoadOp::create(
          b, slabs, b.add(inSlab, (warp - 1) * slab + i * perSlab));
      sum = arith::AddFOp::create(b, sum, other);
    }
  return sums;
}

ResultPart MainLoop::resultPart(DeviceBuilder &b) const {
  auto part = ResultPart::ofLane(
      b, threadPlace.lane, threadPlace.warpRow, threadPlace.warpColumn,
      shape.warpRows() / kMmaRows, kMmaRows, shape.warpColumns());
  if (shape.tile.getWarps()[2] > 1)
    part.counts = b.less(threadPlace.reductionWarp, b.index(1));
  return part;
}
