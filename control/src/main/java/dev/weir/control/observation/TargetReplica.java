// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.observation;

import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import dev.weir.model.value.VersionRef;
import dev.weir.runtime.ObservedReplica;

/// A replica with the Target that it was observed on.
public record TargetReplica(String target, ObservedReplica replica) {
  public ReplicaName name() {
    return replica.name();
  }

  public VersionRef version() {
    return replica.name().version();
  }

  public ReplicaState state() {
    return replica.state();
  }

  public boolean ready() {
    return replica.state() == ReplicaState.READY && replica.endpoint().isPresent();
  }

  /// Whether a process exists, or may exist, that would have to be stopped.
  public boolean present() {
    return replica.state() != ReplicaState.STOPPED;
  }

  /// This replica as if its probe failed.
  public TargetReplica unready(String why) {
    return new TargetReplica(
        target,
        new ObservedReplica(
            replica.name(),
            replica.specHash(),
            ReplicaState.UNREADY,
            replica.endpoint(),
            replica.pid(),
            replica.restarts(),
            replica.launch(),
            replica.since(),
            why));
  }

  public boolean of(String namespace, String service) {
    return name().namespace().equals(namespace) && name().service().equals(service);
  }

  /// Whether its provider has not probed it yet. After a start of Weir this may only mean that the
  /// replica has just been found again.
  public boolean unjudged() {
    return switch (state()) {
      case PENDING, STARTING, WARMING -> true;
      case READY, UNREADY, DRAINING, STOPPING, STOPPED, BACK_OFF, FAILED -> false;
    };
  }
}
