// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.session;

import dev.weir.client.WeirApiException;
import dev.weir.client.WeirUnreachableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/// Polls the control plane until a condition holds. Tolerates a restart of the control plane.
public final class Poller {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /// Consecutive failed polls that are tolerated: half a minute.
  private static final int MAX_FAILURES = 60;

  private final CommandSession session;
  private final Instant deadline;
  private final String limit;
  private int failures;
  private boolean responded;

  public Poller(CommandSession session, Duration atMost, String limit) {
    this.session = session;
    this.deadline = session.now().plus(atMost);
    this.limit = limit;
  }

  /// @param poll empty while the condition does not hold
  /// @param waitedFor the state that the timeout message reports
  public <T> T until(Supplier<Optional<T>> poll, Supplier<String> waitedFor)
      throws InterruptedException {
    while (true) {
      Optional<T> found = tolerant(poll);
      if (found.isPresent()) {
        return found.get();
      }
      if (!session.now().isBefore(deadline)) {
        throw CliException.error(
            "timed out after " + limit + ": " + waitedFor.get() + "; use --timeout to wait longer");
      }
      session.pause().sleep(INTERVAL);
    }
  }

  private <T> Optional<T> tolerant(Supplier<Optional<T>> poll) {
    try {
      Optional<T> found = poll.get();
      failures = 0;
      responded = true;
      return found;
    } catch (WeirUnreachableException unreachable) {
      return tolerated(unreachable);
    } catch (WeirApiException refused) {
      if (refused.status() != 503) {
        throw refused;
      }
      return tolerated(refused);
    }
  }

  private <T> Optional<T> tolerated(RuntimeException failure) {
    failures++;
    // A control plane that has never responded is not restarting.
    if (!responded || failures > MAX_FAILURES) {
      throw failure;
    }
    return Optional.empty();
  }
}
