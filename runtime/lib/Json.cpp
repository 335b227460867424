//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Json.h"
#include "pixelfly-rt/Error.h"

#include <cmath>

using namespace pixelfly::rt;

JsonValue JsonValue::child(const nlohmann::json &value,
                           std::string name) const {
  if (!field.empty() && name.front() != '[')
    name = "." + name;
  return JsonValue(value, file, field + name, advice);
}

void JsonValue::fail(const std::string &message) const {
  throw Error(file + ": " + (field.empty() ? "" : field + ": ") + message,
              advice);
}

/// `value` as it may stand in a message: not longer than a line, and without
/// going down into a value that may be nested without end.
static std::string shown(const nlohmann::json &value) {
  if (value.is_structured())
    return value.is_array() ? "an array" : "an object";
  std::string text =
      value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

std::optional<JsonValue> JsonValue::find(const std::string &key) const {
  if (!value->is_object())
    fail("must be an object, but is " + shown(*value));
  auto found = value->find(key);
  if (found == value->end() || found->is_null())
    return std::nullopt;
  return child(*found, key);
}

JsonValue JsonValue::at(const std::string &key) const {
  if (std::optional<JsonValue> found = find(key))
    return *found;
  fail("the field '" + key + "' is missing");
}

std::vector<JsonValue> JsonValue::items() const {
  if (!value->is_array())
    fail("must be an array, but is " + shown(*value));
  std::vector<JsonValue> result;
  for (size_t i = 0; i < value->size(); ++i)
    result.push_back(child((*value)[i], "[" + std::to_string(i) + "]"));
  return result;
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::fields() const {
  if (!value->is_object())
    fail("must be an object, but is " + shown(*value));
  std::vector<std::pair<std::string, JsonValue>> result;
  for (const auto &item : value->items())
    result.emplace_back(item.key(), child(item.value(), item.key()));
  return result;
}

std::string JsonValue::asString() const {
  if (!value->is_string())
    fail("must be a string, but is " + shown(*value));
  return value->get<std::string>();
}

bool JsonValue::asBool() const {
  if (!value->is_boolean())
    fail("must be true or false, but is " + shown(*value));
  return value->get<bool>();
}

double JsonValue::asNumber() const {
  if (!value->is_number() || !std::isfinite(value->get<double>()))
    fail("must be a number, but is " + shown(*value));
  return value->get<double>();
}

int64_t JsonValue::asInteger(int64_t minimum, int64_t maximum) const {
  bool fits = value->is_number_integer();
  if (fits && value->is_number_unsigned())
    fits = value->get<uint64_t>() <= uint64_t(INT64_MAX);
  int64_t number = fits ? value->get<int64_t>() : 0;
  if (!fits || number < minimum || number > maximum)
    fail("must be an integer from " + std::to_string(minimum) + " to " +
         std::to_string(maximum) + ", but is " + shown(*value));
  return number;
}

size_t JsonValue::asChoice(const std::vector<std::string_view> &names) const {
  std::string text = asString(), allowed;
  for (size_t i = 0; i < names.size(); ++i) {
    if (text == names[i])
      return i;
    allowed += (i ? ", " : "") + std::string(names[i]);
  }
  fail("must be one of " + allowed + ", but is " + shown(*value));
}

nlohmann::json pixelfly::rt::parseJson(const std::string &text,
                                       const std::string &file,
                                       const std::string &advice) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception &error) {
    // Drop the library's own tag: "[json.exception.parse_error.101] ".
    std::string message = error.what();
    if (size_t end = message.find("] "); end != std::string::npos)
      message = message.substr(end + 2);
    throw Error(file + ": not valid JSON: " + message, advice);
  }
}
