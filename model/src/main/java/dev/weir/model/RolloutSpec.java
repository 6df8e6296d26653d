// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Duration;

/// What a Rollout set out to do; fixed at its start.
///
/// @param service the Service, in the same namespace
/// @param from the stable version at the start; equal to `to` never
/// @param specRevision the revision of the Service spec that asked for it
/// @param specHash names the (version, spec) pair, see `ServiceStatus.failed`
/// @param salt of the hash that splits traffic; random per rollout
/// @param scale how many replicas there were, and where the new ones find room
public record RolloutSpec(
    String service,
    VersionRef from,
    VersionRef to,
    long specRevision,
    String specHash,
    String salt,
    ReleaseSpec release,
    Duration firstTokenTimeout,
    Duration totalTimeout,
    @Default("{}") Scale scale) {

  /// Of one replica, with room beside it.
  public RolloutSpec(
      String service,
      VersionRef from,
      VersionRef to,
      long specRevision,
      String specHash,
      String salt,
      ReleaseSpec release,
      Duration firstTokenTimeout,
      Duration totalTimeout) {
    this(
        service,
        from,
        to,
        specRevision,
        specHash,
        salt,
        release,
        firstTokenTimeout,
        totalTimeout,
        Scale.ONE);
  }

  /// A release that takes the way through all its stages; see [dev.weir.model.release.Stages].
  ///
  /// @param replicas of the Service on Targets where Weir runs them, at the start; 1 or more
  /// @param gpus accelerators of one replica of the new version, 1 or more; 1 for one without
  public record Scale(
      @Default("1") int replicas, @Default("1") int gpus, @Default("surge") Room room) {
    public static final Scale ONE = new Scale(1, 1, Room.SURGE);
  }

  /// Where the replicas of the new version find room.
  public enum Room implements Text {
    /// Beside the old ones.
    SURGE("surge"),
    /// In the places of old ones, which go first.
    IN_PLACE("inPlace");

    private final String text;

    Room(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /// Promoted as soon as it is ready: somebody said `undo`.
  public boolean direct() {
    return release.steps().isEmpty();
  }
}
