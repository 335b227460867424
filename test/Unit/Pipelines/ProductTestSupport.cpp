//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProductTestSupport.h"

#include "pixelfly/Pipelines/RegisterAll.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::test;

unsigned test::randomSeed() {
  static unsigned seed = [] {
    const char *given = std::getenv("PIXELFLY_TEST_SEED");
    unsigned chosen = given ? unsigned(std::strtoul(given, nullptr, 10)) : 2112;
    std::cout << "PIXELFLY_TEST_SEED=" << chosen << std::endl;
    return chosen;
  }();
  return seed;
}

Buffer::Buffer(std::vector<int64_t> shape, bool isDouble, double guard,
               std::mt19937 &random)
    : extents(std::move(shape)), isDouble(isDouble), guard(guard) {
  for (int64_t extent : extents)
    count *= extent;
  // In units of double, also for float: room to spare.
  storage.assign(count + 2 * kGuard, 0);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (int64_t i = 0; i < count + 2 * kGuard; ++i)
    write(i, i >= kGuard && i < kGuard + count ? uniform(random) : guard);
}

double Buffer::read(int64_t i) const {
  if (isDouble)
    return storage[i];
  return reinterpret_cast<const float *>(storage.data())[i];
}

void Buffer::write(int64_t i, double value) {
  if (isDouble)
    storage[i] = value;
  else
    reinterpret_cast<float *>(storage.data())[i] = float(value);
}

bool Buffer::guardsIntact() const {
  for (int64_t i = 0; i < kGuard; ++i)
    if (read(i) != guard || read(kGuard + count + i) != guard)
      return false;
  return true;
}

BufferArgument Buffer::argument() {
  char *data = reinterpret_cast<char *>(storage.data());
  return {data + kGuard * (isDouble ? sizeof(double) : sizeof(float)),
          SmallVector<int64_t>(extents.begin(), extents.end())};
}

void test::checkProducts(const std::vector<ProductCase> &cases,
                         std::mt19937 &random, const std::string &header,
                         bool plainLoops) {
  DialectRegistry registry;
  registerAllDialectsAndModels(registry);
  registerObjectEmissionDialects(registry);
  MLIRContext context(registry);
  std::string text = header;
  for (const ProductCase &product : cases)
    text += product.function + "\n";
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module) << text;
  ObjectOptions target;
  target.optimizationLevel = 2;
  CPUPipelineOptions pipeline;
  pipeline.plainLoops = plainLoops;
  FailureOr<CompiledModule> compiled =
      CompiledModule::compile(*module, pipeline, target);
  ASSERT_TRUE(succeeded(compiled)) << text;

  const double notANumber = std::numeric_limits<double>::quiet_NaN();
  for (const ProductCase &product : cases) {
    SCOPED_TRACE(product.function);
    Buffer a(product.shapeA, product.isDouble, notANumber, random);
    Buffer b(product.shapeB, product.isDouble, notANumber, random);
    Buffer c(product.shapeC, product.isDouble, /*guard=*/-123, random);
    std::vector<ProductCase::Sum> expected(c.size());
    if (product.accumulates)
      for (int64_t i = 0; i < c.size(); ++i)
        expected[i].add(c[i]);
    product.expected(a, b, expected);
    compiled->bind(product.name, {a.argument(), b.argument(), c.argument()})();

    // Rounding errors of a sum of n terms grow like sqrt(n); eight times that.
    double roundoff = product.isDouble ? 1.2e-16 : 6.0e-8;
    int64_t wrong = 0;
    for (int64_t i = 0; i < c.size(); ++i) {
      double tolerance = 8 * roundoff * std::sqrt(expected[i].terms + 4.0) *
                         expected[i].magnitude;
      if (!(std::abs(c[i] - expected[i].value) <= tolerance) && ++wrong <= 3)
        ADD_FAILURE() << "element " << i << " is " << c[i] << ", not "
                      << expected[i].value;
    }
    EXPECT_EQ(wrong, 0) << "of " << c.size();
    EXPECT_TRUE(c.guardsIntact()) << "wrote outside of the result";
  }
}
