//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A linalg operation on buffers, seen as a loop nest in which every operand
// moves by a constant stride along every loop. In this form the questions of
// the vectoriser (contiguous? invariant? can two loops become one?) are
// arithmetic on integers.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_CODEGEN_LINALG_STRIDEDNEST_H
#define PIXELFLY_CODEGEN_LINALG_STRIDEDNEST_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/SmallBitVector.h"

#include <optional>
#include <string>

namespace mlir::pixelfly {

/// One operand of the operation.
struct StridedAccess {
  /// The operand as a one-dimensional buffer, or a scalar that every iteration
  /// reads.
  Value base;
  /// Elements by which the operand moves when a loop advances by one.
  SmallVector<int64_t> strides;
  /// Element that the first iteration touches.
  int64_t offset = 0;

  bool isScalar() const { return !isa<MemRefType>(base.getType()); }
  Type getElementType() const { return getElementTypeOrSelf(base.getType()); }
};

struct StridedNest {
  /// Trip count of every loop, outermost first.
  SmallVector<int64_t> sizes;
  SmallVector<bool> isReduction;
  SmallVector<StridedAccess> inputs, outputs;
  /// Loop that each dimension of the operation became; nullopt for a dimension
  /// of size one. Only exact for dimensions that the body reads (linalg.index).
  SmallVector<std::optional<unsigned>> loopOfDim;

  unsigned getNumLoops() const { return sizes.size(); }
  int64_t getNumIterations() const;
  int64_t getNumParallelIterations() const;
  bool hasReduction() const { return llvm::is_contained(isReduction, true); }

  /// Every operand, inputs first.
  SmallVector<StridedAccess *> getAccesses();
  SmallVector<const StridedAccess *> getAccesses() const;

  /// Removes a loop of trip count one.
  void dropLoop(unsigned loop);
  /// Splits a loop into `outer` iterations over the rest; its trip count must
  /// be a multiple of `outer`. The new loop stands before the old one.
  void splitLoop(unsigned loop, int64_t outer, bool outerIsReduction);
  /// Makes one loop of every two neighbours that all operands step through as
  /// if they were one, dropping loops of trip count one first. The loops of
  /// `keepDims` (dimensions of the operation) stay apart.
  void collapseLoops(const llvm::SmallBitVector &keepDims);
};

/// Reads `op` as a strided nest, with flat views of its operands created before
/// it. On failure `reason` says what does not fit, in words that follow "the
/// operation", and nothing is created.
FailureOr<StridedNest> buildStridedNest(OpBuilder &builder, linalg::LinalgOp op,
                                        std::string &reason);

} // namespace mlir::pixelfly

#endif // PIXELFLY_CODEGEN_LINALG_STRIDEDNEST_H
