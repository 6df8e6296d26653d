// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

/// Who waits for a [Seat]. Exactly one of the methods is called, once, on any thread; neither
/// blocks.
public interface Guest {
  /// The place must be left again, also by who is gone meanwhile.
  void seated(Seat seat);

  void turnedAway(Shed shed);
}
