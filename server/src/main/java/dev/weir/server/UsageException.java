// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

/// Something the person who started the program must change; its message is the whole answer.
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
