// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import java.util.Set;

/// Bytes that a client sends and what may come of them. One answer comes, or the connection is
/// closed without a word (0); nothing that hides in the bytes is carried out.
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
