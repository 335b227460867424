//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels of linalg contractions: C[row, column] += sum A[row, k] B[k, column].
//
// A task computes a panel of rows of C. It packs its rows of A, then goes over
// the columns of C in register tiles, over the reduction in chunks, and over
// its rows in register tiles, so that a chunk of B stays in the first-level
// cache while it meets all rows of the panel.
//
//===----------------------------------------------------------------------===//

#include "LowerProducts.h"
#include "LowerProductsPacking.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;

namespace {
/// How an operand reaches the kernel.
enum class Supply {
  InPlace, ///< read where it lies
  Shared,  ///< packed once, before the tasks begin
  PerTask  ///< packed by each task, the part it needs
};

/// `chunks` pieces of `terms` terms of the reduction, from `firstTerm` on.
struct Segment {
  int64_t firstTerm, chunks, terms;
};

class ContractionKernel {
public:
  ContractionKernel(KernelBuilder &b, Contraction contraction,
                    const ProductOptions &options);
  void emit();

private:
  /// Indices into `operand` when the loops have the values `loops`.
  SmallVector<Value> indicesOf(const ContractionOperand &operand,
                               ArrayRef<Value> loops);
  PackSource sourceOf(const ContractionOperand &operand, int freeLoop);
  ResultMatrix result();
  /// The loops outside the kernel's that `operand` depends on.
  SmallVector<unsigned> outerLoopsOf(const ContractionOperand &operand) const;
  SmallVector<Value> valuesOf(ArrayRef<unsigned> loops) const;
  SmallVector<int64_t> extentsOf(ArrayRef<unsigned> loops) const;
  void setLoops(ArrayRef<unsigned> loops, ValueRange values);
  /// Bytes of the operands that each task packs for itself.
  int64_t getTaskBytes() const;
  /// Whether `operand` is the same for some of the tasks.
  bool isReused(const ContractionOperand &operand) const;

  void packSharedLeft();
  void packSharedRight();
  void allocatePerTask();
  void emitTask(Value panelIndex);
  void emitSegment(const Segment &segment, unsigned index, Value firstRow,
                   Value rowCount, ArrayRef<Value> mustBeZero);
  /// Terms before this chunk have been summed unless all of `mustBeZero` are.
  void emitChunk(const Segment &segment, unsigned index, Value columnTile,
                 Value chunkInPanel, Value chunk, Value firstRow,
                 Value rowCount, ArrayRef<Value> mustBeZero);

  KernelBuilder &b;
  Contraction c;
  bool startsFromZero, parallel;
  RegisterTile tile;
  int64_t panel, panels;
  SmallVector<Segment> segments;
  /// Chunks of a segment that a task packs at a time.
  int64_t chunksAtATime;
  Supply leftSupply, rightSupply;
  SmallVector<Value> loops;     ///< present values of the loops, null inside
  SmallVector<PackedRows> left; ///< one a segment
  PackedColumns right;          ///< all terms (shared) or one chunk (per task)
};
} // namespace

/// Drops dimensions of size one, so that the last dimension is the adjacent
/// one.
static void dropUnitDimensions(KernelBuilder &b, ContractionOperand &operand) {
  auto type = cast<MemRefType>(operand.value.getType());
  if (operand.dims.empty() ||
      int64_t(operand.dims.back()) == type.getRank() - 1)
    return;
  SmallVector<OpFoldResult> offsets, sizes, strides;
  SmallVector<int64_t> shape;
  for (int64_t size : type.getShape()) {
    offsets.push_back(b.getIndexAttr(0));
    sizes.push_back(b.getIndexAttr(size));
    strides.push_back(b.getIndexAttr(1));
    if (size != 1)
      shape.push_back(size);
  }
  auto reduced = memref::SubViewOp::inferRankReducedResultType(
      shape, type, offsets, sizes, strides);
  operand.value = memref::SubViewOp::create(b, reduced, operand.value, offsets,
                                            sizes, strides);
  operand.dims = llvm::to_vector(llvm::seq<unsigned>(0, shape.size()));
}

ContractionKernel::ContractionKernel(KernelBuilder &b, Contraction contraction,
                                     const ProductOptions &options)
    : b(b), c(std::move(contraction)), startsFromZero(options.startsFromZero),
      tile(RegisterTile::get(options.tile, c.elementType, options.target)) {
  dropUnitDimensions(b, c.lhs);
  dropUnitDimensions(b, c.rhs);
  dropUnitDimensions(b, c.result);
  loops.assign(c.extents.size(), Value());
  int64_t work = 1;
  for (int64_t extent : c.extents)
    work *= extent;
  parallel = options.parallel && work >= kParallelMultiplyAdds;

  int64_t paddedRows = divideCeil(c.rows(), tile.rows) * tile.rows;
  panel = std::min(options.tile.getPanel(), paddedRows);
  panels = divideCeil(paddedRows, panel);

  int64_t chunk = std::min(options.tile.getReduction(), c.reductions());
  int64_t whole = c.reductions() / chunk;
  segments.push_back({0, whole, chunk});
  if (c.reductions() % chunk != 0)
    segments.push_back({whole * chunk, 1, c.reductions() % chunk});

  int64_t bytes = c.elementType.getIntOrFloatBitWidth() / 8;
  chunksAtATime = std::clamp<int64_t>(
      options.target.l2Bytes / 4 / (panel * chunk * bytes), 1, whole);

  leftSupply = isReused(c.lhs) ? Supply::Shared : Supply::PerTask;
  bool columnsAdjacent = c.column >= 0 && c.rhs.contiguous == c.column;
  if (columnsAdjacent && c.rows() <= 2 * tile.rows)
    rightSupply = Supply::InPlace;
  else
    rightSupply =
        isReused(c.rhs) || panels > 1 ? Supply::Shared : Supply::PerTask;
  if (parallel && getTaskBytes() > kMaximumStackBytes) {
    leftSupply = Supply::Shared;
    if (rightSupply == Supply::PerTask)
      rightSupply = Supply::Shared;
  }
}

int64_t ContractionKernel::getTaskBytes() const {
  int64_t elements = 0;
  if (leftSupply == Supply::PerTask)
    for (const Segment &segment : segments)
      elements +=
          panel * std::min(segment.chunks, chunksAtATime) * segment.terms;
  if (rightSupply == Supply::PerTask)
    elements += (segments.front().terms + tile.lanes()) * tile.columns();
  return elements * (c.elementType.getIntOrFloatBitWidth() / 8);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

SmallVector<Value>
ContractionKernel::indicesOf(const ContractionOperand &operand,
                             ArrayRef<Value> loops) {
  int64_t rank = cast<MemRefType>(operand.value.getType()).getRank();
  SmallVector<Value> indices(rank);
  for (auto [dim, loop] : llvm::zip_equal(operand.dims, operand.loops))
    indices[dim] = loops[loop];
  for (Value &value : indices)
    if (!value)
      value = b.index(0);
  return indices;
}

PackSource ContractionKernel::sourceOf(const ContractionOperand &operand,
                                       int freeLoop) {
  auto at = [this, operand, freeLoop, values = loops](Value free, Value k) {
    SmallVector<Value> loops = values;
    if (freeLoop >= 0)
      loops[freeLoop] = free;
    if (c.reduction >= 0)
      loops[c.reduction] = k;
    return indicesOf(operand, loops);
  };
  auto adjacent = PackSource::Adjacent::Neither;
  if (operand.contiguous >= 0 && operand.contiguous == freeLoop)
    adjacent = PackSource::Adjacent::Free;
  else if (operand.contiguous >= 0 && operand.contiguous == c.reduction)
    adjacent = PackSource::Adjacent::Reduction;
  return {operand.value, at, adjacent};
}

ResultMatrix ContractionKernel::result() {
  auto at = [this, values = loops](Value row, Value column) {
    SmallVector<Value> loops = values;
    if (c.row >= 0)
      loops[c.row] = row;
    if (c.column >= 0)
      loops[c.column] = column;
    return indicesOf(c.result, loops);
  };
  return {c.result.value, c.rows(), c.columns(), at};
}

SmallVector<unsigned>
ContractionKernel::outerLoopsOf(const ContractionOperand &operand) const {
  SmallVector<unsigned> result;
  for (ArrayRef<unsigned> outer : {ArrayRef<unsigned>(c.outerParallel),
                                   ArrayRef<unsigned>(c.outerReduction)})
    for (unsigned loop : outer)
      if (operand.depends(loop))
        result.push_back(loop);
  return result;
}

SmallVector<Value> ContractionKernel::valuesOf(ArrayRef<unsigned> which) const {
  return llvm::map_to_vector(which, [&](unsigned loop) { return loops[loop]; });
}

SmallVector<int64_t>
ContractionKernel::extentsOf(ArrayRef<unsigned> which) const {
  return llvm::map_to_vector(which,
                             [&](unsigned loop) { return c.extents[loop]; });
}

void ContractionKernel::setLoops(ArrayRef<unsigned> which, ValueRange values) {
  for (auto [loop, value] : llvm::zip(which, values))
    loops[loop] = value;
}

bool ContractionKernel::isReused(const ContractionOperand &operand) const {
  return llvm::any_of(c.outerParallel,
                      [&](unsigned loop) { return !operand.depends(loop); });
}

//===----------------------------------------------------------------------===//
// Packing before the tasks
//===----------------------------------------------------------------------===//

void ContractionKernel::packSharedLeft() {
  SmallVector<unsigned> outer = outerLoopsOf(c.lhs);
  int64_t paddedRows = divideCeil(c.rows(), tile.rows) * tile.rows;
  for (const Segment &segment : segments) {
    PackedRows packed{tile, paddedRows, segment.chunks, segment.terms,
                      /*byTerms=*/c.row >= 0 && c.lhs.contiguous == c.row};
    SmallVector<int64_t> shape = extentsOf(outer);
    int64_t rank = shape.size();
    llvm::append_range(shape, packed.shape());
    packed.memref = b.heapBuffer(shape, c.elementType);
    SmallVector<int64_t> nest(ArrayRef<int64_t>(shape).take_front(rank));
    nest.push_back(paddedRows / tile.rows);
    b.nest(nest, parallel, [&](ValueRange indices) {
      setLoops(outer, indices);
      packed.leading = valuesOf(outer);
      Value row = b.mul(indices.back(), tile.rows);
      packed.emitPack(b, sourceOf(c.lhs, c.row), row, row, b.index(tile.rows),
                      c.rows() - 1, b.index(segment.firstTerm),
                      b.index(segment.chunks));
    });
    left.push_back(packed);
  }
}

void ContractionKernel::packSharedRight() {
  SmallVector<unsigned> outer = outerLoopsOf(c.rhs);
  right = {tile, c.columns(), c.reductions()};
  SmallVector<int64_t> shape = extentsOf(outer);
  SmallVector<int64_t> nest = shape;
  llvm::append_range(shape, right.shape());
  right.memref = b.heapBuffer(shape, c.elementType);
  // Reading along the source's adjacent dimension: all tiles of a few terms
  // where columns are adjacent, all terms of a tile elsewhere.
  bool byTerms = c.column >= 0 && c.rhs.contiguous == c.column;
  constexpr int64_t kTermsAtATime = 16;
  nest.push_back(byTerms ? divideCeil(c.reductions(), kTermsAtATime)
                         : right.tiles());
  b.nest(nest, parallel, [&](ValueRange indices) {
    setLoops(outer, indices);
    right.leading = valuesOf(outer);
    PackSource source = sourceOf(c.rhs, c.column);
    if (!byTerms)
      return right.emitPack(b, source, indices.back(), indices.back(),
                            b.index(0));
    Value firstTerm = b.mul(indices.back(), kTermsAtATime);
    Value count = b.index(kTermsAtATime);
    if (c.reductions() % kTermsAtATime != 0)
      count = b.min(b.sub(b.index(c.reductions()), firstTerm), kTermsAtATime);
    b.loop(count, 1, [&](Value k) {
      b.loop(right.tiles(), 1, [&](Value columnTile) {
        right.emitPackTerm(b, source, columnTile, columnTile,
                           b.add(firstTerm, k), b.add(firstTerm, k));
      });
    });
  });
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

void ContractionKernel::emit() {
  if (leftSupply == Supply::Shared)
    packSharedLeft();
  if (rightSupply == Supply::Shared)
    packSharedRight();

  SmallVector<int64_t> tasks = extentsOf(c.outerParallel);
  tasks.push_back(panels);
  // One after the other, tasks share one buffer; it must not grow with the
  // loop.
  if (!parallel)
    allocatePerTask();
  b.nest(tasks, parallel, [&](ValueRange indices) {
    if (parallel)
      allocatePerTask();
    setLoops(c.outerParallel, indices);
    emitTask(indices.back());
  });

  if (leftSupply == Supply::Shared || !parallel)
    for (PackedRows &packed : left)
      memref::DeallocOp::create(b, packed.memref);
  if (rightSupply == Supply::Shared ||
      (rightSupply == Supply::PerTask && !parallel))
    memref::DeallocOp::create(b, right.memref);
}

void ContractionKernel::allocatePerTask() {
  if (leftSupply == Supply::PerTask)
    for (const Segment &segment : segments) {
      PackedRows packed{tile, panel, std::min(segment.chunks, chunksAtATime),
                        segment.terms,
                        /*byTerms=*/c.row >= 0 && c.lhs.contiguous == c.row};
      packed.memref = b.taskBuffer(packed.shape(), c.elementType, parallel);
      left.push_back(packed);
    }
  if (rightSupply == Supply::PerTask) {
    // One tile of one chunk.
    right = {tile, c.columns(), segments.front().terms};
    right.memref = b.taskBuffer({1, right.paddedTerms(), tile.columns()},
                                c.elementType, parallel);
  }
}

void ContractionKernel::emitTask(Value panelIndex) {
  int64_t paddedRows = divideCeil(c.rows(), tile.rows) * tile.rows;
  Value firstRow = b.mul(panelIndex, panel);
  Value rowCount = b.index(panel);
  if (paddedRows % panel != 0)
    rowCount = b.min(b.sub(b.index(paddedRows), firstRow), panel);

  b.nest(extentsOf(c.outerReduction), /*parallel=*/false,
         [&](ValueRange indices) {
           setLoops(c.outerReduction, indices);
           SmallVector<Value> mustBeZero;
           for (auto [loop, value] : llvm::zip(c.outerReduction, indices))
             if (c.extents[loop] > 1)
               mustBeZero.push_back(value);
           for (auto [index, segment] : llvm::enumerate(segments))
             emitSegment(segment, index, firstRow, rowCount, mustBeZero);
         });
}

void ContractionKernel::emitSegment(const Segment &segment, unsigned index,
                                    Value firstRow, Value rowCount,
                                    ArrayRef<Value> mustBeZero) {
  int64_t slab = leftSupply == Supply::PerTask
                     ? std::min(segment.chunks, chunksAtATime)
                     : segment.chunks;
  b.nest(
      {int64_t(divideCeil(segment.chunks, slab))}, /*parallel=*/false,
      [&](ValueRange slabIndex) {
        Value firstChunk = b.mul(slabIndex[0], slab);
        Value chunkCount = b.index(slab);
        if (segment.chunks % slab != 0)
          chunkCount = b.min(b.sub(b.index(segment.chunks), firstChunk), slab);
        if (leftSupply == Supply::PerTask)
          left[index].emitPack(
              b, sourceOf(c.lhs, c.row), firstRow, b.index(0), rowCount,
              c.rows() - 1,
              b.add(b.mul(firstChunk, segment.terms), segment.firstTerm),
              chunkCount);
        int64_t columnTiles = divideCeil(c.columns(), tile.columns());
        b.nest({columnTiles}, /*parallel=*/false, [&](ValueRange columnTile) {
          auto chunkBody = [&](Value chunkInSlab) {
            Value chunk = b.add(firstChunk, chunkInSlab);
            SmallVector<Value> zeros(mustBeZero);
            if (segment.chunks > 1)
              zeros.push_back(chunk);
            emitChunk(segment, index, columnTile[0], chunkInSlab, chunk,
                      firstRow, rowCount, zeros);
          };
          if (slab == 1)
            chunkBody(b.index(0));
          else
            b.loop(chunkCount, 1, chunkBody);
        });
      });
}

void ContractionKernel::emitChunk(const Segment &segment, unsigned index,
                                  Value columnTile, Value chunkInPanel,
                                  Value chunk, Value firstRow, Value rowCount,
                                  ArrayRef<Value> mustBeZero) {
  Value firstTerm = b.add(b.mul(chunk, segment.terms), segment.firstTerm);
  if (rightSupply == Supply::PerTask) {
    right.terms = segment.terms;
    right.emitPack(b, sourceOf(c.rhs, c.column), columnTile, b.index(0),
                   firstTerm);
  }
  PackSource rightSource = sourceOf(c.rhs, c.column);
  Value column = b.mul(columnTile, tile.columns());
  SmallVector<Value> masks;
  if (rightSupply == Supply::InPlace && c.columns() % tile.columns() != 0)
    for (int64_t v = 0; v < tile.vectors; ++v)
      masks.push_back(vector::CreateMaskOp::create(
          b, VectorType::get({tile.lanes()}, b.getI1Type()),
          ValueRange(
              b.sub(b.index(c.columns()), b.add(column, v * tile.lanes())))));
  if (rightSupply == Supply::Shared)
    right.leading = valuesOf(outerLoopsOf(c.rhs));
  auto loadRight = [&](Value k, int64_t v) -> Value {
    switch (rightSupply) {
    case Supply::PerTask:
      return right.load(b, b.index(0), k, v);
    case Supply::Shared:
      return right.load(b, columnTile, b.add(firstTerm, k), v);
    case Supply::InPlace:
      SmallVector<Value> indices =
          rightSource.at(b.add(column, v * tile.lanes()), b.add(firstTerm, k));
      if (masks.empty())
        return vector::LoadOp::create(b, tile.vector, c.rhs.value, indices);
      return vector::MaskedLoadOp::create(b, tile.vector, c.rhs.value, indices,
                                          masks[v], b.zero(tile.vector));
    }
    llvm_unreachable("all supplies are handled");
  };

  Value first;
  if (!mustBeZero.empty()) {
    Value any = mustBeZero.front();
    for (Value value : mustBeZero.drop_front())
      any = arith::OrIOp::create(b, any, value);
    first = b.compare(arith::CmpIPredicate::eq, any, 0);
  }
  bool continues = segment.firstTerm > 0;
  PackedRows &rows = left[index];
  if (leftSupply == Supply::Shared)
    rows.leading = valuesOf(outerLoopsOf(c.lhs));
  ResultMatrix target = result();
  b.loop(rowCount, tile.rows, [&](Value row) {
    Value resultRow = b.add(firstRow, row);
    Value packedRow = leftSupply == Supply::Shared ? resultRow : row;
    SmallVector<Value> sums =
        emitInitialAccumulators(b, tile, target, startsFromZero && !continues,
                                first, resultRow, column);
    sums = emitMultiplyAdd(
        b, tile, segment.terms, sums,
        [&](Value k, int64_t r) {
          return rows.load(b, chunkInPanel, packedRow, r, k);
        },
        loadRight);
    target.store(b, tile, resultRow, column, sums);
  });
}

void mlir::pixelfly::emitContraction(KernelBuilder &b, Contraction contraction,
                                     const ProductOptions &options) {
  ContractionKernel(b, std::move(contraction), options).emit();
}
