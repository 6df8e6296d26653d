// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

/// Who waits for a [Seat]. It is seated or turned away, once; until then it is told now and then
/// that it still waits. On any thread; nothing here blocks.
public interface Guest {
  /// The place must be left again, also by who is gone meanwhile.
  void seated(Seat seat);

  void turnedAway(Shed shed);

  /// It waits on, for [Room#SIGN_NANOS] since it came or was told so last.
  void stillWaits();
}
