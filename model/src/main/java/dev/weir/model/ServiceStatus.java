// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.util.List;
import java.util.Optional;

/// What is so of a Service.
///
/// @param stable the version that serves, with the revision of the spec that brought it
/// @param rollout the name of the live Rollout
/// @param failed releases that were reverted and are not tried again until the spec changes or
///   somebody says `weir rollout retry`
/// @param rollouts how many Rollouts were ever made; the next is named `<service>-<rollouts + 1>`
/// @param orders what operators ordered of single replicas, at most one for each and [#MOST_ORDERS]
///   in all, oldest first
/// @param faults that are injected on purpose, [#MOST_FAULTS] at most, oldest first
/// @param message one line for people: stored, what the last transition said; read through the API,
///   what is being waited for now
public record ServiceStatus(
    Optional<StableVersion> stable,
    Optional<String> rollout,
    @Default("[]") List<FailedRelease> failed,
    @Default("0") int rollouts,
    @Default("[]") List<ReplicaOrder> orders,
    @Default("[]") List<Fault> faults,
    @Default("") String message) {
  /// More replicas than one Service has on one machine, and still a short list.
  public static final int MOST_ORDERS = 256;

  /// More than anybody can think of at once.
  public static final int MOST_FAULTS = 16;

  public ServiceStatus {
    failed = List.copyOf(failed);
    orders = List.copyOf(orders);
    faults = List.copyOf(faults);
    if (orders.size() > MOST_ORDERS) {
      throw new IllegalArgumentException("at most " + MOST_ORDERS + " orders for one Service");
    }
    if (orders.stream().map(ReplicaOrder::replica).distinct().count() < orders.size()) {
      throw new IllegalArgumentException("one replica has one order");
    }
    if (faults.size() > MOST_FAULTS) {
      throw new IllegalArgumentException("at most " + MOST_FAULTS + " faults at one Service");
    }
  }

  public static ServiceStatus empty() {
    return new ServiceStatus(
        Optional.empty(), Optional.empty(), List.of(), 0, List.of(), List.of(), "");
  }

  public ServiceStatus withStable(StableVersion serving) {
    return new ServiceStatus(
        Optional.of(serving), rollout, failed, rollouts, orders, faults, message);
  }

  /// Points at the Rollout that is live now; empty for none.
  public ServiceStatus withRollout(Optional<String> live) {
    return new ServiceStatus(stable, live, failed, rollouts, orders, faults, message);
  }

  public ServiceStatus withFailed(List<FailedRelease> releases) {
    return new ServiceStatus(stable, rollout, releases, rollouts, orders, faults, message);
  }

  public ServiceStatus withRollouts(int ever) {
    return new ServiceStatus(stable, rollout, failed, ever, orders, faults, message);
  }

  public ServiceStatus withOrders(List<ReplicaOrder> standing) {
    return new ServiceStatus(stable, rollout, failed, rollouts, standing, faults, message);
  }

  public ServiceStatus withFaults(List<Fault> injected) {
    return new ServiceStatus(stable, rollout, failed, rollouts, orders, injected, message);
  }

  public ServiceStatus withMessage(String line) {
    return new ServiceStatus(stable, rollout, failed, rollouts, orders, faults, line);
  }

  /// What was ordered of the replica.
  public Optional<ReplicaOrder> order(String replica) {
    return orders.stream().filter(order -> order.replica().equals(replica)).findFirst();
  }

  public record StableVersion(VersionRef version, long specRevision) {}

  /// @param specHash of the Service spec and the ModelVersion spec that failed together
  public record FailedRelease(VersionRef version, String specHash, String rollout) {}
}
