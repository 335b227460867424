//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Target/TargetFile.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::pixelfly;

static const std::string kFile = R"({
  "name": "mine", "kind": "cpu", "processor": "znver5", "cores": 2,
  "vector_bits": 512, "vector_registers": 32, "matrix_tile": [1, 16, 1],
  "blocks": [64, 32], "l1_bytes": 49152, "l2_bytes": 1048576,
  "l3_bytes": 33554432, "peak_flops": {"f32": 4.9e11, "bf16": 9.8e11},
  "bandwidth": 5.5e10,
  "cost": {"access_bytes": 128, "seconds_per_access": 2e-9,
           "seconds_per_flop": 2.5e-12, "seconds_per_product": 1e-5}
})";

namespace {
/// The first message that reading `text` gives, with its place; empty if it is
/// read.
std::string messageOf(const std::string &text) {
  MLIRContext context;
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    llvm::raw_string_ostream stream(message);
    if (message.empty())
      stream << diagnostic.getLocation() << " " << diagnostic.str();
    return success();
  });
  bool isRead = succeeded(parseTarget(text, "t.json", &context));
  EXPECT_EQ(isRead, message.empty());
  return message;
}

/// `kFile` with the first `from` replaced.
std::string with(StringRef from, StringRef to) {
  std::string text = kFile;
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to.str());
}
} // namespace

TEST(TargetFile, ReadsEveryField) {
  MLIRContext context;
  FailureOr<Target> target = parseTarget(kFile, "t.json", &context);
  ASSERT_TRUE(succeeded(target));
  EXPECT_EQ(target->name, "mine");
  EXPECT_EQ(target->kind, TargetKind::CPU);
  EXPECT_EQ(target->processor, "znver5");
  EXPECT_EQ(target->cores, 2);
  EXPECT_EQ(target->lanes(32), 16);
  EXPECT_EQ(target->vectorRegisters, 32);
  EXPECT_EQ(target->matrixTile, (std::array<int64_t, 3>{1, 16, 1}));
  EXPECT_EQ(target->preferredBlock(), 64);
  EXPECT_FALSE(target->supportsBlock(8));
  EXPECT_EQ(target->l1Bytes, 49152);
  EXPECT_EQ(target->l2Bytes, 1048576);
  EXPECT_EQ(target->l3Bytes, 33554432);
  EXPECT_EQ(target->sharedBytes, 0);
  EXPECT_EQ(target->peak("f32"), 4.9e11);
  EXPECT_EQ(target->peak("bf16"), 9.8e11);
  EXPECT_EQ(target->peak("f64"), 0);
  EXPECT_EQ(target->bandwidth, 5.5e10);
  EXPECT_EQ(target->cost.accessBytes, 128);
  EXPECT_EQ(target->cost.secondsPerAccess, 2e-9);
  EXPECT_EQ(target->cost.secondsPerFlop, 2.5e-12);
  EXPECT_EQ(target->cost.secondsPerProduct, 1e-5);
}

TEST(TargetFile, PrintsWhatItReads) {
  MLIRContext context;
  FailureOr<Target> target = parseTarget(kFile, "t.json", &context);
  ASSERT_TRUE(succeeded(target));
  std::string text = printTarget(*target);
  FailureOr<Target> again = parseTarget(text, "again.json", &context);
  ASSERT_TRUE(succeeded(again));
  EXPECT_EQ(printTarget(*again), text);
  EXPECT_EQ(again->cost.secondsPerFlop, target->cost.secondsPerFlop);
  EXPECT_EQ(again->peakFlops, target->peakFlops);
}

TEST(TargetFile, EveryShippedDescriptionIsReadUnderItsName) {
  MLIRContext context;
  EXPECT_EQ(shippedTargetNames().size(), 4u);
  for (StringRef name : shippedTargetNames()) {
    FailureOr<Target> target = findTarget(name, &context);
    ASSERT_TRUE(succeeded(target)) << name.str();
    EXPECT_EQ(target->name, name.str());
    EXPECT_GT(target->peak("f32"), 0);
    EXPECT_GT(target->bandwidth, 0);
  }
}

TEST(TargetFile, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(messageOf(kFile), "");
  EXPECT_NE(messageOf(with("512,", "0,"))
                .find("t.json\":3:18) /vector_bits: must be an integer from "
                      "128 to 8192, but is 0 (width of a vector register)"),
            std::string::npos);
  EXPECT_NE(messageOf(with("512,", "500,"))
                .find("/vector_bits: must be a power of two from 128 to 8192, "
                      "but is 500"),
            std::string::npos);
  EXPECT_NE(messageOf(with("\"cores\"", "\"core\""))
                .find("/cores: missing field; add \"cores\""),
            std::string::npos);
  EXPECT_NE(messageOf(with("\"cpu\"", "\"tpu\""))
                .find("/kind: must be one of \"cpu\", \"gpu\", but is the text "
                      "\"tpu\""),
            std::string::npos);
  EXPECT_NE(messageOf(with("\"znver5\"", "\"\""))
                .find("/processor: must not be empty"),
            std::string::npos);
  EXPECT_NE(messageOf(with("[1, 16, 1]", "[1, 16]"))
                .find("/matrix_tile: must be three sizes, [rows, columns, "
                      "terms], but has 2"),
            std::string::npos);
  EXPECT_NE(messageOf(with("[64, 32]", "[]"))
                .find("/blocks: must have at least one size"),
            std::string::npos);
  EXPECT_NE(messageOf(with("[64, 32]", "[64, 24]"))
                .find("/blocks/1: must be 8, 16, 32, 64 or 128, but is 24"),
            std::string::npos);
  EXPECT_NE(messageOf(with("[64, 32]", "[64, 64]"))
                .find("/blocks/1: must be 8, 16, 32, 64 or 128, each at most "
                      "once, but is 64"),
            std::string::npos);
  EXPECT_NE(messageOf(with("\"f32\"", "\"f33\""))
                .find("/peak_flops/f33: unknown field; did you mean \"f32\"?"),
            std::string::npos);
  EXPECT_NE(messageOf(with("5.5e10", "\"fast\""))
                .find("/bandwidth: must be a number at least 0"),
            std::string::npos);
  EXPECT_NE(
      messageOf(with("2e-9", "-1")).find("/cost/seconds_per_access: must"),
      std::string::npos);
  EXPECT_NE(messageOf("{\"name\": ").find("not valid JSON"), std::string::npos);
  EXPECT_NE(messageOf("[]").find("the file must be an object"),
            std::string::npos);
}

TEST(TargetFile, AnUnknownNameListsTheKnownOnes) {
  MLIRContext context;
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  EXPECT_TRUE(failed(findTarget("avx1024", &context)));
  EXPECT_EQ(message, "unknown target 'avx1024'; it is host, avx512, avx2, "
                     "sm_80, sm_90a, or the name of a file that ends in .json");
  EXPECT_TRUE(failed(findTarget("/nowhere/at.json", &context)));
  EXPECT_EQ(message, "cannot read target file '/nowhere/at.json': No such file "
                     "or directory");
}

// Rates and costs of all cores together follow the number of cores.
TEST(TargetFile, TheHostHasTheNearestDescriptionForItsCores) {
  MLIRContext context;
  FailureOr<Target> host = findTarget("host", &context);
  ASSERT_TRUE(succeeded(host));
  EXPECT_EQ(host->name, "host");
  FailureOr<Target> shipped =
      findTarget(host->vectorBits == 512 ? "avx512" : "avx2", &context);
  ASSERT_TRUE(succeeded(shipped));
  double ratio = double(host->cores) / double(shipped->cores);
  EXPECT_DOUBLE_EQ(host->peak("f32"), shipped->peak("f32") * ratio);
  EXPECT_DOUBLE_EQ(host->cost.secondsPerFlop * ratio,
                   shipped->cost.secondsPerFlop);
  EXPECT_DOUBLE_EQ(host->cost.secondsPerAccess * ratio,
                   shipped->cost.secondsPerAccess);
}

// The description of the machine that the constants were measured on.
TEST(TargetFile, AVX512CarriesMeasuredCosts) {
  MLIRContext context;
  FailureOr<Target> target = findTarget("avx512", &context);
  ASSERT_TRUE(succeeded(target));
  EXPECT_GT(target->cost.secondsPerAccess, 0);
  // Slower than the peak, but not by much.
  double share = 1 / (target->cost.secondsPerFlop * target->peak("f32"));
  EXPECT_GT(share, 0.7);
  EXPECT_LE(share, 1);
}
