// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.control.channel.DeliveryResult;
import dev.weir.control.channel.MessageFormatter;
import dev.weir.control.channel.MessageTransport;
import java.io.IOException;
import java.util.function.Supplier;

/// Sends alerts out of the control plane.
///
/// @param base of the control API as others reach it, for links; empty while it is not known
public record Notifier(
    MessageFormatter writing, MessageTransport transport, Supplier<String> base) {
  /// A notifier that sends nothing.
  public static final Notifier NONE =
      new Notifier(
          new MessageFormatter(reference -> {
            throw new IOException("there are no secrets here");
          }),
          message -> new DeliveryResult.Rejected("this control plane sends no notifications"),
          () -> "");
}
