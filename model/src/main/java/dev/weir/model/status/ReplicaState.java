// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.status;

import dev.weir.model.value.Text;

/// The state of a replica.
public enum ReplicaState implements Text {
  /// Desired, but not started yet.
  PENDING("Pending"),
  /// Started, but has not completed a generation yet; for example, it loads weights.
  STARTING("Starting"),
  /// Responds and is being warmed up, so that a cold start does not look like a slow version.
  WARMING("Warming"),
  /// Completed a generation on the current spec.
  READY("Ready"),
  /// Was ready, but does not respond now.
  UNREADY("Unready"),
  /// Removed from routing; its streams finish.
  DRAINING("Draining"),
  /// Received the signal to stop.
  STOPPING("Stopping"),
  /// The process no longer runs.
  STOPPED("Stopped"),
  /// Waits for its restart after a crash.
  BACK_OFF("BackOff"),
  /// No further restart: crash loop or start-up timeout; see the reason.
  FAILED("Failed");

  private final String text;

  ReplicaState(String text) {
    this.text = text;
  }

  @Override
  public String text() {
    return text;
  }
}
