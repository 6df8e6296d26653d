// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

/// A proxy between the clients and the gateway.
public enum LenientProxy {
  /// Nothing.
  NONE,
  /// A proxy that means well: it repairs a head whose framing it does not like. That is the
  /// deliberate bug that lets hidden requests through.
  REPAIRS;

  ClientCase pass(ClientCase one) {
    if (this == NONE) {
      return one;
    }
    String sent = one.sent().replace("Transfer-Encoding: xchunked\r\n", "Content-Length: 5\r\n");
    return new ClientCase(one.name(), sent, one.statuses());
  }
}
