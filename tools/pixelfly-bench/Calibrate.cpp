//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Calibrate.h"

#include "LayerKernels.h"

#include "pixelfly/Sparsify/FitCostModel.h"
#include "pixelfly/Sparsify/Report.h"
#include "pixelfly/Target/Processor.h"
#include "pixelfly/Target/TargetFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"

#include <cmath>
#include <ctime>
#include <malloc.h>

using namespace mlir;
using namespace mlir::pixelfly;

//===----------------------------------------------------------------------===//
// The two grids
//===----------------------------------------------------------------------===//

namespace {
/// A layer as a row of a table: block 0 is dense.
struct GridRow {
  int64_t vectors, rows, cols, block, cells, factors, rank;
};
} // namespace

/// What the constants are fitted to: each layer, and, where it has no low-rank
/// term, its three products alone.
static constexpr GridRow kFitGrid[] = {
    {512, 512, 512, 0, 0, 0, 0},      {64, 128, 128, 32, 4, 1, 0},
    {512, 1024, 1024, 0, 0, 0, 0},    {256, 2048, 512, 0, 0, 0, 0},
    {1024, 768, 768, 0, 0, 0, 0},     {512, 1024, 32, 0, 0, 0, 0},
    {512, 32, 1024, 0, 0, 0, 0},      {512, 1024, 1024, 32, 32, 5, 0},
    {512, 1024, 1024, 32, 32, 2, 0},  {512, 2048, 512, 32, 16, 2, 0},
    {512, 512, 2048, 32, 16, 1, 0},   {1536, 768, 768, 32, 24, 2, 0},
    {2048, 512, 512, 32, 16, 1, 0},   {128, 512, 512, 32, 16, 2, 0},
    {512, 3072, 768, 32, 24, 2, 0},   {512, 1024, 1024, 16, 64, 4, 0},
    {512, 1024, 1024, 8, 128, 5, 0},  {512, 1024, 1024, 64, 16, 2, 0},
    {512, 1024, 1024, 32, 32, 4, 32}, {1536, 768, 768, 32, 24, 2, 32},
    {512, 2048, 512, 32, 16, 1, 32},  {1024, 1024, 1024, 32, 32, 2, 64},
    {256, 512, 512, 32, 16, 0, 32},   {512, 1024, 1024, 16, 64, 3, 16},
};

/// What the fit is checked on: other shapes and densities, whole layers.
static constexpr GridRow kCheckGrid[] = {
    {352, 1280, 576, 0, 0, 0, 0},     {176, 352, 352, 32, 11, 1, 32},
    {576, 832, 960, 0, 0, 0, 0},      {800, 512, 640, 0, 0, 0, 0},
    {640, 1408, 1408, 32, 44, 2, 0},  {704, 1216, 1216, 32, 38, 1, 64},
    {832, 960, 960, 32, 30, 2, 32},   {1216, 576, 576, 32, 18, 1, 0},
    {416, 2048, 1536, 32, 16, 1, 64}, {448, 1920, 1280, 32, 20, 1, 0},
    {288, 896, 1792, 32, 28, 2, 32},  {1600, 512, 640, 32, 4, 0, 32},
    {576, 1792, 768, 32, 8, 0, 0},    {320, 1920, 1920, 32, 60, 4, 0},
    {416, 960, 960, 16, 60, 2, 16},   {640, 768, 512, 16, 16, 1, 0},
    {320, 1408, 1408, 64, 22, 1, 64}, {448, 1024, 768, 64, 4, 0, 0},
    {384, 576, 576, 8, 72, 3, 0},     {112, 256, 320, 32, 2, 0, 0},
    {80, 448, 256, 32, 2, 0, 32},
};

namespace {
/// A layer, or one of its products, and its times.
struct Sample {
  LayerSpec layer;
  std::optional<ProductKind> product;
  bool isCheck;
  WorkCounts counts;
  std::function<void()> run = {};
  /// Runs that are timed together, for the clock's sake.
  int runs = 1;
  std::vector<double> seconds = {}; ///< one a round

  double median() const {
    std::vector<double> sorted = seconds;
    llvm::sort(sorted);
    return sorted[sorted.size() / 2];
  }
};
} // namespace

static LayerSpec toLayer(const GridRow &row) {
  LayerSpec layer{row.vectors, row.rows, row.cols, {}};
  if (row.block > 0)
    layer.choice.pattern = FlatButterfly{row.rows, row.cols, row.block,
                                         primeRadices(row.cells), row.factors};
  layer.choice.rank = row.rank;
  return layer;
}

/// The first `count` layers of each grid; 0: all.
static std::vector<Sample> listSamples(const Target &target, size_t count) {
  std::vector<Sample> samples;
  auto add = [&](const GridRow &row, bool isCheck) {
    LayerSpec layer = toLayer(row);
    WeightCounts weight = layer.choice.pattern
                              ? WeightCounts::of(layer.choice)
                              : WeightCounts::dense(row.rows, row.cols);
    samples.push_back({layer, std::nullopt, isCheck,
                       countLayer(row.vectors, weight, target)});
    if (isCheck || row.rank > 0)
      return;
    for (ProductKind kind : {ProductKind::Forward, ProductKind::InputGradient,
                             ProductKind::WeightGradient})
      samples.push_back({layer, kind, isCheck,
                         countProduct(kind, row.vectors, weight, target)});
  };
  auto part = [&](ArrayRef<GridRow> grid) {
    return count == 0 ? grid : grid.take_front(count);
  };
  for (const GridRow &row : part(kFitGrid))
    add(row, /*isCheck=*/false);
  for (const GridRow &row : part(kCheckGrid))
    add(row, /*isCheck=*/true);
  return samples;
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// Timed runs of a sample in a round, of which the best counts.
static constexpr int kRunsPerRound = 3;
/// Shorter runs are repeated for this long.
static constexpr double kLeastSeconds = 1e-3;

static LogicalResult measure(MLIRContext &context, const Target &target,
                             const CalibrateOptions &options,
                             std::vector<Sample> &samples) {
  // Memory that is freed stays with the process: an artifact has its buffers
  // from the beginning, too.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  auto now = [&] {
    timespec time;
    clock_gettime(options.threads == 1 ? CLOCK_PROCESS_CPUTIME_ID
                                       : CLOCK_MONOTONIC,
                  &time);
    return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
  };
  auto time = [&](const Sample &sample) {
    double start = now();
    for (int i = 0; i < sample.runs; ++i)
      sample.run();
    return (now() - start) / sample.runs;
  };
  for (Sample &sample : samples) {
    FailureOr<std::function<void()>> run =
        sample.product
            ? compileProduct(context, sample.layer, *sample.product, target)
            : compileLayer(context, sample.layer, target);
    if (failed(run))
      return failure();
    sample.run = *run;
    time(sample);
    sample.runs = std::max(1, int(kLeastSeconds / time(sample)));
  }
  // In turns, so that a change of the machine's clock meets all of them.
  for (int round = 0; round < options.rounds; ++round)
    for (Sample &sample : samples) {
      time(sample);
      double best = time(sample);
      for (int again = 1; again < kRunsPerRound; ++again)
        best = std::min(best, time(sample));
      sample.seconds.push_back(best);
    }
  return success();
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

static StringRef nameOf(std::optional<ProductKind> product) {
  if (!product)
    return "layer";
  switch (*product) {
  case ProductKind::Forward:
    return "forward";
  case ProductKind::InputGradient:
    return "input gradient";
  case ProductKind::WeightGradient:
    return "weight gradient";
  }
  llvm_unreachable("all products are listed");
}

/// Prints measured and predicted times of one of the grids.
static void printTable(const std::vector<Sample> &samples, bool isCheck,
                       const CostModel &model) {
  llvm::outs() << (isCheck ? "\nCheck: layers that the fit has not seen\n"
                           : "Fit\n");
  llvm::outs() << llvm::format("%-16s %-52s %12s %12s %8s\n", "what",
                               "inputs x outputs x features, pattern",
                               "measured", "predicted", "error");
  double worst = 0, squares = 0;
  int count = 0, within = 0;
  for (const Sample &sample : samples) {
    if (sample.isCheck != isCheck)
      continue;
    double measured = sample.median();
    double predicted = model.seconds(sample.counts);
    double error = predicted / measured - 1;
    worst = std::max(worst, std::abs(error));
    squares += error * error;
    ++count;
    within += std::abs(error) <= 0.2;
    llvm::outs() << llvm::format(
        "%-16s %-52s %12s %12s %+7.1f%%\n", nameOf(sample.product).data(),
        sample.layer.describe().c_str(), formatSeconds(measured).c_str(),
        formatSeconds(predicted).c_str(), 100 * error);
  }
  llvm::outs() << llvm::format(
      "%d of %d within 20 %%; root mean square %.1f %%, worst %.1f %%\n",
      within, count, 100 * std::sqrt(squares / count), 100 * worst);
}

static LogicalResult writeFile(StringRef path, StringRef text) {
  std::error_code code;
  llvm::raw_fd_ostream file(path, code);
  if (!code) {
    file << text;
    file.close();
    code = file.error();
    file.clear_error();
  }
  if (!code)
    return success();
  llvm::errs() << "pixelfly-bench: cannot write " << path << ": "
               << code.message() << "\n";
  return failure();
}

LogicalResult pixelfly::calibrate(MLIRContext &context,
                                  const CalibrateOptions &options) {
  // A place that cannot be written is better known before the minutes of
  // measuring.
  Target target = hostTarget();
  for (auto &[type, rate] : target.peakFlops)
    rate = rate / double(target.cores) * options.threads;
  target.cores = options.threads;
  if (failed(writeFile(options.targetFile, printTarget(target))))
    return failure();

  std::vector<Sample> samples = listSamples(target, options.layers);
  if (failed(measure(context, target, options, samples)))
    return failure();
  std::vector<Measurement> measurements;
  for (const Sample &sample : samples)
    // What is predicted is layers: each counts as much as three products.
    if (!sample.isCheck)
      measurements.insert(measurements.end(), sample.product ? 1 : 3,
                          {sample.counts, sample.median()});
  target.cost = fitCostConstants(measurements, target.cost.accessBytes);
  CostModel model(target);
  printTable(samples, /*isCheck=*/false, model);
  printTable(samples, /*isCheck=*/true, model);
  llvm::outs() << llvm::format(
      "\n%.3g s a flop, %.3g s an access of %lld bytes, %.3g s a product, "
      "%d thread(s)\n",
      target.cost.secondsPerFlop, target.cost.secondsPerAccess,
      (long long)target.cost.accessBytes, target.cost.secondsPerProduct,
      options.threads);
  return writeFile(options.targetFile, printTarget(target));
}
