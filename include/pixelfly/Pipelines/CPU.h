//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The way from a function on tensors to code for the CPU.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_CPU_H
#define PIXELFLY_PIPELINES_CPU_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::pixelfly {

/// Options of every CPU pipeline.
struct CPUPipelineOptions : public PassPipelineOptions<CPUPipelineOptions> {
  PassOptions::Option<bool> plainLoops{
      *this, "plain-loops",
      llvm::cl::desc("Lower every product and every elementwise operation to "
                     "plain scalar loops instead of vector kernels: slow, but "
                     "the reference that the kernels are compared with"),
      llvm::cl::init(false)};
  PassOptions::Option<bool> parallel{
      *this, "parallel", llvm::cl::desc("Run parallel loops on OpenMP threads"),
      llvm::cl::init(true)};
  PassOptions::Option<bool> allowSlowProducts{
      *this, "allow-slow-products",
      llvm::cl::desc("Artifacts: let products that have no vector kernel "
                     "(other types than f32 and f64, dynamic shapes, ...) run "
                     "as slower loops, with a remark, instead of failing. "
                     "--pixelfly-to-llvm takes every program and always does"),
      llvm::cl::init(false)};
};

/// Lowers a module of functions on tensors to the LLVM dialect such that
/// mlir-runner runs it: every buffer comes from malloc and is freed, results
/// are returned.
void buildToLLVMPipeline(OpPassManager &manager,
                         const CPUPipelineOptions &options);

/// Lowers the module after Phase::Tile (`@train_step` and `@evaluate` on
/// tensors) to the LLVM dialect with the C entry points of abi.h: results are
/// written into arguments, every other buffer lies in one arena.
void buildArtifactPipeline(OpPassManager &manager,
                           const CPUPipelineOptions &options);

/// Registers `--pixelfly-to-llvm` and `--pixelfly-cpu-artifact`.
void registerCPUPipelines();

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_CPU_H
