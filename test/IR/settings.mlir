// RUN: pixelfly-opt %s --verify-roundtrip | FileCheck %s

// What a model schema says beyond the model.
// CHECK-DAG: #[[ADAMW:.*]] = #pixelfly.adamw<beta1 = 9.000000e-01 : f64, beta2 = 8.750000e-01 : f64, epsilon = 1.000000e-08 : f64, weight_decay = 1.000000e-02 : f64, clip_norm = 1.000000e+00 : f64>
// CHECK-DAG: #[[SPARSE:.*]] = #pixelfly.sparse<density = 2.500000e-01 : f64, block = 32, low_rank_share = 5.000000e-01 : f64>
// CHECK-DAG: #[[MIX:.*]] = #pixelfly.sparse<density = 2.500000e-01 : f64, block = 32, low_rank_share = 5.000000e-01 : f64, mix = gate, init = authors_vit>
// CHECK-DAG: #[[TRAINING:.*]] = #pixelfly.training<learning_rate = 1.000000e-03 : f64, epochs = 3, warmup_epochs = 3.000000e-01 : f64, schedule = cosine>
// CHECK-DAG: #[[SGD:.*]] = #pixelfly.sgd<momentum = 9.000000e-01 : f64, weight_decay = 0.000000e+00 : f64, clip_norm = 0.000000e+00 : f64>
// CHECK: module @adamw attributes {pixelfly.optimizer = #[[ADAMW]], pixelfly.sparse = #[[SPARSE]], pixelfly.training = #[[TRAINING]]}
module @adamw attributes {
    pixelfly.optimizer = #pixelfly.adamw<beta1 = 0.9, beta2 = 0.875, epsilon = 1.0e-8,
                                         weight_decay = 0.01, clip_norm = 1.0>,
    pixelfly.sparse = #pixelfly.sparse<density = 0.25, block = 32, low_rank_share = 0.5>,
    pixelfly.training = #pixelfly.training<learning_rate = 1.0e-3, epochs = 3,
                                           warmup_epochs = 0.3, schedule = cosine>} {
}

// CHECK: module @sgd attributes {pixelfly.optimizer = #[[SGD]]}
module @sgd attributes {
    pixelfly.optimizer = #pixelfly.sgd<momentum = 0.9, weight_decay = 0.0, clip_norm = 0.0>} {
}

// What is left out is not printed; what is given is, in whatever order it stood.
// CHECK: module @mix attributes {pixelfly.sparse = #[[MIX]]}
module @mix attributes {
    pixelfly.sparse = #pixelfly.sparse<init = authors_vit, density = 0.25, mix = gate,
                                       block = 32, low_rank_share = 0.5>} {
}
