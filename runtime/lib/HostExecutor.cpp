//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostExecutor.h"

#include <chrono>

using namespace pixelfly::rt;

template <typename Function> static double millisecondsOf(Function &&function) {
  auto start = std::chrono::steady_clock::now();
  function();
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - start;
  return time.count();
}

void HostExecutor::startTrainStep(size_t, float learningRate, float step) {
  buffers.setStep(learningRate, step);
  milliseconds = millisecondsOf(
      [&] { artifact.trainStep(buffers.trainStep(), buffers.arena()); });
}

void HostExecutor::startEvaluate(size_t) {
  milliseconds = millisecondsOf(
      [&] { artifact.evaluate(buffers.evaluate(), buffers.arena()); });
}
