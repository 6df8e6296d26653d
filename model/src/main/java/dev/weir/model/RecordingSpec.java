// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Duration;
import java.util.List;

/// Which requests of clients gateways keep to ask them again in a release: what was asked, redacted
/// and encrypted, never who asked. Each gateway keeps its own.
///
/// @param sample share of the requests, above 0 %
/// @param keep how many at most in each gateway, the newest, 1 to 10000
/// @param maxAge of the oldest, at most 90 days
/// @param key reference to the key, 32 bytes in base64, as gateways find it: `env:NAME` or
///   `file:PATH`
/// @param redact the user's own patterns, in this order, before those that Weir knows (e-mail
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

  /// @param pattern in Java's regular expressions, at most 256 characters; one that takes too many
  ///   steps on a request leaves that request out
  /// @param replacement as it stands, at most 64 characters
  public record Redaction(String pattern, @Default("[redacted]") String replacement) {}
}
