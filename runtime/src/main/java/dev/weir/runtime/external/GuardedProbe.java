// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import dev.weir.runtime.probe.Generation;
import dev.weir.runtime.probe.Health;
import dev.weir.runtime.probe.Probe;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/// Asks only where it may: the name is looked up before each call, because it may have moved.
final class GuardedProbe implements Probe {
  /// Looking a name up blocks.
  private static final Executor THREADS = Thread::startVirtualThread;

  private final Probe probe;
  private final AddressRule rule;

  GuardedProbe(Probe probe, AddressRule rule) {
    this.probe = probe;
    this.rule = rule;
  }

  @Override
  public CompletableFuture<Health> health(URI endpoint) {
    return guarded(endpoint, () -> probe.health(endpoint), Health.Down::new);
  }

  @Override
  public CompletableFuture<Generation> generate(URI endpoint, boolean streaming) {
    return guarded(endpoint, () -> probe.generate(endpoint, streaming), Generation.Failed::new);
  }

  private <T> CompletableFuture<T> guarded(
      URI endpoint, Supplier<CompletableFuture<T>> call, Function<String, T> refusal) {
    return CompletableFuture.supplyAsync(() -> rule.refuses(endpoint), THREADS)
        .thenCompose((Optional<String> refused) ->
            refused.isPresent()
                ? CompletableFuture.completedFuture(refusal.apply(refused.get()))
                : call.get());
  }
}
