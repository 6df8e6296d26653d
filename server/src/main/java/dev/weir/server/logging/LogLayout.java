// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;

/// The text of an event.
interface LogLayout {
  /// The text without the final line break.
  String format(ILoggingEvent event);
}
