// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import dev.weir.simulator.engine.EngineLimits;
import dev.weir.simulator.fault.FaultPlan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Sends warm-up requests before the server listens, as engines do. Without warm-up the first
/// seconds of a new replica measure the JIT compilation, and a canary with new replicas on a busy
/// machine is slower than its baseline.
///
/// A separate server answers them, fast and without faults, so that counters and random draws of
/// the real server do not change.
final class WarmUp {
  private static final double TIME_SCALE = 1000;
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final String LAST_CHUNK = "0";

  private WarmUp() {}

  /// Returns when all requests have been answered.
  ///
  /// @throws IOException when a request is rejected or the loopback connection breaks
  static void run(SimOptions options) throws IOException {
    if (options.warmUp() == 0) {
      return;
    }
    try (SimServer server = SimServer.start(fast(options));
        Socket socket = new Socket(InetAddress.getByName(server.address()), server.port())) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      BufferedReader answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      for (int i = 0; i < options.warmUp(); i++) {
        socket.getOutputStream().write(request(options.model(), i));
        readToEnd(answers);
      }
    }
  }

  private static SimOptions fast(SimOptions options) {
    EngineLimits limits = options.limits();
    return new SimOptions(
        "127.0.0.1",
        0,
        options.model(),
        options.version(),
        options.profile(),
        new EngineLimits(
            limits.maxSequences(), limits.maxBatchedTokens(), limits.maxWaiting(), TIME_SCALE),
        options.maxModelLen(),
        options.noise(),
        0,
        0,
        options.seed(),
        FaultPlan.NONE,
        Optional.empty(),
        options.judge());
  }

  private static byte[] request(String model, int number) {
    String body =
        """
        {"model":"%s","stream":true,"max_tokens":64,"stream_options":{"include_usage":true},\
        "messages":[{"role":"user","content":"warm up, please, for the %d. time"}]}\
        """
            .formatted(model, number);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nhost: warm-up\r\n"
            + "content-type: application/json\r\ncontent-length: "
            + bytes.length
            + "\r\n\r\n";
    return (head + body).getBytes(StandardCharsets.UTF_8);
  }

  private static void readToEnd(BufferedReader answers) throws IOException {
    String line = answers.readLine();
    if (line != null && !line.endsWith(" 200 OK")) {
      throw new IOException("a warm-up request failed: " + line);
    }
    while (line != null && !line.equals(LAST_CHUNK)) {
      line = answers.readLine();
    }
    if (line == null || !"".equals(answers.readLine())) {
      throw new IOException("the warm-up connection closed early");
    }
  }
}
