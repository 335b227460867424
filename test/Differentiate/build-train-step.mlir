// RUN: pixelfly-opt %s --pixelfly-build-train-step="weight-decay=0.25 clip-norm=2" \
// RUN:     --canonicalize --cse | FileCheck %s
// RUN: pixelfly-opt %s --pixelfly-build-train-step="optimizer=sgd momentum=0.5 weight-decay=0.25 clip-norm=0" \
// RUN:     --canonicalize --cse | FileCheck %s --check-prefix=SGD
// The updates happen in place, without a copy.
// RUN: pixelfly-opt %s --pixelfly-build-train-step --canonicalize \
// RUN:     --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:     --canonicalize | FileCheck %s --check-prefix=BUFFER

#weight = #pixelfly.parameter<name = "weight", init = <uniform, 0.1 : f64>, decay = true>
#gamma = #pixelfly.parameter<name = "gamma", init = <constant, 0.5 : f64>, decay = false>

// What the trainer does not see of the gradient function disappears with it.
// CHECK-NOT: func.func @model
// CHECK: func.func @train_step(
// CHECK-SAME: %[[W:[^:]+]]: tensor<4x3xf32> {pixelfly.parameter = #pixelfly.parameter<name = "weight"
// CHECK-SAME: %[[G:[^:]+]]: tensor<f32> {pixelfly.parameter = #pixelfly.parameter<name = "gamma"
// CHECK-SAME: %[[WM:[^:]+]]: tensor<4x3xf32> {pixelfly.optimizer_state = "first_moment"}
// CHECK-SAME: %[[GM:[^:]+]]: tensor<f32> {pixelfly.optimizer_state = "first_moment"}
// CHECK-SAME: %[[WV:[^:]+]]: tensor<4x3xf32> {pixelfly.optimizer_state = "second_moment"}
// CHECK-SAME: %[[GV:[^:]+]]: tensor<f32> {pixelfly.optimizer_state = "second_moment"}
// CHECK-SAME: %[[X:[^:]+]]: tensor<4x3xf32> {pixelfly.input = "x"}
// CHECK-SAME: %[[RATE:[^:]+]]: tensor<f32> {pixelfly.input = "learning_rate"}
// CHECK-SAME: %[[STEP:[^:]+]]: tensor<f32> {pixelfly.input = "step"})
// CHECK-SAME: -> (tensor<4x3xf32>, tensor<f32>, tensor<4x3xf32>, tensor<f32>, tensor<4x3xf32>, tensor<f32>,
// CHECK-SAME: tensor<f32> {pixelfly.output = "loss"}, tensor<f32> {pixelfly.output = "gradient_norm"},
// CHECK-SAME: tensor<4x3xf32> {pixelfly.output = "logits"})

// Constants of the scalar arithmetic, in the two precisions.
// CHECK-DAG: %[[BETA1:.*]] = arith.constant 0.899999976 : f32
// CHECK-DAG: %[[REST1:.*]] = arith.constant 1.000000e-01 : f32
// CHECK-DAG: %[[BETA2:.*]] = arith.constant 9.990000e-01 : f32
// CHECK-DAG: %[[REST2:.*]] = arith.constant 1.000000e-03 : f32
// CHECK-DAG: %[[EPSILON:.*]] = arith.constant 9.99999993E-9 : f32
// CHECK-DAG: %[[DECAY:.*]] = arith.constant 2.500000e-01 : f64
// CHECK-DAG: %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
// CHECK-DAG: %[[LIMIT:.*]] = arith.constant 2.000000e+00 : f32

// The norm: rows of the matrix apart, then the rows and the scalar together.
// CHECK: %[[ROWS:.*]] = linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "reduction"]
// CHECK-SAME: ins(%[[DW:.*]] : tensor<4x3xf32>)
// CHECK: arith.mulf %[[E:.*]], %[[E]] : f32
// CHECK: %[[SUM:.*]] = linalg.generic
// CHECK-SAME: ins(%[[ROWS]] : tensor<4xf32>)
// CHECK-NOT: arith.mulf
// CHECK: arith.addf
// CHECK: %[[SQUARES:.*]] = linalg.generic
// CHECK-SAME: ins(%[[DG:.*]] : tensor<f32>) outs(%[[SUM]] : tensor<f32>)
// CHECK: %[[SQUARE:.*]] = tensor.extract %[[SQUARES]][]
// CHECK: %[[NORM:.*]] = math.sqrt %[[SQUARE]]
// CHECK: %[[NORM0:.*]] = tensor.from_elements %[[NORM]]

// Clipping and bias correction: scalars, outside of every loop.
// CHECK: %[[RATIO:.*]] = arith.divf %[[LIMIT]], %[[NORM]]
// CHECK: %[[CLIP:.*]] = arith.minimumf %[[RATIO]]
// CHECK: math.powf %{{.*}} : f64
// CHECK: math.powf %{{.*}} : f64
// CHECK: %[[STEPSIZE:.*]] = arith.truncf
// CHECK: %[[SCALE:.*]] = arith.truncf
// CHECK: %[[LOST:.*]] = arith.mulf %{{.*}}, %[[DECAY]] : f64
// CHECK: %[[LEFT:.*]] = arith.subf %[[ONE]], %[[LOST]]
// CHECK: %[[KEEP:.*]] = arith.truncf %[[LEFT]]

// CHECK: %[[NEW:.*]]:3 = linalg.generic
// CHECK-SAME: ins(%[[DW]] : tensor<4x3xf32>) outs(%[[W]], %[[WM]], %[[WV]] :
// CHECK-NEXT: ^bb0(%[[DP:.*]]: f32, %[[P:.*]]: f32, %[[M:.*]]: f32, %[[V:.*]]: f32):
// CHECK-NEXT: %[[CLIPPED:.*]] = arith.mulf %[[DP]], %[[CLIP]]
// CHECK-NEXT: %[[DECAYED:.*]] = arith.mulf %[[P]], %[[KEEP]]
// CHECK-NEXT: %[[M0:.*]] = arith.mulf %[[M]], %[[BETA1]]
// CHECK-NEXT: %[[M1:.*]] = arith.mulf %[[CLIPPED]], %[[REST1]]
// CHECK-NEXT: %[[M2:.*]] = arith.addf %[[M0]], %[[M1]]
// CHECK-NEXT: %[[V0:.*]] = arith.mulf %[[V]], %[[BETA2]]
// CHECK-NEXT: %[[V1:.*]] = arith.mulf %[[CLIPPED]], %[[CLIPPED]]
// CHECK-NEXT: %[[V2:.*]] = arith.mulf %[[V1]], %[[REST2]]
// CHECK-NEXT: %[[V3:.*]] = arith.addf %[[V0]], %[[V2]]
// CHECK-NEXT: %[[R0:.*]] = math.sqrt %[[V3]]
// CHECK-NEXT: %[[R1:.*]] = arith.mulf %[[R0]], %[[SCALE]]
// CHECK-NEXT: %[[R2:.*]] = arith.addf %[[R1]], %[[EPSILON]]
// CHECK-NEXT: %[[Q0:.*]] = arith.divf %[[M2]], %[[R2]]
// CHECK-NEXT: %[[Q1:.*]] = arith.mulf %[[STEPSIZE]], %[[Q0]]
// CHECK-NEXT: %[[P1:.*]] = arith.subf %[[DECAYED]], %[[Q1]]
// CHECK-NEXT: linalg.yield %[[P1]], %[[M2]], %[[V3]]

// No decay of gamma.
// CHECK: %[[NEWG:.*]]:3 = linalg.generic
// CHECK-SAME: ins(%[[DG]] : tensor<f32>) outs(%[[G]], %[[GM]], %[[GV]] :
// CHECK-NOT: %[[KEEP]]
// CHECK: return %[[NEW]]#0, %[[NEWG]]#0, %[[NEW]]#1, %[[NEWG]]#1, %[[NEW]]#2, %[[NEWG]]#2,
// CHECK-SAME: %{{.*}}, %[[NORM0]], %{{.*}} :

// CHECK: func.func @evaluate(
// CHECK-SAME: pixelfly.parameter = #pixelfly.parameter<name = "weight"
// CHECK-SAME: pixelfly.parameter = #pixelfly.parameter<name = "gamma"
// CHECK-SAME: {pixelfly.input = "x"})
// CHECK-SAME: -> (tensor<4xf32> {pixelfly.output = "losses"}, tensor<4x3xf32> {pixelfly.output = "logits"})
// The mean over the batch is not computed.
// CHECK-NOT: reduction
// CHECK: return

// SGD: func.func @train_step(
// SGD-SAME: %[[W:[^:]+]]: tensor<4x3xf32> {pixelfly.parameter
// SGD-SAME: %[[G:[^:]+]]: tensor<f32> {pixelfly.parameter
// SGD-SAME: %[[WU:[^:]+]]: tensor<4x3xf32> {pixelfly.optimizer_state = "velocity"}
// SGD-SAME: %[[GU:[^:]+]]: tensor<f32> {pixelfly.optimizer_state = "velocity"}
// SGD-SAME: %[[RATE0:[^:]+]]: tensor<f32> {pixelfly.input = "learning_rate"}
// SGD-DAG: %[[MOMENTUM:.*]] = arith.constant 5.000000e-01 : f32
// SGD-DAG: %[[DECAY:.*]] = arith.constant 2.500000e-01 : f32
// SGD: %[[RATE:.*]] = tensor.extract %[[RATE0]][]
// SGD-NOT: minimumf
// SGD: %[[NEW:.*]]:2 = linalg.generic {{.*}} outs(%[[W]], %[[WU]] :
// SGD-NEXT: ^bb0(%[[DP:.*]]: f32, %[[P:.*]]: f32, %[[U:.*]]: f32):
// SGD-NEXT: %[[D0:.*]] = arith.mulf %[[P]], %[[DECAY]]
// SGD-NEXT: %[[D1:.*]] = arith.addf %[[DP]], %[[D0]]
// SGD-NEXT: %[[U0:.*]] = arith.mulf %[[U]], %[[MOMENTUM]]
// SGD-NEXT: %[[U1:.*]] = arith.addf %[[U0]], %[[D1]]
// SGD-NEXT: %[[Q:.*]] = arith.mulf %[[RATE]], %[[U1]]
// SGD-NEXT: %[[P1:.*]] = arith.subf %[[P]], %[[Q]]
// SGD-NEXT: linalg.yield %[[P1]], %[[U1]]
// SGD: %{{.*}}:2 = linalg.generic {{.*}} outs(%[[G]], %[[GU]] :
// SGD-NEXT: ^bb0(%[[DP:.*]]: f32, %[[P:.*]]: f32, %[[U:.*]]: f32):
// SGD-NEXT: arith.mulf %[[U]], %[[MOMENTUM]]

// BUFFER: func.func @train_step(%[[W:[^:]+]]: memref<4x3xf32>
// BUFFER-SAME: %[[G:[^:]+]]: memref<f32> {pixelfly.parameter
// BUFFER-SAME: %[[WM:[^:]+]]: memref<4x3xf32> {pixelfly.optimizer_state
// BUFFER-SAME: %[[GM:[^:]+]]: memref<f32> {pixelfly.optimizer_state
// BUFFER-SAME: %[[WV:[^:]+]]: memref<4x3xf32> {pixelfly.optimizer_state
// BUFFER-SAME: %[[GV:[^:]+]]: memref<f32> {pixelfly.optimizer_state
// BUFFER-NOT: memref.copy
// BUFFER: outs(%[[W]], %[[WM]], %[[WV]] :
// BUFFER: outs(%[[G]], %[[GM]], %[[GV]] :
// BUFFER: return %[[W]], %[[G]], %[[WM]], %[[GM]], %[[WV]], %[[GV]],

func.func @model(%weight: tensor<4x3xf32> {pixelfly.parameter = #weight},
                 %gamma: tensor<f32> {pixelfly.parameter = #gamma},
                 %x: tensor<4x3xf32> {pixelfly.input = "x"})
    -> (tensor<f32> {pixelfly.output = "loss"},
        tensor<4xf32> {pixelfly.output = "losses"},
        tensor<4x3xf32> {pixelfly.output = "logits"}) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x3xf32>
  %logits = linalg.mul ins(%weight, %x : tensor<4x3xf32>, tensor<4x3xf32>)
                       outs(%empty : tensor<4x3xf32>) -> tensor<4x3xf32>
  %losses = tensor.extract_slice %logits[0, 0] [4, 1] [1, 1]
          : tensor<4x3xf32> to tensor<4xf32>
  %empty0 = tensor.empty() : tensor<f32>
  %zero0 = linalg.fill ins(%zero : f32) outs(%empty0 : tensor<f32>) -> tensor<f32>
  %loss = linalg.reduce { arith.addf } ins(%losses : tensor<4xf32>)
                                       outs(%zero0 : tensor<f32>) dimensions = [0]
  return %loss, %losses, %logits : tensor<f32>, tensor<4xf32>, tensor<4x3xf32>
}

func.func @model_gradient(%weight: tensor<4x3xf32>, %gamma: tensor<f32>,
                          %x: tensor<4x3xf32>)
    -> (tensor<f32>, tensor<4xf32>, tensor<4x3xf32>, tensor<4x3xf32>, tensor<f32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x3xf32>
  %logits = linalg.mul ins(%weight, %x : tensor<4x3xf32>, tensor<4x3xf32>)
                       outs(%empty : tensor<4x3xf32>) -> tensor<4x3xf32>
  %losses = tensor.extract_slice %logits[0, 0] [4, 1] [1, 1]
          : tensor<4x3xf32> to tensor<4xf32>
  %empty0 = tensor.empty() : tensor<f32>
  %zero0 = linalg.fill ins(%zero : f32) outs(%empty0 : tensor<f32>) -> tensor<f32>
  %loss = linalg.reduce { arith.addf } ins(%losses : tensor<4xf32>)
                                       outs(%zero0 : tensor<f32>) dimensions = [0]
  %dw = linalg.exp ins(%x : tensor<4x3xf32>) outs(%empty : tensor<4x3xf32>) -> tensor<4x3xf32>
  %dg = linalg.exp ins(%gamma : tensor<f32>) outs(%empty0 : tensor<f32>) -> tensor<f32>
  return %loss, %losses, %logits, %dw, %dg
      : tensor<f32>, tensor<4xf32>, tensor<4x3xf32>, tensor<4x3xf32>, tensor<f32>
}
