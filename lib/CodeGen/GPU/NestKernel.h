//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A linalg operation on buffers on its way into a kernel: what the host passes,
// and the addresses, loads and body that a thread evaluates.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_NESTKERNEL_H
#define PIXELFLY_LIB_CODEGEN_GPU_NESTKERNEL_H

#include "KernelModule.h"

#include "pixelfly/CodeGen/Linalg/StridedNest.h"

namespace mlir::pixelfly {

/// The host's side: the operation as a strided nest, and everything that its
/// kernel follows from.
struct NestProgram {
  mutable linalg::LinalgOp op; // a handle; its accessors are not const
  StridedNest nest;
  /// Buffers that the body loads from at addresses of its own (table lookups).
  SmallVector<Value> captured;
  /// For every output the operation of the body that combines it with a new
  /// term; empty if some output is computed in another way.
  SmallVector<Operation *> combiners;
  /// What an output holds before the operation, where a fill has just put a
  /// constant there that nothing else sees; null for the others. The kernel
  /// starts from it, and the fill is not needed.
  SmallVector<TypedAttr> initialValues;
  SmallVector<linalg::FillOp> replacedFills;

  /// Reads `op`; creates flat views of its operands before it. On failure
  /// `reason` says what does not fit, in words that follow "the operation".
  static FailureOr<NestProgram> read(OpBuilder &host, linalg::LinalgOp op,
                                     std::string &reason);

  /// What a launch passes: buffers of the inputs and outputs, captured ones.
  SmallVector<Value> operands() const;

  /// Equal for operations that may share a kernel. `form` is what else the
  /// kernel depends on.
  Attribute key(StringRef form) const;

  /// What profilers show: `form` and the trip counts.
  std::string name(StringRef form) const;
};

/// Neighbours along `loop` that a thread may take at once: as many as make the
/// widest contiguous element 16 bytes, if all operands that are contiguous
/// there can be accessed so; 1 if not.
int64_t chooseVectorWidth(const StridedNest &nest, unsigned loop);

/// The alignment of a vector in memory: its size.
llvm::MaybeAlign vectorAlignment(VectorType type);

/// The device's side, one thread. Positions have one value for each loop of the
/// nest.
class NestKernel {
public:
  NestKernel(DeviceBuilder &b, const NestProgram &program,
             ValueRange arguments);

  /// The buffer of an access, as an argument of the kernel.
  Value buffer(const StridedAccess &access) const {
    return buffers.lookup(access.base);
  }
  /// The element that an access touches.
  Value address(const StridedAccess &access, ValueRange positions);

  Value load(const StridedAccess &access, ValueRange positions);
  void store(const StridedAccess &access, ValueRange positions, Value value);

  /// The elements of an operand at places that are neighbours along `loop`. An
  /// operand that is contiguous there must be a vector
  /// (`chooseVectorWidth`).
  SmallVector<Value> loadGroup(const StridedAccess &access, unsigned loop,
                               ArrayRef<SmallVector<Value>> positions);

  /// What the body yields for one element.
  SmallVector<Value> evaluate(ValueRange positions, ValueRange inputs,
                              ValueRange outputs);

  /// `a` and `b`, two parts of output `index`'s reduction, in one.
  Value combine(unsigned index, Value a, Value b);

  /// The element that changes nothing, of output `index`'s reduction.
  Value neutral(unsigned index);

  /// What output `index` holds before the operation.
  Value initialValue(unsigned index, ValueRange positions);

private:
  DeviceBuilder &b;
  const NestProgram &program;
  llvm::SmallDenseMap<Value, Value> buffers;
};

/// The coordinates of the `linear`-th point of a space of `sizes`, the last
/// coordinate fastest. Divides 32-bit numbers where the space has no more
/// points than these count.
SmallVector<Value> delinearize(DeviceBuilder &b, Value linear,
                               ArrayRef<int64_t> sizes);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_NESTKERNEL_H
