// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.Optional;

/// Read-only request headers; names are case-insensitive.
@FunctionalInterface
public interface HeaderView {
  /// The first value of a header.
  Optional<String> first(String name);
}
