// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.clients;

import dev.weir.testkit.TestAuthority;
import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.Polling;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/// Both listeners with TLS on real processes. Certificates are replaced under streams, invalid ones
/// too, and no stream fails.
public final class TlsTrial implements Trial {
  /// The deliberate bug: Weir serves a certificate that its clients cannot trust.
  private static final String ACCEPTS_ANYTHING = "accepts-anything";

  private static final Polling POLLING = new Polling(Duration.ofSeconds(20), Duration.ofMillis(50));

  @Override
  public String name() {
    return "tls";
  }

  @Override
  public String about() {
    return "certificates rotated under streams on both listeners, wrong ones refused, https links";
  }

  @Override
  public List<String> mutations() {
    return List.of(ACCEPTS_ANYTHING);
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Path folder = Files.createTempDirectory("weir-tls");
    Stage stage = new Stage(folder);
    try (WeirProcess weir = stage.up()) {
      new Course(run, stage, weir).play();
    }
  }

  /// The files of one run.
  private static final class Stage {
    private final Path folder;
    private final Path certificate;
    private final Path key;
    private final TestAuthority authority;
    private final TestAuthority stranger;

    Stage(Path folder) throws IOException {
      this.folder = folder;
      this.authority = TestAuthority.in(Files.createDirectory(folder.resolve("authority")));
      this.stranger = TestAuthority.in(Files.createDirectory(folder.resolve("stranger")));
      this.certificate = folder.resolve("tls.crt");
      this.key = folder.resolve("tls.key");
    }

    WeirProcess up() throws IOException, InterruptedException {
      TestAuthority.Pair first = authority.issue(90);
      put(first.certificate(), first.key());
      return WeirProcess.start(
          WeirProcess.Launch.up(
              folder,
              "--gateway-cert",
              certificate.toString(),
              "--gateway-cert-key",
              key.toString(),
              "--control-cert",
              certificate.toString(),
              "--control-cert-key",
              key.toString()));
    }

    /// Replaces one file after the other, each atomically, as a renewal does.
    void put(Path newCertificate, Path newKey) throws IOException {
      replace(newKey, key);
      replace(newCertificate, certificate);
    }

    private void replace(Path from, Path to) throws IOException {
      Path beside = to.resolveSibling(to.getFileName() + ".new");
      Files.copy(
          from, beside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
      Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    String log(String process) throws IOException {
      return Files.readString(folder.resolve(process + ".err"));
    }
  }

  /// One run, in order.
  private static final class Course {
    private final TrialRun run;
    private final Stage stage;
    private final WeirProcess weir;

    Course(TrialRun run, Stage stage, WeirProcess weir) {
      this.run = run;
      this.stage = stage;
      this.weir = weir;
    }

    private Path trusted() {
      return stage.authority.certificate();
    }

    void play() throws Exception {
      run.check("the control API is https", weir.control().startsWith("https://"), weir.control());
      run.check("the gateway is https", weir.gateway().startsWith("https://"), weir.gateway());
      weir.apply(ClientsTrial.MANIFEST);
      String key = weir.inferenceKey();
      strangersAreRefused();
      gatewayOverTls(key);
      try (TlsLoad load = new TlsLoad(weir.gateway(), key, trusted(), run.full() ? 8 : 3)) {
        SplittableRandom random = new SplittableRandom(run.seed());
        for (int i = 0; i < (run.full() ? 20 : 3); i++) {
          load.awaitMore(3);
          rotate(random.nextInt(2, 400));
          load.awaitMore(3);
          wrongPair();
        }
        load.stop();
        run.check("no stream fails", load.failures().isEmpty(), load.failures());
        run.figure("streams", load.streams());
        run.figure("handshakes", load.handshakes());
        run.check("streams end while certificates change", load.streams() > 10, load.streams());
      }
    }

    private void strangersAreRefused() throws Exception {
      WeirProcess.Ran wrong =
          weir.run(
              "whoami",
              "--server",
              weir.control(),
              "--ca",
              stage.stranger.certificate().toString());
      run.check("the CLI exits with 1 for a wrong CA", wrong.status() == 1, wrong);
      run.check(
          "the CLI reports the untrusted CA",
          wrong.err().contains("not signed by a trusted CA"),
          wrong.err());
      WeirProcess.Ran plain =
          weir.run("whoami", "--server", weir.control().replace("https:", "http:"));
      run.check(
          "plain http gets an answer that names https",
          plain.err().contains("https://"),
          plain.err());
    }

    /// A separate gateway process, with the right CA and with a wrong one.
    private void gatewayOverTls(String key) throws Exception {
      try (WeirProcess second = gateway("second", trusted())) {
        boolean served =
            eventually(() -> TlsLoad.stream(second.gateway(), key, trusted()).isEmpty());
        run.check("a gateway serves over https", served, stage.log("second"));
      }
      try (WeirProcess third = gateway("third", stage.stranger.certificate())) {
        boolean told = eventually(() -> stage.log("third").contains("its certificate must name"));
        run.check("a gateway with a wrong CA logs it", told, stage.log("third"));
        int ready = TlsLoad.status(third.gateway() + "/ready", trusted());
        run.check("a gateway with a wrong CA is not ready", ready == 503, ready);
      }
    }

    private WeirProcess gateway(String name, Path ca) throws IOException, InterruptedException {
      return WeirProcess.start(
          WeirProcess.Launch.gateway(
              stage.folder,
              name,
              weir.control(),
              "--ca",
              ca.toString(),
              "--key",
              "file:" + stage.folder.resolve("data/gateway.key"),
              "--gateway-cert",
              stage.certificate.toString(),
              "--gateway-cert-key",
              stage.key.toString()));
    }

    private void rotate(int days) throws Exception {
      TestAuthority.Pair next = stage.authority.issue(days);
      String name = "CN=" + next.key().getFileName().toString().replace(".key", "");
      long begun = System.nanoTime();
      stage.put(next.certificate(), next.key());
      for (String url : List.of(weir.gateway(), weir.control())) {
        boolean seen = eventually(() -> shown(url).equals(name));
        run.check(url + " shows the new certificate", seen, shown(url));
      }
      run.figure("lastRotationMillis", (System.nanoTime() - begun) / 1_000_000);
      weir.ok("get", "services");
    }

    /// A key that does not match the certificate: Weir logs it and serves the old pair.
    private void wrongPair() throws Exception {
      String before = shown(weir.gateway());
      int told = refusals();
      Path kept = kept(stage.certificate);
      Path keptKey = kept(stage.key);
      TestAuthority.Pair wrong = stage.stranger.issue(30);
      boolean mutated = run.mutated(ACCEPTS_ANYTHING);
      stage.put(mutated ? wrong.certificate() : stage.certificate, wrong.key());
      boolean refused = eventually(() -> refusals() >= told + 2);
      run.check(
          "both listeners log a key that does not match the certificate",
          refused,
          refusals() - told);
      for (String url : List.of(weir.gateway(), weir.control())) {
        run.check("the old certificate still serves", shown(url).equals(before), shown(url));
      }
      stage.put(kept, keptKey);
    }

    private static Path kept(Path file) throws IOException {
      return Files.copy(
          file,
          file.resolveSibling("kept-" + file.getFileName()),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.COPY_ATTRIBUTES);
    }

    private int refusals() throws IOException {
      return stage.log("data").split("\"event\":\"tls.refused\"", -1).length - 1;
    }

    private static String shown(String url) throws IOException {
      URI uri = URI.create(url);
      try (SSLSocket socket =
          (SSLSocket)
              TlsLoad.trustingAnybody()
                  .getSocketFactory()
                  .createSocket(uri.getHost(), uri.getPort())) {
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        X509Certificate certificate =
            (X509Certificate) socket.getSession().getPeerCertificates()[0];
        return certificate.getSubjectX500Principal().getName();
      } catch (SSLException e) {
        return e.toString();
      }
    }

    private static boolean eventually(Polling.Condition condition)
        throws IOException, InterruptedException {
      return POLLING.holds(condition);
    }
  }
}
