//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every operation on tensors, on random patterns and sizes, against sums in
// double over the dense mask: through the reference lowering (dense products,
// plain loops) and through the kernels.
//
//===----------------------------------------------------------------------===//

#include "ProductTestSupport.h"

#include "pixelfly/IR/MaskRule.h"

#include "gtest/gtest.h"

using namespace mlir::pixelfly;
using namespace mlir::pixelfly::test;

namespace {
/// A pattern as a mask, with its attribute: the mask is built from the
/// definition alone, not with the code under test.
struct MaskedPattern {
  std::string attribute;
  int64_t block = 0, blockRows = 0, blockCols = 0;
  std::vector<std::pair<int64_t, int64_t>> stored; ///< in storage order

  int64_t rows() const { return block * blockRows; }
  int64_t cols() const { return block * blockCols; }
  int64_t elements() const { return int64_t(stored.size()) * block * block; }
};

class Generator {
public:
  explicit Generator(unsigned seed) : random(seed) {}
  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }
  MaskedPattern butterfly(int64_t block);
  MaskedPattern mask(int64_t block);
  MaskedPattern rule(MaskRuleKind kind, int64_t block);
  std::mt19937 random;
};
} // namespace

MaskedPattern Generator::butterfly(int64_t block) {
  MaskedPattern p;
  p.block = block;
  std::vector<int64_t> radices;
  int64_t cells = 1;
  for (int64_t count = pick(0, 3); count > 0 && cells * block <= 128; --count) {
    radices.push_back(pick(2, 3));
    cells *= radices.back();
  }
  int64_t factors = pick(0, radices.size());
  int64_t height = pick(1, 2), width = pick(1, 2);
  p.blockRows = cells * height;
  p.blockCols = cells * width;
  for (int64_t row = 0; row < p.blockRows; ++row) {
    int64_t cell = row / height;
    std::vector<int64_t> met{cell};
    int64_t weight = 1;
    for (int64_t t = 0; t < factors; ++t) {
      int64_t digit = cell / weight % radices[t];
      for (int64_t shift = 1; shift < radices[t]; ++shift)
        met.push_back(cell + ((digit + shift) % radices[t] - digit) * weight);
      weight *= radices[t];
    }
    for (int64_t other : met)
      for (int64_t col = 0; col < width; ++col)
        p.stored.push_back({row, other * width + col});
  }
  std::string list;
  for (int64_t radix : radices)
    list += (list.empty() ? "" : ", ") + std::to_string(radix);
  p.attribute = "#pixelfly.flat_butterfly<rows = " + std::to_string(p.rows()) +
                ", cols = " + std::to_string(p.cols()) +
                ", block = " + std::to_string(block) + ", radices = [" + list +
                "], factors = " + std::to_string(factors) + ">";
  return p;
}

MaskedPattern Generator::mask(int64_t block) {
  MaskedPattern p;
  p.block = block;
  p.blockRows = pick(1, 4);
  p.blockCols = pick(1, 4);
  std::string rows;
  for (int64_t row = 0; row < p.blockRows; ++row) {
    rows += row == 0 ? "\"" : ", \"";
    for (int64_t col = 0; col < p.blockCols; ++col) {
      // The first block is nonzero, so that there is one.
      bool isNonzero = (row == 0 && col == 0) || pick(0, 1);
      rows += isNonzero ? '#' : '.';
      if (isNonzero)
        p.stored.push_back({row, col});
    }
    rows += '"';
  }
  p.attribute = "#pixelfly.block_mask<block = " + std::to_string(block) +
                ", mask = [" + rows + "]>";
  return p;
}

/// The rule's own mask; its golden tests say that it is right.
MaskedPattern Generator::rule(MaskRuleKind kind, int64_t block) {
  MaskRule rule;
  rule.kind = kind;
  rule.block = block;
  // Cells straddle blocks: 4 cells on 3 or 5 blocks.
  bool straddles = kind == MaskRuleKind::StretchedButterfly;
  rule.rows = block * (straddles ? 2 * pick(1, 2) + 1 : pick(1, 2) * 2);
  rule.cols = block * (straddles ? 2 * pick(1, 2) + 1 : pick(1, 2) * 2);
  rule.causal = rule.rows == rule.cols && pick(0, 1);
  auto has = [&](std::initializer_list<MaskRuleKind> kinds) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  using Kind = MaskRuleKind;
  if (has({Kind::Local, Kind::BigBird, Kind::Longformer, Kind::Fixed}))
    rule.window = kind == Kind::Fixed ? 2 : 2 * pick(0, 1) + 1;
  if (has({Kind::Global, Kind::BigBird, Kind::Longformer, Kind::Fixed,
           Kind::ButterflyGlobal}))
    rule.global = 1;
  if (has({Kind::Random, Kind::BigBird})) {
    rule.random = 1;
    rule.seed = pick(0, 1000);
  }
  if (has({Kind::ButterflyGlobal, Kind::StretchedButterfly}))
    rule.factors = pick(0, 1);
  if (kind == Kind::StretchedButterfly)
    rule.cells = 4;
  if (kind == Kind::ButterflyFactor) {
    rule.cells = 2;
    rule.stride = 1;
    rule.radix = 2;
  }
  if (kind == Kind::BlockDiagonal)
    rule.groups = 2;
  if (pick(0, 1))
    rule = rule.getTransposed();
  EXPECT_EQ(rule.check(), "");

  MaskedPattern p;
  p.block = block;
  p.blockRows = rule.rows / block;
  p.blockCols = rule.cols / block;
  BlockMask blocks = rule.build();
  for (int64_t row = 0; row < p.blockRows; ++row)
    for (int64_t col : blocks.columnsOfRow(row))
      p.stored.push_back({row, col});
  p.attribute = "#pixelfly.mask_rule<" + stringifyMaskRuleKind(kind).str() +
                ", rows = " + std::to_string(rule.rows) +
                ", cols = " + std::to_string(rule.cols) +
                ", block = " + std::to_string(block);
  for (const MaskRule::Parameter &parameter : MaskRule::parameters())
    if (rule.*parameter.value)
      p.attribute += std::string(", ") + parameter.name + " = " +
                     std::to_string(*(rule.*parameter.value));
  p.attribute += rule.causal ? ", causal" : "";
  p.attribute += rule.transposed ? ", transposed>" : ">";
  return p;
}

static std::string shaped(const char *kind, const std::vector<int64_t> &shape,
                          const std::string &element) {
  std::string text = std::string(kind) + "<";
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + element + ">";
}

/// A function whose body computes the tensor %result from the tensors %a and
/// %b.
static void setFunction(ProductCase &product, const std::string &body) {
  std::string element = product.isDouble ? "f64" : "f32";
  auto memref = [&](const std::vector<int64_t> &shape) {
    return shaped("memref", shape, element);
  };
  auto tensor = [&](const std::vector<int64_t> &shape) {
    return shaped("tensor", shape, element);
  };
  std::string a = memref(product.shapeA), b = memref(product.shapeB),
              c = memref(product.shapeC), result = tensor(product.shapeC);
  product.function =
      "func.func @" + product.name + "(%a_buffer: " + a + ", %b_buffer: " + b +
      ", %c_buffer: " + c + ") {\n" +
      "%a = bufferization.to_tensor %a_buffer restrict : " + a + " to " +
      tensor(product.shapeA) + "\n" +
      "%b = bufferization.to_tensor %b_buffer restrict : " + b + " to " +
      tensor(product.shapeB) + "\n" + body +
      "bufferization.materialize_in_destination %result in restrict writable "
      "%c_buffer : (" +
      result + ", " + c + ") -> ()\nreturn\n}";
}

/// c = to_dense(a); b is not used.
static void makeToDense(ProductCase &product, const MaskedPattern &p) {
  std::string element = product.isDouble ? "f64" : "f32";
  product.shapeA = {int64_t(p.stored.size()), p.block, p.block};
  product.shapeB = {1};
  product.shapeC = {p.rows(), p.cols()};
  setFunction(product, "%result = pixelfly.to_dense %a : " +
                           shaped("tensor", product.shapeA, element) +
                           " pattern " + p.attribute + " -> " +
                           shaped("tensor", product.shapeC, element) + "\n");
  product.expected = [p](const Buffer &a, const Buffer &,
                         std::vector<ProductCase::Sum> &c) {
    int64_t at = 0;
    for (auto [row, col] : p.stored)
      for (int64_t i = 0; i < p.block; ++i)
        for (int64_t j = 0; j < p.block; ++j)
          c[(row * p.block + i) * p.cols() + col * p.block + j].add(a[at++]);
  };
}

/// c = from_dense(a); b is not used.
static void makeFromDense(ProductCase &product, const MaskedPattern &p) {
  std::string element = product.isDouble ? "f64" : "f32";
  product.shapeA = {p.rows(), p.cols()};
  product.shapeB = {1};
  product.shapeC = {int64_t(p.stored.size()), p.block, p.block};
  setFunction(product, "%result = pixelfly.from_dense %a : " +
                           shaped("tensor", product.shapeA, element) +
                           " pattern " + p.attribute + " -> " +
                           shaped("tensor", product.shapeC, element) + "\n");
  product.expected = [p](const Buffer &a, const Buffer &,
                         std::vector<ProductCase::Sum> &c) {
    int64_t at = 0;
    for (auto [row, col] : p.stored)
      for (int64_t i = 0; i < p.block; ++i)
        for (int64_t j = 0; j < p.block; ++j)
          c[at++].add(a[(row * p.block + i) * p.cols() + col * p.block + j]);
  };
}

/// c = to_dense(from_dense(a)): a on the pattern, zero off it; b is not used.
static void makeMasked(ProductCase &product, const MaskedPattern &p) {
  std::string element = product.isDouble ? "f64" : "f32";
  product.shapeA = product.shapeC = {p.rows(), p.cols()};
  product.shapeB = {1};
  std::string dense = shaped("tensor", product.shapeA, element);
  std::string blocks =
      shaped("tensor", {int64_t(p.stored.size()), p.block, p.block}, element);
  setFunction(product, "%blocks = pixelfly.from_dense %a : " + dense +
                           " pattern " + p.attribute + " -> " + blocks +
                           "\n%result = pixelfly.to_dense %blocks : " + blocks +
                           " pattern " + p.attribute + " -> " + dense + "\n");
  product.expected = [p](const Buffer &a, const Buffer &,
                         std::vector<ProductCase::Sum> &c) {
    for (auto [row, col] : p.stored)
      for (int64_t i = 0; i < p.block; ++i)
        for (int64_t j = 0; j < p.block; ++j) {
          int64_t at = (row * p.block + i) * p.cols() + col * p.block + j;
          c[at].add(a[at]);
        }
  };
}

namespace {
enum class Product { Plain, Transposed, Sampled };
} // namespace

/// c += a product of a and b.
static void makeProduct(ProductCase &product, const MaskedPattern &p,
                        Product kind, int64_t count) {
  std::string element = product.isDouble ? "f64" : "f32";
  product.accumulates = true;
  std::vector<int64_t> weights{int64_t(p.stored.size()), p.block, p.block};
  std::vector<int64_t> wide{count, p.cols()}, tall{count, p.rows()};
  std::string op;
  if (kind == Product::Plain) {
    op = "matmul";
    product.shapeA = wide, product.shapeB = weights, product.shapeC = tall;
  } else if (kind == Product::Transposed) {
    op = "matmul transposed";
    product.shapeA = tall, product.shapeB = weights, product.shapeC = wide;
  } else {
    op = "sddmm";
    product.shapeA = tall, product.shapeB = wide, product.shapeC = weights;
  }
  std::string c = shaped("tensor", product.shapeC, element);
  setFunction(product,
              "%init = bufferization.to_tensor %c_buffer restrict writable : " +
                  shaped("memref", product.shapeC, element) + " to " + c +
                  "\n%result = pixelfly." + op +
                  " ins(%a, %b : " + shaped("tensor", product.shapeA, element) +
                  ", " + shaped("tensor", product.shapeB, element) +
                  ") outs(%init : " + c + ") pattern " + p.attribute + " -> " +
                  c + "\n");
  product.expected = [=](const Buffer &a, const Buffer &b,
                         std::vector<ProductCase::Sum> &c) {
    int64_t weight = 0;
    for (auto [blockRow, blockCol] : p.stored)
      for (int64_t i = 0; i < p.block; ++i)
        for (int64_t j = 0; j < p.block; ++j, ++weight) {
          int64_t row = blockRow * p.block + i, col = blockCol * p.block + j;
          for (int64_t m = 0; m < count; ++m)
            if (kind == Product::Plain)
              c[m * p.rows() + row].add(a[m * p.cols() + col] * b[weight]);
            else if (kind == Product::Transposed)
              c[m * p.cols() + col].add(a[m * p.rows() + row] * b[weight]);
            else
              c[weight].add(a[m * p.rows() + row] * b[m * p.cols() + col]);
        }
  };
}

/// The text of a tensor %name of the given shape: the elements of %b, which has
/// `total`, from `offset` on.
static std::string partOfB(const std::string &name, int64_t offset,
                           const std::vector<int64_t> &shape, int64_t total,
                           const std::string &element) {
  int64_t size = 1;
  std::string extents, dimensions;
  for (size_t i = 0; i < shape.size(); ++i) {
    size *= shape[i];
    extents += (i ? ", " : "") + std::to_string(shape[i]);
    dimensions += (i ? ", " : "") + std::to_string(i);
  }
  std::string flat = shaped("tensor", {size}, element);
  std::string text = "%" + name + "_flat = tensor.extract_slice %b[" +
                     std::to_string(offset) + "] [" + std::to_string(size) +
                     "] [1] : " + shaped("tensor", {total}, element) + " to " +
                     flat + "\n%" + name;
  if (shape.empty())
    return text + " = tensor.collapse_shape %" + name + "_flat [] : " + flat +
           " into " + shaped("tensor", shape, element) + "\n";
  return text + " = tensor.expand_shape %" + name + "_flat [[" + dimensions +
         "]] output_shape [" + extents + "] : " + flat + " into " +
         shaped("tensor", shape, element) + "\n";
}

/// c = a layer applied to a; b holds blocks, u, v, gamma or the gate's weight
/// and bias, and the layer's bias one after the other. Rank 0 is a layer
/// without a low-rank term.
static void makeLinear(ProductCase &product, const MaskedPattern &p,
                       int64_t count, int64_t rank, bool hasBias,
                       bool hasGate) {
  std::string element = product.isDouble ? "f64" : "f32";
  int64_t u = p.elements(), v = u + p.rows() * rank,
          gamma = v + p.cols() * rank;
  int64_t gateWeight = gamma + 1; // after the gate's bias
  int64_t bias = gateWeight + (hasGate ? p.cols() : 0), total = bias + p.rows();
  product.shapeA = {count, p.cols()};
  product.shapeB = {total};
  product.shapeC = {count, p.rows()};
  auto part = [&](const std::string &name, int64_t offset,
                  const std::vector<int64_t> &shape) {
    return partOfB(name, offset, shape, total, element);
  };
  std::vector<int64_t> blocks{int64_t(p.stored.size()), p.block, p.block};
  std::string body = part("w", 0, blocks);
  std::string op = "%result = pixelfly.linear ins(%a, %w : " +
                   shaped("tensor", product.shapeA, element) + ", " +
                   shaped("tensor", blocks, element) + ")";
  if (rank) {
    body += part("u", u, {p.rows(), rank}) + part("v", v, {p.cols(), rank}) +
            part("gamma", gamma, {});
    std::string matrices = shaped("tensor", {p.rows(), rank}, element) + ", " +
                           shaped("tensor", {p.cols(), rank}, element);
    std::string scalar = "tensor<" + element + ">";
    if (hasGate) {
      body += part("gate_weight", gateWeight, {p.cols()});
      op += " low_rank(%u, %v : " + matrices +
            ") gate(%gate_weight, %gamma : " +
            shaped("tensor", {p.cols()}, element) + ", " + scalar + ")";
    } else {
      op += " low_rank(%u, %v, %gamma : " + matrices + ", " + scalar + ")";
    }
  }
  if (hasBias) {
    body += part("bias", bias, {p.rows()});
    op += " bias(%bias : " + shaped("tensor", {p.rows()}, element) + ")";
  }
  std::string c = shaped("tensor", product.shapeC, element);
  setFunction(product, body + "%init = tensor.empty() : " + c + "\n" + op +
                           " outs(%init : " + c + ") pattern " + p.attribute +
                           " -> " + c + "\n");
  product.expected = [=](const Buffer &a, const Buffer &b,
                         std::vector<ProductCase::Sum> &c) {
    for (int64_t m = 0; m < count; ++m) {
      ProductCase::Sum *out = &c[m * p.rows()];
      auto x = [&](int64_t k) { return a[m * p.cols() + k]; };
      double mix = rank ? b[gamma] : 1;
      if (rank && hasGate) {
        for (int64_t k = 0; k < p.cols(); ++k)
          mix += x(k) * b[gateWeight + k];
        mix = 1 - 1 / (1 + std::exp(-mix));
      }
      int64_t weight = 0;
      for (auto [row, col] : p.stored)
        for (int64_t i = 0; i < p.block; ++i)
          for (int64_t j = 0; j < p.block; ++j)
            out[row * p.block + i].add(mix * b[weight++] *
                                       x(col * p.block + j));
      for (int64_t k = 0; k < p.cols(); ++k)
        for (int64_t n = 0; n < p.rows(); ++n)
          for (int64_t r = 0; r < rank; ++r)
            out[n].add((1 - mix) * x(k) * b[v + k * rank + r] *
                       b[u + n * rank + r]);
      for (int64_t n = 0; hasBias && n < p.rows(); ++n)
        out[n].add(b[bias + n]);
    }
  };
}

/// c = a times a product of butterfly factors, the smallest stride first; b
/// holds the factors' blocks and lambda.
static void makeButterfly(ProductCase &product, int64_t block,
                          const std::vector<int64_t> &radices, int64_t count,
                          bool isResidual) {
  std::string element = product.isDouble ? "f64" : "f32";
  int64_t cells = 1, total = 0;
  for (int64_t radix : radices)
    cells *= radix;
  for (int64_t radix : radices)
    total += cells * radix * block * block;
  int64_t lambda = total++, size = cells * block;
  product.shapeA = {count, size};
  product.shapeB = {total};
  product.shapeC = {count, size};

  std::string body, names, types, list;
  int64_t offset = 0;
  for (size_t t = 0; t < radices.size(); ++t) {
    std::vector<int64_t> shape{cells * radices[t], block, block};
    std::string comma = t ? ", " : "";
    body += partOfB("f" + std::to_string(t), offset, shape, total, element);
    names += comma + "%f" + std::to_string(t);
    types += comma + shaped("tensor", shape, element);
    list += comma + std::to_string(radices[t]);
    offset += shape[0] * block * block;
  }
  body += partOfB("lambda", lambda, {}, total, element);
  std::string c = shaped("tensor", product.shapeC, element);
  std::string side = std::to_string(size);
  setFunction(
      product,
      body + "%init = tensor.empty() : " + c +
          "\n%result = pixelfly.butterfly_matmul ins(%a : " + c + ") factors(" +
          names + " : " + types + ")" +
          (isResidual ? " residual(%lambda : tensor<" + element + ">)" : "") +
          " outs(%init : " + c + ") pattern #pixelfly.flat_butterfly<rows = " +
          side + ", cols = " + side + ", block = " + std::to_string(block) +
          ", radices = [" + list + "], factors = " +
          std::to_string(radices.size()) + "> -> " + c + "\n");
  product.expected = [=](const Buffer &a, const Buffer &b,
                         std::vector<ProductCase::Sum> &c) {
    // Magnitudes go along, for the tolerance.
    std::vector<double> rows(count * size), magnitudes(count * size);
    for (int64_t i = 0; i < count * size; ++i) {
      rows[i] = a[i];
      magnitudes[i] = std::abs(a[i]);
    }
    int64_t weight = 0, stride = 1;
    double factor = isResidual ? b[lambda] : 1;
    for (int64_t radix : radices) {
      std::vector<double> next(count * size), nextMagnitudes(count * size);
      if (isResidual) {
        next = rows;
        nextMagnitudes = magnitudes;
      }
      for (int64_t row = 0; row < cells; ++row)
        for (int64_t col = 0; col < cells; ++col) {
          if (row % stride != col % stride ||
              row / (stride * radix) != col / (stride * radix))
            continue;
          for (int64_t i = 0; i < block; ++i)
            for (int64_t j = 0; j < block; ++j, ++weight)
              for (int64_t m = 0; m < count; ++m) {
                int64_t out = m * size + row * block + i;
                int64_t in = m * size + col * block + j;
                next[out] += factor * b[weight] * rows[in];
                nextMagnitudes[out] +=
                    std::abs(factor * b[weight]) * magnitudes[in];
              }
        }
      rows = next;
      magnitudes = nextMagnitudes;
      stride *= radix;
    }
    for (int64_t i = 0; i < count * size; ++i)
      c[i] = {rows[i], magnitudes[i], size * int64_t(radices.size())};
  };
}

/// Every operation on a pattern, on a random number of rows.
static void addCases(std::vector<ProductCase> &cases, Generator &generator,
                     const MaskedPattern &p, bool hasLowRank) {
  auto addCase = [&]() -> ProductCase & {
    ProductCase product;
    product.name = "operation" + std::to_string(cases.size());
    product.isDouble = generator.pick(0, 3) == 0;
    product.accumulates = false;
    cases.push_back(product);
    return cases.back();
  };
  int64_t count = generator.pick(1, 40);
  makeToDense(addCase(), p);
  makeFromDense(addCase(), p);
  makeMasked(addCase(), p);
  for (Product kind : {Product::Plain, Product::Transposed, Product::Sampled})
    makeProduct(addCase(), p, kind, count);
  makeLinear(addCase(), p, count, hasLowRank ? p.block : 0,
             generator.pick(0, 1), /*hasGate=*/generator.pick(0, 1));
}

static void checkOperations(int64_t block, int rounds, bool plainLoops) {
  Generator generator(randomSeed() + unsigned(block));
  std::vector<ProductCase> cases;
  for (int round = 0; round < rounds; ++round)
    addCases(cases, generator,
             round % 3 == 2 ? generator.mask(block)
                            : generator.butterfly(block),
             /*hasLowRank=*/round % 2);
  checkProducts(cases, generator.random, /*header=*/"", plainLoops);
}

static void checkRules(int64_t block, bool plainLoops) {
  Generator generator(randomSeed() + unsigned(block));
  std::vector<ProductCase> cases;
  for (unsigned kind = 0; kind <= getMaxEnumValForMaskRuleKind(); ++kind)
    addCases(cases, generator, generator.rule(MaskRuleKind(kind), block),
             /*hasLowRank=*/kind % 2);
  checkProducts(cases, generator.random, /*header=*/"", plainLoops);
}

static void checkButterflies(int64_t block, bool plainLoops) {
  Generator generator(randomSeed() + unsigned(block));
  std::vector<ProductCase> cases;
  for (const std::vector<int64_t> &radices :
       {std::vector<int64_t>{2, 2}, {3, 2}, {2}})
    for (bool isResidual : {false, true}) {
      ProductCase product;
      product.name = "operation" + std::to_string(cases.size());
      product.isDouble = generator.pick(0, 1);
      product.accumulates = false;
      makeButterfly(product, block, radices, generator.pick(1, 40), isResidual);
      cases.push_back(product);
    }
  checkProducts(cases, generator.random, /*header=*/"", plainLoops);
}

TEST(Operations, ReferenceButterflies) { checkButterflies(8, true); }
TEST(Operations, KernelsButterflies) { checkButterflies(16, false); }
TEST(Operations, ReferenceRules) { checkRules(8, true); }
TEST(Operations, KernelsRules) { checkRules(16, false); }
TEST(Operations, ReferenceBlock8) { checkOperations(8, 3, true); }
TEST(Operations, ReferenceBlock16) { checkOperations(16, 3, true); }
TEST(Operations, ReferenceBlock32) { checkOperations(32, 3, true); }
TEST(Operations, ReferenceBlock64) { checkOperations(64, 3, true); }
TEST(Operations, ReferenceBlock128) { checkOperations(128, 3, true); }
TEST(Operations, KernelsBlock8) { checkOperations(8, 3, false); }
TEST(Operations, KernelsBlock16) { checkOperations(16, 3, false); }
TEST(Operations, KernelsBlock32) { checkOperations(32, 3, false); }
TEST(Operations, KernelsBlock64) { checkOperations(64, 3, false); }
TEST(Operations, KernelsBlock128) { checkOperations(128, 3, false); }
