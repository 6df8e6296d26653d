// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/// Classifies the HTTP responses of receivers.
final class ResponseClassifier {
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);
  private static final int MAX_LINE = 200;

  private ResponseClassifier() {}

  static DeliveryResult judge(HttpResponse<String> answer, Instant now) {
    int status = answer.statusCode();
    String line = answer.body().lines().findFirst().orElse("").strip();
    String response =
        (status + " " + MessageJson.cut(line.replaceAll("\\p{Cntrl}", " "), MAX_LINE)).strip();
    if (status >= 200 && status < 300) {
      return new DeliveryResult.Accepted(response);
    }
    return mayChange(status)
        ? new DeliveryResult.Deferred(
            response, answer.headers().firstValue("Retry-After").flatMap(text -> wait(text, now)))
        : new DeliveryResult.Rejected(response);
  }

  /// Whether the same message may be accepted later.
  private static boolean mayChange(int status) {
    return status >= 500 || status == 408 || status == 425 || status == 429;
  }

  /// Parses `Retry-After`: seconds or a date.
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
