/* logistic.c as a program for a GPU, as test/CudaDouble runs it. With -DKERNELS
 * the kernels, which are the functions of logistic.c; else the host code, which
 * is what gpu-to-llvm makes: it launches kernels and touches no memory.
 *
 * -DIMAGE="PATH"  the shared object with the kernels
 * -DSHARED=N      bytes of shared memory that a kernel asks for
 * -DTHREADS=N     threads of a block
 * -DALLOCATES     the step allocates memory
 * -DREADS_HOST    the step copies from the host
 * -DWRONG_NAME    launches a kernel that is not there
 */
#ifdef KERNELS

#define pf_abi_version unused_abi_version
#define pf_train_step train_step_on_buffers
#define pf_evaluate evaluate_on_buffers
#include "logistic.c"

enum { TRAIN_BUFFERS = 2 * PARAMETERS + 7, TEST_BUFFERS = PARAMETERS + 4 };
int clear_parameters = 1;
int train_step_parameters = TRAIN_BUFFERS + 1;
int evaluate_parameters = TEST_BUFFERS + 1;

void clear(void **parameters) {
  float *arena = *(float **)parameters[0];
  for (int i = 0; i < BATCH * CLASSES; ++i)
    arena[i] = 0;
}

static void call(void (*function)(void *const *, void *), void **parameters,
                 int count) {
  void *buffers[TRAIN_BUFFERS];
  for (int i = 0; i < count; ++i)
    buffers[i] = *(void **)parameters[i];
  function(buffers, *(void **)parameters[count]);
}

void train_step(void **parameters) {
  call(train_step_on_buffers, parameters, TRAIN_BUFFERS);
}

void evaluate(void **parameters) {
  call(evaluate_on_buffers, parameters, TEST_BUFFERS);
}

#else

#include "pixelfly-rt/abi.h"

#include <stddef.h>

enum { PARAMETERS = 5 };
enum { TRAIN_BUFFERS = 2 * PARAMETERS + 7, TEST_BUFFERS = PARAMETERS + 4 };
#ifndef SHARED
#define SHARED 0
#endif
#ifndef THREADS
#define THREADS 128
#endif

void *mgpuModuleLoad(void *, size_t);
void *mgpuModuleGetFunction(void *, const char *);
void mgpuLaunchKernel(void *, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t,
                      intptr_t, int32_t, void *, void **, void **, size_t);
void *mgpuStreamCreate(void);
void mgpuStreamSynchronize(void *);
void mgpuStreamDestroy(void *);
void *mgpuMemAlloc(uint64_t, void *, uint8_t);
void mgpuMemcpy(void *, void *, size_t, void *);

static char image[] = "pixelfly-cuda-double:" IMAGE;
static void *module;
__attribute__((constructor)) static void load(void) {
  module = mgpuModuleLoad(image, sizeof(image));
}

int32_t pf_abi_version(void) { return PF_ABI_VERSION; }

static void launch(const char *name, void *const *buffers, int count,
                   void *arena) {
  void *parameters[TRAIN_BUFFERS + 1];
  for (int i = 0; i < count; ++i)
    parameters[i] = (void *)&buffers[i];
  parameters[count] = &arena;
  void *function = mgpuModuleGetFunction(module, name);
  void *stream = mgpuStreamCreate();
  mgpuLaunchKernel(function, 2, 1, 1, THREADS, 1, 1, SHARED, stream, parameters,
                   0, (size_t)count + 1);
  mgpuStreamSynchronize(stream);
  mgpuStreamDestroy(stream);
}

void pf_train_step(void *const *buffers, void *arena) {
#ifdef ALLOCATES
  mgpuMemAlloc(16, 0, 0);
#endif
#ifdef READS_HOST
  float value = 1;
  mgpuMemcpy(arena, &value, sizeof(value), 0);
#endif
#ifdef WRONG_NAME
  launch("missing", buffers, 0, arena);
#endif
  launch("clear", buffers, 0, arena);
  launch("train_step", buffers, TRAIN_BUFFERS, arena);
}

void pf_evaluate(void *const *buffers, void *arena) {
  launch("evaluate", buffers, TEST_BUFFERS, arena);
}

#endif
