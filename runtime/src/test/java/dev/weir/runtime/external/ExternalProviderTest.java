// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.external;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.TargetSettings.ExternalTarget;
import dev.weir.model.spec.TargetSpec.TlsSpec;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.AddressRule;
import dev.weir.runtime.ModelServerContract;
import dev.weir.runtime.NameResolver;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.TestModelServer;
import dev.weir.runtime.TestModelServer.Mood;
import dev.weir.runtime.probe.GenerationProbe;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ExternalProviderTest extends ModelServerContract {
  private static final int OWN_PORT = 9090;

  private final List<TestModelServer> servers = new ArrayList<>();
  private final Optional<String> credential = Optional.empty();

  @Override
  protected Provider open() {
    return new ExternalProvider(
        new ExternalTarget(credential, TlsSpec.NONE),
        new ExternalProviderOptions(
            InstantSource.system(),
            QUICK,
            GenerationProbe.Limits.DEFAULT,
            new AddressRule(() -> Set.of(OWN_PORT), NameResolver.SYSTEM),
            Map.of("KEY", "s3cret-token")));
  }

  @Override
  protected Owner owner() {
    return Owner.EXTERNAL;
  }

  @Override
  protected void crash(ObservedReplica replica) {
    servers.stream()
        .filter(server -> replica.endpoint().equals(Optional.of(server.endpoint())))
        .forEach(TestModelServer::close);
  }

  @Override
  protected ReplicaIntent intent(ReplicaName name, Mood mood, int warmUpRequests)
      throws IOException {
    TestModelServer server = new TestModelServer(0, mood);
    servers.add(server);
    return at(Optional.of(server.endpoint()), name, warmUpRequests);
  }

  private static ReplicaIntent at(Optional<URI> endpoint, ReplicaName name, int warmUpRequests) {
    return new ReplicaIntent(
        name,
        "hash-1",
        new EngineSpec(new EngineType("vllm"), List.of(), List.of(), Optional.empty(), Map.of()),
        "chat",
        Duration.ofSeconds(1),
        endpoint,
        warmUpRequests,
        Optional.empty(),
        Optional.empty());
  }

  @AfterEach
  void stopServers() {
    servers.forEach(TestModelServer::close);
  }

  @Test
  void a_replica_without_an_endpoint_fails_and_names_the_field_to_set() throws Exception {
    provider.ensure(at(Optional.empty(), NAME, 0));
    assertThat(watcher.await(NAME, ReplicaState.FAILED).reason()).contains("placement's endpoints");
  }

  @Test
  void an_endpoint_that_never_answers_is_reported_with_the_reason() throws Exception {
    TestModelServer closed = new TestModelServer(0, Mood.FINE);
    URI endpoint = closed.endpoint();
    closed.close();
    provider.ensure(at(Optional.of(endpoint), NAME, 0));
    ObservedReplica seen = watcher.await(NAME, r -> r.reason().contains("connection refused"));
    assertThat(seen.state()).isEqualTo(ReplicaState.STARTING);
    assertThat(seen.pid()).isEmpty();
  }

  @Test
  void metadata_addresses_and_weirs_own_ports_are_never_called() throws Exception {
    provider.ensure(at(Optional.of(URI.create("http://169.254.169.254/latest")), NAME, 0));
    watcher.await(NAME, r -> r.reason().contains("link-local or metadata address"));
    ReplicaName other = new ReplicaName("default", "own", NAME.version(), 0);
    provider.ensure(at(Optional.of(URI.create("http://127.0.0.1:" + OWN_PORT)), other, 0));
    watcher.await(other, r -> r.reason().contains("Weir's own port"));
  }
}
