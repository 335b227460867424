/* What pixelfly-compile would emit for logistic regression on 8 x 8 images with
 * four classes, written by hand: the tests of pixelfly-train need no compiler.
 * logistic.json is its manifest. The sparse layer in it takes no part in the
 * computation; it is there for the pictures.
 *
 * -DABI=N       another ABI version
 * -DNO_EVALUATE leave a symbol out
 * -DNAN_AT=N    the loss of step N is no number
 * -DILLEGAL     a step runs into an illegal instruction
 * -DSLOW        a step takes 20 ms, so that a test can kill it in between
 */
#include "pixelfly-rt/abi.h"

#include <math.h>
#include <time.h>

enum { BATCH = 16, PIXELS = 64, CLASSES = 4, WEIGHTS = CLASSES * PIXELS };
enum { PARAMETERS = 5 };

#ifndef ABI
#define ABI PF_ABI_VERSION
#endif

int32_t pf_abi_version(void) { return ABI; }

/* Losses and softmax(logits) of a batch; logits into `logits`. */
static float forward(const float *weight, const float *bias,
                     const float *images, const int32_t *labels, float *losses,
                     float *logits, float *softmax) {
  float mean = 0;
  for (int i = 0; i < BATCH; ++i) {
    float largest = -INFINITY, sum = 0;
    for (int c = 0; c < CLASSES; ++c) {
      float y = bias[c];
      for (int p = 0; p < PIXELS; ++p)
        y += weight[c * PIXELS + p] * images[i * PIXELS + p];
      logits[i * CLASSES + c] = y;
      largest = y > largest ? y : largest;
    }
    for (int c = 0; c < CLASSES; ++c)
      sum += softmax[i * CLASSES + c] = expf(logits[i * CLASSES + c] - largest);
    for (int c = 0; c < CLASSES; ++c)
      softmax[i * CLASSES + c] /= sum;
    float loss = -logf(softmax[i * CLASSES + labels[i]]);
    if (losses)
      losses[i] = loss;
    mean += loss / BATCH;
  }
  return mean;
}

static float update(float *value, float *velocity, float gradient, float rate) {
  *velocity = 0.9f * *velocity + gradient;
  *value -= rate * *velocity;
  return gradient * gradient;
}

void pf_train_step(void *const *buffers, void *arena) {
  float *weight = buffers[0], *bias = buffers[1];
  float *weightVelocity = buffers[PARAMETERS];
  float *biasVelocity = buffers[PARAMETERS + 1];
  const float *images = buffers[2 * PARAMETERS];
  const int32_t *labels = buffers[2 * PARAMETERS + 1];
  float rate = *(float *)buffers[2 * PARAMETERS + 2];
  float step = *(float *)buffers[2 * PARAMETERS + 3];
  float *loss = buffers[2 * PARAMETERS + 4];
  float *gradientNorm = buffers[2 * PARAMETERS + 5];
  float *logits = buffers[2 * PARAMETERS + 6];
  float *delta = arena;
#ifdef ILLEGAL
  __builtin_trap();
#endif
#ifdef SLOW
  struct timespec pause = {0, 20000000};
  nanosleep(&pause, 0);
#endif

  *loss = forward(weight, bias, images, labels, 0, logits, delta);
#ifdef NAN_AT
  if (step == NAN_AT)
    *loss = NAN;
#endif
  (void)step;
  for (int i = 0; i < BATCH; ++i)
    delta[i * CLASSES + labels[i]] -= 1;
  float squares = 0;
  for (int c = 0; c < CLASSES; ++c) {
    float sum = 0;
    for (int i = 0; i < BATCH; ++i)
      sum += delta[i * CLASSES + c] / BATCH;
    squares += update(&bias[c], &biasVelocity[c], sum, rate);
    for (int p = 0; p < PIXELS; ++p) {
      sum = 0;
      for (int i = 0; i < BATCH; ++i)
        sum += delta[i * CLASSES + c] * images[i * PIXELS + p] / BATCH;
      squares += update(&weight[c * PIXELS + p],
                        &weightVelocity[c * PIXELS + p], sum, rate);
    }
  }
  *gradientNorm = sqrtf(squares);
}

#ifndef NO_EVALUATE
void pf_evaluate(void *const *buffers, void *arena) {
  forward(buffers[0], buffers[1], buffers[PARAMETERS], buffers[PARAMETERS + 1],
          buffers[PARAMETERS + 2], buffers[PARAMETERS + 3], arena);
}
#endif
