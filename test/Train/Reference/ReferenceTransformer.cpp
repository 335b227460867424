//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceTransformer.h"

#include <algorithm>
#include <cmath>

using namespace reference;
using nlohmann::json;

Transformer::Transformer(const json &model, const json &manifest)
    : parameters(readParameters(manifest)), batch(manifest.at("batch")),
      classes(model.at("classes")) {
  const json &input = model.at("input"), &network = model.at("model");
  readsText = network.at("family") == "gpt2";
  dim = network.at("width");
  blocks = network.at("blocks");
  heads = network.at("heads");
  hidden = network.at("mlp_hidden");
  epsilon = network.value("norm_epsilon", readsText ? 1e-5 : 1e-6);
  smoothing = model.at("training").value("label_smoothing", 0.0);
  if (readsText) {
    tokens = labelsPerExample = input.at("tokens");
    return;
  }
  channels = input.at("channels");
  height = input.at("height");
  width = input.at("width");
  mean = input.at("mean").get<Vector>();
  deviation = input.at("std").get<Vector>();
  patch = network.at("patch");
  tokens = (height / patch) * (width / patch) + 1;
  labelsPerExample = 1;
}

Vector Transformer::linear(const std::string &layer, const Vector &x, size_t in,
                           size_t out) {
  Vector weight = denseWeight(parameters, layer);
  auto bias = parameters.find(layer + ".bias");
  size_t rows = x.size() / in;
  Vector y(rows * out);
  for (size_t m = 0; m < rows; ++m)
    for (size_t o = 0; o < out; ++o) {
      double sum = bias == parameters.end() ? 0.0 : bias->second.value[o];
      for (size_t i = 0; i < in; ++i)
        sum += weight[o * in + i] * x[m * in + i];
      y[m * out + o] = sum;
    }
  return y;
}

Vector Transformer::norm(const std::string &layer, const Vector &x) {
  const Vector &gain = parameters.at(layer + ".weight").value;
  const Vector &shift = parameters.at(layer + ".bias").value;
  Vector y(x.size());
  for (size_t m = 0; m < x.size(); m += dim) {
    double average = 0, variance = 0;
    for (size_t c = 0; c < dim; ++c)
      average += x[m + c] / double(dim);
    for (size_t c = 0; c < dim; ++c)
      variance += (x[m + c] - average) * (x[m + c] - average) / double(dim);
    for (size_t c = 0; c < dim; ++c)
      y[m + c] =
          (x[m + c] - average) / std::sqrt(variance + epsilon) * gain[c] +
          shift[c];
  }
  return y;
}

Vector Transformer::attention(const Vector &q, const Vector &k,
                              const Vector &v) {
  size_t share = dim / heads;
  Vector y(q.size(), 0.0);
  for (size_t b = 0; b < batch; ++b)
    for (size_t h = 0; h < heads; ++h)
      for (size_t i = 0; i < tokens; ++i) {
        size_t seen = readsText ? i + 1 : tokens;
        auto at = [&](size_t token) {
          return (b * tokens + token) * dim + h * share;
        };
        Vector weight(seen);
        double total = 0;
        for (size_t j = 0; j < seen; ++j) {
          double score = 0;
          for (size_t c = 0; c < share; ++c)
            score += q[at(i) + c] * k[at(j) + c];
          total += weight[j] = std::exp(score / std::sqrt(double(share)));
        }
        for (size_t j = 0; j < seen; ++j)
          for (size_t c = 0; c < share; ++c)
            y[at(i) + c] += weight[j] / total * v[at(j) + c];
      }
  return y;
}

Vector Transformer::embedImages(const Vector &images) {
  size_t across = width / patch, size = channels * patch * patch;
  Vector pixels;
  for (size_t b = 0; b < batch; ++b)
    for (size_t t = 0; t + 1 < tokens; ++t)
      for (size_t c = 0; c < channels; ++c)
        for (size_t i = 0; i < patch; ++i)
          for (size_t j = 0; j < patch; ++j) {
            size_t row = t / across * patch + i, col = t % across * patch + j;
            double pixel =
                images[((b * channels + c) * height + row) * width + col];
            pixels.push_back((pixel - mean[c]) / deviation[c]);
          }
  Vector embedded = linear("patch", pixels, size, dim), x;
  const Vector &token = parameters.at("class_token").value;
  for (size_t b = 0; b < batch; ++b) {
    x.insert(x.end(), token.begin(), token.end());
    auto first = embedded.begin() + b * (tokens - 1) * dim;
    x.insert(x.end(), first, first + (tokens - 1) * dim);
  }
  return x;
}

Vector Transformer::embedTokens(const std::vector<int> &ids) {
  const Vector &table = parameters.at("tokens.weight").value;
  Vector x;
  for (int id : ids)
    x.insert(x.end(), table.begin() + id * dim, table.begin() + (id + 1) * dim);
  return x;
}

Vector Transformer::forward(const Vector &images, const std::vector<int> &ids,
                            const std::vector<int> &labels) {
  auto addTo = [](Vector &x, const Vector &y) {
    for (size_t i = 0; i < x.size(); ++i)
      x[i] += y[i];
  };
  Vector x = readsText ? embedTokens(ids) : embedImages(images);
  const Vector &positions = parameters.at("positions").value;
  for (size_t i = 0; i < x.size(); ++i)
    x[i] += positions[i % (tokens * dim)];

  for (size_t n = 0; n < blocks; ++n) {
    std::string block = "blocks." + std::to_string(n);
    Vector y = norm(block + ".norm1", x);
    y = attention(linear(block + ".attention.q", y, dim, dim),
                  linear(block + ".attention.k", y, dim, dim),
                  linear(block + ".attention.v", y, dim, dim));
    addTo(x, linear(block + ".attention.out", y, dim, dim));
    y = linear(block + ".mlp.fc1", norm(block + ".norm2", x), dim, hidden);
    for (double &z : y)
      z = readsText ? z / 2 *
                          (1 + std::tanh(std::sqrt(2 / M_PI) *
                                         (z + 0.044715 * z * z * z)))
                    : z / 2 * (1 + std::erf(z / std::sqrt(2.0)));
    addTo(x, linear(block + ".mlp.fc2", y, hidden, dim));
  }

  x = norm("norm", x);
  if (!readsText) {
    Vector first;
    for (size_t b = 0; b < batch; ++b)
      first.insert(first.end(), x.begin() + b * tokens * dim,
                   x.begin() + (b * tokens + 1) * dim);
    x = first;
  }
  bool tied = readsText && !parameters.count("head.weight");
  logits = linear(tied ? "tokens" : "head", x, dim, classes);

  Vector losses;
  for (size_t m = 0; m < labels.size(); ++m) {
    const double *row = &logits[m * classes];
    double largest = *std::max_element(row, row + classes), total = 0, loss = 0;
    for (size_t k = 0; k < classes; ++k)
      total += std::exp(row[k] - largest);
    for (size_t k = 0; k < classes; ++k)
      loss -= (smoothing / double(classes) +
               (int(k) == labels[m] ? 1 - smoothing : 0.0)) *
              (row[k] - largest - std::log(total));
    losses.push_back(loss);
  }
  return losses;
}
