//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Dataset.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Files.h"
#include "pixelfly-rt/Idx.h"

#include <algorithm>

using namespace pixelfly::rt;

namespace {
constexpr const char *fashionMnistName = "fashion-mnist";
constexpr const char *fashionMnistDirectory =
    "/usr/share/datasets/fashion-mnist";
} // namespace

void Split::copyTo(uint32_t index, float *images, int32_t *labelsOfBatch,
                   size_t slot) const {
  const uint8_t *from = pixels.data() + index * imageSize();
  float *to = images + slot * imageSize();
  for (size_t i = 0, e = imageSize(); i < e; ++i)
    to[i] = float(from[i]) / 255.0f;
  labelsOfBatch[slot] = labels[index];
}

uint32_t Dataset::checksum() const {
  uint32_t sum = 0;
  for (const Split *split : {&train, &test}) {
    sum = crc32Of(split->pixels.data(), split->pixels.size(), sum);
    sum = crc32Of(split->labels.data(), split->labels.size(), sum);
  }
  return sum;
}

/// "train-images-idx3-ubyte" in `directory`, compressed or not.
static std::string findFile(const std::string &directory,
                            const std::string &name) {
  for (const char *suffix : {"", ".gz"})
    if (std::string path = directory + "/" + name + suffix; exists(path))
      return path;
  bool isDefault = directory == fashionMnistDirectory;
  throw Error("the data file '" + name + "' (or '" + name +
                  ".gz') is missing in '" + directory + "'",
              isDefault
                  ? "install the data set: apt-get install "
                    "dataset-fashion-mnist, or give --data=DIRECTORY"
                  : "--data takes 'fashion-mnist' or a directory with the four "
                    "IDX files of a data set in MNIST's naming");
}

static Split loadSplit(const std::string &directory,
                       const std::string &prefix) {
  std::string imagesPath = findFile(directory, prefix + "-images-idx3-ubyte");
  std::string labelsPath = findFile(directory, prefix + "-labels-idx1-ubyte");
  IdxFile images = readIdx(imagesPath), labels = readIdx(labelsPath);

  const char *const swapped =
      "check that image and label files are not swapped";
  if (images.shape.size() < 3)
    throw Error("data file '" + imagesPath +
                    "': expected images (3 or 4 "
                    "dimensions), but it has " +
                    std::to_string(images.shape.size()) + " as labels have",
                swapped);
  if (labels.shape.size() != 1)
    throw Error("data file '" + labelsPath +
                    "': expected labels (1 "
                    "dimension), but it has " +
                    std::to_string(labels.shape.size()) + " as images have",
                swapped);
  if (images.shape[0] != labels.shape[0])
    throw Error("'" + imagesPath + "' has " + std::to_string(images.shape[0]) +
                    " images, but '" + labelsPath + "' has " +
                    std::to_string(labels.shape[0]) + " labels",
                "take both files from the same data set and split");
  if (images.data.empty())
    throw Error("data file '" + imagesPath + "': it has no images",
                "download the data set again");

  Split split;
  split.count = images.shape[0];
  split.channels = images.shape.size() == 4 ? images.shape[1] : 1;
  split.rows = images.shape[images.shape.size() - 2];
  split.cols = images.shape.back();
  split.pixels = std::move(images.data);
  split.labels = std::move(labels.data);
  return split;
}

Dataset pixelfly::rt::loadDataset(const std::string &data) {
  Dataset dataset;
  dataset.name = data;
  std::string directory =
      data == fashionMnistName ? fashionMnistDirectory : data;
  dataset.train = loadSplit(directory, "train");
  dataset.test = loadSplit(directory, "t10k");
  return dataset;
}

static void checkLabels(const Split &split, const char *name, int64_t classes) {
  auto largest = std::max_element(split.labels.begin(), split.labels.end());
  if (*largest >= classes)
    throw Error("label " + std::to_string(*largest) + " of " + name +
                    " example " +
                    std::to_string(largest - split.labels.begin()) +
                    " is out of range: the model has " +
                    std::to_string(classes) + " classes",
                "compile the model with more classes, or mend the data");
}

void pixelfly::rt::checkTakesImages(const Manifest &manifest) {
  if (manifest.findInput("images") && manifest.findInput("labels") &&
      manifest.inputs.size() == 2)
    return;
  std::string taken;
  for (const TensorInfo &input : manifest.inputs)
    taken += (taken.empty() ? "'" : ", '") + input.name + "'";
  throw Error("the model '" + manifest.model + "' takes the inputs " + taken +
                  ", but the only data there is to train on is 'images' and "
                  "'labels'",
              "give an artifact of an image classifier");
}

void pixelfly::rt::checkFits(const Dataset &dataset, const Manifest &manifest) {
  checkTakesImages(manifest);
  std::optional<size_t> images = manifest.findInput("images");
  std::optional<size_t> labels = manifest.findInput("labels");
  const TensorInfo &labelInput = manifest.inputs[*labels];
  if (labelInput.dtype != DType::I32 ||
      labelInput.shape != std::vector<int64_t>{manifest.batch})
    throw Error("the model's input 'labels' must be i32 of shape " +
                std::to_string(manifest.batch) + ", but has shape " +
                formatShape(labelInput.shape));

  const TensorInfo &imageInput = manifest.inputs[*images];
  for (auto [split, name] : {std::pair(&dataset.train, "training"),
                             std::pair(&dataset.test, "test")}) {
    std::vector<int64_t> shape = {manifest.batch, split->channels, split->rows,
                                  split->cols};
    if (imageInput.dtype != DType::F32 || imageInput.shape != shape)
      throw Error(std::string("the ") + name + " images of '" + dataset.name +
                      "' make batches of shape " + formatShape(shape) +
                      ", but the model was compiled for f32 of shape " +
                      formatShape(imageInput.shape) +
                      " (batch x channels x rows x columns)",
                  "compile the model for this image size, or give other data");
    const Function &evaluate = manifest.evaluate;
    checkLabels(*split, name,
                evaluate.outputs[*evaluate.findOutput("logits")].shape[1]);
  }
  if (dataset.train.count < manifest.batch)
    throw Error("the " + std::to_string(dataset.train.count) +
                    " training examples do not fill one batch of " +
                    std::to_string(manifest.batch),
                "compile the model with a smaller batch");
}
