// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.List;

/// @param model the public name that clients send; unique across namespaces
/// @param backends where it goes; weights are relative
public record RouteSpec(String model, List<Backend> backends) {
  public RouteSpec {
    backends = List.copyOf(backends);
  }

  /// @param service a Service in the same namespace
  /// @param weight relative share, 0 (none) to 1000
  public record Backend(String service, @Default("1") int weight) {}
}
