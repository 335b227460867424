//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Opens an artifact through the runtime and prints what it holds.
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Artifact.h"
#include "pixelfly-rt/Error.h"

#include <cstdio>

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: artifact-size <artifact>\n");
    return 2;
  }
  try {
    pixelfly::rt::Artifact artifact(argv[1]);
    const pixelfly::rt::Manifest &manifest = artifact.getManifest();
    std::printf("%s: %zu parameter tensors, %lld numbers\n",
                manifest.model.c_str(), manifest.parameters.size(),
                static_cast<long long>(manifest.report.parameters));
  } catch (const pixelfly::rt::Error &error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
