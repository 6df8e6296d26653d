// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import dev.weir.trials.protocol.RawClient.Reply;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Runs a case and checks that its result is allowed. Then sends canaries, on the same connection
/// if it is still open and on a fresh one: each must get its own answer.
final class CaseRunner {
  private static final int QUIET_MILLIS = 500;

  private final int port;
  private final Asking asking;
  private final HostileEngine engine;
  private final AtomicLong number = new AtomicLong();

  CaseRunner(int port, Asking asking, HostileEngine engine) {
    this.port = port;
    this.asking = asking;
    this.engine = engine;
  }

  Asking asking() {
    return asking;
  }

  HostileEngine engine() {
    return engine;
  }

  RawClient open() throws IOException {
    return new RawClient(port);
  }

  String nonce() {
    return "n" + number.incrementAndGet();
  }

  /// @return what is wrong; empty when all is right
  Optional<String> play(ClientCase one) {
    try {
      Optional<String> wrong = bytes(one);
      return wrong.isPresent() ? wrong : aftermath();
    } catch (IOException e) {
      return Optional.of(e.toString());
    }
  }

  private Optional<String> bytes(ClientCase one) throws IOException {
    try (RawClient client = open()) {
      client.send(one.sent());
      Reply reply = client.next();
      if (!one.statuses().contains(reply.status())) {
        aftermath();
        return Optional.of(reply.status() + " " + shortened(reply.body()));
      }
      if (reply.status() == 413) {
        return quiet(client);
      }
      return reply.closes() ? closed(client) : canary(client);
    }
  }

  static String shortened(String text) {
    return text.substring(0, Math.min(300, text.length()));
  }

  /// Nothing more may come, and the end must.
  Optional<String> closed(RawClient client) throws IOException {
    String rest = client.rest();
    return rest.isEmpty() ? Optional.empty() : Optional.of("more came: " + shortened(rest));
  }

  /// After a body that is too large the gateway reads on for a while, so that its answer is not
  /// lost; it must say nothing more.
  private static Optional<String> quiet(RawClient client) throws IOException {
    client.patience(QUIET_MILLIS);
    try {
      Reply more = client.next();
      return more.status() == 0 ? Optional.empty() : Optional.of("more came: " + more);
    } catch (SocketTimeoutException _) {
      return Optional.empty();
    }
  }

  /// A good request on a connection that is said to be kept.
  Optional<String> canary(RawClient client) throws IOException {
    String nonce = nonce();
    client.send(asking.canary(nonce));
    Reply reply = client.next();
    boolean own = reply.status() == 200 && reply.body().equals(Answers.whole(nonce));
    return own
        ? Optional.empty()
        : Optional.of("the canary got " + reply.status() + " " + shortened(reply.body()));
  }

  /// Others are served, and nothing was smuggled.
  Optional<String> aftermath() throws IOException {
    long smuggled = engine.takeSeen(Asking.SMUGGLED);
    if (smuggled > 0) {
      return Optional.of("a hidden request was carried out (" + smuggled + ")");
    }
    try (RawClient client = open()) {
      return canary(client);
    }
  }
}
