// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.route;

/// The unit of randomisation: a session if the client names one, otherwise the request itself.
/// Never the API key, because one client can be half of the traffic.
public sealed interface RandomizationUnit {
  /// A value below 1,000,000, uniformly distributed, fixed for a salt.
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
