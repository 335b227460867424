/*===----------------------------------------------------------------------===*\
|*
|* This file is licensed under the Apache License v2.0 with LLVM Exceptions.
|* See LICENSE for license information.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
\*===----------------------------------------------------------------------===*/
/*
 * The whole border between generated code and the runtime.
 *
 * The compiler emits a shared object that defines the functions of symbols.def;
 * the runtime loads and calls them. Nothing else crosses: no C++ types, no
 * exceptions, no allocation, no library of the compiler. Generated code keeps
 * no state of its own; everything it reads or writes is in the buffers, so that
 * a checkpoint of the buffers is a checkpoint of the training.
 *
 * Who may include this: the compiler's emission (for the constants and the
 * symbol table), the runtime, programs that load an artifact themselves, and C
 * stand-ins of generated code in tests. It is C99 and includes <stdint.h> only.
 *
 * Calling convention (version 1)
 * ------------------------------
 * `buffers[i]` is the address of one tensor each, dense and row-major, aligned
 * to PF_BUFFER_ALIGNMENT bytes and not overlapping any other. The order is that
 * of the manifest:
 *
 *   pf_train_step                        pf_evaluate
 *     parameters            in and out     parameters           in
 *     optimizer state       in and out     inputs               in
 *     inputs                in             outputs of evaluate  out
 *     learning_rate (f32)   in
 *     step (f32)            in
 *     outputs of train_step out
 *
 * - "parameters": the entries of `parameters`, in order.
 * - "optimizer state": for each name of `optimizer.state`, one tensor like each
 *   parameter, in order; all zero before the first step. (AdamW: every first
 *   moment, then every second moment.)
 * - "inputs": the entries of `inputs` (images, labels); labels are below the
 *   number of classes, the caller checks that.
 * - `step` counts from 1, as the bias correction of AdamW wants it.
 * - "outputs": `functions.<name>.outputs`, in order. Results that overwrite an
 *   argument (parameters, state) have no entry of their own. Outputs have no
 *   contents before the call.
 *
 * `arena` is scratch memory of at least `functions.<name>.arena_bytes` bytes,
 * aligned to PF_BUFFER_ALIGNMENT; it has no contents before and after a call
 * and may be shared by both functions. It may be NULL when that number is 0.
 *
 * On a GPU (`target.device` of the manifest) every address is one of the
 * device's memory; the array `buffers` itself is the host's. The functions only
 * launch kernels, all on the stream that mgpuStreamCreate gives, and may return
 * before these have run; so a call can be captured into a graph. They allocate
 * nothing and touch no memory but what they are given.
 *
 * The functions cannot fail. Rounding is to nearest; the caller may let
 * subnormal numbers be flushed to zero, in its own thread before OpenMP starts
 * others. The functions may use the threads of OpenMP, give the same bits for
 * any number of threads, and must not be called at the same time.
 */

#ifndef PIXELFLY_RT_ABI_H
#define PIXELFLY_RT_ABI_H

#include <stdint.h>

/** The version of everything in this file. Raised by any change that an older
 *  loader or an older artifact would not notice; a loader takes only its own.
 */
#define PF_ABI_VERSION 1

/** Alignment of every buffer and of the arena, in bytes: a cache line and a
 *  512-bit vector. */
#define PF_BUFFER_ALIGNMENT 64

/** An artifact is a directory with these two files. The manifest names the
 *  library itself (`library`); this is the compiler's choice. */
#define PF_MANIFEST_FILE "manifest.json"
#define PF_LIBRARY_FILE "model.so"

/** The fields `format` and `version` of a manifest that this version reads. */
#define PF_MANIFEST_FORMAT "pixelfly-artifact"
#define PF_MANIFEST_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

/** Types of the functions that symbols.def names. */
typedef int32_t (*pf_abi_version_fn)(void);
typedef void (*pf_train_step_fn)(void *const *buffers, void *arena);
typedef void (*pf_evaluate_fn)(void *const *buffers, void *arena);

#ifdef __cplusplus
}
#endif

/* What the layout above takes for granted. A negative array size is the form
 * that C99 and C++ both accept. */
#define PF_ABI_ASSERT(name, condition)                                         \
  typedef char pf_abi_assert_##name[(condition) ? 1 : -1]
PF_ABI_ASSERT(pointer_is_64_bits, sizeof(void *) == 8);
PF_ABI_ASSERT(f32_is_32_bits, sizeof(float) == 4);
PF_ABI_ASSERT(i32_is_32_bits, sizeof(int32_t) == 4);
PF_ABI_ASSERT(function_is_one_word, sizeof(pf_train_step_fn) == sizeof(void *));
PF_ABI_ASSERT(alignment_is_a_power_of_two,
              (PF_BUFFER_ALIGNMENT & (PF_BUFFER_ALIGNMENT - 1)) == 0);
#undef PF_ABI_ASSERT

#endif /* PIXELFLY_RT_ABI_H */
