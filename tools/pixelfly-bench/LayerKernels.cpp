//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerKernels.h"

#include "pixelfly/CodeGen/Linalg/Passes.h"
#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Tile/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Alignment.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <random>

using namespace mlir;
using namespace mlir::pixelfly;

using Shape = SmallVector<int64_t>;

std::string LayerSpec::describe() const {
  std::string text = std::to_string(vectors) + " x " + std::to_string(rows) +
                     " x " + std::to_string(cols);
  if (!choice.pattern)
    return text + ", dense";
  const FlatButterfly &pattern = *choice.pattern;
  return text + ", block " + std::to_string(pattern.block) + ", " +
         std::to_string(pattern.blocksPerRow()) + " a row, rank " +
         std::to_string(choice.rank);
}

//===----------------------------------------------------------------------===//
// The text of a function
//===----------------------------------------------------------------------===//

namespace {
/// A function on buffers, as text: its arguments, and its body on tensors.
class FunctionText {
public:
  /// Adds an argument that a result will be written to, %name_buffer; returns
  /// the type of the result.
  std::string place(StringRef name, const Shape &shape) {
    arguments += (shapes.empty() ? "%" : ", %") + name.str() +
                 "_buffer: " + type("memref", shape);
    shapes.push_back(shape);
    return type("tensor", shape);
  }
  /// Adds an argument that is read as the tensor %name; returns its type.
  std::string argument(StringRef name, const Shape &shape) {
    std::string tensor = place(name, shape);
    line("%" + name + " = bufferization.to_tensor %" + name +
         "_buffer restrict : " + type("memref", shape) + " to " + tensor);
    return tensor;
  }
  /// Writes the tensor %value to the buffer of `name`.
  void store(StringRef value, StringRef name, const Shape &shape) {
    line("bufferization.materialize_in_destination %" + value +
         " in restrict writable %" + name + "_buffer : (" +
         type("tensor", shape) + ", " + type("memref", shape) + ") -> ()");
  }
  void line(const Twine &text) { body += "  " + text.str() + "\n"; }
  std::string text() const {
    return "func.func @kernel(" + arguments + ") {\n" + body + "  return\n}\n";
  }

  static std::string type(StringRef kind, const Shape &shape) {
    std::string text = kind.str() + "<";
    for (int64_t size : shape)
      text += std::to_string(size) + "x";
    return text + "f32>";
  }

  SmallVector<Shape> shapes;

private:
  std::string arguments, body;
};
} // namespace

static std::string patternText(const FlatButterfly &pattern) {
  return "#pixelfly.flat_butterfly<rows = " + std::to_string(pattern.rows) +
         ", cols = " + std::to_string(pattern.cols) +
         ", block = " + std::to_string(pattern.block) + ", radices = [" +
         llvm::join(llvm::map_range(
                        pattern.radices,
                        [](int64_t radix) { return std::to_string(radix); }),
                    ", ") +
         "], factors = " + std::to_string(pattern.factors) + ">";
}

static Shape weightShape(const LayerSpec &layer) {
  if (!layer.choice.pattern)
    return {layer.rows, layer.cols};
  const FlatButterfly &pattern = *layer.choice.pattern;
  return {pattern.numBlocks(), pattern.block, pattern.block};
}

/// Compiles the function and binds it to buffers of random numbers, which stay
/// as long as it does.
static std::function<void()> bindToBuffers(CompiledModule compiled,
                                           ArrayRef<Shape> shapes) {
  struct Running {
    CompiledModule code;
    std::vector<std::unique_ptr<float, decltype(&std::free)>> buffers;
  };
  auto running = std::make_shared<Running>(Running{std::move(compiled), {}});
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  SmallVector<BufferArgument> arguments;
  for (const Shape &shape : shapes) {
    int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t(1),
                                    std::multiplies<>());
    auto *data = static_cast<float *>(
        std::aligned_alloc(64, llvm::alignTo(count * sizeof(float), 64)));
    std::generate_n(data, count, [&] { return uniform(random); });
    running->buffers.emplace_back(data, &std::free);
    arguments.push_back({data, shape});
  }
  std::function<void()> run = running->code.bind("kernel", arguments);
  return [running, run] { run(); };
}

static FailureOr<std::function<void()>>
compile(ModuleOp module, ArrayRef<Shape> shapes, const Target &target) {
  target.attach(module);
  // As in a train step: what is common is computed once, elementwise chains are
  // fused. The phase itself does not take functions on buffers.
  PassManager manager(module.getContext());
  OpPassManager &function = manager.nest<func::FuncOp>();
  function.addPass(createDecomposeLinear());
  function.addPass(createLowerToLinalg({/*keepProducts=*/true}));
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  function.addPass(createFuseElementwise());
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  if (failed(manager.run(module)))
    return failure();
  FailureOr<CompiledModule> compiled =
      CompiledModule::compile(module, CPUPipelineOptions());
  if (failed(compiled))
    return failure();
  return bindToBuffers(std::move(*compiled), shapes);
}

//===----------------------------------------------------------------------===//
// Layers and products
//===----------------------------------------------------------------------===//

/// Writes what the adjoint of `product` (and of the layer's bias) says into the
/// buffers of the adjoints.
static LogicalResult addAdjoint(ModuleOp module) {
  auto function = *module.getOps<func::FuncOp>().begin();
  Operation *product = nullptr;
  function.walk([&](Operation *op) {
    if (isa<LinearOp, linalg::MatmulOp>(op))
      product = op;
  });
  // By the order of the arguments: dy, and then the adjoints' places.
  auto tensorOf = [&](BlockArgument argument) -> Value {
    return cast<bufferization::ToTensorOp>(*argument.getUsers().begin())
        .getResult();
  };
  unsigned numOperands = product->getNumOperands() - 1;
  auto arguments = function.getArguments();
  OpBuilder builder(function.front().getTerminator());
  SmallVector<Value> adjoints;
  SmallVector<bool> needs(product->getNumOperands(), true);
  needs.back() = false;
  if (failed(cast<DifferentiableOpInterface>(product).emitAdjoint(
          builder, tensorOf(arguments[numOperands]), needs, adjoints)))
    return failure();
  for (unsigned i = 0; i < numOperands; ++i) {
    bufferization::MaterializeInDestinationOp::create(
        builder, product->getLoc(), TypeRange(), adjoints[i],
        arguments[numOperands + 2 + i], /*restrict=*/true, /*writable=*/true);
  }
  return success();
}

FailureOr<std::function<void()>> pixelfly::compileLayer(MLIRContext &context,
                                                        const LayerSpec &layer,
                                                        const Target &target) {
  FunctionText f;
  int64_t rank = layer.choice.rank;
  Shape xShape{layer.vectors, layer.cols}, yShape{layer.vectors, layer.rows};
  SmallVector<std::pair<std::string, Shape>> operands = {
      {"x", xShape}, {"w", weightShape(layer)}};
  if (rank > 0)
    operands.append(
        {{"u", {layer.rows, rank}}, {"v", {layer.cols, rank}}, {"gamma", {}}});
  bool isSparse = layer.choice.pattern.has_value();
  if (isSparse)
    operands.push_back({"bias", {layer.rows}});
  SmallVector<std::string> types;
  for (const auto &[name, shape] : operands)
    types.push_back(f.argument(name, shape));
  std::string yType = f.argument("dy", yShape);
  f.place("y", yShape);
  for (const auto &[name, shape] : operands)
    f.place("d" + name, shape);
  f.line("%empty = tensor.empty() : " + yType);
  if (isSparse) {
    std::string lowRank;
    if (rank > 0)
      lowRank = " low_rank(%u, %v, %gamma : " + types[2] + ", " + types[3] +
                ", " + types[4] + ")";
    f.line("%y = pixelfly.linear ins(%x, %w : " + types[0] + ", " + types[1] +
           ")" + lowRank + " bias(%bias : " + types.back() +
           ") outs(%empty : " + yType + ") pattern " +
           patternText(*layer.choice.pattern) + " -> " + yType);
  } else {
    std::string bias = f.argument("bias", {layer.rows});
    f.place("dbias", {layer.rows});
    f.line("%column_empty = tensor.empty() : " + bias);
    f.line("%zero = arith.constant 0.0 : f32");
    f.line("%init = linalg.fill ins(%zero : f32) outs(%empty : " + yType +
           ") -> " + yType);
    f.line("%product = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> "
           "(m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> "
           "(m, n)>] ins(%x, %w : " +
           types[0] + ", " + types[1] + ") outs(%init : " + yType + ") -> " +
           yType);
    f.line("%y = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, "
           "n)>, affine_map<(m, n) -> (n)>, affine_map<(m, n) -> (m, n)>], "
           "iterator_types = [\"parallel\", \"parallel\"]} ins(%product, "
           "%bias : " +
           yType + ", " + bias + ") outs(%empty : " + yType +
           ") {\n  ^bb0(%p: f32, %b: f32, %o: f32):\n    %s = arith.addf %p, "
           "%b : f32\n    linalg.yield %s : f32\n  } -> " +
           yType);
    f.line("%column_init = linalg.fill ins(%zero : f32) outs(%column_empty : " +
           bias + ") -> " + bias);
    f.line("%columns = linalg.generic {indexing_maps = [affine_map<(m, n) -> "
           "(m, n)>, affine_map<(m, n) -> (n)>], iterator_types = "
           "[\"reduction\", \"parallel\"]} ins(%dy : " +
           yType + ") outs(%column_init : " + bias +
           ") {\n  ^bb0(%p: f32, %b: f32):\n    %s = arith.addf %p, %b : "
           "f32\n    linalg.yield %s : f32\n  } -> " +
           bias);
    f.store("columns", "dbias", {layer.rows});
  }
  f.store("y", "y", yShape);
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(f.text(), &context);
  if (!module || failed(addAdjoint(*module)))
    return failure();
  return compile(*module, f.shapes, target);
}

FailureOr<std::function<void()>>
pixelfly::compileProduct(MLIRContext &context, const LayerSpec &layer,
                         ProductKind kind, const Target &target) {
  Shape x{layer.vectors, layer.cols}, y{layer.vectors, layer.rows};
  Shape w = weightShape(layer);
  Shape left, right, result;
  StringRef op, mapA, mapB;
  switch (kind) {
  case ProductKind::Forward:
    std::tie(left, right, result) = std::tuple(x, w, y);
    op = "pixelfly.matmul";
    mapA = "(m, k)";
    mapB = "(n, k)";
    break;
  case ProductKind::InputGradient:
    std::tie(left, right, result) = std::tuple(y, w, x);
    op = "pixelfly.matmul transposed";
    mapA = "(m, k)";
    mapB = "(k, n)";
    break;
  case ProductKind::WeightGradient:
    std::tie(left, right, result) = std::tuple(y, x, w);
    op = "pixelfly.sddmm";
    mapA = "(k, m)";
    mapB = "(k, n)";
    break;
  }
  FunctionText f;
  std::string a = f.argument("a", left), b = f.argument("b", right);
  std::string c = f.place("c", result);
  f.line("%empty = tensor.empty() : " + c);
  f.line("%zero = arith.constant 0.0 : f32");
  f.line("%init = linalg.fill ins(%zero : f32) outs(%empty : " + c + ") -> " +
         c);
  std::string operands =
      " ins(%a, %b : " + a + ", " + b + ") outs(%init : " + c + ")";
  if (layer.choice.pattern) {
    f.line("%product = " + op + operands + " pattern " +
           patternText(*layer.choice.pattern) + " -> " + c);
  } else {
    f.line(
        "%product = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> " +
        mapA + ">, affine_map<(m, n, k) -> " + mapB +
        ">, affine_map<(m, n, k) -> (m, n)>]" + operands + " -> " + c);
  }
  f.store("product", "c", result);
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(f.text(), &context);
  if (!module)
    return failure();
  return compile(*module, f.shapes, target);
}
