// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.cli.session.CliIo;
import dev.weir.client.FakeControl;
import dev.weir.client.RetryDelay;
import dev.weir.model.Resource;
import dev.weir.model.codec.Json;
import dev.weir.model.codec.Manifests;
import dev.weir.model.value.Metadata;
import dev.weir.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Runs command lines against a fake control plane. A wait advances the manual clock.
public final class CliFixture implements AutoCloseable {
  public static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");

  public final FakeControl control = new FakeControl();
  public final ManualClock clock = new ManualClock(NOW);
  public final Map<String, String> env = new HashMap<>();
  public boolean terminal;
  public String in = "";
  public RetryDelay pause = clock::advance;

  /// Gets all output so far after each write.
  public Consumer<String> printed = _ -> {};

  /// The status and the output of a command.
  public record Ended(int status, String out, String err) {}

  /// @param config the file of the contexts
  CliFixture(Path config) {
    env.put("WEIR_CONFIG_DIR", config.toString());
    env.put("WEIR_SERVER", control.address().toString());
    env.put("WEIR_KEY", "weir_secret");
  }

  /// Runs without a context.
  public CliFixture() {
    this(Path.of("no-contexts-here"));
  }

  public Ended run(String... arguments) {
    return run(List.of(), arguments);
  }

  Ended run(List<Object> mounted, String... arguments) {
    StringWriter out = new StringWriter();
    Ended ended = run(mounted, capturing(out), arguments);
    return new Ended(ended.status(), out.toString(), ended.err());
  }

  /// Runs with the test's own standard output, which is not captured.
  Ended runInto(PrintWriter out, String... arguments) {
    return run(List.of(), out, arguments);
  }

  private Ended run(List<Object> mounted, PrintWriter out, String... arguments) {
    StringWriter err = new StringWriter();
    CliIo io =
        new CliIo(
            out,
            new PrintWriter(err),
            new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
            env,
            terminal,
            clock);
    int status = new WeirCli("1.2.3", io, pause).run(mounted, arguments);
    return new Ended(status, "", err.toString());
  }

  private PrintWriter capturing(StringWriter out) {
    return new PrintWriter(out) {
      @Override
      public void flush() {
        super.flush();
        printed.accept(out.toString());
      }
    };
  }

  /// The resource as the control plane would store it.
  public static <T extends Resource> T stored(T resource, long revision) {
    Metadata metadata =
        resource.metadata().stored(revision, revision, Instant.parse("2026-01-01T00:00:00Z"));
    @SuppressWarnings("unchecked") // withMetadata keeps the class.
    T stored = (T) resource.withMetadata(metadata);
    return stored;
  }

  static FakeControl.Reply json(Resource resource) {
    return FakeControl.json(Manifests.toJson(resource));
  }

  public static FakeControl.Reply items(long revision, Resource... resources) {
    String items = String.join(",", List.of(resources).stream().map(Manifests::toJson).toList());
    return FakeControl.json("{\"items\":[" + items + "],\"revision\":" + revision + "}");
  }

  /// Kinds that are observed and not stored.
  public static FakeControl.Reply observed(Record... items) {
    String all = String.join(",", List.of(items).stream().map(Json::write).toList());
    return FakeControl.json("{\"items\":[" + all + "]}");
  }

  @Override
  public void close() {
    control.close();
  }
}
