// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

/// Sends messages out of the control plane.
@FunctionalInterface
public interface MessageTransport extends AutoCloseable {
  /// Sends once and waits for the answer, at most some seconds. Never throws for what the other
  /// side or the network does.
  DeliveryResult send(Message message) throws InterruptedException;

  /// Ends what is being sent.
  @Override
  default void close() {}
}
