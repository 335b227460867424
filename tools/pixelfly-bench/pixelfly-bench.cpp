//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures the products of one layer, compiled by the project's own pipeline in
// this process, against the multiply-add peak of the core and against peers.
//
//===----------------------------------------------------------------------===//

#include "Calibrate.h"
#include "Kernels.h"

#include "pixelfly/Pipelines/RegisterAll.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"

#include <cstdlib>
#include <ctime>

using namespace mlir;
using namespace mlir::pixelfly;
namespace cl = llvm::cl;

namespace {
struct Options {
  /// `--help` shows these and not the options that LLVM's libraries bring
  /// along.
  cl::OptionCategory category{"pixelfly-bench options"};
  cl::opt<int64_t> rows{"rows", cl::desc("Rows of the activations"),
                        cl::init(1536), cl::cat(category)};
  cl::opt<int64_t> out{"out", cl::desc("Output features"), cl::init(1024),
                       cl::cat(category)};
  cl::opt<int64_t> in{"in", cl::desc("Input features"), cl::init(1024),
                      cl::cat(category)};
  cl::opt<int64_t> block{"block", cl::desc("Side of a block"), cl::init(32),
                         cl::cat(category)};
  cl::opt<int64_t> cells{
      "cells",
      cl::desc("Cells a side of the butterfly (default: as many as fit)"),
      cl::init(0), cl::cat(category)};
  cl::opt<int64_t> factors{"factors",
                           cl::desc("Butterfly factors (default: all)"),
                           cl::init(-1), cl::cat(category)};
  cl::opt<int> threads{"num-threads", cl::desc("Threads"), cl::init(1),
                       cl::cat(category)};
  cl::opt<int> repetitions{
      "repetitions",
      cl::desc("Rounds; each measures the peak and every product"),
      cl::init(15), cl::cat(category)};
  cl::opt<std::string> tile{
      "tile",
      cl::desc("Tile sizes of the compiled products, as in #pixelfly.cpu_tile: "
               "'rows = 12, columns = 32, panel = 96, reduction = 32'"),
      cl::value_desc("sizes"), cl::cat(category)};
  cl::opt<std::string> only{
      "only", cl::desc("Measure only kernels whose name contains this"),
      cl::value_desc("text"), cl::cat(category)};
  cl::opt<std::string> json{
      "json", cl::desc("Append one JSON line a product to this file"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<std::string> calibrate{
      "calibrate",
      cl::desc("Measure the constants of the cost model on this machine and "
               "write its target description to this file"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<int> calibrateLayers{
      "calibrate-layers",
      cl::desc("Layers to fit the constants to, and as many to check them on "
               "(default: all there are)"),
      cl::init(0), cl::cat(category)};
};

/// The times of one kernel, in seconds, one a round.
struct Measured {
  const Kernel *kernel;
  std::vector<double> seconds;

  double quantile(double q) const {
    std::vector<double> sorted = seconds;
    llvm::sort(sorted);
    return sorted[size_t(q * double(sorted.size() - 1))];
  }
  double gflops(double time) const { return kernel->flops / time * 1e-9; }
};
} // namespace

/// Timed runs of a kernel in a round, of which the best counts.
static constexpr int kRunsPerRound = 4;

/// The median over the rounds of this kernel's rate over the peak's in the same
/// round, which a machine that is busy with other work disturbs least.
static double ratioToPeak(const Measured &kernel, const Measured &peak) {
  std::vector<double> ratios;
  for (auto [time, peakTime] : llvm::zip_equal(kernel.seconds, peak.seconds))
    ratios.push_back(kernel.gflops(time) / peak.gflops(peakTime));
  llvm::sort(ratios);
  return ratios[ratios.size() / 2];
}

static void report(const std::vector<Measured> &all, const Options &options) {
  const Measured &peak = all.front();
  llvm::outs() << llvm::format("%-34s %10s %10s %8s %8s\n", "kernel", "GFLOP/s",
                               "best", "of peak", "best/best");
  std::error_code error;
  std::unique_ptr<llvm::raw_fd_ostream> json;
  if (!options.json.empty()) {
    json = std::make_unique<llvm::raw_fd_ostream>(options.json, error,
                                                  llvm::sys::fs::OF_Append);
    if (error)
      llvm::errs() << "pixelfly-bench: cannot write " << options.json << ": "
                   << error.message() << "\n";
  }
  for (const Measured &m : all) {
    double median = m.gflops(m.quantile(0.5)), best = m.gflops(m.quantile(0));
    double ofPeak = ratioToPeak(m, peak);
    double bestOfBest = best / peak.gflops(peak.quantile(0));
    llvm::outs() << llvm::format("%-34s %10.1f %10.1f %7.1f%% %7.1f%%\n",
                                 m.kernel->name.c_str(), median, best,
                                 100 * ofPeak, 100 * bestOfBest);
    if (json && !error)
      *json << llvm::format(
          "{\"kernel\": \"%s\", \"rows\": %lld, \"out\": %lld, \"in\": %lld, "
          "\"block\": %lld, \"threads\": %d, \"gflops\": %.2f, "
          "\"best_gflops\": %.2f, \"of_peak\": %.4f, "
          "\"best_of_best_peak\": %.4f}\n",
          m.kernel->name.c_str(), (long long)options.rows,
          (long long)options.out, (long long)options.in,
          (long long)options.block, int(options.threads), median, best, ofPeak,
          bestOfBest);
  }
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  Options options;
  cl::HideUnrelatedOptions(options.category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "Measures the products of one layer against the peak of the machine\n");
  // Read by libomp and OpenBLAS when they are opened.
  std::string threads = std::to_string(options.threads);
  setenv("OMP_NUM_THREADS", threads.c_str(), /*overwrite=*/1);
  setenv("OPENBLAS_NUM_THREADS", threads.c_str(), /*overwrite=*/1);

  LayerShape shape{options.rows,    options.out,   options.in,
                   options.block,   options.cells, options.factors,
                   options.threads, options.tile};
  DialectRegistry registry;
  registerAllDialectsAndModels(registry);
  registerObjectEmissionDialects(registry);
  MLIRContext context(registry);
  if (!options.calibrate.empty())
    return failed(
        calibrate(context, {options.calibrate, options.threads,
                            options.repetitions, options.calibrateLayers}));
  FailureOr<std::vector<Kernel>> kernels = buildKernels(context, shape);
  if (failed(kernels))
    return EXIT_FAILURE;

  std::vector<Measured> all;
  for (const Kernel &kernel : *kernels)
    if (all.empty() || StringRef(kernel.name).contains(options.only))
      all.push_back({&kernel, {}});
  // One thread is timed by the processor time it took, so that other programs
  // on the machine disturb less; several by the clock on the wall.
  auto now = [&] {
    timespec time;
    clock_gettime(options.threads == 1 ? CLOCK_PROCESS_CPUTIME_ID
                                       : CLOCK_MONOTONIC,
                  &time);
    return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
  };
  auto run = [&](const Kernel &kernel) {
    double start = now();
    kernel.run();
    return now() - start;
  };
  for (const Measured &measured : all)
    run(*measured.kernel);
  for (int round = 0; round < options.repetitions; ++round)
    for (Measured &measured : all) {
      // The first run brings back what the kernels before have driven out of
      // the caches; the best of the others is the least disturbed one.
      run(*measured.kernel);
      double best = run(*measured.kernel);
      for (int again = 1; again < kRunsPerRound; ++again)
        best = std::min(best, run(*measured.kernel));
      measured.seconds.push_back(best);
    }
  report(all, options);
  return EXIT_SUCCESS;
}
