// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pixelfly-mark-parameters="parameters=arg0 inputs=arg1 outputs=loss,logits"

// expected-error @below {{there is no function 'model' with a body; name one with the option function}}
module {
  func.func @other() { return }
}

// -----

// expected-error @below {{parameters: no argument of @model matches 'arg0'; its arguments are }}
func.func @model() { return }

// -----

// expected-error @below {{argument 'arg0' of type 'tensor<?xf32>' cannot be a parameter; it must be a tensor of floats of static shape: dimension 0 is dynamic; write its size into the type}}
func.func @model(%arg0: tensor<?xf32>, %arg1: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>) {
  return %arg1, %arg1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// expected-error @below {{argument 'arg0' of type 'tensor<4xi32>' cannot be a parameter}}
func.func @model(%arg0: tensor<4xi32>, %arg1: tensor<4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>) {
  return %arg1, %arg1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// expected-error @below {{outputs: there are 2 names and 1 results}}
func.func @model(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) -> tensor<4xf32> {
  return %arg1 : tensor<4xf32>
}
