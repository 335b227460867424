//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Target/Processor.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/Alignment.h"

#include <cstdlib>
#include <dlfcn.h>
#include <memory>
#include <numeric>
#include <random>

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
using Shape = std::vector<int64_t>;

/// Random numbers in memory aligned to a cache line, kept for the process.
class Buffers {
public:
  float *get(const Shape &shape) {
    int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t(1),
                                    std::multiplies<>());
    auto *data = static_cast<float *>(
        std::aligned_alloc(64, llvm::alignTo(count * sizeof(float), 64)));
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (int64_t i = 0; i < count; ++i)
      data[i] = uniform(random);
    return data;
  }

private:
  std::mt19937 random{1};
};

/// A function of three memrefs, as text, to be compiled.
struct Source {
  std::string name, label, body;
  Shape a, b, c;
  double flops;
};
} // namespace

static std::string memrefType(const Shape &shape) {
  std::string text = "memref<";
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + "f32>";
}

static std::string functionText(const Source &source) {
  std::string text = "func.func @" + source.name +
                     "(%a: " + memrefType(source.a) +
                     ", %b: " + memrefType(source.b) +
                     ", %c: " + memrefType(source.c) + ") {\n";
  return text + source.body + "  return\n}\n";
}

/// c = 0 before a product that accumulates, as in a training step.
static std::string fill(const Shape &c) {
  return "  %zero = arith.constant 0.0 : f32\n  linalg.fill ins(%zero : f32) "
         "outs(%c : " +
         memrefType(c) + ")\n";
}

static Source patternProduct(StringRef name, StringRef label, StringRef op,
                             const Shape &a, const Shape &b, const Shape &c,
                             const std::string &pattern, double flops) {
  std::string body = fill(c) + "  " + op.str() +
                     " ins(%a, %b : " + memrefType(a) + ", " + memrefType(b) +
                     ") outs(%c : " + memrefType(c) + ") pattern " + pattern +
                     "\n";
  return {name.str(), label.str(), body, a, b, c, flops};
}

/// A product of matrices whose operands are indexed as `mapA` and `mapB` say.
static Source denseProduct(StringRef name, StringRef label, StringRef mapA,
                           StringRef mapB, const Shape &a, const Shape &b,
                           const Shape &c, double flops) {
  auto map = [](StringRef results) {
    return "affine_map<(m, n, k) -> (" + results.str() + ")>";
  };
  std::string body = fill(c) + "  linalg.matmul indexing_maps = [" + map(mapA) +
                     ", " + map(mapB) + ", " + map("m, n") +
                     "] ins(%a, %b : " + memrefType(a) + ", " + memrefType(b) +
                     ") outs(%c : " + memrefType(c) + ")\n";
  return {name.str(), label.str(), body, a, b, c, flops};
}

/// Multiply-adds on registers alone, as many in flight as hide their latency,
/// on every thread.
static Source peakLoop(const Target &target, int threads) {
  constexpr int64_t kIterations = 100000, kSums = 24;
  int64_t lanes = target.lanes(32);
  std::string vector = "vector<" + std::to_string(lanes) + "xf32>";
  std::string names, types, inits, sums, arguments, stores;
  for (int64_t i = 0; i < kSums; ++i) {
    std::string n = std::to_string(i), comma = i ? ", " : "";
    inits += comma + "%s" + n + " = %start";
    types += comma + vector;
    arguments +=
        "      %t" + n + " = vector.fma %x, %y, %s" + n + " : " + vector + "\n";
    sums += comma + "%t" + n;
    stores += "    %at" + n + " = arith.constant " + std::to_string(i * lanes) +
              " : index\n    vector.store %sums#" + n + ", %c[%thread, %at" +
              n + "] : " + memrefType({threads, kSums * lanes}) + ", " +
              vector + "\n";
  }
  std::string body =
      "  %c0 = arith.constant 0 : index\n  %c1 = arith.constant 1 : index\n"
      "  %threads = arith.constant " +
      std::to_string(threads) + " : index\n  %count = arith.constant " +
      std::to_string(kIterations) +
      " : index\n  scf.parallel (%thread) = (%c0) to (%threads) step (%c1) {\n"
      "    %x = vector.load %a[%c0] : " +
      memrefType({lanes}) + ", " + vector +
      "\n    %y = vector.load %b[%c0] : " + memrefType({lanes}) + ", " +
      vector + "\n    %start = arith.constant dense<0.0> : " + vector +
      "\n    %sums:" + std::to_string(kSums) +
      " = scf.for %i = %c0 to %count step %c1 iter_args(" + inits + ") -> (" +
      types + ") {\n" + arguments + "      scf.yield " + sums + " : " + types +
      "\n    }\n" + stores + "    scf.reduce\n  }\n";
  return {"peak",
          "multiply-add peak",
          body,
          {lanes},
          {lanes},
          {threads, kSums * lanes},
          2.0 * double(kIterations * kSums * lanes * threads)};
}

/// OpenBLAS's dense forward product, if the library is installed.
static std::optional<Kernel> openBlas(const LayerShape &s, float *x, float *w,
                                      float *y) {
  // It does not know newer cores and would fall back to half their speed.
  setenv("OPENBLAS_CORETYPE", "SkylakeX", /*overwrite=*/0);
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return std::nullopt;
  using Gemm = void (*)(int, int, int, int, int, int, float, const float *, int,
                        const float *, int, float, float *, int);
  auto gemm = reinterpret_cast<Gemm>(dlsym(library, "cblas_sgemm"));
  if (!gemm)
    return std::nullopt;
  constexpr int kRowMajor = 101, kNoTranspose = 111, kTranspose = 112;
  return Kernel{"dense forward, OpenBLAS", 2.0 * double(s.rows * s.out * s.in),
                [=] {
                  gemm(kRowMajor, kNoTranspose, kTranspose, s.rows, s.out, s.in,
                       1, x, s.in, w, s.in, 0, y, s.out);
                }};
}

static FailureOr<FlatButterfly> choosePattern(const LayerShape &s) {
  FlatButterfly pattern;
  pattern.rows = s.out;
  pattern.cols = s.in;
  pattern.block = s.block;
  int64_t cells = s.cells;
  if (cells == 0 && s.block > 0)
    cells = std::gcd(s.out / s.block, s.in / s.block);
  if (cells > 0)
    pattern.radices = primeRadices(cells);
  pattern.factors = s.factors < 0 ? pattern.radices.size() : s.factors;
  std::string problem = pattern.check();
  if (cells <= 0)
    problem = "the matrix is smaller than a block";
  if (!problem.empty() || s.rows <= 0) {
    llvm::errs() << "pixelfly-bench: the layer has no such pattern: "
                 << (problem.empty() ? "it has no rows" : problem) << "\n";
    return failure();
  }
  return pattern;
}

FailureOr<std::vector<Kernel>>
mlir::pixelfly::buildKernels(MLIRContext &context, const LayerShape &s) {
  FailureOr<FlatButterfly> pattern = choosePattern(s);
  if (failed(pattern))
    return failure();
  std::string radices;
  for (int64_t radix : pattern->radices)
    radices += (radices.empty() ? "" : ", ") + std::to_string(radix);
  std::string text =
      "#pixelfly.flat_butterfly<rows = " + std::to_string(s.out) +
      ", cols = " + std::to_string(s.in) +
      ", block = " + std::to_string(s.block) + ", radices = [" + radices +
      "], factors = " + std::to_string(pattern->factors) + ">";
  int64_t blocks = pattern->numBlocks();
  llvm::outs() << s.rows << " rows, " << s.out << " x " << s.in << ", "
               << blocks << " blocks of " << s.block << " x " << s.block << " ("
               << pattern->blocksPerRow() << " a block row), " << s.threads
               << " thread(s)\n";

  Target target = hostTarget();
  target.cores = s.threads;
  Shape x{s.rows, s.in}, y{s.rows, s.out}, w{blocks, s.block, s.block};
  Shape dense{s.out, s.in};
  double sparseFlops = 2.0 * double(s.rows * blocks * s.block * s.block);
  double denseFlops = 2.0 * double(s.rows * s.out * s.in);
  std::vector<Source> sources = {
      peakLoop(target, s.threads),
      patternProduct("forward", "forward", "pixelfly.matmul", x, w, y, text,
                     sparseFlops),
      patternProduct("input_gradient", "input gradient",
                     "pixelfly.matmul transposed", y, w, x, text, sparseFlops),
      patternProduct("weight_gradient", "weight gradient", "pixelfly.sddmm", y,
                     x, w, text, sparseFlops),
      denseProduct("dense_forward", "dense forward", "m, k", "n, k", x, dense,
                   y, denseFlops),
      denseProduct("dense_input_gradient", "dense input gradient", "m, k",
                   "k, n", y, dense, x, denseFlops),
      denseProduct("dense_weight_gradient", "dense weight gradient", "k, m",
                   "k, n", y, x, dense, denseFlops)};
  std::string module;
  for (const Source &source : sources)
    module += functionText(source);
  OwningOpRef<ModuleOp> parsed = parseSourceString<ModuleOp>(module, &context);
  if (!parsed)
    return failure();
  target.attach(*parsed);
  if (!s.tile.empty()) {
    Attribute tile =
        parseAttribute("#pixelfly.cpu_tile<" + s.tile + ">", &context);
    if (!tile)
      return failure();
    parsed->walk([&](Operation *op) {
      if (isa<MatmulOp, SddmmOp, linalg::MatmulOp>(op))
        op->setAttr(kTileAttrName, tile);
    });
  }
  FailureOr<CompiledModule> compiled =
      CompiledModule::compile(*parsed, CPUPipelineOptions());
  if (failed(compiled))
    return failure();

  auto code = std::make_shared<CompiledModule>(std::move(*compiled));
  Buffers buffers;
  std::vector<Kernel> kernels;
  for (const Source &source : sources) {
    auto argument = [&](const Shape &shape) {
      return BufferArgument{buffers.get(shape), llvm::to_vector(shape)};
    };
    auto run = code->bind(source.name, {argument(source.a), argument(source.b),
                                        argument(source.c)});
    // Keeps the code open as long as there is something to run in it.
    kernels.push_back({source.label, source.flops, [code, run] { run(); }});
  }
  if (std::optional<Kernel> peer =
          openBlas(s, buffers.get(x), buffers.get(dense), buffers.get(y)))
    kernels.push_back(*peer);
  return kernels;
}
