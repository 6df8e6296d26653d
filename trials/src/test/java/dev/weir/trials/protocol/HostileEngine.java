// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// An engine that answers rightly, each request with its own nonce, unless a request asks it to
/// misbehave ([Asking#ATTACK]).
public final class HostileEngine implements AutoCloseable {
  private final ServerSocket server;
  private final Map<String, Attack> attacks;
  private final boolean mixesUp;
  private final Queue<String> nonces = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();

  /// One way to misbehave.
  @FunctionalInterface
  interface Attack {
    /// @return whether the connection goes on
    boolean play(Call call) throws IOException;
  }

  /// A request whose body is not read yet.
  record Call(String nonce, Map<String, String> headers, InputStream in, OutputStream out) {
    byte[] readBody() throws IOException {
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      byte[] body = in.readNBytes(length);
      if (body.length < length) {
        throw new EOFException("the gateway closed");
      }
      return body;
    }

    void say(String text) throws IOException {
      say(text.getBytes(ISO_8859_1));
    }

    void say(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    void chunk(String text) throws IOException {
      say(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    /// An answer that is right but for what it says.
    void answer(String status, String more, String body) throws IOException {
      say("HTTP/1.1 " + status + "\r\n" + more + length(body) + "\r\n" + body);
    }

    static String length(String body) {
      return "content-length: " + body.length() + "\r\n";
    }
  }

  /// @param mixesUp answers now and then with another request's nonce
  HostileEngine(Map<String, Attack> attacks, boolean mixesUp) throws IOException {
    this.attacks = attacks;
    this.mixesUp = mixesUp;
    server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("hostile-accept").start(this::accept);
  }

  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /// How often a request of that nonce got here; asked once more it has not.
  long takeSeen(String nonce) {
    long seen = seen(nonce);
    nonces.removeIf(nonce::equals);
    return seen;
  }

  /// How often a request of that nonce got here.
  long seen(String nonce) {
    return nonces.stream().filter(nonce::equals).count();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofPlatform().daemon().name("hostile").start(() -> serve(socket));
      } catch (IOException _) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      var in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      boolean more = true;
      while (more) {
        more = one(in, out);
      }
    } catch (IOException _) {
      // the gateway closed
    }
  }

  private boolean one(InputStream in, OutputStream out) throws IOException {
    String[] start = line(in).split(" ", -1);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    Call call = new Call(headers.getOrDefault(Asking.NONCE, ""), headers, in, out);
    if (start[0].equals("GET")) {
      probed(start[1], call);
      return true;
    }
    if (start[1].equals("/v1/completions")) {
      return looksAlive(call);
    }
    nonces.add(call.nonce());
    Attack attack = attacks.get(headers.getOrDefault(Asking.ATTACK, ""));
    return attack == null ? right(call) : attack.play(call);
  }

  private static void probed(String path, Call call) throws IOException {
    switch (path) {
      case "/health" -> call.answer("200 OK", "", "");
      case "/version" -> call.answer("200 OK", "", "{\"version\":\"0.11.0\"}");
      case "/v1/models" ->
          call.answer("200 OK", "", "{\"object\":\"list\",\"data\":[{\"id\":\"wild\"}]}");
      case "/metrics" ->
          call.answer(
              "200 OK",
              "content-type: text/plain\r\n",
              "vllm:num_requests_running 0\nvllm:num_requests_waiting 0\n");
      default -> call.answer("404 Not Found", "", "{}");
    }
  }

  /// Before traffic comes it is asked for a few tokens, streamed and not.
  private static boolean looksAlive(Call call) throws IOException {
    String body = new String(call.readBody(), UTF_8);
    if (body.contains("\"stream\":true")) {
      call.say(Answers.EVENTS_HEAD);
      call.chunk("data: " + Answers.TEXT + "\n\n" + Answers.DONE);
      call.say("0\r\n\r\n");
    } else {
      call.answer("200 OK", "content-type: application/json\r\n", Answers.TEXT);
    }
    return true;
  }

  private boolean right(Call call) throws IOException {
    String body = new String(call.readBody(), UTF_8);
    int number = answered.incrementAndGet();
    String nonce = mixesUp && number % 20 == 0 ? "another" : call.nonce();
    if (body.contains("\"stream\":true")) {
      call.say(Answers.EVENTS_HEAD);
      call.chunk(Answers.event(nonce, null) + Answers.event("", "stop") + Answers.DONE);
      call.say("0\r\n\r\n");
    } else {
      call.answer("200 OK", "content-type: application/json\r\n", Answers.whole(nonce));
    }
    return true;
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the gateway closed");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(ISO_8859_1);
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
