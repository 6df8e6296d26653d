// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import java.util.Set;

/// Bytes that a client sends, and the allowed results: one answer, or a closed connection (0). No
/// request that is hidden in the bytes is carried out.
///
/// @param sent each character one byte
/// @param statuses of the answer
record ClientCase(String name, String sent, Set<Integer> statuses) {
  ClientCase {
    statuses = Set.copyOf(statuses);
  }

  static ClientCase of(String name, String sent, Integer... statuses) {
    return new ClientCase(name, sent, Set.of(statuses));
  }
}
