// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

/// What is randomised: a session where the caller names one, else the request itself. Never the API
/// key: one client can be half of the traffic.
public sealed interface RandomizationUnit {
  /// Below 1,000,000, even, fixed for a salt.
  int millionths(String salt);

  record Session(String name) implements RandomizationUnit {
    @Override
    public int millionths(String salt) {
      return UnitHash.millionths(salt, name);
    }
  }

  /// @param draw 64 random bits
  record Lone(long draw) implements RandomizationUnit {
    @Override
    public int millionths(String salt) {
      return UnitHash.millionths(salt, draw);
    }
  }
}
