//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Signals.h"

#include <csignal>
#include <cstring>
#include <unistd.h>

using namespace pixelfly::rt;

// Signal handlers reach nothing but globals.
static volatile std::sig_atomic_t rememberedSignal = 0;
static char illegalInstructionMessage[1024];

static void remember(int number) { rememberedSignal = number; }

static void explain(int) {
  size_t length = std::strlen(illegalInstructionMessage);
  ssize_t ignored = ::write(2, illegalInstructionMessage, length);
  (void)ignored; // nothing is left to do if even this fails
  ::_exit(1);
}

void pixelfly::rt::catchStopSignals() {
  struct sigaction action = {};
  action.sa_handler = remember;
  // SA_RESTART: a checkpoint being written is not disturbed. SA_RESETHAND: a
  // second signal does not wait for the step to end.
  action.sa_flags = SA_RESTART | SA_RESETHAND;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGXFSZ, SIG_IGN);
}

int pixelfly::rt::stopSignal() { return rememberedSignal; }

void pixelfly::rt::explainIllegalInstruction(const std::string &message) {
  std::strncpy(illegalInstructionMessage, message.c_str(),
               sizeof(illegalInstructionMessage) - 1);
  struct sigaction action = {};
  action.sa_handler = explain;
  ::sigaction(SIGILL, &action, nullptr);
}
