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
/// @param message one line for people: stored, what the last transition said; read through the API,
///   what is being waited for now
public record ServiceStatus(
    Optional<StableVersion> stable,
    Optional<String> rollout,
    @Default("[]") List<FailedRelease> failed,
    @Default("0") int rollouts,
    @Default("") String message) {
  public ServiceStatus {
    failed = List.copyOf(failed);
  }

  public static ServiceStatus empty() {
    return new ServiceStatus(Optional.empty(), Optional.empty(), List.of(), 0, "");
  }

  public ServiceStatus withMessage(String message) {
    return new ServiceStatus(stable, rollout, failed, rollouts, message);
  }

  public record StableVersion(VersionRef version, long specRevision) {}

  /// @param specHash of the Service spec and the ModelVersion spec that failed together
  public record FailedRelease(VersionRef version, String specHash, String rollout) {}
}
