// SPDX-License-Identifier: Apache-2.0
package dev.weir.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;

/// A model server on a real socket with scripted responses: one virtual thread per connection,
/// blocking sockets, only the JDK.
///
/// Each request uses the next script of the queue, or the default script when the queue is empty.
public final class FakeModelServer implements AutoCloseable {
  /// The smallest valid chat response.
  public static final String ANSWER =
      "{\"choices\":[{\"message\":{\"content\":\"ok\"},\"finish_reason\":\"stop\"}]}";

  private static final int MAX_BODY = 64 * 1024 * 1024;

  private final ServerSocket server;
  private final String scheme;
  private final BlockingQueue<Script> scripts = new LinkedBlockingQueue<>();
  private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
  private final AtomicInteger accepts = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Script byDefault = Script.json(200, ANSWER);

  /// A received request.
  ///
  /// @param headers values by lower-case name; the last of repeated headers
  public record Received(
      String method, String target, Map<String, String> headers, String body, int connection) {
    public Received {
      headers = Map.copyOf(headers);
    }
  }

  /// The behaviour for one request.
  @FunctionalInterface
  public interface Script {
    /// @return whether the connection may carry another request
    boolean play(Received request, Wire wire) throws IOException, InterruptedException;

    /// A complete response with a `Content-Length`.
    static Script json(int status, String body) {
      return (_, wire) -> {
        wire.answer(status, "application/json", body);
        return true;
      };
    }

    /// A complete stream of events; each text is sent unchanged in its own chunk.
    static Script events(List<String> events) {
      return (_, wire) -> {
        wire.beginEvents();
        for (String event : events) {
          wire.chunk(event);
        }
        wire.endChunks();
        return true;
      };
    }

    /// The first events of a stream, then a closed connection.
    static Script cutAfter(List<String> events, int count) {
      return (_, wire) -> {
        wire.beginEvents();
        for (String event : events.subList(0, count)) {
          wire.chunk(event);
        }
        wire.closeGracefully();
        return false;
      };
    }

    /// The first events of a stream, then silence until the gateway closes.
    static Script stallAfter(List<String> events, int count) {
      return (_, wire) -> {
        wire.beginEvents();
        for (String event : events.subList(0, count)) {
          wire.chunk(event);
        }
        wire.awaitClose();
        return false;
      };
    }

    /// Silence until the gateway closes.
    static Script silence() {
      return (_, wire) -> {
        wire.awaitClose();
        return false;
      };
    }

    /// A reset (RST) instead of a response.
    static Script reset() {
      return (_, wire) -> {
        wire.reset();
        return false;
      };
    }
  }

  /// The server side of one connection.
  public static final class Wire {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private Wire(Socket socket, InputStream in) throws IOException {
      this.socket = socket;
      this.in = in;
      this.out = socket.getOutputStream();
    }

    public void raw(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    public void answer(int status, String type, String body) throws IOException {
      int length = body.getBytes(StandardCharsets.UTF_8).length;
      raw(
          "HTTP/1.1 %d X\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s"
              .formatted(status, type, length, body));
    }

    public void beginEvents() throws IOException {
      raw(
          "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
    }

    public void chunk(String text) throws IOException {
      int length = text.getBytes(StandardCharsets.UTF_8).length;
      raw(Integer.toHexString(length) + "\r\n" + text + "\r\n");
    }

    public void endChunks() throws IOException {
      raw("0\r\n\r\n");
    }

    /// Closes the connection gracefully (FIN).
    public void closeGracefully() throws IOException {
      socket.close();
    }

    public void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /// Waits until the other side closes.
    public void awaitClose() throws IOException {
      try {
        while (in.read() >= 0) {
          // discard input
        }
      } catch (java.net.SocketException e) {
        // a reset also closes the connection
      }
    }
  }

  private FakeModelServer(ServerSocket server, String scheme) {
    this.server = server;
    this.scheme = scheme;
  }

  /// Listens on a free port of the loopback address.
  public static FakeModelServer start() {
    return start(ServerSocketFactory.getDefault(), "http");
  }

  /// Starts a server with TLS.
  ///
  /// @param context the TLS context with the server certificate
  public static FakeModelServer start(SSLContext context) {
    return start(context.getServerSocketFactory(), "https");
  }

  private static FakeModelServer start(ServerSocketFactory sockets, String scheme) {
    try {
      ServerSocket socket = sockets.createServerSocket();
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
      FakeModelServer fake = new FakeModelServer(socket, scheme);
      Thread.ofVirtual().name("fake-accept").start(fake::accept);
      return fake;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String url() {
    return scheme + "://127.0.0.1:" + server.getLocalPort();
  }

  /// Sets the script for requests when the queue is empty.
  public FakeModelServer byDefault(Script script) {
    byDefault = script;
    return this;
  }

  /// Queues scripts, one per request.
  public FakeModelServer then(Script... next) {
    scripts.addAll(List.of(next));
    return this;
  }

  /// Connections accepted since the start.
  public int accepts() {
    return accepts.get();
  }

  /// Requests that arrived and were not consumed yet.
  public List<Received> drainReceived() {
    List<Received> all = new ArrayList<>();
    received.drainTo(all);
    return all;
  }

  /// Waits for the next request.
  public Received take() throws InterruptedException {
    Received next = received.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no request came within 20 s");
    }
    return next;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        int number = accepts.incrementAndGet();
        open.add(socket);
        Thread.ofVirtual().name("fake-" + number).start(() -> serve(socket, number));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket, int number) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      boolean more = true;
      while (more) {
        Received request = read(in, number);
        received.add(request);
        Script script = scripts.poll();
        more = (script == null ? byDefault : script).play(request, new Wire(socket, in));
      }
    } catch (IOException e) {
      // the other side closed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  private static Received read(InputStream in, int connection) throws IOException {
    String[] start = line(in).split(" ", -1);
    if (start.length != 3) {
      throw new IOException("not a request line");
    }
    Map<String, String> headers = new TreeMap<>();
    String header = line(in);
    while (!header.isEmpty()) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).trim());
      header = line(in);
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    if (length > MAX_BODY) {
      throw new IOException("a body of " + length + " bytes");
    }
    byte[] body = in.readNBytes(length);
    return new Received(
        start[0], start[1], headers, new String(body, StandardCharsets.UTF_8), connection);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = in.read();
    while (next >= 0 && next != '\n') {
      if (next != '\r') {
        line.write(next);
      }
      next = in.read();
    }
    if (next < 0) {
      throw new IOException("closed");
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /// Stops listening and closes all connections.
  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
