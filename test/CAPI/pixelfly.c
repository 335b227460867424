//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// RUN: pixelfly-capi-test 2>&1 | FileCheck %s

#include "pixelfly-c/Attributes.h"
#include "pixelfly-c/Dialect.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/Diagnostics.h"
#include "mlir-c/IR.h"
#include "mlir-c/Pass.h"

#include <stdio.h>

static MlirStringRef string(const char *text) {
  return mlirStringRefCreateFromCString(text);
}

static void printChunk(MlirStringRef text, void *unused) {
  (void)unused;
  fwrite(text.data, 1, text.length, stdout);
}

static void printAttribute(MlirAttribute attribute) {
  mlirAttributePrint(attribute, printChunk, NULL);
  printf("\n");
}

static MlirLogicalResult printDiagnostic(MlirDiagnostic diagnostic,
                                         void *unused) {
  (void)unused;
  if (mlirDiagnosticGetSeverity(diagnostic) != MlirDiagnosticError)
    return mlirLogicalResultSuccess();
  printf("error: ");
  mlirDiagnosticPrint(diagnostic, printChunk, NULL);
  printf("\n");
  return mlirLogicalResultSuccess();
}

// CHECK-LABEL: dialect
static void testDialect(MlirContext context) {
  printf("dialect\n");
  MlirDialectHandle handle = mlirGetDialectHandle__pixelfly__();
  MlirDialect dialect = mlirDialectHandleLoadDialect(handle, context);
  // CHECK-NEXT: namespace pixelfly loaded 1
  printf("namespace ");
  printChunk(mlirDialectGetNamespace(dialect), NULL);
  printf(" loaded %d\n",
         mlirDialectEqual(dialect, mlirContextGetOrLoadDialect(
                                       context, string("pixelfly"))));
  // CHECK-NEXT: version {{[0-9]+\.[0-9]+\.[0-9]+$}}
  printf("version %s\n", pixelflyGetVersion());
}

// CHECK-LABEL: flat butterfly
static void testFlatButterfly(MlirLocation location) {
  printf("flat butterfly\n");
  const int64_t radices[] = {2, 3};
  MlirAttribute pattern =
      pixelflyFlatButterflyAttrGetChecked(location, 48, 96, 8, 2, radices, 2);
  // CHECK-NEXT: #pixelfly.flat_butterfly<rows = 48, cols = 96, block = 8,
  // radices = [2, 3], factors = 2>
  printAttribute(pattern);
  // CHECK-NEXT: kinds 1 1 0
  printf("kinds %d %d %d\n", pixelflyAttributeIsABlockPattern(pattern),
         pixelflyAttributeIsAFlatButterfly(pattern),
         pixelflyAttributeIsABlockMask(pattern));
  // CHECK-NEXT: radices 2 3 of 2, factors 2
  printf("radices %d %d of %d, factors %d\n",
         (int)pixelflyFlatButterflyAttrGetRadix(pattern, 0),
         (int)pixelflyFlatButterflyAttrGetRadix(pattern, 1),
         (int)pixelflyFlatButterflyAttrGetNumRadices(pattern),
         (int)pixelflyFlatButterflyAttrGetFactors(pattern));
  // CHECK-NEXT: 48 x 96 in blocks of 8, 48 blocks, density 0.6667
  printf("%d x %d in blocks of %d, %d blocks, density %.4f\n",
         (int)pixelflyBlockPatternGetRows(pattern),
         (int)pixelflyBlockPatternGetCols(pattern),
         (int)pixelflyBlockPatternGetBlock(pattern),
         (int)pixelflyBlockPatternGetNumBlocks(pattern),
         pixelflyBlockPatternGetDensity(pattern));
  // Cell 1 meets itself, cell 0 (digit 0), and cells 3 and 5 (digit 1); a cell
  // is two block columns.
  // CHECK-NEXT: row 1: 2 3 0 1 6 7 10 11
  printf("row 1:");
  intptr_t inRow = pixelflyBlockPatternGetNumBlocksOfRow(pattern, 1);
  for (intptr_t slot = 0; slot < inRow; ++slot)
    printf(" %d", (int)pixelflyBlockPatternGetColumn(pattern, 1, slot));
  printf("\n");
  // CHECK-NEXT: position of (1, 6) 12, of (1, 4) -1
  printf("position of (1, 6) %d, of (1, 4) %d\n",
         (int)pixelflyBlockPatternGetPosition(pattern, 1, 6),
         (int)pixelflyBlockPatternGetPosition(pattern, 1, 4));
  // CHECK-NEXT: #pixelfly.flat_butterfly<rows = 96, cols = 48, block = 8,
  // radices = [2, 3], factors = 2>
  printAttribute(pixelflyBlockPatternGetTransposed(pattern));
  // A core of 6 cells does not fit 40 rows.
  // CHECK-NEXT: error: (C4)
  // CHECK-NEXT: null 1
  printf("null %d\n", mlirAttributeIsNull(pixelflyFlatButterflyAttrGetChecked(
                          location, 40, 96, 8, 2, radices, 2)));
}

// CHECK-LABEL: block mask
static void testBlockMask(MlirLocation location) {
  printf("block mask\n");
  MlirStringRef rows[] = {string("#.#"), string(".#.")};
  MlirAttribute mask = pixelflyBlockMaskAttrGetChecked(location, 8, 2, rows);
  // CHECK-NEXT: #pixelfly.block_mask<block = 8, mask = ["#.#", ".#."]>
  printAttribute(mask);
  // CHECK-NEXT: kinds 1 0 1, 3 blocks, row 1 is .#.
  printf("kinds %d %d %d, %d blocks, row 1 is ",
         pixelflyAttributeIsABlockPattern(mask),
         pixelflyAttributeIsAFlatButterfly(mask),
         pixelflyAttributeIsABlockMask(mask),
         (int)pixelflyBlockPatternGetNumBlocks(mask));
  printChunk(pixelflyBlockMaskAttrGetRow(mask, 1), NULL);
  printf("\n");
  rows[1] = string("##");
  // CHECK-NEXT: error: (C2)
  // CHECK-NEXT: null 1
  printf("null %d\n", mlirAttributeIsNull(pixelflyBlockMaskAttrGetChecked(
                          location, 8, 2, rows)));
}

// CHECK-LABEL: mask rule
static void testMaskRule(MlirContext context) {
  printf("mask rule\n");
  MlirAttribute rule = mlirAttributeParseGet(
      context, mlirStringRefCreateFromCString(
                   "#pixelfly.mask_rule<longformer, rows = 32, cols = 32, "
                   "block = 8, window = 3, global = 1>"));
  // CHECK-NEXT: longformer 1 0, pattern 1, 14 blocks
  printChunk(pixelflyMaskRuleAttrGetRuleName(rule), NULL);
  printf(" %d %d, pattern %d, %d blocks\n", pixelflyAttributeIsAMaskRule(rule),
         pixelflyAttributeIsABlockMask(rule),
         pixelflyAttributeIsABlockPattern(rule),
         (int)pixelflyBlockPatternGetNumBlocks(rule));
  // CHECK-NEXT: window 3, global 1, causal 0, random -1
  const char *names[] = {"window", "global", "causal", "random"};
  for (int i = 0; i < 4; ++i)
    printf("%s %d%s", names[i],
           (int)pixelflyMaskRuleAttrGetParameter(
               rule, mlirStringRefCreateFromCString(names[i])),
           i < 3 ? ", " : "\n");
}

// CHECK-LABEL: parameter
static void testParameter(MlirLocation location) {
  printf("parameter\n");
  MlirAttribute init = pixelflyInitAttrGetChecked(
      location, PixelflyInitKindTruncatedNormal, 0.25);
  // CHECK-NEXT: #pixelfly.init<truncated_normal, 2.500000e-01 : f64>
  printAttribute(init);
  // CHECK-NEXT: init 1, kind 1, scale 0.25
  printf("init %d, kind %d, scale %g\n", pixelflyAttributeIsAInit(init),
         pixelflyInitAttrGetKind(init) == PixelflyInitKindTruncatedNormal,
         pixelflyInitAttrGetScale(init));
  MlirAttribute vectors =
      pixelflyInitAttrGetSingularVectorsChecked(location, 0.25, 48);
  // CHECK-NEXT: kind 1, scale 0.25, opposite 48, and 0 of others
  printf("kind %d, scale %g, opposite %d, and %d of others\n",
         pixelflyInitAttrGetKind(vectors) == PixelflyInitKindSingularVectors,
         pixelflyInitAttrGetScale(vectors),
         (int)pixelflyInitAttrGetOpposite(vectors),
         (int)pixelflyInitAttrGetOpposite(init));
  // CHECK-NEXT: error: (C1)
  // CHECK-NEXT: null 1
  printf("null %d\n", mlirAttributeIsNull(pixelflyInitAttrGetChecked(
                          location, PixelflyInitKindUniform, -1.0)));

  MlirAttribute pattern =
      pixelflyFlatButterflyAttrGetChecked(location, 16, 16, 8, 0, NULL, 0);
  MlirAttribute parameter = pixelflyParameterAttrGetChecked(
      location, string("fc1.weight"), init, true, pattern);
  // CHECK-NEXT: #pixelfly.parameter<name = "fc1.weight", init =
  // <truncated_normal, 2.500000e-01 : f64>, decay = true, pattern =
  // #pixelfly.flat_butterfly<{{.*}}>>
  printAttribute(parameter);
  // CHECK-NEXT: fc1.weight: parameter 1, init 1, decay 1, pattern 1
  printChunk(pixelflyParameterAttrGetName(parameter), NULL);
  printf(
      ": parameter %d, init %d, decay %d, pattern %d\n",
      pixelflyAttributeIsAParameter(parameter),
      mlirAttributeEqual(pixelflyParameterAttrGetInit(parameter), init),
      pixelflyParameterAttrGetDecay(parameter),
      mlirAttributeEqual(pixelflyParameterAttrGetPattern(parameter), pattern));
  MlirAttribute bias = pixelflyParameterAttrGetChecked(
      location, string("fc1.bias"), init, false, mlirAttributeGetNull());
  // CHECK-NEXT: without pattern 1
  printf("without pattern %d\n",
         mlirAttributeIsNull(pixelflyParameterAttrGetPattern(bias)));
  // CHECK-NEXT: error: (C2)
  // CHECK-NEXT: null 1
  printf("null %d\n", mlirAttributeIsNull(pixelflyParameterAttrGetChecked(
                          location, string("w"), init, true, init)));
  // CHECK-NEXT: pixelfly.parameter
  printChunk(pixelflyGetParameterAttrName(), NULL);
  printf("\n");
}

// A dense layer to the LLVM dialect, through a pipeline given by name.
// CHECK-LABEL: pipeline
static int testPipeline(MlirContext context) {
  printf("pipeline\n");
  const char *program =
      "func.func @model(%x: tensor<16x64xf32>, %w: tensor<64x64xf32> {\n"
      "    pixelfly.parameter = #pixelfly.parameter<name = \"fc.weight\",\n"
      "      init = #pixelfly.init<uniform, 0.1 : f64>, decay = true>})\n"
      "    -> tensor<16x64xf32> {\n"
      "  %zero = arith.constant 0.0 : f32\n"
      "  %empty = tensor.empty() : tensor<16x64xf32>\n"
      "  %fill = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x64xf32>)"
      "    -> tensor<16x64xf32>\n"
      "  %y = linalg.matmul\n"
      "    indexing_maps = [affine_map<(m, n, k) -> (m, k)>,\n"
      "      affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, "
      "n)>]\n"
      "    ins(%x, %w : tensor<16x64xf32>, tensor<64x64xf32>)\n"
      "    outs(%fill : tensor<16x64xf32>) -> tensor<16x64xf32>\n"
      "  return %y : tensor<16x64xf32>\n"
      "}\n";
  MlirModule module = mlirModuleCreateParse(context, string(program));
  if (mlirModuleIsNull(module))
    return 1;
  MlirOperation operation = mlirModuleGetOperation(module);

  MlirPassManager sparsify = mlirPassManagerCreate(context);
  MlirLogicalResult result = mlirOpPassManagerAddPipeline(
      mlirPassManagerGetAsOpPassManager(sparsify),
      string("pixelfly-sparsify{density=0.5 block=8}"), printChunk, NULL);
  if (mlirLogicalResultIsSuccess(result))
    result = mlirPassManagerRunOnOp(sparsify, operation);
  mlirPassManagerDestroy(sparsify);
  if (mlirLogicalResultIsFailure(result))
    return 1;
  // CHECK: pixelfly.linear ins({{.*}}) {{.*}} pattern #flat_butterfly
  mlirOperationPrint(operation, printChunk, NULL);

  MlirPassManager lower = mlirPassManagerCreate(context);
  result = mlirOpPassManagerAddPipeline(
      mlirPassManagerGetAsOpPassManager(lower), string("pixelfly-to-llvm"),
      printChunk, NULL);
  if (mlirLogicalResultIsSuccess(result))
    result = mlirPassManagerRunOnOp(lower, operation);
  mlirPassManagerDestroy(lower);
  if (mlirLogicalResultIsFailure(result))
    return 1;
  // CHECK: llvm.func @model(
  mlirOperationPrint(operation, printChunk, NULL);
  mlirModuleDestroy(module);
  // CHECK: done
  printf("done\n");
  return 0;
}

int main(void) {
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  pixelflyRegisterAllDialectsAndModels(registry);
  pixelflyRegisterAllPassesAndPipelines();
  MlirContext context =
      mlirContextCreateWithRegistry(registry, /*threadingEnabled=*/false);
  mlirDialectRegistryDestroy(registry);
  mlirContextAttachDiagnosticHandler(context, printDiagnostic, NULL, NULL);

  MlirLocation location = mlirLocationUnknownGet(context);
  testDialect(context);
  testFlatButterfly(location);
  testBlockMask(location);
  testMaskRule(context);
  testParameter(location);
  int status = testPipeline(context);
  mlirContextDestroy(context);
  return status;
}
