// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// What a replica is doing.
public enum ReplicaState implements Text {
  /// Wanted, nothing started yet.
  PENDING("Pending"),
  /// Started; has not answered a real generation yet (loading weights, say).
  STARTING("Starting"),
  /// Answers; being warmed up, so that a cold start is not taken for a slow version.
  WARMING("Warming"),
  /// Answered a real generation on the current spec.
  READY("Ready"),
  /// Was ready and does not answer now.
  UNREADY("Unready"),
  /// Taken out of routing; its streams are finishing.
  DRAINING("Draining"),
  /// Told to stop.
  STOPPING("Stopping"),
  /// Gone.
  STOPPED("Stopped"),
  /// Waiting to be started again after a crash.
  BACK_OFF("BackOff"),
  /// Given up: crash loop or start-up timeout; the reason says which.
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
