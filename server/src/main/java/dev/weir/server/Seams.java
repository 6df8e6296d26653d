// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.runtime.process.ProcessProviderOptions;
import java.util.function.UnaryOperator;

/// What a trial may put in place of what ships, so that it can end or mislead Weir at a place of its
/// choice. Nothing that a user types or configures comes here.
///
/// @param processes what the process provider is told of its surroundings
public record Seams(UnaryOperator<ProcessProviderOptions> processes) {
  /// What ships.
  public static final Seams NONE = new Seams(UnaryOperator.identity());
}
