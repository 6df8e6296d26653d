// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.status;

import dev.weir.model.value.Default;
import dev.weir.model.value.VersionRef;
import java.util.List;
import java.util.Optional;

/// The observed state of a Service.
///
/// @param stable the version that serves, with the revision of the spec that introduced it
/// @param rollout the name of the live Rollout
/// @param failed releases that were reverted; they are not retried until the spec changes or `weir
///   rollout retry`
/// @param rollouts number of Rollouts created so far; the next is named `<service>-<rollouts + 1>`
/// @param orders operators' orders for single replicas, at most one for each and [#MOST_ORDERS] in
///   all, oldest first
/// @param faults injected faults, [#MOST_FAULTS] at most, oldest first
/// @param message one line for people. The stored message describes the last transition; the API
///   replaces it with what the Service currently waits for
/// @param outOfSync why the Service serves another version than its spec names, and what to do; the
///   API computes it, and it is never stored
public record ServiceStatus(
    Optional<StableVersion> stable,
    Optional<String> rollout,
    @Default("[]") List<FailedRelease> failed,
    @Default("0") int rollouts,
    @Default("[]") List<ReplicaOrder> orders,
    @Default("[]") List<Fault> faults,
    @Default("") String message,
    Optional<String> outOfSync) {
  /// More than the replicas of one Service on one machine, but still a short list.
  public static final int MOST_ORDERS = 256;

  /// The maximum number of faults at one Service.
  public static final int MOST_FAULTS = 16;

  public ServiceStatus {
    failed = List.copyOf(failed);
    orders = List.copyOf(orders);
    faults = List.copyOf(faults);
    if (orders.size() > MOST_ORDERS) {
      throw new IllegalArgumentException("at most " + MOST_ORDERS + " orders for one Service");
    }
    if (orders.stream().map(ReplicaOrder::replica).distinct().count() < orders.size()) {
      throw new IllegalArgumentException("at most one order for each replica");
    }
    if (faults.size() > MOST_FAULTS) {
      throw new IllegalArgumentException("at most " + MOST_FAULTS + " faults at one Service");
    }
  }

  /// A status as it is stored.
  public ServiceStatus(
      Optional<StableVersion> stable,
      Optional<String> rollout,
      List<FailedRelease> failed,
      int rollouts,
      List<ReplicaOrder> orders,
      List<Fault> faults,
      String message) {
    this(stable, rollout, failed, rollouts, orders, faults, message, Optional.empty());
  }

  public static ServiceStatus empty() {
    return new ServiceStatus(
        Optional.empty(), Optional.empty(), List.of(), 0, List.of(), List.of(), "");
  }

  public ServiceStatus withStable(StableVersion serving) {
    return new ServiceStatus(
        Optional.of(serving), rollout, failed, rollouts, orders, faults, message, outOfSync);
  }

  /// A copy that points at the live Rollout; empty for none.
  public ServiceStatus withRollout(Optional<String> live) {
    return new ServiceStatus(stable, live, failed, rollouts, orders, faults, message, outOfSync);
  }

  public ServiceStatus withFailed(List<FailedRelease> releases) {
    return new ServiceStatus(
        stable, rollout, releases, rollouts, orders, faults, message, outOfSync);
  }

  public ServiceStatus withRollouts(int ever) {
    return new ServiceStatus(stable, rollout, failed, ever, orders, faults, message, outOfSync);
  }

  public ServiceStatus withOrders(List<ReplicaOrder> standing) {
    return new ServiceStatus(
        stable, rollout, failed, rollouts, standing, faults, message, outOfSync);
  }

  public ServiceStatus withFaults(List<Fault> injected) {
    return new ServiceStatus(
        stable, rollout, failed, rollouts, orders, injected, message, outOfSync);
  }

  public ServiceStatus withMessage(String line) {
    return new ServiceStatus(stable, rollout, failed, rollouts, orders, faults, line, outOfSync);
  }

  /// A copy with the reason for another version than the one in the spec; empty for none.
  public ServiceStatus withOutOfSync(Optional<String> reason) {
    return new ServiceStatus(stable, rollout, failed, rollouts, orders, faults, message, reason);
  }

  /// The order for the replica, if there is one.
  public Optional<ReplicaOrder> order(String replica) {
    return orders.stream().filter(order -> order.replica().equals(replica)).findFirst();
  }

  public record StableVersion(VersionRef version, long specRevision) {}

  /// @param specHash hash of the Service spec and the ModelVersion spec that failed together
  public record FailedRelease(VersionRef version, String specHash, String rollout) {
    /// Whether both name the same version with the same specs, perhaps in different rollouts.
    public boolean sameRelease(FailedRelease other) {
      return version.equals(other.version) && specHash.equals(other.specHash);
    }
  }
}
