// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import static dev.weir.control.ControlWorld.ADA;
import static dev.weir.control.ControlWorld.ONE;
import static dev.weir.control.ControlWorld.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.SimulatedGateway.Behaviour;
import dev.weir.control.channel.DeliveryResult;
import dev.weir.control.crash.CrashPoint;
import dev.weir.model.Resources;
import dev.weir.model.spec.AlertChannelSpec.ChannelType;
import dev.weir.model.spec.AlertEvent;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.status.RolloutPhase;
import dev.weir.model.value.Severity;
import dev.weir.model.view.AlertTest;
import dev.weir.model.view.AlertView;
import dev.weir.model.view.AlertView.DeliveryState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What people are told of what happens to a Service, whoever dies or is away meanwhile.
class AlertsTest {
  private static final String HOOKS = "http://127.0.0.1:9/hooks";
  private static final String OTHERS = "http://127.0.0.1:9/others";

  @TempDir Path folder;

  /// A world whose control plane has adopted what runs.
  private ControlWorld world(Severity least) {
    ControlWorld world = new ControlWorld(folder);
    world.apply(Resources.alertChannel("hooks", ChannelType.WEBHOOK, HOOKS, least));
    world.serving();
    return world;
  }

  private static void revert(ControlWorld world) {
    world.behaviours.put("chat@2", new Behaviour(.08, .4));
    world.want(TWO);
    world.untilPhase("chat-1", RolloutPhase.ROLLED_BACK, 200);
    world.steps(4);
  }

  private static List<AlertView> firing(ControlWorld world) {
    return world.control().alerts().alerts().stream().filter(AlertView::firing).toList();
  }

  private static AlertView alert(ControlWorld world, AlertEvent event) {
    return world.control().alerts().alerts().stream()
        .filter(alert -> alert.event() == event)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_reverted_release_is_told_once_with_its_reason_and_is_over_when_it_is_wanted_no_more() {
    try (ControlWorld world = world(Severity.WARNING)) {
      revert(world);
      assertThat(world.inbox.received(HOOKS)).containsExactly("rolloutReverted firing");
      JsonNode data = world.inbox.events(HOOKS).getFirst().path("data");
      assertThat(data.path("summary").asString())
          .matches(
              "chat@2 of service default/chat was rolled back; chat@1 serves\\. .*chat@2.*\\d.*chat@1.*")
          .doesNotContain("log e")
          .contains("weir rollout explain chat --number 1 -n default");
      assertThat(data.path("link").asString())
          .isEqualTo("http://weir:7070/api/v1/namespaces/default/rollouts/chat-1/evidence");
      assertThat(data.path("rollout").asString()).isEqualTo("chat-1");

      world.want(ONE);
      world.steps(4);
      assertThat(world.inbox.received(HOOKS))
          .containsExactly("rolloutReverted firing", "rolloutReverted resolved");
      assertThat(firing(world)).isEmpty();
    }
  }

  @Test
  void each_phase_of_a_rollout_is_news_to_those_who_want_it() {
    try (ControlWorld world = world(Severity.INFO)) {
      world.want(TWO);
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 400);
      world.steps(2);
      assertThat(world.inbox.events(HOOKS))
          .extracting(event -> event.path("data").path("details").path("phase").asString())
          .containsExactly("Provisioning", "Progressing", "Promoting", "Completed");
    }
  }

  @Test
  void an_undo_waits_for_nobody_and_no_channel_is_told_that_it_does() {
    try (ControlWorld world = world(Severity.INFO)) {
      world.want(TWO);
      world.untilPhase("chat-1", RolloutPhase.COMPLETED, 400);
      var _ =
          world
              .control()
              .commands()
              .rollback(world.service().ref(), Optional.empty(), ADA, "it smells");
      world.untilPhase("chat-2", RolloutPhase.COMPLETED, 60);
      world.steps(2);
      assertThat(world.inbox.events(HOOKS))
          .extracting(event -> event.path("data").path("details").path("phase").asString())
          .contains("Paused");
      assertThat(world.control().alerts().alerts())
          .extracting(AlertView::event)
          .doesNotContain(AlertEvent.ROLLOUT_WAITING);
    }
  }

  @Test
  void a_phase_is_named_once_in_the_text_of_its_event() {
    try (ControlWorld world = world(Severity.INFO)) {
      revert(world);
      assertThat(world.inbox.events(HOOKS))
          .extracting(event -> event.path("data").path("summary").asString())
          .anyMatch(
              text -> text.startsWith("Rollout chat-1 (chat@1 to chat@2) is RolledBack: chat@1"))
          .noneMatch(text -> text.contains("RolledBack: RolledBack"));
    }
  }

  @Test
  void what_happens_while_nobody_controls_is_told_afterwards() {
    try (ControlWorld world = world(Severity.WARNING)) {
      world.behaviours.put("chat@2", new Behaviour(.08, .4));
      world.crashInjector.dieAt(
          at -> at.name().equals("rollout.progressing.rolling-back.committed"),
          1,
          () -> world.want(ONE));
      world.want(TWO);
      world.until("it ended", w -> w.rollout("chat-1").status().phase().terminal(), 200);
      world.steps(4);
      assertThat(world.crashInjector.deaths()).isEqualTo(1);
      assertThat(world.inbox.received(HOOKS))
          .containsExactly("rolloutReverted firing", "rolloutReverted resolved");
    }
  }

  @Test
  void a_death_between_telling_and_noting_tells_the_same_again_and_nothing_else() {
    try (ControlWorld world = world(Severity.WARNING)) {
      world.crashInjector.dieAt(CrashPoint.ALERT_SENT, 1);
      revert(world);
      world.want(ONE);
      world.steps(4);
      assertThat(world.inbox.received(HOOKS))
          .containsExactly(
              "rolloutReverted firing", "rolloutReverted firing", "rolloutReverted resolved");
      assertThat(world.inbox.events(HOOKS)).extracting(e -> e.path("id").asString()).hasSize(3);
      assertThat(
              new HashSet<>(
                  world.inbox.events(HOOKS).stream().map(e -> e.path("id").asString()).toList()))
          .hasSize(2);
    }
  }

  @Test
  void who_was_away_gets_all_in_order_and_who_was_there_waits_for_nobody() {
    try (ControlWorld world = world(Severity.INFO)) {
      world.apply(Resources.alertChannel("others", OTHERS));
      world.inbox.answers.put(HOOKS, new DeliveryResult.Deferred("503", Optional.empty()));
      revert(world);
      assertThat(world.inbox.received(OTHERS)).contains("rolloutReverted firing");
      assertThat(alert(world, AlertEvent.ROLLOUT_REVERTED).deliveries())
          .filteredOn(delivery -> delivery.channel().equals("hooks"))
          .singleElement()
          .satisfies(delivery -> {
            assertThat(delivery.state()).isEqualTo(DeliveryState.WAITING);
            assertThat(delivery.answer()).isEqualTo("503");
            assertThat(delivery.nextAt()).isPresent();
          });

      world.restart();
      world.inbox.messages.clear();
      world.inbox.answers.clear();
      world.clock.advance(Duration.ofMinutes(6));
      world.steps(4);
      List<String> ids =
          world.inbox.events(HOOKS).stream().map(e -> e.path("id").asString()).toList();
      assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(3);
      assertThat(world.inbox.received(HOOKS)).containsOnlyOnce("rolloutReverted firing");
      assertThat(world.inbox.events(OTHERS)).isEmpty();
    }
  }

  @Test
  void a_channel_that_asks_for_time_is_given_it() {
    try (ControlWorld world = world(Severity.INFO)) {
      world.inbox.answers.put(
          HOOKS, new DeliveryResult.Deferred("429", Optional.of(Duration.ofMinutes(2))));
      world.want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      int asked = world.inbox.messages.size();
      world.steps(100);
      assertThat(world.inbox.messages).hasSize(asked);
    }
  }

  @Test
  void what_is_refused_is_dead_until_somebody_tries_again() {
    try (ControlWorld world = world(Severity.WARNING)) {
      world.inbox.answers.put(HOOKS, new DeliveryResult.Rejected("404 no such hook"));
      revert(world);
      AlertView dead = alert(world, AlertEvent.ROLLOUT_REVERTED);
      assertThat(dead.undelivered()).isTrue();
      assertThat(world.inbox.posts(HOOKS)).hasSize(1);

      world.inbox.answers.clear();
      assertThat(world.control().alerts().retry(dead.id(), ADA, "again")).isPresent();
      world.steps(2);
      assertThat(alert(world, AlertEvent.ROLLOUT_REVERTED).undelivered()).isFalse();
      assertThat(world.inbox.posts(HOOKS)).hasSize(2);
      assertThat(world.control().alerts().retry("none", ADA, "")).isEmpty();
    }
  }

  @Test
  void a_crash_loop_and_a_pause_are_told_and_are_over() {
    try (ControlWorld world = world(Severity.WARNING)) {
      world.provider.set(ONE, ReplicaState.BACK_OFF);
      world.stableMayFail = true;
      world.steps(2);
      assertThat(firing(world)).extracting(AlertView::event).containsExactly(AlertEvent.CRASH_LOOP);
      world.provider.set(ONE, ReplicaState.READY);
      world.steps(130);
      assertThat(world.inbox.received(HOOKS))
          .containsExactly("crashLoop firing", "crashLoop resolved");

      world.want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.control().commands().pause(ControlWorld.ref("chat-1"), ADA, "lunch");
      world.steps(2);
      assertThat(firing(world)).extracting(AlertView::event).contains(AlertEvent.ROLLOUT_WAITING);
    }
  }

  @Test
  void a_gateway_that_does_not_take_up_a_revert_is_a_page() {
    try (ControlWorld world = world(Severity.CRITICAL)) {
      SimulatedGateway deaf = new SimulatedGateway("gw-b", 2, 30, world.behaviours);
      world.gateways.add(deaf);
      world.steps(4);
      world.want(TWO);
      world.untilPhase("chat-1", RolloutPhase.PROGRESSING, 20);
      world.steps(4);
      deaf.disconnect();
      world.control().commands().abort(ControlWorld.ref("chat-1"), ADA, "no");
      world.steps(8);
      assertThat(world.inbox.received(HOOKS)).containsExactly("revertLate firing");
      assertThat(world.inbox.events(HOOKS).getFirst().path("data").path("summary").asString())
          .contains("Gateway gw-b has not acknowledged the rollback of chat-1 within 2 s")
          .contains("its lease ends in");
    }
  }

  @Test
  void an_alertmanager_hears_again_of_what_is_still_so_before_it_forgets() {
    try (ControlWorld world = new ControlWorld(folder)) {
      world.apply(
          Resources.alertChannel("am", ChannelType.ALERTMANAGER, "http://am:9093", Severity.ERROR));
      world.serving();
      revert(world);
      String url = "http://am:9093/api/v2/alerts";
      int before = world.inbox.posts(url).size();
      world.steps(250);
      assertThat(world.inbox.posts(url).size() - before).isEqualTo(2);
      world.want(ONE);
      world.steps(250);
      assertThat(world.inbox.posts(url)).hasSize(before + 3);
    }
  }

  @Test
  void a_test_says_what_came_back_and_is_kept_nowhere() throws InterruptedException {
    try (ControlWorld world = world(Severity.CRITICAL)) {
      assertThat(world.control().alerts().test("hooks", ADA, "drill"))
          .contains(new AlertTest(true, "204"));
      assertThat(world.inbox.received(HOOKS)).containsExactly("test firing", "test resolved");
      world.inbox.answers.put(HOOKS, new DeliveryResult.Rejected("403 bad signature"));
      assertThat(world.control().alerts().test("hooks", ADA, "drill"))
          .contains(new AlertTest(false, "403 bad signature"));
      assertThat(world.control().alerts().test("none", ADA, "")).isEmpty();
      assertThat(world.control().alerts().alerts()).isEmpty();
    }
  }

  @Test
  void who_tests_a_channel_or_tries_again_is_in_the_audit_log() throws InterruptedException {
    try (ControlWorld world = world(Severity.WARNING)) {
      world.inbox.answers.put(HOOKS, new DeliveryResult.Rejected("404 no such hook"));
      revert(world);
      String dead = alert(world, AlertEvent.ROLLOUT_REVERTED).id();
      assertThat(world.control().alerts().retry(dead, ADA, "mended")).isPresent();
      assertThat(world.control().alerts().test("hooks", ADA, "drill")).isPresent();
      assertThat(world.control().alerts().test("none", ADA, "drill")).isEmpty();
      assertThat(world.store.audit(0, 1_000))
          .filteredOn(entry -> entry.action().startsWith("alert."))
          .extracting(entry -> entry.principal() + " " + entry.subject() + ": " + entry.reason())
          .containsExactly("ada Alert/" + dead + ": mended", "ada AlertChannel/hooks: drill");
    }
  }
}
