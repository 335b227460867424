//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Signals that a training run answers: a request to stop, and an instruction
// that this processor does not have.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_SIGNALS_H
#define PIXELFLY_RT_SIGNALS_H

#include <string>

namespace pixelfly::rt {

/// From now on the first SIGINT or SIGTERM is only remembered; a second one
/// ends the process as usual. A write beyond the file size limit becomes an
/// error of that write instead of a signal.
void catchStopSignals();

/// The signal that was remembered, 0 if none.
int stopSignal();

/// An illegal instruction ends the process with `message` on stderr.
void explainIllegalInstruction(const std::string &message);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_SIGNALS_H
