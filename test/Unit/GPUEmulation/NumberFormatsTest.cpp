//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The short float formats against a search through all their values.
//
//===----------------------------------------------------------------------===//

#include "Emulator/NumberFormats.h"

#include <gtest/gtest.h>

using namespace mlir::pixelfly::emulator;

/// Whether `rounded` is the value of the format that is nearest to `value`, and
/// at a tie the one with an even last bit.
template <typename T> static void expectNearest(double value) {
  T rounded(value);
  T below = rounded, above = rounded;
  --below.bits;
  ++above.bits;
  double error = std::fabs(double(float(rounded)) - value);
  for (T other : {below, above}) {
    double otherError = std::fabs(double(float(other)) - value);
    EXPECT_LE(error, otherError) << value;
    if (error == otherError)
      EXPECT_EQ(rounded.bits & 1, 0) << value;
  }
}

template <typename T> static void checkAll(uint16_t last) {
  for (uint32_t bits = 1; bits < last; ++bits) {
    T value, next;
    value.bits = bits;
    next.bits = bits + 1;
    EXPECT_EQ(T(float(value)).bits, bits);
    EXPECT_EQ(T(-float(value)).bits, bits | 0x8000);
    double a = float(value), b = float(next), middle = (a + b) / 2;
    expectNearest<T>(middle);
    expectNearest<T>(std::nextafter(middle, a));
    expectNearest<T>(std::nextafter(middle, b));
  }
}

TEST(NumberFormats, Half) {
  checkAll<Half>(0x7BFF);
  EXPECT_EQ(Half(65519.0f).bits, 0x7BFF);
  EXPECT_EQ(Half(65520.0f).bits, 0x7C00);
  EXPECT_EQ(Half(INFINITY).bits, 0x7C00);
  EXPECT_TRUE(std::isnan(float(Half(NAN))));
}

TEST(NumberFormats, BFloat) {
  checkAll<BFloat>(0x7F7F);
  EXPECT_EQ(BFloat(INFINITY).bits, 0x7F80);
  EXPECT_TRUE(std::isnan(float(BFloat(NAN))));
}

TEST(NumberFormats, TF32) {
  float step = std::ldexp(1.0f, -10);
  EXPECT_EQ(truncateToTF32(bitsOf(1 + 0.9f * step)), 1);
  EXPECT_EQ(floatFromBits(roundToTF32(1 + 0.5f * step)), 1 + step);
  EXPECT_EQ(floatFromBits(roundToTF32Even(1 + 0.5f * step)), 1);
  EXPECT_EQ(floatFromBits(roundToTF32Even(1 + 1.5f * step)), 1 + 2 * step);
}
