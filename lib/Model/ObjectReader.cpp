//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ObjectReader.h"

#include "mlir/IR/Location.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// The number as a person writes it: 0.1 and not 0.10000000000000001.
static std::string toText(double value) {
  JsonValue json;
  json.data = value;
  return json.describe();
}

InFlightDiagnostic SchemaErrors::emitAt(size_t offset) {
  ++count;
  StringRef before = text.take_front(offset);
  unsigned line = before.count('\n') + 1;
  size_t lineStart = before.rfind('\n');
  unsigned column =
      lineStart == StringRef::npos ? offset + 1 : offset - lineStart;
  return mlir::emitError(FileLineColLoc::get(context, file, line, column));
}

bool NumberRange::contains(double value) const {
  return (excludesLow ? value > low : value >= low) &&
         (excludesHigh ? value < high : value <= high);
}

std::string NumberRange::describe() const {
  return (excludesLow ? "above " : "from ") + toText(low) +
         (excludesHigh ? " to below " : " to ") + toText(high);
}

ObjectReader::ObjectReader(const JsonValue *value, std::string path,
                           SchemaErrors &errors)
    : object_(value), path(std::move(path)), errors(errors) {
  if (object_ && !std::holds_alternative<JsonObject>(object_->data)) {
    errors.emitAt(object_->offset)
        << (this->path.empty() ? "the file" : this->path)
        << " must be an object, but is " << object_->describe();
    object_ = nullptr;
  }
  hasFailed = !object_;
}

InFlightDiagnostic ObjectReader::emitError(StringRef key) {
  hasFailed = true;
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
  InFlightDiagnostic diagnostic = errors.emitAt(value->offset);
  diagnostic << path << "/" << key << ": ";
  return diagnostic;
}

InFlightDiagnostic ObjectReader::wrong(StringRef key, StringRef what) {
  InFlightDiagnostic diagnostic = emitError(key);
  diagnostic << "(" << what << ") must be ";
  return diagnostic;
}

const JsonValue *ObjectReader::field(StringRef key, StringRef what,
                                     bool isRequired) {
  known.push_back(key);
  if (!object_)
    return nullptr;
  const JsonValue *value = object_->find(key);
  if (!value && isRequired)
    emitError(key) << "missing field; add \"" << key << "\", " << what;
  return value;
}

std::optional<int64_t> ObjectReader::toInteger(const JsonValue &value,
                                               StringRef key, StringRef what,
                                               IntegerRange range) {
  const auto *integer = std::get_if<int64_t>(&value.data);
  if (integer && *integer >= range.low && *integer <= range.high)
    return *integer;
  wrong(key, what) << "an integer from " << range.low << " to " << range.high
                   << ", but is " << value.describe();
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
  wrong(key, what) << "a number " << range.describe() << ", but is "
                   << value.describe();
  return std::nullopt;
}

int64_t ObjectReader::integer(StringRef key, StringRef what, IntegerRange range,
                              std::optional<int64_t> fallback) {
  const JsonValue *value = field(key, what, !fallback);
  std::optional<int64_t> result;
  if (value)
    result = toInteger(*value, key, what, range);
  return result.value_or(fallback.value_or(range.low));
}

double ObjectReader::number(StringRef key, StringRef what, NumberRange range,
                            std::optional<double> fallback) {
  const JsonValue *value = field(key, what, !fallback);
  std::optional<double> result;
  if (value)
    result = toNumber(*value, key, what, range);
  return result.value_or(fallback.value_or(range.low));
}

std::string ObjectReader::string(StringRef key, StringRef what,
                                 std::optional<std::string> fallback) {
  const JsonValue *value = field(key, what, !fallback);
  if (value) {
    if (const auto *text = std::get_if<std::string>(&value->data))
      return *text;
    wrong(key, what) << "a text, but is " << value->describe();
  }
  return fallback.value_or("");
}

const JsonArray *ObjectReader::list(StringRef key, StringRef what,
                                    StringRef elements, bool isRequired) {
  const JsonValue *value = field(key, what, isRequired);
  if (!value)
    return nullptr;
  if (const auto *array = std::get_if<JsonArray>(&value->data))
    return array;
  wrong(key, what) << "a list of " << elements << ", but is "
                   << value->describe();
  return nullptr;
}

std::vector<int64_t> ObjectReader::integers(StringRef key, StringRef what,
                                            IntegerRange range,
                                            size_t maximumLength) {
  std::vector<int64_t> result;
  const JsonArray *array = list(key, what, "integers", /*isRequired=*/true);
  if (!array)
    return result;
  if (array->size() > maximumLength)
    wrong(key, what) << "a list of at most " << maximumLength
                     << " integers, but has " << array->size();
  else
    for (auto [index, value] : llvm::enumerate(*array))
      if (auto integer =
              toInteger(value, (key + "/" + Twine(index)).str(), what, range))
        result.push_back(*integer);
  return result;
}

std::vector<double>
ObjectReader::numbers(StringRef key, StringRef what, NumberRange range,
                      std::optional<std::vector<double>> fallback) {
  const JsonArray *array = list(key, what, "numbers", !fallback);
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
  const JsonArray *array = list(key, what, "texts", /*isRequired=*/true);
  if (!array)
    return result;
  if (array->empty())
    wrong(key, what) << "a list of at least one text, but is empty";
  for (auto [index, value] : llvm::enumerate(*array)) {
    const auto *text = std::get_if<std::string>(&value.data);
    if (text && !text->empty())
      result.push_back(*text);
    else
      wrong((key + "/" + Twine(index)).str(), what)
          << "a text that is not empty, but is " << value.describe();
  }
  return result;
}

ObjectReader ObjectReader::object(StringRef key, StringRef what) {
  return ObjectReader(field(key, what, /*isRequired=*/true),
                      path + "/" + key.str(), errors);
}

std::optional<size_t> ObjectReader::choiceIndex(StringRef key, StringRef what,
                                                ArrayRef<StringRef> names,
                                                bool isRequired) {
  const JsonValue *value = field(key, what, isRequired);
  if (!value)
    return std::nullopt;
  if (const auto *text = std::get_if<std::string>(&value->data))
    for (auto [index, name] : llvm::enumerate(names))
      if (name == *text)
        return index;
  wrong(key, what) << "one of " << llvm::join(names, ", ") << ", but is "
                   << value->describe();
  return std::nullopt;
}

void ObjectReader::rejectUnknownFields() {
  if (!object_)
    return;
  for (const auto &[name, value] : std::get<JsonObject>(object_->data)) {
    if (llvm::is_contained(known, name))
      continue;
    emitError(name) << "unknown field; remove it, the fields here are "
                    << llvm::join(known, ", ");
  }
}
