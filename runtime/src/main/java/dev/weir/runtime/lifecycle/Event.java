// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.runtime.probe.Generation;
import dev.weir.runtime.probe.Health;
import java.time.Duration;

/// What can happen to a replica.
public sealed interface Event {
  /// Time went by.
  record Woke() implements Event {}

  record Started(String how) implements Event {}

  /// @param forGood whether trying again would come to the same
  record StartFailed(String reason, boolean forGood) implements Event {}

  /// What the machine has to give for a start (a port, room for the record) cannot be had now; that
  /// is no fault of the replica.
  record StartHindered(String reason) implements Event {}

  /// Processes of an earlier start were found, and are being killed; the start comes after them.
  record LeftoversFound(String reason) implements Event {}

  record Ended(Exit exit) implements Event {}

  record HealthSeen(Health health) implements Event {}

  record GenerationSeen(Generation generation) implements Event {}

  /// The signal that was to be sent is sent.
  ///
  /// @param kill whether it was to kill
  record Signalled(boolean kill) implements Event {}

  /// Some of its processes are still there after as long as was to be waited.
  record StillThere() implements Event {}

  /// None of its processes is left.
  record Gone() implements Event {}

  record StopWanted(Duration grace) implements Event {}

  record RestartWanted() implements Event {}
}
