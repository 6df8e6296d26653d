// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.runtime.AddressRule;
import dev.weir.runtime.probe.Generation;
import dev.weir.runtime.probe.Health;
import dev.weir.runtime.probe.Look;
import dev.weir.runtime.probe.Probe;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// Asks only where it may: the name is looked up before each call, because it may have moved.
final class GuardedProbe implements Probe {
  /// Looking a name up blocks.
  private static final Executor THREADS = Thread::startVirtualThread;

  private final Probe probe;
  private final AddressRule rule;
  private final BooleanSupplier byAddress;

  /// @param byAddress whether the address is called instead of the name that led to it
  GuardedProbe(Probe probe, AddressRule rule, BooleanSupplier byAddress) {
    this.probe = probe;
    this.rule = rule;
    this.byAddress = byAddress;
  }

  @Override
  public CompletableFuture<Health> health(URI endpoint) {
    return guarded(endpoint, probe::health, Health.Down::new);
  }

  @Override
  public CompletableFuture<Generation> generate(URI endpoint, boolean streaming) {
    return guarded(endpoint, at -> probe.generate(at, streaming), Generation.Failed::new);
  }

  @Override
  public CompletableFuture<Look> look(URI endpoint) {
    return guarded(endpoint, probe::look, Look.Failed::new);
  }

  private <T> CompletableFuture<T> guarded(
      URI endpoint, Function<URI, CompletableFuture<T>> call, Function<String, T> refusal) {
    return CompletableFuture.supplyAsync(() -> rule.judge(endpoint), THREADS)
        .thenCompose((AddressRule.Judgement judgement) ->
            switch (judgement) {
              case AddressRule.Judgement.Refused(String why) ->
                  CompletableFuture.completedFuture(refusal.apply(why));
              case AddressRule.Judgement.Allowed(URI address) ->
                  call.apply(byAddress.getAsBoolean() ? address : endpoint);
            });
  }
}
