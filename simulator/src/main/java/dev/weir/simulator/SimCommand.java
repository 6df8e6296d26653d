// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;

/// `weir sim`: runs one simulated model server. Prints `listening on http://HOST:PORT` to standard
/// output when it accepts connections, and runs until it is killed.
public final class SimCommand {
  private static final int CRASHED = 134;

  private SimCommand() {}

  public static void main(String... args) throws InterruptedException {
    int status = run(System.out, System.err, args);
    if (status != 0) {
      System.exit(status);
    }
  }

  /// Runs until the server is stopped; returns the exit status.
  public static int run(PrintStream out, PrintStream err, String... args)
      throws InterruptedException {
    if (Arrays.asList(args).contains("--help")) {
      out.print(SimOptions.HELP);
      return 0;
    }
    SimOptions options;
    try {
      options = SimOptions.parse(args);
    } catch (IllegalArgumentException wrong) {
      err.println("weir sim: " + wrong.getMessage() + "; see --help");
      return 64;
    }
    return serve(options, out, err);
  }

  private static int serve(SimOptions options, PrintStream out, PrintStream err)
      throws InterruptedException {
    try {
      WarmUp.run(options);
    } catch (IOException broken) {
      err.println("weir sim: cannot warm up: " + broken.getMessage());
      return 1;
    }
    try (SimServer server = SimServer.start(options, () -> Runtime.getRuntime().halt(CRASHED))) {
      out.println("listening on " + server.baseUrl());
      out.flush();
      server.awaitClosed();
      return 0;
    } catch (RuntimeException failed) {
      err.println(
          "weir sim: cannot listen on "
              + options.host()
              + ":"
              + options.port()
              + ": "
              + reason(failed));
      return 1;
    }
  }

  private static String reason(RuntimeException failed) {
    String message = String.valueOf(failed.getMessage());
    return message.contains("in use")
        ? "the address is in use; choose another with --port"
        : message;
  }
}
