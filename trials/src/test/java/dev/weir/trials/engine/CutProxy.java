// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A proxy before one engine that passes all bytes on and cuts the streams of its [StreamCutter]s.
/// The engine behind it can be replaced.
final class CutProxy implements AutoCloseable {
  private static final int MOST_KEPT = 64 * 1024;
  private static final String NO_HTTP = "\u0000\u0001SSH-2.0-OpenSSH_9.2\r\n";
  private static final String NO_TEXT = "e\r\ndata: \u00ff\u00fe{}\u00f8\u0000\n\n\r\n";

  private static final String LAST_CHUNK = "0\r\n\r\n";

  private final ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
  private final StreamCutter streamCutter;
  private volatile LlamaProcess.Running engine;

  CutProxy(LlamaProcess.Running engine, StreamCutter streamCutter) throws IOException {
    this.engine = engine;
    this.streamCutter = streamCutter;
    Thread.startVirtualThread(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  LlamaProcess.Running engine() {
    return engine;
  }

  void serve(LlamaProcess.Running next) {
    engine = next;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket gateway = server.accept();
        Thread.startVirtualThread(() -> connect(gateway));
      } catch (IOException _) {
        // Closed, or this one connection is lost.
      }
    }
  }

  private void connect(Socket gateway) {
    LlamaProcess.Running to = engine;
    try {
      Socket there = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(to.port()));
      gateway.setTcpNoDelay(true);
      there.setTcpNoDelay(true);
      Way way = new Way(gateway, there, to.process());
      Thread.startVirtualThread(way::requests);
      way.answers();
    } catch (IOException _) {
      reset(gateway);
    }
  }

  private static void reset(Socket socket) {
    try (socket) {
      socket.setSoLinger(true, 0);
    } catch (IOException _) {
      // It is closed already.
    }
  }

  /// One connection of the gateway's and the one to the engine.
  private final class Way {
    private final Socket gateway;
    private final Socket there;
    private final Process process;
    private volatile Optional<Cut> cut = Optional.empty();
    private volatile boolean marked;
    private volatile long heardNanos;

    Way(Socket gateway, Socket there, Process process) {
      this.gateway = gateway;
      this.there = there;
      this.process = process;
    }

    void requests() {
      StringBuilder said = new StringBuilder();
      byte[] buffer = new byte[8192];
      try (there;
          gateway) {
        InputStream in = gateway.getInputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          said.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
          look(said);
          there.getOutputStream().write(buffer, 0, n);
        }
      } catch (IOException _) {
        // The other direction ends likewise.
      }
    }

    private void look(StringBuilder said) {
      marked = streamCutter.marks(said.toString());
      if (marked) {
        heardNanos = System.nanoTime();
        cut = streamCutter.asked(said.toString());
        said.setLength(0);
      } else if (said.length() > MOST_KEPT) {
        said.delete(0, said.length() - MOST_KEPT);
      }
    }

    void answers() {
      CutAnswer answer = new CutAnswer();
      byte[] buffer = new byte[8192];
      try {
        InputStream in = there.getInputStream();
        OutputStream out = gateway.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (cut.isEmpty()) {
            heard();
            if (endsAnswer(buffer, n)) {
              marked = false;
            }
            out.write(buffer, 0, n);
          } else {
            out.write(answer.upTo(cut.get(), buffer, n));
            if (answer.over()) {
              end(cut.get().kind(), in, out);
              return;
            }
          }
        }
        gateway.close();
      } catch (IOException _) {
        if (cut.isEmpty()) {
          heard();
        }
        reset(gateway);
      }
    }

    private static boolean endsAnswer(byte[] bytes, int length) {
      return new String(bytes, 0, length, StandardCharsets.ISO_8859_1).endsWith(LAST_CHUNK);
    }

    private void heard() {
      long now = System.nanoTime();
      if (marked) {
        streamCutter.silent(now - heardNanos);
      }
      heardNanos = now;
    }

    private void end(Cut.Kind kind, InputStream in, OutputStream out) throws IOException {
      switch (kind) {
        case FIN, HALF_AN_EVENT -> gateway.close();
        case RST -> reset(gateway);
        case STALL -> in.transferTo(OutputStream.nullOutputStream());
        case GARBAGE -> out.write(NO_HTTP.getBytes(StandardCharsets.ISO_8859_1));
        case GARBAGE_EVENT -> out.write(NO_TEXT.getBytes(StandardCharsets.ISO_8859_1));
        case KILL -> kill(in);
      }
    }

    /// How the connection ends is for the kernel to say.
    private void kill(InputStream in) throws IOException {
      process.destroyForcibly();
      in.transferTo(OutputStream.nullOutputStream());
      process.onExit().join();
      gateway.close();
    }
  }

  /// A chunked answer of server-sent events, each in a chunk of its own.
  private static final class CutAnswer {
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final String END_OF_EVENT = "\n\n\r\n";

    /// No event is shorter.
    private static final int HALF = 12;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private int sent;
    private boolean over;

    /// @return what of it comes through
    byte[] upTo(Cut cut, byte[] bytes, int length) {
      said.write(bytes, 0, length);
      String all = said.toString(StandardCharsets.ISO_8859_1);
      int end = end(all, cut);
      over = end >= 0;
      String more = all.substring(sent, over ? end : atMost(all, cut));
      sent += more.length();
      return more.getBytes(StandardCharsets.ISO_8859_1);
    }

    boolean over() {
      return over;
    }

    /// The event after the cut is held until the cut is made.
    private int atMost(String all, Cut cut) {
      int end = end(all, new Cut(cut.mark(), cut.events(), Cut.Kind.FIN));
      return end < 0 ? all.length() : end;
    }

    private static int end(String all, Cut cut) {
      int end = after(all, END_OF_HEAD, 0);
      for (int i = 0; i < cut.events() && end >= 0; i++) {
        end = after(all, END_OF_EVENT, end);
      }
      int half = cut.kind() == Cut.Kind.HALF_AN_EVENT ? HALF : 0;
      return end < 0 || end + half > all.length() ? -1 : end + half;
    }

    private static int after(String all, String what, int from) {
      int at = all.indexOf(what, from);
      return at < 0 ? -1 : at + what.length();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
