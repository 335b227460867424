// RUN: pixelfly-opt %s --pixelfly-fuse-elementwise --split-input-file | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>

// A chain of named operations becomes one loop nest.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME: %[[X:[^:]+]]: tensor<64x256xf32>, %[[Y:[^:]+]]: tensor<64x256xf32>, %[[B:.*]]: tensor<256xf32>)
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[Y]], %[[B]] :
// CHECK-NEXT: ^bb0(%[[IX:.*]]: f32, %[[IY:.*]]: f32, %[[IB:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[IX]], %[[IY]]
// CHECK-NEXT: %[[E:.*]] = math.exp %[[S]]
// CHECK-NEXT: %[[M:.*]] = arith.mulf %[[E]], %[[IB]]
// CHECK-NEXT: linalg.yield %[[M]]
// CHECK-NOT: linalg
// CHECK: return %[[R]]
func.func @chain(%x: tensor<64x256xf32>, %y: tensor<64x256xf32>, %b: tensor<256xf32>)
    -> tensor<64x256xf32> {
  %empty = tensor.empty() : tensor<64x256xf32>
  %0 = linalg.add ins(%x, %y : tensor<64x256xf32>, tensor<64x256xf32>)
                  outs(%empty : tensor<64x256xf32>) -> tensor<64x256xf32>
  %1 = linalg.map { math.exp } ins(%0 : tensor<64x256xf32>) outs(%empty : tensor<64x256xf32>)
  %2 = linalg.broadcast ins(%b : tensor<256xf32>) outs(%empty : tensor<64x256xf32>) dimensions = [0]
  %3 = linalg.mul ins(%1, %2 : tensor<64x256xf32>, tensor<64x256xf32>)
                  outs(%empty : tensor<64x256xf32>) -> tensor<64x256xf32>
  return %3 : tensor<64x256xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// A cheap value with two consumers is computed twice and never stored, also in a
// reduction; the smaller loop nest of the mean stays apart.
// CHECK-LABEL: func.func @normalize(
// CHECK-SAME: %[[X:[^:]+]]: tensor<2048x256xf32>, %[[SUM:.*]]: tensor<2048xf32>, %[[INVERSE:.*]]: tensor<2048xf32>)
// CHECK: %[[MEAN:.*]] = linalg.generic {{.*}} iterator_types = ["parallel"]} ins(%[[SUM]] :
// CHECK: %[[SQUARES:.*]] = linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "reduction"]
// CHECK-SAME: ins(%[[X]], %[[MEAN]] :
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[M:.*]]: f32, %[[ACC:.*]]: f32):
// CHECK-NEXT: %[[C:.*]] = arith.subf %[[A]], %[[M]]
// CHECK-NEXT: %[[Q:.*]] = arith.mulf %[[C]], %[[C]]
// CHECK-NEXT: arith.addf
// CHECK-NEXT: linalg.yield
// CHECK: %[[NORMAL:.*]] = linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "parallel"]
// CHECK-SAME: ins(%[[X]], %[[MEAN]], %[[INVERSE]] :
// CHECK: arith.subf
// CHECK-NEXT: arith.mulf
// CHECK-NEXT: linalg.yield
// CHECK-NOT: linalg
// CHECK: return %[[SQUARES]], %[[NORMAL]]
func.func @normalize(%x: tensor<2048x256xf32>, %sum: tensor<2048xf32>, %inverse: tensor<2048xf32>)
    -> (tensor<2048xf32>, tensor<2048x256xf32>) {
  %scale = arith.constant 3.90625e-03 : f32
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2048x256xf32>
  %row = tensor.empty() : tensor<2048xf32>
  %init = linalg.fill ins(%zero : f32) outs(%row : tensor<2048xf32>) -> tensor<2048xf32>
  %mean = linalg.map ins(%sum : tensor<2048xf32>) outs(%row : tensor<2048xf32>)
    (%in: f32, %out: f32) {
      %0 = arith.mulf %in, %scale : f32
      linalg.yield %0 : f32
    }
  %centered = linalg.generic {indexing_maps = [#id, #row, #id],
                              iterator_types = ["parallel", "parallel"]}
      ins(%x, %mean : tensor<2048x256xf32>, tensor<2048xf32>) outs(%empty : tensor<2048x256xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<2048x256xf32>
  %squares = linalg.mul ins(%centered, %centered : tensor<2048x256xf32>, tensor<2048x256xf32>)
                        outs(%empty : tensor<2048x256xf32>) -> tensor<2048x256xf32>
  %variance = linalg.reduce { arith.addf } ins(%squares : tensor<2048x256xf32>)
                                           outs(%init : tensor<2048xf32>) dimensions = [1]
  %normal = linalg.generic {indexing_maps = [#id, #row, #id],
                            iterator_types = ["parallel", "parallel"]}
      ins(%centered, %inverse : tensor<2048x256xf32>, tensor<2048xf32>) outs(%empty : tensor<2048x256xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %0 = arith.mulf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<2048x256xf32>
  return %variance, %normal : tensor<2048xf32>, tensor<2048x256xf32>
}

// -----

// Exponentials are not computed twice, roots not in a larger loop nest.
// CHECK-LABEL: func.func @expensive(
// CHECK-SAME: %[[X:[^:]+]]: tensor<64x256xf32>, %[[V:.*]]: tensor<64xf32>)
// CHECK: %[[E:.*]] = linalg.generic {{.*}} ins(%[[X]] :
// CHECK: math.exp
// CHECK: linalg.generic {{.*}} ins(%[[E]] :
// CHECK-NOT: math.exp
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[V]] :
// CHECK: math.rsqrt
// CHECK: linalg.generic {{.*}} ins(%[[E]], %[[R]] :
// CHECK-NOT: math.
// CHECK: return
func.func @expensive(%x: tensor<64x256xf32>, %v: tensor<64xf32>)
    -> (tensor<64xf32>, tensor<64x256xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<64x256xf32>
  %row = tensor.empty() : tensor<64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%row : tensor<64xf32>) -> tensor<64xf32>
  %e = linalg.exp ins(%x : tensor<64x256xf32>) outs(%empty : tensor<64x256xf32>) -> tensor<64x256xf32>
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<64x256xf32>) outs(%init : tensor<64xf32>) dimensions = [1]
  %root = linalg.rsqrt ins(%v : tensor<64xf32>) outs(%row : tensor<64xf32>) -> tensor<64xf32>
  %wide = linalg.broadcast ins(%root : tensor<64xf32>) outs(%empty : tensor<64x256xf32>) dimensions = [1]
  %scaled = linalg.mul ins(%e, %wide : tensor<64x256xf32>, tensor<64x256xf32>)
                       outs(%empty : tensor<64x256xf32>) -> tensor<64x256xf32>
  return %sum, %scaled : tensor<64xf32>, tensor<64x256xf32>
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 16, radices = [2], factors = 0>

// Products read what is stored; what they read is not computed a second time
// elsewhere unless its operands are read there anyway.
// CHECK-LABEL: func.func @products(
// CHECK-SAME: %[[X:[^:]+]]: tensor<64x32xf32>, %[[Y:[^:]+]]: tensor<64x32xf32>
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[Y]] :
// CHECK: arith.addf
// CHECK: linalg.matmul {{.*}}ins(%[[SUM]],
// CHECK: pixelfly.matmul ins(%[[SUM]],
// CHECK: linalg.generic {{.*}} ins(%[[SUM]] :
// CHECK: math.absf
// CHECK: linalg.generic {{.*}} ins(%[[X]], %[[Y]] :
// CHECK: arith.addf
// CHECK: arith.mulf
// CHECK: arith.mulf
// CHECK: return
func.func @products(%x: tensor<64x32xf32>, %y: tensor<64x32xf32>, %w: tensor<32x16xf32>,
                    %blocks: tensor<2x16x16xf32>, %o1: tensor<64x16xf32>, %o2: tensor<64x32xf32>)
    -> (tensor<64x16xf32>, tensor<64x32xf32>, tensor<64x32xf32>, tensor<64x32xf32>) {
  %empty = tensor.empty() : tensor<64x32xf32>
  %sum = linalg.add ins(%x, %y : tensor<64x32xf32>, tensor<64x32xf32>)
                    outs(%empty : tensor<64x32xf32>) -> tensor<64x32xf32>
  %a = linalg.matmul ins(%sum, %w : tensor<64x32xf32>, tensor<32x16xf32>)
                     outs(%o1 : tensor<64x16xf32>) -> tensor<64x16xf32>
  %b = pixelfly.matmul ins(%sum, %blocks : tensor<64x32xf32>, tensor<2x16x16xf32>)
                       outs(%o2 : tensor<64x32xf32>) pattern #p -> tensor<64x32xf32>
  %c = linalg.abs ins(%sum : tensor<64x32xf32>) outs(%empty : tensor<64x32xf32>) -> tensor<64x32xf32>
  %xy = linalg.mul ins(%x, %y : tensor<64x32xf32>, tensor<64x32xf32>)
                   outs(%empty : tensor<64x32xf32>) -> tensor<64x32xf32>
  %d = linalg.mul ins(%sum, %xy : tensor<64x32xf32>, tensor<64x32xf32>)
                  outs(%empty : tensor<64x32xf32>) -> tensor<64x32xf32>
  return %a, %b, %c, %d : tensor<64x16xf32>, tensor<64x32xf32>, tensor<64x32xf32>, tensor<64x32xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>

// Reshapes move to the products, whose shapes stay as they are.
// CHECK-LABEL: func.func @reshapes(
// CHECK-SAME: %[[X:[^:]+]]: tensor<4x16x32xf32>, %[[W:.*]]: tensor<32x32xf32>
// CHECK: %[[ROWS:.*]] = tensor.collapse_shape %[[X]]
// CHECK: %[[Y:.*]] = linalg.matmul ins(%[[ROWS]], %[[W]] : tensor<64x32xf32>, tensor<32x32xf32>)
// CHECK: %[[BACK:.*]] = tensor.expand_shape %[[Y]]
// CHECK: %[[R:.*]] = linalg.generic
// CHECK-SAME: ins(%[[BACK]], %{{.*}}, %[[X]] : tensor<4x16x32xf32>, tensor<32xf32>, tensor<4x16x32xf32>)
// CHECK: arith.addf
// CHECK-NEXT: arith.addf
// CHECK-NOT: linalg.generic
// CHECK: return %[[R]]
func.func @reshapes(%x: tensor<4x16x32xf32>, %w: tensor<32x32xf32>, %b: tensor<32xf32>,
                    %init: tensor<64x32xf32>) -> tensor<4x16x32xf32> {
  %empty = tensor.empty() : tensor<64x32xf32>
  %empty3 = tensor.empty() : tensor<4x16x32xf32>
  %rows = tensor.collapse_shape %x [[0, 1], [2]] : tensor<4x16x32xf32> into tensor<64x32xf32>
  %y = linalg.matmul ins(%rows, %w : tensor<64x32xf32>, tensor<32x32xf32>)
                     outs(%init : tensor<64x32xf32>) -> tensor<64x32xf32>
  %biased = linalg.generic {indexing_maps = [#id, #column, #id],
                            iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<64x32xf32>, tensor<32xf32>) outs(%empty : tensor<64x32xf32>) {
  ^bb0(%in: f32, %bias: f32, %out: f32):
    %0 = arith.addf %in, %bias : f32
    linalg.yield %0 : f32
  } -> tensor<64x32xf32>
  %tokens = tensor.expand_shape %biased [[0, 1], [2]] output_shape [4, 16, 32]
          : tensor<64x32xf32> into tensor<4x16x32xf32>
  %sum = linalg.add ins(%tokens, %x : tensor<4x16x32xf32>, tensor<4x16x32xf32>)
                    outs(%empty3 : tensor<4x16x32xf32>) -> tensor<4x16x32xf32>
  return %sum : tensor<4x16x32xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// Reading the old %p behind its update would need a copy of it.
// CHECK-LABEL: func.func @in_place(
// CHECK-SAME: %[[P:.*]]: tensor<256xf32>, %[[G:.*]]: tensor<256xf32>)
// CHECK: %[[OLD:.*]] = linalg.generic {{.*}} ins(%[[P]] :
// CHECK: linalg.generic {{.*}} ins(%[[G]] : tensor<256xf32>) outs(%[[P]] :
// CHECK: linalg.generic {{.*}} ins(%[[OLD]] :
func.func @in_place(%p: tensor<256xf32>, %g: tensor<256xf32>) -> (tensor<256xf32>, tensor<256xf32>) {
  %empty = tensor.empty() : tensor<256xf32>
  %old = linalg.add ins(%p, %p : tensor<256xf32>, tensor<256xf32>)
                    outs(%empty : tensor<256xf32>) -> tensor<256xf32>
  %new = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%g : tensor<256xf32>) outs(%p : tensor<256xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.subf %out, %in : f32
    linalg.yield %0 : f32
  } -> tensor<256xf32>
  %last = linalg.abs ins(%old : tensor<256xf32>) outs(%empty : tensor<256xf32>) -> tensor<256xf32>
  return %new, %last : tensor<256xf32>, tensor<256xf32>
}

// -----

// Fills and constants of one value become scalars.
// CHECK-LABEL: func.func @scalars(
// CHECK-SAME: %[[X:[^:]+]]: tensor<8xf32>)
// CHECK-DAG: %[[TWO:.*]] = arith.constant 2.000000e+00 : f32
// CHECK-DAG: %[[THREE:.*]] = arith.constant 3.000000e+00 : f32
// CHECK-NOT: linalg.fill
// CHECK: linalg.generic {{.*}} ins(%[[X]] : tensor<8xf32>)
// CHECK: arith.mulf %{{.*}}, %[[TWO]]
// CHECK: arith.mulf %{{.*}}, %[[THREE]]
func.func @scalars(%x: tensor<8xf32>) -> tensor<8xf32> {
  %empty = tensor.empty() : tensor<8xf32>
  %two = arith.constant 2.0 : f32
  %three = arith.constant dense<3.0> : tensor<8xf32>
  %fill = linalg.fill ins(%two : f32) outs(%empty : tensor<8xf32>) -> tensor<8xf32>
  %0 = linalg.mul ins(%x, %fill : tensor<8xf32>, tensor<8xf32>) outs(%empty : tensor<8xf32>) -> tensor<8xf32>
  %1 = linalg.mul ins(%0, %three : tensor<8xf32>, tensor<8xf32>) outs(%empty : tensor<8xf32>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

// -----

// Of dynamic shape: what has one use goes there.
// CHECK-LABEL: func.func @dynamic(
// CHECK: linalg.generic
// CHECK: arith.addf
// CHECK-NEXT: math.exp
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @dynamic(%x: tensor<?x8xf32>, %d: index) -> tensor<?x8xf32> {
  %empty = tensor.empty(%d) : tensor<?x8xf32>
  %0 = linalg.add ins(%x, %x : tensor<?x8xf32>, tensor<?x8xf32>) outs(%empty : tensor<?x8xf32>) -> tensor<?x8xf32>
  %1 = linalg.exp ins(%0 : tensor<?x8xf32>) outs(%empty : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %1 : tensor<?x8xf32>
}

// -----

// In a loop the value of the code in front of it would be computed many times;
// of dynamic shape and with two uses the gain is not known.
// CHECK-LABEL: func.func @declines(
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK: scf.for
// CHECK: linalg.generic
// CHECK-NOT: math.exp
// CHECK: scf.yield
// CHECK: linalg.generic
func.func @declines(%x: tensor<?xf32>, %init: tensor<f32>, %n: index)
    -> (tensor<?xf32>, tensor<f32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = linalg.exp ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>) -> tensor<?xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %x) -> tensor<?xf32> {
    %next = linalg.mul ins(%acc, %e : tensor<?xf32>, tensor<?xf32>) outs(%acc : tensor<?xf32>) -> tensor<?xf32>
    scf.yield %next : tensor<?xf32>
  }
  %sum = linalg.reduce { arith.addf } ins(%e : tensor<?xf32>) outs(%init : tensor<f32>) dimensions = [0]
  return %r, %sum : tensor<?xf32>, tensor<f32>
}
