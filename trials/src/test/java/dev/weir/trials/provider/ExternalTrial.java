// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.provider;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.AuditCheck;
import dev.weir.trials.setup.Clients;
import dev.weir.trials.setup.FleetView;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.ReleaseCheck;
import dev.weir.trials.setup.TrialManifests;
import dev.weir.trials.setup.WeirProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A fleet that Weir does not run: discovered by name, released on, with a credential, through
/// failures of engines and `kill -9` of Weir. Weir starts and stops no engine of it.
///
/// The name is resolved from a hosts file of the trial (`jdk.net.hosts.file`).
public final class ExternalTrial implements Trial {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Polling STATUS = new Polling(Duration.ofMinutes(2), Duration.ofMillis(250));
  private static final String HOST = "fleet.weir.test";
  private static final String TAKES_ALONG = "weir-takes-engines-along";
  private static final String BAD_SERVES = "bad-version-is-good";

  @Override
  public String name() {
    return "external";
  }

  @Override
  public String about() {
    return "existing fleets: by name and URL, canaries, lost and recovered endpoints, kill -9";
  }

  @Override
  public List<String> mutations() {
    return List.of(TAKES_ALONG, BAD_SERVES);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Path folder = Files.createTempDirectory("weir-external");
    Hosts hosts = new Hosts(folder.resolve("hosts"));
    int port = freePort();
    try (Fleet fleet = new Fleet(folder)) {
      // Version 1 has one name with three addresses, of which two are listed at first.
      Engine first = fleet.start("127.0.0.2", port);
      Engine second = fleet.start("127.0.0.3", port);
      Engine third = fleet.start("127.0.0.4", port);
      Engine good = fleet.start("127.0.0.1", 0);
      Engine goodToo = fleet.start("127.0.0.1", 0);
      String error = run.mutated(BAD_SERVES) ? "0" : "0.2";
      Engine bad = fleet.start("127.0.0.1", 0, "--error-rate", error);
      Engine badToo = fleet.start("127.0.0.1", 0, "--error-rate", error);
      hosts.say(HOST, "127.0.0.2", "127.0.0.3");
      Manifest manifest = new Manifest(port, List.of(good, goodToo), List.of(bad, badToo));
      new Course(run, folder, hosts, fleet, manifest).run(second, third);
      run.check("Weir stops no engine of the fleet", fleet.alive() == 7, fleet.alive());
      run.check("the first engine runs", first.process().isAlive(), "it did");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /// The parts of the trial, in order.
  private record Course(TrialRun run, Path folder, Hosts hosts, Fleet fleet, Manifest manifest) {
    void run(Engine second, Engine third) throws Exception {
      WeirProcess weir = WeirProcess.start(launch());
      try {
        weir.apply(manifest.models());
        weir.apply(manifest.service(1));
        String key = weir.inferenceKey();
        try (Clients clients = new Clients(weir, key, "fleet", 8, 12, Duration.ofMillis(10))) {
          names(weir, clients);
          lost(weir, second);
          ReleaseCheck releases = new ReleaseCheck(run, weir, "fleet", Duration.ofSeconds(280));
          releases.promotes(2, manifest.service(2));
          releases.rollsBack(3, manifest.service(3));
          clients.stop();
          run.check("no client sees a failure", clients.failed() == 0, clients.failures());
          run.check("the good version serves", clients.answeredBy("fleet@2") > 0, "nothing");
          run.figure("answers", clients.answered());
        }
        refused(weir);
        WeirProcess again = killedAndBack(weir, key, third);
        weir = again;
      } finally {
        weir.close();
      }
    }

    private WeirProcess.Launch launch() {
      return WeirProcess.Launch.up(folder)
          .environment(
              Map.of(
                  "WEIR_JAVA_OPTS",
                  "-Djdk.net.hosts.file=" + hosts.file(),
                  "FLEET_KEY",
                  "not-checked-by-the-simulator"));
    }

    // Addresses are added and removed

    private void names(WeirProcess weir, Clients clients) throws Exception {
      FleetView two = ready(weir, "fleet@1", 2);
      String kept = nameAt(two, "127.0.0.2");
      hosts.say(HOST, "127.0.0.4", "127.0.0.2", "127.0.0.3");
      FleetView three = ready(weir, "fleet@1", 3);
      run.check("a new address serves", three.ready("fleet@1").size() == 3, three);
      run.check(
          "the other replicas keep their names", kept.equals(nameAt(three, "127.0.0.2")), three);
      hosts.say(HOST, "127.0.0.2", "127.0.0.3");
      FleetView left = FleetView.await(weir, PATIENCE, now -> now.all().size() == 2);
      run.check("a removed address is removed from the fleet", left.all().size() == 2, left);
      hosts.forget();
      String told = awaitStatus(weir, HOST + " cannot be looked up");
      run.check(
          "the status reports a failing resolver", told.contains("its last addresses stay"), told);
      FleetView still = FleetView.of(weir);
      run.check("a failing resolver removes no replica", still.ready("fleet@1").size() == 2, still);
      hosts.say(HOST, "127.0.0.2", "127.0.0.3");
      run.check("clients are served meanwhile", clients.answered() > 0, 0);
    }

    private static String nameAt(FleetView replicas, String address) {
      return replicas.all().stream()
          .filter(replica -> replica.endpoint().contains(address + ":"))
          .map(FleetView.One::name)
          .findFirst()
          .orElse("");
    }

    private FleetView ready(WeirProcess weir, String version, int count) throws Exception {
      return FleetView.await(weir, PATIENCE, now -> now.ready(version).size() == count);
    }

    private static String awaitStatus(WeirProcess weir, String words) throws Exception {
      return STATUS.read(
          () -> weir.ok("get", "service", "fleet", "-o", "json"), text -> text.contains(words));
    }

    // An engine dies and is restarted

    private void lost(WeirProcess weir, Engine engine) throws Exception {
      engine.kill();
      FleetView without = ready(weir, "fleet@1", 1);
      run.check("an engine that died is unready", without.ready("fleet@1").size() == 1, without);
      fleet.restart(engine);
      FleetView back = ready(weir, "fleet@1", 2);
      run.check("a restarted engine serves again", back.ready("fleet@1").size() == 2, back);
    }

    // Refused endpoints

    private void refused(WeirProcess weir) throws Exception {
      int control = java.net.URI.create(weir.control()).getPort();
      for (String url :
          List.of(
              "http://169.254.169.254/latest",
              "http://[fe80::1]:80",
              "http://localhost:" + control)) {
        WeirProcess.Ran ran = weir.run("apply", "-f", weir.file(manifest.at(url)));
        run.check("apply refuses " + url, ran.status() == 1 && ran.err().contains(url), ran);
      }
      String unknown = weir.file(manifest.at("http://nowhere.weir.test:1"));
      WeirProcess.Ran ran = weir.run("apply", "-f", unknown, "--dry-run");
      run.check(
          "a name without an address is a warning",
          ran.status() == 0 && ran.err().contains("nowhere.weir.test cannot be looked up"),
          ran);
    }

    // kill -9 of Weir

    private WeirProcess killedAndBack(WeirProcess weir, String key, Engine leftOut)
        throws Exception {
      FleetView before = ready(weir, "fleet@2", 2);
      weir.kill();
      if (run.mutated(TAKES_ALONG)) {
        leftOut.kill();
      }
      run.check("kill -9 of Weir stops no engine", fleet.alive() == 7, fleet.alive());
      run.check("nor an engine whose address was removed", leftOut.process().isAlive(), "it ended");
      WeirProcess again = WeirProcess.start(launch());
      try (Clients clients = new Clients(again, key, "fleet", 4, 8, Duration.ofMillis(10))) {
        FleetView after = ready(again, "fleet@2", 2);
        run.check(
            "replicas keep their names after a restart", names(before).equals(names(after)), after);
        clients.stop();
        run.check("clients are served from the start", clients.failed() == 0, clients.failures());
        run.check("the stable version serves", clients.answeredBy("fleet@2") > 0, "nothing");
      }
      AuditCheck.verify(run, again);
      return again;
    }

    private static List<String> names(FleetView replicas) {
      return replicas.all().stream().map(FleetView.One::name).sorted().toList();
    }
  }

  /// A hosts file that is replaced while it is in use.
  private record Hosts(Path file) {
    void say(String host, String... addresses) throws IOException {
      StringBuilder text = new StringBuilder("127.0.0.1 localhost\n");
      Stream.of(addresses).forEach(a -> text.append(a).append(' ').append(host).append('\n'));
      Path next = file.resolveSibling("hosts.next");
      Files.writeString(next, text);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void forget() throws IOException {
      say("nobody.weir.test", "127.0.0.1");
    }
  }

  /// A simulated vLLM that the trial runs.
  private static final class Engine {
    private final List<String> command;
    private Process process;
    private String url;

    Engine(List<String> command, Process process, String url) {
      this.command = command;
      this.process = process;
      this.url = url;
    }

    Process process() {
      return process;
    }

    String url() {
      return url;
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }
  }

  private static final class Fleet implements AutoCloseable {
    private final Path folder;
    private final List<Engine> engines = new ArrayList<>();

    Fleet(Path folder) {
      this.folder = folder;
    }

    Engine start(String host, int port, String... more) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(WeirProcess.launcher().toString());
      command.addAll(List.of("sim", "--host", host, "--port", Integer.toString(port)));
      command.addAll(List.of("--model", "fleet", "--profile", "llama-3.1-8b-h100"));
      // Warm: on a busy machine a cold canary process is slower than its baseline.
      command.addAll(List.of("--latency-spread", "0.02", "--warm-up", "200"));
      command.addAll(List.of(more));
      Process process = begin(command);
      Engine engine = new Engine(command, process, url(process));
      engines.add(engine);
      return engine;
    }

    void restart(Engine engine) throws IOException {
      engine.process = begin(engine.command);
      engine.url = url(engine.process);
    }

    private Process begin(List<String> command) throws IOException {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("WEIR_NO_BUILD", "1");
      builder.environment().put("WEIR_JAVA_OPTS", "-Xmx96m -XX:TieredStopAtLevel=1");
      builder.redirectError(
          ProcessBuilder.Redirect.appendTo(folder.resolve("engines.err").toFile()));
      return builder.start();
    }

    private static String url(Process process) throws IOException {
      BufferedReader out = process.inputReader();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("listening on ")) {
          return line.substring("listening on ".length()).strip();
        }
      }
      throw new IOException("a simulated engine ended before it listened");
    }

    long alive() {
      return engines.stream().filter(engine -> engine.process().isAlive()).count();
    }

    @Override
    public void close() {
      engines.forEach(engine -> engine.process().destroyForcibly());
    }
  }

  /// @param port of version 1 at every address of the name
  private record Manifest(int port, List<Engine> good, List<Engine> bad) {
    String models() {
      return """
      apiVersion: weir.dev/v1
      kind: Target
      metadata: {name: there}
      spec: {provider: external, credential: "env:FLEET_KEY"}
      """
          + TrialManifests.externalModel("fleet", 3);
    }

    String service(int version) {
      return """
      apiVersion: weir.dev/v1
      kind: Service
      metadata: {name: fleet}
      spec:
        version: fleet@%d
        placements:
          - target: there
            endpoints:
              fleet@1: ["dns+http://%s:%d"]
              fleet@2: %s
              fleet@3: %s
        release:
          strategy: canary
          steps: [{weight: 50}]
          bake: {duration: 0s}
          analysis: {minStepDuration: 10s, maxStepDuration: 4m, onInconclusive: pause, dispersion: 1,
                     metrics: {ttft: {tolerance: 100%%, margin: 200%%}, itl: {tolerance: 100%%, margin: 200%%}}}
        traffic:
          timeouts: {connect: 1s, firstToken: 10s, stall: 5s, total: 60s}
          retries: {budget: 50%%, maxAttempts: 4}
      """
          .formatted(version, HOST, port, urls(good), urls(bad));
    }

    private static String urls(List<Engine> engines) {
      return TrialManifests.strings(engines.stream().map(Engine::url).toList());
    }

    /// A Service on one engine.
    String at(String url) {
      return TrialManifests.externalService("probe", "fleet@1", List.of(url));
    }
  }
}
