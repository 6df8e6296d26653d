// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.starved;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Clients that each send one request on a connection of their own, at an even pace whatever
/// becomes of it, and close the connection when they have waited long enough.
public final class Visitors implements AutoCloseable {
  private static final Pattern STATUS = Pattern.compile("^HTTP/1\\.1 ([0-9]{3}) ");
  private static final Pattern RETRY_AFTER =
      Pattern.compile("(?i)\r\nretry-after: +([1-9]|[1-5][0-9]|60)\r\n");
  private static final int HEAD = 2_048;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Visit> visits = new ConcurrentLinkedQueue<>();
  private final Set<String> left = ConcurrentHashMap.newKeySet();
  private final URI gateway;
  private final String key;
  private final String model;

  public Visitors(String gateway, String key, String model) {
    this.gateway = URI.create(gateway);
    this.key = key;
    this.model = model;
  }

  /// Sends for a time, then returns; clients that still wait go on to.
  ///
  /// @param patience after which a client gives up, taken in turn
  public void send(String name, double perSecond, Duration time, List<Duration> patience) {
    long start = System.nanoTime();
    for (int i = 0; i < perSecond * time.toSeconds(); i++) {
      long at = start + (long) (i / perSecond * 1e9);
      LockSupport.parkNanos(at - System.nanoTime());
      String id = name + "-" + i;
      Duration most = patience.get(i % patience.size());
      threads.execute(() -> visits.add(visit(id, most)));
    }
  }

  private Visit visit(String id, Duration patience) {
    long sent = System.nanoTime();
    long end = sent + patience.toNanos();
    String head = "";
    boolean gaveUp = false;
    try (Socket socket = new Socket(gateway.getHost(), gateway.getPort())) {
      socket.getOutputStream().write(request(id).getBytes(StandardCharsets.US_ASCII));
      head = head(socket, end);
    } catch (SocketTimeoutException e) {
      gaveUp = true;
      left.add(id);
    } catch (IOException e) {
      head = "";
    }
    Matcher status = STATUS.matcher(head);
    int seen = status.find() ? Integer.parseInt(status.group(1)) : gaveUp ? -1 : 0;
    return new Visit(seen, sent, System.nanoTime() - sent, RETRY_AFTER.matcher(head).find());
  }

  private static String head(Socket socket, long endNanos) throws IOException {
    byte[] bytes = new byte[HEAD];
    int length = 0;
    while (length < HEAD) {
      long millis = (endNanos - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new SocketTimeoutException();
      }
      socket.setSoTimeout((int) millis);
      int read = socket.getInputStream().read(bytes, length, HEAD - length);
      if (read < 0) {
        break;
      }
      length += read;
      String text = new String(bytes, 0, length, StandardCharsets.US_ASCII);
      if (text.contains("\r\n\r\n")) {
        return text;
      }
    }
    return new String(bytes, 0, length, StandardCharsets.US_ASCII);
  }

  private String request(String id) {
    String body =
        "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"<%s>\"}]}"
            .formatted(model, id);
    return """
    POST /v1/chat/completions HTTP/1.1\r
    Host: gateway\r
    Authorization: Bearer %s\r
    Content-Type: application/json\r
    Content-Length: %d\r
    Connection: close\r
    \r
    %s\
    """
        .formatted(key, body.length(), body);
  }

  /// Whether this client has closed its connection without an answer.
  public boolean hasLeft(String id) {
    return left.contains(id);
  }

  /// The requests that were sent between two moments and have ended.
  public List<Visit> between(long fromNanos, long toNanos) {
    return visits.stream()
        .filter(visit -> visit.sentNanos() - fromNanos >= 0 && visit.sentNanos() - toNanos < 0)
        .toList();
  }

  /// Waits for all.
  @Override
  public void close() {
    threads.close();
  }
}
