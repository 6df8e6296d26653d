// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.alerts;

import dev.weir.store.Observations.Entry;
import dev.weir.store.Store;
import dev.weir.store.sqlite.SqliteStore;
import dev.weir.trials.alerts.Receiver.Mode;
import dev.weir.trials.clients.ClientsTrial;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.StreamSupport;

/// Alerts of a release that is rolled back reach every receiver: one that is reachable, one that is
/// away during the rollback and a `kill -9` of the control plane, and a real Alertmanager. A
/// receiver that hangs delays no other.
public final class AlertsTrial implements Trial {
  private static final String FORGETS = "outbox-in-memory";
  private static final Polling POLLING = new Polling(Duration.ofMinutes(3), Duration.ofMillis(100));

  @Override
  public String name() {
    return "alerts";
  }

  @Override
  public String about() {
    return "alerts of a real rollback reach a real Alertmanager across a kill -9, a receiver that is"
        + " away and one that hangs";
  }

  @Override
  public List<String> mutations() {
    return List.of(FORGETS);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Path folder = Files.createTempDirectory("weir-trial-alerts");
    try (Receiver steady = new Receiver(Mode.ACCEPTS);
        Receiver away = new Receiver(Mode.ACCEPTS);
        Receiver hanging = new Receiver(Mode.HANGS);
        Receiver behind = new Receiver(Mode.ACCEPTS)) {
      Optional<List<String>> program = Alertmanager.find(folder);
      if (program.isEmpty()) {
        run.skip(
            "no Alertmanager: this machine has none and cannot install or run Debian's package");
        play(run, new Receivers(steady, away, hanging, behind), Optional.empty());
      } else {
        try (Alertmanager alertmanager = Alertmanager.start(program.get(), folder, behind.url())) {
          play(run, new Receivers(steady, away, hanging, behind), Optional.of(alertmanager));
        }
      }
    }
  }

  /// @param behind the receiver that Alertmanager notifies
  private record Receivers(Receiver steady, Receiver away, Receiver hanging, Receiver behind) {}

  private static void play(TrialRun run, Receivers receivers, Optional<Alertmanager> alertmanager)
      throws IOException, InterruptedException {
    receivers.away().down(true);
    WeirProcess first = WeirProcess.up();
    try {
      first.apply(ClientsTrial.MANIFEST);
      first.apply(channels(receivers, alertmanager));
      tests(run, first);
      first.submit(badVersion());
      run.check(
          "the bad version is rolled back and a receiver is notified",
          eventually(() -> receivers.steady().heard("rolloutReverted", "firing")),
          receivers.steady().taken());
      run.check(
          "a receiver that hangs delays no other receiver",
          receivers.hanging().asked() > 0 && receivers.hanging().taken().isEmpty(),
          receivers.hanging().asked());
      run.check(
          "a receiver that is away accepts nothing",
          eventually(() -> receivers.away().asked() > 1) && receivers.away().ids().isEmpty(),
          receivers.away().ids());
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    } finally {
      first.kill();
    }
    if (run.mutated(FORGETS)) {
      forget(first.folder().resolve("data"));
    }
    receivers.away().down(false);
    try (WeirProcess second = WeirProcess.upAgain(first.folder())) {
      afterwards(run, second, receivers, alertmanager);
    }
  }

  private static void tests(TrialRun run, WeirProcess weir)
      throws IOException, InterruptedException {
    WeirProcess.Ran taken = weir.run("alert", "test", "steady");
    run.check("a test that the receiver accepts exits with 0", taken.status() == 0, taken);
    WeirProcess.Ran refused = weir.run("alert", "test", "away");
    run.check(
        "a test that the receiver rejects exits with 1 and prints 503",
        refused.status() == 1 && refused.out().contains("503"),
        refused);
  }

  private static void afterwards(
      TrialRun run, WeirProcess weir, Receivers receivers, Optional<Alertmanager> alertmanager)
      throws IOException, InterruptedException {
    run.check(
        "the receiver is notified when it is back, after kill -9 of the control plane",
        eventually(() -> receivers.away().heard("rolloutReverted", "firing")),
        receivers.away().ids());
    String listed = weir.ok("alert", "list");
    run.check("alert list shows the alert", listed.contains("rolloutReverted"), listed);
    alertmanager(run, receivers, alertmanager);
    weir.submit(ClientsTrial.MANIFEST);
    run.check(
        "receivers are notified that the alert is resolved",
        eventually(() ->
            receivers.away().heard("rolloutReverted", "resolved")
                && receivers.steady().heard("rolloutReverted", "resolved")),
        receivers.away().ids());
    run.check(
        "both receivers got the same notifications",
        eventually(() ->
            new HashSet<>(receivers.away().ids()).equals(new HashSet<>(receivers.steady().ids()))),
        receivers.away().ids() + " and " + receivers.steady().ids());
    run.check(
        "each notification arrived exactly once by its id",
        receivers.away().ids().size() == new HashSet<>(receivers.away().ids()).size(),
        receivers.away().ids());
    if (alertmanager.isPresent()) {
      run.check(
          "Alertmanager reports the resolved alert",
          eventually(() -> statuses(receivers.behind()).contains("resolved")),
          receivers.behind().taken());
    }
    run.check(
        "the receiver that hangs has still accepted nothing",
        receivers.hanging().taken().isEmpty(),
        receivers.hanging());
    run.figure("notificationsAfterAbsence", receivers.away().ids().size());
  }

  private static void alertmanager(
      TrialRun run, Receivers receivers, Optional<Alertmanager> alertmanager)
      throws IOException, InterruptedException {
    if (alertmanager.isEmpty()) {
      return;
    }
    run.check(
        "Alertmanager reports the firing alert",
        eventually(() -> statuses(receivers.behind()).contains("firing")),
        receivers.behind().taken());
    String held = alertmanager.get().alerts();
    run.check(
        "Alertmanager has the alert with labels and summary",
        held.contains("WeirRolloutReverted") && held.contains("was rolled back"),
        held);
  }

  private static List<String> statuses(Receiver behind) {
    return behind.taken().stream()
        .flatMap(group -> StreamSupport.stream(group.path("alerts").spliterator(), false))
        .filter(alert ->
            alert.path("labels").path("alertname").asString().equals("WeirRolloutReverted"))
        .map(alert -> alert.path("status").asString())
        .toList();
  }

  /// The deliberate bug: pending notifications are lost at a restart.
  private static void forget(Path data) {
    try (Store store = SqliteStore.open(data, InstantSource.system())) {
      List<String> ids = store.observations().list("alerts", "").stream().map(Entry::key).toList();
      store.observations().delete("alerts", ids);
    }
  }

  private static String channels(Receivers receivers, Optional<Alertmanager> alertmanager) {
    StringBuilder all = new StringBuilder();
    all.append(channel("steady", "webhook", receivers.steady().url(), "info"));
    all.append(channel("away", "webhook", receivers.away().url(), "info"));
    all.append(channel("hangs", "webhook", receivers.hanging().url(), "info"));
    alertmanager.ifPresent(
        real -> all.append(channel("alertmanager", "alertmanager", real.url(), "error")));
    return all.toString();
  }

  private static String channel(String name, String type, String url, String least) {
    return """
    ---
    apiVersion: weir.dev/v1
    kind: AlertChannel
    metadata: {name: %s}
    spec: {type: %s, url: "%s", minSeverity: %s, events: [rolloutPhase, rolloutReverted]}
    """
        .formatted(name, type, url, least);
  }

  /// A version whose engine exits at its start.
  private static String badVersion() {
    return ClientsTrial.MANIFEST
        .replace("chat-1", "chat-2")
        .replace("version: \"1\"", "version: \"2\"")
        .replace("chat@1", "chat@2")
        .replace("llama-3.1-8b-h100\"", "llama-3.1-8b-h100\", \"--no-such-flag\", \"1\"");
  }

  private static boolean eventually(Polling.Condition condition)
      throws IOException, InterruptedException {
    return POLLING.holds(condition);
  }
}
