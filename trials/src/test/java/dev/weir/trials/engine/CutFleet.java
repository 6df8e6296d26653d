// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// Two engines whose streams can be cut, and one more that takes the place of one that is killed.
public final class CutFleet implements AutoCloseable {
  private static final long MOST_SECONDS_TO_DIE = 20;

  private final LlamaProcess llama;
  private final List<String> options;
  private final StreamCutter streamCutter = new StreamCutter();
  private final List<CutProxy> proxies = new ArrayList<>();
  private CompletableFuture<LlamaProcess.Running> spare;

  /// @param options of the engines
  public CutFleet(LlamaProcess llama, List<String> options) throws IOException {
    this.llama = llama;
    this.options = List.copyOf(options);
    this.spare = start();
    for (int i = 0; i < 2; i++) {
      proxies.add(new CutProxy(next(), streamCutter));
    }
  }

  private CompletableFuture<LlamaProcess.Running> start() {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return llama.start(options);
      } catch (IOException | LlamaProcess.CannotRunException e) {
        throw new CompletionException(e);
      }
    });
  }

  private LlamaProcess.Running next() {
    LlamaProcess.Running next = spare.join();
    spare = start();
    return next;
  }

  public StreamCutter streamCutter() {
    return streamCutter;
  }

  public List<String> urls() {
    return proxies.stream().map(CutProxy::url).toList();
  }

  /// Replaces each engine that was killed.
  public void repair() {
    for (CutProxy proxy : proxies) {
      if (!proxy.engine().process().isAlive()) {
        proxy.serve(next());
      }
    }
  }

  /// Waits for the one that is killed: a client that has got everything does not wait for it.
  public void awaitDeath() {
    CompletableFuture<?>[] deaths =
        proxies.stream()
            .map(proxy -> proxy.engine().process().onExit())
            .toArray(CompletableFuture<?>[]::new);
    Object _ =
        CompletableFuture.anyOf(deaths)
            .completeOnTimeout(this, MOST_SECONDS_TO_DIE, TimeUnit.SECONDS)
            .join();
  }

  @Override
  public void close() throws IOException {
    spare.join().close();
    for (CutProxy proxy : proxies) {
      proxy.close();
      proxy.engine().close();
    }
  }
}
