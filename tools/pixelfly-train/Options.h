//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The command line of pixelfly-train.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TOOLS_TRAIN_OPTIONS_H
#define PIXELFLY_TOOLS_TRAIN_OPTIONS_H

#include "pixelfly-rt/Trainer.h"

#include <string>

namespace pixelfly::rt {

enum class Command { Help, Version, Train, Compare };

struct CommandLine {
  Command command = Command::Train;
  TrainOptions train;
  std::string compareFirst, compareSecond;
};

/// Throws Error for an unknown option, a bad value, or a missing argument.
CommandLine parseCommandLine(int argc, char **argv);

/// The text of --help.
extern const char *const helpText;

} // namespace pixelfly::rt

#endif // PIXELFLY_TOOLS_TRAIN_OPTIONS_H
