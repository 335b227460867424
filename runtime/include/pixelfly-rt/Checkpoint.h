//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Checkpoints: RUN/checkpoints/step-00000468/ with
//
//   parameters.safetensors   the parameters by name
//   optimizer.safetensors    "first_moment.<parameter>", ...
//   state.json               RunState; size and CRC-32 of the two files above
//
// A checkpoint is written beside its place and renamed, so it is there in whole
// or not at all. The newest two are kept.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_CHECKPOINT_H
#define PIXELFLY_RT_CHECKPOINT_H

#include "pixelfly-rt/RunState.h"
#include "pixelfly-rt/Safetensors.h"
#include "pixelfly-rt/Weights.h"

#include <optional>
#include <string>
#include <vector>

namespace pixelfly::rt {

class Checkpoints {
public:
  /// `directory` is RUN/checkpoints; it is made with the first checkpoint.
  Checkpoints(std::string directory, const Manifest &manifest,
              Weights &weights);

  /// Path of the newest checkpoint, or nullopt.
  std::optional<std::string> newest() const;

  /// Writes parameters, optimizer state and `state`, then removes all but the
  /// newest two. Throws Error when it cannot; older checkpoints are then still
  /// there.
  void save(const RunState &state);

  /// Reads the checkpoint at `path` into the weights. Throws Error if it is
  /// damaged, cut short, or does not belong to `current` (checkSameRun).
  RunState load(const std::string &path, const RunState &current);

private:
  std::vector<std::string> list() const;

  std::string directory;
  Weights &weights;
  std::vector<TensorView> parameters, optimizer;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_CHECKPOINT_H
