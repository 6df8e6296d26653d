// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.doctor;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CliSettings;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ErrorMessages;
import dev.weir.cli.text.AuditText;
import dev.weir.client.WeirApiException;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirUnreachableException;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.Kind;
import dev.weir.model.view.AuditReport;
import dev.weir.model.view.GatewayView;
import dev.weir.model.view.QueueView;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Checks the control plane, its gateways and its engines.
final class FleetHealthCheck {
  private static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(5);

  /// A longer delay of the reconcile queue slows releases noticeably.
  private static final Duration MAX_QUEUE_DELAY = Duration.ofSeconds(10);

  private static final String CONTROL = "control";
  private static final Set<ReplicaState> BROKEN =
      EnumSet.of(ReplicaState.FAILED, ReplicaState.BACK_OFF, ReplicaState.UNREADY);

  private final CommandSession session;
  private final List<CheckResult> findings = new ArrayList<>();

  FleetHealthCheck(CommandSession session) {
    this.session = session;
  }

  List<CheckResult> findings() {
    try {
      CliSettings settings = session.settings();
      String from = settings.context().map(name -> "context " + name).orElse("no context");
      findings.add(CheckResult.ok("context", from + ", " + settings.endpoint().server()));
      control(session.client());
    } catch (CliException | IllegalArgumentException wrong) {
      findings.add(
          CheckResult.problem(
              "context", ErrorMessages.describe(wrong), "fix it with `weir context set`"));
    }
    return findings;
  }

  private void control(WeirClient client) {
    try {
      boolean ready = client.ready();
      findings.add(
          ready
              ? CheckResult.ok(CONTROL, "responds and is ready")
              : CheckResult.problem(CONTROL, "responds, but is not ready", "check its log"));
      clock(client);
      key(client);
    } catch (WeirUnreachableException unreachable) {
      findings.add(unreachable(unreachable));
    }
  }

  /// A machine without a control plane is not a problem by itself.
  private CheckResult unreachable(WeirUnreachableException unreachable) {
    boolean local = loopback(session.settings().endpoint().server().getHost());
    return local && unreachable.getCause() instanceof ConnectException
        ? CheckResult.warning(CONTROL, "does not run on this machine", "start it with `weir up`")
        : CheckResult.problem(
            CONTROL,
            ErrorMessages.describe(unreachable),
            "check address, network and certificate, then its log");
  }

  private static boolean loopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private void clock(WeirClient client) {
    Instant before = session.now();
    client
        .serverTime()
        .map(serverTime -> Duration.between(before, serverTime).abs())
        .ifPresent(skew ->
            findings.add(
                skew.compareTo(MAX_CLOCK_SKEW) <= 0
                    ? CheckResult.ok("clock", "in sync with the control plane's clock")
                    : CheckResult.warning(
                        "clock",
                        "differs from the control plane's clock by " + skew.toSeconds() + " s",
                        "synchronise both with NTP: leases and expiry dates depend on it")));
  }

  private void key(WeirClient client) {
    try {
      findings.add(CheckResult.ok("key", "belongs to " + client.whoami().principal()));
      store(client);
      queues(client);
      gateways(client.gateways());
      List<ReplicaView> replicas = client.replicas();
      replicas(replicas);
      findings.addAll(EngineCheck.findings(replicas, session.now()));
      List<ServiceView> services = session.serving(Kind.SERVICE);
      findings.addAll(SyncCheck.findings(services));
      findings.addAll(FaultCheck.findings(services));
      findings.addAll(AlertCheck.findings(client.alerts(false)));
      findings.add(audit(client.verifyAudit()));
    } catch (WeirApiException refused) {
      findings.add(
          refused.status() == 401
              ? CheckResult.problem(
                  "key", "the control plane refused the key", session.describe(refused))
              : CheckResult.warning(
                  "key",
                  ErrorMessages.describe(refused),
                  "ask an administrator for the role viewer"));
    }
  }

  /// A control plane of the previous version does not report this.
  private void queues(WeirClient client) {
    try {
      findings.add(behind(client.queues()));
    } catch (WeirApiException unknown) {
      if (unknown.status() != 404) {
        throw unknown;
      }
    }
  }

  private static CheckResult behind(List<QueueView> queues) {
    return queues.stream()
        .filter(queue -> queue.oldestDueMillis() > MAX_QUEUE_DELAY.toMillis())
        .findFirst()
        .map(late ->
            CheckResult.problem(
                "reconciling",
                "the next %s reconciliation has been due for %d s"
                    .formatted(late.lane(), late.oldestDueMillis() / 1000),
                "the control plane is overloaded: give it more CPU, check the"
                    + " speed of its disk, and look for slow providers in its log"))
        .orElseGet(() -> CheckResult.ok("reconciling", "keeps up"));
  }

  /// A control plane of the previous version does not report this.
  private void store(WeirClient client) {
    try {
      findings.add(CheckResult.ok("store", "is " + client.store().id()));
    } catch (WeirApiException unknown) {
      if (unknown.status() != 404) {
        throw unknown;
      }
    }
  }

  private static CheckResult audit(AuditReport report) {
    return report.verified()
        ? CheckResult.ok("audit log", AuditText.whole(report))
        : CheckResult.problem(
            "audit log",
            AuditText.broken(report),
            "preserve the store's files, find out who could write them, and compare with a backup and"
                + " with exports; see `weir audit verify`");
  }

  private void gateways(List<GatewayView> gateways) {
    if (gateways.isEmpty()) {
      findings.add(
          CheckResult.warning(
              "gateways",
              "no gateway has ever connected",
              "start one with `weir gateway --control URL`"));
    }
    gateways.forEach(gateway -> {
      findings.add(gateway(gateway));
      gateway.problems().forEach(problem -> findings.add(gatewayProblem(gateway, problem)));
    });
  }

  private static CheckResult gatewayProblem(GatewayView gateway, String problem) {
    return CheckResult.warning(
        "gateway " + gateway.id(), problem, "fix it on that gateway's machine or in the Service");
  }

  private CheckResult gateway(GatewayView gateway) {
    String check = "gateway " + gateway.id();
    long behind = gateway.published() - gateway.sequence();
    if (!gateway.connected()) {
      return CheckResult.problem(
          check,
          "is disconnected: last heartbeat at " + gateway.lastSeen(),
          "check its process, its log and the network; it serves its last snapshot, canaries get"
              + " no traffic");
    }
    if (gateway.followsAnotherStore()) {
      return CheckResult.problem(
          check,
          "follows store %s: it rejects the snapshots of this control plane and serves snapshot %d of that store"
              .formatted(gateway.store(), gateway.sequence()),
          "start the control plane of that store instead of this one, or accept this"
              + " store by restarting the gateway once with --adopt-store");
    }
    if (gateway.hashStatus() == GatewayView.HashStatus.WRONG) {
      return CheckResult.problem(
          check,
          "serves other bytes than published: its hash of snapshot %d differs"
              .formatted(gateway.sequence()),
          "restart it; if this happens again, check its disk and memory");
    }
    return behind <= 0
        ? CheckResult.ok(check, "connected, serves snapshot " + gateway.sequence())
        : CheckResult.warning(
            check,
            "is " + behind + " snapshots behind",
            "check again in a few seconds; if it stays behind, see its log");
  }

  private void replicas(List<ReplicaView> replicas) {
    List<ReplicaView> broken =
        replicas.stream().filter(replica -> BROKEN.contains(replica.state())).toList();
    for (ReplicaView replica : broken) {
      findings.add(
          CheckResult.problem(
              "replica " + replica.name(),
              replica.state().text() + ": " + replica.reason(),
              "see `weir logs " + replica.name() + " -n " + replica.namespace() + "`"));
    }
    if (broken.isEmpty()) {
      String states =
          replicas.stream()
              .collect(
                  Collectors.groupingBy(
                      replica -> replica.state().text(),
                      java.util.TreeMap::new,
                      Collectors.counting()))
              .entrySet()
              .stream()
              .map(state -> state.getValue() + " " + state.getKey())
              .collect(Collectors.joining(", "));
      findings.add(CheckResult.ok("engines", states.isEmpty() ? "no replica is desired" : states));
    }
  }
}
