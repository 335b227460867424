//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// JSON text as a tree whose values know where they stand in the text. Parsed by
// nlohmann/json; no exception leaves.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_JSON_JSON_H
#define PIXELFLY_JSON_JSON_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace mlir::pixelfly {

/// A place in a text, counted from 1; 0 where there is no text.
struct TextPosition {
  unsigned line = 0;
  unsigned column = 0;
};

struct JsonValue;
struct JsonNull {};
using JsonArray = std::vector<JsonValue>;
/// The fields in the order of the text; names are unique.
using JsonObject = std::vector<std::pair<std::string, JsonValue>>;

struct JsonValue {
  /// Numbers written without fraction and exponent that fit are integers.
  std::variant<JsonNull, bool, int64_t, double, std::string, JsonArray,
               JsonObject>
      data;
  /// Offset in bytes of the value's first character.
  size_t offset = 0;

  /// "null", "a boolean", "the integer 3", "the text 'abc'", "a list", ...
  std::string describe() const;
  /// The field called `key`, or null; also null when this is no object.
  const JsonValue *find(llvm::StringRef key) const;
};

/// Parses `text`. On failure calls `report` once, with the offset of the
/// problem and what it is, and returns failure. A field given twice and nesting
/// deeper than 32 levels are errors too.
FailureOr<JsonValue> parseJson(
    llvm::StringRef text,
    llvm::function_ref<void(size_t offset, const std::string &problem)> report);

} // namespace mlir::pixelfly

#endif // PIXELFLY_JSON_JSON_H
