//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Json/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <nlohmann/json.hpp>

#include <iterator>
#include <optional>

using namespace mlir;
using namespace mlir::pixelfly;

static constexpr size_t kMaximumDepth = 32;

std::string JsonValue::describe() const {
  struct Visitor {
    std::string operator()(JsonNull) const { return "null"; }
    std::string operator()(bool value) const {
      return value ? "true" : "false";
    }
    std::string operator()(int64_t value) const {
      return std::to_string(value);
    }
    std::string operator()(double value) const {
      return nlohmann::json(value).dump();
    }
    std::string operator()(const std::string &value) const {
      return "the text \"" + value + "\"";
    }
    std::string operator()(const JsonArray &) const { return "a list"; }
    std::string operator()(const JsonObject &) const { return "an object"; }
  };
  return std::visit(Visitor(), data);
}

const JsonValue *JsonValue::find(StringRef key) const {
  if (const auto *object = std::get_if<JsonObject>(&data))
    for (const auto &[name, value] : *object)
      if (name == key)
        return &value;
  return nullptr;
}

namespace {
/// Reads the text and counts, so that the handler below knows how far the
/// parser has come when an event arrives.
struct CountingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = const char &;

  const char *position;
  size_t *count;

  reference operator*() const { return *position; }
  CountingIterator &operator++() {
    ++position;
    ++*count;
    return *this;
  }
  bool operator==(const CountingIterator &other) const {
    return position == other.position;
  }
  bool operator!=(const CountingIterator &other) const {
    return position != other.position;
  }
};

/// Builds the tree from the parser's events.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
public:
  explicit TreeBuilder(StringRef text) : text(text) {}

  bool null() override { return addValue(JsonNull()); }
  bool boolean(bool value) override { return addValue(value); }
  bool number_integer(number_integer_t value) override {
    return addValue(int64_t(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > number_unsigned_t(std::numeric_limits<int64_t>::max()))
      return addValue(double(value));
    return addValue(int64_t(value));
  }
  bool number_float(number_float_t value, const string_t &) override {
    return addValue(double(value));
  }
  bool string(string_t &value) override { return addValue(value); }
  bool binary(binary_t &) override { return fail(consumed, "binary data"); }
  bool start_object(std::size_t) override { return open(JsonObject()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(JsonArray()); }
  bool end_array() override { return close(); }

  bool key(string_t &name) override {
    size_t offset = startOfToken();
    auto &object = std::get<JsonObject>(stack.back().data);
    for (const auto &[other, value] : object)
      if (other == name)
        return fail(offset, "field '" + name +
                                "' stands here a second time; remove one of "
                                "the two");
    pendingKey = name;
    return true;
  }

  bool parse_error(std::size_t, const std::string &token,
                   const nlohmann::detail::exception &error) override {
    // "[json.exception.<kind>] parse error at line 1, column 2: <the problem>"
    // or the same without the place.
    StringRef message = error.what();
    message = message.split("] ").second;
    if (message.starts_with("parse error at "))
      message = message.split(": ").second;
    // Point at the start of a text or a number (the parser has looked one
    // character past its end), otherwise at the last character taken.
    size_t offset = consumed ? consumed - 1 : 0;
    if (!token.empty() &&
        (token[0] == '"' || token[0] == '-' || llvm::isDigit(token[0]))) {
      size_t first = text.take_front(consumed).rfind(token);
      if (first != StringRef::npos && first + token.size() + 1 >= consumed)
        offset = first;
    }
    return fail(offset, "not valid JSON: " + message.str());
  }

  StringRef text;
  /// Bytes the parser has taken, at least up to the end of the present token.
  size_t consumed = 0;
  std::optional<JsonValue> root;
  size_t problemOffset = 0;
  std::string problem;

private:
  /// Between two tokens stand only white space, commas and colons.
  size_t startOfToken() {
    size_t start = text.find_first_not_of(" \t\r\n,:", endOfLastToken);
    endOfLastToken = consumed;
    return std::min(start, text.size());
  }

  bool fail(size_t offset, std::string what) {
    problemOffset = offset;
    problem = std::move(what);
    return false;
  }

  template <typename T> bool addValue(T value) {
    JsonValue result;
    result.offset = startOfToken();
    result.data = std::move(value);
    return attach(std::move(result));
  }

  template <typename T> bool open(T value) {
    JsonValue result;
    result.offset = startOfToken();
    result.data = std::move(value);
    if (stack.size() == kMaximumDepth)
      return fail(result.offset, "nested deeper than " +
                                     std::to_string(kMaximumDepth) + " levels");
    stack.push_back(std::move(result));
    keys.push_back(std::move(pendingKey));
    return true;
  }

  bool close() {
    endOfLastToken = consumed;
    JsonValue done = std::move(stack.back());
    stack.pop_back();
    pendingKey = std::move(keys.back());
    keys.pop_back();
    return attach(std::move(done));
  }

  bool attach(JsonValue value) {
    if (stack.empty())
      root = std::move(value);
    else if (auto *array = std::get_if<JsonArray>(&stack.back().data))
      array->push_back(std::move(value));
    else
      std::get<JsonObject>(stack.back().data)
          .emplace_back(std::move(pendingKey), std::move(value));
    return true;
  }

  /// The open objects and arrays, and under which key each will stand.
  std::vector<JsonValue> stack;
  std::vector<std::string> keys;
  std::string pendingKey;
  size_t endOfLastToken = 0;
};
} // namespace

FailureOr<JsonValue> pixelfly::parseJson(
    StringRef text,
    llvm::function_ref<void(size_t, const std::string &)> report) {
  TreeBuilder builder(text);
  bool parsed = nlohmann::json::sax_parse(
      CountingIterator{text.begin(), &builder.consumed},
      CountingIterator{text.end(), &builder.consumed}, &builder);
  if (parsed && builder.root)
    return std::move(*builder.root);
  report(std::min(builder.problemOffset, text.size()), builder.problem);
  return failure();
}
