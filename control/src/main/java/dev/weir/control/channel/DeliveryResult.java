// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.time.Duration;
import java.util.Optional;

/// What came of sending a message.
public sealed interface DeliveryResult {
  /// Taken.
  ///
  /// @param response the status and the first line of the answer
  record Accepted(String response) implements DeliveryResult {}

  /// Not now: it may be taken later.
  ///
  /// @param after how long the other side asks to be left alone
  record Deferred(String response, Optional<Duration> after) implements DeliveryResult {}

  /// Never, as it is: sending it again would change nothing.
  record Rejected(String response) implements DeliveryResult {}

  String response();
}
