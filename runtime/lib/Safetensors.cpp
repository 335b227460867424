//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Safetensors.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Files.h"
#include "pixelfly-rt/Json.h"
#include "pixelfly-rt/Manifest.h"

#include <cstring>

using namespace pixelfly::rt;

namespace {
constexpr const char *damagedAdvice =
    "remove the damaged checkpoint to resume from an older one";
constexpr const char *otherModelAdvice =
    "resume with the artifact that this run was started with";
} // namespace

int64_t TensorView::bytes() const {
  int64_t result = sizeof(float);
  for (int64_t size : shape)
    result *= size;
  return result;
}

void pixelfly::rt::writeSafetensors(OutputFile &file,
                                    const std::vector<TensorView> &tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  header["__metadata__"] = {{"format", "pixelfly"}};
  int64_t offset = 0;
  for (const TensorView &tensor : tensors) {
    header[tensor.name] = {{"dtype", "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, offset + tensor.bytes()}}};
    offset += tensor.bytes();
  }
  std::string text = header.dump();
  // Padded so that the data is aligned for readers that map the file.
  text.resize((text.size() + 8 + 63) / 64 * 64 - 8, ' ');
  uint64_t length = text.size(); // little-endian, as this machine
  file.write(&length, sizeof(length));
  file.write(text);
  for (const TensorView &tensor : tensors)
    file.write(tensor.data, tensor.bytes());
}

void pixelfly::rt::readSafetensors(const std::string &contents,
                                   const std::string &file,
                                   const std::vector<TensorView> &tensors) {
  uint64_t length = 0;
  if (contents.size() < sizeof(length))
    throw Error("'" + file + "' is cut short: it has " +
                    std::to_string(contents.size()) + " bytes",
                damagedAdvice);
  std::memcpy(&length, contents.data(), sizeof(length));
  if (length > contents.size() - sizeof(length))
    throw Error("'" + file +
                    "' is cut short or damaged: its header should "
                    "have " +
                    std::to_string(length) + " bytes, the file has " +
                    std::to_string(contents.size()),
                damagedAdvice);
  nlohmann::json json = parseJson(contents.substr(sizeof(length), length),
                                  file + ": header", damagedAdvice);
  JsonValue header(json, file + ": header", "", damagedAdvice);
  const char *data = contents.data() + sizeof(length) + length;
  int64_t dataBytes = int64_t(contents.size() - sizeof(length) - length);

  size_t present = 0;
  for (const auto &[name, value] : header.fields())
    present += name != "__metadata__";
  std::vector<const char *> sources;
  for (const TensorView &tensor : tensors) {
    std::optional<JsonValue> entry = header.find(tensor.name);
    if (!entry)
      throw Error("'" + file + "' has no tensor '" + tensor.name +
                      "': it is the checkpoint of another model",
                  otherModelAdvice);
    std::vector<int64_t> shape;
    for (const JsonValue &size : entry->at("shape").items())
      shape.push_back(size.asInteger(0, INT64_MAX));
    if (shape != tensor.shape || entry->at("dtype").asString() != "F32")
      throw Error("'" + file + "' has the tensor '" + tensor.name + "' as " +
                      entry->at("dtype").asString() + " of shape " +
                      formatShape(shape) + ", the model as F32 of shape " +
                      formatShape(tensor.shape) +
                      ": it is the checkpoint of another model",
                  otherModelAdvice);
    JsonValue offsets = entry->at("data_offsets");
    if (offsets.items().size() != 2)
      offsets.fail("must have two elements");
    int64_t begin = offsets.items()[0].asInteger(0, INT64_MAX);
    int64_t end = offsets.items()[1].asInteger(0, INT64_MAX);
    if (begin > end || end - begin != tensor.bytes())
      offsets.fail("must span " + std::to_string(tensor.bytes()) + " bytes");
    if (end > dataBytes)
      throw Error("'" + file + "' is cut short: the tensor '" + tensor.name +
                      "' ends at byte " + std::to_string(end) +
                      " of the data, which has " + std::to_string(dataBytes),
                  damagedAdvice);
    sources.push_back(data + begin);
  }
  if (present != tensors.size())
    throw Error("'" + file + "' has " + std::to_string(present) +
                    " tensors, the model has " +
                    std::to_string(tensors.size()) +
                    ": it is the checkpoint of another model",
                otherModelAdvice);
  for (size_t i = 0; i < tensors.size(); ++i)
    std::memcpy(tensors[i].data, sources[i], tensors[i].bytes());
}
