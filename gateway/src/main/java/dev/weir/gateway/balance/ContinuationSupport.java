// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Remembers which engines reject the requests that continue a broken stream, so that the next
/// broken stream does not wait for the same rejection. All replicas of a version run the same
/// engine, and a version never changes. Shared by all event loops; survives snapshot swaps.
public final class ContinuationSupport {
  /// Rejections expire after ten minutes: the engine behind a URL may be replaced.
  public static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(10);

  /// More refusals than this are not remembered.
  static final int MAX_REMEMBERED = 4_096;

  /// A method of continuation; an engine may support some and not others.
  public enum Method {
    /// Reports token ids and continues from them.
    TOKEN_IDS,
    /// Continues the last message of a chat.
    CHAT_TEXT,
    /// Continues the text of a completion.
    COMPLETION_TEXT
  }

  private record Key(String service, String version, Method method) {}

  private final LongSupplier nanoTime;
  private final Map<Key, Long> refusedAtNanos = new ConcurrentHashMap<>();

  public ContinuationSupport(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// The engine of a version rejected a method.
  ///
  /// @param service id (`namespace/name`)
  /// @param version `model@version`
  public void refused(String service, String version, Method method) {
    if (refusedAtNanos.size() < MAX_REMEMBERED) {
      refusedAtNanos.put(new Key(service, version, method), nanoTime.getAsLong());
    }
  }

  /// Whether the engine may support it: it has not rejected it recently.
  public boolean mayAsk(String service, String version, Method method) {
    Long refused = refusedAtNanos.get(new Key(service, version, method));
    return refused == null || isOver(refused);
  }

  private boolean isOver(long refused) {
    return nanoTime.getAsLong() - refused >= FORGET_NANOS;
  }

  /// Removes expired entries and services that left the snapshot.
  public void sweep(Predicate<String> present) {
    refusedAtNanos
        .entrySet()
        .removeIf(entry -> isOver(entry.getValue()) || !present.test(entry.getKey().service()));
  }
}
