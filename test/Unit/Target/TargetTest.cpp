//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Target/Processor.h"
#include "pixelfly/Target/TargetFile.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/TargetParser/Host.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
class TargetInModule : public testing::Test {
protected:
  TargetInModule() { context.loadDialect<DLTIDialect>(); }

  OwningOpRef<ModuleOp> parse(StringRef text) {
    return parseSourceString<ModuleOp>(text, &context);
  }

  MLIRContext context;
};
} // namespace

TEST_F(TargetInModule, EveryShippedTargetSurvivesTheModule) {
  for (StringRef name : shippedTargetNames()) {
    FailureOr<Target> target = findTarget(name, &context);
    ASSERT_TRUE(succeeded(target));
    target->cost = {96, 1.5e-9, 2.5e-12, 1e-6};
    OwningOpRef<ModuleOp> module = parse("module {}");
    target->attach(*module);
    FailureOr<Target> read = Target::get(*module, target->kind);
    ASSERT_TRUE(succeeded(read));
    EXPECT_EQ(printTarget(*read), printTarget(*target));
  }
}

TEST_F(TargetInModule, DefaultsWhereTheModuleIsSilent) {
  OwningOpRef<ModuleOp> module = parse("module {}");
  FailureOr<Target> target = Target::get(*module);
  ASSERT_TRUE(succeeded(target));
  EXPECT_EQ(target->vectorBits, 512);
  EXPECT_EQ(target->cores, 8);
}

TEST_F(TargetInModule, AttachingKeepsOtherDevices) {
  OwningOpRef<ModuleOp> module = parse("module {}");
  FailureOr<Target> cpu = findTarget("avx2", &context);
  FailureOr<Target> gpu = findTarget("sm_90a", &context);
  ASSERT_TRUE(succeeded(cpu) && succeeded(gpu));
  cpu->attach(*module);
  gpu->attach(*module);
  cpu->cores = 3;
  cpu->attach(*module);
  FailureOr<Target> readCpu = Target::get(*module, TargetKind::CPU);
  FailureOr<Target> readGpu = Target::get(*module, TargetKind::GPU);
  ASSERT_TRUE(succeeded(readCpu) && succeeded(readGpu));
  EXPECT_EQ(readCpu->cores, 3);
  EXPECT_EQ(readGpu->cores, 132);
}

TEST_F(TargetInModule, AModuleInAModuleHasTheOutersTarget) {
  OwningOpRef<ModuleOp> module = parse("module { module {} }");
  Target target;
  target.vectorBits = 256;
  target.attach(*module);
  FailureOr<Target> read = Target::get(&module->getBody()->front());
  ASSERT_TRUE(succeeded(read));
  EXPECT_EQ(read->vectorBits, 256);
}

TEST_F(TargetInModule, AWrongFactIsAnErrorAtTheModule) {
  const std::pair<StringRef, StringRef> wrong[] = {
      {R"("vector_width_in_bits" = 0 : i64)",
       "\"vector_width_in_bits\" must be a power of two from 128 to 8192, but "
       "is 0 : i64"},
      {R"("vector_width_in_bits" = 384 : i64)", "but is 384 : i64"},
      {R"("vector_width_in_bits" = "wide")", "but is \"wide\""},
      {R"("vector_registers" = -1 : i64)", "an integer from 8 to 1024"},
      {R"("num_cores" = 99999999999 : i64)", "but is 99999999999 : i64"},
      {R"("num_cores" = 340282366920938463463374607431768211455 : i128)",
       "\"num_cores\" must be"},
      {R"("L1_cache_size_in_bytes" = 1 : i64)", "must be an integer from 1024"},
      {R"("block_sizes" = array<i64: 24>)", "sizes among 8, 16, 32, 64 and"},
      {R"("block_sizes" = array<i64>)", "sizes among 8, 16, 32, 64 and 128"},
      {R"("matrix_tile" = array<i64: 1, 16>)", "array<i64: rows, columns,"},
      {R"("peak_flops_per_second" = 1.0 : f64)", "a dictionary of rates"},
      {R"("peak_flops_per_second" = {f32 = 0x7FF8000000000000 : f64})",
       "a floating-point number from 0"},
      {R"("cost_seconds_per_flop" = -1.0 : f64)", "but is -1.000000e+00 : f64"},
      {R"("processor" = 3 : i64)", "a text that is not empty"},
  };
  for (auto [fact, expected] : wrong) {
    OwningOpRef<ModuleOp> module =
        parse(("module attributes {dlti.target_system_spec = "
               "#dlti.target_system_spec<\"CPU\" = #dlti.target_device_spec<" +
               fact + ">>} {}")
                  .str());
    ASSERT_TRUE(module) << fact.str();
    std::string message;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      message += diagnostic.str();
      return success();
    });
    EXPECT_TRUE(failed(Target::get(*module))) << fact.str();
    EXPECT_NE(message.find("the target specification of device \"CPU\" is "
                           "wrong: "),
              std::string::npos)
        << message;
    EXPECT_NE(message.find(expected.str()), std::string::npos) << message;
  }
}

// The names are those of x86-64 processors.
#if defined(__x86_64__)
TEST_F(TargetInModule, AProcessorHasTheVectorsThatLLVMGivesIt) {
  Location location = UnknownLoc::get(&context);
  FailureOr<Target> haswell = processorTarget("haswell", "", location);
  FailureOr<Target> skylake = processorTarget("skylake-avx512", "", location);
  FailureOr<Target> nehalem = processorTarget("nehalem", "", location);
  FailureOr<Target> narrowed =
      processorTarget("skylake-avx512", "-avx512f", location);
  ASSERT_TRUE(succeeded(haswell) && succeeded(skylake) && succeeded(nehalem) &&
              succeeded(narrowed));
  EXPECT_EQ(haswell->vectorBits, 256);
  EXPECT_EQ(haswell->vectorRegisters, 16);
  EXPECT_EQ(haswell->processor, "haswell");
  EXPECT_EQ(skylake->vectorBits, 512);
  EXPECT_EQ(skylake->vectorRegisters, 32);
  EXPECT_EQ(nehalem->vectorBits, 128);
  EXPECT_EQ(narrowed->vectorBits, 256);
}
#endif

TEST_F(TargetInModule, AnUnknownProcessorIsOneError) {
  unsigned messages = 0;
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    ++messages;
    message = diagnostic.str();
    return success();
  });
  testing::internal::CaptureStderr();
  EXPECT_TRUE(failed(processorTarget("banana", "", UnknownLoc::get(&context))));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(messages, 1u);
  EXPECT_EQ(message.find("unknown processor 'banana' for "), 0u) << message;
}
