// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.model.Target;
import dev.weir.model.codec.EngineProfiles;
import dev.weir.model.spec.TargetSettings.ExternalTarget;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.lifecycle.ReplicaMachine;
import dev.weir.runtime.lifecycle.ReplicaParts;
import dev.weir.runtime.lifecycle.SupervisedProvider;
import dev.weir.runtime.probe.GenerationProbe;
import java.time.Duration;

/// Replicas that Weir does not run, at the endpoints of their intents. A replica is ready when it
/// responds. A replica that never responds stays `STARTING` with the last error as the reason,
/// because Weir does not know its start-up time.
///
/// A stop ends the probes, and a restart begins again with the first probe. The external process
/// continues in both cases.
public final class ExternalProvider extends SupervisedProvider {
  /// Weir does not limit the start-up of external replicas.
  private static final Duration STARTUP_TIMEOUT = Duration.ofDays(3650);

  private final ExternalProviderOptions options;
  private final ExternalAccess access;

  public ExternalProvider(ExternalTarget target, ExternalProviderOptions options) {
    super(options.timing(), options.clock());
    this.options = options;
    this.access = new ExternalAccess(target, options.environment());
  }

  @Override
  public void ensure(ReplicaIntent intent) {
    supervisors().ensure(intent.name(), () -> replica(intent));
  }

  private ReplicaParts replica(ReplicaIntent intent) {
    GenerationProbe probe =
        new GenerationProbe(
            access,
            EngineProfiles.of(intent.engine()),
            intent.servedModel(),
            options.probeLimits());
    return new ReplicaParts(
        intent.name(),
        intent.specHash(),
        new ExternalHost(intent.endpoint()),
        new GuardedProbe(probe, options.addresses(), access::byAddress),
        new ReplicaMachine(STARTUP_TIMEOUT, intent.warmUpRequests(), options.timing()));
  }

  /// A changed key or CA applies from the next call.
  @Override
  public boolean follow(Target changed) {
    if (!(changed.spec().settings() instanceof ExternalTarget settings)) {
      return false;
    }
    access.follow(settings);
    return true;
  }

  @Override
  public void close() {
    supervisors().close();
    access.close();
  }
}
