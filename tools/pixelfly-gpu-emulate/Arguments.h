//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arguments for a function with memref parameters: filled by shape, compared.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_ARGUMENTS_H
#define PIXELFLY_GPU_EMULATE_ARGUMENTS_H

#include "Emulator/Memory.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::pixelfly::emulator {

/// What the elements of an argument are at first.
enum class Fill {
  Random, ///< Uniform in [-1, 1), rounded to the type; integers in [0, 4).
  Index,  ///< Their place in memory order: 0, 1, 2, ...
  Zero,
};

/// The memory of one memref argument and its descriptor.
class Argument {
public:
  /// Memory for `type` (static shape, identity layout; integers, f16, bf16, f32
  /// or f64). It is an allocation of `device` where that is given; to a kernel
  /// it has contents only if `initialized`.
  static FailureOr<Argument> create(Location loc, MemRefType type,
                                    GlobalMemory *device, std::string name,
                                    bool initialized = true);

  /// The same numbers for the same seed and argument number, whatever the type.
  void fill(Fill fill, uint64_t seed, uint64_t number);

  MemRefType getType() const { return type; }
  int64_t size() const { return type.getNumElements(); }
  double get(int64_t index) const;
  void set(int64_t index, double value);
  /// The first element.
  void *address() { return data; }
  /// As the C interface of a function takes it.
  void *descriptor() { return storage->data(); }
  /// Prints one line per row.
  void print(llvm::raw_ostream &os) const;

private:
  MemRefType type;
  char *data = nullptr;
  std::shared_ptr<char> owned;
  std::shared_ptr<std::vector<int64_t>> storage;
};

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_ARGUMENTS_H
