//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LowerProductsPacking.h"

using namespace mlir;
using namespace mlir::pixelfly;

static SmallVector<Value> concat(ArrayRef<Value> leading,
                                 ArrayRef<Value> indices) {
  SmallVector<Value> result(leading);
  llvm::append_range(result, indices);
  return result;
}

void mlir::pixelfly::emitCopy(KernelBuilder &b, int64_t length, int64_t lanes,
                              Value source,
                              function_ref<SmallVector<Value>(Value)> from,
                              Value target,
                              function_ref<SmallVector<Value>(Value)> to) {
  constexpr int64_t kUnrolledVectors = 8;
  Type elementType = getElementTypeOrSelf(source.getType());
  auto copy = [&](Value offset, int64_t width) {
    auto type = VectorType::get({width}, elementType);
    Value loaded = vector::LoadOp::create(b, type, source, from(offset));
    vector::StoreOp::create(b, loaded, target, to(offset));
  };
  int64_t done = 0;
  int64_t vectors = length / lanes;
  if (vectors > kUnrolledVectors) {
    done = vectors * lanes;
    b.loop(done, lanes, [&](Value offset) { copy(offset, lanes); });
  }
  for (int64_t width = lanes; done < length; width /= 2)
    for (; length - done >= width; done += width)
      copy(b.index(done), width);
}

std::function<void(Value)> PrefetchedRows::share(KernelBuilder &b,
                                                 Value firstRow, Value call,
                                                 int64_t parts) const {
  constexpr int64_t kLineBytes = 64;
  auto type = cast<MemRefType>(memref.getType());
  int64_t perLine = kLineBytes / (type.getElementTypeBitWidth() / 8);
  int64_t linesPerRow = llvm::divideCeil(type.getDimSize(1), perLine);
  // A share is part of a row, or several rows, so that one address serves it:
  // integer instructions compete with multiply-adds for issue.
  int64_t lines = llvm::divideCeil(rows * linesPerRow, calls);
  if (lines >= linesPerRow)
    lines = llvm::divideCeil(lines, linesPerRow) * linesPerRow;
  else
    while (linesPerRow % lines != 0)
      ++lines;
  int64_t sharesPerRow = std::max<int64_t>(linesPerRow / lines, 1);
  int64_t rowsPerShare = std::max<int64_t>(lines / linesPerRow, 1);
  int64_t linesAtATime = llvm::divideCeil(lines / rowsPerShare, parts);

  // The last calls have nothing left to do and repeat the last share.
  int64_t shares = llvm::divideCeil(rows, rowsPerShare) * sharesPerRow;
  Value index = shares < calls ? b.min(call, shares - 1) : call;
  Value row = b.add(firstRow, b.mul(b.div(index, sharesPerRow), rowsPerShare));
  Value column =
      b.mul(b.rem(index, sharesPerRow), lines / rowsPerShare * perLine);
  SmallVector<Value> shareRows;
  for (int64_t i = 0; i < rowsPerShare; ++i)
    shareRows.push_back(b.min(b.add(row, i), type.getDimSize(0) - 1));
  int64_t lastLine = lines / rowsPerShare - 1;
  bool isEven = linesAtATime * parts == lastLine + 1;
  return [=, &b, source = memref](Value part) {
    for (int64_t i = 0; i < linesAtATime; ++i) {
      Value line = b.add(b.mul(part, linesAtATime), i);
      if (!isEven)
        line = b.min(line, lastLine);
      Value at = b.add(column, b.mul(line, perLine));
      // To the second-level cache: the first level holds what is computed on.
      for (Value shareRow : shareRows)
        memref::PrefetchOp::create(b, source, ValueRange{shareRow, at},
                                   /*isWrite=*/false, /*localityHint=*/2,
                                   /*isDataCache=*/true);
    }
  };
}

//===----------------------------------------------------------------------===//
// PackedRows
//===----------------------------------------------------------------------===//

SmallVector<int64_t> PackedRows::shape() const {
  if (byTerms)
    return {rows / tile.rows, chunks * terms, tile.rows};
  return {chunks, rows, terms};
}

void PackedRows::emitPack(KernelBuilder &b, const PackSource &source,
                          Value firstRow, Value toRow, Value count,
                          int64_t lastRow, Value firstTerm,
                          Value chunkCount) const {
  int64_t lanes = tile.lanes();
  if (byTerms) {
    auto type = VectorType::get({tile.rows}, tile.vector.getElementType());
    bool cut = (lastRow + 1) % tile.rows != 0;
    Value termCount = b.mul(chunkCount, terms);
    b.loop(termCount, 1, [&](Value k) {
      b.loop(count, tile.rows, [&](Value row) {
        Value sourceRow = b.add(firstRow, row);
        SmallVector<Value> indices = source.at(sourceRow, b.add(firstTerm, k));
        Value loaded;
        if (cut) {
          auto maskType = VectorType::get({tile.rows}, b.getI1Type());
          Value mask = vector::CreateMaskOp::create(
              b, maskType, ValueRange(b.sub(b.index(lastRow + 1), sourceRow)));
          loaded = vector::MaskedLoadOp::create(b, type, source.memref, indices,
                                                mask, b.zero(type));
        } else {
          loaded = vector::LoadOp::create(b, type, source.memref, indices);
        }
        Value packedTile = b.div(b.add(toRow, row), tile.rows);
        vector::StoreOp::create(b, loaded, memref,
                                concat(leading, {packedTile, k, b.index(0)}));
      });
    });
    return;
  }
  b.loop(count, 1, [&](Value row) {
    // Rows past the last are copies of it; what comes of them is not stored.
    Value sourceRow = b.min(b.add(firstRow, row), lastRow);
    Value packedRow = b.add(toRow, row);
    b.loop(chunkCount, 1, [&](Value chunk) {
      Value chunkTerm = b.add(firstTerm, b.mul(chunk, terms));
      auto from = [&](Value k) {
        return source.at(sourceRow, b.add(chunkTerm, k));
      };
      auto to = [&](Value k) { return concat(leading, {chunk, packedRow, k}); };
      if (source.adjacent == PackSource::Adjacent::Reduction)
        return emitCopy(b, terms, lanes, source.memref, from, memref, to);
      b.loop(terms, 1, [&](Value k) {
        Value element = memref::LoadOp::create(b, source.memref, from(k));
        memref::StoreOp::create(b, element, memref, to(k));
      });
    });
  });
}

Value PackedRows::load(KernelBuilder &b, Value chunk, Value row, int64_t r,
                       Value k) const {
  SmallVector<Value> indices =
      byTerms ? SmallVector<Value>{b.div(row, tile.rows),
                                   b.add(b.mul(chunk, terms), k), b.index(r)}
              : SmallVector<Value>{chunk, b.add(row, r), k};
  return memref::LoadOp::create(b, memref, concat(leading, indices));
}

//===----------------------------------------------------------------------===//
// PackedColumns
//===----------------------------------------------------------------------===//

/// The transpose of a square of vectors, by exchanging ever larger halves of
/// pairs of rows: log2(lanes) rounds of one two-input permutation a vector.
static SmallVector<Value> transpose(KernelBuilder &b, SmallVector<Value> rows) {
  int64_t lanes = rows.size();
  for (int64_t half = 1; half < lanes; half *= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      bool second = lane & half;
      low.push_back(second ? lanes + lane - half : lane);
      high.push_back(second ? lanes + lane : lane + half);
    }
    for (int64_t i = 0; i < lanes; ++i) {
      if (i & half)
        continue;
      Value a = rows[i], c = rows[i + half];
      rows[i] = vector::ShuffleOp::create(b, a, c, low);
      rows[i + half] = vector::ShuffleOp::create(b, a, c, high);
    }
  }
  return rows;
}

void PackedColumns::emitPack(KernelBuilder &b, const PackSource &source,
                             Value sourceTile, Value toTile,
                             Value firstTerm) const {
  int64_t lanes = tile.lanes();
  Value firstColumn = b.mul(sourceTile, tile.columns());
  auto to = [&](Value k, Value column) {
    return concat(leading, {toTile, k, column});
  };
  auto maskType = VectorType::get({lanes}, b.getI1Type());

  switch (source.adjacent) {
  case PackSource::Adjacent::Free:
    b.loop(terms, 1, [&](Value k) {
      emitPackTerm(b, source, sourceTile, toTile, b.add(firstTerm, k), k);
    });
    return;
  case PackSource::Adjacent::Reduction:
    b.loop(paddedTerms(), lanes, [&](Value k) {
      b.loop(tile.columns(), lanes, [&](Value column) {
        SmallVector<Value> rows;
        for (int64_t i = 0; i < lanes; ++i) {
          Value sourceColumn =
              b.min(b.add(b.add(firstColumn, column), i), columns - 1);
          SmallVector<Value> from =
              source.at(sourceColumn, b.add(firstTerm, k));
          if (terms % lanes == 0) {
            rows.push_back(
                vector::LoadOp::create(b, tile.vector, source.memref, from));
            continue;
          }
          Value mask = vector::CreateMaskOp::create(
              b, maskType, ValueRange(b.sub(b.index(terms), k)));
          rows.push_back(vector::MaskedLoadOp::create(
              b, tile.vector, source.memref, from, mask, b.zero(tile.vector)));
        }
        for (auto [i, row] : llvm::enumerate(transpose(b, rows)))
          vector::StoreOp::create(b, row, memref, to(b.add(k, i), column));
      });
    });
    return;
  case PackSource::Adjacent::Neither:
    b.loop(terms, 1, [&](Value k) {
      b.loop(tile.columns(), 1, [&](Value column) {
        Value sourceColumn = b.min(b.add(firstColumn, column), columns - 1);
        Value element = memref::LoadOp::create(
            b, source.memref, source.at(sourceColumn, b.add(firstTerm, k)));
        memref::StoreOp::create(b, element, memref, to(k, column));
      });
    });
    return;
  }
}

void PackedColumns::emitPackTerm(KernelBuilder &b, const PackSource &source,
                                 Value sourceTile, Value toTile,
                                 Value sourceTerm, Value toTerm) const {
  int64_t lanes = tile.lanes();
  Value firstColumn = b.mul(sourceTile, tile.columns());
  for (int64_t v = 0; v < tile.vectors; ++v) {
    Value column = b.add(firstColumn, v * lanes);
    SmallVector<Value> from = source.at(column, sourceTerm);
    Value loaded;
    if (columns % tile.columns() == 0) {
      loaded = vector::LoadOp::create(b, tile.vector, source.memref, from);
    } else {
      Value mask = vector::CreateMaskOp::create(
          b, VectorType::get({lanes}, b.getI1Type()),
          ValueRange(b.sub(b.index(columns), column)));
      loaded = vector::MaskedLoadOp::create(b, tile.vector, source.memref, from,
                                            mask, b.zero(tile.vector));
    }
    vector::StoreOp::create(
        b, loaded, memref,
        concat(leading, {toTile, toTerm, b.index(v * lanes)}));
  }
}

Value PackedColumns::load(KernelBuilder &b, Value tileIndex, Value k,
                          int64_t v) const {
  return vector::LoadOp::create(
      b, tile.vector, memref,
      concat(leading, {tileIndex, k, b.index(v * tile.lanes())}));
}
