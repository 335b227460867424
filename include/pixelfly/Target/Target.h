//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the passes know about the hardware: numbers in the module, not
// conditions in the code.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TARGET_TARGET_H
#define PIXELFLY_TARGET_TARGET_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mlir::pixelfly {

enum class TargetKind { CPU, GPU };

/// "cpu" or "gpu", as in a target file.
StringRef stringifyTargetKind(TargetKind kind);

/// Constants of the first-order cost model: a product that makes A accesses and
/// F floating-point operations takes
///
///   secondsPerProduct + A * secondsPerAccess + F * secondsPerFlop
///
/// on the whole target, all its cores at work. They are measured, not copied
/// from a data sheet; zero means that nobody has measured them, and a model
/// then falls back on the peak rate and the memory bandwidth.
struct CostConstants {
  /// Adjacent bytes that one access fetches; a block row of b elements is
  /// ceil(b * element size / accessBytes) accesses.
  int64_t accessBytes = 64;
  double secondsPerAccess = 0;
  double secondsPerFlop = 0;
  /// What a product costs however small it is: a kernel launch, or the waking
  /// of a team of threads.
  double secondsPerProduct = 0;
};

/// Facts of a processor that block sizes, tiles and predicted times follow
/// from. In the IR they stand on the module as a DLTI specification of the
/// device "CPU" or "GPU":
///
///   module attributes {dlti.target_system_spec = #dlti.target_system_spec<
///     "CPU" = #dlti.target_device_spec<
///       "vector_width_in_bits" = 512 : i64, "vector_registers" = 32 : i64,
///       "L1_cache_size_in_bytes" = 49152 : i64,
///       "L2_cache_size_in_bytes" = 2097152 : i64, "num_cores" = 8 : i64,
///       "block_sizes" = array<i64: 32, 64, 128, 16, 8>,
///       "peak_flops_per_second" = {f32 = 1.0e12 : f64}, ...>>}
///
/// What the specification leaves out has the default below, which for a CPU is
/// an AVX-512 server core; keys that are not known here are left alone. As data
/// outside of the IR they are a JSON file, see TargetFile.h.
///
/// Rates and costs are those of the whole target, all cores together.
struct Target {
  std::string name = "avx512";
  TargetKind kind = TargetKind::CPU;
  /// What LLVM calls the processor: "x86-64-v4", "haswell", "sm_90a"; empty if
  /// the module does not say.
  std::string processor;

  /// Cores, or streaming multiprocessors.
  int64_t cores = 8;
  /// Width of a vector register; of a GPU what a warp's 32 threads hold in one
  /// 32-bit register each. A power of two.
  int64_t vectorBits = 512;
  /// Architectural vector registers; of a GPU those of a thread.
  int64_t vectorRegisters = 32;
  /// What the hardware multiplies at once: rows x columns of the result, and
  /// terms of the sum. {1, 16, 1} for a vector unit with 16 lanes.
  std::array<int64_t, 3> matrixTile = {1, 16, 1};
  /// Block sizes of a sparsity pattern that its kernels run well on, the best
  /// first; each is 8, 16, 32, 64 or 128.
  std::vector<int64_t> blocks = {32, 64, 128, 16, 8};

  int64_t l1Bytes = 48 << 10; ///< first-level data cache of one core
  int64_t l2Bytes = 2 << 20;  ///< second-level cache of one core (GPU: of all)
  int64_t l3Bytes = 0;        ///< third-level cache of all cores; 0: none
  int64_t sharedBytes = 0;    ///< shared memory of a multiprocessor; CPU: 0

  /// Peak floating-point operations a second (a multiply-add is two) for an
  /// element type, called as in MLIR: "f32", "bf16". A matrix unit's where it
  /// has one for the type.
  std::map<std::string, double> peakFlops;
  /// Bytes a second between the memory and the whole target; 0: not known.
  double bandwidth = 0;
  CostConstants cost;

  /// Lanes of a vector register for elements of `elementBits` bits.
  int64_t lanes(int64_t elementBits) const { return vectorBits / elementBits; }
  /// The block size to take unless something else asks for another.
  int64_t preferredBlock() const { return blocks.front(); }
  bool supportsBlock(int64_t block) const {
    return llvm::is_contained(blocks, block);
  }
  /// The peak for an element type, or 0 if it is not known.
  double peak(StringRef elementType) const;

  /// The target of this kind that `op`'s module names, defaults where it says
  /// nothing. A fact of the wrong type or out of its range is an error at the
  /// module.
  static FailureOr<Target> get(Operation *op,
                               TargetKind kind = TargetKind::CPU);

  /// The target that products run on: the GPU if the module names one, else the
  /// CPU.
  static FailureOr<Target> getForProducts(Operation *op);

  /// Whether a module around `op`, or `op` itself, names a target of this kind.
  static bool isSpecified(Operation *op, TargetKind kind = TargetKind::CPU);

  /// Writes this target on `module`, replacing an earlier device of its kind
  /// and keeping all others. Loads the DLTI dialect: a pass that calls this
  /// depends on it.
  void attach(ModuleOp module) const;

  /// Forgets the device of this kind that `module` names, if it names one.
  static void detach(ModuleOp module, TargetKind kind);
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_TARGET_TARGET_H
