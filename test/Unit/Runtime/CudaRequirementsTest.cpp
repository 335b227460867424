//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/CudaRequirements.h"
#include "Helpers.h"

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

static TargetInfo targetOf(std::vector<GpuChip> chips,
                           std::optional<GpuChip> ptx) {
  TargetInfo target;
  target.device = DeviceKind::CUDA;
  target.chips = std::move(chips);
  target.ptx = ptx;
  target.machineCodeDriver = 13000;
  target.ptxDriver = 12000;
  return target;
}

static const GpuChip sm80 = {"sm_80", 80, false};
static const GpuChip sm86 = {"sm_86", 86, false};
static const GpuChip sm90a = {"sm_90a", 90, true};

static std::string errorOn(const TargetInfo &target, int capability,
                           int driver) {
  return errorOf([&] { checkRunsOn(target, capability, driver, "gpu"); });
}

TEST(CudaRequirements, MachineCodeRunsOnLaterMinorVersions) {
  TargetInfo target = targetOf({sm86}, std::nullopt);
  EXPECT_EQ(errorOn(target, 86, 13000), "");
  EXPECT_EQ(errorOn(target, 89, 13000), "");
  EXPECT_CONTAINS(errorOn(target, 80, 13000),
                  "the artifact has code for sm_86, which gpu does not run | "
                  "compile the model with --target=sm_80 --chips=sm_80");
  EXPECT_CONTAINS(errorOn(target, 90, 13000), "which gpu does not run");
}

TEST(CudaRequirements, PTXRunsOnEverythingLater) {
  TargetInfo target = targetOf({}, sm80);
  for (int capability : {80, 86, 90, 100, 120})
    EXPECT_EQ(errorOn(target, capability, 12000), "");
  EXPECT_CONTAINS(errorOn(target, 75, 12000),
                  "the artifact has code for PTX for sm_80, which gpu does not "
                  "run | GPUs of compute capability 8.0 and later");
}

TEST(CudaRequirements, SpecificCodeRunsOnItsChipAlone) {
  TargetInfo target = targetOf({sm90a}, sm90a);
  EXPECT_EQ(errorOn(target, 90, 13000), "");
  EXPECT_CONTAINS(errorOn(target, 100, 13000), "which gpu does not run");
  EXPECT_CONTAINS(errorOn(target, 80, 13000), "which gpu does not run");
}

TEST(CudaRequirements, DriverOfWhatTheDeviceRuns) {
  TargetInfo both = targetOf({sm80}, sm80);
  // The driver translates the PTX if it cannot load the machine code.
  EXPECT_EQ(errorOn(both, 80, 12040), "");
  EXPECT_CONTAINS(errorOn(targetOf({sm80}, std::nullopt), 80, 12040),
                  "supports CUDA 12.4, but the artifact's code for gpu needs "
                  "CUDA 13.0 | install a newer driver");
}

TEST(CudaRequirements, BatchThatFits) {
  Manifest manifest;
  manifest.batch = 100;
  MemoryUse use;
  use.parameters = 1000;
  use.state = 2000;
  use.arena = 6000; // 1000 of gradients, 50 an example
  use.batch = 1000; // 10 an example
  EXPECT_EQ(fittingBatch(manifest, use, 10000), 100);
  EXPECT_EQ(fittingBatch(manifest, use, 9999), 99);
  EXPECT_EQ(fittingBatch(manifest, use, 4060), 1);
  EXPECT_EQ(fittingBatch(manifest, use, 4059), 0);
  EXPECT_EQ(fittingBatch(manifest, use, 0), 0);
  std::string error =
      errorOf([&] { throw tooLittleMemory(manifest, use, 2, 7000, "gpu"); });
  EXPECT_CONTAINS(error,
                  "needs 10.0 kB of memory on gpu, but 7.0 kB are free: "
                  "parameters 1.0 kB, optimizer state 2.0 kB, activations and "
                  "gradients 6.0 kB, 2 batches of 100 examples 1.0 kB | a "
                  "batch of about 50 fits; compile the model again with "
                  "--batch=50");
}
