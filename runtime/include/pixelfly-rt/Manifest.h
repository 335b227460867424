//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The manifest of an artifact: what the compiled model is made of. Reading it
// checks everything that the rest of the runtime relies on.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_MANIFEST_H
#define PIXELFLY_RT_MANIFEST_H

#include "pixelfly-rt/Json.h"
#include "pixelfly-rt/Pattern.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pixelfly::rt {

enum class DType { F32, I32 };

/// Bytes of one element.
constexpr int64_t sizeOf(DType) { return 4; }

struct TensorInfo {
  std::string name;
  DType dtype = DType::F32;
  std::vector<int64_t> shape;

  int64_t elements() const;
  int64_t bytes() const { return elements() * sizeOf(dtype); }
};

/// "3x5", "scalar" for rank 0.
std::string formatShape(const std::vector<int64_t> &shape);

enum class InitKind {
  Constant,
  Uniform,
  Normal,
  TruncatedNormal,
  SingularVectors
};

/// See `#pixelfly.init`: constant value, half width of the interval, or
/// standard deviation.
struct Init {
  InitKind kind = InitKind::Constant;
  double scale = 0;
  int64_t opposite = 0; ///< of singular vectors; 0 for every other kind
};

struct Parameter : TensorInfo {
  Init init;
  bool decay = false;
  std::optional<Pattern> pattern;
  /// Rows and columns of the matrix without the padding that its pattern has;
  /// those of the pattern if there is none. Only with a pattern.
  int64_t rows = 0, cols = 0;

  /// Stored elements of the matrix over all of its elements, both without
  /// padding. Only with a pattern; takes a step for each stored block.
  double density() const;
};

/// An entry point: `train_step` or `evaluate`.
struct Function {
  std::string name;
  int64_t arenaBytes = 0;
  std::vector<TensorInfo> outputs;

  /// Index of an output, or nullopt.
  std::optional<size_t> findOutput(const std::string &output) const;
};

enum class ScheduleKind { Constant, Linear, Cosine };

/// What compiled code runs on.
enum class DeviceKind { CPU, CUDA };

/// A GPU's processor as the compiler names it: sm_80, sm_90a.
struct GpuChip {
  std::string name;
  /// 80 for compute capability 8.0.
  int capability = 0;
  /// sm_90a: instructions that no other chip has, so the code runs on this one
  /// alone.
  bool isSpecific = false;
};

/// What an artifact was compiled for.
struct TargetInfo {
  /// The processor's; for a GPU, of the code that launches kernels.
  std::string triple, cpu;
  DeviceKind device = DeviceKind::CPU;
  /// For CUDA: the chips that there is machine code for, and the one that the
  /// driver can translate to later ones' from PTX, if any.
  std::vector<GpuChip> chips;
  std::optional<GpuChip> ptx;
  /// The oldest driver that loads either, as cuDriverGetVersion counts.
  int machineCodeDriver = 0, ptxDriver = 0;
};

/// Training defaults of the model; options of the user take precedence.
struct TrainingDefaults {
  double learningRate = 1e-3;
  int64_t epochs = 1;
  double warmupEpochs = 0;
  ScheduleKind schedule = ScheduleKind::Cosine;
};

/// Sizes for the record. Multiply-adds are those of one example, forward.
struct Report {
  int64_t parameters = 0, denseParameters = 0;
  int64_t multiplyAdds = 0, denseMultiplyAdds = 0;
  /// Activations that the forward pass must keep for the backward pass; 0 if
  /// the manifest does not say.
  int64_t keptActivationBytes = 0;
};

struct Manifest {
  std::string model, library;
  TargetInfo target;
  int64_t batch = 0;
  std::vector<Parameter> parameters;
  std::string optimizer;
  /// One tensor like each parameter for each of these names.
  std::vector<std::string> optimizerState;
  std::vector<TensorInfo> inputs;
  Function trainStep, evaluate;
  TrainingDefaults training;
  Report report;

  std::optional<size_t> findInput(const std::string &input) const;
  /// Elements of all parameters together.
  int64_t parameterElements() const;
  /// A hash of what a checkpoint depends on: names, shapes, initialisers and
  /// patterns of the parameters, and the optimizer. 16 hexadecimal digits.
  std::string identity() const;
};

/// Reads and checks `text`, the contents of `file`.
Manifest parseManifest(const std::string &text, const std::string &file);

/// Reads `directory`/manifest.json.
Manifest readManifest(const std::string &directory);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_MANIFEST_H
