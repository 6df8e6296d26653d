// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Percentage;
import java.time.Duration;
import java.util.List;

/// Which client requests gateways record to replay them in a release. A recording contains the
/// request, redacted and encrypted, but not the client's identity. Each gateway stores its own.
///
/// @param sample share of the requests to record, above 0 %
/// @param keep maximum number of recorded requests in each gateway, 1 to 10000; the newest are
///   retained
/// @param maxAge maximum age of a recorded request, at most 90 days
/// @param key secret reference to the key (32 bytes in base64), which each gateway resolves:
///   `env:NAME` or `file:PATH`
/// @param redact the user's own patterns, applied in this order before the built-in ones (email
///   addresses, phone and card numbers, IP addresses, tokens); at most 16
public record RecordingSpec(
    @Default("1%") Percentage sample,
    @Default("1000") int keep,
    @Default("168h") Duration maxAge,
    String key,
    @Default("[]") List<Redaction> redact) {
  public RecordingSpec {
    redact = List.copyOf(redact);
  }

  /// @param pattern a Java regular expression, at most 256 characters; a request on which it takes
  ///   too many steps is not recorded
  /// @param replacement literal replacement text, at most 64 characters
  public record Redaction(String pattern, @Default("[redacted]") String replacement) {}
}
