// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal.traffic;

/// Traffic cannot start. The message names the cause and the remedy.
public final class TrafficException extends RuntimeException {
  TrafficException(String message) {
    super(message);
  }

  TrafficException(String message, Throwable cause) {
    super(message, cause);
  }
}
