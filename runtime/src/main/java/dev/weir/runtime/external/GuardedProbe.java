// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.runtime.AddressRule;
import dev.weir.runtime.probe.EngineLookResult;
import dev.weir.runtime.probe.GenerationResult;
import dev.weir.runtime.probe.HealthResult;
import dev.weir.runtime.probe.ReplicaProbe;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// Probes only allowed addresses. Resolves the name before each call, because its address can
/// change.
final class GuardedProbe implements ReplicaProbe {
  /// Name resolution blocks.
  private static final Executor THREADS = Thread::startVirtualThread;

  private final ReplicaProbe probe;
  private final AddressRule rule;
  private final BooleanSupplier byAddress;

  /// @param byAddress whether to call the resolved address instead of the name
  GuardedProbe(ReplicaProbe probe, AddressRule rule, BooleanSupplier byAddress) {
    this.probe = probe;
    this.rule = rule;
    this.byAddress = byAddress;
  }

  @Override
  public CompletableFuture<HealthResult> health(URI endpoint) {
    return guarded(endpoint, probe::health, HealthResult.Down::new);
  }

  @Override
  public CompletableFuture<GenerationResult> generate(URI endpoint, boolean streaming) {
    return guarded(endpoint, at -> probe.generate(at, streaming), GenerationResult.Failed::new);
  }

  @Override
  public CompletableFuture<EngineLookResult> look(URI endpoint) {
    return guarded(endpoint, probe::look, EngineLookResult.Failed::new);
  }

  private <T> CompletableFuture<T> guarded(
      URI endpoint, Function<URI, CompletableFuture<T>> call, Function<String, T> refusal) {
    return CompletableFuture.supplyAsync(() -> rule.check(endpoint), THREADS)
        .thenCompose((AddressRule.AddressDecision judgement) ->
            switch (judgement) {
              case AddressRule.AddressDecision.Refused(String why) ->
                  CompletableFuture.completedFuture(refusal.apply(why));
              case AddressRule.AddressDecision.Allowed(URI address) ->
                  call.apply(byAddress.getAsBoolean() ? address : endpoint);
            });
  }
}
