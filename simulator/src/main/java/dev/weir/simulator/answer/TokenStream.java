// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

/// What a simulated model says to one prompt, token by token.
public interface TokenStream {
  /// How many tokens it takes to the end if no stop string comes first.
  int length();

  /// The next token; never called again after a piece that is the last.
  TokenPiece next();
}
