//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every rule of arith and math, each as the body of an elementwise generic and
// on whole tensors.
//
//===----------------------------------------------------------------------===//

#include "GradientCheck.h"

using namespace pixelfly_test;

namespace {
struct ScalarCase {
  const char *name;
  /// Computes %r from %x, %y and %z.
  const char *body;
  double low = -1.0, high = 1.0;
};

void PrintTo(const ScalarCase &test, std::ostream *os) { *os << test.name; }
} // namespace

static const ScalarCase kCases[] = {
    {"addf", "%r = arith.addf %x, %y : T"},
    {"subf", "%r = arith.subf %x, %y : T"},
    {"mulf", "%r = arith.mulf %x, %y : T"},
    {"square", "%r = arith.mulf %x, %x : T"},
    {"divf", "%r = arith.divf %x, %y : T", 0.5, 2.0},
    {"remf", "%r = arith.remf %x, %y : T", 0.5, 3.0},
    {"negf", "%r = arith.negf %x : T"},
    {"maximumf", "%r = arith.maximumf %x, %y : T"},
    {"maxnumf", "%r = arith.maxnumf %x, %y : T"},
    {"minimumf", "%r = arith.minimumf %x, %y : T"},
    {"minnumf", "%r = arith.minnumf %x, %y : T"},
    {"select", "%p = arith.cmpf ogt, %x, %y : T\n"
               "%s = arith.mulf %x, %x : T\n"
               "%r = arith.select %p, %s, %z : C, T"},
    {"absf", "%r = math.absf %x : T"},
    {"sqrt", "%r = math.sqrt %x : T", 0.5, 2.0},
    {"rsqrt", "%r = math.rsqrt %x : T", 0.5, 2.0},
    {"cbrt", "%r = math.cbrt %x : T", 0.5, 2.0},
    {"exp", "%r = math.exp %x : T"},
    {"exp2", "%r = math.exp2 %x : T"},
    {"expm1", "%r = math.expm1 %x : T"},
    {"log", "%r = math.log %x : T", 0.5, 2.0},
    {"log2", "%r = math.log2 %x : T", 0.5, 2.0},
    {"log10", "%r = math.log10 %x : T", 0.5, 2.0},
    {"log1p", "%r = math.log1p %x : T", -0.5, 2.0},
    {"sin", "%r = math.sin %x : T"},
    {"cos", "%r = math.cos %x : T"},
    {"tan", "%r = math.tan %x : T"},
    {"sinh", "%r = math.sinh %x : T"},
    {"cosh", "%r = math.cosh %x : T"},
    {"tanh", "%r = math.tanh %x : T"},
    {"asin", "%r = math.asin %x : T", -0.9, 0.9},
    {"acos", "%r = math.acos %x : T", -0.9, 0.9},
    {"atan", "%r = math.atan %x : T"},
    {"erf", "%r = math.erf %x : T"},
    {"erfc", "%r = math.erfc %x : T"},
    // Steps: differentiated together with something that is not flat.
    {"floor", "%s = math.floor %x : T\n%r = arith.mulf %s, %y : T", -3, 3},
    {"ceil", "%s = math.ceil %x : T\n%r = arith.mulf %s, %y : T", -3, 3},
    {"round", "%s = math.round %x : T\n%r = arith.mulf %s, %y : T", -3, 3},
    {"roundeven", "%s = math.roundeven %x : T\n%r = arith.mulf %s, %y : T", -3,
     3},
    {"trunc", "%s = math.trunc %x : T\n%r = arith.mulf %s, %y : T", -3, 3},
    {"powf", "%r = math.powf %x, %y : T", 0.5, 2.0},
    {"fma", "%r = math.fma %x, %y, %z : T"},
    {"atan2", "%r = math.atan2 %x, %y : T", 0.5, 2.0},
    {"clampf",
     "%s = arith.subf %x, %y : T\n"
     "%t = arith.negf %z : T\n"
     "%r = math.clampf %s to [%t, %z] : T",
     0.2, 1.5},
    {"copysign", "%s = math.copysign %x, %y : T\n"
                 "%r = arith.mulf %s, %z : T"},
    {"extf_truncf", "%s = arith.truncf %x : T to H\n"
                    "%t = arith.extf %s : H to T\n"
                    "%r = arith.mulf %t, %y : T"},
    // A value used several times, and one not used at all.
    {"gelu", "%s = math.erf %x : T\n"
             "%t = arith.addf %s, %x : T\n"
             "%u = arith.mulf %t, %x : T\n"
             "%unused = math.exp %u : T\n"
             "%r = arith.addf %u, %x : T"},
};

static std::string replaceAll(std::string text, const std::string &from,
                              const std::string &to) {
  for (size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Puts types in the place of T (operands), C (conditions) and H (a narrower
/// float).
static std::string withTypes(std::string body, const std::string &prefix,
                             const std::string &suffix) {
  body = replaceAll(body, ": T", ": " + prefix + "f64" + suffix);
  body = replaceAll(body, ", T", ", " + prefix + "f64" + suffix);
  body = replaceAll(body, "to T", "to " + prefix + "f64" + suffix);
  body = replaceAll(body, ": C", ": " + prefix + "i1" + suffix);
  body = replaceAll(body, "to H", "to " + prefix + "f32" + suffix);
  return replaceAll(body, ": H", ": " + prefix + "f32" + suffix);
}

class ScalarRules : public testing::TestWithParam<ScalarCase> {
protected:
  GradientCheckOptions getOptions() const {
    GradientCheckOptions options;
    options.low = GetParam().low;
    options.high = GetParam().high;
    // Through f32 the difference quotient is only good to a few digits.
    if (std::string(GetParam().name) == "extf_truncf")
      options.tolerance = 2e-2;
    return options;
  }
};

TEST_P(ScalarRules, InTheBodyOfAGeneric) {
  std::string program = R"(
    #id = affine_map<(i, j) -> (i, j)>
    func.func @f(%a: tensor<3x5xf64>, %b: tensor<3x5xf64>, %c: tensor<3x5xf64>)
        -> tensor<3x5xf64> {
      %e = tensor.empty() : tensor<3x5xf64>
      %0 = linalg.generic {
        indexing_maps = [#id, #id, #id, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%a, %b, %c : tensor<3x5xf64>, tensor<3x5xf64>, tensor<3x5xf64>)
        outs(%e : tensor<3x5xf64>) {
      ^bb0(%x: f64, %y: f64, %z: f64, %out: f64):
        )" + withTypes(GetParam().body, "", "") +
                        R"(
        linalg.yield %r : f64
      } -> tensor<3x5xf64>
      return %0 : tensor<3x5xf64>
    })";
  EXPECT_TRUE(gradientsMatchDifferences(program, getOptions()));
}

TEST_P(ScalarRules, OnTensors) {
  std::string program = R"(
    func.func @f(%x: tensor<3x2xf64>, %y: tensor<3x2xf64>, %z: tensor<3x2xf64>)
        -> tensor<3x2xf64> {
      )" + withTypes(GetParam().body, "tensor<3x2x", ">") +
                        R"(
      return %r : tensor<3x2xf64>
    })";
  EXPECT_TRUE(gradientsMatchDifferences(program, getOptions()));
}

INSTANTIATE_TEST_SUITE_P(AllOps, ScalarRules, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<ScalarCase> &info) {
                           return info.param.name;
                         });
