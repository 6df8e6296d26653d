// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import static dev.weir.client.FakeControl.broken;
import static dev.weir.client.FakeControl.events;
import static dev.weir.client.FakeControl.problem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.model.Resources;
import dev.weir.model.codec.Manifests;
import dev.weir.model.value.Kind;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchTest {
  private static final String WATCH = "GET /api/v1/watch";

  private final FakeControl control = new FakeControl();
  private final List<Duration> pauses = new ArrayList<>();
  private final WeirClient client =
      new WeirClient(
          ControlEndpoint.of(control.address(), "k"),
          HttpClient.newHttpClient(),
          FakeControl.withoutDelay(pauses),
          () -> "key");

  @AfterEach
  void close() {
    client.close();
    control.close();
  }

  private static String event(long id, String name, String model) {
    String data = Manifests.toJson(Resources.model(model));
    return "id: " + id + "\nevent: " + name + "\ndata: " + data + "\n\n";
  }

  @Test
  void events_arrive_in_order_and_a_broken_watch_continues_from_the_last_revision()
      throws Exception {
    control.on(
        WATCH,
        events(
            ": watching\n\n" + event(8, "put", "a") + ": heartbeat\n\n" + event(9, "delete", "a")),
        broken(),
        events(event(10, "put", "b")));
    try (Watch watch = client.watch(7, List.of(Kind.MODEL, Kind.SERVICE))) {
      assertThat(watch.next()).isEqualTo(new WatchEvent.Put(8, Resources.model("a")));
      assertThat(watch.next()).isEqualTo(new WatchEvent.Deleted(9, Resources.model("a")));
      assertThat(watch.next()).isEqualTo(new WatchEvent.Put(10, Resources.model("b")));
      assertThat(watch.revision()).isEqualTo(10);
    }
    assertThat(control.requests().getFirst().query()).isEqualTo("after=7&kinds=models,services");
    assertThat(control.last().query()).isEqualTo("after=9&kinds=models,services");
    assertThat(pauses).isNotEmpty();
  }

  @Test
  void compacted_history_requires_a_new_list() throws Exception {
    control.on(WATCH, problem(410, "\"title\":\"gone\",\"detail\":\"list again\""));
    try (Watch watch = client.watch(1, List.of())) {
      assertThat(watch.next()).isEqualTo(new WatchEvent.Relist("list again"));
    }
  }

  @Test
  void a_refused_watch_is_not_retried() {
    control.on(WATCH, problem(401, "\"title\":\"No valid key was given\""));
    try (Watch watch = client.watch(1, List.of())) {
      assertThatThrownBy(watch::next).isInstanceOf(WeirApiException.class);
    }
    assertThat(control.requests()).hasSize(1);
  }

  @Test
  void the_watch_fails_after_a_bounded_wait_for_the_control_plane() {
    control.on(WATCH, problem(503, "\"title\":\"overloaded\""));
    try (Watch watch = client.watch(1, List.of())) {
      assertThatThrownBy(watch::next).isInstanceOf(WeirUnreachableException.class);
    }
    assertThat(pauses).hasSize(Watch.MAX_ATTEMPTS);
    assertThat(pauses.getFirst()).isEqualTo(Duration.ofMillis(250));
    assertThat(pauses.getLast()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void a_closed_watch_reports_that_it_is_closed() {
    Watch watch = client.watch(1, List.of());
    watch.close();
    assertThatThrownBy(watch::next).hasMessage("the watch was closed");
  }
}
