// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.balance;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Remembers which engines refuse what it takes to continue a broken stream, so that the next
/// broken stream does not wait for the same refusal. All replicas of a version run the same engine,
/// and a version never changes. Shared by all event loops; alive over snapshot swaps.
public final class ContinuationSupport {
  /// A refusal is forgotten after ten minutes: the engine may have been replaced behind its URL.
  public static final long FORGET_NANOS = TimeUnit.MINUTES.toNanos(10);

  /// More refusals than this are not remembered.
  static final int MAX_REMEMBERED = 4_096;

  /// What an engine is asked for; it may support one and not the other.
  public enum Method {
    /// To report token ids and to continue from them.
    TOKEN_IDS,
    /// To continue the last message of a chat.
    CHAT_TEXT,
    /// To continue the text of a completion.
    COMPLETION_TEXT
  }

  private record Key(String service, String version, Method method) {}

  private final LongSupplier nanoTime;
  private final Map<Key, Long> refusedAtNanos = new ConcurrentHashMap<>();

  public ContinuationSupport(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// The engine of a version refused it.
  ///
  /// @param service id (`namespace/name`)
  /// @param version `model@version`
  public void refused(String service, String version, Method method) {
    if (refusedAtNanos.size() < MAX_REMEMBERED) {
      refusedAtNanos.put(new Key(service, version, method), nanoTime.getAsLong());
    }
  }

  /// Whether the engine may be asked: it did not refuse lately.
  public boolean mayAsk(String service, String version, Method method) {
    Long refused = refusedAtNanos.get(new Key(service, version, method));
    return refused == null || isOver(refused);
  }

  private boolean isOver(long refused) {
    return nanoTime.getAsLong() - refused >= FORGET_NANOS;
  }

  /// Forgets what is over and services that left the snapshot.
  public void sweep(Predicate<String> present) {
    refusedAtNanos
        .entrySet()
        .removeIf(entry -> isOver(entry.getValue()) || !present.test(entry.getKey().service()));
  }
}
