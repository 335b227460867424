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

/// Packs the blocks with the reduction outermost, as the kernel reads them:
/// (position, tile of columns, k, column).
static PackedColumns packBlocks(KernelBuilder &b, MatmulOp op,
                                const RegisterTile &tile, bool parallel) {
  int64_t block = op.getPattern().getBlock();
  int64_t count = op.getPattern().getNumBlocks();
  PackedColumns packed{tile, block, block};
  SmallVector<int64_t> shape = packed.shape();
  shape.insert(shape.begin(), count);
  packed.memref = b.heapBuffer(shape, tile.vector.getElementType());
  b.nest({count, packed.tiles()}, parallel, [&](ValueRange indices) {
    PackSource source{op.getBlocks(),
                      [&](Value column, Value k) {
                        return SmallVector<Value>{indices[0], column, k};
                      },
                      PackSource::Adjacent::Reduction};
    packed.leading = {indices[0]};
    packed.emitPack(b, source, indices[1], indices[1], b.index(0));
  });
  return packed;
}

void mlir::pixelfly::emitMatmul(KernelBuilder &b, MatmulOp op,
                                const ProductOptions &options) {
  BlockPatternAttrInterface pattern = op.getPattern();
  bool transposed = op.getTransposed();
  int64_t block = pattern.getBlock();
  int64_t lines = transposed ? pattern.getBlockCols() : pattern.getBlockRows();
  int64_t others = transposed ? pattern.getBlockRows() : pattern.getBlockCols();
  auto resultType = cast<MemRefType>(op.getInit().getType());
  int64_t rows = resultType.getDimSize(0);
  RegisterTile tile = RegisterTile::get(
      options.tile, resultType.getElementType(), options.target);
  int64_t paddedRows = divideCeil(rows, tile.rows) * tile.rows;
  int64_t panel = std::min(options.tile.getPanel(), paddedRows);
  bool parallel =
      options.parallel &&
      rows * pattern.getNumBlocks() * block * block >= kParallelMultiplyAdds;
  PatternNeighbors neighbors(pattern, transposed,
                             op->getParentOfType<ModuleOp>());

  // The transposed product reads its blocks as they are stored, k outermost.
  PackedColumns packedBlocks;
  if (!transposed)
    packedBlocks = packBlocks(b, op, tile, parallel);
  auto loadBlock = [&](Value position, Value columnTile, Value k,
                       int64_t v) -> Value {
    if (!transposed) {
      PackedColumns blocks = packedBlocks;
      blocks.leading = {position};
      return blocks.load(b, columnTile, k, v);
    }
    Value column = b.add(b.mul(columnTile, tile.columns()), v * tile.lanes());
    return vector::LoadOp::create(b, tile.vector, op.getBlocks(),
                                  ValueRange{position, k, column});
  };

  PackSource input{
      op.getInput(),
      [](Value row, Value k) { return SmallVector<Value>{row, k}; },
      PackSource::Adjacent::Reduction};
  ResultMatrix result{
      op.getInit(), rows, lines * block,
      [](Value row, Value column) { return SmallVector<Value>{row, column}; }};

  PackedRows packedInput{tile, panel, others, block, /*byTerms=*/false};
  auto allocateInput = [&] {
    packedInput.memref = b.taskBuffer(packedInput.shape(),
                                      tile.vector.getElementType(), parallel);
  };
  // One after the other, tasks share one buffer; it must not grow with the
  // loop.
  if (!parallel)
    allocateInput();
  b.nest({int64_t(divideCeil(paddedRows, panel))}, parallel,
         [&](ValueRange task) {
           if (parallel)
             allocateInput();
           Value firstRow = b.mul(task[0], panel);
           Value rowCount = b.index(panel);
           if (paddedRows % panel != 0)
             rowCount = b.min(b.sub(b.index(paddedRows), firstRow), panel);
           packedInput.emitPack(b, input, firstRow, b.index(0), rowCount,
                                rows - 1, b.index(0), b.index(others));

           b.nest({lines, block / tile.columns()}, /*parallel=*/false,
                  [&](ValueRange indices) {
                    Value line = indices[0], columnTile = indices[1];
                    Value column = b.add(b.mul(line, block),
                                         b.mul(columnTile, tile.columns()));
                    b.loop(rowCount, tile.rows, [&](Value row) {
                      Value resultRow = b.add(firstRow, row);
                      SmallVector<Value> sums = emitInitialAccumulators(
                          b, tile, result, options.startsFromZero,
                          /*first=*/Value(), resultRow, column);
                      sums = neighbors.forEach(
                          b, line, sums,
                          [&](Value other, Value position, ValueRange carried) {
                            return emitMultiplyAdd(
                                b, tile, block, carried,
                                [&](Value k, int64_t r) {
                                  return packedInput.load(b, other, row, r, k);
                                },
                                [&](Value k, int64_t v) {
                                  return loadBlock(position, columnTile, k, v);
                                });
                          });
                      result.store(b, tile, resultRow, column, sums);
                    });
                  });
         });
  if (!parallel)
    memref::DeallocOp::create(b, packedInput.memref);
  if (!transposed)
    memref::DeallocOp::create(b, packedBlocks.memref);
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
  b.nest({chunks, terms}, parallel, [&](ValueRange indices) {
    Value chunk = indices[0], k = indices[1];
    Value row = b.add(firstRow, b.add(b.mul(chunk, terms), k));
    for (auto [source, target] : {std::pair(op.getLhs(), packedLhs),
                                  std::pair(op.getRhs(), packedRhs)}) {
      int64_t lines = cast<MemRefType>(target.getType()).getDimSize(1);
      b.loop(lines, 1, [&, source = source, target = target](Value line) {
        emitCopy(
            b, block, tile.lanes(), source,
            [&](Value i) {
              return SmallVector<Value>{row, b.add(b.mul(line, block), i)};
            },
            target,
            [&](Value i) { return SmallVector<Value>{chunk, line, k, i}; });
      });
    }
  });
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
            });
        result.store(b, tile, row, column, sums);
      });
}

void mlir::pixelfly::emitSddmm(KernelBuilder &b, SddmmOp op,
                               const ProductOptions &options) {
  SddmmKernel(b, op, options).emit();
}
