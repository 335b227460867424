//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How the runtime reports that it cannot go on. Exceptions stay inside the
// runtime and its tools; generated code and abi.h know nothing of them.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_ERROR_H
#define PIXELFLY_RT_ERROR_H

#include <stdexcept>
#include <string>

namespace pixelfly::rt {

/// A failure that ends the run. `message` says what is wrong and where (file,
/// field, step), `advice` what the user can do about it.
class Error : public std::runtime_error {
public:
  explicit Error(const std::string &message, std::string advice = "")
      : std::runtime_error(message), advice(std::move(advice)) {}

  const std::string &getAdvice() const { return advice; }

private:
  std::string advice;
};

/// An error of the operating system: appends the text of `errorNumber`, and for
/// a full disk, a file size limit or a missing permission what to do.
Error systemError(const std::string &message, int errorNumber);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_ERROR_H
