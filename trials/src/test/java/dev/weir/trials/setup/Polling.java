// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.setup;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// Reads a state repeatedly until it is as wanted or the timeout passes. It always reads at least
/// once.
///
/// @param timeout from the first read
/// @param interval between the end of one read and the start of the next
public record Polling(Duration timeout, Duration interval) {
  /// Reads the state.
  public interface Probe<T> {
    T read() throws IOException, InterruptedException;
  }

  /// Reads whether the state is as wanted.
  public interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  /// @return the state that was read last, as wanted or not
  public <T> T read(Probe<T> probe, Predicate<? super T> wanted)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    T state = probe.read();
    while (!wanted.test(state) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(interval.toNanos());
      state = probe.read();
    }
    return state;
  }

  /// @return whether the condition held before the timeout
  public boolean holds(Condition condition) throws IOException, InterruptedException {
    return read(condition::holds, held -> held);
  }

  /// Waits until the condition holds.
  ///
  /// @param what the condition, for the error message
  /// @throws IOException when the condition does not hold before the timeout
  public void require(String what, Condition condition) throws IOException, InterruptedException {
    if (!holds(condition)) {
      throw new IOException("not within " + timeout.toSeconds() + " s: " + what);
    }
  }
}
