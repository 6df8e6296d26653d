// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.exchange;

import java.util.Optional;

/// A request's headers, read only; names are matched without regard to case.
@FunctionalInterface
public interface HeaderView {
  /// The first value under a name.
  Optional<String> first(String name);
}
