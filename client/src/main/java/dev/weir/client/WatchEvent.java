// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Resource;

/// An event of a watch.
public sealed interface WatchEvent {
  /// A resource was created or changed.
  record Put(long revision, Resource resource) implements WatchEvent {}

  /// A resource was deleted.
  ///
  /// @param resource its last state
  record Deleted(long revision, Resource resource) implements WatchEvent {}

  /// The history after the last event was compacted: list again and start a new watch from that
  /// revision.
  record Relist(String reason) implements WatchEvent {}
}
