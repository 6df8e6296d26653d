// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// One connection that sends any bytes and reads one answer after another.
final class RawClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int LINGER_MILLIS = 4_000;
  private static final int MAX_LINE = 128 * 1024;

  private final Socket socket;
  private final InputStream in;

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
  }

  /// @param status 0 when the connection ended instead
  record Reply(int status, Map<String, String> headers, String body) {
    static final Reply CLOSED = new Reply(0, Map.of(), "");

    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    boolean closes() {
      return status == 0 || header("connection").equalsIgnoreCase("close");
    }
  }

  /// A server that refuses early may have closed already; its answer waits to be read.
  void send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException _) {
      // what was answered, if anything, is read next
    }
  }

  void send(String text) {
    send(text.getBytes(ISO_8859_1));
  }

  /// Whether one more byte could be sent.
  boolean trickle(char one) {
    try {
      socket.getOutputStream().write(one);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  void patience(int millis) throws SocketException {
    socket.setSoTimeout(millis);
  }

  /// The next answer, interim ones included.
  ///
  /// @throws SocketTimeoutException when nothing comes
  Reply next() throws IOException {
    try {
      return answer();
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (EOFException | SocketException e) {
      return Reply.CLOSED;
    }
  }

  private Reply answer() throws IOException {
    String status = line();
    if (!status.matches("HTTP/1\\.1 \\d{3}( .*)?")) {
      throw new IOException("not an answer of HTTP/1.1: " + status);
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IOException("not a header line: " + line);
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int code = Integer.parseInt(status.substring(9, 12));
    return new Reply(code, headers, body(code, headers));
  }

  private String body(int code, Map<String, String> headers) throws IOException {
    if (code / 100 == 1 || code == 204 || code == 304) {
      return "";
    }
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      return chunks();
    }
    String length = headers.get("content-length");
    if (length == null) {
      return new String(in.readAllBytes(), ISO_8859_1);
    }
    byte[] body = in.readNBytes(Integer.parseInt(length));
    if (body.length < Integer.parseInt(length)) {
      throw new EOFException("closed in the middle of an answer");
    }
    return new String(body, ISO_8859_1);
  }

  private String chunks() throws IOException {
    var all = new ByteArrayOutputStream();
    for (int size = size(); size > 0; size = size()) {
      all.write(in.readNBytes(size));
      line();
    }
    while (!line().isEmpty()) {
      // trailers
    }
    return all.toString(ISO_8859_1);
  }

  private int size() throws IOException {
    String line = line();
    try {
      return Integer.parseInt(line, 16);
    } catch (NumberFormatException e) {
      throw new IOException("not a chunk's size: " + line, e);
    }
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("closed");
      }
      if (c != '\r') {
        line.append((char) c);
      }
      if (line.length() > MAX_LINE) {
        throw new IOException("a line without end");
      }
    }
    return line.toString();
  }

  /// The bytes until the other side closes.
  ///
  /// @throws SocketTimeoutException when it does not close
  String rest() throws IOException {
    socket.setSoTimeout(LINGER_MILLIS);
    try {
      return new String(in.readAllBytes(), ISO_8859_1);
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (SocketException e) {
      return "";
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException _) {
      // it is being thrown away
    }
  }
}
