//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Kernels for operations that are not products: elementwise chains, reductions
// of every shape, loops that the host cannot run, and constants.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_NESTLAUNCHES_H
#define PIXELFLY_LIB_CODEGEN_GPU_NESTLAUNCHES_H

#include "NestKernel.h"

namespace mlir::pixelfly {

/// How the threads share a reduction.
struct ReductionPlan {
  /// The loops in the order in which threads step through them: parallel ones,
  /// then reductions, the contiguous one of each last.
  SmallVector<unsigned> parallelLoops, reductionLoops;
  int64_t outputs = 1; ///< points of the parallel loops
  int64_t terms = 1;   ///< points of the reduction loops
  /// Threads that share one output, neighbours along its terms. 1: every
  /// thread has outputs of its own, neighbours along the outputs.
  int64_t teamSize = 1;
  /// Threads that share one output where neighbours have different ones.
  int64_t termThreads = 1;
  /// Thread blocks that share one output; more than one leave their sums in a
  /// buffer, to be added by another kernel.
  int64_t parts = 1;
  int64_t vector = 1; ///< adjacent terms that a thread loads at once
};

/// One thread for every few neighbouring elements. Several operations, which
/// must not depend on each other, share a launch: each has thread blocks of its
/// own.
void launchElementwise(ImplicitLocOpBuilder &host, KernelModule &kernels,
                       ArrayRef<NestProgram> programs);

/// How to share `program`'s terms among threads, by what lies together in
/// memory and by the number of outputs and terms. Always in the same way, so
/// that sums have the same bits in every run.
ReductionPlan planReduction(const NestProgram &program);

/// Launches the reduction. With `plan.parts` greater than one, `partialSums`
/// has a buffer of [parts][outputs] for every output and receives its sums
/// without the initial value; else it is empty.
void launchReduction(ImplicitLocOpBuilder &host, KernelModule &kernels,
                     const NestProgram &program, const ReductionPlan &plan,
                     ValueRange partialSums);

/// Launches a kernel that does what a loop of the host does with one linalg
/// operation inside, such as adding rows to those of a table: each thread runs
/// the loop, in its order, for the elements of its own. On failure `reason`
/// says what does not fit, in words that follow "the loop".
LogicalResult launchLoop(ImplicitLocOpBuilder &host, KernelModule &kernels,
                         scf::ForOp loop, std::string &reason);

/// Launches a kernel that writes the contents of a constant to `buffer`, which
/// has its type.
void launchConstant(ImplicitLocOpBuilder &host, KernelModule &kernels,
                    memref::GlobalOp constant, Value buffer);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_NESTLAUNCHES_H
