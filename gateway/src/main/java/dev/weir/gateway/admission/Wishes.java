// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.HeaderView;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import java.util.Optional;

/// What the caller wishes, clamped to what its key permits.
///
/// @param version to be pinned
/// @param timeoutNanos may lower the total timeout, never raise it
/// @param resume false when the caller would rather see a broken stream
public record Wishes(Optional<String> version, Optional<Long> timeoutNanos, boolean resume) {
  private static final String VERSION = "x-weir-version";
  private static final String TIMEOUT = "x-weir-timeout";
  private static final String RESUME = "x-weir-resume";
  private static final double MAX_TIMEOUT_SECONDS = 86_400;

  /// The verdict on the headers.
  public sealed interface Result {
    record Granted(Wishes wishes) implements Result {}

    record Refused(Failure failure) implements Result {}
  }

  public static Result read(HeaderView headers, KeyEntry key) {
    Optional<String> version = headers.first(VERSION);
    if (version.isPresent() && !key.pinVersion()) {
      return refused(Failure.Kind.FORBIDDEN, "this key may not choose the version");
    }
    boolean resume = headers.first(RESUME).filter("off"::equalsIgnoreCase).isEmpty();
    Optional<String> timeout = headers.first(TIMEOUT);
    Optional<Long> nanos = timeout.flatMap(Wishes::nanos);
    if (timeout.isPresent() && nanos.isEmpty()) {
      return refused(Failure.Kind.BAD_REQUEST, TIMEOUT + " must be a number of seconds above 0");
    }
    return new Result.Granted(new Wishes(version, nanos, resume));
  }

  private static Result refused(Failure.Kind kind, String message) {
    return new Result.Refused(new Failure(kind, message));
  }

  private static Optional<Long> nanos(String seconds) {
    try {
      double value = Double.parseDouble(seconds);
      boolean sane = value > 0 && value <= MAX_TIMEOUT_SECONDS;
      return sane ? Optional.of((long) (value * 1e9)) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
