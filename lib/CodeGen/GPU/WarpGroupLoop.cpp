//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WarpGroupLoop.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Suspend time hint of a wait for an mbarrier, in nanoseconds.
static constexpr int64_t kWaitNanoseconds = 10000000;
/// Registers of a thread, of the producer and of two consumer groups: together
/// what a thread block of 384 threads gets, 168 each.
static constexpr int64_t kProducerRegisters = 40;
static constexpr int64_t kConsumerRegisters = 232;
static constexpr int64_t kGroupsThatDivideRegisters = 2;

/// Swizzled tiles begin at a multiple of the swizzle's pattern.
static constexpr int64_t kTileAlignment = 1024;
static constexpr StringLiteral kSharedMemoryName = "shared_memory";

/// The dynamic shared memory of the module's kernels, as a pointer.
static Value sharedMemory(DeviceBuilder &b, gpu::GPUModuleOp module) {
  unsigned space = static_cast<unsigned>(NVVM::NVVMMemorySpace::Shared);
  auto global = module.lookupSymbol<LLVM::GlobalOp>(kSharedMemoryName);
  if (!global) {
    auto builder = OpBuilder::atBlockBegin(module.getBody());
    global = LLVM::GlobalOp::create(
        builder, module.getLoc(), LLVM::LLVMArrayType::get(b.getI8Type(), 0),
        /*isConstant=*/false, LLVM::Linkage::External, kSharedMemoryName,
        Attribute(), kTileAlignment, space);
  }
  return LLVM::AddressOfOp::create(b, global);
}

WarpGroupLoop::WarpGroupLoop(DeviceBuilder &b, const BlockShape &shape,
                             gpu::GPUModuleOp module)
    : shape(shape) {
  memory = sharedMemory(b, module);
  thread = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
  lane = b.rem(thread, kWarpSize);
  warpInGroup = b.rem(b.div(thread, kWarpSize), kWarpsOfGroup);
  // The same for the whole warp, and known to be: matrix descriptors depend on
  // it.
  Value number = b.toI32(b.div(thread, kGroupThreads));
  number = NVVM::ShflOp::create(b, b.getI32Type(), b.i32(-1), number, b.i32(0),
                                b.i32(kWarpSize - 1), NVVM::ShflKind::idx,
                                UnitAttr());
  group = b.createOrFold<arith::IndexCastUIOp>(b.getIndexType(), number);
}

Value WarpGroupLoop::full(DeviceBuilder &b, Value stage) const {
  int64_t tiles = shape.leftLayout().bytes() + shape.rightLayout().bytes();
  return b.advance(b.advance(memory, b.mul(stage, kBarrierBytes)),
                   shape.tile.getStages() * tiles);
}

Value WarpGroupLoop::empty(DeviceBuilder &b, Value stage) const {
  return b.advance(full(b, stage), shape.tile.getStages() * kBarrierBytes);
}

void WarpGroupLoop::initializeBarriers(DeviceBuilder &b) const {
  b.when(b.less(thread, b.index(1)), [&] {
    for (int64_t i = 0; i < shape.tile.getStages(); ++i) {
      Value stage = b.index(i);
      NVVM::MBarrierInitOp::create(b, full(b, stage), b.i32(1), Value());
      NVVM::MBarrierInitOp::create(
          b, empty(b, stage), b.i32(shape.groups() * kWarpsOfGroup), Value());
    }
    NVVM::FenceMbarrierInitOp::create(b);
  });
  gpu::BarrierOp::create(b);
}

WarpGroupLoop::Ring WarpGroupLoop::next(DeviceBuilder &b, Ring ring) const {
  Value stage = b.nextInRing(ring.stage, shape.tile.getStages());
  Value again = b.less(stage, b.index(1));
  Value turned = arith::XOrIOp::create(b, ring.parity, b.i32(1));
  return {stage, b.select(again, turned, ring.parity)};
}

void WarpGroupLoop::forEachTile(DeviceBuilder &b, int64_t tiles, int64_t grid,
                                function_ref<Ring(Value, Ring)> body) const {
  Value first = gpu::BlockIdOp::create(b, gpu::Dimension::x);
  Value count = b.index(tiles / grid);
  if (tiles % grid != 0)
    count = b.select(b.less(first, b.index(tiles % grid)),
                     b.index(tiles / grid + 1), count);
  b.loop(count, {b.index(0), b.i32(0)}, [&](Value i, ValueRange ring) {
    Ring after = body(b.add(first, b.mul(i, grid)), Ring{ring[0], ring[1]});
    return SmallVector<Value>{after.stage, after.parity};
  });
}

SharedLayout WarpGroupLoop::rightLayout(bool reductionAlongRows) const {
  BlockShape segment = shape;
  segment.rightReductionAlongRows = reductionAlongRows;
  return segment.rightLayout();
}

void WarpGroupLoop::produce(DeviceBuilder &b, Ring ring, const TensorTile &left,
                            const TensorTile &right,
                            const SharedLayout &rightLayout) const {
  SharedLayout leftLayout = shape.leftLayout();
  // The first turn of a stage finds it empty: the parity of the phase before
  // the first counts as completed.
  Value parity = arith::XOrIOp::create(b, ring.parity, b.i32(1));
  NVVM::MBarrierTryWaitParityOp::create(b, empty(b, ring.stage), parity,
                                        b.i32(kWaitNanoseconds));
  Value barrier = full(b, ring.stage);
  NVVM::MBarrierArriveExpectTxOp::create(
      b, Type(), barrier, b.i32(leftLayout.bytes() + rightLayout.bytes()),
      NVVM::MemScopeKind::CTA, /*relaxed=*/false, /*predicate=*/Value());
  copyTensorTile(b, left, leftLayout,
                 b.advance(memory, b.mul(ring.stage, leftLayout.bytes())),
                 barrier);
  Value rightTiles =
      b.advance(memory, shape.tile.getStages() * leftLayout.bytes());
  copyTensorTile(b, right, rightLayout,
                 b.advance(rightTiles, b.mul(ring.stage, rightLayout.bytes())),
                 barrier);
}

//===----------------------------------------------------------------------===//
// Matrix descriptors
//===----------------------------------------------------------------------===//

/// Bytes of a row of a swizzled tile.
static int64_t rowBytes(const SharedLayout &layout) {
  return layout.chunksPerPanelRow() * kChunkBytes;
}

/// All of a matrix descriptor but the address (PTX ISA, "Matrix descriptor
/// format"): byte offsets in units of 16 at bits 16 and 32, the swizzle at 62.
static int64_t descriptorBits(const SharedLayout &layout,
                              bool reductionAlongRows) {
  int64_t row = rowBytes(layout);
  int64_t swizzle = row == 128 ? 1 : row == 64 ? 2 : 3;
  // From eight rows to the next, and from one panel of columns to the next. The
  // latter has no meaning where a row of a panel holds all terms.
  int64_t stride = 8 * row;
  int64_t leading = reductionAlongRows ? layout.rows * row : kChunkBytes;
  return int64_t(uint64_t(swizzle) << 62 |
                 uint64_t(stride / kChunkBytes) << 32 |
                 uint64_t(leading / kChunkBytes) << 16);
}

/// Bytes from the terms of one instruction to those of the next.
static int64_t reductionStep(const SharedLayout &layout,
                             bool reductionAlongRows) {
  return kWgmmaReduction *
         (reductionAlongRows ? rowBytes(layout) : layout.elementBytes);
}

/// Bytes from `kWgmmaRows` rows (columns) of an operand to the next.
static int64_t outerStep(const SharedLayout &layout, bool reductionAlongRows) {
  int64_t row = rowBytes(layout);
  // Along a row that many elements are a panel.
  return reductionAlongRows
             ? kWgmmaRows * layout.elementBytes / row * layout.rows * row
             : kWgmmaRows * row;
}

Value WarpGroupLoop::descriptor(DeviceBuilder &b, int64_t tileStart,
                                const SharedLayout &layout,
                                bool reductionAlongRows) const {
  Type word = b.getI64Type();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, b.getI64IntegerAttr(value));
  };
  Value address =
      LLVM::PtrToIntOp::create(b, word, b.advance(memory, tileStart));
  Value start = arith::ShRUIOp::create(b, address, constant(4));
  return arith::OrIOp::create(
      b, start, constant(descriptorBits(layout, reductionAlongRows)));
}

//===----------------------------------------------------------------------===//
// Consumers
//===----------------------------------------------------------------------===//

static NVVM::WGMMATypes operandType(Type type) {
  return type.isF16() ? NVVM::WGMMATypes::f16 : NVVM::WGMMATypes::bf16;
}

SmallVector<Value> WarpGroupLoop::consume(DeviceBuilder &b, Ring ring,
                                          bool rightAlong,
                                          ValueRange accumulators) const {
  SharedLayout left = shape.leftLayout(), right = rightLayout(rightAlong);
  bool leftAlong = shape.leftReductionAlongRows;
  Value rightDescriptor =
      descriptor(b, shape.tile.getStages() * left.bytes(), right, rightAlong);
  int64_t rowTiles = shape.groupRows() / kWgmmaRows;
  NVVM::MBarrierTryWaitParityOp::create(b, full(b, ring.stage), ring.parity,
                                        b.i32(kWaitNanoseconds));
  // Descriptors count in chunks, and never carry out of the address.
  auto advance = [&](Value descriptor, Value stage, int64_t stageBytes,
                     int64_t bytes) -> Value {
    Value chunks = b.toI64(
        b.add(b.mul(stage, stageBytes / kChunkBytes), bytes / kChunkBytes));
    return arith::AddIOp::create(b, descriptor, chunks);
  };
  SmallVector<Value> sums(accumulators);
  NVVM::WgmmaFenceAlignedOp::create(b);
  for (int64_t step = 0; step < shape.tile.getReduction() / kWgmmaReduction;
       ++step)
    for (int64_t rowTile = 0; rowTile < rowTiles; ++rowTile) {
      Value a = advance(leftDescriptor, ring.stage, left.bytes(),
                        rowTile * outerStep(left, leftAlong) +
                            step * reductionStep(left, leftAlong));
      Value c = advance(rightDescriptor, ring.stage, right.bytes(),
                        step * reductionStep(right, rightAlong));
      NVVM::WGMMATypes type = operandType(shape.elementType);
      sums[rowTile] = NVVM::WgmmaMmaAsyncOp::create(
          b, sums[rowTile].getType(), sums[rowTile], a, c,
          NVVM::MMAShapeAttr::get(b.getContext(), kWgmmaRows,
                                  shape.tile.getColumns(), kWgmmaReduction),
          type, type, NVVM::WGMMATypes::f32, NVVM::WGMMAScaleOut::one,
          NVVM::WGMMAScaleIn::one, NVVM::WGMMAScaleIn::one,
          leftAlong ? NVVM::MMALayout::col : NVVM::MMALayout::row,
          rightAlong ? NVVM::MMALayout::row : NVVM::MMALayout::col,
          NVVM::MMAIntOverflowAttr());
    }
  NVVM::WgmmaGroupSyncAlignedOp::create(b);
  NVVM::WgmmaWaitGroupSyncOp::create(b, 0);
  b.when(b.less(lane, b.index(1)), [&] {
    NVVM::MBarrierArriveOp::create(b, b.getI64Type(), empty(b, ring.stage),
                                   Value(), NVVM::MemScopeKind::CTA);
  });
  return sums;
}

ResultPart WarpGroupLoop::resultPart(DeviceBuilder &b) const {
  Value groupRow = b.mul(b.sub(group, b.index(1)), shape.groupRows());
  return ResultPart::ofLane(
      b, lane, b.add(groupRow, b.mul(warpInGroup, kWgmmaRows / kWarpsOfGroup)),
      b.index(0), shape.groupRows() / kWgmmaRows, kWgmmaRows,
      shape.tile.getColumns());
}

/// Registers as the struct that `wgmma` takes, and back.
static Value pack(DeviceBuilder &b, ValueRange registers) {
  Type type = LLVM::LLVMStructType::getLiteral(
      b.getContext(), SmallVector<Type>(registers.size(), b.getF32Type()));
  Value packed = LLVM::PoisonOp::create(b, type);
  for (auto [i, value] : llvm::enumerate(registers))
    packed = LLVM::InsertValueOp::create(b, packed, value, i);
  return packed;
}

static void unpack(DeviceBuilder &b, Value packed,
                   SmallVectorImpl<Value> &registers) {
  size_t count = cast<LLVM::LLVMStructType>(packed.getType()).getBody().size();
  for (size_t i = 0; i < count; ++i)
    registers.push_back(LLVM::ExtractValueOp::create(b, packed, i));
}

/// Keeps a loop of products from being unrolled, given one of its results.
/// Registers would be copied between the iterations, after the fence that
/// `wgmma` wants behind everything that writes them; the assembler then
/// serialises the products.
static void keepRolled(Value result) {
  MLIRContext *context = result.getContext();
  auto unroll = LLVM::LoopUnrollAttr::get(
      context, /*disable=*/BoolAttr::get(context, true), {}, {}, {}, {}, {},
      {});
  auto annotation = LLVM::LoopAnnotationAttr::get(
      context, {}, {}, {}, unroll, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
  result.getDefiningOp()->setAttr("llvm.loop_annotation", annotation);
}

void WarpGroupLoop::run(DeviceBuilder &b, int64_t tiles, int64_t grid,
                        bool startsFromZero,
                        function_ref<Work(DeviceBuilder &, Value)> work) {
  initializeBarriers(b);
  auto branch =
      scf::IfOp::create(b, b.less(group, b.index(1)), /*withElseRegion=*/true);
  auto setRegisters = [&](int64_t count, NVVM::SetMaxRegisterAction action) {
    if (shape.groups() == kGroupsThatDivideRegisters)
      NVVM::SetMaxRegisterOp::create(
          b, b.getI32IntegerAttr(count),
          NVVM::SetMaxRegisterActionAttr::get(b.getContext(), action));
  };

  b.setInsertionPointToStart(branch.thenBlock());
  setRegisters(kProducerRegisters, NVVM::SetMaxRegisterAction::decrease);
  b.when(b.less(thread, b.index(1)), [&] {
    forEachTile(b, tiles, grid, [&](Value tile, Ring ring) {
      Work tileWork = work(b, tile);
      SmallVector<Value> after{ring.stage, ring.parity};
      for (const Segment &segment : tileWork.segments)
        after = b.loop(segment.panels, after, [&](Value i, ValueRange carried) {
          Ring at{carried[0], carried[1]};
          auto [left, right] = segment.panel(b, i);
          produce(b, at, left, right,
                  rightLayout(segment.rightReductionAlongRows));
          Ring then = next(b, at);
          return SmallVector<Value>{then.stage, then.parity};
        });
      return Ring{after[0], after[1]};
    });
  });

  b.setInsertionPointToStart(branch.elseBlock());
  setRegisters(kConsumerRegisters, NVVM::SetMaxRegisterAction::increase);
  SharedLayout left = shape.leftLayout();
  ResultPart part = resultPart(b);
  Value groupStart = b.toI64(
      b.mul(b.sub(group, b.index(1)),
            shape.groupRows() / kWgmmaRows *
                outerStep(left, shape.leftReductionAlongRows) / kChunkBytes));
  leftDescriptor = arith::AddIOp::create(
      b, descriptor(b, 0, left, shape.leftReductionAlongRows), groupStart);
  forEachTile(b, tiles, grid, [&](Value tile, Ring ring) {
    Work tileWork = work(b, tile);
    ResultStart start{nullptr, tileWork.row, tileWork.column};
    if (!tileWork.row && !startsFromZero)
      start.result = &tileWork.result;
    SmallVector<Value> registers = startAccumulators(b, part, start);
    SmallVector<Value> carried{ring.stage, ring.parity};
    int64_t perTile = shape.tile.getColumns() / 2;
    for (size_t i = 0; i < registers.size(); i += perTile)
      carried.push_back(pack(b, ArrayRef(registers).slice(i, perTile)));
    for (const Segment &segment : tileWork.segments) {
      carried = b.loop(segment.panels, carried, [&](Value, ValueRange values) {
        Ring at{values[0], values[1]};
        SmallVector<Value> sums = consume(
            b, at, segment.rightReductionAlongRows, values.drop_front(2));
        Ring then = next(b, at);
        SmallVector<Value> result{then.stage, then.parity};
        llvm::append_range(result, sums);
        return result;
      });
      keepRolled(carried.front());
    }
    registers.clear();
    for (Value packed : ArrayRef(carried).drop_front(2))
      unpack(b, packed, registers);
    tileWork.store(b, part, registers);
    return Ring{carried[0], carried[1]};
  });
  b.setInsertionPointAfter(branch);
}
