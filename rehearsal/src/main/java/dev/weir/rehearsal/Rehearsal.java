// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import dev.weir.client.IssueRequest;
import dev.weir.model.AuditReport;
import dev.weir.model.Kind;
import dev.weir.model.Metadata;
import dev.weir.model.ResourceRef;
import dev.weir.model.RoleBindingSpec.Role;
import dev.weir.model.Service;
import dev.weir.rehearsal.Scenario.Manner;
import dev.weir.simulator.player.PlayerReport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Plays a scenario on real processes and tells what clients saw: read [#play] from top to bottom.
public final class Rehearsal {
  /// Traffic before the first release: every process is warm and the baseline known.
  private static final Duration SETTLE = Duration.ofSeconds(15);

  private static final Duration SERVING = Duration.ofSeconds(90);

  private final RehearsalOptions options;
  private final Narrator narrator;
  private final Waiting waiting;

  private Rehearsal(RehearsalOptions options, Narrator narrator, LongSupplier nanoTime) {
    this.options = options;
    this.narrator = narrator;
    this.waiting = new Waiting(nanoTime);
  }

  /// @throws RehearsalException when something that must happen did not
  public static DemoReport play(
      Scenario scenario, RehearsalOptions options, Narrator narrator, LongSupplier nanoTime)
      throws IOException, InterruptedException {
    return new Rehearsal(options, narrator, nanoTime).play(scenario);
  }

  private DemoReport play(Scenario scenario) throws IOException, InterruptedException {
    narrator.step("starting a control plane and a gateway (two processes)");
    try (Stack stack = Stack.start(options.weir(), options.folder(), waiting)) {
      serveFirstVersion(stack);
      String key = inferenceKey(stack);
      narrator.step("playing " + trafficTitle() + ", open-loop, every answer judged by the client");
      try (Traffic traffic = startTraffic(scenario, stack, key)) {
        settle(stack, traffic);
        Acts acts = new Acts(stack, traffic, narrator, waiting, options.replicas());
        for (Scenario.Act act : scenario.acts()) {
          acts.play(act);
        }
        narrator.step("stopping the traffic, waiting for the last answers");
        return report(traffic.stop(), acts, stack.client().verifyAudit());
      }
    }
  }

  private void serveFirstVersion(Stack stack) throws IOException, InterruptedException {
    narrator.step("serving chat@1 on " + options.replicas() + " simulated GPUs");
    stack
        .client()
        .apply(
            Engines.model()
                + Engines.version(1, false)
                + Engines.service(1, options.replicas(), Manner.DEMO),
            false,
            "rehearsal");
    waiting.until(
        SERVING,
        "chat@1 to serve on all replicas",
        () -> {
          stack.mustLive();
          Optional<Service> service = service(stack);
          service.ifPresent(found -> narrator.live(found.status().message()));
          return service.flatMap(found -> found.status().stable()).isPresent()
              && Acts.ready(stack, "1") == options.replicas();
        });
  }

  private static Optional<Service> service(Stack stack) {
    return stack
        .client()
        .find(ResourceRef.of(Kind.SERVICE, Metadata.DEFAULT_NAMESPACE, Engines.SERVICE))
        .map(Service.class::cast);
  }

  private static String inferenceKey(Stack stack) {
    return stack
        .client()
        .issueKey(
            Metadata.DEFAULT_NAMESPACE,
            "rehearsal",
            new IssueRequest(
                "rehearsal", Optional.of(Role.INFERENCE), List.of(), false, Optional.empty()),
            "rehearsal")
        .key();
  }

  private String trafficTitle() {
    return options
        .trace()
        .map(file -> "the trace " + file.getFileName())
        .orElse(Math.round(options.rate()) + " requests/s of azure-conv-2023 (fitted)");
  }

  private Traffic startTraffic(Scenario scenario, Stack stack, String key) throws IOException {
    List<String> faulty = new ArrayList<>();
    int version = 1;
    for (Scenario.Act act : scenario.acts()) {
      switch (act) {
        case Scenario.GoodRelease _ -> version++;
        case Scenario.BadRelease _ -> faulty.add(Integer.toString(++version));
        case Scenario.KillReplica _ -> {}
      }
    }
    Traffic.Plan plan =
        new Traffic.Plan(
            options.trace(), options.rate(), traceSpeed(), options.seed(), 0.2, 512, faulty);
    return Traffic.start(
        plan, stack.gatewayUrl(), Engines.SERVICE, key, options.weir(), options.folder());
  }

  /// The recorded conversation trace carries 5.5 requests a second on average.
  private double traceSpeed() {
    return options.rate() / 5.5;
  }

  private void settle(Stack stack, Traffic traffic) throws IOException, InterruptedException {
    narrator.step("letting " + SETTLE.toSeconds() + " s of baseline traffic pass");
    waiting.until(
        SERVING,
        "the first right answers",
        () -> {
          stack.mustLive();
          return traffic.seen().filter(seen -> seen.requests().served() > 0).isPresent();
        });
    waiting.pause(SETTLE);
  }

  private DemoReport report(PlayerReport seen, Acts acts, AuditReport audit) {
    PlayerReport.Requests requests = seen.requests();
    if (!seen.reasons().isEmpty()) {
      narrator.detail("what clients saw go wrong: " + seen.reasons());
      seen.examples().forEach(example -> narrator.detail("for example: " + example));
    }
    return new DemoReport(
        options.version(),
        seen.traffic(),
        new DemoReport.Requests(
            requests.served(),
            requests.failed() + requests.harmed(),
            requests.streamed(),
            requests.resumed()),
        acts.releases(seen),
        acts.faults(),
        new DemoReport.Audit(audit.entries(), audit.verified()));
  }
}
