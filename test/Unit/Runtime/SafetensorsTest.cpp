//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Safetensors.h"
#include "Helpers.h"

#include <cstring>

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

/// A file with the given header text and `dataBytes` zeros.
static std::string file(const std::string &header, size_t dataBytes) {
  uint64_t length = header.size();
  std::string text(8, '\0');
  std::memcpy(text.data(), &length, 8);
  return text + header + std::string(dataBytes, '\0');
}

static const std::string goodHeader =
    R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

/// The error of reading "x" of shape 2, which must then keep its old value.
static std::string readError(const std::string &contents) {
  float values[2] = {5, 6};
  std::string error =
      errorOf([&] { readSafetensors(contents, "f", {{"x", {2}, values}}); });
  EXPECT_EQ(values[0], error.empty() ? 0 : 5);
  return error;
}

TEST(Safetensors, RoundTrip) {
  TemporaryDirectory directory;
  float a[6] = {1, 2, 3, 4, 5, 6}, b = 7;
  OutputFile output(directory / "f");
  writeSafetensors(output, {{"a", {2, 3}, a}, {"b", {}, &b}});
  output.close();
  std::string contents = readFile(directory / "f");

  uint64_t length;
  std::memcpy(&length, contents.data(), 8);
  EXPECT_EQ((8 + length) % 64, 0u); // aligned for readers that map the file
  EXPECT_EQ(contents.size(), 8 + length + 7 * sizeof(float));
  EXPECT_CONTAINS(contents,
                  R"("a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]})");
  EXPECT_CONTAINS(contents,
                  R"("b":{"dtype":"F32","shape":[],"data_offsets":[24,28]})");

  float a2[6] = {}, b2 = 0;
  // In another order than written.
  readSafetensors(contents, "f", {{"b", {}, &b2}, {"a", {2, 3}, a2}});
  EXPECT_EQ(std::memcmp(a, a2, sizeof(a)), 0);
  EXPECT_EQ(b2, 7);
}

TEST(Safetensors, RefusesDamage) {
  EXPECT_EQ(readError(file(goodHeader, 8)), "");
  EXPECT_CONTAINS(readError("1234"), "cut short");
  EXPECT_CONTAINS(readError(file(goodHeader, 8).substr(0, 30)), "cut short");
  EXPECT_CONTAINS(readError(std::string(64, '\xff')), "cut short or damaged");
  EXPECT_CONTAINS(readError(file(goodHeader, 7)), "ends at byte 8");
  EXPECT_CONTAINS(readError(file("{\"x\":", 8)), "header: not valid JSON");
  EXPECT_CONTAINS(readError(file(replaced(goodHeader, "[0,8]", "[8,0]"), 8)),
                  "x.data_offsets: must span 8 bytes");
  EXPECT_CONTAINS(readError(file(replaced(goodHeader, "[0,8]", "[0]"), 8)),
                  "x.data_offsets: must have two elements");
}

TEST(Safetensors, RefusesAnotherModel) {
  const char *other = "checkpoint of another model";
  EXPECT_CONTAINS(readError(file(replaced(goodHeader, "\"x\"", "\"y\""), 8)),
                  "has no tensor 'x'");
  EXPECT_CONTAINS(readError(file(replaced(goodHeader, "[2]", "[1,2]"), 8)),
                  "as F32 of shape 1x2, the model as F32 of shape 2");
  EXPECT_CONTAINS(readError(file(replaced(goodHeader, "F32", "I32"), 8)),
                  other);
  std::string two =
      replaced(goodHeader, "{\"x\"",
               R"({"y":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"x")");
  EXPECT_CONTAINS(readError(file(two, 8)), "has 2 tensors, the model has 1");
}
