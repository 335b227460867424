//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Typed and checked access to the fields of one JSON object.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_JSON_OBJECTREADER_H
#define PIXELFLY_JSON_OBJECTREADER_H

#include "pixelfly/Json/Json.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

#include <array>
#include <optional>

namespace mlir::pixelfly {

/// Where the problems of one file go.
class SchemaErrors {
public:
  SchemaErrors(StringRef text, StringRef file, MLIRContext *context)
      : text(text), file(file), context(context) {}

  /// Starts an error at the line and column of this offset.
  InFlightDiagnostic emitAt(size_t offset);
  TextPosition position(size_t offset) const;
  bool any() const { return count != 0; }

private:
  StringRef text;
  StringRef file;
  MLIRContext *context;
  unsigned count = 0;
};

struct IntegerRange {
  int64_t low, high;
};

struct NumberRange {
  double low, high;
  bool excludesLow = false, excludesHigh = false;

  constexpr NumberRange openBelow() const {
    return {low, high, true, excludesHigh};
  }
  constexpr NumberRange openAbove() const {
    return {low, high, excludesLow, true};
  }
  bool contains(double value) const;
  /// "at least 0 and at most 1", "above 0 and below 1", ...
  std::string describe() const;
};

/// The spellings of an enum.
template <typename T, size_t n>
using Choices = std::array<std::pair<StringLiteral, T>, n>;

/// Reads fields of one object. A field that is missing without a fallback, of
/// the wrong type or out of range is an error; reading goes on with a stand-in,
/// so that one run reports every problem. `what` says in a few words what the
/// field means and appears in messages.
class ObjectReader {
public:
  /// `object` may be null after an error: then nothing is reported.
  ObjectReader(const JsonValue *object, std::string path, SchemaErrors &errors);

  int64_t integer(StringRef key, StringRef what, IntegerRange range,
                  std::optional<int64_t> fallback = std::nullopt);
  double number(StringRef key, StringRef what, NumberRange range,
                std::optional<double> fallback);
  bool boolean(StringRef key, StringRef what, bool fallback);
  std::string string(StringRef key, StringRef what,
                     std::optional<std::string> fallback = std::nullopt);
  std::vector<int64_t> integers(StringRef key, StringRef what,
                                IntegerRange range, size_t maximumLength);
  std::vector<double>
  numbers(StringRef key, StringRef what, NumberRange range,
          std::optional<std::vector<double>> fallback = std::nullopt);
  /// At least one text, none empty.
  std::vector<std::string> strings(StringRef key, StringRef what);
  ObjectReader object(StringRef key, StringRef what);
  /// Nothing where the field is missing.
  std::optional<ObjectReader> optionalObject(StringRef key, StringRef what);

  template <typename T, size_t n>
  T choice(StringRef key, StringRef what, const Choices<T, n> &choices,
           std::optional<std::common_type_t<T>> fallback = std::nullopt) {
    SmallVector<StringRef> names;
    for (const auto &[name, value] : choices)
      names.push_back(name);
    std::optional<size_t> index =
        choiceIndex(key, what, names, /*isRequired=*/!fallback);
    return index ? choices[*index].second : fallback.value_or(T());
  }

  bool has(StringRef key) const { return object_ && object_->find(key); }
  /// Whether this reader, not those of its fields, reported an error.
  bool failed() const { return hasFailed; }

  /// Starts an error about a field, or about `field/index` of a list.
  InFlightDiagnostic emitError(StringRef key);
  /// Where a field, or `field/index`, stands; the object where it is missing.
  TextPosition position(StringRef key) const {
    return errors.position(locate(key).offset);
  }
  /// To call last: an error for every field that nothing above asked for.
  void rejectUnknownFields();

private:
  /// The field, or null; then, unless it may be absent, after an error.
  const JsonValue *field(StringRef key, StringRef what, const Twine &expected,
                         bool isRequired);
  /// The elements of a list, or null.
  const JsonArray *list(StringRef key, StringRef what, const Twine &expected,
                        bool isRequired);
  std::optional<size_t> choiceIndex(StringRef key, StringRef what,
                                    ArrayRef<StringRef> names, bool isRequired);
  std::optional<int64_t> toInteger(const JsonValue &value, StringRef key,
                                   StringRef what, IntegerRange range);
  std::optional<double> toNumber(const JsonValue &value, StringRef key,
                                 StringRef what, NumberRange range);
  void reject(StringRef key, StringRef what, const Twine &expected,
              const JsonValue &value);
  const JsonValue &locate(StringRef key) const;

  const JsonValue *object_;
  std::string path;
  SchemaErrors &errors;
  SmallVector<StringRef> known;
  bool hasFailed = false;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_JSON_OBJECTREADER_H
