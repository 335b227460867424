//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Json/ObjectReader.h"

#include "mlir/IR/Location.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::pixelfly;

/// A number as a person writes it: 0.1 and not 0.10000000000000001.
static std::string toText(double value) {
  JsonValue json;
  json.data = value;
  std::string text = json.describe();
  return StringRef(text).ends_with(".0") ? text.substr(0, text.size() - 2)
                                         : text;
}

static std::string describe(IntegerRange range) {
  return "an integer from " + std::to_string(range.low) + " to " +
         std::to_string(range.high);
}

TextPosition SchemaErrors::position(size_t offset) const {
  StringRef before = text.take_front(offset);
  unsigned line = before.count('\n') + 1;
  size_t lineEnd = before.rfind('\n');
  size_t lineStart = lineEnd == StringRef::npos ? 0 : lineEnd + 1;
  return {line, unsigned(offset - lineStart + 1)};
}

InFlightDiagnostic SchemaErrors::emitAt(size_t offset) {
  ++count;
  TextPosition at = position(offset);
  return mlir::emitError(
      FileLineColLoc::get(context, file, at.line, at.column));
}

bool NumberRange::contains(double value) const {
  return (excludesLow ? value > low : value >= low) &&
         (excludesHigh ? value < high : value <= high);
}

std::string NumberRange::describe() const {
  return "a number " + ((excludesLow ? "above " : "at least ") + toText(low)) +
         " and " + ((excludesHigh ? "below " : "at most ") + toText(high));
}

ObjectReader::ObjectReader(const JsonValue *value, std::string path,
                           SchemaErrors &errors)
    : object_(value), path(std::move(path)), errors(errors) {
  if (object_ && !std::holds_alternative<JsonObject>(object_->data)) {
    errors.emitAt(object_->offset)
        << (this->path.empty() ? "the file" : this->path + ":")
        << " must be an object, but is " << object_->describe();
    object_ = nullptr;
  }
  hasFailed = !object_;
}

const JsonValue &ObjectReader::locate(StringRef key) const {
  const JsonValue *value = object_;
  for (StringRef step : llvm::split(key, '/')) {
    const JsonValue *next = value->find(step);
    size_t index;
    if (const auto *array = std::get_if<JsonArray>(&value->data))
      if (!step.getAsInteger(10, index) && index < array->size())
        next = &(*array)[index];
    if (!next)
      break;
    value = next;
  }
  return *value;
}

InFlightDiagnostic ObjectReader::emitError(StringRef key) {
  hasFailed = true;
  InFlightDiagnostic diagnostic = errors.emitAt(locate(key).offset);
  diagnostic << path << "/" << key << ": ";
  return diagnostic;
}

void ObjectReader::reject(StringRef key, StringRef what, const Twine &expected,
                          const JsonValue &value) {
  emitError(key) << "must be " << expected << ", but is " << value.describe()
                 << " (" << what << ")";
}

const JsonValue *ObjectReader::field(StringRef key, StringRef what,
                                     const Twine &expected, bool isRequired) {
  known.push_back(key);
  if (!object_)
    return nullptr;
  const JsonValue *value = object_->find(key);
  if (!value && isRequired)
    emitError(key) << "missing field; add \"" << key << "\", " << expected
                   << " (" << what << ")";
  return value;
}

std::optional<int64_t> ObjectReader::toInteger(const JsonValue &value,
                                               StringRef key, StringRef what,
                                               IntegerRange range) {
  std::optional<int64_t> integer;
  if (const auto *exact = std::get_if<int64_t>(&value.data))
    integer = *exact;
  // 3.0 is an integer in JSON Schema.
  else if (const auto *real = std::get_if<double>(&value.data))
    if (std::abs(*real) < 0x1p53 && std::trunc(*real) == *real)
      integer = int64_t(*real);
  if (integer && *integer >= range.low && *integer <= range.high)
    return integer;
  reject(key, what, describe(range), value);
  return std::nullopt;
}

std::optional<double> ObjectReader::toNumber(const JsonValue &value,
                                             StringRef key, StringRef what,
                                             NumberRange range) {
  std::optional<double> number;
  if (const auto *integer = std::get_if<int64_t>(&value.data))
    number = double(*integer);
  else if (const auto *real = std::get_if<double>(&value.data))
    number = *real;
  if (number && range.contains(*number))
    return number;
  reject(key, what, range.describe(), value);
  return std::nullopt;
}

int64_t ObjectReader::integer(StringRef key, StringRef what, IntegerRange range,
                              std::optional<int64_t> fallback) {
  std::optional<int64_t> result;
  if (const JsonValue *value = field(key, what, describe(range), !fallback))
    result = toInteger(*value, key, what, range);
  return result.value_or(fallback.value_or(range.low));
}

double ObjectReader::number(StringRef key, StringRef what, NumberRange range,
                            std::optional<double> fallback) {
  std::optional<double> result;
  if (const JsonValue *value = field(key, what, range.describe(), !fallback))
    result = toNumber(*value, key, what, range);
  return result.value_or(fallback.value_or(range.low));
}

bool ObjectReader::boolean(StringRef key, StringRef what, bool fallback) {
  if (const JsonValue *value = field(key, what, "true or false", false)) {
    if (const auto *truth = std::get_if<bool>(&value->data))
      return *truth;
    reject(key, what, "true or false", *value);
  }
  return fallback;
}

std::string ObjectReader::string(StringRef key, StringRef what,
                                 std::optional<std::string> fallback) {
  if (const JsonValue *value = field(key, what, "a text", !fallback)) {
    if (const auto *text = std::get_if<std::string>(&value->data))
      return *text;
    reject(key, what, "a text", *value);
  }
  return fallback.value_or("");
}

const JsonArray *ObjectReader::list(StringRef key, StringRef what,
                                    const Twine &expected, bool isRequired) {
  const JsonValue *value = field(key, what, expected, isRequired);
  if (!value)
    return nullptr;
  if (const auto *array = std::get_if<JsonArray>(&value->data))
    return array;
  reject(key, what, expected, *value);
  return nullptr;
}

std::vector<int64_t> ObjectReader::integers(StringRef key, StringRef what,
                                            IntegerRange range,
                                            size_t maximumLength) {
  std::vector<int64_t> result;
  const JsonArray *array =
      list(key, what, "a list of integers", /*isRequired=*/true);
  if (!array)
    return result;
  if (array->size() > maximumLength) {
    emitError(key) << "must have at most " << maximumLength
                   << " elements, but has " << array->size() << " (" << what
                   << ")";
    return result;
  }
  for (auto [index, value] : llvm::enumerate(*array))
    if (auto integer =
            toInteger(value, (key + "/" + Twine(index)).str(), what, range))
      result.push_back(*integer);
  return result;
}

std::vector<double>
ObjectReader::numbers(StringRef key, StringRef what, NumberRange range,
                      std::optional<std::vector<double>> fallback) {
  const JsonArray *array = list(key, what, "a list of numbers", !fallback);
  if (!array)
    return fallback.value_or(std::vector<double>());
  std::vector<double> result;
  for (auto [index, value] : llvm::enumerate(*array))
    if (auto number =
            toNumber(value, (key + "/" + Twine(index)).str(), what, range))
      result.push_back(*number);
  return result;
}

std::vector<std::string> ObjectReader::strings(StringRef key, StringRef what) {
  std::vector<std::string> result;
  const JsonArray *array =
      list(key, what, "a list of texts", /*isRequired=*/true);
  if (!array)
    return result;
  if (array->empty())
    emitError(key) << "must have at least one element, but is empty (" << what
                   << ")";
  for (auto [index, value] : llvm::enumerate(*array)) {
    const auto *text = std::get_if<std::string>(&value.data);
    if (text && !text->empty())
      result.push_back(*text);
    else
      reject((key + "/" + Twine(index)).str(), what, "a text that is not empty",
             value);
  }
  return result;
}

ObjectReader ObjectReader::object(StringRef key, StringRef what) {
  return ObjectReader(field(key, what, "an object", /*isRequired=*/true),
                      path + "/" + key.str(), errors);
}

std::optional<ObjectReader> ObjectReader::optionalObject(StringRef key,
                                                         StringRef what) {
  const JsonValue *value = field(key, what, "an object", /*isRequired=*/false);
  if (!value)
    return std::nullopt;
  return ObjectReader(value, path + "/" + key.str(), errors);
}

std::optional<size_t> ObjectReader::choiceIndex(StringRef key, StringRef what,
                                                ArrayRef<StringRef> names,
                                                bool isRequired) {
  std::string expected = "one of \"" + llvm::join(names, "\", \"") + "\"";
  const JsonValue *value = field(key, what, expected, isRequired);
  if (!value)
    return std::nullopt;
  if (const auto *text = std::get_if<std::string>(&value->data))
    for (auto [index, name] : llvm::enumerate(names))
      if (name == *text)
        return index;
  reject(key, what, expected, *value);
  return std::nullopt;
}

void ObjectReader::rejectUnknownFields() {
  if (!object_)
    return;
  for (const auto &[name, value] : std::get<JsonObject>(object_->data)) {
    if (llvm::is_contained(known, name))
      continue;
    StringRef nearest;
    unsigned best = name.size() / 3 + 1;
    for (StringRef field : known) {
      unsigned distance = field.edit_distance(name, /*AllowReplacements=*/true,
                                              /*MaxEditDistance=*/best);
      if (distance < best || (distance == best && nearest.empty())) {
        best = distance;
        nearest = field;
      }
    }
    InFlightDiagnostic diagnostic = emitError(name);
    diagnostic << "unknown field; ";
    if (nearest.empty())
      diagnostic << "remove it.";
    else
      diagnostic << "did you mean \"" << nearest << "\"?";
    diagnostic << " The fields here are " << llvm::join(known, ", ");
  }
}
