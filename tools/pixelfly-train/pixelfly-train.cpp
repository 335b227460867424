//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Trains compiled models. Links the runtime only. Exit status: 0 when the run
// is finished (or stopped by --steps), 1 after an error, 128 + the signal's
// number when a signal stopped it.
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Signals.h"
#include "pixelfly-rt/Summary.h"
#include "pixelfly-rt/abi.h"

#include <cstdio>
#include <new>

using namespace pixelfly::rt;

static int run(int argc, char **argv) {
  CommandLine commandLine = parseCommandLine(argc, argv);
  switch (commandLine.command) {
  case Command::Help:
    std::fputs(helpText, stdout);
    return 0;
  case Command::Version:
    std::printf("pixelfly-train (ABI version %d, manifest version %d)\n",
                PF_ABI_VERSION, PF_MANIFEST_VERSION);
    return 0;
  case Command::Compare:
    std::fputs(compareRuns(commandLine.compareFirst, commandLine.compareSecond)
                   .c_str(),
               stdout);
    return 0;
  case Command::Train:
    return train(commandLine.train, stdout) == TrainResult::StoppedBySignal
               ? 128 + stopSignal()
               : 0;
  }
  return 1;
}

int main(int argc, char **argv) {
  try {
    return run(argc, argv);
  } catch (const Error &error) {
    std::fflush(stdout);
    std::fprintf(stderr, "pixelfly-train: error: %s\n", error.what());
    if (!error.getAdvice().empty())
      std::fprintf(stderr, "  %s\n", error.getAdvice().c_str());
  } catch (const std::bad_alloc &) {
    std::fprintf(stderr, "pixelfly-train: error: out of memory\n");
  } catch (const std::exception &error) {
    std::fprintf(stderr, "pixelfly-train: internal error: %s\n", error.what());
  }
  return 1;
}
