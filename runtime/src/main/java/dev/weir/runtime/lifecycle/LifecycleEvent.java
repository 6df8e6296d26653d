// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.lifecycle;

import dev.weir.runtime.probe.GenerationResult;
import dev.weir.runtime.probe.HealthResult;
import java.time.Duration;

/// Events in a replica's lifecycle.
public sealed interface LifecycleEvent {
  /// Time passed.
  record Woke() implements LifecycleEvent {}

  record Started(String how) implements LifecycleEvent {}

  /// @param forGood whether a retry would fail too
  record StartFailed(String reason, boolean forGood) implements LifecycleEvent {}

  /// The machine temporarily lacks a resource for the start (a port, disk space for the record).
  /// This is not a failure of the replica.
  record StartHindered(String reason) implements LifecycleEvent {}

  /// Processes of an earlier launch were found and are being killed; the start follows.
  record LeftoversFound(String reason) implements LifecycleEvent {}

  record Ended(ProcessExit exit) implements LifecycleEvent {}

  record HealthSeen(HealthResult health) implements LifecycleEvent {}

  record GenerationSeen(GenerationResult generation) implements LifecycleEvent {}

  /// The signal was sent.
  ///
  /// @param kill whether it was SIGKILL
  record Signalled(boolean kill) implements LifecycleEvent {}

  /// Some of its processes have not ended in time.
  record StillThere() implements LifecycleEvent {}

  /// All of its processes have ended.
  record Gone() implements LifecycleEvent {}

  record StopWanted(Duration grace) implements LifecycleEvent {}

  record RestartWanted() implements LifecycleEvent {}
}
