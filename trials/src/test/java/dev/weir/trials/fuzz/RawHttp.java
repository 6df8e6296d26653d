// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An HTTP/1.1 client that sends any bytes over one persistent connection.
public final class RawHttp implements AutoCloseable {
  /// A server that says nothing for so long hangs.
  public static final int SILENCE_MILLIS = 20_000;

  /// An endless answer (a watch) is read this far.
  private static final int STREAM_BYTES = 1;

  private final int port;
  private @Nullable Socket socket;
  private @Nullable InputStream in;
  private int reopened;

  public RawHttp(int port) {
    this.port = port;
  }

  /// @param status 0 when the server closed the connection without an answer
  public record Answer(int status, Map<String, String> headers, String body, long nanos) {
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /// Sends one whole request and reads its answer.
  ///
  /// @throws IOException when nothing came for [#SILENCE_MILLIS]
  public Answer send(byte[] request) throws IOException {
    long start = System.nanoTime();
    boolean fresh = socket == null;
    try {
      return exchange(request, start);
    } catch (EOFException | SocketException e) {
      close();
      if (fresh) {
        return unanswered(start);
      }
    }
    // The server can close an idle persistent connection, so a fresh one must answer. A
    // counter records connections that were closed instead of an answer.
    reopened++;
    try {
      return exchange(request, start);
    } catch (EOFException | SocketException e) {
      close();
      return unanswered(start);
    }
  }

  /// The number of persistent connections that were closed without an answer.
  public int reopened() {
    return reopened;
  }

  private static Answer unanswered(long start) {
    return new Answer(0, Map.of(), "", System.nanoTime() - start);
  }

  /// Sends what may be no whole request, on a connection of its own, and ends its side.
  ///
  /// @throws IOException when the server neither answers nor closes for [#SILENCE_MILLIS]
  public Answer sendAndEnd(byte[] request) throws IOException {
    close();
    long start = System.nanoTime();
    try {
      Socket open = connect();
      write(open, request);
      open.shutdownOutput();
      return answer(request, start);
    } catch (EOFException | SocketException e) {
      return unanswered(start);
    } finally {
      close();
    }
  }

  private Answer exchange(byte[] request, long start) throws IOException {
    write(connect(), request);
    return answer(request, start);
  }

  /// A server that refuses early may have closed its side already, and its answer waits to be read.
  private static void write(Socket to, byte[] request) {
    try {
      to.getOutputStream().write(request);
    } catch (IOException _) {
      // what was answered, if anything, is read next
    }
  }

  private Answer answer(byte[] request, long start) throws IOException {
    InputStream from = java.util.Objects.requireNonNull(in);
    String status = line(from);
    if (!status.startsWith("HTTP/1.") || status.length() < 12) {
      throw new EOFException("not an answer of HTTP/1: " + status);
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(from); !line.isEmpty(); line = line(from)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int code = Integer.parseInt(status.substring(9, 12));
    if (code == 100) {
      return answer(request, start);
    }
    String body = asksForHead(request) ? "" : body(from, code, headers);
    if (headers.getOrDefault("connection", "").equalsIgnoreCase("close")) {
      close();
    }
    return new Answer(code, headers, body, System.nanoTime() - start);
  }

  private Socket connect() throws IOException {
    Socket open = socket;
    if (open == null) {
      open = new Socket(InetAddress.getLoopbackAddress(), port);
      open.setSoTimeout(SILENCE_MILLIS);
      open.setTcpNoDelay(true);
      socket = open;
      in = new BufferedInputStream(open.getInputStream(), 64 * 1024);
    }
    return open;
  }

  private String body(InputStream from, int code, Map<String, String> headers) throws IOException {
    if (code == 204 || code == 304) {
      return "";
    }
    if (headers.getOrDefault("content-type", "").startsWith("text/event-stream")) {
      byte[] some = from.readNBytes(STREAM_BYTES);
      close();
      return new String(some, ISO_8859_1);
    }
    String length = headers.get("content-length");
    if (length != null) {
      return whole(from.readNBytes(Integer.parseInt(length)), Integer.parseInt(length));
    }
    return headers.getOrDefault("transfer-encoding", "").equals("chunked")
        ? chunks(from)
        : new String(from.readAllBytes(), ISO_8859_1);
  }

  /// An answer of which only a part came is none: a server that closes while bytes of the request
  /// are unread takes back what the network still holds.
  private static String whole(byte[] body, int length) throws IOException {
    if (body.length < length) {
      throw new EOFException("the server closed the connection in the middle of its answer");
    }
    return new String(body, ISO_8859_1);
  }

  private static boolean asksForHead(byte[] request) {
    return new String(request, 0, Math.min(5, request.length), ISO_8859_1).equals("HEAD ");
  }

  private static String chunks(InputStream from) throws IOException {
    var all = new ByteArrayOutputStream();
    for (int size = Integer.parseInt(line(from), 16); size > 0; ) {
      all.write(from.readNBytes(size));
      line(from);
      size = Integer.parseInt(line(from), 16);
    }
    line(from);
    return all.toString(ISO_8859_1);
  }

  private static String line(InputStream from) throws IOException {
    var line = new StringBuilder();
    for (int c = from.read(); c != '\n'; c = from.read()) {
      if (c < 0) {
        throw new EOFException("the server closed the connection");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    Socket open = socket;
    socket = null;
    in = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException _) {
        // it is being thrown away
      }
    }
  }
}
