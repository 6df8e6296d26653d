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
final class Answers {
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);
  private static final int MOST_SAID = 200;

  private Answers() {}

  static Reply judge(HttpResponse<String> answer, Instant now) {
    int status = answer.statusCode();
    String line = answer.body().lines().findFirst().orElse("").strip();
    String said = (status + " " + Json.cut(line.replaceAll("\\p{Cntrl}", " "), MOST_SAID)).strip();
    if (status >= 200 && status < 300) {
      return new Reply.Taken(said);
    }
    return mayChange(status)
        ? new Reply.Later(
            said, answer.headers().firstValue("Retry-After").flatMap(text -> wait(text, now)))
        : new Reply.Refused(said);
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
