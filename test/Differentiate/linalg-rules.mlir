// RUN: pixelfly-opt %s --split-input-file --pixelfly-differentiate="function=f result=0 arguments=0,1" \
// RUN:     --canonicalize --cse | FileCheck %s

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
#scalar = affine_map<(m, n) -> ()>

// The adjoints of a contraction are contractions of two operands over the same
// iteration space: nothing is transposed, no other operand is read.
// CHECK-DAG: #[[MK:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[NK:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[MN:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x4xf32>, %[[W:[^:]+]]: tensor<8x4xf32>, %[[T:[^:]+]]: tensor<2x8xf32>
// CHECK: linalg.matmul
// CHECK: %[[LOSS:.*]] = linalg.generic
// CHECK: %[[DY:.*]] = linalg.generic
// CHECK-SAME: ins(%{{.*}}, %[[T]]
// CHECK: %[[DX:.*]] = linalg.generic
// CHECK-SAME: indexing_maps = [#[[MN]], #[[NK]], #[[MK]]]
// CHECK-SAME: iterator_types = ["parallel", "reduction", "parallel"]
// CHECK-SAME: ins(%[[DY]], %[[W]] : tensor<2x8xf32>, tensor<8x4xf32>)
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[OUT:.*]]: f32):
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[A]], %[[B]]
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[OUT]], %[[P]]
// CHECK-NEXT: linalg.yield %[[S]]
// CHECK: %[[DW:.*]] = linalg.generic
// CHECK-SAME: indexing_maps = [#[[MN]], #[[MK]], #[[NK]]]
// CHECK-SAME: iterator_types = ["reduction", "parallel", "parallel"]
// CHECK-SAME: ins(%[[DY]], %[[X]] : tensor<2x8xf32>, tensor<2x4xf32>)
// CHECK: return %[[LOSS]], %[[DX]], %[[DW]]
func.func @f(%x: tensor<2x4xf32>, %w: tensor<8x4xf32>, %t: tensor<2x8xf32>)
    -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<2x8xf32>
  %zero0 = arith.constant dense<0.0> : tensor<f32>
  %y = linalg.matmul indexing_maps = [#x, #w, #y]
         ins(%x, %w : tensor<2x4xf32>, tensor<8x4xf32>)
         outs(%zero : tensor<2x8xf32>) -> tensor<2x8xf32>
  %loss = linalg.generic {
    indexing_maps = [#id, #id, #scalar],
    iterator_types = ["reduction", "reduction"]}
    ins(%y, %t : tensor<2x8xf32>, tensor<2x8xf32>)
    outs(%zero0 : tensor<f32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %out, %p : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

#id = affine_map<(m, n) -> (m, n)>
#m = affine_map<(m, n) -> (m)>
#n = affine_map<(m, n) -> (n)>
#scalar = affine_map<(m, n) -> ()>

// A function of the math dialect is not computed again where its result is at
// hand; the adjoint that x gets needs neither x nor s.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x8xf32>, %[[S:[^:]+]]: tensor<8xf32>
// CHECK: %[[Y:.*]] = linalg.generic
// CHECK: math.exp
// CHECK: %[[LOSS:.*]] = linalg.generic
// CHECK: %[[DY:.*]] = linalg.generic
// CHECK-NOT: math.exp
// CHECK: %[[DX:.*]] = linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "parallel"]
// CHECK-SAME: ins(%[[DY]], %[[Y]] : tensor<2x8xf32>, tensor<2x8xf32>)
// The sums of x's adjoint are s's.
// CHECK: %[[DS:.*]] = linalg.generic
// CHECK-SAME: iterator_types = ["reduction", "parallel"]
// CHECK-SAME: ins(%[[DX]] : tensor<2x8xf32>)
// CHECK: return %[[LOSS]], %[[DX]], %[[DS]]
func.func @f(%x: tensor<2x8xf32>, %s: tensor<8xf32>) -> tensor<f32> {
  %e = tensor.empty() : tensor<2x8xf32>
  %zero0 = arith.constant dense<0.0> : tensor<f32>
  %y = linalg.generic {
    indexing_maps = [#id, #n, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x, %s : tensor<2x8xf32>, tensor<8xf32>) outs(%e : tensor<2x8xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %p = arith.addf %a, %b : f32
    %q = math.exp %p : f32
    linalg.yield %q : f32
  } -> tensor<2x8xf32>
  %loss = linalg.generic {
    indexing_maps = [#id, #scalar],
    iterator_types = ["reduction", "reduction"]}
    ins(%y : tensor<2x8xf32>) outs(%zero0 : tensor<f32>) {
  ^bb0(%a: f32, %out: f32):
    %p = arith.mulf %a, %a : f32
    %q = arith.addf %out, %p : f32
    linalg.yield %q : f32
  } -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

#id = affine_map<(m, n) -> (m, n)>
#m = affine_map<(m, n) -> (m)>
#v = affine_map<(m) -> (m)>
#v0 = affine_map<(m) -> ()>

// The maximum's adjoint goes to the elements that are the maximum, and to the
// init where that is.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x8xf32>, %[[INIT:[^:]+]]: tensor<2xf32>
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0.0{{.*}} : f32
// CHECK: %[[Y:.*]] = linalg.generic
// CHECK: arith.maximumf
// CHECK: %[[LOSS:.*]] = linalg.generic
// CHECK: %[[DY:.*]] = linalg.generic
// CHECK: %[[DINIT:.*]] = linalg.generic
// CHECK-SAME: ins(%[[DY]], %[[INIT]], %[[Y]]
// CHECK-NEXT: ^bb0(%[[D:[^:]*]]: f32, %[[A:[^:]*]]: f32, %[[B:[^:]*]]: f32
// CHECK-NEXT: %[[C:.*]] = arith.cmpf oeq, %[[A]], %[[B]]
// CHECK-NEXT: arith.select %[[C]], %[[D]], %[[ZERO]]
// CHECK: %[[DX:.*]] = linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "parallel"]
// CHECK-SAME: ins(%[[DY]], %[[X]], %[[Y]] : tensor<2xf32>, tensor<2x8xf32>, tensor<2xf32>)
// CHECK-NEXT: ^bb0(%[[D:[^:]*]]: f32, %[[A:[^:]*]]: f32, %[[B:[^:]*]]: f32
// CHECK-NEXT: %[[C:.*]] = arith.cmpf oeq, %[[A]], %[[B]]
// CHECK-NEXT: arith.select %[[C]], %[[D]], %[[ZERO]]
// CHECK: return %[[LOSS]], %[[DX]], %[[DINIT]]
func.func @f(%x: tensor<2x8xf32>, %init: tensor<2xf32>) -> tensor<f32> {
  %zero0 = arith.constant dense<0.0> : tensor<f32>
  %y = linalg.generic {
    indexing_maps = [#id, #m], iterator_types = ["parallel", "reduction"]}
    ins(%x : tensor<2x8xf32>) outs(%init : tensor<2xf32>) {
  ^bb0(%a: f32, %out: f32):
    %p = arith.maximumf %a, %out : f32
    linalg.yield %p : f32
  } -> tensor<2xf32>
  %loss = linalg.generic {
    indexing_maps = [#v, #v0], iterator_types = ["reduction"]}
    ins(%y : tensor<2xf32>) outs(%zero0 : tensor<f32>) {
  ^bb0(%a: f32, %out: f32):
    %p = arith.mulf %a, %a : f32
    %q = arith.addf %out, %p : f32
    linalg.yield %q : f32
  } -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

#in = affine_map<(i, j) -> (j, i)>
#id = affine_map<(i, j) -> (i, j)>
#s = affine_map<(i, j) -> ()>

// Without reductions the adjoint is written in order: the loops are exchanged,
// and the index with them. The adjoint of an operand that is only added to is
// the result's own.
// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[T:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: tensor<4x2xf32>, %[[Y:[^:]+]]: tensor<2x4xf32>
// CHECK: %[[LOSS:.*]] = linalg.generic
// CHECK: arith.addf
// CHECK: %[[LOSS:.*]] = linalg.generic
// CHECK: %[[DY:.*]] = linalg.generic
// CHECK: %[[DX:.*]] = linalg.generic
// CHECK-SAME: indexing_maps = [#[[T]], #[[ID]]]
// CHECK-SAME: ins(%[[DY]] : tensor<2x4xf32>)
// CHECK-NEXT: ^bb0
// CHECK-NEXT: linalg.index 0 : index
// CHECK: return %[[LOSS]], %[[DX]], %[[DY]]
func.func @f(%x: tensor<4x2xf32>, %y: tensor<2x4xf32>) -> tensor<f32> {
  %e = tensor.empty() : tensor<2x4xf32>
  %zero0 = arith.constant dense<0.0> : tensor<f32>
  %0 = linalg.generic {
    indexing_maps = [#in, #id, #id], iterator_types = ["parallel", "parallel"]}
    ins(%x, %y : tensor<4x2xf32>, tensor<2x4xf32>)
    outs(%e : tensor<2x4xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %j = linalg.index 1 : index
    %k = arith.index_cast %j : index to i32
    %l = arith.sitofp %k : i32 to f32
    %p = arith.mulf %a, %l : f32
    %q = arith.addf %p, %b : f32
    linalg.yield %q : f32
  } -> tensor<2x4xf32>
  %loss = linalg.generic {
    indexing_maps = [#id, #s], iterator_types = ["reduction", "reduction"]}
    ins(%0 : tensor<2x4xf32>) outs(%zero0 : tensor<f32>) {
  ^bb0(%a: f32, %out: f32):
    %p = arith.mulf %a, %a : f32
    %q = arith.addf %out, %p : f32
    linalg.yield %q : f32
  } -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
#s = affine_map<(m, n) -> ()>

// bf16 operands, f32 sums: the adjoints are summed in f32, too, and converted
// once at the end.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x4xbf16>, %[[W:[^:]+]]: tensor<8x4xbf16>
// CHECK: linalg.matmul
// CHECK: %[[LOSS:.*]] = linalg.generic
// CHECK: %[[DY:.*]] = linalg.generic
// CHECK: %[[SUM:.*]] = linalg.generic
// CHECK-SAME: ins(%[[DY]], %[[W]] : tensor<2x8xf32>, tensor<8x4xbf16>)
// CHECK-SAME: outs(%{{.*}} : tensor<2x4xf32>)
// CHECK-NOT: arith.truncf
// CHECK: %[[DX:.*]] = linalg.generic
// CHECK-SAME: ins(%[[SUM]] : tensor<2x4xf32>) outs(%{{.*}} : tensor<2x4xbf16>)
// CHECK: arith.truncf
// CHECK: return %[[LOSS]], %[[DX]], %{{.*}} : tensor<f32>, tensor<2x4xbf16>, tensor<8x4xbf16>
func.func @f(%x: tensor<2x4xbf16>, %w: tensor<8x4xbf16>) -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<2x8xf32>
  %zero0 = arith.constant dense<0.0> : tensor<f32>
  %0 = linalg.matmul indexing_maps = [#x, #w, #y]
         ins(%x, %w : tensor<2x4xbf16>, tensor<8x4xbf16>)
         outs(%zero : tensor<2x8xf32>) -> tensor<2x8xf32>
  %loss = linalg.generic {
    indexing_maps = [#id, #s], iterator_types = ["reduction", "reduction"]}
    ins(%0 : tensor<2x8xf32>) outs(%zero0 : tensor<f32>) {
  ^bb0(%a: f32, %out: f32):
    %p = arith.mulf %a, %a : f32
    %q = arith.addf %out, %p : f32
    linalg.yield %q : f32
  } -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

#t = affine_map<(t, d) -> (t)>
#td = affine_map<(t, d) -> (t, d)>
#none = affine_map<(t, d) -> ()>

// A read at a computed place among other arithmetic becomes a gather of its
// own; its adjoint adds rows to a table in the order of the tokens.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[TABLE:[^:]+]]: tensor<9x4xf32>, %[[X:[^:]+]]: tensor<6x4xf32>, %[[IDS:[^:]+]]: tensor<6xi32>
// CHECK: %[[ROWS:.*]] = linalg.generic
// CHECK-SAME: ins(%[[IDS]] : tensor<6xi32>)
// CHECK: tensor.extract %[[TABLE]]
// CHECK-NEXT: linalg.yield
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[IDS]], %[[X]], %[[ROWS]] :
// CHECK-NOT: tensor.extract
// CHECK: %[[D:[^ ]+]] = linalg.generic {{.*}} ins(%{{[^,]*}}, %[[X]] :
// CHECK: %[[ZEROS:.*]] = linalg.fill {{.*}} -> tensor<9x4xf32>
// CHECK: scf.for %[[I:.*]] = %c0 to %c6 step %c1 iter_args(%[[SUM:.*]] = %[[ZEROS]])
// CHECK: %[[ID:.*]] = tensor.extract %[[IDS]][%[[I]]]
// CHECK: %[[ROW:.*]] = arith.index_cast %[[ID]]
// CHECK: %[[FROM:.*]] = tensor.extract_slice %[[D]][%[[I]], 0] [1, 4] [1, 1]
// CHECK: %[[TO:.*]] = tensor.extract_slice %[[SUM]][%[[ROW]], 0] [1, 4] [1, 1]
// CHECK: %[[ADDED:.*]] = linalg.generic {{.*}} ins(%[[FROM]] : tensor<4xf32>) outs(%[[TO]] : tensor<4xf32>)
// CHECK: %[[NEXT:.*]] = tensor.insert_slice %[[ADDED]] into %[[SUM]][%[[ROW]], 0] [1, 4] [1, 1]
// CHECK: scf.yield %[[NEXT]]
func.func @f(%table: tensor<9x4xf32>, %x: tensor<6x4xf32>, %ids: tensor<6xi32>)
    -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %loss = linalg.generic {
    indexing_maps = [#t, #td, #none],
    iterator_types = ["reduction", "reduction"]}
    ins(%ids, %x : tensor<6xi32>, tensor<6x4xf32>) outs(%zero : tensor<f32>) {
  ^bb0(%id: i32, %a: f32, %out: f32):
    %row = arith.index_cast %id : i32 to index
    %column = linalg.index 1 : index
    %b = tensor.extract %table[%row, %column] : tensor<9x4xf32>
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %out, %p : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  return %loss : tensor<f32>
}
