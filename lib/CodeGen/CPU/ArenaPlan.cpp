//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/ArenaPlan.h"

#include <algorithm>
#include <numeric>
#include <tuple>

using namespace mlir::pixelfly;

static int64_t roundUp(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

static bool shareAStep(const BufferLifetime &a, const BufferLifetime &b) {
  return a.first <= b.last && b.first <= a.last;
}

/// Most bytes alive in one step; it is reached where some lifetime begins.
static int64_t peakOfLiveBytes(const std::vector<BufferLifetime> &buffers) {
  std::vector<std::pair<int64_t, int64_t>> changes; // step, difference
  for (const BufferLifetime &buffer : buffers) {
    changes.emplace_back(buffer.first, buffer.bytes);
    changes.emplace_back(buffer.last + 1, -buffer.bytes);
  }
  // At equal steps the negative difference sorts first: it ends before.
  std::sort(changes.begin(), changes.end());
  int64_t live = 0, peak = 0;
  for (auto [step, difference] : changes)
    peak = std::max(peak, live += difference);
  return peak;
}

/// Places the buffers one after the other in the given order.
static ArenaPlan placeInOrder(const std::vector<BufferLifetime> &buffers,
                              const std::vector<size_t> &order) {
  ArenaPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  std::vector<size_t> placed; // ascending by offset
  for (size_t index : order) {
    const BufferLifetime &buffer = buffers[index];
    int64_t end = 0; // of what lies below and is alive at the same time
    int64_t best = -1, bestGap = 0;
    for (size_t other : placed) {
      if (!shareAStep(buffer, buffers[other]))
        continue;
      int64_t gap = plan.offsets[other] - end;
      if (gap >= buffer.bytes && (best < 0 || gap < bestGap)) {
        best = end;
        bestGap = gap;
      }
      end = std::max(end, plan.offsets[other] + buffers[other].bytes);
    }
    int64_t offset = best < 0 ? end : best;
    plan.offsets[index] = offset;
    plan.totalBytes = std::max(plan.totalBytes, offset + buffer.bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), index,
                                   [&](size_t a, size_t b) {
                                     return plan.offsets[a] < plan.offsets[b];
                                   }),
                  index);
  }
  return plan;
}

ArenaPlan mlir::pixelfly::planArena(const std::vector<BufferLifetime> &given,
                                    int64_t alignment) {
  std::vector<BufferLifetime> buffers = given;
  for (BufferLifetime &buffer : buffers)
    buffer.bytes = std::max(roundUp(buffer.bytes, alignment), alignment);

  auto duration = [&](size_t i) {
    return buffers[i].last - buffers[i].first + 1;
  };
  // Keys of the orders that are tried; smaller keys are placed earlier.
  using Key = std::tuple<int64_t, int64_t, size_t>;
  using KeyFn = Key (*)(const BufferLifetime &, int64_t duration, size_t index);
  const KeyFn keys[] = {
      [](const BufferLifetime &b, int64_t duration, size_t i) {
        return Key(-b.bytes, b.first, i);
      },
      [](const BufferLifetime &b, int64_t duration, size_t i) {
        return Key(-b.bytes, -duration, i);
      },
      [](const BufferLifetime &b, int64_t duration, size_t i) {
        return Key(-b.bytes * duration, b.first, i);
      },
      [](const BufferLifetime &b, int64_t duration, size_t i) {
        return Key(-duration, -b.bytes, i);
      },
      [](const BufferLifetime &b, int64_t duration, size_t i) {
        return Key(b.first, -duration, i);
      },
  };

  ArenaPlan best;
  best.totalBytes = -1;
  for (KeyFn key : keys) {
    std::vector<size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return key(buffers[a], duration(a), a) < key(buffers[b], duration(b), b);
    });
    ArenaPlan plan = placeInOrder(buffers, order);
    if (best.totalBytes < 0 || plan.totalBytes < best.totalBytes)
      best = std::move(plan);
  }
  best.lowerBound = peakOfLiveBytes(buffers);
  return best;
}
