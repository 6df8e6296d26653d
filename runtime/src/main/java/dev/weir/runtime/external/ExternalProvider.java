// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.model.ReplicaName;
import dev.weir.model.Target;
import dev.weir.model.TargetSpec;
import dev.weir.model.TargetSpec.ProviderType;
import dev.weir.runtime.ObservedEngine;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.lifecycle.ReplicaMachine;
import dev.weir.runtime.lifecycle.ReplicaParts;
import dev.weir.runtime.lifecycle.ReplicaSupervisors;
import dev.weir.runtime.probe.GenerationProbe;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Replicas that run elsewhere, at the endpoints their intents name. They are ready when they
/// answer; one that never answers stays `STARTING` with the last error as reason, for Weir cannot
/// know when to give it up.
public final class ExternalProvider implements Provider {
  /// No start-up of somebody else's is too long.
  private static final Duration PATIENCE = Duration.ofDays(3650);

  private final ExternalProviderOptions options;
  private final ExternalAccess access;
  private final ReplicaSupervisors roster;

  /// @param target of provider `external`
  public ExternalProvider(TargetSpec target, ExternalProviderOptions options) {
    this.options = options;
    this.access = new ExternalAccess(target, options.environment());
    this.roster = new ReplicaSupervisors(options.timing(), options.clock());
  }

  @Override
  public void ensure(ReplicaIntent intent) {
    roster.ensure(intent.name(), () -> replica(intent));
  }

  private ReplicaParts replica(ReplicaIntent intent) {
    GenerationProbe probe =
        new GenerationProbe(
            access, intent.engine().type(), intent.servedModel(), options.probeLimits());
    return new ReplicaParts(
        intent.name(),
        intent.specHash(),
        new ExternalHost(intent.endpoint()),
        new GuardedProbe(probe, options.addresses(), access::byAddress),
        new ReplicaMachine(PATIENCE, intent.warmUpRequests(), options.timing()));
  }

  /// Another key or other authorities are used from the next call on.
  @Override
  public boolean follow(Target changed) {
    if (changed.spec().provider() != ProviderType.EXTERNAL) {
      return false;
    }
    access.follow(changed.spec());
    return true;
  }

  /// Stops asking; what runs there goes on.
  @Override
  public void stop(ReplicaName name, Duration grace) {
    roster.stop(name, grace);
  }

  /// Begins again with the first probe; what runs there goes on.
  @Override
  public void restart(ReplicaName name, String launch) {
    roster.restart(name, launch);
  }

  @Override
  public List<ObservedReplica> observe() {
    return roster.observe();
  }

  @Override
  public Optional<ObservedEngine> engine(ReplicaName name) {
    return roster.engine(name);
  }

  @Override
  public void onChange(Runnable listener) {
    roster.onChange(listener);
  }

  @Override
  public void close() {
    roster.close();
    access.close();
  }
}
