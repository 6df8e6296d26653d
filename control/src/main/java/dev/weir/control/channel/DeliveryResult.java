// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.time.Duration;
import java.util.Optional;

/// The result of sending a message.
public sealed interface DeliveryResult {
  /// The receiver accepted the message.
  ///
  /// @param response the status and the first line of the response
  record Accepted(String response) implements DeliveryResult {}

  /// The message may be accepted later.
  ///
  /// @param after the pause that the receiver requests
  record Deferred(String response, Optional<Duration> after) implements DeliveryResult {}

  /// The message will never be accepted: sending it again is useless.
  record Rejected(String response) implements DeliveryResult {}

  String response();
}
