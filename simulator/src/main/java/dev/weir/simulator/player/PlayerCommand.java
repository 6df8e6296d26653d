// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.player;

import dev.weir.simulator.flags.Flags;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The trace player as a process. Prints JSON lines to standard output: `{"type": "progress", ...}`
/// while it plays and one `{"type": "report", ...}` at the end, both with the fields of
/// [PlayerReport]. Ends with the trace, after `--duration`, on SIGTERM, or, with
/// `--until-stdin-eof`, when its parent exits.
public final class PlayerCommand {
  private static final String HELP =
      PlayerOptions.HELP
          + """
          --duration S           seconds to play (default: until the trace ends or SIGTERM)
          --report-every S       seconds between progress lines (default 1, 0 = none)
          --until-stdin-eof      end when standard input ends
          """;
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final double NEVER_SECONDS = 365 * 86_400.0;
  private static final long MAX_POLL_MILLIS = 500;

  private PlayerCommand() {}

  public static void main(String... args) throws InterruptedException {
    AtomicBoolean end = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endGracefully(end, done), "player-stop"));
    int status = run(System.out, System.err, end, args);
    done.countDown();
    if (status != 0) {
      System.exit(status);
    }
  }

  private static void endGracefully(AtomicBoolean end, CountDownLatch done) {
    end.set(true);
    try {
      var _ = done.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// Plays until the end of the trace or until `end` is true; returns the exit status.
  public static int run(PrintStream out, PrintStream err, AtomicBoolean end, String... args)
      throws InterruptedException {
    if (Arrays.asList(args).contains("--help")) {
      out.print(HELP);
      return 0;
    }
    try {
      Flags flags = Flags.parse(args);
      PlayerOptions options = PlayerOptions.read(flags);
      Duration duration = PlayerOptions.seconds(flags.number("duration", NEVER_SECONDS));
      Duration every = PlayerOptions.seconds(flags.number("report-every", 1));
      boolean untilEof = flags.on("until-stdin-eof");
      flags.finish();
      if (untilEof) {
        Thread.ofVirtual().start(() -> awaitEof(end));
      }
      play(out, options, new Ending(duration, end), every);
      return 0;
    } catch (IllegalArgumentException wrong) {
      err.println("weir player: " + wrong.getMessage() + "; see --help");
      return 64;
    }
  }

  private static void awaitEof(AtomicBoolean end) {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException brokenPipe) {
      // A broken pipe also means that the parent has exited.
    }
    end.set(true);
  }

  /// When to stop: after `duration`, or as soon as `requested` is true.
  private record Ending(Duration duration, AtomicBoolean requested) {
    boolean reached(long startNanos) {
      return requested.get() || System.nanoTime() - startNanos >= duration.toNanos();
    }
  }

  private static void play(PrintStream out, PlayerOptions options, Ending ending, Duration every)
      throws InterruptedException {
    long start = System.nanoTime();
    try (PlayerHandle player = TracePlayer.start(options)) {
      long nextReport = start + every.toNanos();
      while (!ending.reached(start) && !player.awaitEnd(Duration.ofMillis(pollMillis(every)))) {
        if (!every.isZero() && System.nanoTime() >= nextReport) {
          nextReport += every.toNanos();
          print(out, "progress", player.snapshot());
        }
      }
      print(out, "report", player.stop());
    }
  }

  private static long pollMillis(Duration every) {
    long fraction = every.toMillis() / 10;
    return fraction < 1 ? MAX_POLL_MILLIS / 10 : Math.min(MAX_POLL_MILLIS, fraction);
  }

  private static void print(PrintStream out, String type, PlayerReport report) {
    ObjectNode line = JSON.createObjectNode().put("type", type);
    ObjectNode fields = JSON.valueToTree(report);
    out.println(line.setAll(fields));
    out.flush();
  }
}
