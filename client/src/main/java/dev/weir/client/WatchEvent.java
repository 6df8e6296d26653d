// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.Resource;

/// What a watch saw.
public sealed interface WatchEvent {
  /// Created or changed.
  record Put(long revision, Resource resource) implements WatchEvent {}

  /// @param resource as it last was
  record Deleted(long revision, Resource resource) implements WatchEvent {}

  /// The history up to the last event is gone: list again and open another watch from there.
  record Relist(String reason) implements WatchEvent {}
}
