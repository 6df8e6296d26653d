// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

/// Sends messages out of the control plane.
@FunctionalInterface
public interface MessageTransport extends AutoCloseable {
  /// Sends once and waits for the response, for at most some seconds. Failures of the receiver or
  /// the network are results, not exceptions.
  DeliveryResult send(Message message) throws InterruptedException;

  /// Aborts messages in flight.
  @Override
  default void close() {}
}
