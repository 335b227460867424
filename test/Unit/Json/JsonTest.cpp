//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Json/Json.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
/// The value, or a JSON null after a test failure.
JsonValue parse(StringRef text) {
  FailureOr<JsonValue> value =
      parseJson(text, [&](size_t offset, const std::string &problem) {
        ADD_FAILURE() << text.str() << ":" << offset << ": " << problem;
      });
  return failed(value) ? JsonValue() : *value;
}

/// Offset of the problem in text that must not parse.
size_t problemOffset(StringRef text) {
  size_t result = ~size_t(0);
  unsigned calls = 0;
  FailureOr<JsonValue> value =
      parseJson(text, [&](size_t offset, const std::string &) {
        result = offset;
        ++calls;
      });
  EXPECT_TRUE(failed(value)) << text.str();
  EXPECT_EQ(calls, 1u) << text.str();
  return result;
}
} // namespace

TEST(Json, KeepsTypesOfNumbers) {
  JsonValue value = parse("[3, -3, 3.0, 9223372036854775807, "
                          "9223372036854775808, 1e3]");
  const auto &array = std::get<JsonArray>(value.data);
  ASSERT_EQ(array.size(), 6u);
  EXPECT_EQ(std::get<int64_t>(array[0].data), 3);
  EXPECT_EQ(std::get<int64_t>(array[1].data), -3);
  EXPECT_EQ(std::get<double>(array[2].data), 3.0);
  EXPECT_EQ(std::get<int64_t>(array[3].data), INT64_MAX);
  EXPECT_EQ(std::get<double>(array[4].data), 0x1p63);
  EXPECT_EQ(std::get<double>(array[5].data), 1000.0);
}

TEST(Json, KnowsWhereEveryValueStands) {
  StringRef text =
      "{ \"a\" : [ 1,\n 22 , {\"b\":true}], \"c\": \"x,:\",\"d\":-1}";
  JsonValue root = parse(text);
  EXPECT_EQ(root.offset, 0u);
  auto standsAt = [&](const JsonValue &value, StringRef spelling) {
    EXPECT_TRUE(text.drop_front(value.offset).starts_with(spelling))
        << text.drop_front(value.offset).str() << " is not " << spelling.str();
  };
  standsAt(*root.find("a"), "[ 1");
  const auto &list = std::get<JsonArray>(root.find("a")->data);
  standsAt(list[0], "1,");
  standsAt(list[1], "22 ");
  standsAt(list[2], "{\"b\"");
  standsAt(*list[2].find("b"), "true");
  standsAt(*root.find("c"), "\"x,:\"");
  standsAt(*root.find("d"), "-1}");
  EXPECT_EQ(root.find("e"), nullptr);
  EXPECT_EQ(list[0].find("a"), nullptr);
}

TEST(Json, RefusesAFieldGivenTwice) {
  EXPECT_EQ(problemOffset("{\"a\": 1, \"a\": 1}"), 9u);
  // The same name in another object is another field.
  parse("{\"a\": {\"a\": 1}, \"b\": {\"a\": 1}}");
}

TEST(Json, LimitsNesting) {
  auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  parse(nested(32));
  EXPECT_EQ(problemOffset(nested(33)), 32u);
  EXPECT_EQ(problemOffset(std::string(1000000, '[')), 32u);
}

// Every prefix and every single-byte change of a document either parses or is
// reported once, at a place inside the text.
TEST(Json, SurvivesDamage) {
  std::string text = "{\"a\": [1, -2.5e3, \"x\\u00e9\\n\"], \"b\": {\"c\": "
                     "null, \"d\": false}}";
  auto check = [](const std::string &damaged) {
    unsigned calls = 0;
    size_t where = 0;
    FailureOr<JsonValue> value =
        parseJson(damaged, [&](size_t offset, const std::string &problem) {
          ++calls;
          where = offset;
          EXPECT_FALSE(problem.empty());
        });
    EXPECT_EQ(calls, failed(value) ? 1u : 0u) << damaged;
    EXPECT_LE(where, damaged.size()) << damaged;
  };
  for (size_t length = 0; length <= text.size(); ++length)
    check(text.substr(0, length));
  for (size_t index = 0; index < text.size(); ++index)
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = text;
      damaged[index] = char(byte);
      check(damaged);
    }
}
