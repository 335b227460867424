//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The scalar body of a linalg operation, evaluated on vectors.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_CPU_VECTORBODY_H
#define PIXELFLY_LIB_CODEGEN_CPU_VECTORBODY_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseSet.h"

#include <string>

namespace mlir::pixelfly {

/// Evaluates a linalg body for `lanes` neighbours along one loop at once. What
/// is the same for all lanes ("uniform") stays scalar and is computed once,
/// before the loop.
class VectorBody {
public:
  VectorBody(linalg::LinalgOp op, int64_t lanes) : op(op), lanes(lanes) {}

  /// Whether every operation of the body has a form on vectors; otherwise
  /// `reason` says which one has not.
  bool canVectorize(std::string &reason);

  /// Rough time of one iteration in units of one addition.
  int64_t getCost();

  /// Says which block arguments, and which dimensions (of linalg.index), are
  /// the same for all lanes. Must be called before the emission.
  void setUniform(const llvm::DenseSet<Value> &uniformArguments,
                  std::optional<unsigned> vectorDim);

  /// Emits what is uniform. `mapping` has the scalars of the uniform block
  /// arguments and receives those of the results. `indexOfDim` gives the value
  /// of linalg.index.
  void emitUniform(OpBuilder &builder, IRMapping &mapping,
                   llvm::function_ref<Value(unsigned dim)> indexOfDim);

  /// Emits the rest on vectors, and returns the vectors that the body yields.
  /// `mapping` has vectors for block arguments that are not uniform.
  SmallVector<Value>
  emitVectors(OpBuilder &builder, IRMapping &mapping,
              llvm::function_ref<Value(unsigned dim)> indexOfDim);

  /// The vector form of a value of the body; scalars are broadcast.
  Value getVector(OpBuilder &builder, IRMapping &mapping, Value value);

private:
  bool isUniform(Value value) const;

  linalg::LinalgOp op;
  int64_t lanes;
  llvm::DenseSet<Value> varying;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_CPU_VECTORBODY_H
