// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pixelfly-choose-tiles

// Facts that no tile follows from.
// expected-error @below {{the target specification of device "CPU" is wrong: "vector_width_in_bits" must be a power of two from 128 to 8192, but is 0 : i64}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_width_in_bits" = 0 : i64>>} {
  func.func @f() { return }
}

// -----

// expected-error @below {{"vector_registers" must be an integer from 8 to 1024, but is "many"}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_registers" = "many">>} {
  func.func @f() { return }
}

// -----

// expected-error @below {{"L2_cache_size_in_bytes" must be an integer from 1024 to 1099511627776, but is -1 : i64}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"L2_cache_size_in_bytes" = -1 : i64>>} {
  func.func @f() { return }
}
