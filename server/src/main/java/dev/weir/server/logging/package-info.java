// SPDX-License-Identifier: Apache-2.0

/// Weir's own log: one line for each event on standard error, as JSON or as text.
///
/// All modules log through SLF4J with key-values; `docs/reference/log-events.md` lists the events
/// and the keys. Logback is the backend. It is configured in code only
/// ([dev.weir.server.logging.Logs]), so that no file on the class path changes the log.
@NullMarked
package dev.weir.server.logging;

import org.jspecify.annotations.NullMarked;
