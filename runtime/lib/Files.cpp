//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Files.h"
#include "pixelfly-rt/Error.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

using namespace pixelfly::rt;

bool pixelfly::rt::exists(const std::string &path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0;
}

std::string pixelfly::rt::readFile(const std::string &path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    throw systemError("cannot open '" + path + "'", errno);
  std::string contents;
  char chunk[1 << 16];
  ssize_t count;
  while ((count = ::read(descriptor, chunk, sizeof(chunk))) != 0) {
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0) {
      int error = errno;
      ::close(descriptor);
      throw systemError("cannot read '" + path + "'", error);
    }
    contents.append(chunk, count);
  }
  ::close(descriptor);
  return contents;
}

OutputFile::OutputFile(std::string pathOfFile) : path(std::move(pathOfFile)) {
  descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0)
    throw systemError("cannot create '" + path + "'", errno);
}

OutputFile::~OutputFile() {
  if (descriptor < 0)
    return;
  ::close(descriptor);
  ::unlink(path.c_str());
}

void OutputFile::write(const void *data, size_t bytes) {
  checksum = crc32Of(data, bytes, checksum);
  const char *next = static_cast<const char *>(data);
  for (size_t left = bytes; left > 0;) {
    ssize_t count = ::write(descriptor, next, left);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      throw systemError("cannot write '" + path + "'", errno);
    next += count;
    left -= count;
  }
  size += bytes;
}

void OutputFile::close() {
  if (::fsync(descriptor) != 0)
    throw systemError("cannot write '" + path + "'", errno);
  int closing = descriptor;
  descriptor = -1;
  if (::close(closing) != 0) {
    int error = errno;
    ::unlink(path.c_str());
    throw systemError("cannot write '" + path + "'", error);
  }
}

void pixelfly::rt::writeFileAtomically(const std::string &path,
                                       std::string_view contents) {
  std::string temporary = path + ".incomplete";
  OutputFile file(temporary);
  file.write(contents);
  file.close();
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    int error = errno;
    ::unlink(temporary.c_str());
    throw systemError("cannot write '" + path + "'", error);
  }
  syncDirectory(std::filesystem::path(path).parent_path().string());
}

void pixelfly::rt::syncDirectory(const std::string &directory) {
  const char *name = directory.empty() ? "." : directory.c_str();
  int descriptor = ::open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    throw systemError("cannot open the directory '" + directory + "'", errno);
  // Some file systems cannot sync a directory; the rename itself has happened.
  int result = ::fsync(descriptor), error = errno;
  ::close(descriptor);
  if (result != 0 && error != EINVAL && error != ENOTSUP)
    throw systemError("cannot sync the directory '" + directory + "'", error);
}

uint32_t pixelfly::rt::crc32Of(const void *data, size_t size,
                               uint32_t checksum) {
  const auto *bytes = static_cast<const unsigned char *>(data);
  while (size > 0) {
    // zlib counts in 32 bits.
    auto chunk = static_cast<uInt>(std::min<size_t>(size, 1u << 30));
    checksum = static_cast<uint32_t>(::crc32(checksum, bytes, chunk));
    bytes += chunk;
    size -= chunk;
  }
  return checksum;
}
