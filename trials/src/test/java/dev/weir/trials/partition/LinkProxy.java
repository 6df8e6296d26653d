// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.partition;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/// A proxy on loopback between one gateway and the control plane that fails on order.
public final class LinkProxy implements AutoCloseable {
  private static final int SLOW_BYTES = 512;
  private static final long SLOW_NANOS = 50_000_000;
  private static final long DELAY_NANOS = 300_000_000;
  private static final long LOOK_NANOS = 10_000_000;

  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile int target;
  private volatile Mode mode = Mode.WELL;
  private volatile boolean closed;

  /// The state of the link.
  public enum Mode {
    WELL,
    /// Connections break, and new ones are refused by closing them.
    CUT,
    /// Connections stay open and carry no data.
    HALF_OPEN,
    /// Only data from the gateway arrives.
    DEAF,
    /// Only data from the control plane arrives.
    MUTE,
    /// Data takes 300 ms longer in each direction.
    DELAY,
    /// About 10 kB a second.
    THROTTLE
  }

  /// @param target port of the control plane
  public LinkProxy(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofVirtual().start(this::acceptAll);
  }

  public int port() {
    return server.getLocalPort();
  }

  public Mode mode() {
    return mode;
  }

  /// Changes the state. Open connections break when the link is cut and when it carries data again
  /// after a stall, as their own timeouts would break them.
  public void set(Mode next) {
    Mode before = mode;
    mode = next;
    if (next == Mode.CUT || stalls(before)) {
      breakAll();
    }
  }

  /// Connects to another port from now on. Open connections break.
  public void leadTo(int port) {
    target = port;
    breakAll();
  }

  private static boolean stalls(Mode mode) {
    return mode == Mode.HALF_OPEN || mode == Mode.DEAF || mode == Mode.MUTE;
  }

  private void breakAll() {
    open.forEach(LinkProxy::closeQuietly);
  }

  private void acceptAll() {
    while (!closed) {
      try {
        Socket client = server.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException _) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    if (mode == Mode.CUT) {
      drop(client);
      return;
    }
    try {
      Socket control = new Socket(InetAddress.getLoopbackAddress(), target);
      open.add(control);
      Thread.ofVirtual().start(() -> pump(client, control, Mode.MUTE));
      pump(control, client, Mode.DEAF);
    } catch (IOException _) {
      drop(client); // control does not listen
    }
  }

  /// @param stopped the one-way failure that stops this direction
  private void pump(Socket from, Socket to, Mode stopped) {
    byte[] buffer = new byte[16 * 1024];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      while (true) {
        int read = in.read(buffer, 0, mode == Mode.THROTTLE ? SLOW_BYTES : buffer.length);
        if (read < 0) {
          return;
        }
        hold(stopped);
        out.write(buffer, 0, read);
        out.flush();
      }
    } catch (IOException _) {
      // one side closed, so the other is closed too
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private void hold(Mode stopped) {
    switch (mode) {
      case WELL, CUT -> {}
      case DELAY -> LockSupport.parkNanos(DELAY_NANOS);
      case THROTTLE -> LockSupport.parkNanos(SLOW_NANOS);
      case HALF_OPEN, DEAF, MUTE -> {
        while (!closed && (mode == Mode.HALF_OPEN || mode == stopped)) {
          LockSupport.parkNanos(LOOK_NANOS);
        }
      }
    }
  }

  private void drop(Socket socket) {
    open.remove(socket);
    closeQuietly(socket);
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // it is being thrown away
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    server.close();
    breakAll();
  }
}
