//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Checkpoint.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Files.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <sys/stat.h>

using namespace pixelfly::rt;
namespace fs = std::filesystem;

namespace {
constexpr const char *parametersFile = "parameters.safetensors";
constexpr const char *optimizerFile = "optimizer.safetensors";
constexpr const char *stateFile = "state.json";
constexpr const char *incompleteName = ".incomplete";
constexpr const char *prefix = "step-";
constexpr const char *damagedAdvice =
    "remove the damaged checkpoint to resume from an older one";
constexpr size_t generations = 2;
} // namespace

Checkpoints::Checkpoints(std::string directoryOfRun, const Manifest &manifest,
                         Weights &weights)
    : directory(std::move(directoryOfRun)), weights(weights) {
  const std::vector<Parameter> &all = manifest.parameters;
  for (size_t i = 0; i < all.size(); ++i)
    parameters.push_back({all[i].name, all[i].shape, weights.parameter(i)});
  for (size_t kind = 0; kind < manifest.optimizerState.size(); ++kind)
    for (size_t i = 0; i < all.size(); ++i)
      optimizer.push_back({manifest.optimizerState[kind] + "." + all[i].name,
                           all[i].shape, weights.state(kind, i)});
}

/// Paths of all checkpoints, oldest first: the step is padded with zeros.
std::vector<std::string> Checkpoints::list() const {
  std::vector<std::string> result;
  std::error_code error;
  for (const auto &entry : fs::directory_iterator(directory, error))
    if (entry.path().filename().string().rfind(prefix, 0) == 0)
      result.push_back(entry.path().string());
  // A run without the directory has no checkpoint yet; one that cannot be read
  // must not look like that, or it would start again from nothing.
  if (error && error != std::errc::no_such_file_or_directory)
    throw systemError("cannot read the checkpoints in '" + directory + "'",
                      error.value());
  std::sort(result.begin(), result.end());
  return result;
}

std::optional<std::string> Checkpoints::newest() const {
  std::vector<std::string> all = list();
  return all.empty() ? std::nullopt : std::optional(all.back());
}

static void makeDirectory(const std::string &path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST)
    throw systemError("cannot create the directory '" + path + "'", errno);
}

static void removeAll(const std::string &path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error)
    throw systemError("cannot remove '" + path + "'", error.value());
}

static void rename(const std::string &from, const std::string &to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    throw systemError("cannot rename '" + from + "' to '" + to + "'", errno);
}

void Checkpoints::save(const RunState &state) {
  weights.receive();
  makeDirectory(directory);
  char name[32];
  std::snprintf(name, sizeof(name), "%s%010lld", prefix,
                static_cast<long long>(state.step));
  std::string path = directory + "/" + name;
  std::string incomplete = directory + "/" + incompleteName;
  removeAll(incomplete);
  try {
    makeDirectory(incomplete);
    nlohmann::ordered_json json = toJson(state);
    for (auto [file, tensors] : {std::pair(parametersFile, &parameters),
                                 std::pair(optimizerFile, &optimizer)}) {
      OutputFile output(incomplete + "/" + file);
      writeSafetensors(output, *tensors);
      output.close();
      json["files"][file] = {{"bytes", output.getSize()},
                             {"crc32", output.getChecksum()}};
    }
    OutputFile output(incomplete + "/" + stateFile);
    output.write(json.dump(2) + "\n");
    output.close();
    syncDirectory(incomplete);
  } catch (const Error &) {
    std::error_code ignored; // the first error is the one to report
    fs::remove_all(incomplete, ignored);
    throw;
  }
  // The same step again, after a resume: a directory cannot be replaced.
  if (exists(path))
    removeAll(path);
  rename(incomplete, path);
  syncDirectory(directory);

  std::vector<std::string> all = list();
  for (size_t i = 0; i + generations < all.size(); ++i)
    removeAll(all[i]);
}

RunState Checkpoints::load(const std::string &path, const RunState &current) {
  std::string file = path + "/" + stateFile;
  if (!exists(file))
    throw Error("the checkpoint '" + path + "' has no " + stateFile,
                damagedAdvice);
  nlohmann::json json = parseJson(readFile(file), file, damagedAdvice);
  JsonValue root(json, file, "", damagedAdvice);
  RunState state = parseRunState(root);
  checkSameRun(state, current, file);

  // Both files are checked before anything is copied.
  std::string contents[2];
  const char *const names[] = {parametersFile, optimizerFile};
  for (int i : {0, 1}) {
    std::string tensors = path + "/" + names[i];
    JsonValue record = root.at("files").at(names[i]);
    int64_t bytes = record.at("bytes").asInteger(0, INT64_MAX);
    if (!exists(tensors))
      throw Error("the checkpoint '" + path + "' has no " + names[i],
                  damagedAdvice);
    contents[i] = readFile(tensors);
    if (int64_t(contents[i].size()) != bytes)
      throw Error("'" + tensors + "' is cut short or damaged: it has " +
                      std::to_string(contents[i].size()) +
                      " bytes instead of " + std::to_string(bytes),
                  damagedAdvice);
    if (crc32Of(contents[i].data(), contents[i].size()) !=
        record.at("crc32").asInteger(0, UINT32_MAX))
      throw Error("'" + tensors + "' is damaged: its checksum is wrong",
                  damagedAdvice);
  }
  readSafetensors(contents[0], path + "/" + names[0], parameters);
  readSafetensors(contents[1], path + "/" + names[1], optimizer);
  weights.send();
  return state;
}
