// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Duration;
import java.util.List;

/// What a Rollout set out to do; fixed at its start, its scale when it leaves `Pending`.
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
  /// @param loans replicas of other Services that make room until the rollout ends
  public record Scale(
      @Default("1") int replicas,
      @Default("1") int gpus,
      @Default("surge") Room room,
      @Default("[]") List<Loan> loans) {
    public static final Scale ONE = new Scale(1, 1, Room.SURGE);

    public Scale {
      loans = List.copyOf(loans);
    }

    /// One for which nobody makes room.
    public Scale(int replicas, int gpus, Room room) {
      this(replicas, gpus, room, List.of());
    }
  }

  /// Replicas that are stopped as long as the rollout lives.
  ///
  /// @param service whose they are, `namespace/name`
  /// @param target where
  /// @param replicas 1 or more
  public record Loan(String service, String target, int replicas) {}

  /// The same with another way to find room, which is settled when the rollout begins.
  public RolloutSpec withScale(Scale settled) {
    return new RolloutSpec(
        service,
        from,
        to,
        specRevision,
        specHash,
        salt,
        release,
        firstTokenTimeout,
        totalTimeout,
        settled);
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

  /// See [ReleaseSpec#undo()].
  public boolean undo() {
    return release.undo();
  }
}
