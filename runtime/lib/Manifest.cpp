//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Manifest.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Files.h"
#include "pixelfly-rt/abi.h"

#include <algorithm>
#include <set>

using namespace pixelfly::rt;

namespace {
// Far above any machine, far below overflow when sizes are added.
constexpr int64_t maximumBytes = int64_t(1) << 48;
constexpr int64_t maximumCount = int64_t(1) << 48;
constexpr int64_t maximumRank = 16;
constexpr size_t maximumTensors = 64; // inputs, or outputs of one function
constexpr const char *advice =
    "compile the model again with this version's pixelfly-compile";
} // namespace

int64_t TensorInfo::elements() const {
  int64_t product = 1;
  for (int64_t size : shape)
    product *= size;
  return product;
}

double Parameter::density() const {
  // Of a block that lies beyond the matrix there is nothing.
  auto inside = [&](int64_t extent, int64_t index) {
    return std::clamp<int64_t>(extent - index * pattern->block, 0,
                               pattern->block);
  };
  int64_t stored = 0;
  for (int64_t row = 0; row < pattern->blockRows(); ++row)
    for (int64_t col : pattern->storedColumns(row))
      stored += inside(rows, row) * inside(cols, col);
  return double(stored) / (double(rows) * double(cols));
}

std::string pixelfly::rt::formatShape(const std::vector<int64_t> &shape) {
  if (shape.empty())
    return "scalar";
  std::string text;
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? "x" : "") + std::to_string(shape[i]);
  return text;
}

std::optional<size_t> Function::findOutput(const std::string &output) const {
  for (size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].name == output)
      return i;
  return std::nullopt;
}

std::optional<size_t> Manifest::findInput(const std::string &input) const {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].name == input)
      return i;
  return std::nullopt;
}

int64_t Manifest::parameterElements() const {
  int64_t sum = 0;
  for (const Parameter &parameter : parameters)
    sum += parameter.elements();
  return sum;
}

std::string Manifest::identity() const {
  uint64_t hash = 0xcbf29ce484222325; // FNV-1a, 64 bits
  auto add = [&](const std::string &text) {
    for (unsigned char byte : text + '\n')
      hash = (hash ^ byte) * 0x100000001b3;
  };
  auto addNumber = [&](double number) {
    char text[40];
    std::snprintf(text, sizeof(text), "%.17g", number);
    add(text);
  };
  for (const Parameter &parameter : parameters) {
    add(parameter.name + " " + formatShape(parameter.shape));
    addNumber(int(parameter.init.kind));
    addNumber(parameter.init.scale);
    if (parameter.init.opposite != 0)
      addNumber(double(parameter.init.opposite));
    if (const auto &pattern = parameter.pattern) {
      add(formatShape({pattern->rows, pattern->cols, pattern->block}));
      add(formatShape(pattern->radices));
      addNumber(double(pattern->factors));
      for (const std::vector<int64_t> &columns : pattern->columnsOfRow)
        add(formatShape(columns));
      if (parameter.rows != pattern->rows || parameter.cols != pattern->cols)
        add(formatShape({parameter.rows, parameter.cols}));
    }
  }
  add(optimizer);
  for (const std::string &state : optimizerState)
    add(state);
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", (unsigned long long)hash);
  return text;
}

static std::vector<int64_t> parseShape(const JsonValue &value) {
  std::vector<int64_t> shape;
  int64_t bytes = sizeOf(DType::F32);
  for (const JsonValue &size : value.items()) {
    shape.push_back(size.asInteger(1, maximumCount));
    if (__builtin_mul_overflow(bytes, shape.back(), &bytes) ||
        bytes > maximumBytes)
      value.fail("the tensor is too large for any machine");
  }
  if (int64_t(shape.size()) > maximumRank)
    value.fail("a tensor has at most 16 dimensions");
  return shape;
}

static TensorInfo parseTensor(const JsonValue &value) {
  TensorInfo tensor;
  tensor.name = value.at("name").asString();
  if (tensor.name.empty())
    value.at("name").fail("must not be empty");
  tensor.dtype = DType(value.at("dtype").asChoice({"f32", "i32"}));
  tensor.shape = parseShape(value.at("shape"));
  return tensor;
}

static Init parseInit(const JsonValue &value) {
  Init init;
  init.kind = InitKind(
      value.at("kind").asChoice({"constant", "uniform", "normal",
                                 "truncated_normal", "singular_vectors"}));
  init.scale = value.at("scale").asNumber();
  if (init.kind != InitKind::Constant && init.scale < 0)
    value.at("scale").fail("must not be negative");
  if (init.kind == InitKind::SingularVectors)
    init.opposite = value.at("opposite").asInteger(1, maximumCount);
  return init;
}

static Parameter parseParameter(const JsonValue &value) {
  Parameter parameter;
  static_cast<TensorInfo &>(parameter) = parseTensor(value);
  if (parameter.dtype != DType::F32)
    value.at("dtype").fail("parameters must be f32");
  if (parameter.name == "__metadata__")
    value.at("name").fail("this name is reserved by the checkpoint format");
  parameter.init = parseInit(value.at("init"));
  if (parameter.init.kind == InitKind::SingularVectors &&
      parameter.shape.size() != 2)
    value.at("shape").fail("singular vectors fill a matrix, not a tensor of "
                           "shape " +
                           formatShape(parameter.shape));
  parameter.decay = value.at("decay").asBool();
  if (std::optional<JsonValue> patternValue = value.find("pattern")) {
    Pattern pattern = parsePattern(*patternValue);
    std::vector<int64_t> blocks = {pattern.numBlocks(), pattern.block,
                                   pattern.block};
    if (parameter.shape != blocks)
      value.fail("the pattern has blocks " + formatShape(blocks) +
                 ", but the shape is " + formatShape(parameter.shape));
    parameter.rows = pattern.rows;
    parameter.cols = pattern.cols;
    if (std::optional<JsonValue> extents = value.find("extents")) {
      std::vector<JsonValue> items = extents->items();
      if (items.size() != 2)
        extents->fail("must be the rows and the columns of the matrix");
      parameter.rows = items[0].asInteger(1, pattern.rows);
      parameter.cols = items[1].asInteger(1, pattern.cols);
    }
    parameter.pattern = pattern;
  }
  return parameter;
}

static Function parseFunction(const JsonValue &value, const std::string &name) {
  Function function;
  function.name = name;
  function.arenaBytes = value.at("arena_bytes").asInteger(0, maximumBytes);
  std::set<std::string> names;
  for (const JsonValue &output : value.at("outputs").items()) {
    function.outputs.push_back(parseTensor(output));
    if (!names.insert(function.outputs.back().name).second)
      output.fail("two outputs have this name");
    if (function.outputs.size() > maximumTensors)
      output.fail("more outputs than the runtime takes");
  }
  return function;
}

static TrainingDefaults parseTraining(const JsonValue &value) {
  TrainingDefaults training;
  training.learningRate = value.at("learning_rate").asNumber();
  if (training.learningRate <= 0)
    value.at("learning_rate").fail("must be positive");
  training.epochs = value.at("epochs").asInteger(1, 1000000);
  if (std::optional<JsonValue> warmup = value.find("warmup_epochs")) {
    training.warmupEpochs = warmup->asNumber();
    if (training.warmupEpochs < 0)
      warmup->fail("must not be negative");
  }
  if (std::optional<JsonValue> schedule = value.find("schedule"))
    training.schedule =
        ScheduleKind(schedule->asChoice({"constant", "linear", "cosine"}));
  return training;
}

static void checkHeader(const JsonValue &root) {
  if (root.at("format").asString() != PF_MANIFEST_FORMAT)
    root.at("format").fail(std::string("this is no artifact: expected \"") +
                           PF_MANIFEST_FORMAT + "\"");
  int64_t version = root.at("version").asInteger(0, INT32_MAX);
  if (version != PF_MANIFEST_VERSION)
    root.at("version").fail("the artifact has version " +
                            std::to_string(version) +
                            ", but this runtime reads version " +
                            std::to_string(PF_MANIFEST_VERSION));
}

/// The outputs that training reads must be there with the right shapes.
static void checkOutputs(const JsonValue &root, const Manifest &manifest) {
  auto check = [&](const Function &function, const std::string &name,
                   std::vector<int64_t> shape, bool required) {
    JsonValue where = root.at("functions").at(function.name).at("outputs");
    std::optional<size_t> index = function.findOutput(name);
    if (!index) {
      if (required)
        where.fail("the output '" + name + "' is missing");
      return;
    }
    const TensorInfo &output = function.outputs[*index];
    // 0 stands for any size.
    bool fits = output.shape.size() == shape.size();
    for (size_t i = 0; fits && i < shape.size(); ++i)
      fits = shape[i] == 0 || shape[i] == output.shape[i];
    if (!fits || output.dtype != DType::F32)
      where.fail("the output '" + name + "' must be f32 of shape " +
                 formatShape(shape) + " (0 for any size), but is " +
                 formatShape(output.shape));
  };
  check(manifest.trainStep, "loss", {}, true);
  check(manifest.trainStep, "gradient_norm", {}, false);
  // The rest is what training and testing a classifier reads; a model of
  // something else may be opened, too.
  if (!manifest.findInput("images"))
    return;
  check(manifest.trainStep, "logits", {manifest.batch, 0}, true);
  check(manifest.evaluate, "losses", {manifest.batch}, true);
  check(manifest.evaluate, "logits", {manifest.batch, 0}, true);
  auto classes = [](const Function &function) {
    return function.outputs[*function.findOutput("logits")].shape[1];
  };
  if (classes(manifest.trainStep) != classes(manifest.evaluate))
    root.at("functions")
        .fail("train_step and evaluate differ in their number of classes");
}

static void parseLists(const JsonValue &root, Manifest &manifest) {
  std::set<std::string> names;
  int64_t bytes = 0;
  for (const JsonValue &value : root.at("parameters").items()) {
    manifest.parameters.push_back(parseParameter(value));
    if (!names.insert(manifest.parameters.back().name).second)
      value.at("name").fail("two parameters have this name");
    bytes += manifest.parameters.back().bytes();
    if (bytes > maximumBytes)
      root.at("parameters").fail("together they are too large for any machine");
  }
  if (manifest.parameters.empty())
    root.at("parameters").fail("a model without parameters cannot be trained");

  JsonValue optimizer = root.at("optimizer");
  manifest.optimizer = optimizer.at("kind").asString();
  for (const JsonValue &state : optimizer.at("state").items()) {
    manifest.optimizerState.push_back(state.asString());
    if (manifest.optimizerState.size() > 8)
      state.fail("more optimizer state than any optimizer has");
  }

  for (const JsonValue &value : root.at("inputs").items()) {
    TensorInfo input = parseTensor(value);
    if (input.name == "learning_rate" || input.name == "step")
      value.fail("'" + input.name +
                 "' is passed by every train step and must not be listed");
    if (manifest.findInput(input.name))
      value.at("name").fail("two inputs have this name");
    if (input.shape.empty() || input.shape[0] != manifest.batch)
      value.at("shape").fail("the first dimension must be the batch, " +
                             std::to_string(manifest.batch) + ", but is " +
                             formatShape(input.shape));
    if (manifest.inputs.size() == maximumTensors)
      value.fail("more inputs than the runtime takes");
    manifest.inputs.push_back(std::move(input));
  }
}

static GpuChip parseChip(const JsonValue &value) {
  GpuChip chip;
  chip.name = value.asString();
  std::string number =
      chip.name.rfind("sm_", 0) == 0 ? chip.name.substr(3) : "";
  if (!number.empty() && number.back() == 'a') {
    chip.isSpecific = true;
    number.pop_back();
  }
  if (number.size() < 2 || number.size() > 3 ||
      number.find_first_not_of("0123456789") != std::string::npos)
    value.fail("must be a chip such as sm_80 or sm_90a");
  chip.capability = std::stoi(number);
  return chip;
}

/// "12.4" as 12040.
static int parseDriverVersion(const JsonValue &value) {
  std::string text = value.asString();
  int major = 0, minor = 0, length = 0;
  if (std::sscanf(text.c_str(), "%3d.%2d%n", &major, &minor, &length) != 2 ||
      size_t(length) != text.size() || major < 0 || minor < 0)
    value.fail("must be a version of CUDA such as 12.4");
  return 1000 * major + 10 * minor;
}

static TargetInfo parseTarget(const JsonValue &value) {
  TargetInfo target;
  if (auto triple = value.find("triple"))
    target.triple = triple->asString();
  if (auto cpu = value.find("cpu"))
    target.cpu = cpu->asString();
  if (auto device = value.find("device"))
    target.device = DeviceKind(device->asChoice({"cpu", "cuda"}));
  if (target.device == DeviceKind::CPU)
    return target;
  for (const JsonValue &chip : value.at("chips").items())
    target.chips.push_back(parseChip(chip));
  if (!target.chips.empty())
    target.machineCodeDriver = parseDriverVersion(value.at("chips_driver"));
  if (auto ptx = value.find("ptx")) {
    target.ptx = parseChip(*ptx);
    target.ptxDriver = parseDriverVersion(value.at("ptx_driver"));
  }
  if (target.chips.empty() && !target.ptx)
    value.at("chips").fail("there is neither machine code nor PTX");
  return target;
}

Manifest pixelfly::rt::parseManifest(const std::string &text,
                                     const std::string &file) {
  nlohmann::json json = parseJson(text, file, advice);
  JsonValue root(json, file, "", advice);
  checkHeader(root);

  Manifest manifest;
  manifest.model = root.at("model").asString();
  manifest.library = root.at("library").asString();
  if (manifest.library.empty() ||
      manifest.library.find('/') != std::string::npos)
    root.at("library").fail("must be the name of a file in the artifact");
  manifest.batch = root.at("batch").asInteger(1, 1 << 30);
  if (std::optional<JsonValue> target = root.find("target"))
    manifest.target = parseTarget(*target);
  parseLists(root, manifest);

  JsonValue functions = root.at("functions");
  manifest.trainStep = parseFunction(functions.at("train_step"), "train_step");
  manifest.evaluate = parseFunction(functions.at("evaluate"), "evaluate");
  checkOutputs(root, manifest);

  if (std::optional<JsonValue> training = root.find("training"))
    manifest.training = parseTraining(*training);

  manifest.report.parameters = manifest.parameterElements();
  if (std::optional<JsonValue> report = root.find("report")) {
    auto read = [&](const char *name, int64_t &into) {
      if (std::optional<JsonValue> value = report->find(name))
        into = value->asInteger(0, INT64_MAX);
    };
    read("parameters", manifest.report.parameters);
    read("dense_parameters", manifest.report.denseParameters);
    read("multiply_adds", manifest.report.multiplyAdds);
    read("dense_multiply_adds", manifest.report.denseMultiplyAdds);
  }
  if (std::optional<JsonValue> memory = root.find("memory"))
    if (auto kept = memory->find("kept_activation_bytes"))
      manifest.report.keptActivationBytes = kept->asInteger(0, maximumBytes);
  return manifest;
}

Manifest pixelfly::rt::readManifest(const std::string &directory) {
  std::string file = directory + "/" PF_MANIFEST_FILE;
  if (!exists(directory))
    throw Error("there is no artifact '" + directory + "'",
                "make one with pixelfly-compile MODEL.json -o " + directory);
  if (!exists(file))
    throw Error("'" + directory + "' is no artifact: it has no " +
                    PF_MANIFEST_FILE,
                "give the directory that pixelfly-compile -o wrote");
  return parseManifest(readFile(file), file);
}
