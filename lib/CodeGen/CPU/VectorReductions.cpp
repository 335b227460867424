//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops of reductions. Every result has one fixed order of operations, given by
// the shapes alone, so that it has the same bits for any number of threads.
//
//===----------------------------------------------------------------------===//

#include "VectorLoops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::pixelfly;

//===----------------------------------------------------------------------===//
// Lanes are results
//===----------------------------------------------------------------------===//

/// Neighbouring vectors of results that one pass over the terms computes: whole
/// cache lines of every row are used while they are there. Fewer where the body
/// is long, so that code and registers stay small.
static int64_t vectorsPerBlock(int64_t vectors, int64_t cost) {
  for (int64_t count : {8, 4, 2})
    if (count * cost <= 32 && vectors >= count)
      return count;
  return 1;
}

void VectorLoops::emitReductionAcross(const Combiners *combiners) {
  setUniform();
  const unsigned loop = plan.vectorLoop;
  const int64_t size = nest.sizes[loop], lanes = plan.lanes;
  const int64_t vectors = size / lanes;
  SmallVector<unsigned> reductions = otherLoops(/*reductions=*/true);

  // Results [begin, end) of the vector loop, `count` vectors at once.
  auto emitBlocks = [&](int64_t begin, int64_t end, int64_t count,
                        int64_t lastLanes) {
    SmallVector<Range> outer;
    for (unsigned other : otherLoops(/*reductions=*/false))
      outer.push_back({other, 0, nest.sizes[other], 1});
    outer.push_back({loop, begin, end, count * lanes});
    emitOuterLoops(outer, [&]() {
      Value mask = firstLanes(lastLanes);
      SmallVector<Value> bases;
      for (int64_t vector = 0; vector < count; ++vector)
        bases.push_back(
            vector == 0 ? ivs[loop]
                        : arith::AddIOp::create(builder, loc, ivs[loop],
                                                constantIndex(vector * lanes))
                              .getResult());
      SmallVector<Value> initial;
      for (Value base : bases) {
        ivs[loop] = base;
        for (auto [index, output] : llvm::enumerate(nest.outputs))
          initial.push_back(combiners ? neutralVector((*combiners)[index])
                                      : loadVector(output, mask));
      }
      SmallVector<Value> results =
          emitCarryingLoops(reductions, initial, [&](ValueRange carried) {
            IRMapping uniform = emitUniform();
            SmallVector<Value> next;
            for (auto [vector, base] : llvm::enumerate(bases)) {
              ivs[loop] = base;
              llvm::append_range(
                  next, emitBody(uniform,
                                 carried.slice(vector * nest.outputs.size(),
                                               nest.outputs.size()),
                                 mask));
            }
            return next;
          });
      size_t position = 0;
      for (Value base : bases) {
        ivs[loop] = base;
        for (const StridedAccess &output : nest.outputs)
          storeVector(output, results[position++], mask);
      }
    });
  };

  int64_t count = vectorsPerBlock(vectors, body.getCost());
  int64_t blocked = vectors / count * count;
  if (blocked > 0)
    emitBlocks(0, blocked * lanes, count, lanes);
  if (blocked < vectors)
    emitBlocks(blocked * lanes, vectors * lanes, 1, lanes);
  if (vectors * lanes < size)
    emitBlocks(vectors * lanes, size, 1, size - vectors * lanes);
}

//===----------------------------------------------------------------------===//
// Lanes are terms
//===----------------------------------------------------------------------===//

void VectorLoops::emitReductionAlong(const Combiners &combiners,
                                     bool overwrite) {
  setUniform();
  const unsigned loop = plan.vectorLoop;
  const int64_t size = nest.sizes[loop], lanes = plan.lanes;
  const int64_t vectors = size / lanes;
  const size_t numOutputs = nest.outputs.size();
  // Independent chains hide the latency of the combining operation.
  int64_t chains = 1;
  for (int64_t candidate : {4, 2})
    if (vectors >= candidate) {
      chains = candidate;
      break;
    }
  const int64_t blocked = vectors / chains * chains;

  SmallVector<Range> outer;
  for (unsigned other : otherLoops(/*reductions=*/false))
    outer.push_back({other, 0, nest.sizes[other], 1});
  emitOuterLoops(outer, [&]() {
    SmallVector<Value> initial;
    for (int64_t chain = 0; chain < chains; ++chain)
      for (Operation *combiner : combiners)
        initial.push_back(neutralVector(combiner));

    // One vector of terms onto the accumulators of one chain.
    auto accumulate = [&](const IRMapping &uniform, ValueRange accumulators,
                          Value mask) {
      SmallVector<Value> next = emitBody(uniform, accumulators, mask);
      if (mask)
        for (auto [value, old] : llvm::zip_equal(next, accumulators))
          value = arith::SelectOp::create(builder, loc, mask, value, old);
      return next;
    };
    auto emitRow = [&](ValueRange carried) {
      IRMapping uniform = emitUniform();
      SmallVector<Value> values(carried);
      if (blocked > 0)
        values = emitVectorLoop(
            constantIndex(0), constantIndex(blocked * lanes), chains * lanes,
            values, [&](ValueRange old) {
              Value base = ivs[loop];
              SmallVector<Value> next;
              for (int64_t chain = 0; chain < chains; ++chain) {
                ivs[loop] =
                    chain == 0
                        ? base
                        : arith::AddIOp::create(builder, loc, base,
                                                constantIndex(chain * lanes))
                              .getResult();
                llvm::append_range(
                    next,
                    accumulate(uniform,
                               old.slice(chain * numOutputs, numOutputs), {}));
              }
              return next;
            });
      // What is left goes onto the first chain.
      ValueRange all(values);
      SmallVector<Value> first(all.take_front(numOutputs));
      if (blocked < vectors)
        first = emitVectorLoop(
            constantIndex(blocked * lanes), constantIndex(vectors * lanes),
            lanes, first,
            [&](ValueRange old) { return accumulate(uniform, old, {}); });
      if (vectors * lanes < size) {
        ivs[loop] = constantIndex(vectors * lanes);
        first = accumulate(uniform, first, firstLanes(size - vectors * lanes));
      }
      llvm::copy(first, values.begin());
      return values;
    };
    SmallVector<Value> results =
        emitCarryingLoops(otherLoops(/*reductions=*/true), initial, emitRow);

    for (auto [index, output] : llvm::enumerate(nest.outputs)) {
      vector::CombiningKind kind = *linalg::getCombinerOpKind(combiners[index]);
      // (0 + 2) + (1 + 3), then the lanes as a tree: a fixed order.
      SmallVector<Value> partials;
      for (int64_t chain = 0; chain < chains; ++chain)
        partials.push_back(results[chain * numOutputs + index]);
      while (partials.size() > 1) {
        size_t half = partials.size() / 2;
        for (size_t i = 0; i < half; ++i)
          partials[i] = vector::makeArithReduction(
              builder, loc, kind, partials[i], partials[i + half]);
        partials.resize(half);
      }
      auto fastmath = isa<FloatType>(output.getElementType())
                          ? arith::FastMathFlags::reassoc
                          : arith::FastMathFlags::none;
      Value result = vector::ReductionOp::create(builder, loc, kind,
                                                 partials.front(), fastmath);
      Value position = linearIndex(output);
      if (!overwrite) {
        Value old = memref::LoadOp::create(builder, loc, output.base, position);
        result = vector::makeArithReduction(builder, loc, kind, old, result);
      }
      memref::StoreOp::create(builder, loc, result, output.base, position);
    }
  });
}
