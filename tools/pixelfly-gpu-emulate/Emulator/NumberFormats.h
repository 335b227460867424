//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The short floating-point formats of the GPU, as bits: f16, bf16 and tf32.
// Every rounding is to the nearest, ties to even, unless a name says otherwise.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_NUMBERFORMATS_H
#define PIXELFLY_GPU_EMULATE_NUMBERFORMATS_H

#include <cmath>
#include <cstdint>
#include <cstring>

namespace mlir::pixelfly::emulator {

inline uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

inline float floatFromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

/// The float with its last bit set where the conversion is not exact: rounding
/// the result once more to a shorter format then equals rounding `value`
/// itself.
inline float roundToOdd(double value) {
  float rounded = static_cast<float>(value);
  if (static_cast<double>(rounded) == value || std::isnan(value))
    return rounded;
  uint32_t bits = bitsOf(rounded);
  if (std::isinf(rounded) || std::fabs(rounded) > std::fabs(value))
    --bits;
  return floatFromBits(bits | 1);
}

/// An IEEE half: 1 sign, 5 exponent, 10 mantissa bits.
struct Half {
  uint16_t bits = 0;

  Half() = default;
  explicit Half(float value) : bits(round(value)) {}
  explicit Half(double value) : bits(round(roundToOdd(value))) {}

  operator float() const {
    uint32_t sign = uint32_t(bits & 0x8000) << 16;
    uint32_t exponent = (bits >> 10) & 31, mantissa = bits & 0x3FF;
    if (exponent == 31)
      return floatFromBits(sign | 0x7F800000 | mantissa << 13);
    if (exponent == 0) {
      float value = std::ldexp(static_cast<float>(mantissa), -24);
      return floatFromBits(bitsOf(value) | sign);
    }
    return floatFromBits(sign | (exponent + 112) << 23 | mantissa << 13);
  }

private:
  static uint16_t round(float value) {
    uint32_t all = bitsOf(value), sign = (all >> 16) & 0x8000;
    uint32_t magnitude = all & 0x7FFFFFFF;
    if (magnitude > 0x7F800000)
      return sign | 0x7E00;
    if (magnitude >= 0x477FF000) // 65520: half way between 65504 and 2^16.
      return sign | 0x7C00;
    if (magnitude < 0x38800000) { // Below 2^-14: subnormal, in units of 2^-24.
      double units =
          std::ldexp(static_cast<double>(floatFromBits(magnitude)), 24);
      return sign | static_cast<uint16_t>(std::nearbyint(units));
    }
    uint32_t rest = magnitude & 0x1FFF,
             result = (magnitude >> 13) - (112 << 10);
    if (rest > 0x1000 || (rest == 0x1000 && (result & 1)))
      ++result;
    return sign | result;
  }
};

/// The upper half of a float: 1 sign, 8 exponent, 7 mantissa bits.
struct BFloat {
  uint16_t bits = 0;

  BFloat() = default;
  explicit BFloat(float value) : bits(round(value)) {}
  explicit BFloat(double value) : bits(round(roundToOdd(value))) {}

  operator float() const { return floatFromBits(uint32_t(bits) << 16); }

private:
  static uint16_t round(float value) {
    uint32_t all = bitsOf(value);
    if ((all & 0x7FFFFFFF) > 0x7F800000)
      return (all >> 16) | 0x40;
    return (all + 0x7FFF + ((all >> 16) & 1)) >> 16;
  }
};

/// What the tensor cores make of a tf32 operand: they do not look at the low 13
/// bits of the register.
inline float truncateToTF32(uint32_t bits) {
  return floatFromBits(bits & 0xFFFFE000);
}

/// cvt.rna.tf32.f32: to the nearest, ties away from zero.
inline uint32_t roundToTF32(float value) {
  uint32_t bits = bitsOf(value);
  if ((bits & 0x7F800000) == 0x7F800000)
    return bits;
  return (bits + 0x1000) & 0xFFFFE000;
}

/// cvt.rn.tf32.f32: to the nearest, ties to even.
inline uint32_t roundToTF32Even(float value) {
  uint32_t bits = bitsOf(value);
  if ((bits & 0x7F800000) == 0x7F800000)
    return bits;
  return (bits + 0xFFF + ((bits >> 13) & 1)) & 0xFFFFE000;
}

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_NUMBERFORMATS_H
