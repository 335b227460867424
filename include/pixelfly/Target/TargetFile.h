//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Target descriptions as files, and those that come with the compiler.
//
// A file is one JSON object; lib/Target/targets holds examples, docs/Targets.md
// explains it. Its fields are those of `Target`:
//
//   {
//     "name": "avx2",                      what messages and reports call it
//     "kind": "cpu",                       or "gpu"
//     "processor": "x86-64-v3",            LLVM's name
//     "cores": 4,
//     "vector_bits": 256,
//     "vector_registers": 16,
//     "matrix_tile": [1, 8, 1],            rows, columns, terms
//     "blocks": [32, 16, 64, 128, 8],      the best first
//     "l1_bytes": 32768,
//     "l2_bytes": 1048576,
//     "l3_bytes": 8388608,                 optional
//     "shared_bytes": 233472,              GPU only
//     "peak_flops": {"f32": 4.1e11},       optional
//     "bandwidth": 4e10,                   optional, bytes a second
//     "cost": {                            optional, measured
//       "access_bytes": 64,
//       "seconds_per_access": 1.6e-9,
//       "seconds_per_flop": 3e-12,
//       "seconds_per_product": 4e-6
//     }
//   }
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TARGET_TARGETFILE_H
#define PIXELFLY_TARGET_TARGETFILE_H

#include "pixelfly/Target/Target.h"

namespace mlir::pixelfly {

/// Reads a description; `file` is its name in messages. Every problem is
/// reported, at its line and column.
FailureOr<Target> parseTarget(StringRef text, StringRef file,
                              MLIRContext *context);

/// Reads a file.
FailureOr<Target> readTargetFile(StringRef path, MLIRContext *context);

/// Names of the descriptions that come with the compiler: "avx512", "avx2",
/// "sm_80", "sm_90a".
std::vector<StringRef> shippedTargetNames();

/// What `--target` means: "host" (the machine this process runs on), a shipped
/// name, or else a file. The error says what there is.
FailureOr<Target> findTarget(StringRef nameOrFile, MLIRContext *context);

/// The text of a file that `parseTarget` reads back to the same target.
std::string printTarget(const Target &target);

} // namespace mlir::pixelfly

#endif // PIXELFLY_TARGET_TARGETFILE_H
