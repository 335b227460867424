//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops over vectors for the nest of a linalg operation.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_CPU_VECTORLOOPS_H
#define PIXELFLY_LIB_CODEGEN_CPU_VECTORLOOPS_H

#include "VectorBody.h"

#include "pixelfly/CodeGen/Linalg/StridedNest.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::pixelfly {

/// How a nest becomes loops.
struct VectorPlan {
  /// The loop whose neighbouring iterations are the lanes of a vector.
  unsigned vectorLoop = 0;
  int64_t lanes = 16;
  /// Whether outer loops run on several threads.
  bool parallel = false;
};

/// Emits the loops at the builder's insertion point.
class VectorLoops {
public:
  /// Of every output: how its values combine along reductions.
  using Combiners = SmallVector<Operation *>;

  VectorLoops(OpBuilder &builder, linalg::LinalgOp op, const StridedNest &nest,
              VectorBody &body, const VectorPlan &plan)
      : builder(builder), loc(op.getLoc()), op(op), nest(nest), body(body),
        plan(plan), ivs(nest.getNumLoops()) {}

  /// A nest without reductions: one pass over the operands.
  void emitElementwise();

  /// Lanes are neighbouring results: each of `plan.vectorLoop`'s lanes reduces
  /// on its own, in the order of the loops. With `combiners` the results start
  /// from the neutral element, otherwise from what is in the outputs.
  void emitReductionAcross(const Combiners *combiners);

  /// Lanes are neighbouring terms: partial results in several vectors, combined
  /// in a fixed order at the end. `overwrite` starts from the neutral element
  /// and ignores what is in the outputs.
  void emitReductionAlong(const Combiners &combiners, bool overwrite);

private:
  /// One loop of the emitted code.
  struct Range {
    unsigned loop;
    int64_t begin, end, step;
    int64_t getNumSteps() const { return (end - begin + step - 1) / step; }
  };

  /// Emits loops over `ranges`, outermost first, with as many leading ones on
  /// threads as it takes to keep them busy, and `emitBody` inside.
  void emitOuterLoops(ArrayRef<Range> ranges,
                      llvm::function_ref<void()> emitBody);
  /// Emits sequential loops that carry `values`.
  SmallVector<Value> emitCarryingLoops(
      ArrayRef<unsigned> loops, ValueRange values,
      llvm::function_ref<SmallVector<Value>(ValueRange)> emitBody);
  /// One loop over the plan's vector loop that carries `values`.
  SmallVector<Value>
  emitVectorLoop(Value begin, Value end, int64_t step, ValueRange values,
                 llvm::function_ref<SmallVector<Value>(ValueRange)> emitBody);

  /// The vectors of one iteration of the body: `mapping` holds what is uniform,
  /// `accumulators` stand for the outputs (loaded where empty).
  SmallVector<Value> emitBody(const IRMapping &uniform, ValueRange accumulators,
                              Value mask);
  /// Loads the uniform operands and evaluates what depends on them only.
  IRMapping emitUniform();
  void setUniform();

  Value constantIndex(int64_t value);
  Value linearIndex(const StridedAccess &access);
  Value loadScalar(const StridedAccess &access);
  Value loadVector(const StridedAccess &access, Value mask);
  void storeVector(const StridedAccess &access, Value value, Value mask);
  /// Lane numbers times the stride, for gathers and scatters.
  Value laneOffsets(int64_t stride);
  Value allLanes();
  /// A mask of the first `count` lanes, or null for all of them.
  Value firstLanes(int64_t count);
  Value indexOfDim(unsigned dim, bool vector);
  VectorType vectorOf(Type element) {
    return VectorType::get({plan.lanes}, element);
  }
  Value neutralVector(Operation *combiner);

  /// Loops other than the vector loop.
  SmallVector<unsigned> otherLoops(bool reductions) const;
  /// A loop along which an operand that is strided along the vector loop is
  /// contiguous; running it innermost uses the cache lines that were fetched.
  std::optional<unsigned> transposedLoop() const;

  OpBuilder &builder;
  Location loc;
  linalg::LinalgOp op;
  const StridedNest &nest;
  VectorBody &body;
  const VectorPlan &plan;
  /// The current index of each loop; of the vector loop that of lane 0.
  SmallVector<Value> ivs;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_CPU_VECTORLOOPS_H
