//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceMixer.h"

#include <cmath>

using namespace reference;
using nlohmann::json;

//===----------------------------------------------------------------------===//
// Reading the model
//===----------------------------------------------------------------------===//

Mixer::Mixer(const json &model, const json &manifest) {
  parameters = readParameters(manifest);
  optimizer = manifest.at("optimizer");
  numExamples = manifest.at("batch");
  const json &input = model.at("input"), &mixer = model.at("model");
  channels = input.at("channels");
  height = input.at("height");
  width = input.at("width");
  mean = input.at("mean").get<Vector>();
  deviation = input.at("std").get<Vector>();
  classes = model.at("classes");
  patch = mixer.at("patch");
  tokens = (height / patch) * (width / patch);
  dim = mixer.at("width");
  numBlocks = mixer.at("blocks");
  tokenDim = mixer.at("token_hidden");
  channelDim = mixer.at("channel_hidden");
  epsilon = mixer.value("norm_epsilon", 1e-6);
  smoothing = model.at("training").value("label_smoothing", 0.0);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// The gradients of a layer's weights from that of its dense matrix.
void Mixer::addWeightGradient(const std::string &layer,
                              const Vector &gradient) {
  Parameter &weight = parameters.at(layer + ".weight");
  if (!weight.block) {
    for (size_t i = 0; i < gradient.size(); ++i)
      weight.gradient[i] += gradient[i];
    return;
  }
  auto gamma = parameters.find(layer + ".gamma");
  bool mixed = gamma != parameters.end();
  double g = mixed ? gamma->second.value[0] : 1.0, dg = 0.0;
  size_t b = weight.block;
  for (size_t n = 0; n < weight.blocks.size(); ++n)
    for (size_t i = 0; i < b; ++i)
      for (size_t j = 0; j < b; ++j) {
        double d = gradient[(weight.blocks[n].first * b + i) * weight.cols +
                            weight.blocks[n].second * b + j];
        weight.gradient[(n * b + i) * b + j] += g * d;
        dg += d * weight.value[(n * b + i) * b + j];
      }
  if (!mixed)
    return;
  Parameter &u = parameters.at(layer + ".u"), &v = parameters.at(layer + ".v");
  size_t rank = u.shape[1];
  for (size_t o = 0; o < weight.rows; ++o)
    for (size_t i = 0; i < weight.cols; ++i) {
      double d = gradient[o * weight.cols + i];
      for (size_t r = 0; r < rank; ++r) {
        double &du = u.gradient[o * rank + r], &dv = v.gradient[i * rank + r];
        du += (1 - g) * d * v.value[i * rank + r];
        dv += (1 - g) * d * u.value[o * rank + r];
        dg -= d * u.value[o * rank + r] * v.value[i * rank + r];
      }
    }
  gamma->second.gradient[0] += dg;
}

Vector Mixer::linear(const std::string &layer, const Vector &x, size_t in,
                     size_t out) {
  Vector weight = denseWeight(parameters, layer);
  const Vector &bias = parameters.at(layer + ".bias").value;
  size_t rows = x.size() / in;
  Vector y(rows * out);
  for (size_t r = 0; r < rows; ++r)
    for (size_t o = 0; o < out; ++o) {
      double sum = bias[o];
      for (size_t i = 0; i < in; ++i)
        sum += x[r * in + i] * weight[o * in + i];
      y[r * out + o] = sum;
    }
  return y;
}

Vector Mixer::linearBack(const std::string &layer, const Vector &x,
                         const Vector &dy, size_t in, size_t out) {
  Vector weight = denseWeight(parameters, layer), dw(out * in, 0.0),
         dx(x.size(), 0.0);
  Vector &dbias = parameters.at(layer + ".bias").gradient;
  for (size_t r = 0; r < x.size() / in; ++r)
    for (size_t o = 0; o < out; ++o) {
      double d = dy[r * out + o];
      dbias[o] += d;
      for (size_t i = 0; i < in; ++i) {
        dw[o * in + i] += d * x[r * in + i];
        dx[r * in + i] += d * weight[o * in + i];
      }
    }
  addWeightGradient(layer, dw);
  return dx;
}

/// y[b, o, c] = bias[o] + sum_t W[o, t] x[b, t, c].
Vector Mixer::tokenLinear(const std::string &layer, const Vector &x, size_t in,
                          size_t out) {
  Vector weight = denseWeight(parameters, layer);
  const Vector &bias = parameters.at(layer + ".bias").value;
  Vector y(numExamples * out * dim);
  for (size_t b = 0; b < numExamples; ++b)
    for (size_t o = 0; o < out; ++o)
      for (size_t c = 0; c < dim; ++c) {
        double sum = bias[o];
        for (size_t t = 0; t < in; ++t)
          sum += weight[o * in + t] * x[(b * in + t) * dim + c];
        y[(b * out + o) * dim + c] = sum;
      }
  return y;
}

Vector Mixer::tokenLinearBack(const std::string &layer, const Vector &x,
                              const Vector &dy, size_t in, size_t out) {
  Vector weight = denseWeight(parameters, layer), dw(out * in, 0.0),
         dx(x.size(), 0.0);
  Vector &dbias = parameters.at(layer + ".bias").gradient;
  for (size_t b = 0; b < numExamples; ++b)
    for (size_t o = 0; o < out; ++o)
      for (size_t c = 0; c < dim; ++c) {
        double d = dy[(b * out + o) * dim + c];
        dbias[o] += d;
        for (size_t t = 0; t < in; ++t) {
          dw[o * in + t] += d * x[(b * in + t) * dim + c];
          dx[(b * in + t) * dim + c] += d * weight[o * in + t];
        }
      }
  addWeightGradient(layer, dw);
  return dx;
}

Vector Mixer::norm(const std::string &layer, const Vector &x, Norm &kept) {
  const Vector &scale = parameters.at(layer + ".weight").value;
  const Vector &shift = parameters.at(layer + ".bias").value;
  kept.normal.resize(x.size());
  kept.inverse.resize(x.size() / dim);
  Vector y(x.size());
  for (size_t r = 0; r < x.size() / dim; ++r) {
    double average = 0, variance = 0;
    for (size_t c = 0; c < dim; ++c)
      average += x[r * dim + c] / dim;
    for (size_t c = 0; c < dim; ++c)
      variance += std::pow(x[r * dim + c] - average, 2) / dim;
    kept.inverse[r] = 1 / std::sqrt(variance + epsilon);
    for (size_t c = 0; c < dim; ++c) {
      kept.normal[r * dim + c] = (x[r * dim + c] - average) * kept.inverse[r];
      y[r * dim + c] = kept.normal[r * dim + c] * scale[c] + shift[c];
    }
  }
  return y;
}

Vector Mixer::normBack(const std::string &layer, const Vector &dy,
                       const Norm &kept) {
  Parameter &scale = parameters.at(layer + ".weight");
  Vector &dshift = parameters.at(layer + ".bias").gradient;
  Vector dx(dy.size());
  for (size_t r = 0; r < dy.size() / dim; ++r) {
    double sum = 0, dot = 0;
    for (size_t c = 0; c < dim; ++c) {
      double d = dy[r * dim + c], normal = kept.normal[r * dim + c];
      scale.gradient[c] += d * normal;
      dshift[c] += d;
      sum += d * scale.value[c] / dim;
      dot += d * scale.value[c] * normal / dim;
    }
    for (size_t c = 0; c < dim; ++c)
      dx[r * dim + c] =
          kept.inverse[r] * (dy[r * dim + c] * scale.value[c] - sum -
                             kept.normal[r * dim + c] * dot);
  }
  return dx;
}

static Vector gelu(const Vector &x) {
  Vector y(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    y[i] = 0.5 * x[i] * (1 + std::erf(x[i] / std::sqrt(2.0)));
  return y;
}

static Vector geluBack(const Vector &x, const Vector &dy) {
  Vector dx(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    double gate = 0.5 * (1 + std::erf(x[i] / std::sqrt(2.0)));
    double density = std::exp(-0.5 * x[i] * x[i]) / std::sqrt(2 * M_PI);
    dx[i] = dy[i] * (gate + x[i] * density);
  }
  return dx;
}

static void addTo(Vector &sum, const Vector &term) {
  for (size_t i = 0; i < sum.size(); ++i)
    sum[i] += term[i];
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

/// Normalised pixels, (B T) x (channels patch patch).
Vector Mixer::cutPatches(const Vector &images) const {
  Vector cut;
  for (size_t b = 0; b < numExamples; ++b)
    for (size_t top = 0; top + patch <= height; top += patch)
      for (size_t left = 0; left + patch <= width; left += patch)
        for (size_t c = 0; c < channels; ++c)
          for (size_t i = top; i < top + patch; ++i)
            for (size_t j = left; j < left + patch; ++j)
              cut.push_back(
                  (images[((b * channels + c) * height + i) * width + j] -
                   mean[c]) /
                  deviation[c]);
  return cut;
}

double Mixer::targetProbability(int label, size_t k) const {
  return (size_t(label) == k ? 1 - smoothing : 0.0) + smoothing / classes;
}

Vector Mixer::forward(const Vector &images, const std::vector<int> &labels) {
  pixels = cutPatches(images);
  kept.assign(numBlocks, Block());
  Vector x = linear("patch", pixels, channels * patch * patch, dim);
  for (size_t n = 0; n < numBlocks; ++n) {
    std::string name = "blocks." + std::to_string(n);
    Block &b = kept[n];
    b.tokenIn = norm(name + ".token_norm", x, b.tokenNorm);
    b.tokenHidden =
        tokenLinear(name + ".token.fc1", b.tokenIn, tokens, tokenDim);
    b.tokenActive = gelu(b.tokenHidden);
    addTo(x, tokenLinear(name + ".token.fc2", b.tokenActive, tokenDim, tokens));
    b.channelIn = norm(name + ".channel_norm", x, b.channelNorm);
    b.channelHidden =
        linear(name + ".channel.fc1", b.channelIn, dim, channelDim);
    b.channelActive = gelu(b.channelHidden);
    addTo(x, linear(name + ".channel.fc2", b.channelActive, channelDim, dim));
  }
  x = norm("norm", x, lastNorm);
  pooled.assign(numExamples * dim, 0.0);
  for (size_t b = 0; b < numExamples; ++b)
    for (size_t t = 0; t < tokens; ++t)
      for (size_t c = 0; c < dim; ++c)
        pooled[b * dim + c] += x[(b * tokens + t) * dim + c] / tokens;
  logits = linear("head", pooled, dim, classes);

  Vector losses(numExamples, 0.0);
  for (size_t b = 0; b < numExamples; ++b) {
    double total = 0;
    for (size_t k = 0; k < classes; ++k)
      total += std::exp(logits[b * classes + k]);
    for (size_t k = 0; k < classes; ++k)
      losses[b] += targetProbability(labels[b], k) *
                   (std::log(total) - logits[b * classes + k]);
  }
  return losses;
}

void Mixer::backward(const std::vector<int> &labels) {
  Vector dlogits(logits.size());
  for (size_t b = 0; b < numExamples; ++b) {
    double total = 0;
    for (size_t k = 0; k < classes; ++k)
      total += std::exp(logits[b * classes + k]);
    for (size_t k = 0; k < classes; ++k)
      dlogits[b * classes + k] = (std::exp(logits[b * classes + k]) / total -
                                  targetProbability(labels[b], k)) /
                                 numExamples;
  }
  Vector dpooled = linearBack("head", pooled, dlogits, dim, classes);
  Vector dx(numExamples * tokens * dim);
  for (size_t b = 0; b < numExamples; ++b)
    for (size_t t = 0; t < tokens; ++t)
      for (size_t c = 0; c < dim; ++c)
        dx[(b * tokens + t) * dim + c] = dpooled[b * dim + c] / tokens;
  dx = normBack("norm", dx, lastNorm);
  for (size_t n = numBlocks; n-- > 0;) {
    std::string name = "blocks." + std::to_string(n);
    const Block &b = kept[n];
    Vector d =
        linearBack(name + ".channel.fc2", b.channelActive, dx, channelDim, dim);
    d = geluBack(b.channelHidden, d);
    d = linearBack(name + ".channel.fc1", b.channelIn, d, dim, channelDim);
    addTo(dx, normBack(name + ".channel_norm", d, b.channelNorm));
    d = tokenLinearBack(name + ".token.fc2", b.tokenActive, dx, tokenDim,
                        tokens);
    d = geluBack(b.tokenHidden, d);
    d = tokenLinearBack(name + ".token.fc1", b.tokenIn, d, tokens, tokenDim);
    addTo(dx, normBack(name + ".token_norm", d, b.tokenNorm));
  }
  linearBack("patch", pixels, dx, channels * patch * patch, dim);
}

//===----------------------------------------------------------------------===//
// Training
//===----------------------------------------------------------------------===//

void Mixer::update(double learningRate, double step, double scale) {
  double decay = optimizer.at("weight_decay");
  bool isAdamW = optimizer.at("kind") == "adamw";
  for (auto &[name, p] : parameters)
    for (size_t i = 0; i < p.value.size(); ++i) {
      double gradient = scale * p.gradient[i];
      double &value = p.value[i], &first = p.firstState[i];
      if (!isAdamW) {
        double momentum = optimizer.at("momentum");
        first = momentum * first + gradient + (p.decay ? decay * value : 0.0);
        value -= learningRate * first;
        continue;
      }
      double beta1 = optimizer.at("beta1"), beta2 = optimizer.at("beta2");
      double &second = p.secondState[i];
      first = beta1 * first + (1 - beta1) * gradient;
      second = beta2 * second + (1 - beta2) * gradient * gradient;
      double m = first / (1 - std::pow(beta1, step));
      double v = second / (1 - std::pow(beta2, step));
      if (p.decay)
        value -= learningRate * decay * value;
      double root = std::sqrt(v) + double(optimizer.at("epsilon"));
      value -= learningRate * m / root;
    }
}

StepResult Mixer::trainStep(const Vector &images,
                            const std::vector<int> &labels, double learningRate,
                            double step) {
  for (auto &[name, parameter] : parameters)
    parameter.gradient.assign(parameter.gradient.size(), 0.0);
  double loss = 0, squares = 0;
  for (double example : forward(images, labels))
    loss += example / numExamples;
  backward(labels);
  for (auto &[name, parameter] : parameters)
    for (double gradient : parameter.gradient)
      squares += gradient * gradient;
  double norm = std::sqrt(squares), limit = optimizer.at("clip_norm");
  update(learningRate, step, limit > 0 ? std::min(1.0, limit / norm) : 1.0);
  return {loss, norm};
}
