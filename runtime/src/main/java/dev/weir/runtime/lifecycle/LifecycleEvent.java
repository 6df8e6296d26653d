// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.runtime.probe.GenerationResult;
import dev.weir.runtime.probe.HealthResult;
import java.time.Duration;

/// What can happen to a replica.
public sealed interface LifecycleEvent {
  /// Time went by.
  record Woke() implements LifecycleEvent {}

  record Started(String how) implements LifecycleEvent {}

  /// @param forGood whether trying again would come to the same
  record StartFailed(String reason, boolean forGood) implements LifecycleEvent {}

  /// What the machine has to give for a start (a port, room for the record) cannot be had now; that
  /// is no fault of the replica.
  record StartHindered(String reason) implements LifecycleEvent {}

  /// Processes of an earlier start were found, and are being killed; the start comes after them.
  record LeftoversFound(String reason) implements LifecycleEvent {}

  record Ended(ProcessExit exit) implements LifecycleEvent {}

  record HealthSeen(HealthResult health) implements LifecycleEvent {}

  record GenerationSeen(GenerationResult generation) implements LifecycleEvent {}

  /// The signal that was to be sent is sent.
  ///
  /// @param kill whether it was to kill
  record Signalled(boolean kill) implements LifecycleEvent {}

  /// Some of its processes are still there after as long as was to be waited.
  record StillThere() implements LifecycleEvent {}

  /// None of its processes is left.
  record Gone() implements LifecycleEvent {}

  record StopWanted(Duration grace) implements LifecycleEvent {}

  record RestartWanted() implements LifecycleEvent {}
}
