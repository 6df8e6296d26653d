// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import java.time.Duration;
import java.util.Optional;

/// What came of sending a message.
public sealed interface Reply {
  /// Taken.
  ///
  /// @param said the status and the first line of the answer
  record Taken(String said) implements Reply {}

  /// Not now: it may be taken later.
  ///
  /// @param after how long the other side asks to be left alone
  record Later(String said, Optional<Duration> after) implements Reply {}

  /// Never, as it is: sending it again would change nothing.
  record Refused(String said) implements Reply {}

  String said();
}
