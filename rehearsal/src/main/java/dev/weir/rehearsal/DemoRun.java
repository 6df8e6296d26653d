// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal;

import dev.weir.client.NewKeyRequest;
import dev.weir.model.Service;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Kind;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ResourceRef;
import dev.weir.model.view.AuditReport;
import dev.weir.rehearsal.DemoScenario.ReleaseStyle;
import dev.weir.simulator.player.PlayerReport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Plays a scenario on real processes and reports the clients' view. Start reading at [#play].
public final class DemoRun {
  /// Traffic before the first release, until every process is warm and the baseline is known.
  private static final Duration SETTLE = Duration.ofSeconds(15);

  private static final Duration SERVING = Duration.ofSeconds(90);

  private final DemoOptions options;
  private final Narrator narrator;
  private final DeadlineWait deadlineWait;

  private DemoRun(DemoOptions options, Narrator narrator, LongSupplier nanoTime) {
    this.options = options;
    this.narrator = narrator;
    this.deadlineWait = new DeadlineWait(nanoTime);
  }

  /// @throws DemoException when a required step fails
  public static DemoReport play(
      DemoScenario scenario, DemoOptions options, Narrator narrator, LongSupplier nanoTime)
      throws IOException, InterruptedException {
    return new DemoRun(options, narrator, nanoTime).play(scenario);
  }

  private DemoReport play(DemoScenario scenario) throws IOException, InterruptedException {
    narrator.step("starting a control plane and a gateway (two processes)");
    try (DemoStack stack = DemoStack.start(options.weir(), options.folder(), deadlineWait)) {
      serveFirstVersion(stack);
      String key = inferenceKey(stack);
      narrator.step("playing " + trafficTitle() + ", open loop; the client checks every answer");
      try (DemoTraffic traffic = startTraffic(scenario, stack, key)) {
        settle(stack, traffic);
        ScenarioRunner acts =
            new ScenarioRunner(stack, traffic, narrator, deadlineWait, options.replicas());
        for (DemoScenario.Act act : scenario.acts()) {
          acts.play(act);
        }
        narrator.step("stopping the traffic and waiting for the last answers");
        return report(traffic.stop(), acts, stack.client().verifyAudit());
      }
    }
  }

  private void serveFirstVersion(DemoStack stack) throws IOException, InterruptedException {
    narrator.step("serving chat@1 on " + options.replicas() + " simulated GPUs");
    stack
        .client()
        .apply(
            DemoManifests.model()
                + DemoManifests.version(1, false)
                + DemoManifests.service(1, options.replicas(), ReleaseStyle.DEMO),
            false,
            "rehearsal");
    deadlineWait.until(
        SERVING,
        "chat@1 to serve on all replicas",
        () -> {
          stack.mustLive();
          Optional<Service> service = service(stack);
          service.ifPresent(found -> narrator.live(found.status().message()));
          return service.flatMap(found -> found.status().stable()).isPresent()
              && ScenarioRunner.ready(stack, "1") == options.replicas();
        });
  }

  private static Optional<Service> service(DemoStack stack) {
    return stack
        .client()
        .find(ResourceRef.of(Kind.SERVICE, Metadata.DEFAULT_NAMESPACE, DemoManifests.SERVICE))
        .map(Service.class::cast);
  }

  private static String inferenceKey(DemoStack stack) {
    return stack
        .client()
        .issueKey(
            Metadata.DEFAULT_NAMESPACE,
            "rehearsal",
            new NewKeyRequest(
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

  private DemoTraffic startTraffic(DemoScenario scenario, DemoStack stack, String key)
      throws IOException {
    List<String> faulty = new ArrayList<>();
    int version = 1;
    for (DemoScenario.Act act : scenario.acts()) {
      switch (act) {
        case DemoScenario.GoodRelease _ -> version++;
        case DemoScenario.BadRelease _ -> faulty.add(Integer.toString(++version));
        case DemoScenario.KillReplica _ -> {}
      }
    }
    DemoTraffic.Plan plan =
        new DemoTraffic.Plan(
            options.trace(), options.rate(), traceSpeed(), options.seed(), 0.2, 512, faulty);
    return DemoTraffic.start(
        plan, stack.gatewayUrl(), DemoManifests.SERVICE, key, options.weir(), options.folder());
  }

  /// The recorded conversation trace has 5.5 requests per second on average.
  private double traceSpeed() {
    return options.rate() / 5.5;
  }

  private void settle(DemoStack stack, DemoTraffic traffic)
      throws IOException, InterruptedException {
    narrator.step("running " + SETTLE.toSeconds() + " s of baseline traffic");
    deadlineWait.until(
        SERVING,
        "the first correct answers",
        () -> {
          stack.mustLive();
          return traffic
              .seen()
              .filter(clientReport -> clientReport.requests().served() > 0)
              .isPresent();
        });
    deadlineWait.pause(SETTLE);
  }

  private DemoReport report(PlayerReport clientReport, ScenarioRunner acts, AuditReport audit) {
    PlayerReport.Requests requests = clientReport.requests();
    if (!clientReport.reasons().isEmpty()) {
      narrator.detail("failures that clients saw: " + clientReport.reasons());
      clientReport.examples().forEach(example -> narrator.detail("for example: " + example));
    }
    return new DemoReport(
        options.version(),
        clientReport.traffic(),
        new DemoReport.Requests(
            requests.served(),
            requests.failed() + requests.harmed(),
            requests.streamed(),
            requests.resumed()),
        acts.releases(clientReport),
        acts.faults(),
        new DemoReport.Audit(audit.entries(), audit.verified()));
  }
}
