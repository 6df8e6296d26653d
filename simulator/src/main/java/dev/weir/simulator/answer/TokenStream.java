// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

/// The answer of a simulated model to one prompt, token by token.
public interface TokenStream {
  /// The number of tokens until the end, unless a stop string ends it earlier.
  int length();

  /// The next token; must not be called after the last piece.
  TokenPiece next();
}
