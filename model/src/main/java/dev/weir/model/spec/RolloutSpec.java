// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Text;
import dev.weir.model.value.VersionRef;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The definition of a Rollout. It is fixed at the start, except for the scale, which is fixed when
/// the Rollout leaves `Pending`.
///
/// @param service the Service, in the same namespace
/// @param from the stable version at the start; always differs from `to`
/// @param specRevision the revision of the Service spec that triggered the rollout
/// @param specHash identifies the (version, spec) pair; see `ServiceStatus.failed`
/// @param salt salt of the hash that splits traffic; random per rollout
/// @param provenBefore whether the release is an `undo`: it returns to a version that was already
///   proven, so it needs no proof. Empty in rollouts of an earlier version of Weir
/// @param scale the number of replicas, and where the new ones get capacity
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
    @Default("{}") Scale scale,
    Optional<Boolean> provenBefore) {

  /// A rollout of one replica with capacity for a second one.
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
        Scale.ONE,
        Optional.of(false));
  }

  /// The size of a release, which determines its stages; see [dev.weir.model.release.Stages].
  ///
  /// @param replicas replicas of the Service at the start, on Targets where Weir runs them; 1 or
  ///   more
  /// @param gpus accelerators of one replica of the new version, 1 or more; 1 for a version without
  ///   accelerators
  /// @param loans replicas of other Services that stop until the rollout ends, to free capacity
  public record Scale(
      @Default("1") int replicas,
      @Default("1") int gpus,
      @Default("surge") Room room,
      @Default("[]") List<Loan> loans) {
    public static final Scale ONE = new Scale(1, 1, Room.SURGE);

    public Scale {
      loans = List.copyOf(loans);
    }

    /// A scale without loans.
    public Scale(int replicas, int gpus, Room room) {
      this(replicas, gpus, room, List.of());
    }
  }

  /// Replicas that stay stopped until the rollout ends.
  ///
  /// @param service the Service that lends them, `namespace/name`
  /// @param target the Target where they run
  /// @param replicas number of replicas, 1 or more
  public record Loan(String service, String target, int replicas) {}

  /// A copy with another scale, which is determined when the rollout starts.
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
        settled,
        provenBefore);
  }

  /// Where the replicas of the new version get capacity.
  public enum Room implements Text {
    /// In addition to the old replicas.
    SURGE("surge"),
    /// In place of old replicas, which stop first.
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

  /// A copy with another release.
  public RolloutSpec withRelease(ReleaseSpec other) {
    return new RolloutSpec(
        service,
        from,
        to,
        specRevision,
        specHash,
        salt,
        other,
        firstTokenTimeout,
        totalTimeout,
        scale,
        provenBefore);
  }

  /// Whether the release needs no proof. An earlier version of Weir marked this by an empty list of
  /// steps.
  public boolean undo() {
    return provenBefore.orElseGet(() -> release.steps().isEmpty());
  }
}
