// RUN: pixelfly-opt %s --split-input-file --pixelfly-differentiate="function=f result=0 arguments=0" \
// RUN:     --cse | FileCheck %s

// Reshapes go back the way they came.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: tensor<1x1xf32>)
// CHECK: %[[ONE:.*]] = arith.constant 1.0{{.*}} : f32
// CHECK: %[[ZEROS:.*]] = linalg.fill
// CHECK: %[[D:.*]] = tensor.insert %[[ONE]] into %[[ZEROS]][]
// CHECK: %[[DX:.*]] = tensor.expand_shape %[[D]] [] output_shape [1, 1] : tensor<f32> into tensor<1x1xf32>
// CHECK: return %{{.*}}, %[[DX]]
func.func @f(%x: tensor<1x1xf32>) -> f32 {
  %0 = tensor.collapse_shape %x [] : tensor<1x1xf32> into tensor<f32>
  %y = tensor.extract %0[] : tensor<f32>
  return %y : f32
}

// -----

// Dynamic extents are taken from the operand.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: tensor<?x4xf32>, %[[I:[^:]+]]: index)
// CHECK: %[[D:.*]] = tensor.insert
// CHECK: %[[SIZE:.*]] = tensor.dim %[[X]], %{{.*}} : tensor<?x4xf32>
// CHECK: %[[DX:.*]] = tensor.expand_shape %[[D]] {{\[}}[0, 1]] output_shape [%[[SIZE]], 4] : tensor<?xf32> into tensor<?x4xf32>
// CHECK: return %{{.*}}, %[[DX]]
func.func @f(%x: tensor<?x4xf32>, %i: index) -> f32 {
  %0 = tensor.collapse_shape %x [[0, 1]] : tensor<?x4xf32> into tensor<?xf32>
  %y = tensor.extract %0[%i] : tensor<?xf32>
  return %y : f32
}

// -----

// A slice goes back into zeros, at the same place.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: tensor<6x5xf32>, %[[I:[^:]+]]: index)
// CHECK: %[[D:.*]] = tensor.insert %{{.*}} : tensor<2x3xf32>
// CHECK: %[[ZEROS:.*]] = linalg.fill {{.*}} -> tensor<6x5xf32>
// CHECK: %[[DX:.*]] = tensor.insert_slice %[[D]] into %[[ZEROS]][1, %[[I]]] [2, 3] [2, 1]
// CHECK: return %{{.*}}, %[[DX]]
func.func @f(%x: tensor<6x5xf32>, %i: index) -> f32 {
  %c1 = arith.constant 1 : index
  %0 = tensor.extract_slice %x[1, %i] [2, 3] [2, 1]
      : tensor<6x5xf32> to tensor<2x3xf32>
  %y = tensor.extract %0[%c1, %c1] : tensor<2x3xf32>
  return %y : f32
}

// -----

// What was inserted gets its slice; what it went into gets zeros there.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: tensor<6x5xf32>)
// CHECK: %[[D:.*]] = tensor.insert %{{.*}} : tensor<6x5xf32>
// CHECK: %[[PART:.*]] = tensor.extract_slice %[[D]][1, 2] [2, 3] [1, 1]
// CHECK: %[[ZEROS:.*]] = linalg.fill {{.*}} -> tensor<2x3xf32>
// CHECK: %[[REST:.*]] = tensor.insert_slice %[[ZEROS]] into %[[D]][1, 2] [2, 3] [1, 1]
// CHECK: %[[BACK:.*]] = tensor.insert_slice %[[PART]] into %{{.*}}[0, 0] [2, 3] [1, 1]
// CHECK: linalg.generic {{.*}} ins(%[[REST]], %[[BACK]]
func.func @f(%x: tensor<6x5xf32>) -> f32 {
  %c1 = arith.constant 1 : index
  %part = tensor.extract_slice %x[0, 0] [2, 3] [1, 1]
      : tensor<6x5xf32> to tensor<2x3xf32>
  %0 = tensor.insert_slice %part into %x[1, 2] [2, 3] [1, 1]
      : tensor<2x3xf32> into tensor<6x5xf32>
  %y = tensor.extract %0[%c1, %c1] : tensor<6x5xf32>
  return %y : f32
}

// -----

// The adjoint of the padding is dropped.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK: %[[D:.*]] = tensor.insert %{{.*}} : tensor<5x4xf32>
// CHECK: %[[DX:.*]] = tensor.extract_slice %[[D]][1, 0] [2, 3] [1, 1] : tensor<5x4xf32> to tensor<2x3xf32>
// CHECK: return %{{.*}}, %[[DX]]
func.func @f(%x: tensor<2x3xf32>) -> f32 {
  %c0 = arith.constant 0.0 : f32
  %c1 = arith.constant 1 : index
  %0 = tensor.pad %x low[1, 0] high[2, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %c0 : f32
  } : tensor<2x3xf32> to tensor<5x4xf32>
  %y = tensor.extract %0[%c1, %c1] : tensor<5x4xf32>
  return %y : f32
}

// -----

// Each operand of a concatenation gets its part.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK: %[[D:.*]] = tensor.insert %{{.*}} : tensor<2x5xf32>
// CHECK: %[[DX:.*]] = tensor.extract_slice %[[D]][0, 2] [2, 3] [1, 1] : tensor<2x5xf32> to tensor<2x3xf32>
// CHECK: return %{{.*}}, %[[DX]]
func.func @f(%x: tensor<2x3xf32>, %z: tensor<2x2xf32>) -> f32 {
  %c1 = arith.constant 1 : index
  %0 = tensor.concat dim(1) %z, %x
      : (tensor<2x2xf32>, tensor<2x3xf32>) -> tensor<2x5xf32>
  %y = tensor.extract %0[%c1, %c1] : tensor<2x5xf32>
  return %y : f32
}

// -----

// A splat's adjoint is a sum.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: f32)
// CHECK: %[[SPLAT:.*]] = tensor.insert %{{.*}} : tensor<4xf32>
// CHECK: linalg.generic
// CHECK-SAME: iterator_types = ["reduction"]
// CHECK-SAME: ins(%[[SPLAT]] : tensor<4xf32>)
// CHECK: %[[SUM:.*]] = tensor.extract %{{.*}}[] : tensor<f32>
// CHECK: return %{{.*}}, %[[SUM]]
func.func @f(%x: f32) -> f32 {
  %c1 = arith.constant 1 : index
  %0 = tensor.splat %x : tensor<4xf32>
  %y = tensor.extract %0[%c1] : tensor<4xf32>
  return %y : f32
}

// -----

// Row-major order gives the element of each operand.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: f32, %[[A:[^:]+]]: f32)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK: %[[D:.*]] = tensor.insert %{{.*}} : tensor<2x2xf32>
// CHECK: %[[DX:.*]] = tensor.extract %[[D]][%[[C1]], %[[C0]]] : tensor<2x2xf32>
// CHECK: return %{{.*}}, %[[DX]]
func.func @f(%x: f32, %a: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = tensor.from_elements %a, %a, %x, %a : tensor<2x2xf32>
  %y = tensor.extract %0[%c1, %c0] : tensor<2x2xf32>
  return %y : f32
}
