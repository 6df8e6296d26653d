// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Clients that request endless streams and do not read them. Unread data must stay with the
/// engine.
final class NonReadingClients {
  /// The name of the engine's part.
  static final String ATTACK = "endless";

  private static final int CLIENTS = 20;

  /// The kernel's buffers on both sides are most of it.
  private static final long MOST_BYTES_EACH = 32L * 1024 * 1024;

  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private final AtomicLong said = new AtomicLong();
  private final AtomicInteger running = new AtomicInteger();

  /// Sends events until the gateway closes.
  boolean engine(HostileEngine.Call call) throws IOException {
    call.readBody();
    running.incrementAndGet();
    try {
      call.say(Answers.EVENTS_HEAD);
      String event = Answers.event("x".repeat(10_000), null);
      while (true) {
        call.chunk(event);
        said.addAndGet(event.length());
      }
    } finally {
      running.decrementAndGet();
    }
  }

  /// Bytes that the gateway took of each stream.
  long bytesEach() {
    return said.get() / CLIENTS;
  }

  /// @return what is wrong
  Optional<String> play(CaseRunner examiner) throws IOException {
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < CLIENTS; i++) {
        RawClient client = examiner.open();
        clients.add(client);
        client.send(
            examiner
                .asking()
                .good("deaf", Asking.ATTACK + ": " + ATTACK + "\r\n", Asking.streamed()));
      }
      return ended().or(() -> tooMuch());
    } finally {
      clients.forEach(RawClient::close);
    }
  }

  /// The total timeout ends unread streams.
  private Optional<String> ended() {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while ((said.get() == 0 || running.get() > 0) && System.nanoTime() < end) {
      LockSupport.parkNanos(100_000_000);
    }
    return running.get() == 0 && said.get() > 0
        ? Optional.empty()
        : Optional.of(running.get() + " unread streams still run");
  }

  private Optional<String> tooMuch() {
    return bytesEach() < MOST_BYTES_EACH
        ? Optional.empty()
        : Optional.of(bytesEach() + " bytes were taken from unread streams");
  }
}
