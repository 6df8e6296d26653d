// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/// What the answers of endpoints mean.
final class ResponseClassifier {
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);
  private static final int MOST_SAID = 200;

  private ResponseClassifier() {}

  static DeliveryResult judge(HttpResponse<String> answer, Instant now) {
    int status = answer.statusCode();
    String line = answer.body().lines().findFirst().orElse("").strip();
    String said =
        (status + " " + MessageJson.cut(line.replaceAll("\\p{Cntrl}", " "), MOST_SAID)).strip();
    if (status >= 200 && status < 300) {
      return new DeliveryResult.Accepted(said);
    }
    return mayChange(status)
        ? new DeliveryResult.Deferred(
            said, answer.headers().firstValue("Retry-After").flatMap(text -> wait(text, now)))
        : new DeliveryResult.Rejected(said);
  }

  /// Whether the same message may be taken another time.
  private static boolean mayChange(int status) {
    return status >= 500 || status == 408 || status == 425 || status == 429;
  }

  /// Seconds, or a date.
  static Optional<Duration> wait(String text, Instant now) {
    try {
      Duration wait =
          text.strip().matches("[0-9]{1,9}")
              ? Duration.ofSeconds(Long.parseLong(text.strip()))
              : Duration.between(
                  now,
                  ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                      .toInstant());
      return Optional.of(wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait)
          .filter(Duration::isPositive);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
