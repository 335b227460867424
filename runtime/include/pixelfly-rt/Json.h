//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// JSON with the place of every value, so that each complaint about a manifest
// or a checkpoint names the file and the field.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_JSON_H
#define PIXELFLY_RT_JSON_H

#include "nlohmann/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pixelfly::rt {

/// A JSON value and where it stands: "m.pfa/manifest.json: parameters[3].name".
/// The accessors throw Error when the value is not what they ask for. The value
/// referred to must outlive this.
class JsonValue {
public:
  JsonValue(const nlohmann::json &value, std::string file,
            std::string field = "", std::string advice = "")
      : value(&value), file(std::move(file)), field(std::move(field)),
        advice(std::move(advice)) {}

  /// A field that must be there.
  JsonValue at(const std::string &key) const;
  /// A field that may be absent (or null).
  std::optional<JsonValue> find(const std::string &key) const;
  std::vector<JsonValue> items() const;
  /// The fields of an object, ordered by name.
  std::vector<std::pair<std::string, JsonValue>> fields() const;

  std::string asString() const;
  bool asBool() const;
  /// A finite number.
  double asNumber() const;
  int64_t asInteger(int64_t minimum, int64_t maximum) const;

  /// One of `names`, as its index.
  size_t asChoice(const std::vector<std::string_view> &names) const;

  /// Throws: "<file>: <field>: <message>".
  [[noreturn]] void fail(const std::string &message) const;

  const nlohmann::json &raw() const { return *value; }

private:
  JsonValue child(const nlohmann::json &value, std::string name) const;

  const nlohmann::json *value;
  std::string file, field, advice;
};

/// Parses `text`, the contents of `file`; `advice` goes with every error.
nlohmann::json parseJson(const std::string &text, const std::string &file,
                         const std::string &advice);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_JSON_H
