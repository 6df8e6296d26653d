// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.cli.WeirCli;
import dev.weir.cli.session.CliIo;
import dev.weir.cli.session.ContextFile;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `weir traffic` against both planes in this process, with a simulated engine.
@Timeout(180)
class TrafficCommandTest {
  @TempDir private Path folder;
  private SingleProcess weir;

  private record Ended(int status, String out, String err) {}

  @BeforeEach
  void start() throws IOException {
    Configuration configuration =
        Configuration.load(
            Optional.empty(),
            Map.of(),
            Map.of(
                Setting.DATA, folder.resolve("data").toString(),
                Setting.CONTROL, "127.0.0.1:0",
                Setting.GATEWAY, "127.0.0.1:0"));
    weir = SingleProcess.start(configuration, TestHooks.NONE, () -> true);
    contexts()
        .makeCurrent(
            "local", weir.control(), weir.gateway(), weir.adminKeyFile(), Optional.empty());
  }

  @AfterEach
  void stop() {
    weir.close();
  }

  private Map<String, String> environment() {
    return Map.of("WEIR_CONFIG_DIR", folder.resolve("config").toString());
  }

  private ContextFile contexts() {
    return ContextFile.ofEnvironment(environment());
  }

  private Ended run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CliIo io =
        new CliIo(
            new PrintWriter(out),
            new PrintWriter(err),
            InputStream.nullInputStream(),
            environment(),
            false,
            InstantSource.system());
    WeirCli cli = new WeirCli("test", io);
    int status = cli.run(List.of(new TrafficCommand(cli.session())), arguments);
    return new Ended(status, out.toString(), err.toString());
  }

  private void serve() throws IOException {
    Path manifest = Files.writeString(folder.resolve("chat.yaml"), ChatManifest.upTo(1, "{}"));
    Ended applied = run("apply", "-f", manifest.toString(), "--wait");
    assertThat(applied.status()).as(applied.err()).isZero();
  }

  @Test
  void the_key_of_the_context_serves_traffic_and_the_result_is_one_json_document()
      throws IOException {
    serve();
    Ended ended = run("traffic", "chat", "--rate", "50", "--duration", "2s", "-o", "json");
    assertThat(ended.status()).as(ended.err()).isZero();
    JsonNode summary = JsonMapper.shared().readTree(ended.out());
    assertThat(summary.path("service").asString()).isEqualTo("default/chat");
    assertThat(summary.path("seconds").asDouble()).isGreaterThanOrEqualTo(2);
    assertThat(summary.at("/requests/failed").asLong()).as(ended.out()).isZero();
    assertThat(summary.at("/requests/served").asLong()).isGreaterThan(50);
    assertThat(summary.at("/requests/streamed").asLong()).isPositive();
    assertThat(summary.path("versions").path("chat@1").asLong())
        .isEqualTo(summary.at("/requests/served").asLong());
    assertThat(ended.err()).contains("sending 50 requests/s to default/chat at " + weir.gateway());
  }

  @Test
  void what_is_missing_is_named_with_the_remedy() throws IOException {
    serve();
    assertThat(run("traffic", "code", "--duration", "1s").err())
        .contains("has no Service 'code' for this key");
    assertThat(run("traffic", "chat", "-n", "search", "--duration", "1s").err())
        .contains("of namespace 'default', not of 'search'")
        .contains("weir key create traffic -n search --role inference");
    assertThat(run("traffic", "chat", "--key", "weir_wrong", "--duration", "1s").err())
        .contains("rejects the key (status 401)");
    contexts()
        .put(
            "bare",
            new ContextFile.Entry(
                weir.control(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    Ended bare = run("traffic", "chat", "--context", "bare");
    assertThat(bare.status()).isEqualTo(1);
    assertThat(bare.err())
        .contains("context 'bare' names no gateway")
        .contains("weir context set bare --server " + weir.control() + " --gateway URL");
    assertThat(run("context", "set", "bare", "--gateway", weir.gateway()).status()).isZero();
    assertThat(run("traffic", "chat", "--context", "bare").err())
        .contains("no API key")
        .contains("weir key create traffic -n default --role inference");
  }

  @Test
  void values_out_of_range_are_wrong_usage() {
    for (List<String> wrong :
        List.of(
            List.of("--rate", "0"),
            List.of("--rate", "501"),
            List.of("--duration", "0s"),
            List.of("--duration", "25h"),
            List.of("--duration", "soon"))) {
      Ended ended = run("traffic", "chat", wrong.getFirst(), wrong.getLast());
      assertThat(ended.status()).as(wrong.toString()).isEqualTo(64);
      assertThat(ended.err()).contains(wrong.getFirst()).contains("weir traffic --help");
    }
  }
}
