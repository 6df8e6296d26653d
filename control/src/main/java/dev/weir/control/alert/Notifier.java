// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.channel.DeliveryResult;
import dev.weir.control.channel.MessageFormatter;
import dev.weir.control.channel.MessageTransport;
import java.io.IOException;
import java.util.function.Supplier;

/// Sends alerts out of the control plane.
///
/// @param base URL of the control API that users can reach, for links; empty while unknown
public record Notifier(
    MessageFormatter formatter, MessageTransport transport, Supplier<String> base) {
  /// A notifier that sends nothing.
  public static final Notifier NONE =
      new Notifier(
          new MessageFormatter(reference -> {
            throw new IOException("this control plane reads no secrets");
          }),
          message -> new DeliveryResult.Rejected("this control plane sends no notifications"),
          () -> "");
}
