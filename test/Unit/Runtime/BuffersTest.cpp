//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Buffers.h"
#include "Helpers.h"
#include "pixelfly-rt/abi.h"

#include <cstdint>

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

TEST(Buffers, FollowTheOrderOfTheBorder) {
  Manifest manifest = parseManifest(logisticManifest(), "");
  Buffers buffers(manifest);
  void *const *train = buffers.trainStep(), *const *evaluate =
                                                buffers.evaluate();
  // 5 parameters, 5 velocities, images, labels, learning_rate, step, 3 outputs.
  for (int i = 0; i < 17; ++i)
    EXPECT_EQ(reinterpret_cast<uintptr_t>(train[i]) % PF_BUFFER_ALIGNMENT, 0u);
  EXPECT_EQ(buffers.parameter(4), train[4]);
  EXPECT_EQ(buffers.state(0, 0), train[5]);
  EXPECT_EQ(buffers.input(1), train[11]);
  buffers.setStep(0.5f, 3);
  EXPECT_EQ(*static_cast<float *>(train[12]), 0.5f);
  EXPECT_EQ(*static_cast<float *>(train[13]), 3);
  EXPECT_EQ(buffers.trainStepOutput(2), train[16]);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(evaluate[i], train[i]);
  EXPECT_EQ(evaluate[5], train[10]);
  EXPECT_EQ(buffers.evaluateOutput(1), evaluate[8]);
}

TEST(Buffers, CountWhatIsUsed) {
  Buffers buffers(parseManifest(logisticManifest(), ""));
  const MemoryUse &use = buffers.getMemoryUse();
  EXPECT_EQ(use.parameters, 2820 * 4);
  EXPECT_EQ(use.state, 2820 * 4);
  EXPECT_EQ(use.arena, 256);
  EXPECT_EQ(use.batch, 4 * (16 * 64 + 16 + 2 + (1 + 1 + 64) + (16 + 64)));
}

TEST(Buffers, MoreThanTheMachineHasIsAnError) {
  Manifest manifest = parseManifest(
      replaced(logisticManifest(), "[4, 64]", "[70000000000000]"), "");
  std::string error = errorOf([&] { Buffers buffers(manifest); });
  EXPECT_CONTAINS(error, "not enough memory for this model: parameters 280000");
  EXPECT_CONTAINS(error, "smaller batch");
}
