// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;

/// The log of commands that do not call [Logs#install]: text from level `info`. Public because
/// Logback finds it as a service. Logback then searches no configuration files.
public final class DefaultLogs extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Logs.configure(context, new TextLayout(), Level.INFO, System.err);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
