//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Error.h"

#include <cerrno>
#include <cstring>

using namespace pixelfly::rt;

static const char *adviceFor(int errorNumber) {
  switch (errorNumber) {
  case ENOSPC:
  case EDQUOT:
    return "free space on that file system, or write elsewhere";
  case EFBIG:
    return "raise the limit on file sizes (ulimit -f), or write elsewhere";
  case EACCES:
  case EPERM:
  case EROFS:
    return "check the permissions of the directory, or choose another one";
  default:
    return "";
  }
}

Error pixelfly::rt::systemError(const std::string &message, int errorNumber) {
  return Error(message + ": " + std::strerror(errorNumber),
               adviceFor(errorNumber));
}
