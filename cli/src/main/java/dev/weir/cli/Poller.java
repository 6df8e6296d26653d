// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.client.WeirApiException;
import dev.weir.client.WeirUnreachableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/// Looks at the control plane again and again until something is so. A control plane that is being
/// restarted is waited for.
final class Poller {
  private static final Duration BETWEEN = Duration.ofMillis(500);

  /// Looks in a row that may find no control plane: half a minute.
  private static final int MAX_FAILURES = 60;

  private final CommandSession session;
  private final Instant deadline;
  private final String limit;
  private int failures;
  private boolean answered;

  Poller(CommandSession session, Duration atMost, String limit) {
    this.session = session;
    this.deadline = session.now().plus(atMost);
    this.limit = limit;
  }

  /// @param look empty as long as it is not yet so
  /// @param waitedFor ends "not in time: ..."
  <T> T until(Supplier<Optional<T>> look, Supplier<String> waitedFor) throws InterruptedException {
    while (true) {
      Optional<T> found = tolerant(look);
      if (found.isPresent()) {
        return found.get();
      }
      if (!session.now().isBefore(deadline)) {
        throw CliException.error(
            "not done within " + limit + ": " + waitedFor.get() + "; --timeout waits longer");
      }
      session.pause().of(BETWEEN);
    }
  }

  private <T> Optional<T> tolerant(Supplier<Optional<T>> look) {
    try {
      Optional<T> found = look.get();
      failures = 0;
      answered = true;
      return found;
    } catch (WeirUnreachableException away) {
      return missed(away);
    } catch (WeirApiException refused) {
      if (refused.status() != 503) {
        throw refused;
      }
      return missed(refused);
    }
  }

  private <T> Optional<T> missed(RuntimeException failure) {
    failures++;
    // Where nothing ever answered there is nothing to wait for.
    if (!answered || failures > MAX_FAILURES) {
      throw failure;
    }
    return Optional.empty();
  }
}
