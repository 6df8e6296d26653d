// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import static dev.weir.runtime.ProviderContract.NAME;
import static dev.weir.runtime.ProviderContract.QUICK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.TargetSettings.ExternalTarget;
import dev.weir.model.spec.TargetSpec.TlsSpec;
import dev.weir.model.status.ReplicaState;
import dev.weir.runtime.AddressRule;
import dev.weir.runtime.NameResolver;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.Watcher;
import dev.weir.runtime.probe.GenerationProbe;
import dev.weir.testkit.FakeModelServer;
import dev.weir.testkit.FakeModelServer.Received;
import dev.weir.testkit.FakeModelServer.Script;
import dev.weir.testkit.TestAuthority;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Endpoints behind TLS are checked like in gateways (`ReplicaTlsTest`): a gateway must be able to
/// reach every endpoint that is ready here.
final class ExternalTlsTest {
  private static final String SERVER = "engine.test";
  private static final Script ANSWERS =
      Script.json(200, "{\"choices\":[{\"text\":\" four\",\"finish_reason\":\"length\"}]}");

  @TempDir static Path folder;
  private static TestAuthority authority;
  private static TestAuthority stranger;

  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void found() throws IOException {
    authority = TestAuthority.in(Files.createDirectory(folder.resolve("authority")));
    stranger = TestAuthority.in(Files.createDirectory(folder.resolve("stranger")));
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private FakeModelServer server(TestAuthority by, String... hosts) {
    FakeModelServer server =
        FakeModelServer.start(by.server(by.issue(30, hosts))).byDefault(ANSWERS);
    open.add(server);
    return server;
  }

  private Provider provider(Optional<String> serverName) {
    ExternalTarget target =
        new ExternalTarget(
            Optional.of("env:KEY"),
            new TlsSpec(Optional.of(authority.certificate().toString()), serverName));
    ExternalProvider provider =
        new ExternalProvider(
            target,
            new ExternalProviderOptions(
                InstantSource.system(),
                QUICK,
                GenerationProbe.Limits.DEFAULT,
                new AddressRule(Set::of, NameResolver.SYSTEM),
                Map.of("KEY", "s3cret-token")));
    open.add(provider);
    return provider;
  }

  private static ReplicaIntent at(String url) {
    return new ReplicaIntent(
        NAME,
        "hash-1",
        new EngineSpec(new EngineType("vllm"), List.of(), List.of(), Optional.empty(), Map.of()),
        "chat",
        Duration.ofSeconds(1),
        Optional.of(URI.create(url)),
        0,
        Optional.empty(),
        Optional.empty());
  }

  private void ready(String url, Optional<String> serverName) throws InterruptedException {
    Provider provider = provider(serverName);
    provider.ensure(at(url));
    new Watcher(provider).await(NAME, ReplicaState.READY);
  }

  private void refused(FakeModelServer server, String... why) throws InterruptedException {
    Provider provider = provider(Optional.of(SERVER));
    provider.ensure(at(server.url()));
    ObservedReplica seen =
        new Watcher(provider).await(NAME, r -> r.reason().contains("no trusted TLS connection"));
    String authority = URI.create(server.url()).getAuthority();
    assertThat(seen.reason()).contains(authority).contains(why).doesNotContain("s3cret");
    assertThat(seen.state()).isEqualTo(ReplicaState.STARTING);
    assertThat(server.accepts()).isPositive();
    assertThat(server.drainReceived()).isEmpty();
  }

  @Test
  void an_endpoint_with_a_trusted_authority_and_name_is_ready_and_receives_the_key()
      throws Exception {
    FakeModelServer server = server(authority, SERVER);
    ready(server.url(), Optional.of(SERVER));
    Received request = server.take();
    int port = URI.create(server.url()).getPort();
    assertThat(request.headers())
        .containsEntry("authorization", "Bearer s3cret-token")
        .containsEntry("host", SERVER + ":" + port);
  }

  @Test
  void the_server_name_applies_even_if_the_url_has_another() throws Exception {
    FakeModelServer server = server(authority, SERVER);
    ready(server.url().replace("127.0.0.1", "localhost"), Optional.of(SERVER));
  }

  @Test
  void a_star_matches_the_first_label() throws Exception {
    ready(server(authority, "*.test").url(), Optional.of(SERVER));
  }

  @Test
  void without_a_server_name_the_host_name_is_checked() throws Exception {
    FakeModelServer server = server(authority, "localhost", "127.0.0.1");
    ready(server.url(), Optional.empty());
    ready(server.url().replace("127.0.0.1", "localhost"), Optional.empty());
  }

  @Test
  void a_certificate_with_another_name_is_refused_even_if_it_has_the_address() throws Exception {
    refused(server(authority, "other.test", "127.0.0.1"), "does not contain the name " + SERVER);
  }

  @Test
  void a_certificate_of_an_unknown_authority_is_refused() throws Exception {
    refused(server(stranger, SERVER), "PKIX path");
  }

  @Test
  void a_certificate_with_neither_is_refused_with_the_message_of_java() throws Exception {
    refused(server(authority, "other.test"), "matching");
  }
}
