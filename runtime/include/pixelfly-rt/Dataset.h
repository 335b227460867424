//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Labelled images for training and testing, and how they become batches.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_DATASET_H
#define PIXELFLY_RT_DATASET_H

#include "pixelfly-rt/Manifest.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pixelfly::rt {

/// Images as bytes, [count, channels, rows, cols], with a label each.
struct Split {
  uint32_t count = 0, channels = 0, rows = 0, cols = 0;
  std::vector<uint8_t> pixels, labels;

  size_t imageSize() const { return size_t(channels) * rows * cols; }
  /// Copies example `index` to place `slot` of a batch, pixels as value / 255.
  void copyTo(uint32_t index, float *images, int32_t *labels,
              size_t slot) const;
};

struct Dataset {
  std::string name;
  Split train, test;

  /// CRC-32 of all images and labels: a run is resumed on the same data only.
  uint32_t checksum() const;
};

/// Reads the four IDX files of a data set named as MNIST names them
/// (train-images-idx3-ubyte, t10k-labels-idx1-ubyte, ..., with .gz or without)
/// from the directory `data`, or from where Debian installs it if `data` is
/// "fashion-mnist". Throws Error for files that are missing, swapped or do not
/// fit each other.
Dataset loadDataset(const std::string &data);

/// Throws Error unless the model's inputs are "images" and "labels": there is no
/// data for other models, such as those of text.
void checkTakesImages(const Manifest &manifest);

/// Throws Error unless the model takes such images ("images", f32) and labels
/// ("labels", i32), knows every label, and the training split fills a batch.
void checkFits(const Dataset &dataset, const Manifest &manifest);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_DATASET_H
