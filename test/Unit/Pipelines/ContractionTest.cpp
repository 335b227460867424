//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linalg contractions of random form against sums in double: any number of
// batch, row, column and reduction dimensions, in any order in every operand,
// contiguous and strided, with sizes that no tile divides.
//
//===----------------------------------------------------------------------===//

#include "ProductTestSupport.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <numeric>

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::test;

namespace {
/// An operand: the loop over each dimension, and how the memref is cut out of
/// its argument (`pad` more elements in the last dimension, every `step`-th).
struct Operand {
  std::vector<int> loops;
  int64_t pad = 0, step = 1;

  std::vector<int64_t> shape(const std::vector<int64_t> &extents) const {
    std::vector<int64_t> result;
    for (int loop : loops)
      result.push_back(extents[loop]);
    return result;
  }
  std::vector<int64_t>
  argumentShape(const std::vector<int64_t> &extents) const {
    std::vector<int64_t> result = shape(extents);
    if (!result.empty())
      result.back() = result.back() * step + pad;
    return result;
  }
  int64_t offset(const std::vector<int64_t> &extents,
                 const std::vector<int64_t> &indices) const {
    int64_t result = 0;
    std::vector<int64_t> argument = argumentShape(extents);
    for (size_t i = 0; i < loops.size(); ++i)
      result = result * argument[i] +
               indices[loops[i]] * (i + 1 == loops.size() ? step : 1);
    return result;
  }
};

struct ContractionCase {
  std::vector<int64_t> extents;
  std::vector<bool> reduction;
  Operand a, b, c;
  bool isDouble = false, fill = false;
};
} // namespace

static std::string join(const std::vector<int64_t> &values, const char *by) {
  std::string result;
  for (size_t i = 0; i < values.size(); ++i)
    result += (i ? by : "") + std::to_string(values[i]);
  return result;
}

static std::string memref(const std::vector<int64_t> &shape, bool isDouble,
                          const std::string &layout = "") {
  return "memref<" + join(shape, "x") + (shape.empty() ? "" : "x") +
         (isDouble ? "f64" : "f32") + layout + ">";
}

/// The function of a case, as text.
static ProductCase makeCase(const ContractionCase &form, int number) {
  ProductCase result;
  result.name = "contraction" + std::to_string(number);
  result.isDouble = form.isDouble;
  result.accumulates = !form.fill;
  std::string loopNames;
  for (size_t i = 0; i < form.extents.size(); ++i)
    loopNames += (i ? ", d" : "d") + std::to_string(i);
  std::string arguments, views, maps, iterators, values[3], types[3];
  const Operand *operands[3] = {&form.a, &form.b, &form.c};
  for (int i = 0; i < 3; ++i) {
    const Operand &operand = *operands[i];
    std::vector<int64_t> shape = operand.shape(form.extents);
    std::vector<int64_t> argument = operand.argumentShape(form.extents);
    std::string name = std::string("%") + "abc"[i];
    arguments +=
        (i ? ", " : "") + name + ": " + memref(argument, form.isDouble);
    values[i] = name;
    types[i] = memref(argument, form.isDouble);
    if (shape != argument) {
      std::vector<int64_t> zeros(shape.size(), 0), steps(shape.size(), 1),
          strides(shape.size(), 1);
      steps.back() = operand.step;
      for (int64_t d = int64_t(shape.size()) - 2; d >= 0; --d)
        strides[d] = strides[d + 1] * argument[d + 1];
      strides.back() = operand.step;
      std::string view = memref(shape, form.isDouble,
                                ", strided<[" + join(strides, ", ") + "]>");
      views += name + "_view = memref.subview " + name + "[" +
               join(zeros, ", ") + "] [" + join(shape, ", ") + "] [" +
               join(steps, ", ") + "] : " + types[i] + " to " + view + "\n";
      values[i] = name + "_view";
      types[i] = view;
    }
    maps += std::string(i ? ", " : "") + "affine_map<(" + loopNames + ") -> (";
    for (size_t d = 0; d < operand.loops.size(); ++d)
      maps += (d ? ", d" : "d") + std::to_string(operand.loops[d]);
    maps += ")>";
  }
  for (size_t i = 0; i < form.reduction.size(); ++i)
    iterators += std::string(i ? ", " : "") +
                 (form.reduction[i] ? "\"reduction\"" : "\"parallel\"");
  std::string type = form.isDouble ? "f64" : "f32";
  std::string fill = form.fill
                         ? "%zero = arith.constant 0.0 : " + type +
                               "\nlinalg.fill ins(%zero : " + type + ") outs(" +
                               values[2] + " : " + types[2] + ")\n"
                         : "";
  result.function = "func.func @" + result.name + "(" + arguments + ") {\n" +
                    views + fill + "linalg.generic {indexing_maps = [" + maps +
                    "], iterator_types = [" + iterators + "]} ins(" +
                    values[0] + ", " + values[1] + " : " + types[0] + ", " +
                    types[1] + ") outs(" + values[2] + " : " + types[2] +
                    ") {\n^bb0(%x: " + type + ", %y: " + type +
                    ", %z: " + type + "):\n%m = arith.mulf %x, %y : " + type +
                    "\n%s = arith.addf %z, %m : " + type +
                    "\nlinalg.yield %s : " + type + "\n}\nreturn\n}";
  result.shapeA = form.a.argumentShape(form.extents);
  result.shapeB = form.b.argumentShape(form.extents);
  result.shapeC = form.c.argumentShape(form.extents);
  result.expected = [form](const Buffer &a, const Buffer &b,
                           std::vector<ProductCase::Sum> &c) {
    if (llvm::is_contained(form.extents, 0))
      return;
    std::vector<int64_t> indices(form.extents.size(), 0);
    while (true) {
      c[form.c.offset(form.extents, indices)].add(
          a[form.a.offset(form.extents, indices)] *
          b[form.b.offset(form.extents, indices)]);
      size_t loop = 0;
      while (loop < indices.size() && ++indices[loop] == form.extents[loop])
        indices[loop++] = 0;
      if (loop == indices.size())
        return;
    }
  };
  return result;
}

/// A random contraction of at most `limit` multiply-adds.
static ContractionCase randomCase(std::mt19937 &random, int64_t limit) {
  auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  static constexpr int64_t kSizes[] = {1,  2,  3,  5,  7,  8,  10, 13,  16,
                                       17, 31, 32, 33, 49, 64, 96, 100, 129};
  ContractionCase form;
  enum Kind { Batch, Row, Column, Reduction };
  std::vector<Kind> kinds;
  do {
    kinds.clear();
    kinds.insert(kinds.end(), pick(0, 3) == 0, Batch);
    kinds.insert(kinds.end(), pick(0, 5) == 0 ? pick(0, 2) : 1, Row);
    kinds.insert(kinds.end(), pick(0, 5) == 0 ? pick(0, 2) : 1, Column);
    kinds.insert(kinds.end(), pick(0, 3) == 0 ? 2 : 1, Reduction);
    form.extents.clear();
    for (size_t i = 0; i < kinds.size(); ++i)
      form.extents.push_back(kSizes[pick(0, std::size(kSizes) - 1)]);
    // Now and then a reduction of several chunks.
    if (pick(0, 4) == 0)
      form.extents.back() = pick(200, 900);
  } while (std::accumulate(form.extents.begin(), form.extents.end(), int64_t(1),
                           std::multiplies<>()) > limit);
  for (size_t loop = 0; loop < kinds.size(); ++loop) {
    form.reduction.push_back(kinds[loop] == Reduction);
    if (kinds[loop] != Column)
      form.a.loops.push_back(loop);
    if (kinds[loop] != Row)
      form.b.loops.push_back(loop);
    if (kinds[loop] != Reduction)
      form.c.loops.push_back(loop);
  }
  for (Operand *operand : {&form.a, &form.b, &form.c}) {
    std::shuffle(operand->loops.begin(), operand->loops.end(), random);
    if (!operand->loops.empty() && pick(0, 4) == 0) {
      operand->pad = pick(1, 5);
      operand->step = pick(0, 3) == 0 ? 2 : 1;
    }
  }
  form.isDouble = pick(0, 5) == 0;
  // A strided result keeps what lies between its elements: nothing is filled.
  form.fill = pick(0, 1) && form.c.pad == 0;
  return form;
}

TEST(Contraction, RandomFormsAgreeWithDouble) {
  std::mt19937 random(randomSeed());
  std::vector<ProductCase> cases;
  for (int i = 0; i < 60; ++i)
    cases.push_back(makeCase(randomCase(random, 600000), i));
  checkProducts(cases, random);
}

TEST(Contraction, LayersOfAMixerAgreeWithDouble) {
  std::mt19937 random(randomSeed() + 1);
  // Loops m, n, k. Forward, input gradient, weight gradient of a dense layer.
  Operand mk{{0, 2}}, nk{{1, 2}}, kn{{2, 1}}, km{{2, 0}}, mn{{0, 1}};
  std::vector<bool> mnk{false, false, true};
  // Token mixing: batch, output token, channel, input token.
  Operand ot{{1, 3}}, btc{{0, 3, 2}}, boc{{0, 1, 2}}, to{{3, 1}};
  std::vector<ContractionCase> forms = {
      {{392, 128, 256}, mnk, mk, nk, mn, false, true},
      {{392, 256, 128}, mnk, mk, kn, mn, false, true},
      {{128, 256, 392}, mnk, km, kn, mn, false, true},
      {{10, 256, 128}, mnk, km, kn, mn, false, true},
      {{128, 10, 256}, mnk, mk, nk, mn, false, false},
      {{1, 300, 200}, mnk, mk, nk, mn, false, false},
      {{300, 1, 200}, mnk, mk, nk, mn, false, false},
      {{8, 49, 128, 49},
       {false, false, false, true},
       ot,
       btc,
       boc,
       false,
       true},
      {{8, 64, 128, 49},
       {false, false, false, true},
       to,
       btc,
       boc,
       false,
       true},
      // Weight gradient: loops batch, row, channel, column.
      {{8, 49, 128, 33},
       {true, false, true, false},
       boc,
       {{0, 3, 2}},
       {{1, 3}},
       false,
       true},
  };
  std::vector<ProductCase> cases;
  for (size_t i = 0; i < forms.size(); ++i)
    cases.push_back(makeCase(forms[i], i));
  checkProducts(cases, random);
}

// Nothing to sum leaves what is there, or the zeros that the result starts
// from.
TEST(Contraction, EmptyProductsAddNothing) {
  std::mt19937 random(randomSeed() + 2);
  Operand mk{{0, 2}}, nk{{1, 2}}, mn{{0, 1}};
  std::vector<bool> mnk{false, false, true};
  std::vector<ProductCase> cases;
  for (std::vector<int64_t> extents :
       {std::vector<int64_t>{0, 8, 16}, {8, 0, 16}, {9, 21, 0}, {0, 0, 0}})
    for (bool fill : {false, true})
      cases.push_back(
          makeCase({extents, mnk, mk, nk, mn, false, fill}, cases.size()));
  checkProducts(cases, random);
}

// One row times a long, narrow matrix: what a task packs would not fit on the
// stack of a thread.
TEST(Contraction, LongReductionsAgreeWithDouble) {
  std::mt19937 random(randomSeed() + 3);
  Operand mk{{0, 2}}, nk{{1, 2}}, mn{{0, 1}};
  std::vector<bool> mnk{false, false, true};
  std::vector<ProductCase> cases = {
      makeCase({{200, 1, 20000}, mnk, mk, nk, mn, false, true}, 0),
      makeCase({{100, 2, 9001}, mnk, mk, nk, mn, true, false}, 1)};
  checkProducts(cases, random);
}
