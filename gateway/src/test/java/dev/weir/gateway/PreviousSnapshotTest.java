// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.auth.KeyAuthenticator;
import dev.weir.gateway.snapshot.DiskCopy;
import dev.weir.gateway.snapshot.LiveSnapshot;
import dev.weir.gateway.snapshot.StoreFile;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.ManualClock;
import dev.weir.testkit.RecordedFiles;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A gateway starts from the files that a gateway of the previous version wrote. The README of the
/// recorded store in module `control` describes the recording.
class PreviousSnapshotTest {
  /// The key whose hash is in the recording; it has no other use.
  private static final String KEY = "fixture-key-of-no-value";

  private static final Pattern PUBLISHED = Pattern.compile("\"publishedAt\":\"([^\"]+)\"");
  private static final Pattern REPLICA = Pattern.compile("http://127\\.0\\.0\\.1:[0-9]{2,5}");

  @TempDir Path folder;

  @Test
  void it_serves_the_recorded_routes_to_the_recorded_key_without_a_control_plane()
      throws Exception {
    RecordedFiles.unpack(PreviousSnapshotTest.class, "previous/gateway.zip", folder);
    try (FakeModelServer replica = FakeModelServer.start()) {
      Instant published = moveReplicas(folder.resolve("snapshot.json"), replica.url());
      ManualClock clock = new ManualClock(published.plusSeconds(60));
      LiveSnapshot live = new LiveSnapshot(clock, clock);
      live.restore(
          new DiskCopy(folder.resolve("snapshot.json")), new StoreFile(folder.resolve("store")));
      assertThat(live.notReadyReason()).isEmpty();
      assertThat(live.store().witness().id())
          .isEqualTo(live.current().snapshot().store().id())
          .isNotEmpty();
      try (Gateway gateway = gateway(live, clock);
          HttpClient http = HttpClient.newHttpClient()) {
        HttpResponse<String> answer = http.send(chat(gateway, KEY), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("x-weir-version"))
            .as("a gateway without a lease sends the canary nothing")
            .contains("chat@1");
        assertThat(http.send(chat(gateway, "another"), BodyHandlers.ofString()).statusCode())
            .isEqualTo(401);
      }
    }
  }

  private static Gateway gateway(LiveSnapshot live, ManualClock clock) {
    return Gateway.start(
        new GatewayOptions("127.0.0.1", 0).withLoops(1),
        live,
        new KeyAuthenticator(clock),
        new GatewayFixture.Memory(),
        () -> new byte[0],
        new SplittableRandom(42),
        System::nanoTime);
  }

  private static HttpRequest chat(Gateway gateway, String key) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
        .header("authorization", "Bearer " + key)
        .header("content-type", "application/json")
        .POST(
            BodyPublishers.ofString(
                "{\"model\":\"assistant\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"))
        .build();
  }

  /// Points the recorded replicas at a running server; everything else stays as recorded.
  private static Instant moveReplicas(Path file, String url) throws IOException {
    String text = Files.readString(file);
    String head = text.substring(0, text.indexOf('\n'));
    String body = REPLICA.matcher(text.substring(head.length() + 1)).replaceAll(url);
    String hash = SnapshotCodec.hash(body.getBytes(StandardCharsets.UTF_8));
    Files.writeString(file, "weir-snapshot 1 %s %s\n%s".formatted(hash, hash, body));
    Matcher published = PUBLISHED.matcher(body);
    assertThat(published.find()).isTrue();
    return Instant.parse(published.group(1));
  }
}
