//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels of the products on a block pattern.
//
//===----------------------------------------------------------------------===//

#include "LowerProducts.h"
#include "LowerProductsPacking.h"
#include "LowerProductsPattern.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;

//===----------------------------------------------------------------------===//
// pixelfly.matmul: result[row, line] += sum input[row, other] * block
//===----------------------------------------------------------------------===//

namespace {
/// The forward product and the input gradient. A task computes a panel of rows:
/// it packs them by block, then takes for every block row (column, if
/// transposed) its few blocks through one set of accumulators. Where a packed
/// panel is too large for the stack of a thread, the threads share one, and
/// compute each panel together.
class MatmulKernel {
public:
  MatmulKernel(KernelBuilder &b, MatmulOp op, const ProductOptions &options);
  void emit();

private:
  void packBlocks();
  void emitTask(Value firstRow);
  void emitTile(Value firstRow, Value row, Value line, Value columnTile);
  /// Vector `v` of row `k` of the block, in its tile of columns.
  Value loadBlock(Value position, Value columnTile, Value k, int64_t v);

  KernelBuilder &b;
  MatmulOp op;
  /// Whether tasks run on several threads, and whether they do so inside of a
  /// panel.
  bool startsFromZero, parallel, sharesPanel;
  BlockPatternAttrInterface pattern;
  RegisterTile tile;
  PatternNeighbors neighbors;
  int64_t block, lines, columnTiles;
  int64_t rows, paddedRows, panel;
  PackedColumns blocks; ///< (position, tile of columns, k, column)
  PackedRows input;
  ResultMatrix result;
};
} // namespace

MatmulKernel::MatmulKernel(KernelBuilder &b, MatmulOp op,
                           const ProductOptions &options)
    : b(b), op(op), startsFromZero(options.startsFromZero),
      pattern(op.getPattern()),
      tile(RegisterTile::get(options.tile,
                             getElementTypeOrSelf(op.getInit().getType()),
                             options.target)),
      neighbors(pattern, op.getTransposed(), op->getParentOfType<ModuleOp>()) {
  block = pattern.getBlock();
  lines = op.getTransposed() ? pattern.getBlockCols() : pattern.getBlockRows();
  int64_t others =
      op.getTransposed() ? pattern.getBlockRows() : pattern.getBlockCols();
  columnTiles = block / tile.columns();
  rows = cast<MemRefType>(op.getInit().getType()).getDimSize(0);
  paddedRows = divideCeil(rows, tile.rows) * tile.rows;
  panel = std::min(options.tile.getPanel(), paddedRows);
  parallel =
      options.parallel &&
      rows * pattern.getNumBlocks() * block * block >= kParallelMultiplyAdds;
  blocks = {tile, block, block};
  input = {tile, panel, others, block, /*byTerms=*/false};
  int64_t inputBytes =
      ShapedType::getNumElements(input.shape()) *
      (tile.vector.getElementType().getIntOrFloatBitWidth() / 8);
  sharesPanel = parallel && inputBytes > kMaximumStackBytes;
  result = {op.getInit(), rows, lines * block, [](Value row, Value column) {
              return SmallVector<Value>{row, column};
            }};
}

void MatmulKernel::emit() {
  // The transposed product reads its blocks as they are stored, k outermost.
  if (!op.getTransposed())
    packBlocks();
  bool onStack = parallel && !sharesPanel;
  auto allocate = [&] {
    input.memref =
        b.taskBuffer(input.shape(), tile.vector.getElementType(), onStack);
  };
  if (!onStack)
    allocate();
  b.nest({int64_t(divideCeil(paddedRows, panel))}, onStack,
         [&](ValueRange task) {
           if (onStack)
             allocate();
           emitTask(b.mul(task[0], panel));
         });
  if (!onStack)
    memref::DeallocOp::create(b, input.memref);
  if (!op.getTransposed())
    memref::DeallocOp::create(b, blocks.memref);
}

void MatmulKernel::packBlocks() {
  int64_t count = pattern.getNumBlocks();
  SmallVector<int64_t> shape = blocks.shape();
  shape.insert(shape.begin(), count);
  blocks.memref = b.heapBuffer(shape, tile.vector.getElementType());
  b.nest({count, columnTiles}, parallel, [&](ValueRange indices) {
    PackSource source{op.getBlocks(),
                      [&](Value column, Value k) {
                        return SmallVector<Value>{indices[0], column, k};
                      },
                      PackSource::Adjacent::Reduction};
    blocks.leading = {indices[0]};
    blocks.emitPack(b, source, indices[1], indices[1], b.index(0));
  });
}

void MatmulKernel::emitTask(Value firstRow) {
  Value rowCount = b.index(panel);
  if (paddedRows % panel != 0)
    rowCount = b.min(b.sub(b.index(paddedRows), firstRow), panel);
  PackSource source{
      op.getInput(),
      [](Value row, Value k) { return SmallVector<Value>{row, k}; },
      PackSource::Adjacent::Reduction};
  auto pack = [&](Value from, Value count) {
    input.emitPack(b, source, b.add(firstRow, from), from, count, rows - 1,
                   b.index(0), b.index(input.chunks));
  };
  // Packing may go past the panel's last row: it reads an earlier one again.
  if (sharesPanel)
    b.nest({panel / tile.rows}, /*parallel=*/true, [&](ValueRange index) {
      pack(b.mul(index[0], tile.rows), b.index(tile.rows));
    });
  else
    pack(b.index(0), rowCount);
  b.nest({lines, columnTiles}, sharesPanel, [&](ValueRange indices) {
    b.loop(rowCount, tile.rows,
           [&](Value row) { emitTile(firstRow, row, indices[0], indices[1]); });
  });
}

void MatmulKernel::emitTile(Value firstRow, Value row, Value line,
                            Value columnTile) {
  // The blocks in all tiles of columns and rows number the calls.
  PrefetchedRows next{op.getInput(), panel,
                      pattern.getNumBlocks() * columnTiles *
                          (panel / tile.rows)};
  Value resultRow = b.add(firstRow, row);
  Value column = b.add(b.mul(line, block), b.mul(columnTile, tile.columns()));
  SmallVector<Value> sums = emitInitialAccumulators(
      b, tile, result, startsFromZero, /*first=*/Value(), resultRow, column);
  sums = neighbors.forEach(
      b, line, sums, [&](Value other, Value position, ValueRange carried) {
        Value call = b.add(b.mul(position, columnTiles), columnTile);
        call = b.add(b.mul(call, panel / tile.rows), b.div(row, tile.rows));
        auto prefetch =
            next.share(b, b.add(firstRow, panel), call,
                       std::max<int64_t>(block / kTermsPerIteration, 1));
        return emitMultiplyAdd(
            b, tile, block, carried,
            [&](Value k, int64_t r) { return input.load(b, other, row, r, k); },
            [&](Value k, int64_t v) {
              return loadBlock(position, columnTile, k, v);
            },
            prefetch);
      });
  result.store(b, tile, resultRow, column, sums);
}

Value MatmulKernel::loadBlock(Value position, Value columnTile, Value k,
                              int64_t v) {
  if (!op.getTransposed()) {
    blocks.leading = {position};
    return blocks.load(b, columnTile, k, v);
  }
  Value column = b.add(b.mul(columnTile, tile.columns()), v * tile.lanes());
  return vector::LoadOp::create(b, tile.vector, op.getBlocks(),
                                ValueRange{position, k, column});
}

void mlir::pixelfly::emitMatmul(KernelBuilder &b, MatmulOp op,
                                const ProductOptions &options) {
  MatmulKernel(b, op, options).emit();
}

//===----------------------------------------------------------------------===//
// pixelfly.sddmm: result[position, i, j] += sum lhs[k, i] * rhs[k, j]
//===----------------------------------------------------------------------===//

namespace {
/// The weight gradient. Panels of rows of both operands are packed by block
/// column, (chunk, block column, k, element), by all threads together; then
/// every task adds to the stored blocks of its block rows. Each element of the
/// result is summed by one task in the order of the rows, whatever the number
/// of threads.
class SddmmKernel {
public:
  SddmmKernel(KernelBuilder &b, SddmmOp op, const ProductOptions &options)
      : b(b), op(op), options(options), pattern(op.getPattern()),
        tile(RegisterTile::get(
            options.tile,
            cast<MemRefType>(op.getInit().getType()).getElementType(),
            options.target)),
        neighbors(pattern, /*byColumn=*/false,
                  op->getParentOfType<ModuleOp>()) {}
  void emit();

private:
  /// Sums rows `[firstRow, firstRow + chunks * terms)`.
  void emitPanel(Value firstRow, int64_t chunks, int64_t terms);
  void packPanel(Value firstRow, int64_t chunks, int64_t terms);
  void emitBlock(Value line, Value other, Value position, Value firstRow,
                 int64_t chunks, int64_t terms);

  KernelBuilder &b;
  SddmmOp op;
  ProductOptions options;
  BlockPatternAttrInterface pattern;
  RegisterTile tile;
  PatternNeighbors neighbors;
  bool parallel = false;
  Value packedLhs, packedRhs;
};
} // namespace

void SddmmKernel::emit() {
  int64_t rows = cast<MemRefType>(op.getLhs().getType()).getDimSize(0);
  int64_t block = pattern.getBlock();
  parallel =
      options.parallel &&
      rows * pattern.getNumBlocks() * block * block >= kParallelMultiplyAdds;
  int64_t terms = std::min(options.tile.getReduction(), rows);
  int64_t chunks =
      std::clamp<int64_t>(options.tile.getPanel() / terms, 1, rows / terms);
  Type elementType = tile.vector.getElementType();
  packedLhs =
      b.heapBuffer({chunks, pattern.getBlockRows(), terms, block}, elementType);
  packedRhs =
      b.heapBuffer({chunks, pattern.getBlockCols(), terms, block}, elementType);

  int64_t panel = chunks * terms;
  int64_t panels = rows / panel;
  b.nest({panels}, /*parallel=*/false, [&](ValueRange index) {
    emitPanel(b.mul(index[0], panel), chunks, terms);
  });
  int64_t done = panels * panel;
  if (int64_t left = (rows - done) / terms) {
    emitPanel(b.index(done), left, terms);
    done += left * terms;
  }
  if (done < rows)
    emitPanel(b.index(done), 1, rows - done);
  memref::DeallocOp::create(b, packedLhs);
  memref::DeallocOp::create(b, packedRhs);
}

void SddmmKernel::emitPanel(Value firstRow, int64_t chunks, int64_t terms) {
  packPanel(firstRow, chunks, terms);
  b.nest({pattern.getBlockRows()}, parallel, [&](ValueRange line) {
    neighbors.forEach(
        b, line[0], ValueRange(), [&](Value other, Value position, ValueRange) {
          emitBlock(line[0], other, position, firstRow, chunks, terms);
          return SmallVector<Value>();
        });
  });
}

void SddmmKernel::packPanel(Value firstRow, int64_t chunks, int64_t terms) {
  int64_t block = pattern.getBlock();
  // Block column by block column, so that what is written is adjacent: rows of
  // a packed panel lie a power of two apart, in the same few sets of a cache.
  for (auto [from, to] :
       {std::pair(op.getLhs(), packedLhs), std::pair(op.getRhs(), packedRhs)}) {
    Value source = from, target = to;
    int64_t lines = cast<MemRefType>(target.getType()).getDimSize(1);
    b.nest({chunks, lines}, parallel, [&](ValueRange indices) {
      Value chunk = indices[0], line = indices[1];
      b.loop(terms, 1, [&](Value k) {
        Value row = b.add(firstRow, b.add(b.mul(chunk, terms), k));
        emitCopy(
            b, block, tile.lanes(), source,
            [&](Value i) {
              return SmallVector<Value>{row, b.add(b.mul(line, block), i)};
            },
            target,
            [&](Value i) { return SmallVector<Value>{chunk, line, k, i}; });
      });
    });
  }
}

void SddmmKernel::emitBlock(Value line, Value other, Value position,
                            Value firstRow, int64_t chunks, int64_t terms) {
  int64_t block = pattern.getBlock();
  ResultMatrix result{op.getInit(), block, block,
                      [position](Value row, Value column) {
                        return SmallVector<Value>{position, row, column};
                      }};
  b.nest(
      {chunks, block / tile.rows, block / tile.columns()},
      /*parallel=*/false, [&](ValueRange indices) {
        Value chunk = indices[0];
        Value row = b.mul(indices[1], tile.rows);
        Value column = b.mul(indices[2], tile.columns());
        Value tileIndex =
            b.add(b.mul(b.add(b.mul(indices[0], block / tile.rows), indices[1]),
                        block / tile.columns()),
                  indices[2]);
        int64_t tiles = chunks * (block / tile.rows) * (block / tile.columns());
        Value call = b.add(b.mul(position, tiles), tileIndex);
        int64_t iterations = std::max<int64_t>(terms / kTermsPerIteration, 1);
        SmallVector<std::function<void(Value)>> prefetches;
        for (Value operand : {op.getLhs(), op.getRhs()}) {
          PrefetchedRows next{operand, chunks * terms,
                              pattern.getNumBlocks() * tiles};
          prefetches.push_back(
              next.share(b, b.add(firstRow, chunks * terms), call, iterations));
        }
        Value before = b.createOrFold<arith::OrIOp>(firstRow, chunk);
        Value first = b.compare(arith::CmpIPredicate::eq, before, 0);
        SmallVector<Value> sums = emitInitialAccumulators(
            b, tile, result, options.startsFromZero, first, row, column);
        sums = emitMultiplyAdd(
            b, tile, terms, sums,
            [&](Value k, int64_t r) -> Value {
              return memref::LoadOp::create(
                  b, packedLhs, ValueRange{chunk, line, k, b.add(row, r)});
            },
            [&](Value k, int64_t v) -> Value {
              return vector::LoadOp::create(
                  b, tile.vector, packedRhs,
                  ValueRange{chunk, other, k, b.add(column, v * tile.lanes())});
            },
            [&](Value iteration) {
              for (auto &prefetch : prefetches)
                prefetch(iteration);
            });
        result.store(b, tile, row, column, sums);
      });
}

void mlir::pixelfly::emitSddmm(KernelBuilder &b, SddmmOp op,
                               const ProductOptions &options) {
  SddmmKernel(b, op, options).emit();
}
